/* Instance profiles: CreateInstanceProfile, GetInstanceProfile, DeleteInstanceProfile,
 * ListInstanceProfiles, ListInstanceProfilesForRole, AddRoleToInstanceProfile,
 * RemoveRoleFromInstanceProfile. Nothing here runs on an instance; but tools that keep roles keep
 * these as well. */

#include "iam/element.h"
#include "iam/identity_resource.h"
#include "iam/page.h"

enum { ROLES_MAX = 1 };

static void write_profile(struct iam_task *task, const struct iam_directory *directory,
                          const struct iam_entity *profile)
{
    xml_begin(task->call->out, "InstanceProfile");
    iam_write_profile(task->call->out, directory, profile, IAM_WHOLE);
    xml_end(task->call->out, "InstanceProfile");
}

static bool has_role(const struct iam_entity *profile, const struct iam_entity *role)
{
    return iam_find_text(profile->record.roles, profile->record.role_count, role->record.id) <
           profile->record.role_count;
}

/* --- CreateInstanceProfile, GetInstanceProfile, DeleteInstanceProfile --- */

static const struct error *create_profile(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct db_identity record;
    struct iam_entity *profile;
    const struct error *error =
        iam_check_new(task->call->arena, change->directory, task->kind, task->input.name);
    if (error == NULL)
        error = iam_new_record(task, task->input.name, &record);
    if (error == NULL)
        error = iam_change_put(change, &record, &profile);
    if (error == NULL)
        write_profile(task, change->directory, profile);
    return error;
}

const struct error *iam_create_instance_profile(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PATH};
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, &iam_profiles, members, COUNT_OF(members), IAM_TAKES_TAGS);
    return error != NULL ? error : iam_task_change(&task, create_profile);
}

static const struct error *get_profile(void *context, struct iam_directory *directory)
{
    struct iam_entity *profile;
    const struct error *error = iam_task_find(context, directory, &profile);
    if (error == NULL)
        write_profile(context, directory, profile);
    return error;
}

const struct error *iam_get_instance_profile(struct iam_call *call)
{
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, &iam_profiles, NULL, 0, 0);
    return error != NULL ? error : iam_task_look(&task, get_profile);
}

static const struct error *delete_profile(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *profile;
    const struct error *error = iam_task_find(task, change->directory, &profile);
    if (error != NULL)
        return error;
    if (profile->record.role_count > 0)
        return error_make(task->call->arena, ERROR_DELETE_CONFLICT,
                          "Cannot delete entity, must remove roles from instance profile first.");
    return iam_change_remove(change, profile);
}

const struct error *iam_delete_instance_profile(struct iam_call *call)
{
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, &iam_profiles, NULL, 0, 0);
    return error != NULL ? error : iam_task_change(&task, delete_profile);
}

/* --- ListInstanceProfiles, ListInstanceProfilesForRole --- */

/* role NULL: with any role or none. */
static const struct error *write_profiles(struct iam_task *task,
                                          const struct iam_directory *directory,
                                          const struct iam_entity *role)
{
    struct xml_writer *out = task->call->out;
    struct iam_page page;
    const struct error *error = iam_page_begin(task->call, &task->input, &page);
    if (error != NULL)
        return error;
    const struct iam_index *profiles = &directory->by_name[DB_IDENTITY_PROFILE];
    xml_begin(out, "InstanceProfiles");
    for (size_t i = 0; i < profiles->count; i++) {
        const struct iam_entity *profile = profiles->entries[i].entity;
        if ((role != NULL && !has_role(profile, role)) ||
            !iam_has_path(profile, task->input.path_prefix) ||
            !iam_page_takes(&page, profile->folded))
            continue;
        xml_begin(out, "member");
        iam_write_profile(out, directory, profile, IAM_LISTED);
        xml_end(out, "member");
    }
    xml_end(out, "InstanceProfiles");
    iam_page_end(&page, out);
    return NULL;
}

static const struct error *list_profiles(void *context, struct iam_directory *directory)
{
    return write_profiles(context, directory, NULL);
}

static const struct error *list_profiles_for_role(void *context, struct iam_directory *directory)
{
    struct iam_entity *role;
    const struct error *error = iam_task_find(context, directory, &role);
    return error != NULL ? error : write_profiles(context, directory, role);
}

const struct error *iam_list_instance_profiles(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PATH_PREFIX, IAM_PAGE};
    struct iam_task task = {.call = call, .kind = &iam_profiles};
    const struct error *error = iam_input_read(call, members, COUNT_OF(members), 0, &task.input);
    return error != NULL ? error : iam_task_look(&task, list_profiles);
}

const struct error *iam_list_instance_profiles_for_role(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PAGE};
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, &iam_roles, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_look(&task, list_profiles_for_role);
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
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, &iam_profiles, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_change(&task, decide);
}

const struct error *iam_add_role_to_instance_profile(struct iam_call *call)
{
    return change_role(call, add_role);
}

const struct error *iam_remove_role_from_instance_profile(struct iam_call *call)
{
    return change_role(call, remove_role);
}
