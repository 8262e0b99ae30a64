/* CreateGroup, GetGroup, DeleteGroup, ListGroups, AddUserToGroup, RemoveUserFromGroup,
 * ListGroupsForUser. Users know their groups, groups do not know their users. */

#include "iam/element.h"
#include "iam/kind.h"
#include "iam/page.h"

static bool is_member(const struct iam_entity *user, const struct iam_entity *group)
{
    return iam_find_text(user->record.groups, user->record.group_count, group->record.id) <
           user->record.group_count;
}

static void write_group(struct xml_writer *out, const struct iam_entity *group, const char *element)
{
    xml_begin(out, element);
    iam_write_group(out, group);
    xml_end(out, element);
}

/* --- CreateGroup --- */

static const struct error *create_group(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct db_identity record;
    struct iam_entity *group;
    const struct error *error =
        iam_check_new(task->call->arena, change->directory, task->kind, task->input.name);
    if (error == NULL)
        error = iam_new_record(task, task->input.name, &record);
    if (error == NULL)
        error = iam_change_put(change, &record, &group);
    if (error == NULL)
        write_group(task->call->out, group, "Group");
    return error;
}

const struct error *iam_create_group(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PATH};
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, &iam_groups, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_change(&task, create_group);
}

/* --- GetGroup --- */

static const struct error *get_group(void *context, struct iam_directory *directory)
{
    struct iam_task *task = context;
    struct xml_writer *out = task->call->out;
    struct iam_entity *group;
    struct iam_page page;
    const struct error *error = iam_task_find(task, directory, &group);
    if (error == NULL)
        error = iam_page_begin(task->call, &task->input, &page);
    if (error != NULL)
        return error;
    const struct iam_index *users = &directory->by_name[DB_IDENTITY_USER];
    write_group(out, group, "Group");
    xml_begin(out, "Users");
    for (size_t i = 0; i < users->count; i++) {
        const struct iam_entity *user = users->entries[i].entity;
        if (!is_member(user, group) || !iam_page_takes(&page, user->folded))
            continue;
        xml_begin(out, "member");
        iam_write_user(out, user, IAM_LISTED);
        xml_end(out, "member");
    }
    xml_end(out, "Users");
    iam_page_end(&page, out);
    return NULL;
}

const struct error *iam_get_group(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PAGE};
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, &iam_groups, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_look(&task, get_group);
}

/* --- DeleteGroup --- */

static bool has_members(const struct iam_directory *directory, const struct iam_entity *group)
{
    const struct iam_index *users = &directory->by_name[DB_IDENTITY_USER];
    for (size_t i = 0; i < users->count; i++) {
        if (is_member(users->entries[i].entity, group))
            return true;
    }
    return false;
}

static const struct error *delete_group(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *group;
    const struct error *error = iam_task_find(task, change->directory, &group);
    if (error != NULL)
        return error;
    const char *why = NULL;
    if (has_members(change->directory, group))
        why = "Cannot delete entity, must remove users from group first.";
    else if (group->record.inline_count > 0)
        why = "Cannot delete entity, must delete policies first.";
    else if (group->record.attached_count > 0)
        why = "Cannot delete entity, must detach all policies first.";
    if (why != NULL)
        return error_make(task->call->arena, ERROR_DELETE_CONFLICT, "%s", why);
    return iam_change_remove(change, group);
}

const struct error *iam_delete_group(struct iam_call *call)
{
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, &iam_groups, NULL, 0, 0);
    return error != NULL ? error : iam_task_change(&task, delete_group);
}

/* --- ListGroups, ListGroupsForUser --- */

/* user NULL: of nobody in particular. */
static const struct error *write_groups(struct iam_task *task,
                                        const struct iam_directory *directory,
                                        const struct iam_entity *user)
{
    struct xml_writer *out = task->call->out;
    struct iam_page page;
    const struct error *error = iam_page_begin(task->call, &task->input, &page);
    if (error != NULL)
        return error;
    const struct iam_index *groups = &directory->by_name[DB_IDENTITY_GROUP];
    xml_begin(out, "Groups");
    for (size_t i = 0; i < groups->count; i++) {
        const struct iam_entity *group = groups->entries[i].entity;
        if ((user == NULL || is_member(user, group)) &&
            iam_has_path(group, task->input.path_prefix) && iam_page_takes(&page, group->folded))
            write_group(out, group, "member");
    }
    xml_end(out, "Groups");
    iam_page_end(&page, out);
    return NULL;
}

static const struct error *list_groups(void *context, struct iam_directory *directory)
{
    return write_groups(context, directory, NULL);
}

static const struct error *list_groups_for_user(void *context, struct iam_directory *directory)
{
    struct iam_entity *user;
    const struct error *error = iam_task_find(context, directory, &user);
    return error != NULL ? error : write_groups(context, directory, user);
}

const struct error *iam_list_groups(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PATH_PREFIX, IAM_PAGE};
    struct iam_task task = {.call = call, .kind = &iam_groups};
    const struct error *error = iam_input_read(call, members, COUNT_OF(members), 0, &task.input);
    return error != NULL ? error : iam_task_look(&task, list_groups);
}

const struct error *iam_list_groups_for_user(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PAGE};
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, &iam_users, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_look(&task, list_groups_for_user);
}

/* --- AddUserToGroup, RemoveUserFromGroup --- */

static const struct error *find_both(const struct iam_task *task,
                                     const struct iam_directory *directory,
                                     struct iam_entity **ret_user, struct iam_entity **ret_group)
{
    struct iam_entity *group = iam_find_name(directory, DB_IDENTITY_GROUP, task->input.group);
    if (group == NULL)
        return iam_no_such(task->call->arena, &iam_groups, task->input.group);
    *ret_group = group;
    return iam_task_find(task, directory, ret_user);
}

static const struct error *add_user_to_group(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *user = NULL, *group = NULL;
    const struct error *error = find_both(task, change->directory, &user, &group);
    if (error != NULL || is_member(user, group))
        return error;
    struct db_identity record = user->record;
    if (record.group_count >= IAM_GROUPS_PER_USER_MAX)
        return iam_over_quota(task->call->arena, "GroupsPerUser", IAM_GROUPS_PER_USER_MAX);
    struct db_identity_text groups[IAM_GROUPS_PER_USER_MAX];
    for (size_t i = 0; i < record.group_count; i++)
        groups[i] = record.groups[i];
    groups[record.group_count++].text = group->record.id;
    record.groups = groups;
    return iam_change_put(change, &record, NULL);
}

static const struct error *remove_user_from_group(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *user = NULL, *group = NULL;
    const struct error *error = find_both(task, change->directory, &user, &group);
    if (error != NULL || !is_member(user, group))
        return error;
    struct db_identity record = user->record;
    struct db_identity_text groups[IAM_GROUPS_PER_USER_MAX];
    size_t count = 0;
    for (size_t i = 0; i < record.group_count; i++) {
        if (!slice_equal(record.groups[i].text, group->record.id))
            groups[count++] = record.groups[i];
    }
    record.groups = groups;
    record.group_count = count;
    return iam_change_put(change, &record, NULL);
}

static const struct error *change_membership(struct iam_call *call, iam_decide *decide)
{
    static const struct query_member members[] = {
        IAM_NAME(group, "GroupName", QUERY_REQUIRED, 128)};
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, &iam_users, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_change(&task, decide);
}

const struct error *iam_add_user_to_group(struct iam_call *call)
{
    return change_membership(call, add_user_to_group);
}

const struct error *iam_remove_user_from_group(struct iam_call *call)
{
    return change_membership(call, remove_user_from_group);
}
