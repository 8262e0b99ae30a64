#include "query/parameters.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    FINDINGS_BYTES_MAX = 256 * 1024,
    SHOWN_BYTES_MAX = 2048, /* of a value in a message */
    NAME_BYTES_MAX = 512,   /* of a parameter that is looked for */
};

void query_reader_init(struct query_reader *reader, struct arena *arena,
                       const struct http_form *form)
{
    *reader = (struct query_reader){.arena = arena, .form = form};
    buf_init(&reader->findings, arena, FINDINGS_BYTES_MAX);
}

/* --- what is wrong --- */

static void begin_finding(struct query_reader *reader, struct slice location, struct slice value)
{
    struct buf *out = &reader->findings;
    if (reader->finding_count++ > 0)
        buf_append(out, SLICE("; "));
    if (!slice_present(value)) {
        buf_append(out, SLICE("Value null at '"));
    } else {
        if (value.size > SHOWN_BYTES_MAX)
            value.size = SHOWN_BYTES_MAX;
        buf_append(out, SLICE("Value '"));
        buf_append(out, value);
        buf_append(out, SLICE("' at '"));
    }
    buf_append(out, location);
    buf_append(out, SLICE("' failed to satisfy constraint: "));
}

void query_find(struct query_reader *reader, struct slice location, struct slice value,
                const char *constraint, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, constraint);
    int size = vsnprintf(text, sizeof(text), constraint, arguments);
    va_end(arguments);
    begin_finding(reader, location, value);
    if (size > 0)
        buf_append(&reader->findings,
                   slice_of(text, (size_t)size < sizeof(text) ? (size_t)size : sizeof(text) - 1));
}

const struct error *query_reader_end(struct query_reader *reader)
{
    if (reader->exhausted || reader->findings.failed)
        return error_exhausted();
    if (reader->malformed)
        return error_make_slice(reader->arena, ERROR_MALFORMED_INPUT, SLICE_ABSENT);
    if (reader->finding_count == 0)
        return NULL;
    struct buf message;
    buf_init(&message, reader->arena, FINDINGS_BYTES_MAX);
    buf_append_format(&message, "%zu validation error%s detected: ", reader->finding_count,
                      reader->finding_count > 1 ? "s" : "");
    buf_append(&message, buf_slice(&reader->findings));
    if (message.failed)
        return error_exhausted();
    return error_make_slice(reader->arena, ERROR_QUERY_VALIDATION, buf_slice(&message));
}

/* --- places --- */

static struct slice joined(struct query_reader *reader, const char *format, ...) PRINTF_LIKE(2, 3);
static struct slice joined(struct query_reader *reader, const char *format, ...)
{
    char text[NAME_BYTES_MAX];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    struct slice copy = SLICE("");
    if (size < 0 || (size_t)size >= sizeof(text) ||
        !arena_copy(reader->arena, slice_of(text, (size_t)size), &copy))
        reader->exhausted = true;
    return copy;
}

static char lower_first(const char *name)
{
    return name[0] >= 'A' && name[0] <= 'Z' ? (char)(name[0] | 0x20) : name[0];
}

/* Messages write the first letter of a member small. */
static struct slice location_of(struct query_reader *reader, struct query_place place,
                                const char *name)
{
    return joined(reader, "%.*s%c%s", SLICE_PRINT(place.location), lower_first(name), name + 1);
}

struct query_place query_list_place(struct query_reader *reader, struct query_place place,
                                    const char *name, size_t index)
{
    return (struct query_place){
        .prefix = joined(reader, "%.*s%s.member.%zu.", SLICE_PRINT(place.prefix), name, index + 1),
        .location = joined(reader, "%.*s%c%s.%zu.member.", SLICE_PRINT(place.location),
                           lower_first(name), name + 1, index + 1),
    };
}

/* --- one member --- */

