/*
 * JSON into stored form, in one pass: each value is appended to one buf as it is read. Maps and
 * sets that were sent in their stored order cost nothing more; others are sorted when they end.
 *
 * The recursion is as deep as values nest, and stops at VALUE_NESTING_MAX.
 * A function returns false when reading is over: a SerializationException stands in `failure`.
 */

#include <stdlib.h>

#include "base/base64.h"
#include "base/check.h"
#include "item/container.h"
#include "item/value_json.h"
#include "item/value_problem.h"

/* Room before the first growth, which costs nothing as long as the arena's block has room. */
enum { FIRST_BYTES_MAX = 256 };

struct reading {
    struct json_reader *json;
    struct arena *arena;
    struct arena_mark mark; /* before anything was read */
    struct buf out;
    const struct error *failure;
    size_t faults; /* rules broken so far: a change tells that the last thing read broke one */
    struct slice member; /* the top-level member being read */
    bool top_name_empty; /* counts before all other problems */
    struct value_problem problem;
    struct slice problem_member;
    struct value_problem empty_name; /* of a nested map's member: counts after all others */
    struct slice empty_name_member;
};

static struct reading reading_begin(struct json_reader *json, struct arena *arena)
{
    size_t left = (size_t)(json->end - json->at);
    struct reading reading = {.json = json, .arena = arena, .mark = arena_mark(arena)};
    reading.out = container_buf(arena, left < FIRST_BYTES_MAX ? left : FIRST_BYTES_MAX);
    return reading;
}

static bool fail(struct reading *reading, const struct error *error)
{
    reading->failure = error;
    return false;
}

#define FAIL(reading, ...)                                                                         \
    fail((reading), error_make((reading)->arena, ERROR_SERIALIZATION, __VA_ARGS__))

/* After the last function: did the text or the memory end early? */
static const struct error *reading_end(const struct reading *reading)
{
    if (reading->json->exhausted || reading->out.failed)
        return error_exhausted();
    if (reading->failure != NULL)
        return reading->failure;
    if (reading->json->failed)
        return error_make_slice(reading->arena, ERROR_SERIALIZATION, SLICE(""));
    return NULL;
}

static bool has_problem(const struct reading *reading)
{
    return reading->problem.current != NULL;
}

/* Only the first problem is kept, and only that one's words are made. */
static void keep_problem(struct reading *reading, struct value_problem problem)
{
    CHECK(!has_problem(reading));
    reading->problem = problem;
    reading->problem_member = reading->member;
}

static void note_rule(struct reading *reading, enum value_rule rule)
{
    reading->faults++;
    if (!has_problem(reading))
        keep_problem(reading, value_problem_of_rule(reading->arena, rule));
}

static void note_number(struct reading *reading, enum num_status status, struct slice text)
{
    reading->faults++;
    if (!has_problem(reading))
        keep_problem(reading, value_problem_of_number(reading->arena, status, text));
}

/* --- JSON of the wrong type --- */

#define VALUE_CLASS "com.amazonaws.dynamodb.v20120810.AttributeValue"
#define NOT_A_STRUCTURE "Start of structure or map found where not expected"

/* What stands where the Java class should be. Never success. */
static bool fail_scalar(struct reading *reading, const char *class_package, const char *class_name)
{
    struct slice number;
    switch (json_peek(reading->json)) {
    case JSON_TRUE:
        return FAIL(reading, "TRUE_VALUE cannot be converted to %s", class_name);
    case JSON_FALSE:
        return FAIL(reading, "FALSE_VALUE cannot be converted to %s", class_name);
    case JSON_NUMBER:
        number = json_read_number(reading->json);
        for (size_t i = 0; i < number.size; i++) {
            if (number.data[i] == '.' || (number.data[i] | 0x20) == 'e')
                return FAIL(reading, "DECIMAL_VALUE cannot be converted to %s", class_name);
        }
        return FAIL(reading, "NUMBER_VALUE cannot be converted to %s", class_name);
    case JSON_ARRAY:
        return FAIL(reading, "Unrecognized collection type class %s.%s", class_package, class_name);
    case JSON_OBJECT:
        return FAIL(reading, NOT_A_STRUCTURE);
    case JSON_STRING:
        return FAIL(reading, "Unexpected token received from parser");
    case JSON_NULL:
    case JSON_END:
        break;
    }
    return FAIL(reading, "Unexpected end of input");
}

