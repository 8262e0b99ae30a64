/* Put, Get, Delete and List of inline policies: PutUserPolicy, GetGroupPolicy, ListRolePolicies and
 * the like. */

#include "iam/element.h"
#include "iam/kind.h"
#include "iam/page.h"

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

static const struct error *put_policy(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *entity;
    const struct error *error = iam_task_find(task, change->directory, &entity);
    if (error != NULL)
        return error;
    struct db_identity record = entity->record;
    size_t at = iam_find_inline(&record, task->input.policy_name);
    struct db_identity_document *policies =
        ARENA_NEW_ARRAY(task->call->arena, struct db_identity_document, record.inline_count + 1);
    if (policies == NULL)
        return error_exhausted();
    for (size_t i = 0; i < record.inline_count; i++)
        policies[i] = record.inline_policies[i];
    policies[at] = (struct db_identity_document){task->input.policy_name, task->input.document};
    record.inline_count += at == record.inline_count;
    record.inline_policies = policies;
    error = check_sizes(task, &record);
    return error != NULL ? error : iam_change_put(change, &record, NULL);
}

static const struct error *put(struct iam_call *call, const struct iam_kind *kind)
{
    static const struct query_member members[] = {IAM_POLICY_NAME, IAM_DOCUMENT("PolicyDocument")};
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, kind, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_change(&task, put_policy);
}

const struct error *iam_put_user_policy(struct iam_call *call)
{
    return put(call, &iam_users);
}

const struct error *iam_put_group_policy(struct iam_call *call)
{
    return put(call, &iam_groups);
}

const struct error *iam_put_role_policy(struct iam_call *call)
{
    return put(call, &iam_roles);
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

static const struct error *get(struct iam_call *call, const struct iam_kind *kind)
{
    static const struct query_member members[] = {IAM_POLICY_NAME};
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, kind, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_look(&task, get_policy);
}

const struct error *iam_get_user_policy(struct iam_call *call)
{
    return get(call, &iam_users);
}

const struct error *iam_get_group_policy(struct iam_call *call)
{
    return get(call, &iam_groups);
}

const struct error *iam_get_role_policy(struct iam_call *call)
{
    return get(call, &iam_roles);
}

/* --- Delete --- */

static const struct error *delete_policy(void *context, struct iam_change *change)
{
    struct iam_task *task = context;
    struct iam_entity *entity;
    const struct error *error = iam_task_find(task, change->directory, &entity);
    if (error != NULL)
        return error;
    struct db_identity record = entity->record;
    size_t at = iam_find_inline(&record, task->input.policy_name);
    if (at == record.inline_count)
        return no_such_policy(task);
    struct db_identity_document *policies =
        ARENA_NEW_ARRAY(task->call->arena, struct db_identity_document, record.inline_count);
    if (policies == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < record.inline_count; i++) {
        if (i != at)
            policies[count++] = record.inline_policies[i];
    }
    record.inline_policies = policies;
    record.inline_count = count;
    return iam_change_put(change, &record, NULL);
}

static const struct error *take_away(struct iam_call *call, const struct iam_kind *kind)
{
    static const struct query_member members[] = {IAM_POLICY_NAME};
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, kind, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_change(&task, delete_policy);
}

const struct error *iam_delete_user_policy(struct iam_call *call)
{
    return take_away(call, &iam_users);
}

const struct error *iam_delete_group_policy(struct iam_call *call)
{
    return take_away(call, &iam_groups);
}

const struct error *iam_delete_role_policy(struct iam_call *call)
{
    return take_away(call, &iam_roles);
}

/* --- List --- */

static const struct error *list_policies(void *context, struct iam_directory *directory)
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
    xml_begin(out, "PolicyNames");
    for (size_t i = 0; i < entity->record.inline_count; i++) {
        if (iam_page_takes_position(&page, i))
            xml_text(out, "member", entity->record.inline_policies[i].name);
    }
    xml_end(out, "PolicyNames");
    iam_page_end(&page, out);
    return NULL;
}

static const struct error *list(struct iam_call *call, const struct iam_kind *kind)
{
    static const struct query_member members[] = {IAM_PAGE};
    struct iam_task task;
    const struct error *error = iam_task_begin(&task, call, kind, members, COUNT_OF(members), 0);
    return error != NULL ? error : iam_task_look(&task, list_policies);
}

const struct error *iam_list_user_policies(struct iam_call *call)
{
    return list(call, &iam_users);
}

const struct error *iam_list_group_policies(struct iam_call *call)
{
    return list(call, &iam_groups);
}

const struct error *iam_list_role_policies(struct iam_call *call)
{
    return list(call, &iam_roles);
}
