/* Tag, Untag and List of tags: TagUser, UntagRole, ListPolicyTags and the like. */

#include "iam/element.h"
#include "iam/page.h"
#include "iam/policy_task.h"
#include "iam/provider_task.h"
#include "iam/tags.h"

/* Which identity: by name, or of policies and providers by ARN. */
struct taggable {
    const struct iam_kind *kind;
    const struct query_member *member;
    const struct error *(*find)(const struct iam_task *task, const struct iam_directory *directory,
                                struct iam_entity **ret_entity);
    /* the same, when it is to be changed */
    const struct error *(*find_own)(const struct iam_task *task,
                                    const struct iam_directory *directory,
                                    struct iam_entity **ret_entity);
};

#define NAMED(element, largest)                                                                    \
    static const struct query_member element##_member =                                            \
        IAM_NAME(name, #element, QUERY_REQUIRED, largest)
NAMED(UserName, 128);
NAMED(RoleName, 64);
NAMED(InstanceProfileName, 128);

static const struct taggable users = {&iam_users, &UserName_member, iam_task_find, iam_task_find};
static const struct taggable roles = {&iam_roles, &RoleName_member, iam_task_find, iam_task_find};
static const struct taggable profiles = {&iam_profiles, &InstanceProfileName_member, iam_task_find,
                                         iam_task_find};
static const struct taggable policies = {&iam_policies, &iam_policy_arn_member, iam_policy_find,
                                         iam_policy_find_own};
static const struct taggable providers = {&iam_providers, &iam_provider_arn_member,
                                          iam_provider_find, iam_provider_find};

struct tagging {
    struct iam_task task; /* first */
    const struct taggable *taggable;
};

/* --- Tag, Untag --- */

static const struct error *tag_entity(void *context, struct iam_change *change)
{
    struct tagging *tagging = context;
    struct iam_entity *entity;
    const struct error *error =
        tagging->taggable->find_own(&tagging->task, change->directory, &entity);
    if (error != NULL)
        return error;
    struct db_identity record = entity->record;
    error = iam_tags_add(&tagging->task, &record);
    return error != NULL ? error : iam_change_put(change, &record, NULL);
}

static const struct error *untag_entity(void *context, struct iam_change *change)
{
    struct tagging *tagging = context;
    struct iam_entity *entity;
    const struct error *error =
        tagging->taggable->find_own(&tagging->task, change->directory, &entity);
    if (error != NULL)
        return error;
    struct db_identity record = entity->record;
    error = iam_tags_remove(&tagging->task, &record);
    return error != NULL ? error : iam_change_put(change, &record, NULL);
}

static const struct error *change_tags(struct iam_call *call, const struct taggable *taggable,
                                       unsigned lists, iam_decide *decide)
{
    struct tagging tagging = {.task = {.call = call, .kind = taggable->kind}, .taggable = taggable};
    const struct error *error =
        iam_input_read(call, taggable->member, 1, lists, &tagging.task.input);
    return error != NULL ? error : iam_task_change(&tagging.task, decide);
}

static const struct error *tag(struct iam_call *call, const struct taggable *taggable)
{
    return change_tags(call, taggable, IAM_TAKES_TAGS, tag_entity);
}

static const struct error *untag(struct iam_call *call, const struct taggable *taggable)
{
    return change_tags(call, taggable, IAM_TAKES_TAG_KEYS, untag_entity);
}

/* --- List --- */

static const struct error *list_tags(void *context, struct iam_directory *directory)
{
    struct tagging *tagging = context;
    struct xml_writer *out = tagging->task.call->out;
    struct iam_entity *entity;
    struct iam_page page;
    const struct error *error = tagging->taggable->find(&tagging->task, directory, &entity);
    if (error == NULL)
        error = iam_page_begin(tagging->task.call, &tagging->task.input, &page);
    if (error != NULL)
        return error;
    xml_begin(out, "Tags");
    for (size_t i = 0; i < entity->record.tag_count; i++) {
        if (!iam_page_takes_position(&page, i))
            continue;
        xml_begin(out, "member");
        xml_text(out, "Key", entity->record.tags[i].key);
        xml_text(out, "Value", entity->record.tags[i].value);
        xml_end(out, "member");
    }
    xml_end(out, "Tags");
    iam_page_end(&page, out);
    return NULL;
}

static const struct error *list(struct iam_call *call, const struct taggable *taggable)
{
    const struct query_member members[] = {*taggable->member, IAM_PAGE};
    struct tagging tagging = {.task = {.call = call, .kind = taggable->kind}, .taggable = taggable};
    const struct error *error =
        iam_input_read(call, members, COUNT_OF(members), 0, &tagging.task.input);
    return error != NULL ? error : iam_task_look(&tagging.task, list_tags);
}

/* --- the actions --- */

const struct error *iam_tag_user(struct iam_call *call)
{
    return tag(call, &users);
}

const struct error *iam_untag_user(struct iam_call *call)
{
    return untag(call, &users);
}

const struct error *iam_list_user_tags(struct iam_call *call)
{
    return list(call, &users);
}

const struct error *iam_tag_role(struct iam_call *call)
{
    return tag(call, &roles);
}

const struct error *iam_untag_role(struct iam_call *call)
{
    return untag(call, &roles);
}

const struct error *iam_list_role_tags(struct iam_call *call)
{
    return list(call, &roles);
}

const struct error *iam_tag_policy(struct iam_call *call)
{
    return tag(call, &policies);
}

const struct error *iam_untag_policy(struct iam_call *call)
{
    return untag(call, &policies);
}

const struct error *iam_list_policy_tags(struct iam_call *call)
{
    return list(call, &policies);
}

const struct error *iam_tag_instance_profile(struct iam_call *call)
{
    return tag(call, &profiles);
}

const struct error *iam_untag_instance_profile(struct iam_call *call)
{
    return untag(call, &profiles);
}

const struct error *iam_list_instance_profile_tags(struct iam_call *call)
{
    return list(call, &profiles);
}

const struct error *iam_tag_openid_connect_provider(struct iam_call *call)
{
    return tag(call, &providers);
}

const struct error *iam_untag_openid_connect_provider(struct iam_call *call)
{
    return untag(call, &providers);
}

const struct error *iam_list_openid_connect_provider_tags(struct iam_call *call)
{
    return list(call, &providers);
}