static bool fail_map(struct reading *reading)
{
    if (json_peek(reading->json) == JSON_ARRAY)
        return FAIL(reading,
                    "Unrecognized collection type java.util.Map<java.lang.String, " VALUE_CLASS
                    ">");
    return FAIL(reading, "Unexpected field type");
}

static bool enter_array(struct reading *reading)
{
    enum json_type type = json_peek(reading->json);
    if (type == JSON_OBJECT)
        return FAIL(reading, NOT_A_STRUCTURE);
    if (type != JSON_ARRAY)
        return FAIL(reading, "Unexpected field type");
    json_enter_array(reading->json);
    return true;
}

/* --- scalars --- */

static void append_type(struct buf *out, enum value_type type)
{
    uint8_t *room = container_room(out, 1);
    if (room != NULL)
        *room = (uint8_t)type;
}

static void append_sized(struct buf *out, struct slice bytes)
{
    size_t size_bytes = bytes.size < 0x80 ? 1 : varint_size(bytes.size);
    uint8_t *room = container_room(out, size_bytes + bytes.size);
    if (room == NULL)
        return;
    if (size_bytes == 1)
        room[0] = (uint8_t)bytes.size;
    else
        varint_write(room, bytes.size);
    if (bytes.size > 0)
        memcpy(room + size_bytes, bytes.data, bytes.size);
}

static bool append_string(struct reading *reading)
{
    if (json_peek(reading->json) != JSON_STRING)
        return fail_scalar(reading, "java.lang", "String");
    append_sized(&reading->out, json_read_string(reading->json));
    return true;
}

static bool append_number(struct reading *reading)
{
    if (json_peek(reading->json) != JSON_STRING)
        return fail_scalar(reading, "java.lang", "String");
    struct slice text = json_read_string(reading->json);
    struct num num;
    enum num_status status = num_parse(text, &num);
    if (status != NUM_OK) {
        note_number(reading, status, text);
        return true;
    }
    uint8_t encoded[NUM_ENCODED_BYTES_MAX];
    append_sized(&reading->out, slice_of(encoded, num_encode(&num, encoded)));
    return true;
}

static bool append_binary(struct reading *reading)
{
    enum json_type type = json_peek(reading->json);
    if (type == JSON_ARRAY || type == JSON_OBJECT)
        return fail_scalar(reading, "java.nio", "ByteBuffer");
    if (type != JSON_STRING)
        return FAIL(reading, "only base-64-encoded strings are convertible to bytes");
    struct slice text = json_read_string(reading->json);
    if (text.size % 4 != 0)
        return FAIL(reading,
                    "Base64 encoded length is expected a multiple of 4 bytes but found: %zu",
                    text.size);
    size_t size = base64_decoded_size_max(text.size);
    if (text.size > 0)
        size -= (text.data[text.size - 1] == '=') + (size_t)(text.data[text.size - 2] == '=');
    /* The decoder may write up to two bytes more than the text holds. */
    uint8_t *room = buf_extend(&reading->out, varint_size(size) + size + 2);
    if (room == NULL)
        return true;
    size_t decoded;
    if (!base64_decode(text, room + varint_write(room, size), &decoded))
        return FAIL(reading, "Invalid last non-pad Base64 character dectected");
    CHECK(decoded == size);
    reading->out.size -= 2;
    return true;
}

