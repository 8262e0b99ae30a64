/* Attach, Detach and List of managed policies: AttachUserPolicy, DetachGroupPolicy,
 * ListAttachedRolePolicies and the like; ListEntitiesForPolicy. */

#include "iam/boundary.h"
#include "iam/element.h"
#include "iam/page.h"

static const struct query_member policy_arn[] = {IAM_POLICY_ARN};

/* --- Attach --- */

static const struct error *attach_policy(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct arena *arena = task->call->arena;
    struct slice arn = task->input.policy_arn;
    struct iam_entity *entity;
    const struct error *error = iam_check_policy_arn(arena, arn);
    if (error == NULL)
        error = iam_task_find(task, change->directory, &entity);
    if (error != NULL)
        return error;
    if (iam_find_policy(change->directory, arn) == NULL)
        return error_make(arena, ERROR_NO_SUCH_ENTITY,
                          "Policy %.*s does not exist or is not attachable.", SLICE_PRINT(arn));
    struct db_identity record = entity->record;
    size_t count = record.attached_count;
    if (iam_find_text(record.attached, count, arn) < count)
        return NULL;
    if (count >= IAM_ATTACHED_MAX)
        return iam_over_quota(arena, task->kind->attached_quota, IAM_ATTACHED_MAX);
    struct db_identity_text attached[IAM_ATTACHED_MAX];
    for (size_t i = 0; i < count; i++)
        attached[i] = record.attached[i];
    attached[count].text = arn;
    record.attached = attached;
    record.attached_count++;
    return iam_change_put(change, &record, NULL);
}

static const struct error *attach(struct iam_call *call, const struct iam_kind *kind)
{
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, kind, policy_arn, COUNT_OF(policy_arn), 0);
    return error != NULL ? error : iam_task_change(&task, attach_policy);
}

const struct error *iam_attach_user_policy(struct iam_call *call)
{
    return attach(call, &iam_users);
}

const struct error *iam_attach_group_policy(struct iam_call *call)
{
    return attach(call, &iam_groups);
}

const struct error *iam_attach_role_policy(struct iam_call *call)
{
    return attach(call, &iam_roles);
}

/* --- Detach --- */

static const struct error *detach_policy(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct slice arn = task->input.policy_arn;
    struct iam_entity *entity;
    const struct error *error = iam_check_policy_arn(task->call->arena, arn);
    if (error == NULL)
        error = iam_task_find(task, change->directory, &entity);
    if (error != NULL)
        return error;
    struct db_identity record = entity->record;
    if (iam_find_text(record.attached, record.attached_count, arn) == record.attached_count)
        return error_make(task->call->arena, ERROR_NO_SUCH_ENTITY, "Policy %.*s was not found.",
                          SLICE_PRINT(arn));
    struct db_identity_text *attached =
        ARENA_NEW_ARRAY(task->call->arena, struct db_identity_text, record.attached_count);
    if (attached == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < record.attached_count; i++) {
        if (!slice_equal(record.attached[i].text, arn))
            attached[count++] = record.attached[i];
    }
    record.attached = attached;
    record.attached_count = count;
    return iam_change_put(change, &record, NULL);
}

static const struct error *detach(struct iam_call *call, const struct iam_kind *kind)
{
    struct iam_task task;
    const struct error *error =
        iam_task_begin(&task, call, kind, policy_arn, COUNT_OF(policy_arn), 0);
    return error != NULL ? error : iam_task_change(&task, detach_policy);
}

const struct error *iam_detach_user_policy(struct iam_call *call)
{
    return detach(call, &iam_users);
}

const struct error *iam_detach_group_policy(struct iam_call *call)
{
    return detach(call, &iam_groups);
}

const struct error *iam_detach_role_policy(struct iam_call *call)
{
    return detach(call, &iam_roles);
}

/* --- List --- */

static const struct error *list_attached(void *context, struct iam_directory *directory)
{
    struct iam_task *task = context;
    struct xml_writer *out = task->call->out;
    struct iam_entity *entity;
    struct iam_page page;
    const struct error *error = iam_task_find(task, directory, &entity);
    if (error == NULL)
        error = iam_page_begin(task->call, &task->input, &page);
    if (error != NULL)
        return error;
    xml_begin(out, "AttachedPolicies");
    for (size_t i = 0; i < entity->record.attached_count; i++) {
        const struct iam_entity *policy =
            iam_find_policy(directory, entity->record.attached[i].text);
        if (policy == NULL || !iam_has_path(policy, task->input.path_prefix) ||
            !iam_page_takes_position(&page, i))
            continue;
        xml_begin(out, "member");
        iam_write_attached(out, policy);
        xml_end(out, "member");
    }
    xml_end(out, "AttachedPolicies");
    iam_page_end(&page, out);
    return NULL;
}

