#include "iam/tags.h"

#include <strings.h>

static bool is_same_key(struct slice left, struct slice right)
{
    return left.size == right.size &&
           strncasecmp((const char *)left.data, (const char *)right.data, left.size) == 0;
}

/* Keys that begin so are AWS's own ("Rules for tagging"; the words are those of other services). */
static bool is_reserved(struct slice key)
{
    static const struct slice prefix = SLICE_INIT("aws:");
    return key.size >= prefix.size && is_same_key(slice_of(key.data, prefix.size), prefix);
}

static const struct error *check_keys(const struct iam_task *task)
{
    const struct iam_input *input = &task->input;
    for (size_t i = 0; i < input->tag_count; i++) {
        if (is_reserved(input->tags[i].key))
            return error_make(task->call->arena, ERROR_INVALID_INPUT,
                              "aws: prefixed tag key names are not allowed for external use.");
        for (size_t j = 0; j < i; j++) {
            if (is_same_key(input->tags[i].key, input->tags[j].key))
                return error_make(task->call->arena, ERROR_INVALID_INPUT,
                                  "Duplicate tag keys found. Please note that Tag keys are case "
                                  "insensitive.");
        }
    }
    return NULL;
}

const struct error *iam_tags_add(const struct iam_task *task, struct db_identity *record)
{
    const struct iam_input *input = &task->input;
    const struct error *error = check_keys(task);
    if (error != NULL || input->tag_count == 0)
        return error;
    struct db_identity_tag *tags = ARENA_NEW_ARRAY(task->call->arena, struct db_identity_tag,
                                                   record->tag_count + input->tag_count);
    if (tags == NULL)
        return error_exhausted();
    size_t count = record->tag_count;
    for (size_t i = 0; i < count; i++)
        tags[i] = record->tags[i];
    for (size_t i = 0; i < input->tag_count; i++) {
        size_t at = 0;
        while (at < count && !is_same_key(tags[at].key, input->tags[i].key))
            at++;
        tags[at] = (struct db_identity_tag){input->tags[i].key, input->tags[i].value};
        count += at == count;
    }
    if (count > IAM_TAGS_MAX)
        return error_make(task->call->arena, ERROR_IDENTITY_LIMIT_EXCEEDED,
                          "The number of tags has reached the maximum limit.");
    record->tags = tags;
    record->tag_count = count;
    return NULL;
}

static bool is_to_go(const struct iam_input *input, struct slice key)
{
    for (size_t i = 0; i < input->tag_key_count; i++) {
        if (is_same_key(input->tag_keys[i], key))
            return true;
    }
    return false;
}

const struct error *iam_tags_remove(const struct iam_task *task, struct db_identity *record)
{
    struct db_identity_tag *tags =
        ARENA_NEW_ARRAY(task->call->arena, struct db_identity_tag, record->tag_count);
    if (tags == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < record->tag_count; i++) {
        if (!is_to_go(&task->input, record->tags[i].key))
            tags[count++] = record->tags[i];
    }
    record->tags = tags;
    record->tag_count = count;
    return NULL;
}