static bool same_word(struct slice text, const char *word)
{
    size_t i = 0;
    for (; i < text.size && word[i] != '\0'; i++) {
        uint8_t byte = text.data[i];
        if (byte >= 'a' && byte <= 'z')
            byte -= 'a' - 'A';
        if (byte != (uint8_t)word[i])
            return false;
    }
    return i == text.size && word[i] == '\0';
}

/* Strings that say yes or no are taken too (observed). */
static bool read_boolean(struct reading *reading, bool *ret_value)
{
    static const struct {
        const char *word;
        bool value;
    } words[] = {{"TRUE", true},   {"YES", true}, {"1", true},
                 {"FALSE", false}, {"NO", false}, {"0", false}};

    enum json_type type = json_peek(reading->json);
    if (type == JSON_TRUE || type == JSON_FALSE) {
        json_read_literal(reading->json);
        *ret_value = type == JSON_TRUE;
        return true;
    }
    if (type != JSON_STRING)
        return fail_scalar(reading, "java.lang", "Boolean");
    struct slice text = json_read_string(reading->json);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (same_word(text, words[i].word)) {
            *ret_value = words[i].value;
            return true;
        }
    }
    return FAIL(reading, "Unexpected token received from parser");
}

static bool append_element(struct reading *reading, enum value_type type)
{
    if (type == VALUE_STRING)
        return append_string(reading);
    return type == VALUE_NUMBER ? append_number(reading) : append_binary(reading);
}

/* --- sets --- */

/* Reads a size that was just written and so many bytes. */
static struct slice written_sized(struct slice *at)
{
    uint64_t size;
    if (at->size > 0 && at->data[0] < 0x80) {
        size = at->data[0];
        *at = slice_after(*at, 1);
    } else {
        CHECK(varint_read(at, &size));
    }
    CHECK(size <= at->size);
    struct slice bytes = slice_of(at->data, (size_t)size);
    *at = slice_after(*at, (size_t)size);
    return bytes;
}

static int compare_elements(const void *left, const void *right)
{
    const struct set_element *a = left;
    const struct set_element *b = right;
    int order = slice_compare(a->body, b->body);
    if (order != 0)
        return order;
    return a->position < b->position ? -1 : a->position > b->position;
}

/* Sorts the count elements at the end of the buf, from `members` on, or finds a duplicate. */
static void sort_set(struct reading *reading, enum value_type set_type, size_t members,
                     size_t count)
{
    struct buf *out = &reading->out;
    struct slice at = slice_after(buf_slice(out), members);
    struct arena_mark mark = arena_mark(reading->arena);
    struct set_element *elements = ARENA_NEW_ARRAY(reading->arena, struct set_element, count);
    uint8_t *sorted = arena_alloc_bytes(reading->arena, at.size);
    if (elements == NULL || sorted == NULL) {
        out->failed = true;
        return;
    }
    size_t size = at.size;
    for (size_t i = 0; i < count; i++)
        elements[i] = (struct set_element){written_sized(&at), i};
    qsort(elements, count, sizeof(*elements), compare_elements);
    size_t filled = 0;
    for (size_t i = 0; i < count; i++) {
        struct slice body = elements[i].body;
        if (i > 0 && slice_equal(elements[i - 1].body, body)) {
            /* No rewind: the words lie behind the mark. */
            keep_problem(reading,
                         value_problem_of_duplicates(reading->arena, set_type, elements, count));
            return;
        }
        filled += varint_write(sorted + filled, body.size);
        if (body.size > 0)
            memcpy(sorted + filled, body.data, body.size);
        filled += body.size;
    }
    CHECK(filled == size);
    memcpy(out->data + members, sorted, size);
    arena_rewind(reading->arena, mark);
}

static void note_null_element(struct reading *reading, enum value_type type)
{
    if (type == VALUE_STRING)
        note_rule(reading, VALUE_RULE_STRING_SET_NULL);
    else if (type == VALUE_BINARY)
        note_rule(reading, VALUE_RULE_BINARY_SET_NULL);
    else
        note_number(reading, NUM_NOT_A_NUMBER, SLICE(""));
}

