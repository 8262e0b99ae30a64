/* Put/DeleteUserPermissionsBoundary, Put/DeleteRolePermissionsBoundary. */

#include "iam/boundary.h"

const struct error *iam_check_policy_arn(struct arena *arena, struct slice arn)
{
    static const struct slice part = SLICE_INIT(":policy/");
    if (slice_starts_with(arn, SLICE("arn:")) &&
        memmem(arn.data, arn.size, part.data, part.size) != NULL)
        return NULL;
    return error_make(arena, ERROR_INVALID_INPUT, "ARN %.*s is not valid.", SLICE_PRINT(arn));
}

const struct error *iam_boundary_set(const struct iam_task *task,
                                     const struct iam_directory *directory,
                                     struct db_identity *record)
{
    struct slice arn = task->input.boundary;
    if (!slice_present(arn))
        return NULL;
    const struct error *error = iam_check_policy_arn(task->call->arena, arn);
    if (error != NULL)
        return error;
    if (iam_find_policy(directory, arn) == NULL)
        return error_make(task->call->arena, ERROR_NO_SUCH_ENTITY,
                          "Scope ARN: %.*s does not exist or is not attachable.", SLICE_PRINT(arn));
    record->boundary = arn;
    return NULL;
}

static const struct error *delete_boundary(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *entity;
    const struct error *error = iam_task_find(task, change->directory, &entity);
    if (error != NULL || !slice_present(entity->record.boundary))
        return error;
    struct db_identity record = entity->record;
    record.boundary = SLICE_ABSENT;
    return iam_change_put(change, &record, NULL);
}

const struct error *iam_put_permissions_boundary(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_BOUNDARY(QUERY_REQUIRED)};
    return iam_task_edit(call, members, COUNT_OF(members), 0, iam_boundary_set);
}

const struct error *iam_delete_permissions_boundary(struct iam_call *call)
{
    return iam_task_change(call, NULL, 0, 0, delete_boundary);
}
