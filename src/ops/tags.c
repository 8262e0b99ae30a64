#include "ops/tags.h"

#include "ops/validation_error.h"

enum { KEY_CHARACTERS_MAX = 128, VALUE_CHARACTERS_MAX = 256, ASCII_END = 0x80 };

#define WORDS_INVALID "One or more parameter values were invalid: "

/* --- characters --- */

struct range {
    uint32_t first;
    uint32_t last;
};

static const struct range ranges[] = {
#define RANGE(first, last) {first, last},
#include "ops/tag_characters.def"
#undef RANGE
};

static bool is_in_ranges(uint32_t character)
{
    size_t low = 0, high = COUNT_OF(ranges);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges[middle].last < character)
            low = middle + 1;
        else
            high = middle;
    }
    return low < COUNT_OF(ranges) && ranges[low].first <= character;
}

/* Letters, numbers and separators of any script, and + - = . _ : / @ */
static bool is_allowed(uint32_t character)
{
    if (character >= ASCII_END)
        return is_in_ranges(character);
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') ||
           (character != 0 && strchr(" +-=._:/@", (int)character) != NULL);
}

/* The next code point of valid UTF-8, which is what the JSON reader lets through. */
static uint32_t take_character(struct slice *at)
{
    uint8_t lead = at->data[0];
    size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t character = size == 1 ? lead : lead & (0x7fU >> size);
    for (size_t i = 1; i < size && i < at->size; i++)
        character = character << 6 | (at->data[i] & 0x3fU);
    *at = slice_after(*at, size < at->size ? size : at->size);
    return character;
}

static bool is_text(struct slice text, size_t characters_max)
{
    size_t count = 0;
    while (text.size > 0) {
        if (!is_allowed(take_character(&text)) || ++count > characters_max)
            return false;
    }
    return true;
}

/* --- rules --- */

static struct slice shown(struct slice text)
{
    return slice_present(text) ? text : SLICE("null");
}

static const struct error *check_key(const struct op_call *call, struct slice key)
{
    if (!slice_present(key) || key.size == 0 || !is_text(key, KEY_CHARACTERS_MAX))
        return op_validation_error(call, "The Tag Key provided is invalid, Key: %.*s",
                                   SLICE_PRINT(shown(key)));
    static const char reserved[] = "aws:";
    size_t size = sizeof(reserved) - 1;
    if (key.size >= size && strncasecmp((const char *)key.data, reserved, size) == 0)
        return op_validation_error(call, "Tag Key cannot be prefixed with aws:, Key: %.*s",
                                   SLICE_PRINT(key));
    return NULL;
}

const struct error *op_tags_check_count(struct arena *arena, size_t count)
{
    if (count <= OP_TAGS_MAX)
        return NULL;
    return error_make(arena, ERROR_VALIDATION,
                      "Number of Tags exceed the current limit for the provided ResourceArn");
}

const struct error *op_tags_check(const struct op_call *call,
                                  const struct model_list_tag_list *tags)
{
    const struct error *error = op_tags_check_count(call->arena, tags->count);
    for (size_t i = 0; error == NULL && i < tags->count; i++) {
        struct slice value = tags->items[i].value;
        error = check_key(call, tags->items[i].key);
        if (error == NULL && (!slice_present(value) || !is_text(value, VALUE_CHARACTERS_MAX)))
            error = op_validation_error(call, "The Tag Value provided is invalid, Value: %.*s",
                                        SLICE_PRINT(shown(value)));
    }
    for (size_t i = 0; error == NULL && i < tags->count; i++)
        for (size_t j = 0; j < i; j++)
            if (slice_equal(tags->items[i].key, tags->items[j].key))
                return op_validation_error(call,
                                           "Duplicate Tag Keys provided as input: Duplicate Tag "
                                           "Key found %.*s",
                                           SLICE_PRINT(tags->items[i].key));
    return error;
}

const struct error *op_tag_keys_check(const struct op_call *call,
                                      const struct model_list_tag_key_list *keys)
{
    const struct error *error = op_tags_check_count(call->arena, keys->count);
    for (size_t i = 0; error == NULL && i < keys->count; i++)
        error = check_key(call, keys->items[i]);
    return error;
}

/* --- resources --- */