static const struct error *list(struct iam_call *call, const struct iam_kind *kind)
{
    static const struct query_member members[] = {
        IAM_TEXT(path_prefix, "PathPrefix", QUERY_OPTIONAL, 1, 512, &iam_pattern_policy_path),
        IAM_PAGE,
    };
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, kind, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_look(&task, list_attached);
}

const struct error *iam_list_attached_user_policies(struct iam_call *call)
{
    return list(call, &iam_users);
}

const struct error *iam_list_attached_group_policies(struct iam_call *call)
{
    return list(call, &iam_groups);
}

const struct error *iam_list_attached_role_policies(struct iam_call *call)
{
    return list(call, &iam_roles);
}

/* --- ListEntitiesForPolicy --- */

/* The three lists of the answer, in its order; markers begin with their letter. */
static const struct {
    const struct iam_kind *kind;
    const char *filter; /* EntityFilter */
    const char *list;
    const char *id_element;
    char letter;
} holders[] = {
    {&iam_groups, "Group", "PolicyGroups", "GroupId", 'a'},
    {&iam_users, "User", "PolicyUsers", "UserId", 'b'},
    {&iam_roles, "Role", "PolicyRoles", "RoleId", 'c'},
};

static bool has_policy(const struct db_identity *record, const struct iam_input *input)
{
    bool as_policy = !slice_equal(input->usage, SLICE("PermissionsBoundary"));
    bool as_boundary = !slice_equal(input->usage, SLICE("PermissionsPolicy"));
    return (as_policy && iam_find_text(record->attached, record->attached_count,
                                       input->policy_arn) < record->attached_count) ||
           (as_boundary && slice_present(record->boundary) &&
            slice_equal(record->boundary, input->policy_arn));
}

static void write_holders(struct iam_task *task, const struct iam_directory *directory,
                          struct iam_page *page, size_t at)
{
    const struct iam_input *input = &task->input;
    struct xml_writer *out = task->call->out;
    const struct iam_index *index = &directory->by_name[holders[at].kind->kind];
    bool is_asked_for = !slice_present(input->filter) ||
                        slice_equal(input->filter, slice_of_cstring(holders[at].filter));
    xml_begin(out, holders[at].list);
    for (size_t i = 0; is_asked_for && i < index->count; i++) {
        const struct iam_entity *entity = index->entries[i].entity;
        if (!has_policy(&entity->record, input) || !iam_has_path(entity, input->path_prefix) ||
            !iam_page_takes_in(page, holders[at].letter, entity->folded))
            continue;
        xml_begin(out, "member");
        xml_text(out, holders[at].kind->name_element, entity->record.name);
        xml_text(out, holders[at].id_element, entity->record.id);
        xml_end(out, "member");
    }
    xml_end(out, holders[at].list);
}

static const struct error *list_entities(void *context, struct iam_directory *directory)
{
    struct iam_task *task = context;
    struct iam_page page;
    const struct error *error = iam_check_policy_arn(task->call->arena, task->input.policy_arn);
    if (error == NULL)
        error = iam_page_begin(task->call, &task->input, &page);
    if (error != NULL)
        return error;
    if (iam_find_policy(directory, task->input.policy_arn) == NULL)
        return error_make(task->call->arena, ERROR_NO_SUCH_ENTITY, "Policy %.*s was not found.",
                          SLICE_PRINT(task->input.policy_arn));
    for (size_t i = 0; i < COUNT_OF(holders); i++)
        write_holders(task, directory, &page, i);
    iam_page_end(&page, task->call->out);
    return NULL;
}

const struct error *iam_list_entities_for_policy(struct iam_call *call)
{
    static const struct query_member members[] = {
        IAM_POLICY_ARN,
        QUERY_WORD_MEMBER(struct iam_input, filter, "EntityFilter", QUERY_OPTIONAL,
                          "User|Role|Group|LocalManagedPolicy|AWSManagedPolicy"),
        IAM_TEXT(path_prefix, "PathPrefix", QUERY_OPTIONAL, 1, 512, &iam_pattern_path),
        QUERY_WORD_MEMBER(struct iam_input, usage, "PolicyUsageFilter", QUERY_OPTIONAL,
                          "PermissionsPolicy|PermissionsBoundary"),
        IAM_PAGE,
    };
    struct iam_task task = {.call = call};
    const struct error *error = iam_input_read(call, members, COUNT_OF(members), 0, &task.input);
    return error != NULL ? error : iam_task_look(&task, list_entities);
}
