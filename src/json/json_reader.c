#include "json/json_reader.h"

#include "base/check.h"
#include "json/json_scan.h"

bool json_measure(struct slice text, unsigned depth_max, unsigned *ret_depth)
{
    CHECK(depth_max <= JSON_DEPTH_MAX);
    if (!slice_present(text))
        return false;
    const uint8_t *end = text.data + text.size;
    unsigned depth;
    const uint8_t *at = json_scan_value(json_scan_space(text.data, end), end, depth_max, &depth);
    if (at == NULL || json_scan_space(at, end) != end)
        return false;
    *ret_depth = depth;
    return true;
}

bool json_check(struct slice text, unsigned depth_max)
{
    unsigned depth;
    return json_measure(text, depth_max, &depth);
}

void json_reader_init(struct json_reader *reader, struct slice text, struct arena *arena)
{
    if (!slice_present(text))
        text = SLICE("");
    *reader = (struct json_reader){
        .at = text.data,
        .end = text.data + text.size,
        .arena = arena,
    };
}

static void fail(struct json_reader *reader)
{
    reader->failed = true;
    reader->at = reader->end;
}

/* Goes on behind a token whose end a scan has found; NULL fails. */
static void go_on(struct json_reader *reader, const uint8_t *token_end)
{
    if (token_end == NULL)
        fail(reader);
    else
        reader->at = token_end;
}

/* The next byte that is not space, or -1 at the end. */
static int next_byte(struct json_reader *reader)
{
    reader->at = json_scan_space(reader->at, reader->end);
    return reader->at < reader->end ? *reader->at : -1;
}

enum json_type json_peek(struct json_reader *reader)
{
    int byte = next_byte(reader);
    switch (byte) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 'n':
        return JSON_NULL;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case '}':
    case ']':
    case -1:
        return JSON_END;
    default:
        if (byte == '-' || (byte >= '0' && byte <= '9'))
            return JSON_NUMBER;
        fail(reader);
        return JSON_END;
    }
}

struct slice json_read_string(struct json_reader *reader)
{
    bool escaped = false;
    const uint8_t *quote = NULL;
    if (next_byte(reader) == '"')
        quote = json_scan_string(reader->at + 1, reader->end, &escaped);
    if (quote == NULL) {
        fail(reader);
        return SLICE_ABSENT;
    }
    const uint8_t *first = reader->at + 1;
    size_t size = (size_t)(quote - first);
    if (escaped) {
        uint8_t *decoded = arena_alloc_bytes(reader->arena, size);
        if (decoded == NULL) {
            reader->exhausted = true;
            fail(reader);
            return SLICE_ABSENT;
        }
        size = json_unescape(first, quote, decoded);
        first = decoded;
    }
    reader->at = quote + 1;
    return slice_of(first, size);
}

struct slice json_read_number(struct json_reader *reader)
{
    (void)next_byte(reader);
    const uint8_t *first = reader->at;
    go_on(reader, json_scan_number(first, reader->end));
    return reader->failed ? SLICE_ABSENT : slice_of(first, (size_t)(reader->at - first));
}

void json_read_literal(struct json_reader *reader)
{
    (void)next_byte(reader);
    go_on(reader, json_scan_literal(reader->at, reader->end));
}

void json_skip(struct json_reader *reader)
{
    (void)next_byte(reader);
    unsigned depth;
    go_on(reader, json_scan_value(reader->at, reader->end, JSON_DEPTH_MAX, &depth));
}

static void enter(struct json_reader *reader, uint8_t bracket)
{
    if (next_byte(reader) != bracket) {
        fail(reader);
        return;
    }
    reader->at++;
    reader->opened = true;
}

/* Before a member: false behind the closing bracket, after a failure, or without a comma. */
static bool next(struct json_reader *reader, uint8_t closing_bracket)
{
    bool first = reader->opened;
    reader->opened = false;
    int byte = next_byte(reader);
    if (byte == closing_bracket) {
        reader->at++;
        return false;
    }
    if (first && byte != -1)
        return true;
    if (byte != ',') {
        fail(reader);
        return false;
    }
    reader->at++;
    return true;
}

void json_enter_object(struct json_reader *reader)
{
    enter(reader, '{');
}

bool json_next_member(struct json_reader *reader, struct slice *ret_name)
{
    if (!next(reader, '}'))
        return false;
    struct slice name = json_read_string(reader);
    if (reader->failed)
        return false;
    if (next_byte(reader) != ':') {
        fail(reader);
        return false;
    }
    reader->at++;
    *ret_name = name;
    return true;
}

void json_enter_array(struct json_reader *reader)
{
    enter(reader, '[');
}

bool json_next_element(struct json_reader *reader)
{
    if (!next(reader, ']'))
        return false;
    /* "[1,]": behind a comma there is a value. */
    if (json_peek(reader) != JSON_END)
        return true;
    fail(reader);
    return false;
}
