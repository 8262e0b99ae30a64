/* CreateGroup, GetGroup, DeleteGroup, AddUserToGroup, RemoveUserFromGroup, ListGroupsForUser. Users
 * know their groups, groups do not know their users. */

#include "iam/identity.h"
#include "iam/listing.h"

static bool is_member(const struct iam_entity *user, const struct iam_entity *group)
{
    return iam_find_text(user->record.groups, user->record.group_count, group->record.id) <
           user->record.group_count;
}

const struct error *iam_create_group(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PATH};
    return iam_task_change(call, members, COUNT_OF(members), 0, iam_create_identity);
}

/* --- GetGroup --- */

static bool has_member(const struct iam_task *task, const struct iam_entity *group,
                       const struct iam_entity *user)
{
    (void)task;
    return is_member(user, group);
}

static const struct error *get_group(void *context, struct iam_directory *directory)
{
    struct iam_entity *group;
    const struct error *error = iam_task_find(context, directory, &group);
    if (error != NULL)
        return error;
    const struct iam_list list = {.kind = &iam_users, .has = has_member, .owner = group};
    iam_task_write(context, directory, group);
    return iam_list_write(context, directory, &list);
}

const struct error *iam_get_group(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PAGE};
    return iam_task_look(call, members, COUNT_OF(members), 0, get_group);
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

static const char *why_group_stays(const struct iam_directory *directory,
                                   const struct iam_entity *group)
{
    if (has_members(directory, group))
        return "Cannot delete entity, must remove users from group first.";
    if (group->record.inline_count > 0)
        return "Cannot delete entity, must delete policies first.";
    if (group->record.attached_count > 0)
        return "Cannot delete entity, must detach all policies first.";
    return NULL;
}

static const struct error *delete_group(void *context, struct iam_change *change)
{
    struct iam_entity *group;
    const struct error *error = iam_task_find(context, change->directory, &group);
    if (error == NULL)
        error = iam_delete_conflict(context, why_group_stays(change->directory, group));
    return error != NULL ? error : iam_change_remove(change, group);
}

const struct error *iam_delete_group(struct iam_call *call)
{
    return iam_task_change(call, NULL, 0, 0, delete_group);
}

/* --- ListGroupsForUser --- */

static bool is_in_group(const struct iam_task *task, const struct iam_entity *user,
                        const struct iam_entity *group)
{
    (void)task;
    return is_member(user, group);
}

static const struct error *list_groups_for_user(void *context, struct iam_directory *directory)
{
    struct iam_entity *user;
    const struct error *error = iam_task_find(context, directory, &user);
    if (error != NULL)
        return error;
    const struct iam_list list = {.kind = &iam_groups, .has = is_in_group, .owner = user};
    return iam_list_write(context, directory, &list);
}

const struct error *iam_list_groups_for_user(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PAGE};
    return iam_task_look(call, members, COUNT_OF(members), 0, list_groups_for_user);
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
    return iam_task_change(call, members, COUNT_OF(members), 0, decide);
}

const struct error *iam_add_user_to_group(struct iam_call *call)
{
    return change_membership(call, add_user_to_group);
}

const struct error *iam_remove_user_from_group(struct iam_call *call)
{
    return change_membership(call, remove_user_from_group);
}
