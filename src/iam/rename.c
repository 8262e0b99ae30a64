/* UpdateUser, UpdateGroup: another name, another path. Keys, policies and memberships stay: they
 * belong to the unique id. */

#include "iam/action.h"
#include "iam/identity_resource.h"
#include "iam/trust.h"

enum { ACTION_BYTES_MAX = 128 };

/* The caller needs the right for what it becomes as well ("Renaming an IAM user" in the IAM user
 * guide). */
static const struct error *authorize_new(const struct iam_task *task,
                                         const struct db_identity *record)
{
    struct iam_call *call = task->call;
    struct slice arn = iam_arn_of(call, task->kind, record->path, record->name);
    struct buf action;
    buf_init(&action, call->arena, ACTION_BYTES_MAX);
    buf_append_format(&action, "iam:%s", call->action->name);
    if (!slice_present(arn) || action.failed)
        return error_exhausted();
    return iam_authorize(call, buf_slice(&action), arn);
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
    struct iam_task *task = context;
    const struct iam_input *input = &task->input;
    struct iam_entity *entity, *moved;
    const struct error *error = iam_task_find(task, change->directory, &entity);
    if (error != NULL)
        return error;
    struct db_identity record = entity->record;
    if (slice_present(input->new_name))
        record.name = input->new_name;
    if (slice_present(input->path))
        record.path = input->path;
    error = authorize_new(task, &record);
    if (error == NULL && slice_present(input->new_name))
        error = check_name(task, change->directory, entity);
    if (error == NULL)
        error = iam_change_put(change, &record, &moved);
    if (error != NULL || slice_equal(moved->arn, entity->arn))
        return error;
    return iam_trust_follow(change, NULL, entity->arn, moved->arn);
}

const struct error *iam_rename(struct iam_call *call)
{
    const struct query_member members[] = {IAM_NEW_PATH, call->action->kind->new_name};
    return iam_task_change(call, members, COUNT_OF(members), 0, move);
}
