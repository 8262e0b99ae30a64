#include "iam/identity_resource.h"

#include "iam/action.h"
#include "iam/resource.h"

struct slice iam_arn_of(const struct iam_call *call, const struct iam_kind *kind, struct slice path,
                        struct slice name)
{
    return iam_make_arn(call->arena, call->iam->account, kind->kind, path, name);
}

/* --- identities that are there --- */

struct search {
    struct iam_call *call;
    enum db_identity_kind kind;
    struct slice name; /* or */
    struct slice id;   /* or */
    struct slice arn;
    bool found;
};

static struct iam_entity *find(const struct iam_directory *directory, const struct search *search)
{
    if (slice_present(search->name))
        return iam_find_name(directory, search->kind, search->name);
    if (slice_present(search->id))
        return iam_find_id(directory, search->id);
    struct iam_entity *entity = iam_find_arn(directory, search->arn);
    return entity != NULL && entity->record.kind == search->kind ? entity : NULL;
}

static const struct error *take_resource(void *context, struct iam_directory *directory)
{
    struct search *search = context;
    struct iam_call *call = search->call;
    const struct iam_entity *entity = find(directory, search);
    search->found = entity != NULL;
    if (entity == NULL)
        return NULL;
    const struct db_identity *record = &entity->record;
    struct auth_tag *tags = ARENA_NEW_ARRAY(call->arena, struct auth_tag, record->tag_count);
    if (tags == NULL || !arena_copy(call->arena, entity->arn, &call->resource))
        return error_exhausted();
    for (size_t i = 0; i < record->tag_count; i++) {
        if (!arena_copy(call->arena, record->tags[i].key, &tags[i].key) ||
            !arena_copy(call->arena, record->tags[i].value, &tags[i].value))
            return error_exhausted();
    }
    call->resource_tags = tags;
    call->resource_tag_count = record->tag_count;
    if (slice_present(record->boundary) &&
        !arena_copy(call->arena, record->boundary, &call->resource_boundary))
        return error_exhausted();
    return NULL;
}

static struct slice parameter(const struct iam_call *call, const char *name)
{
    return http_form_value(call->form, slice_of_cstring(name));
}

/* Messages call identities by kind and name (observed in public logs). */
static const struct error *take_words(struct iam_call *call, const char *noun, struct slice name)
{
    struct buf words;
    buf_init(&words, call->arena, IAM_ENTITY_BYTES_MAX);
    buf_append_format(&words, "%s ", noun);
    buf_append(&words, name);
    call->resource_words = buf_slice(&words);
    return words.failed ? error_exhausted() : NULL;
}

/* Of that kind and name. One that is not there has the ARN that it would have without a path; what
 * has no name at all is refused later, for that. */
static const struct error *about(struct iam_call *call, const struct iam_kind *kind)
{
    struct search search = {
        .call = call, .kind = kind->kind, .name = parameter(call, kind->name_element)};
    if (!slice_present(search.name))
        search.name = SLICE("");
    const struct error *error = iam_directory_look(call->iam->directory, take_resource, &search);
    if (error == NULL)
        error = take_words(call, kind->noun, search.name);
    if (error != NULL || search.found)
        return error;
    call->resource = iam_arn_of(call, kind, SLICE_ABSENT, search.name);
    return slice_present(call->resource) ? NULL : error_exhausted();
}

const struct error *iam_resource_named(struct iam_call *call)
{
    return about(call, call->action->kind);
}

/* Of actions that are about a user as well. */
const struct error *iam_resource_group(struct iam_call *call)
{
    return about(call, &iam_groups);
}

const struct error *iam_resource_own_user(struct iam_call *call)
{
    if (slice_present(parameter(call, "UserName")) || call->principal == NULL)
        return about(call, &iam_users);
    bool is_user = call->principal->kind == AUTH_USER;
    struct search search = {
        .call = call,
        .kind = DB_IDENTITY_USER,
        .id = is_user ? call->principal->user_id : call->iam->account,
    };
    const struct error *error = iam_directory_look(call->iam->directory, take_resource, &search);
    return error != NULL || !is_user ? error : take_words(call, "user", call->principal->user_name);
}

/* By ARN; one that is not there is what the parameter says it is. */
const struct error *iam_resource_by_arn(struct iam_call *call)
{
    const struct iam_kind *kind = call->action->kind;
    struct search search = {
        .call = call, .kind = kind->kind, .arn = parameter(call, kind->naming->name)};
    if (!slice_present(search.arn))
        return iam_resource_any(call); /* refused later, for that */
    call->resource = search.arn;
    const struct error *error = iam_directory_look(call->iam->directory, take_resource, &search);
    return error != NULL || kind != &iam_policies ? error : take_words(call, "policy", search.arn);
}

/* --- identities that are to be made, and all of a kind --- */

/* Where it will be, whatever is there now. */
const struct error *iam_resource_new(struct iam_call *call)
{
    const struct iam_kind *kind = call->action->kind;
    struct slice name = parameter(call, kind->name_element);
    call->resource =
        iam_arn_of(call, kind, parameter(call, "Path"), slice_present(name) ? name : SLICE(""));
    return slice_present(call->resource) ? NULL : error_exhausted();
}

const struct error *iam_resource_new_provider(struct iam_call *call)
{
    struct slice url = parameter(call, "Url");
    static const struct slice scheme = SLICE_INIT("https://");
    if (slice_starts_with(url, scheme))
        url = slice_after(url, scheme.size);
    call->resource =
        iam_arn_of(call, &iam_providers, SLICE_ABSENT, slice_present(url) ? url : SLICE(""));
    return slice_present(call->resource) ? NULL : error_exhausted();
}

/* arn:aws:iam::A:user/ and the path prefix (observed in messages). */
const struct error *iam_resource_all(struct iam_call *call)
{
    call->resource = iam_arn_of(call, call->action->kind, parameter(call, "PathPrefix"), SLICE(""));
    return slice_present(call->resource) ? NULL : error_exhausted();
}
