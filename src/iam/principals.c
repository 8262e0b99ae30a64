#include "iam/principals.h"

#include "auth/policy_principals.h"
#include "iam/change.h"

bool iam_is_own_principal(const struct iam_directory *directory, struct slice name)
{
    static const struct slice head = SLICE_INIT("arn:aws:iam::");
    struct slice account = directory->options.account;
    if (!slice_starts_with(name, head))
        return false;
    name = slice_after(name, head.size);
    if (!slice_starts_with(name, account))
        return false;
    name = slice_after(name, account.size);
    return slice_starts_with(name, SLICE(":user/")) || slice_starts_with(name, SLICE(":role/"));
}

struct renaming {
    struct arena *arena;
    struct slice policy;
    auth_rename_principal *rename;
    const struct iam_directory *directory;
    bool has_stranger;
};

static const struct error *keep_name(void *context, struct slice *name)
{
    struct renaming *renaming = context;
    if (!iam_is_own_principal(renaming->directory, *name))
        return NULL;
    const struct iam_entity *entity = iam_find_arn(renaming->directory, *name);
    if (entity != NULL)
        *name = entity->record.id;
    else
        renaming->has_stranger = true;
    return NULL;
}

/* The account's own id stays: it is nobody's ARN. */
static const struct error *show_name(void *context, struct slice *name)
{
    const struct renaming *renaming = context;
    const struct iam_entity *entity = iam_find_id(renaming->directory, *name);
    if (entity != NULL && iam_is_own_principal(renaming->directory, entity->arn))
        *name = entity->arn;
    return NULL;
}

static const struct error *rename_all(void *context, struct iam_directory *directory)
{
    struct renaming *renaming = context;
    renaming->directory = directory;
    return auth_policy_rename(renaming->arena, renaming->policy, renaming->rename, renaming,
                              &renaming->policy);
}

const struct error *iam_principals_keep(struct iam_directory *directory, struct arena *arena,
                                        struct slice policy, struct slice *ret_policy,
                                        bool *ret_is_known)
{
    struct renaming renaming = {.arena = arena, .policy = policy, .rename = keep_name};
    const struct error *error = iam_directory_look(directory, rename_all, &renaming);
    if (error != NULL)
        return error;
    *ret_policy = renaming.policy;
    *ret_is_known = !renaming.has_stranger;
    return NULL;
}

const struct error *iam_principals_show(struct iam_directory *directory, struct arena *arena,
                                        struct slice policy, struct slice *ret_policy)
{
    struct renaming renaming = {.arena = arena, .policy = policy, .rename = show_name};
    const struct error *error = iam_directory_look(directory, rename_all, &renaming);
    if (error == NULL)
        *ret_policy = renaming.policy;
    return error;
}