static struct slice value_at(const struct query_reader *reader, struct slice prefix,
                             const char *name)
{
    size_t name_size = strlen(name);
    for (size_t i = 0; i < reader->form->count; i++) {
        struct slice sent = reader->form->pairs[i].name;
        if (sent.size == prefix.size + name_size && slice_starts_with(sent, prefix) &&
            memcmp(sent.data + prefix.size, name, name_size) == 0)
            return reader->form->pairs[i].value;
    }
    return SLICE_ABSENT;
}

static int64_t character_count(struct slice text)
{
    int64_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += (text.data[i] & 0xc0) != 0x80;
    return count;
}

/* Takes a character from the front of *text; a byte that is no UTF-8 counts as itself. */
static uint32_t take_character(struct slice *text)
{
    uint8_t first = text->data[0];
    size_t size = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (size > text->size)
        size = 1;
    uint32_t character = size == 1 ? first : first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++)
        character = character << 6 | (text->data[i] & 0x3f);
    *text = slice_after(*text, size);
    return character;
}

static bool matches(const struct query_pattern *pattern, struct slice text)
{
    if (pattern->accepts_whole != NULL)
        return pattern->accepts_whole(text);
    while (text.size > 0) {
        if (!pattern->accepts(take_character(&text)))
            return false;
    }
    return true;
}

static bool is_one_of(const char *words, struct slice text)
{
    while (*words != '\0') {
        size_t size = strcspn(words, "|");
        if (slice_equal(text, slice_of(words, size)))
            return true;
        words += size + (words[size] == '|');
    }
    return false;
}

/* "[Active, Inactive]" */
static void find_not_one_of(struct query_reader *reader, struct slice location, struct slice text,
                            const char *words)
{
    begin_finding(reader, location, text);
    buf_append(&reader->findings, SLICE("Member must satisfy enum value set: ["));
    for (; *words != '\0'; words++) {
        if (*words == '|')
            buf_append(&reader->findings, SLICE(", "));
        else
            buf_append_byte(&reader->findings, (uint8_t)*words);
    }
    buf_append_byte(&reader->findings, ']');
}

static void check_text(struct query_reader *reader, struct slice location,
                       const struct query_member *member, struct slice text)
{
    int64_t length = character_count(text);
    if (member->largest > 0 && length > member->largest)
        query_find(reader, location, text, "Member must have length less than or equal to %" PRId64,
                   member->largest);
    if (length < member->smallest)
        query_find(reader, location, text,
                   "Member must have length greater than or equal to %" PRId64, member->smallest);
    if (member->pattern != NULL && !matches(member->pattern, text))
        query_find(reader, location, text, "Member must satisfy regular expression pattern: %s",
                   member->pattern->text);
    if (member->words != NULL && !is_one_of(member->words, text))
        find_not_one_of(reader, location, text, member->words);
}

/* Decimal, 32 bits as in the service models. */
static bool integer_of(struct slice text, int64_t *ret_value)
{
    char copy[16];
    if (text.size == 0 || text.size >= sizeof(copy) ||
        (text.data[0] != '-' && (text.data[0] < '0' || text.data[0] > '9')))
        return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    char *end;
    long long value = strtoll(copy, &end, 10);
    if (end != copy + text.size || value < INT32_MIN || value > INT32_MAX)
        return false;
    *ret_value = value;
    return true;
}

static void check_integer(struct query_reader *reader, struct slice location,
                          const struct query_member *member, struct slice text, int64_t value)
{
    if (value < member->smallest)
        query_find(reader, location, text,
                   "Member must have value greater than or equal to %" PRId64, member->smallest);
    if (member->largest > 0 && value > member->largest)
        query_find(reader, location, text, "Member must have value less than or equal to %" PRId64,
                   member->largest);
}

static void take_value(struct query_reader *reader, struct slice location,
                       const struct query_member *member, struct slice text, void *ret_struct)
{
    void *target = (char *)ret_struct + member->offset;
    int64_t number = 0;
    switch (member->type) {
    case QUERY_TEXT:
        check_text(reader, location, member, text);
        *(struct slice *)target = text;
        return;
    case QUERY_INTEGER:
        if (!integer_of(text, &number)) {
            reader->malformed = true;
            return;
        }
        check_integer(reader, location, member, text, number);
        *(int64_t *)target = number;
        return;
    case QUERY_BOOLEAN:
        if (!slice_equal(text, SLICE("true")) && !slice_equal(text, SLICE("false")))
            reader->malformed = true;
        *(bool *)target = slice_equal(text, SLICE("true"));
        return;
    }
}

