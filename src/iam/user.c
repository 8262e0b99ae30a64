/* CreateUser, GetUser, UpdateUser, DeleteUser, ListUsers (IAM API reference). */

#include "iam/boundary.h"
#include "iam/caller.h"
#include "iam/element.h"
#include "iam/identity_resource.h"
#include "iam/page.h"
#include "iam/trust.h"

static void write_user(struct iam_task *task, const struct iam_entity *user)
{
    xml_begin(task->call->out, "User");
    iam_write_user(task->call->out, user, IAM_WHOLE);
    xml_end(task->call->out, "User");
}

/* --- CreateUser --- */

static const struct error *create_user(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct db_identity record;
    struct iam_entity *user;
    const struct error *error =
        iam_check_new(task->call->arena, change->directory, task->kind, task->input.name);
    if (error == NULL)
        error = iam_new_record(task, task->input.name, &record);
    if (error == NULL)
        error = iam_boundary_set(task, change->directory, &record);
    if (error == NULL)
        error = iam_change_put(change, &record, &user);
    if (error == NULL)
        write_user(task, user);
    return error;
}

const struct error *iam_create_user(struct iam_call *call)
{
    static const struct query_member members[] = {
        IAM_NAME(name, "UserName", QUERY_REQUIRED, 64),
        IAM_PATH,
        IAM_BOUNDARY(QUERY_OPTIONAL),
    };
    struct iam_task task = {.call = call, .kind = &iam_users};
    const struct error *error =
        iam_input_read(call, members, COUNT_OF(members), IAM_TAKES_TAGS, &task.input);
    return error != NULL ? error : iam_task_change(&task, create_user);
}

/* --- GetUser --- */

static const struct error *get_user(void *context, struct iam_directory *directory)
{
    struct iam_task *task = context;
    struct iam_entity *user;
    const struct error *error = iam_find_caller_or(task, directory, &user);
    if (error == NULL)
        write_user(task, user);
    return error;
}

const struct error *iam_get_user(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_USER_NAME(QUERY_OPTIONAL)};
    struct iam_task task = {.call = call, .kind = &iam_users};
    const struct error *error = iam_input_read(call, members, COUNT_OF(members), 0, &task.input);
    return error != NULL ? error : iam_task_look(&task, get_user);
}

/* --- DeleteUser --- */

/* What has to go before; the order in which the service looks (observed for some). */
static const char *why_user_stays(const struct db_identity *user)
{
    if (user->key_count > 0)
        return "Cannot delete entity, must delete access keys first.";
    if (user->inline_count > 0)
        return "Cannot delete entity, must delete policies first.";
    if (user->attached_count > 0)
        return "Cannot delete entity, must detach all policies first.";
    if (user->group_count > 0)
        return "Cannot delete entity, must remove users from group first.";
    return NULL;
}

static const struct error *delete_user(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *user;
    const struct error *error = iam_task_find(task, change->directory, &user);
    if (error != NULL)
        return error;
    const char *why = why_user_stays(&user->record);
    if (why != NULL)
        return error_make(task->call->arena, ERROR_DELETE_CONFLICT, "%s", why);
    error = iam_trust_follow(change, NULL, user->arn, user->record.id);
    return error != NULL ? error : iam_change_remove(change, user);
}

const struct error *iam_delete_user(struct iam_call *call)
{
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, &iam_users, NULL, 0, 0);
    return error != NULL ? error : iam_task_change(&task, delete_user);
}

/* --- ListUsers --- */

static const struct error *list_users(void *context, struct iam_directory *directory)
{
    struct iam_task *task = context;
    struct xml_writer *out = task->call->out;
    struct iam_page page;
    const struct error *error = iam_page_begin(task->call, &task->input, &page);
    if (error != NULL)
        return error;
    const struct iam_index *users = &directory->by_name[DB_IDENTITY_USER];
    xml_begin(out, "Users");
    for (size_t i = 0; i < users->count; i++) {
        const struct iam_entity *user = users->entries[i].entity;
        if (!iam_has_path(user, task->input.path_prefix) || !iam_page_takes(&page, user->folded))
            continue;
        xml_begin(out, "member");
        iam_write_user(out, user, IAM_LISTED);
        xml_end(out, "member");
    }
    xml_end(out, "Users");
    iam_page_end(&page, out);
    return NULL;
}

const struct error *iam_list_users(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PATH_PREFIX, IAM_PAGE};
    struct iam_task task = {.call = call, .kind = &iam_users};
    const struct error *error = iam_input_read(call, members, COUNT_OF(members), 0, &task.input);
    return error != NULL ? error : iam_task_look(&task, list_users);
}
