/* GetAccountAuthorizationDetails: everything at once. */

#include "iam/element.h"
#include "iam/kind.h"
#include "iam/page.h"

struct details {
    struct iam_task task; /* first */
    const struct slice *filters;
    size_t filter_count;
};

static void write_inline(struct xml_writer *out, const char *list, const struct db_identity *record)
{
    xml_begin(out, list);
    for (size_t i = 0; i < record->inline_count; i++) {
        xml_begin(out, "member");
        xml_text(out, "PolicyName", record->inline_policies[i].name);
        iam_write_document(out, "PolicyDocument", record->inline_policies[i].document);
        xml_end(out, "member");
    }
    xml_end(out, list);
}

static void write_attached(struct xml_writer *out, const struct iam_directory *directory,
                           const struct db_identity *record)
{
    xml_begin(out, "AttachedManagedPolicies");
    for (size_t i = 0; i < record->attached_count; i++) {
        const struct iam_entity *policy = iam_find_policy(directory, record->attached[i].text);
        if (policy == NULL)
            continue;
        xml_begin(out, "member");
        iam_write_attached(out, policy);
        xml_end(out, "member");
    }
    xml_end(out, "AttachedManagedPolicies");
}

static void write_user(struct xml_writer *out, const struct iam_directory *directory,
                       const struct iam_entity *user)
{
    iam_write_user(out, directory, user, IAM_WHOLE);
    write_inline(out, "UserPolicyList", &user->record);
    xml_begin(out, "GroupList");
    for (size_t i = 0; i < user->record.group_count; i++) {
        const struct iam_entity *group = iam_find_id(directory, user->record.groups[i].text);
        if (group != NULL)
            xml_text(out, "member", group->record.name);
    }
    xml_end(out, "GroupList");
    write_attached(out, directory, &user->record);
}

static void write_group(struct xml_writer *out, const struct iam_directory *directory,
                        const struct iam_entity *group)
{
    iam_write_group(out, directory, group, IAM_WHOLE);
    write_inline(out, "GroupPolicyList", &group->record);
    write_attached(out, directory, &group->record);
}

static void write_role(struct xml_writer *out, const struct iam_directory *directory,
                       const struct iam_entity *role)
{
    const struct iam_index *profiles = &directory->by_name[DB_IDENTITY_PROFILE];
    iam_write_role(out, directory, role, IAM_WHOLE);
    xml_begin(out, "InstanceProfileList");
    for (size_t i = 0; i < profiles->count; i++) {
        const struct iam_entity *profile = profiles->entries[i].entity;
        if (iam_find_text(profile->record.roles, profile->record.role_count, role->record.id) ==
            profile->record.role_count)
            continue;
        xml_begin(out, "member");
        iam_write_profile(out, directory, profile, IAM_LISTED);
        xml_end(out, "member");
    }
    xml_end(out, "InstanceProfileList");
    write_inline(out, "RolePolicyList", &role->record);
    write_attached(out, directory, &role->record);
}

static void write_policy(struct xml_writer *out, const struct iam_directory *directory,
                         const struct iam_entity *policy)
{
    iam_write_policy(out, directory, policy, IAM_WHOLE);
    xml_begin(out, "PolicyVersionList");
    for (size_t i = policy->record.version_count; i > 0; i--) {
        xml_begin(out, "member");
        iam_write_version(out, policy, &policy->record.versions[i - 1], IAM_WHOLE);
        xml_end(out, "member");
    }
    xml_end(out, "PolicyVersionList");
}

/* The lists of the answer, in its order; markers begin with their letter. */
static const struct {
    const char *list;
    enum db_identity_kind kind;
    char letter;
    void (*write)(struct xml_writer *out, const struct iam_directory *directory,
                  const struct iam_entity *entity);
} parts[] = {
    {"UserDetailList", DB_IDENTITY_USER, 'a', write_user},
    {"GroupDetailList", DB_IDENTITY_GROUP, 'b', write_group},
    {"RoleDetailList", DB_IDENTITY_ROLE, 'c', write_role},
    {"Policies", DB_IDENTITY_POLICY, 'd', write_policy},
};

static const char *filter_of(const struct iam_entity *entity)
{
    switch (entity->record.kind) {
    case DB_IDENTITY_USER:
        return "User";
    case DB_IDENTITY_GROUP:
        return "Group";
    case DB_IDENTITY_ROLE:
        return "Role";
    default:
        return slice_equal(entity->account, SLICE("aws")) ? "AWSManagedPolicy"
                                                          : "LocalManagedPolicy";
    }
}

/* Of AWS's policies only those that somebody has are told without being asked for. */
static bool is_asked_for(const struct details *details, const struct iam_entity *entity)
{
    struct slice filter = slice_of_cstring(filter_of(entity));
    for (size_t i = 0; i < details->filter_count; i++) {
        if (slice_equal(details->filters[i], filter))
            return true;
    }
    bool is_in_use = !slice_equal(filter, SLICE("AWSManagedPolicy")) || entity->attachments > 0 ||
                     entity->boundaries > 0;
    return details->filter_count == 0 && is_in_use;
}

static const struct error *write_details(void *context, struct iam_directory *directory)
{
    struct details *details = context;
    struct xml_writer *out = details->task.call->out;
    struct iam_page page;
    const struct error *error = iam_page_begin(details->task.call, &details->task.input, &page);
    if (error != NULL)
        return error;
    for (size_t part = 0; part < COUNT_OF(parts); part++) {
        xml_begin(out, parts[part].list);
        for (size_t i = 0; i < directory->by_arn.count; i++) {
            const struct iam_entity *entity = directory->by_arn.entries[i].entity;
            if (entity->record.kind != parts[part].kind || !is_asked_for(details, entity) ||
                !iam_page_takes_in(&page, parts[part].letter, entity->arn))
                continue;
            xml_begin(out, "member");
            parts[part].write(out, directory, entity);
            xml_end(out, "member");
        }
        xml_end(out, parts[part].list);
    }
    iam_page_end(&page, out);
    return NULL;
}

const struct error *iam_get_account_authorization_details(struct iam_call *call)
{
    static const struct query_member page_members[] = {IAM_PAGE};
    static const struct query_member filter =
        QUERY_WORD_MEMBER(struct iam_input, filter, "Filter", QUERY_REQUIRED,
                          "User|Role|Group|LocalManagedPolicy|AWSManagedPolicy");
    struct details details = {0};
    struct query_reader reader;
    const struct error *error = iam_task_begin(&details.task, call, page_members,
                                               COUNT_OF(page_members), IAM_TAKES_NO_NAME);
    if (error != NULL)
        return error;
    query_reader_init(&reader, call->arena, call->form);
    details.filters = query_read_texts(&reader, QUERY_TOP, &filter, 5, &details.filter_count);
    error = query_reader_end(&reader);
    return error != NULL ? error
                         : iam_directory_look(call->iam->directory, write_details, &details);
}