static void note_empty_set(struct reading *reading, enum value_type set_type)
{
    note_rule(reading, set_type == VALUE_STRING_SET   ? VALUE_RULE_STRING_SET_EMPTY
                       : set_type == VALUE_NUMBER_SET ? VALUE_RULE_NUMBER_SET_EMPTY
                                                      : VALUE_RULE_BINARY_SET_EMPTY);
}

static bool append_set(struct reading *reading, enum value_type set_type)
{
    struct buf *out = &reading->out;
    enum value_type type = value_set_element_type(set_type);
    if (!enter_array(reading))
        return false;
    struct container container = container_begin(out, set_type);
    size_t faults = reading->faults;
    size_t count = 0;
    size_t previous = 0; /* where the element before lies */
    bool sorted = true;
    for (; json_next_element(reading->json); count++) {
        if (json_peek(reading->json) == JSON_NULL) {
            json_read_literal(reading->json);
            note_null_element(reading, type);
            continue;
        }
        size_t start = out->size;
        if (!append_element(reading, type))
            return false;
        if (out->failed || reading->faults != faults)
            continue;
        if (count > 0 && sorted) {
            struct slice before = slice_after(buf_slice(out), previous);
            struct slice here = slice_after(buf_slice(out), start);
            sorted = slice_compare(written_sized(&before), written_sized(&here)) < 0;
        }
        previous = start;
    }
    if (count == 0)
        note_empty_set(reading, set_type);
    if (!sorted && !has_problem(reading) && !out->failed)
        sort_set(reading, set_type, container.members, count);
    container_end(out, container, count);
    return true;
}

/* --- maps and lists --- */

static bool append_value(struct reading *reading, unsigned level);

struct map_entry {
    struct slice name;
    struct slice bytes; /* with the name */
    size_t position;
};

static int compare_entries(const void *left, const void *right)
{
    const struct map_entry *a = left;
    const struct map_entry *b = right;
    int order = slice_compare(a->name, b->name);
    if (order != 0)
        return order;
    return a->position < b->position ? -1 : a->position > b->position;
}

/* Few members, mostly in order already, are the rule; many must not take long. */
static void sort_entries(struct map_entry *entries, size_t count)
{
    enum { FEW = 32 };
    if (count > FEW) {
        qsort(entries, count, sizeof(*entries), compare_entries);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct map_entry entry = entries[i];
        size_t at = i;
        for (; at > 0 && slice_compare(entries[at - 1].name, entry.name) > 0; at--)
            entries[at] = entries[at - 1];
        entries[at] = entry;
    }
}

/* Sorts the members at the end of the buf; of those with one name the last stays. */
static void sort_members(struct reading *reading, size_t members, size_t *count)
{
    struct buf *out = &reading->out;
    struct slice at = slice_after(buf_slice(out), members);
    struct arena_mark mark = arena_mark(reading->arena);
    struct map_entry *entries = ARENA_NEW_ARRAY(reading->arena, struct map_entry, *count);
    uint8_t *sorted = arena_alloc_bytes(reading->arena, at.size);
    if (entries == NULL || sorted == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < *count; i++) {
        struct slice start = at;
        struct value value;
        entries[i].name = written_sized(&at);
        CHECK(value_read(&at, &value));
        entries[i].bytes = slice_of(start.data, start.size - at.size);
        entries[i].position = i;
    }
    CHECK(at.size == 0);
    sort_entries(entries, *count);
    size_t filled = 0;
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        if (i + 1 < *count && slice_equal(entries[i].name, entries[i + 1].name))
            continue;
        memcpy(sorted + filled, entries[i].bytes.data, entries[i].bytes.size);
        filled += entries[i].bytes.size;
        kept++;
    }
    memcpy(out->data + members, sorted, filled);
    out->size = members + filled;
    *count = kept;
    arena_rewind(reading->arena, mark);
}

