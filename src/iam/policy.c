/* CreatePolicy, GetPolicy, DeletePolicy, ListPolicies, and versions of managed policies:
 * CreatePolicyVersion, GetPolicyVersion, ListPolicyVersions, SetDefaultPolicyVersion,
 * DeletePolicyVersion. */

#include "iam/policy_task.h"

#include <inttypes.h>

#include "iam/element.h"
#include "iam/page.h"

const struct query_member iam_policy_arn_member = IAM_POLICY_ARN;

const struct error *iam_policy_find(const struct iam_task *task,
                                    const struct iam_directory *directory,
                                    struct iam_entity **ret_policy)
{
    struct slice arn = task->input.policy_arn;
    const struct error *error = iam_check_policy_arn(task->call->arena, arn);
    if (error != NULL)
        return error;
    struct iam_entity *policy = iam_find_policy(directory, arn);
    if (policy == NULL)
        return error_make(task->call->arena, ERROR_NO_SUCH_ENTITY, "Policy %.*s was not found.",
                          SLICE_PRINT(arn));
    *ret_policy = policy;
    return NULL;
}

const struct error *iam_policy_find_own(const struct iam_task *task,
                                        const struct iam_directory *directory,
                                        struct iam_entity **ret_policy)
{
    struct iam_entity *policy = NULL;
    const struct error *error = iam_policy_find(task, directory, &policy);
    if (error != NULL)
        return error;
    if (slice_equal(policy->account, SLICE("aws")))
        return error_make(task->call->arena, ERROR_ACCESS_DENIED,
                          "Cannot change the policy %.*s: it is managed by AWS",
                          SLICE_PRINT(policy->arn));
    *ret_policy = policy;
    return NULL;
}

const struct error *iam_policy_check_document(const struct iam_task *task)
{
    if (iam_characters(task->input.document) > IAM_POLICY_CHARACTERS_MAX)
        return iam_over_quota(task->call->arena, "PolicySize", IAM_POLICY_CHARACTERS_MAX);
    /* Versions that are not the default one are read as well: none is stored that cannot be. */
    const struct auth_policy *policy;
    return auth_policy_read(task->call->arena, AUTH_POLICY_MANAGED, task->input.document, &policy);
}

static void write_policy(struct iam_task *task, const struct iam_entity *policy)
{
    xml_begin(task->call->out, "Policy");
    iam_write_policy(task->call->out, policy, IAM_WHOLE);
    xml_end(task->call->out, "Policy");
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
        write_policy(task, policy);
    return error;
}

const struct error *iam_create_policy(struct iam_call *call)
{
    static const struct query_member members[] = {
        IAM_TEXT(path, "Path", QUERY_OPTIONAL, 1, 512, &iam_pattern_policy_path),
        IAM_DOCUMENT("PolicyDocument"),
        IAM_TEXT(description, "Description", QUERY_OPTIONAL, 0, 1000, NULL),
    };
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, &iam_policies, members, COUNT_OF(members), IAM_TAKES_TAGS);
    return error != NULL ? error : iam_task_change(&task, create_policy);
}

/* --- GetPolicy --- */

static const struct error *get_policy(void *context, struct iam_directory *directory)
{
    struct iam_entity *policy = NULL;
    const struct error *error = iam_policy_find(context, directory, &policy);
    if (error == NULL)
        write_policy(context, policy);
    return error;
}

const struct error *iam_get_policy(struct iam_call *call)
{
    struct iam_task task = {.call = call, .kind = &iam_policies};
    const struct error *error = iam_input_read(call, &iam_policy_arn_member, 1, 0, &task.input);
    return error != NULL ? error : iam_task_look(&task, get_policy);
}

/* --- DeletePolicy --- */

static const struct error *delete_policy(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *policy = NULL;
    const struct error *error = iam_policy_find_own(task, change->directory, &policy);
    if (error != NULL)
        return error;
    const char *why = NULL;
    if (policy->attachments > 0 || policy->boundaries > 0)
        why = "Cannot delete a policy attached to entities.";
    else if (policy->record.version_count > 1)
        why = "This policy has more than one version. Before you delete a policy, you must delete "
              "the policy's versions. The default version is deleted with the policy.";
    if (why != NULL)
        return error_make(task->call->arena, ERROR_DELETE_CONFLICT, "%s", why);
    return iam_change_remove(change, policy);
}

const struct error *iam_delete_policy(struct iam_call *call)
{
    struct iam_task task = {.call = call, .kind = &iam_policies};
    const struct error *error = iam_input_read(call, &iam_policy_arn_member, 1, 0, &task.input);
    return error != NULL ? error : iam_task_change(&task, delete_policy);
}

/* --- ListPolicies --- */

static bool is_listed(const struct iam_entity *policy, const struct iam_input *input)
{
    if (policy->record.kind != DB_IDENTITY_POLICY || !iam_has_path(policy, input->path_prefix))
        return false;
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
    struct iam_task *task = context;
    struct xml_writer *out = task->call->out;
    struct iam_page page;
    const struct error *error = iam_page_begin(task->call, &task->input, &page);
    if (error != NULL)
        return error;
    xml_begin(out, "Policies");
    for (size_t i = 0; i < directory->by_arn.count; i++) {
        const struct iam_entity *policy = directory->by_arn.entries[i].entity;
        if (!is_listed(policy, &task->input) || !iam_page_takes(&page, policy->arn))
            continue;
        xml_begin(out, "member");
        iam_write_policy(out, policy, IAM_LISTED);
        xml_end(out, "member");
    }
    xml_end(out, "Policies");
    iam_page_end(&page, out);
    return NULL;
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
    struct iam_task task = {.call = call, .kind = &iam_policies};
    const struct error *error = iam_input_read(call, members, COUNT_OF(members), 0, &task.input);
    return error != NULL ? error : iam_task_look(&task, list_policies);
}
