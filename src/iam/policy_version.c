/* Versions of managed policies (IAM user guide, "Versioning IAM policies"): up to five, one of them
 * in force; their numbers only grow. */

#include <inttypes.h>
#include <stdlib.h>

#include "iam/listing.h"
#include "iam/policy_document.h"

static const struct query_member version_members[] = {
    IAM_TEXT(version_id, "VersionId", QUERY_REQUIRED, 0, 0, &iam_pattern_version),
};

static void write_version(struct iam_task *task, const struct iam_entity *policy,
                          const struct db_identity_version *version, enum iam_detail detail)
{
    xml_begin(task->call->out, "PolicyVersion");
    iam_write_version(task->call->out, policy, version, detail);
    xml_end(task->call->out, "PolicyVersion");
}

/* Its position among the policy's versions. "v12"; NO_SUCH_ENTITY. */
static const struct error *find_version(const struct iam_task *task,
                                        const struct iam_entity *policy, size_t *ret_at)
{
    struct slice id = task->input.version_id;
    uint64_t number = 0;
    for (size_t i = 1; i < id.size && id.data[i] >= '0' && id.data[i] <= '9'; i++) {
        number = number * 10 + (id.data[i] - '0');
        if (number > UINT32_MAX)
            break;
    }
    for (size_t i = 0; i < policy->record.version_count; i++) {
        if (policy->record.versions[i].number == number) {
            *ret_at = i;
            return NULL;
        }
    }
    return error_make(task->call->arena, ERROR_NO_SUCH_ENTITY,
                      "Policy %.*s version %.*s does not exist or is not attachable.",
                      SLICE_PRINT(policy->arn), SLICE_PRINT(id));
}

/* --- CreatePolicyVersion --- */

static const struct error *create_version(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *policy = NULL;
    const struct error *error = iam_task_find_own(task, change->directory, &policy);
    if (error == NULL)
        error = iam_policy_check_document(task);
    if (error != NULL)
        return error;
    struct db_identity record = policy->record;
    if (record.version_count >= IAM_VERSIONS_MAX)
        return error_make(task->call->arena, ERROR_IDENTITY_LIMIT_EXCEEDED,
                          "A managed policy can have up to 5 versions. Before you create a new "
                          "version, you must delete an existing version.");
    struct db_identity_version versions[IAM_VERSIONS_MAX];
    for (size_t i = 0; i < record.version_count; i++)
        versions[i] = record.versions[i];
    struct db_identity_version *version = &versions[record.version_count++];
    *version = (struct db_identity_version){
        .number = ++record.newest_version,
        .document = task->input.document,
        .created_ms = task->call->now_ms / 1000 * 1000,
    };
    record.versions = versions;
    record.updated_ms = version->created_ms;
    if (task->input.set_as_default)
        record.default_version = version->number;
    error = iam_change_put(change, &record, &policy);
    if (error == NULL)
        write_version(task, policy, version, IAM_LISTED);
    return error;
}

const struct error *iam_create_policy_version(struct iam_call *call)
{
    static const struct query_member members[] = {
        IAM_DOCUMENT("PolicyDocument"),
        QUERY_BOOLEAN_MEMBER(struct iam_input, set_as_default, "SetAsDefault", QUERY_OPTIONAL),
    };
    return iam_task_change(call, members, COUNT_OF(members), 0, create_version);
}

/* --- GetPolicyVersion --- */

static const struct error *get_version(void *context, struct iam_directory *directory)
{
    struct iam_task *task = context;
    struct iam_entity *policy = NULL;
    size_t at = 0;
    const struct error *error = iam_task_find(task, directory, &policy);
    if (error == NULL)
        error = find_version(task, policy, &at);
    if (error == NULL)
        write_version(task, policy, &policy->record.versions[at], IAM_WHOLE);
    return error;
}

const struct error *iam_get_policy_version(struct iam_call *call)
{
    return iam_task_look(call, version_members, COUNT_OF(version_members), 0, get_version);
}

/* --- ListPolicyVersions: the newest first --- */

static void write_older(struct xml_writer *out, const struct iam_directory *directory,
                        const struct iam_entity *policy, size_t at)
{
    (void)directory;
    const struct db_identity *record = &policy->record;
    xml_begin(out, "member");
    iam_write_version(out, policy, &record->versions[record->version_count - 1 - at], IAM_LISTED);
    xml_end(out, "member");
}

static const struct error *list_versions(void *context, struct iam_directory *directory)
{
    struct iam_entity *policy = NULL;
    const struct error *error = iam_task_find(context, directory, &policy);
    if (error != NULL)
        return error;
    const struct iam_parts parts = {
        .list = "Versions", .count = policy->record.version_count, .write = write_older};
    return iam_parts_write(context, directory, policy, &parts);
}

const struct error *iam_list_policy_versions(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PAGE};
    return iam_task_look(call, members, COUNT_OF(members), 0, list_versions);
}

/* --- SetDefaultPolicyVersion --- */

static const struct error *find_own_version(const struct iam_task *task,
                                            const struct iam_directory *directory,
                                            struct iam_entity **ret_policy, size_t *ret_at)
{
    const struct error *error = iam_task_find_own(task, directory, ret_policy);
    return error != NULL ? error : find_version(task, *ret_policy, ret_at);
}

static const struct error *set_default(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *policy = NULL;
    size_t at = 0;
    const struct error *error = find_own_version(task, change->directory, &policy, &at);
    if (error != NULL)
        return error;
    struct db_identity record = policy->record;
    record.default_version = record.versions[at].number;
    record.updated_ms = task->call->now_ms / 1000 * 1000;
    return iam_change_put(change, &record, NULL);
}

const struct error *iam_set_default_policy_version(struct iam_call *call)
{
    return iam_task_change(call, version_members, COUNT_OF(version_members), 0, set_default);
}

/* --- DeletePolicyVersion --- */

static const struct error *delete_version(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *policy = NULL;
    size_t at = 0;
    const struct error *error = find_own_version(task, change->directory, &policy, &at);
    if (error != NULL)
        return error;
    struct db_identity record = policy->record;
    if (record.versions[at].number == record.default_version)
        return error_make(task->call->arena, ERROR_DELETE_CONFLICT,
                          "Cannot delete the default version of a policy.");
    struct db_identity_version versions[IAM_VERSIONS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < record.version_count; i++) {
        if (i != at)
            versions[count++] = record.versions[i];
    }
    record.versions = versions;
    record.version_count = count;
    return iam_change_put(change, &record, NULL);
}

const struct error *iam_delete_policy_version(struct iam_call *call)
{
    return iam_task_change(call, version_members, COUNT_OF(version_members), 0, delete_version);
}
