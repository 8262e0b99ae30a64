/*
 * What a condition can know of a request to IAM or STS (Service Authorization Reference, "Actions,
 * resources, and condition keys" of IAM and STS). Keys are compared without regard to case.
 */

#include <stdio.h>

#include "auth/request_context.h"
#include "iam/action.h"

/*
 * Keys that are a parameter of the request, and the actions that take it. To others the parameter
 * says nothing: whoever sends it all the same must not satisfy a condition with it.
 */
static const struct {
    const char *key;
    const char *parameter;
    const char *actions; /* with a '|' between */
} parameters[] = {
    {"iam:PolicyARN", "PolicyArn",
     "AttachGroupPolicy|AttachRolePolicy|AttachUserPolicy|DetachGroupPolicy|DetachRolePolicy|"
     "DetachUserPolicy"},
    {"iam:PermissionsBoundary", "PermissionsBoundary",
     "CreateRole|CreateUser|PutRolePermissionsBoundary|PutUserPermissionsBoundary"},
    {"sts:ExternalId", "ExternalId", "AssumeRole"},
    {"sts:RoleSessionName", "RoleSessionName", "AssumeRole|AssumeRoleWithWebIdentity"},
    {"sts:SourceIdentity", "SourceIdentity", "AssumeRole"},
    {"sts:DurationSeconds", "DurationSeconds",
     "AssumeRole|AssumeRoleWithWebIdentity|GetFederationToken|GetSessionToken"},
};

#define TAGGING                                                                                    \
    "AssumeRole|CreateInstanceProfile|CreateOpenIDConnectProvider|CreatePolicy|CreateRole|"        \
    "CreateUser|GetFederationToken|TagInstanceProfile|TagOpenIDConnectProvider|TagPolicy|TagRole|" \
    "TagUser"
#define UNTAGGING "UntagInstanceProfile|UntagOpenIDConnectProvider|UntagPolicy|UntagRole|UntagUser"

/* Keys that are all members of a list of the request; its structs' member, or "" of a list of
 * texts. */
static const struct {
    const char *key;
    const char *list;
    const char *member;
    const char *actions;
} lists[] = {
    {"aws:TagKeys", "Tags.member.", ".Key", TAGGING},
    {"aws:TagKeys", "TagKeys.member.", "", UNTAGGING},
    {"sts:TransitiveTagKeys", "TransitiveTagKeys.member.", "", "AssumeRole"},
};

/* Prefixes of keys that go on with the key of a tag. */
static const char request_tag[] = "aws:RequestTag/";
static const char *const resource_tags[] = {"aws:ResourceTag/", "iam:ResourceTag/"};

enum { VALUES_MAX = 100 };

struct answer {
    struct arena *arena;
    struct slice *items;
    size_t count;
};

static void add(struct answer *answer, struct slice value)
{
    if (slice_present(value) && answer->count < VALUES_MAX)
        answer->items[answer->count++] = value;
}

/* Is what is asked one of these actions? */
static bool is_asked(const struct iam_call *call, const char *actions)
{
    size_t size = call->action == NULL ? 0 : strlen(call->action->name);
    while (size > 0 && *actions != '\0') {
        size_t end = strcspn(actions, "|");
        if (end == size && memcmp(actions, call->action->name, size) == 0)
            return true;
        actions += end + (actions[end] == '|');
    }
    return false;
}

/* Takes a prefix off; false when key does not begin so. */
static bool strip(struct slice key, const char *prefix, struct slice *ret_rest)
{
    size_t size = strlen(prefix);
    if (key.size <= size || !http_name_equal(slice_of(key.data, size), slice_of(prefix, size)))
        return false;
    *ret_rest = slice_after(key, size);
    return true;
}

/* Is name "Tags.member.<digits>.Key"? The digits then, as query_read_list writes numbers: there is
 * no other spelling of them. */
