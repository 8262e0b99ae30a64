#include "iam/kind.h"

#include "base/check.h"
#include "iam/tags.h"

const struct iam_kind iam_users = {
    .kind = DB_IDENTITY_USER,
    .noun = "user",
    .name_element = "UserName",
    .id_prefix = "AIDA",
    .name_max = 128,
    .count_max = 5000,
    .count_quota = "UsersPerAccount",
    .inline_max = 2048,
    .attached_quota = "PoliciesPerUser",
};
const struct iam_kind iam_groups = {
    .kind = DB_IDENTITY_GROUP,
    .noun = "group",
    .name_element = "GroupName",
    .id_prefix = "AGPA",
    .name_max = 128,
    .count_max = 300,
    .count_quota = "GroupsPerAccount",
    .inline_max = 5120,
    .attached_quota = "PoliciesPerGroup",
};
const struct iam_kind iam_roles = {
    .kind = DB_IDENTITY_ROLE,
    .noun = "role",
    .name_element = "RoleName",
    .id_prefix = "AROA",
    .name_max = 64,
    .count_max = 1000,
    .count_quota = "RolesPerAccount",
    .inline_max = 10240,
    .attached_quota = "PoliciesPerRole",
};
const struct iam_kind iam_policies = {
    .kind = DB_IDENTITY_POLICY,
    .noun = "policy",
    .name_element = "PolicyName",
    .id_prefix = "ANPA",
    .name_max = 128,
    .count_max = 1500,
    .count_quota = "PoliciesPerAccount",
};
const struct iam_kind iam_profiles = {
    .kind = DB_IDENTITY_PROFILE,
    .noun = "instance profile",
    .name_element = "InstanceProfileName",
    .id_prefix = "AIPA",
    .name_max = 128,
    .count_max = 1000,
    .count_quota = "InstanceProfilesPerAccount",
};
const struct iam_kind iam_providers = {
    .kind = DB_IDENTITY_PROVIDER,
    .noun = "OpenIDConnect provider",
    .id_prefix = "",
    .count_max = 100,
    .count_quota = "OpenIdConnectProvidersPerAccount",
};

/* --- tasks --- */

enum { MEMBERS_MAX = 12 };

const struct error *iam_task_begin(struct iam_task *task, struct iam_call *call,
                                   const struct iam_kind *kind, const struct query_member *members,
                                   size_t count, unsigned lists)
{
    struct query_member all[MEMBERS_MAX] = {
        IAM_NAME(name, kind->name_element, QUERY_REQUIRED, kind->name_max)};
    CHECK(count < MEMBERS_MAX);
    for (size_t i = 0; i < count; i++)
        all[i + 1] = members[i];
    task->call = call;
    task->kind = kind;
    return iam_input_read(call, all, count + 1, lists, &task->input);
}

const struct error *iam_task_look(struct iam_task *task, iam_look *look)
{
    return iam_directory_look(task->call->iam->directory, look, task);
}

const struct error *iam_task_change(struct iam_task *task, iam_decide *decide)
{
    return iam_directory_change(task->call->iam->directory, task->call->arena, decide, task);
}

const struct error *iam_task_find(const struct iam_task *task,
                                  const struct iam_directory *directory,
                                  struct iam_entity **ret_entity)
{
    struct iam_entity *entity = iam_find_name(directory, task->kind->kind, task->input.name);
    if (entity == NULL)
        return iam_no_such(task->call->arena, task->kind, task->input.name);
    *ret_entity = entity;
    return NULL;
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
