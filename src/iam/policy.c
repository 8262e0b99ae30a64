/* CreatePolicy, DeletePolicy, ListPolicies. */

#include "iam/policy_document.h"

#include "iam/identity.h"
#include "iam/listing.h"

const struct error *iam_policy_check_document(const struct iam_task *task)
{
    if (iam_characters(task->input.document) > IAM_POLICY_CHARACTERS_MAX)
        return iam_over_quota(task->call->arena, "PolicySize", IAM_POLICY_CHARACTERS_MAX);
    /* Versions that are not the default one are read as well: none is stored that cannot be. */
    const struct auth_policy *policy;
    return auth_policy_read(task->call->arena, AUTH_POLICY_MANAGED, task->input.document, &policy);
}

/* --- CreatePolicy --- */

static const struct error *create_policy(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct db_identity record;
    struct iam_entity *policy = NULL;
    const struct error *error =
        iam_check_new(task->call->arena, change->directory, task->kind, task->input.name);
    if (error == NULL)
        error = iam_policy_check_document(task);
    if (error == NULL)
        error = iam_new_record(task, task->input.name, &record);
    if (error != NULL)
        return error;
    struct db_identity_version version = {1, task->input.document, record.created_ms};
    record.description = task->input.description;
    record.versions = &version;
    record.version_count = record.default_version = record.newest_version = 1;
    record.updated_ms = record.created_ms;
    error = iam_change_put(change, &record, &policy);
    if (error == NULL)
        iam_task_write(task, change->directory, policy);
    return error;
}

const struct error *iam_create_policy(struct iam_call *call)
{
    static const struct query_member members[] = {
        IAM_NAME(name, "PolicyName", QUERY_REQUIRED, 128),
        IAM_TEXT(path, "Path", QUERY_OPTIONAL, 1, 512, &iam_pattern_policy_path),
        IAM_DOCUMENT("PolicyDocument"),
        IAM_TEXT(description, "Description", QUERY_OPTIONAL, 0, 1000, NULL),
    };
    return iam_task_change(call, members, COUNT_OF(members), IAM_TAKES_NO_NAME | IAM_TAKES_TAGS,
                           create_policy);
}

/* --- DeletePolicy --- */

static const char *why_policy_stays(const struct iam_entity *policy)
{
    if (policy->attachments > 0 || policy->boundaries > 0)
        return "Cannot delete a policy attached to entities.";
    if (policy->record.version_count > 1)
        return "This policy has more than one version. Before you delete a policy, you must delete "
               "the policy's versions. The default version is deleted with the policy.";
    return NULL;
}

static const struct error *delete_policy(void *context, struct iam_change *change)
{
    struct iam_entity *policy = NULL;
    const struct error *error = iam_task_find_own(context, change->directory, &policy);
    if (error == NULL)
        error = iam_delete_conflict(context, why_policy_stays(policy));
    return error != NULL ? error : iam_change_remove(change, policy);
}

const struct error *iam_delete_policy(struct iam_call *call)
{
    return iam_task_change(call, NULL, 0, 0, delete_policy);
}

/* --- ListPolicies --- */

static bool is_listed(const struct iam_task *task, const struct iam_entity *owner,
                      const struct iam_entity *policy)
{
    (void)owner;
    const struct iam_input *input = &task->input;
    bool is_of_aws = slice_equal(policy->account, SLICE("aws"));
    if ((slice_equal(input->scope, SLICE("AWS")) && !is_of_aws) ||
        (slice_equal(input->scope, SLICE("Local")) && is_of_aws))
        return false;
    bool as_policy = !slice_equal(input->usage, SLICE("PermissionsBoundary"));
    bool as_boundary = !slice_equal(input->usage, SLICE("PermissionsPolicy"));
    bool is_used =
        (as_policy && policy->attachments > 0) || (as_boundary && policy->boundaries > 0);
    bool must_be_used = input->only_attached || slice_present(input->usage);
    return !must_be_used || is_used;
}

/* In the order of their ARNs, so that AWS's come last. */
static const struct error *list_policies(void *context, struct iam_directory *directory)
{
    const struct iam_list list = {
        .kind = &iam_policies, .index = &directory->by_arn, .has = is_listed};
    return iam_list_write(context, directory, &list);
}

const struct error *iam_list_policies(struct iam_call *call)
{
    static const struct query_member members[] = {
        QUERY_WORD_MEMBER(struct iam_input, scope, "Scope", QUERY_OPTIONAL, "All|AWS|Local"),
        QUERY_BOOLEAN_MEMBER(struct iam_input, only_attached, "OnlyAttached", QUERY_OPTIONAL),
        IAM_TEXT(path_prefix, "PathPrefix", QUERY_OPTIONAL, 1, 512, &iam_pattern_policy_path),
        QUERY_WORD_MEMBER(struct iam_input, usage, "PolicyUsageFilter", QUERY_OPTIONAL,
                          "PermissionsPolicy|PermissionsBoundary"),
        IAM_PAGE,
    };
    return iam_task_look(call, members, COUNT_OF(members), IAM_TAKES_NO_NAME, list_policies);
}
