#include "iam/trust.h"

#include "auth/policy_principals.h"
#include "iam/principals.h"

/* --- are they there? --- */

struct checking {
    const struct iam_task *task;
    const struct iam_directory *directory;
};

static const struct error *check_principal(void *context, struct slice *name)
{
    const struct checking *checking = context;
    if (!iam_is_own_principal(checking->directory, *name) ||
        iam_find_arn(checking->directory, *name) != NULL)
        return NULL;
    return error_make(checking->task->call->arena, ERROR_MALFORMED_POLICY_DOCUMENT,
                      "Invalid principal in policy: \"AWS\":\"%.*s\"", SLICE_PRINT(*name));
}

const struct error *iam_trust_check(const struct iam_task *task,
                                    const struct iam_directory *directory, struct slice document)
{
    struct checking checking = {task, directory};
    return auth_policy_rename(task->call->arena, document, check_principal, &checking, &document);
}

/* --- following --- */

struct following {
    struct slice from;
    struct slice to;
    bool is_named;
};

static const struct error *follow_principal(void *context, struct slice *name)
{
    struct following *following = context;
    if (!slice_equal(*name, following->from))
        return NULL;
    *name = following->to;
    following->is_named = true;
    return NULL;
}

const struct error *iam_trust_follow(struct iam_change *change, const struct iam_entity *but,
                                     struct slice from, struct slice to)
{
    const struct iam_index *roles = &change->directory->by_name[DB_IDENTITY_ROLE];
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < roles->count; i++) {
        const struct iam_entity *role = roles->entries[i].entity;
        if (role == but)
            continue;
        struct db_identity record = role->record;
        struct following following = {from, to, false};
        error = auth_policy_rename(change->arena, record.trust, follow_principal, &following,
                                   &record.trust);
        if (error == NULL && following.is_named)
            error = iam_change_put(change, &record, NULL);
    }
    return error;
}
