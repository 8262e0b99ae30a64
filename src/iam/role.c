/* CreateRole, UpdateRole, UpdateRoleDescription, UpdateAssumeRolePolicy, DeleteRole. */

#include "iam/boundary.h"
#include "iam/identity.h"
#include "iam/trust.h"

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
        iam_task_write(task, change->directory, role);
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
    return iam_task_change(call, members, COUNT_OF(members), IAM_TAKES_TAGS, create_role);
}

/* --- UpdateRole, UpdateRoleDescription, UpdateAssumeRolePolicy --- */

/* What the request does not have stays. */
static const struct error *update_role(const struct iam_task *task,
                                       const struct iam_directory *directory,
                                       struct db_identity *record)
{
    (void)directory;
    if (slice_present(task->input.description))
        record->description = task->input.description;
    if (task->input.max_session_seconds > 0)
        record->max_session_seconds = (uint64_t)task->input.max_session_seconds;
    return NULL;
}

const struct error *iam_update_role(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_DESCRIPTION(QUERY_OPTIONAL), IAM_MAX_SESSION};
    return iam_task_edit(call, members, COUNT_OF(members), 0, update_role);
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
        iam_task_write(task, change->directory, role);
    return error;
}

const struct error *iam_update_role_description(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_DESCRIPTION(QUERY_REQUIRED)};
    return iam_task_change(call, members, COUNT_OF(members), 0, update_role_description);
}

const struct error *iam_update_assume_role_policy(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_DOCUMENT("PolicyDocument")};
    return iam_task_edit(call, members, COUNT_OF(members), 0, set_trust);
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

static const char *why_role_stays(const struct iam_directory *directory,
                                  const struct iam_entity *role)
{
    if (is_in_a_profile(directory, role))
        return "Cannot delete entity, must remove roles from instance profile first.";
    if (role->record.attached_count > 0)
        return "Cannot delete entity, must detach all policies first.";
    if (role->record.inline_count > 0)
        return "Cannot delete entity, must delete policies first.";
    return NULL;
}

static const struct error *delete_role(void *context, struct iam_change *change)
{
    struct iam_entity *role;
    const struct error *error = iam_task_find(context, change->directory, &role);
    if (error == NULL)
        error = iam_delete_conflict(context, why_role_stays(change->directory, role));
    if (error == NULL)
        error = iam_trust_follow(change, role, role->arn, role->record.id);
    return error != NULL ? error : iam_change_remove(change, role);
}

const struct error *iam_delete_role(struct iam_call *call)
{
    return iam_task_change(call, NULL, 0, 0, delete_role);
}
