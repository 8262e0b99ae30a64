#include "expr/scope.h"

#include <stdlib.h>

#include "base/buf.h"

static const char *const parameter_names[] = {
    [EXPR_CONDITION_EXPRESSION] = "ConditionExpression",
    [EXPR_FILTER_EXPRESSION] = "FilterExpression",
    [EXPR_KEY_CONDITION_EXPRESSION] = "KeyConditionExpression",
    [EXPR_PROJECTION_EXPRESSION] = "ProjectionExpression",
    [EXPR_UPDATE_EXPRESSION] = "UpdateExpression",
    [EXPR_STATEMENT] = "Statement",
};

const char *expr_parameter_name(enum expr_parameter parameter)
{
    return parameter_names[parameter];
}

/* --- looking up --- */

static int compare_placeholders(const void *left, const void *right)
{
    return slice_compare(((const struct expr_placeholder *)left)->text,
                         ((const struct expr_placeholder *)right)->text);
}

static struct expr_placeholder *find(struct expr_placeholder *sorted, size_t count,
                                     struct slice text)
{
    if (count == 0)
        return NULL;
    const struct expr_placeholder key = {.text = text};
    return (struct expr_placeholder *)bsearch(&key, sorted, count, sizeof(key),
                                              compare_placeholders);
}

struct expr_placeholder *scope_find_name(const struct expr_scope *scope, struct slice text)
{
    return find(scope->by_name, scope->name_count, text);
}

struct expr_placeholder *scope_find_value(const struct expr_scope *scope, struct slice text)
{
    return find(scope->by_value, scope->value_count, text);
}

/* --- the placeholders themselves --- */

