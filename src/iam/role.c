/* CreateRole, GetRole, UpdateRole, UpdateRoleDescription, UpdateAssumeRolePolicy, DeleteRole,
 * ListRoles. */

#include "iam/boundary.h"
#include "iam/element.h"
#include "iam/page.h"
#include "iam/trust.h"

static void write_role(struct iam_task *task, const struct iam_entity *role)
{
    xml_begin(task->call->out, "Role");
    iam_write_role(task->call->out, role, IAM_WHOLE);
    xml_end(task->call->out, "Role");
}

static const struct error *set_trust(const struct iam_task *task,
                                     const struct iam_directory *directory,
                                     struct db_identity *record)
{
    if (iam_characters(task->input.document) > IAM_TRUST_CHARACTERS_MAX)
        return iam_over_quota(task->call->arena, "ACLSizePerRole", IAM_TRUST_CHARACTERS_MAX);
    record->trust = task->input.document;
    return iam_trust_check(task, directory, record->trust);
}

/* --- CreateRole --- */

static const struct error *create_role(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    const struct iam_input *input = &task->input;
    struct db_identity record;
    struct iam_entity *role;
    const struct error *error =
        iam_check_new(task->call->arena, change->directory, task->kind, input->name);
    if (error == NULL)
        error = iam_new_record(task, input->name, &record);
    if (error != NULL)
        return error;
    record.description = input->description;
    record.max_session_seconds = input->max_session_seconds > 0
                                     ? (uint64_t)input->max_session_seconds
                                     : IAM_SESSION_SECONDS_DEFAULT;
    error = set_trust(task, change->directory, &record);
    if (error == NULL)
        error = iam_boundary_set(task, change->directory, &record);
    if (error == NULL)
        error = iam_change_put(change, &record, &role);
    if (error == NULL)
        write_role(task, role);
    return error;
}

const struct error *iam_create_role(struct iam_call *call)
{
    static const struct query_member members[] = {
        IAM_PATH,
        IAM_DOCUMENT("AssumeRolePolicyDocument"),
        IAM_DESCRIPTION(QUERY_OPTIONAL),
        IAM_MAX_SESSION,
        IAM_BOUNDARY(QUERY_OPTIONAL),
    };
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, &iam_roles, members, COUNT_OF(members), IAM_TAKES_TAGS);
    return error != NULL ? error : iam_task_change(&task, create_role);
}

/* --- GetRole --- */

static const struct error *get_role(void *context, struct iam_directory *directory)
{
    struct iam_entity *role;
    const struct error *error = iam_task_find(context, directory, &role);
    if (error == NULL)
        write_role(context, role);
    return error;
}

const struct error *iam_get_role(struct iam_call *call)
{
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, &iam_roles, NULL, 0, 0);
    return error != NULL ? error : iam_task_look(&task, get_role);
}

/* --- UpdateRole, UpdateRoleDescription, UpdateAssumeRolePolicy --- */

/* What the request does not have stays. */
static const struct error *update_role(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *role;
    const struct error *error = iam_task_find(task, change->directory, &role);
    if (error != NULL)
        return error;
    struct db_identity record = role->record;
    if (slice_present(task->input.description))
        record.description = task->input.description;
    if (task->input.max_session_seconds > 0)
        record.max_session_seconds = (uint64_t)task->input.max_session_seconds;
    return iam_change_put(change, &record, NULL);
}

const struct error *iam_update_role(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_DESCRIPTION(QUERY_OPTIONAL), IAM_MAX_SESSION};
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, &iam_roles, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_change(&task, update_role);
}

static const struct error *update_role_description(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *role;
    const struct error *error = iam_task_find(task, change->directory, &role);
    if (error != NULL)
        return error;
    struct db_identity record = role->record;
    record.description = task->input.description;
    error = iam_change_put(change, &record, &role);
    if (error == NULL)
        write_role(task, role);
    return error;
}

const struct error *iam_update_role_description(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_DESCRIPTION(QUERY_REQUIRED)};
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, &iam_roles, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_change(&task, update_role_description);
}

static const struct error *update_trust(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *role;
    const struct error *error = iam_task_find(task, change->directory, &role);
    if (error != NULL)
        return error;
    struct db_identity record = role->record;
    error = set_trust(task, change->directory, &record);
    return error != NULL ? error : iam_change_put(change, &record, NULL);
}

const struct error *iam_update_assume_role_policy(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_DOCUMENT("PolicyDocument")};
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, &iam_roles, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_change(&task, update_trust);
}

/* --- DeleteRole --- */

static bool is_in_a_profile(const struct iam_directory *directory, const struct iam_entity *role)
{
    const struct iam_index *profiles = &directory->by_name[DB_IDENTITY_PROFILE];
    for (size_t i = 0; i < profiles->count; i++) {
        const struct db_identity *profile = &profiles->entries[i].entity->record;
        if (iam_find_text(profile->roles, profile->role_count, role->record.id) <
            profile->role_count)
            return true;
    }
    return false;
}

static const struct error *delete_role(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *role;
    const struct error *error = iam_task_find(task, change->directory, &role);
    if (error != NULL)
        return error;
    const char *why = NULL;
    if (is_in_a_profile(change->directory, role))
        why = "Cannot delete entity, must remove roles from instance profile first.";
    else if (role->record.attached_count > 0)
        why = "Cannot delete entity, must detach all policies first.";
    else if (role->record.inline_count > 0)
        why = "Cannot delete entity, must delete policies first.";
    if (why != NULL)
        return error_make(task->call->arena, ERROR_DELETE_CONFLICT, "%s", why);
    error = iam_trust_follow(change, role, role->arn, role->record.id);
    return error != NULL ? error : iam_change_remove(change, role);
}

const struct error *iam_delete_role(struct iam_call *call)
{
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, &iam_roles, NULL, 0, 0);
    return error != NULL ? error : iam_task_change(&task, delete_role);
}

/* --- ListRoles --- */

static const struct error *list_roles(void *context, struct iam_directory *directory)
{
    struct iam_task *task = context;
    struct xml_writer *out = task->call->out;
    struct iam_page page;
    const struct error *error = iam_page_begin(task->call, &task->input, &page);
    if (error != NULL)
        return error;
    const struct iam_index *roles = &directory->by_name[DB_IDENTITY_ROLE];
    xml_begin(out, "Roles");
    for (size_t i = 0; i < roles->count; i++) {
        const struct iam_entity *role = roles->entries[i].entity;
        if (!iam_has_path(role, task->input.path_prefix) || !iam_page_takes(&page, role->folded))
            continue;
        xml_begin(out, "member");
        iam_write_role(out, role, IAM_LISTED);
        xml_end(out, "member");
    }
    xml_end(out, "Roles");
    iam_page_end(&page, out);
    return NULL;
}

const struct error *iam_list_roles(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PATH_PREFIX, IAM_PAGE};
    struct iam_task task = {.call = call, .kind = &iam_roles};
    const struct error *error = iam_input_read(call, members, COUNT_OF(members), 0, &task.input);
    return error != NULL ? error : iam_task_look(&task, list_roles);
}
