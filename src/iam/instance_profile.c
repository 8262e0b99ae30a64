/* Instance profiles: CreateInstanceProfile, DeleteInstanceProfile, ListInstanceProfilesForRole,
 * AddRoleToInstanceProfile, RemoveRoleFromInstanceProfile. Nothing here runs on an instance; but
 * tools that keep roles keep these as well. */

#include "iam/identity.h"
#include "iam/listing.h"

enum { ROLES_MAX = 1 };

static bool has_role(const struct iam_entity *profile, const struct iam_entity *role)
{
    return iam_find_text(profile->record.roles, profile->record.role_count, role->record.id) <
           profile->record.role_count;
}

/* --- CreateInstanceProfile, DeleteInstanceProfile --- */

const struct error *iam_create_instance_profile(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PATH};
    return iam_task_change(call, members, COUNT_OF(members), IAM_TAKES_TAGS, iam_create_identity);
}

static const struct error *delete_profile(void *context, struct iam_change *change)
{
    struct iam_entity *profile;
    const struct error *error = iam_task_find(context, change->directory, &profile);
    if (error == NULL && profile->record.role_count > 0)
        error = iam_delete_conflict(
            context, "Cannot delete entity, must remove roles from instance profile first.");
    return error != NULL ? error : iam_change_remove(change, profile);
}

const struct error *iam_delete_instance_profile(struct iam_call *call)
{
    return iam_task_change(call, NULL, 0, 0, delete_profile);
}

/* --- ListInstanceProfilesForRole --- */

static bool is_of_role(const struct iam_task *task, const struct iam_entity *role,
                       const struct iam_entity *profile)
{
    (void)task;
    return has_role(profile, role);
}

static const struct error *list_profiles_for_role(void *context, struct iam_directory *directory)
{
    struct iam_entity *role;
    const struct error *error = iam_task_find(context, directory, &role);
    if (error != NULL)
        return error;
    const struct iam_list list = {.kind = &iam_profiles, .has = is_of_role, .owner = role};
    return iam_list_write(context, directory, &list);
}

const struct error *iam_list_instance_profiles_for_role(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PAGE};
    return iam_task_look(call, members, COUNT_OF(members), 0, list_profiles_for_role);
}

/* --- AddRoleToInstanceProfile, RemoveRoleFromInstanceProfile --- */

static const struct error *find_both(const struct iam_task *task,
                                     const struct iam_directory *directory,
                                     struct iam_entity **ret_profile, struct iam_entity **ret_role)
{
    const struct error *error = iam_task_find(task, directory, ret_profile);
    if (error != NULL)
        return error;
    struct iam_entity *role = iam_find_name(directory, DB_IDENTITY_ROLE, task->input.role);
    if (role == NULL)
        return iam_no_such(task->call->arena, &iam_roles, task->input.role);
    *ret_role = role;
    return NULL;
}

static const struct error *add_role(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *profile = NULL, *role = NULL;
    const struct error *error = find_both(task, change->directory, &profile, &role);
    if (error == NULL) /* giving a role away needs a right of its own ("PassRole") */
        error = iam_authorize(task->call, SLICE("iam:PassRole"), role->arn);
    if (error != NULL)
        return error;
    if (profile->record.role_count >= ROLES_MAX)
        return iam_over_quota(task->call->arena, "InstanceSessionsPerInstanceProfile", ROLES_MAX);
    struct db_identity record = profile->record;
    struct db_identity_text roles[ROLES_MAX] = {{role->record.id}};
    record.roles = roles;
    record.role_count = ROLES_MAX;
    return iam_change_put(change, &record, NULL);
}

static const struct error *remove_role(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *profile = NULL, *role = NULL;
    const struct error *error = find_both(task, change->directory, &profile, &role);
    if (error != NULL)
        return error;
    if (!has_role(profile, role))
        return iam_no_such(task->call->arena, &iam_roles, task->input.role);
    struct db_identity record = profile->record;
    record.role_count = 0; /* there is only one */
    return iam_change_put(change, &record, NULL);
}

static const struct error *change_role(struct iam_call *call, iam_decide *decide)
{
    static const struct query_member members[] = {IAM_NAME(role, "RoleName", QUERY_REQUIRED, 64)};
    return iam_task_change(call, members, COUNT_OF(members), 0, decide);
}

const struct error *iam_add_role_to_instance_profile(struct iam_call *call)
{
    return change_role(call, add_role);
}

const struct error *iam_remove_role_from_instance_profile(struct iam_call *call)
{
    return change_role(call, remove_role);
}
