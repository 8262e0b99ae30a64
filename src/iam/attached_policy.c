/* Attach, Detach and List of managed policies: AttachUserPolicy, DetachGroupPolicy,
 * ListAttachedRolePolicies and the like; ListEntitiesForPolicy. */

#include "iam/boundary.h"
#include "iam/listing.h"
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

const struct error *iam_attach_policy(struct iam_call *call)
{
    return iam_task_change(call, policy_arn, COUNT_OF(policy_arn), 0, attach_policy);
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

const struct error *iam_detach_policy(struct iam_call *call)
{
    return iam_task_change(call, policy_arn, COUNT_OF(policy_arn), 0, detach_policy);
}

/* --- List --- */

static bool has_attached(const struct iam_task *task, const struct iam_directory *directory,
                         const struct iam_entity *entity, size_t at)
{
    const struct iam_entity *policy = iam_find_policy(directory, entity->record.attached[at].text);
    return policy != NULL && iam_has_path(policy, task->input.path_prefix);
}

static void write_attached(struct xml_writer *out, const struct iam_directory *directory,
                           const struct iam_entity *entity, size_t at)
{
    xml_begin(out, "member");
    iam_write_attached(out, iam_find_policy(directory, entity->record.attached[at].text));
    xml_end(out, "member");
}

static const struct error *list_attached(void *context, struct iam_directory *directory)
{
    struct iam_entity *entity;
    const struct error *error = iam_task_find(context, directory, &entity);
    if (error != NULL)
        return error;
    const struct iam_parts parts = {
        .list = "AttachedPolicies",
        .count = entity->record.attached_count,
        .has = has_attached,
        .write = write_attached,
    };
    return iam_parts_write(context, directory, entity, &parts);
}

const struct error *iam_list_attached_policies(struct iam_call *call)
{
    static const struct query_member members[] = {
        IAM_TEXT(path_prefix, "PathPrefix", QUERY_OPTIONAL, 1, 512, &iam_pattern_policy_path),
        IAM_PAGE,
    };
    return iam_task_look(call, members, COUNT_OF(members), 0, list_attached);
}

/* --- ListEntitiesForPolicy --- */

/* The three lists of the answer, in its order; markers begin with their letter. */
static const struct {
    const struct iam_kind *kind;
    const char *list;
    char letter;
} holders[] = {
    {&iam_groups, "PolicyGroups", 'a'},
    {&iam_users, "PolicyUsers", 'b'},
    {&iam_roles, "PolicyRoles", 'c'},
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
    const struct iam_kind *kind = holders[at].kind;
    const struct iam_index *index = &directory->by_name[kind->kind];
    bool is_asked_for = !slice_present(input->filter) ||
                        slice_equal(input->filter, slice_of_cstring(kind->element));
    xml_begin(out, holders[at].list);
    for (size_t i = 0; is_asked_for && i < index->count; i++) {
        const struct iam_entity *entity = index->entries[i].entity;
        if (!has_policy(&entity->record, input) || !iam_has_path(entity, input->path_prefix) ||
            !iam_page_takes_in(page, holders[at].letter, entity->folded))
            continue;
        xml_begin(out, "member");
        xml_text(out, kind->name_element, entity->record.name);
        xml_text(out, kind->id_element, entity->record.id);
        xml_end(out, "member");
    }
    xml_end(out, holders[at].list);
}

static const struct error *list_entities(void *context, struct iam_directory *directory)
{
    struct iam_task *task = context;
    struct iam_entity *policy;
    struct iam_page page;
    const struct error *error = iam_check_policy_arn(task->call->arena, task->input.policy_arn);
    if (error == NULL)
        error = iam_page_begin(task->call, &task->input, &page);
    if (error == NULL)
        error = iam_task_find(task, directory, &policy);
    if (error != NULL)
        return error;
    for (size_t i = 0; i < COUNT_OF(holders); i++)
        write_holders(task, directory, &page, i);
    iam_page_end(&page, task->call->out);
    return NULL;
}

const struct error *iam_list_entities_for_policy(struct iam_call *call)
{
    static const struct query_member members[] = {
        QUERY_WORD_MEMBER(struct iam_input, filter, "EntityFilter", QUERY_OPTIONAL,
                          "User|Role|Group|LocalManagedPolicy|AWSManagedPolicy"),
        IAM_TEXT(path_prefix, "PathPrefix", QUERY_OPTIONAL, 1, 512, &iam_pattern_path),
        QUERY_WORD_MEMBER(struct iam_input, usage, "PolicyUsageFilter", QUERY_OPTIONAL,
                          "PermissionsPolicy|PermissionsBoundary"),
        IAM_PAGE,
    };
    return iam_task_look(call, members, COUNT_OF(members), 0, list_entities);
}