static bool is_placeholder(struct slice text, uint8_t mark)
{
    if (text.size < 2 || text.data[0] != mark)
        return false;
    for (size_t i = 1; i < text.size; i++) {
        uint8_t byte = text.data[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
        if (!letter && !(byte >= '0' && byte <= '9') && byte != '_')
            return false;
    }
    return true;
}

/* Names say how long the key is, values do not (observed). */
static const struct error *check_name_key(struct arena *arena, struct slice text)
{
    if (text.size > EXPR_PLACEHOLDER_BYTES_MAX)
        return error_make(arena, ERROR_VALIDATION,
                          "ExpressionAttributeNames contains invalid key: The expression attribute "
                          "map contains a key that is too long; size of key: %zu",
                          text.size);
    if (!is_placeholder(text, '#'))
        return error_make(arena, ERROR_VALIDATION,
                          "ExpressionAttributeNames contains invalid key: Syntax error; "
                          "key: \"%.*s\"",
                          SLICE_PRINT(text));
    return NULL;
}

static const struct error *check_value_key(struct arena *arena, struct slice text)
{
    if (text.size > EXPR_PLACEHOLDER_BYTES_MAX)
        return error_make(arena, ERROR_VALIDATION,
                          "ExpressionAttributeValues contains invalid key: The expression "
                          "attribute map contains a key that is too long;");
    if (!is_placeholder(text, ':'))
        return error_make(arena, ERROR_VALIDATION,
                          "ExpressionAttributeValues contains invalid key: Syntax error; "
                          "key: \"%.*s\"",
                          SLICE_PRINT(text));
    return NULL;
}

static size_t names_bytes(const struct expr_scope *scope)
{
    size_t bytes = 0;
    for (size_t i = 0; i < scope->name_count; i++)
        bytes += scope->names[i].placeholder.size + scope->names[i].name.size;
    return bytes;
}

static const struct error *read_names(struct expr_scope *scope)
{
    struct arena *arena = scope->arena;
    if (scope->names == NULL)
        return NULL;
    if (scope->name_count == 0)
        return error_make(arena, ERROR_VALIDATION, "ExpressionAttributeNames must not be empty");
    if (names_bytes(scope) > EXPR_NAMES_BYTES_MAX)
        return error_make(arena, ERROR_VALIDATION, "ExpressionAttributeNames exceeds max size");
    scope->by_name = ARENA_NEW_ARRAY(arena, struct expr_placeholder, scope->name_count);
    if (scope->by_name == NULL)
        return error_exhausted();
    for (size_t i = 0; i < scope->name_count; i++) {
        const struct expr_name *name = &scope->names[i];
        const struct error *error = check_name_key(arena, name->placeholder);
        if (error != NULL)
            return error;
        if (name->name.size == 0)
            return error_make(arena, ERROR_VALIDATION,
                              "ExpressionAttributeNames contains invalid value: Empty attribute "
                              "name for key %.*s",
                              SLICE_PRINT(name->placeholder));
        scope->by_name[i].text = name->placeholder;
        scope->by_name[i].name = name->name;
    }
    qsort(scope->by_name, scope->name_count, sizeof(*scope->by_name), compare_placeholders);
    return NULL;
}

/* The map is sorted by key already. */
static const struct error *read_values(struct expr_scope *scope)
{
    struct arena *arena = scope->arena;
    if (!value_present(scope->values))
        return NULL;
    if (value_count(scope->values) == 0)
        return error_make(arena, ERROR_VALIDATION, "ExpressionAttributeValues must not be empty");
    if (scope->values.body.size > EXPR_VALUES_BYTES_MAX)
        return error_make(arena, ERROR_VALIDATION, "ExpressionAttributeValues exceeds max size");
    scope->by_value = ARENA_NEW_ARRAY(arena, struct expr_placeholder, value_count(scope->values));
    if (scope->by_value == NULL)
        return error_exhausted();
    struct value_iter iter;
    struct slice text;
    struct value value;
    value_iter_begin(&iter, scope->values);
    while (value_iter_next(&iter, &text, &value)) {
        const struct error *error = check_value_key(arena, text);
        if (error != NULL)
            return error;
        scope->by_value[scope->value_count].text = text;
        scope->by_value[scope->value_count].value = value;
        scope->value_count++;
    }
    return NULL;
}

const struct error *expr_scope_init(struct expr_scope *scope, struct arena *arena,
                                    const struct expr_name *names, size_t name_count,
                                    struct value values)
{
    *scope = (struct expr_scope){
        .arena = arena,
        .names = names,
        .name_count = names == NULL ? 0 : name_count,
        .values = values,
    };
    const struct error *error = read_names(scope);
    return error != NULL ? error : read_values(scope);
}

/* --- what was not used --- */

struct unused {
    struct slice text;
    uint32_t slot;
};

uint32_t expr_hash_slot(struct slice text, size_t key_count)
{
    uint32_t hash = 0;
    for (size_t i = 0; i < text.size; i++)
        hash = hash * 31 + text.data[i];
    uint32_t slots = 16;
    while (slots < UINT32_MAX / 2 && (uint64_t)slots * 3 / 4 < key_count)
        slots *= 2;
    return (hash ^ (hash >> 16)) & (slots - 1);
}

static int compare_slots(const void *left, const void *right)
{
    const struct unused *one = left;
    const struct unused *other = right;
    if (one->slot != other->slot)
        return one->slot < other->slot ? -1 : 1;
    return slice_compare(one->text, other->text);
}

static const struct error *check_used(struct arena *arena, const char *parameter,
                                      const struct expr_placeholder *placeholders, size_t count)
{
    size_t unused_count = 0;
    for (size_t i = 0; i < count; i++)
        unused_count += !placeholders[i].used;
    if (unused_count == 0)
        return NULL;
    struct unused *unused = ARENA_NEW_ARRAY(arena, struct unused, unused_count);
    if (unused == NULL)
        return error_exhausted();
    size_t filled = 0;
    for (size_t i = 0; i < count; i++)
        if (!placeholders[i].used)
            unused[filled++] =
                (struct unused){placeholders[i].text, expr_hash_slot(placeholders[i].text, count)};
    qsort(unused, unused_count, sizeof(*unused), compare_slots);
    struct buf message;
    buf_init(&message, arena, SIZE_MAX);
    buf_append_format(&message, "Value provided in %s unused in expressions: keys: {", parameter);
    for (size_t i = 0; i < unused_count; i++)
        buf_append_format(&message, "%s%.*s", i > 0 ? ", " : "", SLICE_PRINT(unused[i].text));
    buf_append(&message, SLICE("}"));
    if (message.failed)
        return error_exhausted();
    return error_make_slice(arena, ERROR_VALIDATION, buf_slice(&message));
}

const struct error *expr_scope_check_all_used(const struct expr_scope *scope)
{
    const struct error *error =
        check_used(scope->arena, "ExpressionAttributeNames", scope->by_name, scope->name_count);
    if (error != NULL)
        return error;
    return check_used(scope->arena, "ExpressionAttributeValues", scope->by_value,
                      scope->value_count);
}
