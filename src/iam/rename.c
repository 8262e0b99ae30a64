/* UpdateUser, UpdateGroup: another name, another path. Keys, policies and memberships stay: they
 * belong to the unique id. */

#include "iam/action.h"
#include "iam/identity_resource.h"

static const struct error *move(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_directory *directory = change->directory;
    struct iam_entity *entity;
    const struct error *error = iam_task_find(task, directory, &entity);
    if (error != NULL)
        return error;
    struct db_identity record = entity->record;
    struct slice new_name = task->input.new_name;
    if (slice_present(new_name)) {
        /* its own name, spelled another way, is free */
        const struct iam_entity *other = iam_find_name(directory, task->kind->kind, new_name);
        if (other != NULL && other != entity)
            return iam_check_new(task->call->arena, directory, task->kind, new_name);
        record.name = new_name;
    }
    if (slice_present(task->input.path))
        record.path = task->input.path;
    return iam_change_put(change, &record, NULL);
}

/* The caller needs the right for what it becomes as well ("Renaming an IAM user" in the IAM user
 * guide). */
static const struct error *authorize_new(struct iam_task *task, const char *action)
{
    struct iam_call *call = task->call;
    struct slice name =
        slice_present(task->input.new_name) ? task->input.new_name : task->input.name;
    struct slice arn = iam_arn_of(call, task->kind, task->input.path, name);
    if (!slice_present(arn))
        return error_exhausted();
    return iam_authorize(call, slice_of_cstring(action), arn);
}

static const struct error *update(struct iam_call *call, const struct iam_kind *kind,
                                  const struct query_member *members, size_t count,
                                  const char *action)
{
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, kind, members, count, 0);
    if (error == NULL)
        error = authorize_new(&task, action);
    return error != NULL ? error : iam_task_change(&task, move);
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