static void note_name(struct reading *reading, unsigned level, struct slice name)
{
    if (name.size > VALUE_NAME_BYTES_MAX)
        note_rule(reading, VALUE_RULE_NAME_TOO_LARGE);
    if (name.size > 0)
        return;
    if (level == 1) {
        reading->top_name_empty = true;
    } else if (reading->empty_name.current == NULL) {
        reading->empty_name = value_problem_of_rule(reading->arena, VALUE_RULE_NAME_EMPTY);
        reading->empty_name_member = reading->member;
    }
}

/* Reads an object's members, which are values at that level. */
static bool append_members(struct reading *reading, unsigned level, size_t *ret_count)
{
    struct buf *out = &reading->out;
    size_t members = out->size;
    size_t count = 0;
    struct slice previous = SLICE_ABSENT;
    struct slice name;
    bool sorted = true;
    json_enter_object(reading->json);
    for (; json_next_member(reading->json, &name); count++) {
        sorted = sorted && (count == 0 || slice_compare(previous, name) < 0);
        previous = name;
        if (level == 1)
            reading->member = name;
        note_name(reading, level, name);
        append_sized(out, name);
        if (!append_value(reading, level))
            return false;
    }
    if (!sorted && !has_problem(reading) && !out->failed && !reading->json->failed)
        sort_members(reading, members, &count);
    *ret_count = count;
    return true;
}

static bool append_map(struct reading *reading, unsigned level)
{
    size_t count;
    if (json_peek(reading->json) != JSON_OBJECT)
        return fail_map(reading);
    struct container container = container_begin(&reading->out, VALUE_MAP);
    if (!append_members(reading, level + 1, &count))
        return false;
    container_end(&reading->out, container, count);
    return true;
}

static bool append_list(struct reading *reading, unsigned level)
{
    size_t count = 0;
    if (!enter_array(reading))
        return false;
    struct container container = container_begin(&reading->out, VALUE_LIST);
    for (; json_next_element(reading->json); count++) {
        if (!append_value(reading, level + 1))
            return false;
    }
    container_end(&reading->out, container, count);
    return true;
}

/* --- values --- */

/* VALUE_TRUE stands for both booleans. */
static enum value_type type_of_code(struct slice code)
{
    switch (code.size) {
    case 1:
        switch (code.data[0]) {
        case 'S':
            return VALUE_STRING;
        case 'N':
            return VALUE_NUMBER;
        case 'M':
            return VALUE_MAP;
        case 'L':
            return VALUE_LIST;
        case 'B':
            return VALUE_BINARY;
        default:
            return VALUE_ABSENT;
        }
    case 2:
    case 4:
        return value_type_of_code(code);
    default:
        return VALUE_ABSENT;
    }
}

static bool append_typed(struct reading *reading, enum value_type type, unsigned level)
{
    bool value;
    switch (type) {
    case VALUE_NULL:
        if (!read_boolean(reading, &value))
            return false;
        if (!value)
            note_rule(reading, VALUE_RULE_NULL_NOT_TRUE);
        append_type(&reading->out, VALUE_NULL);
        return true;
    case VALUE_TRUE:
        if (!read_boolean(reading, &value))
            return false;
        append_type(&reading->out, value ? VALUE_TRUE : VALUE_FALSE);
        return true;
    case VALUE_NUMBER:
    case VALUE_STRING:
    case VALUE_BINARY:
        append_type(&reading->out, type);
        return append_element(reading, type);
    case VALUE_LIST:
        return append_list(reading, level);
    case VALUE_MAP:
        return append_map(reading, level);
    case VALUE_NUMBER_SET:
    case VALUE_STRING_SET:
    case VALUE_BINARY_SET:
        return append_set(reading, type);
    case VALUE_FALSE:
    case VALUE_ABSENT:
        break;
    }
    CHECK(!"a type that no code names");
    return false;
}