void query_read(struct query_reader *reader, struct query_place place,
                const struct query_member *members, size_t count, void *ret_struct)
{
    for (size_t i = 0; i < count; i++) {
        struct slice location = location_of(reader, place, members[i].name);
        struct slice value = value_at(reader, place.prefix, members[i].name);
        if (slice_present(value))
            take_value(reader, location, &members[i], value, ret_struct);
        else if (members[i].presence == QUERY_REQUIRED)
            query_find(reader, location, value, "Member must not be null");
    }
}

/* --- lists --- */

/* The number at the front of text, up to HTTP_FORM_PAIRS_MAX; 0 when there is none. */
static size_t index_of(struct slice text)
{
    size_t index = 0;
    size_t i = 0;
    for (; i < text.size && text.data[i] >= '0' && text.data[i] <= '9'; i++) {
        index = index * 10 + (text.data[i] - '0');
        if (index > HTTP_FORM_PAIRS_MAX)
            return HTTP_FORM_PAIRS_MAX;
    }
    return i < text.size && text.data[i] != '.' ? 0 : index;
}

size_t query_list_size(struct query_reader *reader, struct query_place place, const char *name,
                       size_t items_max)
{
    struct slice prefix = joined(reader, "%.*s%s.member.", SLICE_PRINT(place.prefix), name);
    size_t size = 0;
    for (size_t i = 0; prefix.size > 0 && i < reader->form->count; i++) {
        struct slice sent = reader->form->pairs[i].name;
        if (!slice_starts_with(sent, prefix))
            continue;
        size_t index = index_of(slice_after(sent, prefix.size));
        if (index > size)
            size = index;
    }
    if (size <= items_max)
        return size;
    query_find(reader, location_of(reader, place, name), SLICE("[...]"),
               "Member must have length less than or equal to %zu", items_max);
    return 0;
}

void *query_read_list(struct query_reader *reader, struct query_place place, const char *name,
                      size_t items_max, const struct query_member *members, size_t member_count,
                      size_t size_bytes, size_t *ret_count)
{
    size_t count = query_list_size(reader, place, name, items_max);
    char *items = count == 0 ? NULL : arena_alloc_zeroed(reader->arena, count, size_bytes);
    reader->exhausted |= count > 0 && items == NULL;
    *ret_count = items == NULL ? 0 : count;
    for (size_t i = 0; i < *ret_count; i++)
        query_read(reader, query_list_place(reader, place, name, i), members, member_count,
                   items + i * size_bytes);
    return items;
}

const struct slice *query_read_texts(struct query_reader *reader, struct query_place place,
                                     const struct query_member *item, size_t items_max,
                                     size_t *ret_count)
{
    size_t count = query_list_size(reader, place, item->name, items_max);
    struct slice *items = count == 0 ? NULL : ARENA_NEW_ARRAY(reader->arena, struct slice, count);
    reader->exhausted |= count > 0 && items == NULL;
    *ret_count = items == NULL ? 0 : count;
    for (size_t i = 0; i < *ret_count; i++) {
        struct slice name = joined(reader, "%s.member.%zu", item->name, i + 1);
        struct slice location = joined(reader, "%.*s%c%s.%zu.member", SLICE_PRINT(place.location),
                                       lower_first(item->name), item->name + 1, i + 1);
        char text[NAME_BYTES_MAX + 1];
        memcpy(text, name.data, name.size);
        text[name.size] = '\0';
        items[i] = value_at(reader, place.prefix, text);
        if (slice_present(items[i]))
            check_text(reader, location, item, items[i]);
        else
            query_find(reader, location, items[i], "Member must not be null");
    }
    return items;
}
