/* GetAccountSummary, ListAccountAliases, GetAccountPasswordPolicy. */

#include "iam/kind.h"

static void write_entry(struct xml_writer *out, const char *key, size_t value)
{
    xml_begin(out, "entry");
    xml_text(out, "key", slice_of_cstring(key));
    xml_integer(out, "value", (int64_t)value);
    xml_end(out, "entry");
}

static size_t versions_in_use(const struct iam_directory *directory)
{
    const struct iam_index *policies = &directory->by_name[DB_IDENTITY_POLICY];
    size_t count = 0;
    for (size_t i = 0; i < policies->count; i++)
        count += policies->entries[i].entity->record.version_count;
    return count;
}

/* In the order of the API reference. What does not exist here is 0; its quotas are not told. */
static void write_summary(struct xml_writer *out, const struct iam_directory *directory)
{
    const struct iam_index *by_name = directory->by_name;
    const struct iam_entity *account = iam_find_id(directory, directory->options.account);
    const struct {
        const char *key;
        size_t value;
    } entries[] = {
        {"AccessKeysPerUserQuota", IAM_KEYS_PER_OWNER_MAX},
        {"AccountAccessKeysPresent", account->record.key_count},
        {"AccountMFAEnabled", 0},
        {"AccountSigningCertificatesPresent", 0},
        {"AssumeRolePolicySizeQuota", IAM_TRUST_CHARACTERS_MAX},
        {"AttachedPoliciesPerGroupQuota", IAM_ATTACHED_MAX},
        {"AttachedPoliciesPerRoleQuota", IAM_ATTACHED_MAX},
        {"AttachedPoliciesPerUserQuota", IAM_ATTACHED_MAX},
        {"GroupPolicySizeQuota", iam_groups.inline_max},
        {"Groups", by_name[DB_IDENTITY_GROUP].count},
        {"GroupsPerUserQuota", IAM_GROUPS_PER_USER_MAX},
        {"GroupsQuota", iam_groups.count_max},
        {"InstanceProfiles", by_name[DB_IDENTITY_PROFILE].count},
        {"InstanceProfilesQuota", iam_profiles.count_max},
        {"MFADevices", 0},
        {"MFADevicesInUse", 0},
        {"Policies", by_name[DB_IDENTITY_POLICY].count},
        {"PoliciesQuota", iam_policies.count_max},
        {"PolicySizeQuota", IAM_POLICY_CHARACTERS_MAX},
        {"PolicyVersionsInUse", versions_in_use(directory)},
        {"Providers", by_name[DB_IDENTITY_PROVIDER].count},
        {"RolePolicySizeQuota", iam_roles.inline_max},
        {"Roles", by_name[DB_IDENTITY_ROLE].count},
        {"RolesQuota", iam_roles.count_max},
        {"ServerCertificates", 0},
        {"UserPolicySizeQuota", iam_users.inline_max},
        {"Users", by_name[DB_IDENTITY_USER].count},
        {"UsersQuota", iam_users.count_max},
        {"VersionsPerPolicyQuota", IAM_VERSIONS_MAX},
    };
    for (size_t i = 0; i < COUNT_OF(entries); i++)
        write_entry(out, entries[i].key, entries[i].value);
}

static const struct error *get_summary(void *context, struct iam_directory *directory)
{
    struct iam_call *call = context;
    xml_begin(call->out, "SummaryMap");
    write_summary(call->out, directory);
    xml_end(call->out, "SummaryMap");
    return NULL;
}

const struct error *iam_get_account_summary(struct iam_call *call)
{
    return iam_directory_look(call->iam->directory, get_summary, call);
}

/* There are none and none can be made. */
const struct error *iam_list_account_aliases(struct iam_call *call)
{
    xml_begin(call->out, "AccountAliases");
    xml_end(call->out, "AccountAliases");
    xml_boolean(call->out, "IsTruncated", false);
    return NULL;
}

/* There are no passwords. */
const struct error *iam_get_account_password_policy(struct iam_call *call)
{
    return error_make(call->arena, ERROR_NO_SUCH_ENTITY,
                      "The Password Policy with domain name %.*s cannot be found.",
                      SLICE_PRINT(call->iam->account));
}
