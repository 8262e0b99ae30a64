#include "iam/kind.h"

#include "base/check.h"
#include "iam/boundary.h"
#include "iam/tags.h"

/* --- how they are named and found --- */

static const struct query_member user_name = IAM_USER_NAME(QUERY_REQUIRED);
static const struct query_member group_name = IAM_NAME(name, "GroupName", QUERY_REQUIRED, 128);
static const struct query_member role_name = IAM_NAME(name, "RoleName", QUERY_REQUIRED, 64);
static const struct query_member profile_name =
    IAM_NAME(name, "InstanceProfileName", QUERY_REQUIRED, 128);
static const struct query_member policy_arn = IAM_POLICY_ARN;
static const struct query_member provider_arn =
    IAM_TEXT(provider_arn, "OpenIDConnectProviderArn", QUERY_REQUIRED, 20, 2048, NULL);

static const struct error *find_named(const struct iam_task *task,
                                      const struct iam_directory *directory,
                                      struct iam_entity **ret_entity)
{
    struct iam_entity *entity = iam_find_name(directory, task->kind->kind, task->input.name);
    if (entity == NULL)
        return iam_no_such(task->call->arena, task->kind, task->input.name);
    *ret_entity = entity;
    return NULL;
}

static const struct error *find_policy(const struct iam_task *task,
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

static const struct error *find_provider(const struct iam_task *task,
                                         const struct iam_directory *directory,
                                         struct iam_entity **ret_provider)
{
    struct iam_entity *provider = iam_find_arn(directory, task->input.provider_arn);
    if (provider == NULL || provider->record.kind != DB_IDENTITY_PROVIDER)
        return error_make(task->call->arena, ERROR_NO_SUCH_ENTITY,
                          "OpenIDConnect Provider not found for arn %.*s",
                          SLICE_PRINT(task->input.provider_arn));
    *ret_provider = provider;
    return NULL;
}

/* --- the kinds --- */

const struct iam_kind iam_users = {
    .kind = DB_IDENTITY_USER,
    .noun = "user",
    .element = "User",
    .list = "Users",
    .name_element = "UserName",
    .id_element = "UserId",
    .id_prefix = "AIDA",
    .naming = &user_name,
    .find = find_named,
    .new_name = IAM_NAME(new_name, "NewUserName", QUERY_OPTIONAL, 64),
    .write = iam_write_user,
    .count_max = 5000,
    .count_quota = "UsersPerAccount",
    .inline_max = 2048,
    .attached_quota = "PoliciesPerUser",
};
const struct iam_kind iam_groups = {
    .kind = DB_IDENTITY_GROUP,
    .noun = "group",
    .element = "Group",
    .list = "Groups",
    .name_element = "GroupName",
    .id_element = "GroupId",
    .id_prefix = "AGPA",
    .naming = &group_name,
    .find = find_named,
    .new_name = IAM_NAME(new_name, "NewGroupName", QUERY_OPTIONAL, 128),
    .write = iam_write_group,
    .count_max = 300,
    .count_quota = "GroupsPerAccount",
    .inline_max = 5120,
    .attached_quota = "PoliciesPerGroup",
};
const struct iam_kind iam_roles = {
    .kind = DB_IDENTITY_ROLE,
    .noun = "role",
    .element = "Role",
    .list = "Roles",
    .name_element = "RoleName",
    .id_element = "RoleId",
    .id_prefix = "AROA",
    .naming = &role_name,
    .find = find_named,
    .write = iam_write_role,
    .count_max = 1000,
    .count_quota = "RolesPerAccount",
    .inline_max = 10240,
    .attached_quota = "PoliciesPerRole",
};
const struct iam_kind iam_policies = {
    .kind = DB_IDENTITY_POLICY,
    .noun = "policy",
    .element = "Policy",
    .list = "Policies",
    .name_element = "PolicyName",
    .id_element = "PolicyId",
    .id_prefix = "ANPA",
    .naming = &policy_arn,
    .find = find_policy,
    .write = iam_write_policy,
    .count_max = 1500,
    .count_quota = "PoliciesPerAccount",
};
const struct iam_kind iam_profiles = {
    .kind = DB_IDENTITY_PROFILE,
    .noun = "instance profile",
    .element = "InstanceProfile",
    .list = "InstanceProfiles",
    .name_element = "InstanceProfileName",
    .id_element = "InstanceProfileId",
    .id_prefix = "AIPA",
    .naming = &profile_name,
    .find = find_named,
    .write = iam_write_profile,
    .count_max = 1000,
    .count_quota = "InstanceProfilesPerAccount",
};
const struct iam_kind iam_providers = {
    .kind = DB_IDENTITY_PROVIDER,
    .noun = "OpenIDConnect provider",
    .id_prefix = "",
    .naming = &provider_arn,
    .find = find_provider,
    .count_max = 100,
    .count_quota = "OpenIdConnectProvidersPerAccount",
};

/* --- tasks --- */

enum { MEMBERS_MAX = 12 };

const struct error *iam_task_begin(struct iam_task *task, struct iam_call *call,
                                   const struct query_member *members, size_t count, unsigned takes)
{
    struct query_member all[MEMBERS_MAX];
    size_t all_count = 0;
    CHECK(count < MEMBERS_MAX);
    task->call = call;
    task->kind = call->action->kind;
    if ((takes & IAM_TAKES_NO_NAME) == 0)
        all[all_count++] = *task->kind->naming;
    for (size_t i = 0; i < count; i++)
        all[all_count++] = members[i];
    return iam_input_read(call, all, all_count, takes, &task->input);
}

const struct error *iam_task_look(struct iam_call *call, const struct query_member *members,
                                  size_t count, unsigned takes, iam_look *look)
{
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, members, count, takes);
    return error != NULL ? error : iam_directory_look(call->iam->directory, look, &task);
}

