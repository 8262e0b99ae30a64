/* Put, Get, Delete and List of inline policies: PutUserPolicy, GetGroupPolicy, ListRolePolicies and
 * the like. */

#include "iam/listing.h"

static const struct error *no_such_policy(const struct iam_task *task)
{
    return error_make(task->call->arena, ERROR_NO_SUCH_ENTITY,
                      "The %s policy with name %.*s cannot be found.", task->kind->noun,
                      SLICE_PRINT(task->input.policy_name));
}

/* --- Put --- */

static const struct error *check_sizes(const struct iam_task *task,
                                       const struct db_identity *record)
{
    size_t characters = 0;
    for (size_t i = 0; i < record->inline_count; i++)
        characters += iam_characters(record->inline_policies[i].document);
    if (characters <= task->kind->inline_max)
        return NULL;
    return error_make(task->call->arena, ERROR_IDENTITY_LIMIT_EXCEEDED,
                      "Maximum policy size of %zu bytes exceeded for %s %.*s",
                      task->kind->inline_max, task->kind->noun, SLICE_PRINT(record->name));
}

static const struct error *put_policy(const struct iam_task *task,
                                      const struct iam_directory *directory,
                                      struct db_identity *record)
{
    (void)directory;
    size_t at = iam_find_inline(record, task->input.policy_name);
    struct db_identity_document *policies =
        ARENA_NEW_ARRAY(task->call->arena, struct db_identity_document, record->inline_count + 1);
    if (policies == NULL)
        return error_exhausted();
    for (size_t i = 0; i < record->inline_count; i++)
        policies[i] = record->inline_policies[i];
    policies[at] = (struct db_identity_document){task->input.policy_name, task->input.document};
    record->inline_count += at == record->inline_count;
    record->inline_policies = policies;
    return check_sizes(task, record);
}

const struct error *iam_put_inline_policy(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_POLICY_NAME, IAM_DOCUMENT("PolicyDocument")};
    return iam_task_edit(call, members, COUNT_OF(members), 0, put_policy);
}

/* --- Get --- */

static const struct error *get_policy(void *context, struct iam_directory *directory)
{
    struct iam_task *task = context;
    struct xml_writer *out = task->call->out;
    struct iam_entity *entity;
    const struct error *error = iam_task_find(task, directory, &entity);
    if (error != NULL)
        return error;
    size_t at = iam_find_inline(&entity->record, task->input.policy_name);
    if (at == entity->record.inline_count)
        return no_such_policy(task);
    xml_text(out, task->kind->name_element, entity->record.name);
    xml_text(out, "PolicyName", entity->record.inline_policies[at].name);
    iam_write_document(out, "PolicyDocument", entity->record.inline_policies[at].document);
    return NULL;
}

const struct error *iam_get_inline_policy(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_POLICY_NAME};
    return iam_task_look(call, members, COUNT_OF(members), 0, get_policy);
}

/* --- Delete --- */

static const struct error *delete_policy(const struct iam_task *task,
                                         const struct iam_directory *directory,
                                         struct db_identity *record)
{
    (void)directory;
    size_t at = iam_find_inline(record, task->input.policy_name);
    if (at == record->inline_count)
        return no_such_policy(task);
    struct db_identity_document *policies =
        ARENA_NEW_ARRAY(task->call->arena, struct db_identity_document, record->inline_count);
    if (policies == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < record->inline_count; i++) {
        if (i != at)
            policies[count++] = record->inline_policies[i];
    }
    record->inline_policies = policies;
    record->inline_count = count;
    return NULL;
}

const struct error *iam_delete_inline_policy(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_POLICY_NAME};
    return iam_task_edit(call, members, COUNT_OF(members), 0, delete_policy);
}

/* --- List --- */

static void write_name(struct xml_writer *out, const struct iam_directory *directory,
                       const struct iam_entity *entity, size_t at)
{
    (void)directory;
    xml_text(out, "member", entity->record.inline_policies[at].name);
}

static const struct error *list_policies(void *context, struct iam_directory *directory)
{
    struct iam_entity *entity;
    const struct error *error = iam_task_find(context, directory, &entity);
    if (error != NULL)
        return error;
    const struct iam_parts parts = {
        .list = "PolicyNames", .count = entity->record.inline_count, .write = write_name};
    return iam_parts_write(context, directory, entity, &parts);
}

const struct error *iam_list_inline_policies(struct iam_call *call)
{
    static const struct query_member members[] = {IAM_PAGE};
    return iam_task_look(call, members, COUNT_OF(members), 0, list_policies);
}