/* Takes what stands before the colon. */
static struct slice take_field(struct slice *at)
{
    const uint8_t *end = memchr(at->data, ':', at->size);
    struct slice field = end == NULL ? *at : slice_of(at->data, (size_t)(end - at->data));
    *at = slice_after(*at, end == NULL ? at->size : field.size + 1);
    return field;
}

static const struct error *not_found(const struct op_call *call, struct slice arn)
{
    return error_make(call->arena, ERROR_RESOURCE_NOT_FOUND,
                      "Requested resource not found: ResourceArn: %.*s not found",
                      SLICE_PRINT(arn));
}

const struct error *op_tags_arn_read(const struct op_call *call, struct slice arn,
                                     struct op_table_name *ret_name)
{
    if (!slice_starts_with(arn, SLICE("arn:")))
        return op_validation_error(call, WORDS_INVALID "ARNs must start with 'arn:': %.*s",
                                   SLICE_PRINT(arn));
    struct slice rest = slice_after(arn, 4);
    take_field(&rest); /* the partition of the cloud */
    struct slice service = take_field(&rest);
    take_field(&rest);
    struct slice account = take_field(&rest);
    if (!slice_equal(service, SLICE("dynamodb")) || !slice_starts_with(rest, SLICE("table/")))
        return op_validation_error(
            call, WORDS_INVALID "Provided Arn is not a DynamoDB resource arn: %.*s",
            SLICE_PRINT(arn));
    if (!slice_equal(account, call->environment->account))
        return error_make(call->arena, ERROR_ACCESS_DENIED, "Access is denied");
    struct slice name = slice_after(rest, 6);
    const uint8_t *slash = memchr(name.data, '/', name.size);
    if (slash != NULL) {
        struct slice below = slice_after(name, (size_t)(slash - name.data) + 1);
        if (slice_starts_with(below, SLICE("stream/")))
            return not_found(call, arn);
        return op_validation_error(call,
                                   WORDS_INVALID "Invalid resource arn provided, only table or "
                                                 "stream is accepted. Provided resource arn: %.*s",
                                   SLICE_PRINT(arn));
    }
    if (!op_table_arn_read(arn, ret_name))
        return op_validation_error(
            call, "Invalid TableArn: Invalid ResourceArn provided as input %.*s", SLICE_PRINT(arn));
    return NULL;
}

static const struct db_table *acquire(const struct op_call *call, const struct op_table_name *name,
                                      struct slice region)
{
    return db_table_acquire(call->environment->db, name->account, region, name->name, call->now_ms);
}

static const struct error *check_table(const struct op_call *call, const struct op_table_name *name,
                                       const struct db_table *table)
{
    /* One region's tables are another one's with --shared-db only: then the ARN is the table's. */
    if (!slice_equal(name->region, call->region) &&
        (table == NULL || !slice_equal(table->region, name->region)))
        return op_validation_error(call,
                                   "Invalid TableArn: Invalid ResourceArn provided as input %.*s",
                                   SLICE_PRINT(name->given));
    bool is_listing = call->operation == MODEL_OPERATION_LIST_TAGS_OF_RESOURCE;
    /* To its owner the service says that a table is not there (observed, October 2026). All that is
     * published of account 000000000000, which emulators go by, is what it says to others. */
    bool is_nobodys = slice_equal(name->account, SLICE("000000000000"));
    if (table == NULL && is_listing && is_nobodys)
        return error_make(call->arena, ERROR_ACCESS_DENIED,
                          "User: %.*s is not authorized to perform: "
                          "dynamodb:ListTagsOfResource on resource: %.*s",
                          SLICE_PRINT(call->caller), SLICE_PRINT(name->given));
    if (table == NULL || table->status == DB_STATUS_CREATING)
        return not_found(call, name->given);
    if (table->status == DB_STATUS_DELETING && !is_listing)
        return error_make(call->arena, ERROR_RESOURCE_IN_USE,
                          "Attempt to change a resource which is still in use: Table is being "
                          "deleted: %.*s",
                          SLICE_PRINT(table->name));
    return NULL;
}

const struct error *op_tags_table(const struct op_call *call, const struct op_table_name *name,
                                  const struct db_table **ret_table)
{
    const struct db_table *table = acquire(call, name, call->region);
    const struct error *error = check_table(call, name, table);
    if (error != NULL)
        op_table_release(call, table);
    else
        *ret_table = table;
    return error;
}