const struct error *iam_task_change(struct iam_call *call, const struct query_member *members,
                                    size_t count, unsigned takes, iam_decide *decide)
{
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, members, count, takes);
    return error != NULL ? error
                         : iam_directory_change(call->iam->directory, call->arena, decide, &task);
}

const struct error *iam_task_find(const struct iam_task *task,
                                  const struct iam_directory *directory,
                                  struct iam_entity **ret_entity)
{
    return task->kind->find(task, directory, ret_entity);
}

const struct error *iam_task_find_own(const struct iam_task *task,
                                      const struct iam_directory *directory,
                                      struct iam_entity **ret_entity)
{
    struct iam_entity *entity = NULL;
    const struct error *error = iam_task_find(task, directory, &entity);
    if (error != NULL)
        return error;
    if (slice_equal(entity->account, SLICE("aws")))
        return error_make(task->call->arena, ERROR_ACCESS_DENIED,
                          "Cannot change the policy %.*s: it is managed by AWS",
                          SLICE_PRINT(entity->arn));
    *ret_entity = entity;
    return NULL;
}

struct editing {
    struct iam_task task;
    iam_edit *edit;
};

static const struct error *edit_entity(void *context, struct iam_change *change)
{
    const struct editing *editing = context;
    struct iam_entity *entity = NULL;
    const struct error *error = iam_task_find_own(&editing->task, change->directory, &entity);
    if (error != NULL)
        return error;
    struct db_identity record = entity->record;
    error = editing->edit(&editing->task, change->directory, &record);
    return error != NULL ? error : iam_change_put(change, &record, NULL);
}

const struct error *iam_task_edit(struct iam_call *call, const struct query_member *members,
                                  size_t count, unsigned takes, iam_edit *edit)
{
    struct editing editing = {.edit = edit};
    const struct error *error = iam_task_begin(&editing.task, call, members, count, takes);
    return error != NULL
               ? error
               : iam_directory_change(call->iam->directory, call->arena, edit_entity, &editing);
}

void iam_task_write(struct iam_task *task, const struct iam_directory *directory,
                    const struct iam_entity *entity)
{
    xml_begin(task->call->out, task->kind->element);
    task->kind->write(task->call->out, directory, entity, IAM_WHOLE);
    xml_end(task->call->out, task->kind->element);
}

/* --- errors; their words were observed --- */

const struct error *iam_no_such(struct arena *arena, const struct iam_kind *kind, struct slice name)
{
    if (kind == &iam_profiles)
        return error_make(arena, ERROR_NO_SUCH_ENTITY, "Instance Profile %.*s cannot be found.",
                          SLICE_PRINT(name));
    return error_make(arena, ERROR_NO_SUCH_ENTITY, "The %s with name %.*s cannot be found.",
                      kind->noun, SLICE_PRINT(name));
}

const struct error *iam_over_quota(struct arena *arena, const char *quota, size_t most)
{
    return error_make(arena, ERROR_IDENTITY_LIMIT_EXCEEDED, "Cannot exceed quota for %s: %zu",
                      quota, most);
}

static const struct error *already_there(struct arena *arena, const struct iam_kind *kind,
                                         struct slice name)
{
    if (kind == &iam_policies)
        return error_make(arena, ERROR_ENTITY_ALREADY_EXISTS,
                          "A policy called %.*s already exists. Duplicate names are not allowed.",
                          SLICE_PRINT(name));
    if (kind == &iam_profiles)
        return error_make(arena, ERROR_ENTITY_ALREADY_EXISTS,
                          "Instance Profile %.*s already exists.", SLICE_PRINT(name));
    if (kind == &iam_providers)
        return error_make(arena, ERROR_ENTITY_ALREADY_EXISTS,
                          "Provider with url https://%.*s already exists.", SLICE_PRINT(name));
    return error_make(arena, ERROR_ENTITY_ALREADY_EXISTS, "%c%s with name %.*s already exists.",
                      kind->noun[0] - 'a' + 'A', kind->noun + 1, SLICE_PRINT(name));
}

const struct error *iam_check_new(struct arena *arena, const struct iam_directory *directory,
                                  const struct iam_kind *kind, struct slice name)
{
    if (iam_find_name(directory, kind->kind, name) != NULL)
        return already_there(arena, kind, name);
    if (directory->by_name[kind->kind].count >= kind->count_max)
        return iam_over_quota(arena, kind->count_quota, kind->count_max);
    return NULL;
}

const struct error *iam_new_record(const struct iam_task *task, struct slice name,
                                   struct db_identity *ret_record)
{
    struct db_identity record = {
        .kind = task->kind->kind,
        .id = iam_make_id(task->call->arena, task->kind->id_prefix, IAM_UNIQUE_ID_BYTES),
        .name = name,
        .path = slice_present(task->input.path) ? task->input.path : SLICE("/"),
        .created_ms = task->call->now_ms / 1000 * 1000,
    };
    if (!slice_present(record.id))
        return error_exhausted();
    const struct error *error = iam_tags_add(task, &record);
    if (error == NULL)
        *ret_record = record;
    return error;
}

/* --- texts --- */

size_t iam_characters(struct slice document)
{
    size_t count = 0;
    for (size_t i = 0; i < document.size; i++) {
        uint8_t byte = document.data[i];
        bool is_space = byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
        bool continues = (byte & 0xc0) == 0x80;
        count += !is_space && !continues;
    }
    return count;
}

bool iam_has_path(const struct iam_entity *entity, struct slice path_prefix)
{
    return !slice_present(path_prefix) || slice_starts_with(entity->record.path, path_prefix);
}