/* Something else than the object that an attribute value is. */
static bool take_no_object(struct reading *reading, enum json_type type)
{
    if (type == JSON_NULL) {
        json_read_literal(reading->json);
        note_rule(reading, VALUE_RULE_EMPTY);
        return true;
    }
    if (type == JSON_ARRAY)
        return FAIL(reading, "Unrecognized collection type class " VALUE_CLASS);
    return FAIL(reading, "Unexpected value type in payload");
}

static bool append_value(struct reading *reading, unsigned level)
{
    struct buf *out = &reading->out;
    enum json_type json_type = json_peek(reading->json);
    if (json_type != JSON_OBJECT)
        return take_no_object(reading, json_type);
    if (level > VALUE_NESTING_MAX) {
        note_rule(reading, VALUE_RULE_NESTING);
        json_skip(reading->json);
        return true;
    }
    size_t start = out->size;
    enum value_type found = VALUE_ABSENT;
    bool many = false;
    struct slice name;
    json_enter_object(reading->json);
    while (json_next_member(reading->json, &name)) {
        enum value_type type = type_of_code(name);
        if (type == VALUE_ABSENT || json_peek(reading->json) == JSON_NULL) {
            json_skip(reading->json);
            continue;
        }
        if (found != VALUE_ABSENT) {
            many = many || found != type;
            out->size = out->failed ? out->size : start;
        }
        found = type;
        if (!append_typed(reading, type, level))
            return false;
    }
    if (found == VALUE_ABSENT)
        note_rule(reading, VALUE_RULE_EMPTY);
    if (many)
        note_rule(reading, VALUE_RULE_MANY_TYPES);
    return true;
}

/* All that was read, when nothing is wrong with it: alone, for there may be very many of them. */
static struct slice reading_keep(struct reading *reading)
{
    struct buf *out = &reading->out;
    return slice_of(arena_keep_bytes(reading->arena, reading->mark, out->data, out->size),
                    out->size);
}

/* What is wrong with all that was read; both NULL when nothing is. */
static struct value_problem reading_problem(const struct reading *reading, struct slice *ret_member)
{
    if (reading->top_name_empty) {
        *ret_member = SLICE("");
        return value_problem_of_rule(reading->arena, VALUE_RULE_NAME_EMPTY);
    }
    *ret_member = has_problem(reading) ? reading->problem_member : reading->empty_name_member;
    return has_problem(reading) ? reading->problem : reading->empty_name;
}

const struct error *value_from_json(struct json_reader *reader, struct arena *arena,
                                    struct value_reading *ret_reading)
{
    struct reading reading = reading_begin(reader, arena);
    struct value value = VALUE_NONE;
    (void)append_value(&reading, 1);
    const struct error *error = reading_end(&reading);
    if (error != NULL)
        return error;
    struct slice member;
    struct value_problem problem = reading_problem(&reading, &member);
    if (problem.current == NULL) {
        struct slice at = reading_keep(&reading);
        CHECK(value_read(&at, &value) && at.size == 0);
    }
    *ret_reading = (struct value_reading){value, problem.current, problem.classic};
    return NULL;
}

const struct error *item_from_json(struct json_reader *reader, struct arena *arena,
                                   struct item_reading *ret_reading)
{
    struct item_reading result = {.item = SLICE_ABSENT};
    struct reading reading = reading_begin(reader, arena);
    enum json_type type = json_peek(reader);
    size_t count = 0;
    if (type == JSON_NULL) {
        json_read_literal(reader);
    } else if (type != JSON_OBJECT) {
        (void)fail_map(&reading);
    } else {
        struct container container = item_begin(&reading.out);
        if (append_members(&reading, 1, &count))
            container_end(&reading.out, container, count);
    }
    const struct error *error = reading_end(&reading);
    if (error != NULL)
        return error;
    struct value_problem problem = reading_problem(&reading, &result.problem_name);
    if (type == JSON_OBJECT && problem.current == NULL)
        result.item = reading_keep(&reading);
    result.problem = problem.current;
    result.problem_classic = problem.classic;
    *ret_reading = result;
    return NULL;
}
