/* What is alike of several kinds: GetRole, GetInstanceProfile, GetPolicy; ListUsers, ListGroups,
 * ListRoles, ListInstanceProfiles; the most of CreateUser, CreateGroup, CreateInstanceProfile. */

#include "iam/identity.h"

#include "iam/boundary.h"
#include "iam/listing.h"

/* --- Create --- */

const struct error *iam_create_identity(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct db_identity record;
    struct iam_entity *entity;
    const struct error *error =
        iam_check_new(task->call->arena, change->directory, task->kind, task->input.name);
    if (error == NULL)
        error = iam_new_record(task, task->input.name, &record);
    if (error == NULL)
        error = iam_boundary_set(task, change->directory, &record);
    if (error == NULL)
        error = iam_change_put(change, &record, &entity);
    if (error == NULL)
        iam_task_write(task, change->directory, entity);
    return error;
}

/* --- Delete --- */

const struct error *iam_delete_conflict(const struct iam_task *task, const char *why)
{
    return why == NULL ? NULL : error_make(task->call->arena, ERROR_DELETE_CONFLICT, "%s", why);
}

/* --- Get --- */

static const struct error *get_identity(void *context, struct iam_directory *directory)
{
    struct iam_entity *entity = NULL;
    const struct error *error = iam_task_find(context, directory, &entity);
    if (error == NULL)
        iam_task_write(context, directory, entity);
    return error;
}

const struct error *iam_get_identity(struct iam_call *call)
{
    return iam_task_look(call, NULL, 0, 0, get_identity);
}

/* --- List --- */

static const struct error *list_identities(void *context, struct iam_directory *directory)
{
    const struct iam_task *task = context;
    const struct iam_list list = {.kind = task->kind};
    return iam_list_write(task, directory, &list);
}

const struct error *iam_list_identities(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PATH_PREFIX, IAM_PAGE};
    return iam_task_look(call, members, COUNT_OF(members), IAM_TAKES_NO_NAME, list_identities);
}
