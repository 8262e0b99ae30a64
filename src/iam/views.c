/* What STS asks of the directory: copies, made while nothing changes. */

#include "iam/change.h"

struct question {
    struct arena *arena;
    struct slice text;
    void *answer; /* what is asked for */
    bool found;
};

static bool copy_all(struct arena *arena, const struct slice *from, struct slice *const *to,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!arena_copy(arena, from[i], to[i]))
            return false;
    }
    return true;
}

static bool copy_tags(struct arena *arena, const struct db_identity *record,
                      const struct auth_tag **ret_tags)
{
    struct auth_tag *tags = ARENA_NEW_ARRAY(arena, struct auth_tag, record->tag_count);
    for (size_t i = 0; tags != NULL && i < record->tag_count; i++) {
        if (!arena_copy(arena, record->tags[i].key, &tags[i].key) ||
            !arena_copy(arena, record->tags[i].value, &tags[i].value))
            return false;
    }
    *ret_tags = tags;
    return tags != NULL;
}

static const struct error *look_role(void *context, struct iam_directory *directory)
{
    struct question *question = context;
    struct arena *arena = question->arena;
    struct iam_entity *entity = iam_find_arn(directory, question->text);
    question->found = entity != NULL && entity->record.kind == DB_IDENTITY_ROLE;
    if (!question->found)
        return NULL;
    struct iam_role *role = question->answer;
    struct slice trust;
    const struct db_identity *record = &entity->record;
    const struct slice from[] = {record->id, entity->arn, record->name, record->path,
                                 record->trust};
    struct slice *const to[] = {&role->id, &role->arn, &role->name, &role->path, &trust};
    if (!copy_all(arena, from, to, COUNT_OF(from)) || !copy_tags(arena, record, &role->tags))
        return error_exhausted();
    role->tag_count = record->tag_count;
    role->max_session_seconds = (int64_t)record->max_session_seconds;
    return auth_policy_read(arena, AUTH_POLICY_TRUST, trust, &role->trust);
}

static const struct error *look_user(void *context, struct iam_directory *directory)
{
    struct question *question = context;
    struct iam_entity *entity = iam_find_id(directory, question->text);
    question->found = entity != NULL && entity->record.kind == DB_IDENTITY_USER;
    if (!question->found)
        return NULL;
    struct iam_user *user = question->answer;
    const struct db_identity *record = &entity->record;
    const struct slice from[] = {record->id, entity->arn, record->name, record->path};
    struct slice *const to[] = {&user->id, &user->arn, &user->name, &user->path};
    user->tag_count = record->tag_count;
    return copy_all(question->arena, from, to, COUNT_OF(from)) &&
                   copy_tags(question->arena, record, &user->tags)
               ? NULL
               : error_exhausted();
}

static const struct error *look_policy(void *context, struct iam_directory *directory)
{
    struct question *question = context;
    const struct iam_entity *entity = iam_find_policy(directory, question->text);
    question->found = entity != NULL;
    for (size_t i = 0; entity != NULL && i < entity->record.version_count; i++) {
        const struct db_identity_version *version = &entity->record.versions[i];
        if (version->number == entity->record.default_version)
            return arena_copy(question->arena, version->document, question->answer)
                       ? NULL
                       : error_exhausted();
    }
    return NULL;
}

static bool copy_texts(struct arena *arena, const struct db_identity_text *from, size_t count,
                       const struct slice **ret_texts)
{
    struct slice *texts = ARENA_NEW_ARRAY(arena, struct slice, count);
    for (size_t i = 0; texts != NULL && i < count; i++) {
        if (!arena_copy(arena, from[i].text, &texts[i]))
            return false;
    }
    *ret_texts = texts;
    return texts != NULL;
}

static const struct error *look_provider(void *context, struct iam_directory *directory)
{
    struct question *question = context;
    struct arena *arena = question->arena;
    struct iam_entity *entity = iam_find_name(directory, DB_IDENTITY_PROVIDER, question->text);
    question->found = entity != NULL;
    if (entity == NULL)
        return NULL;
    struct iam_provider *provider = question->answer;
    const struct db_identity *record = &entity->record;
    provider->client_id_count = record->client_id_count;
    provider->thumbprint_count = record->thumbprint_count;
    return arena_copy(arena, entity->arn, &provider->arn) &&
                   arena_copy(arena, record->name, &provider->url) &&
                   copy_texts(arena, record->client_ids, record->client_id_count,
                              &provider->client_ids) &&
                   copy_texts(arena, record->thumbprints, record->thumbprint_count,
                              &provider->thumbprints)
               ? NULL
               : error_exhausted();
}

const struct error *iam_directory_role(struct iam_directory *directory, struct arena *arena,
                                       struct slice arn, struct iam_role *ret_role, bool *ret_found)
{
    struct question question = {.arena = arena, .text = arn, .answer = ret_role};
    const struct error *error = iam_directory_look(directory, look_role, &question);
    if (error == NULL)
        *ret_found = question.found;
    return error;
}

const struct error *iam_directory_user(struct iam_directory *directory, struct arena *arena,
                                       struct slice unique_id, struct iam_user *ret_user,
                                       bool *ret_found)
{
    struct question question = {.arena = arena, .text = unique_id, .answer = ret_user};
    const struct error *error = iam_directory_look(directory, look_user, &question);
    if (error == NULL)
        *ret_found = question.found;
    return error;
}

const struct error *iam_directory_policy(struct iam_directory *directory, struct arena *arena,
                                         struct slice arn, struct slice *ret_document,
                                         bool *ret_found)
{
    struct question question = {.arena = arena, .text = arn, .answer = ret_document};
    const struct error *error = iam_directory_look(directory, look_policy, &question);
    if (error == NULL)
        *ret_found = question.found;
    return error;
}

const struct error *iam_directory_provider(struct iam_directory *directory, struct arena *arena,
                                           struct slice url, struct iam_provider *ret_provider,
                                           bool *ret_found)
{
    struct slice scheme = SLICE("https://");
    if (slice_starts_with(url, scheme))
        url = slice_after(url, scheme.size);
    struct question question = {.arena = arena, .text = url, .answer = ret_provider};
    const struct error *error = iam_directory_look(directory, look_provider, &question);
    if (error == NULL)
        *ret_found = question.found;
    return error;
}