static bool is_list_member(struct slice name, struct slice list, struct slice member,
                           struct slice *ret_index)
{
    if (!slice_starts_with(name, list))
        return false;
    struct slice rest = slice_after(name, list.size);
    size_t digits = 0;
    while (digits < rest.size && rest.data[digits] >= '0' && rest.data[digits] <= '9')
        digits++;
    if (digits == 0 || rest.data[0] == '0' || !slice_equal(slice_after(rest, digits), member))
        return false;
    *ret_index = slice_of(rest.data, digits);
    return true;
}

/* Of parameters with one name the first is meant. */
static bool is_meant(const struct http_form *form, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (slice_equal(form->pairs[i].name, form->pairs[at].name))
            return false;
    }
    return true;
}

static void add_list(struct answer *answer, const struct http_form *form, const char *list,
                     const char *member)
{
    for (size_t i = 0; i < form->count; i++) {
        struct slice index;
        if (is_list_member(form->pairs[i].name, slice_of_cstring(list), slice_of_cstring(member),
                           &index) &&
            is_meant(form, i))
            add(answer, form->pairs[i].value);
    }
}

static struct slice request_tag_value(const struct http_form *form, struct slice tag)
{
    for (size_t i = 0; i < form->count; i++) {
        struct slice index;
        char name[64];
        if (!is_list_member(form->pairs[i].name, SLICE("Tags.member."), SLICE(".Key"), &index) ||
            !http_name_equal(form->pairs[i].value, tag) || index.size > 20 || !is_meant(form, i))
            continue;
        int size = snprintf(name, sizeof(name), "Tags.member.%.*s.Value", SLICE_PRINT(index));
        return http_form_value(form, slice_of(name, (size_t)size));
    }
    return SLICE_ABSENT;
}

static struct slice tag_value(const struct auth_tag *tags, size_t count, struct slice key)
{
    for (size_t i = 0; i < count; i++) {
        if (http_name_equal(tags[i].key, key))
            return tags[i].value;
    }
    return SLICE_ABSENT;
}

static void add_parameters(struct answer *answer, const struct iam_call *call, struct slice key)
{
    for (size_t i = 0; i < COUNT_OF(parameters); i++) {
        if (http_name_equal(key, slice_of_cstring(parameters[i].key)) &&
            is_asked(call, parameters[i].actions))
            add(answer, http_form_value(call->form, slice_of_cstring(parameters[i].parameter)));
    }
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        if (http_name_equal(key, slice_of_cstring(lists[i].key)) &&
            is_asked(call, lists[i].actions))
            add_list(answer, call->form, lists[i].list, lists[i].member);
    }
    if (answer->count == 0 && http_name_equal(key, SLICE("iam:PermissionsBoundary")))
        add(answer, call->resource_boundary);
}

static void add_tags(struct answer *answer, const struct iam_call *call, struct slice key)
{
    struct slice tag;
    if (strip(key, request_tag, &tag) && is_asked(call, TAGGING))
        add(answer, request_tag_value(call->form, tag));
    for (size_t i = 0; i < COUNT_OF(resource_tags); i++) {
        if (strip(key, resource_tags[i], &tag))
            add(answer, tag_value(call->resource_tags, call->resource_tag_count, tag));
    }
}

const struct error *iam_look_up(void *context, struct arena *arena, struct slice key,
                                struct auth_values *ret_values, bool *ret_present)
{
    struct answer answer = {.arena = arena};
    answer.items = ARENA_NEW_ARRAY(arena, struct slice, VALUES_MAX);
    if (answer.items == NULL)
        return error_exhausted();
    add_parameters(&answer, context, key);
    add_tags(&answer, context, key);
    *ret_present = answer.count > 0;
    if (answer.count > 0) {
        *ret_values = (struct auth_values){answer.items, answer.count};
        return NULL;
    }
    const struct iam_call *call = context;
    struct auth_request_context request = {
        .request = call->request,
        .now_ms = call->now_ms,
        .region = call->identity->region,
        .account = call->iam->account,
    };
    return auth_request_context_look_up(&request, arena, key, ret_values, ret_present);
}
