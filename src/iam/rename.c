/* UpdateUser, UpdateGroup: another name, another path. Keys, policies and memberships stay: they
 * belong to the unique id. */

#include "iam/action.h"
#include "iam/identity_resource.h"
#include "iam/trust.h"

struct renaming {
    struct iam_task task; /* first */
    const char *action;
};

/* The caller needs the right for what it becomes as well ("Renaming an IAM user" in the IAM user
 * guide). */
static const struct error *authorize_new(const struct renaming *renaming,
                                         const struct db_identity *record)
{
    struct iam_call *call = renaming->task.call;
    struct slice arn = iam_arn_of(call, renaming->task.kind, record->path, record->name);
    if (!slice_present(arn))
        return error_exhausted();
    return iam_authorize(call, slice_of_cstring(renaming->action), arn);
}

static const struct error *check_name(const struct iam_task *task,
                                      const struct iam_directory *directory,
                                      const struct iam_entity *entity)
{
    /* its own name, spelled another way, is free */
    const struct iam_entity *other =
        iam_find_name(directory, task->kind->kind, task->input.new_name);
    if (other == NULL || other == entity)
        return NULL;
    return iam_check_new(task->call->arena, directory, task->kind, task->input.new_name);
}

static const struct error *move(void *context, struct iam_change *change)
{
    struct renaming *renaming = context;
    const struct iam_input *input = &renaming->task.input;
    struct iam_entity *entity, *moved;
    const struct error *error = iam_task_find(&renaming->task, change->directory, &entity);
    if (error != NULL)
        return error;
    struct db_identity record = entity->record;
    if (slice_present(input->new_name))
        record.name = input->new_name;
    if (slice_present(input->path))
        record.path = input->path;
    error = authorize_new(renaming, &record);
    if (error == NULL && slice_present(input->new_name))
        error = check_name(&renaming->task, change->directory, entity);
    if (error == NULL)
        error = iam_change_put(change, &record, &moved);
    if (error != NULL || slice_equal(moved->arn, entity->arn))
        return error;
    return iam_trust_follow(change, NULL, entity->arn, moved->arn);
}

static const struct error *update(struct iam_call *call, const struct iam_kind *kind,
                                  const struct query_member *members, size_t count,
                                  const char *action)
{
    struct renaming renaming = {.action = action};
    const struct error *error = iam_task_begin(&renaming.task, call, kind, members, count, 0);
    return error != NULL ? error : iam_task_change(&renaming.task, move);
}

const struct error *iam_update_user(struct iam_call *call)
{
    static const struct query_member members[] = {
        IAM_NEW_PATH,
        IAM_NAME(new_name, "NewUserName", QUERY_OPTIONAL, 64),
    };
    return update(call, &iam_users, members, COUNT_OF(members), "iam:UpdateUser");
}

const struct error *iam_update_group(struct iam_call *call)
{
    static const struct query_member members[] = {
        IAM_NEW_PATH,
        IAM_NAME(new_name, "NewGroupName", QUERY_OPTIONAL, 128),
    };
    return update(call, &iam_groups, members, COUNT_OF(members), "iam:UpdateGroup");
}
