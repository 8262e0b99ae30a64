#include "json/json_writer.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/base64.h"
#include "base/check.h"

void json_writer_init(struct json_writer *writer, struct buf *out)
{
    *writer = (struct json_writer){.out = out};
}

static void begin_value(struct json_writer *writer)
{
    if (writer->comma)
        buf_append_byte(writer->out, ',');
    writer->comma = true;
}

static void open_bracket(struct json_writer *writer, uint8_t bracket)
{
    begin_value(writer);
    buf_append_byte(writer->out, bracket);
    writer->comma = false;
}

static void close_bracket(struct json_writer *writer, uint8_t bracket)
{
    buf_append_byte(writer->out, bracket);
    writer->comma = true;
}

void json_object_begin(struct json_writer *writer)
{
    open_bracket(writer, '{');
}

void json_object_end(struct json_writer *writer)
{
    close_bracket(writer, '}');
}

void json_array_begin(struct json_writer *writer)
{
    open_bracket(writer, '[');
}

void json_array_end(struct json_writer *writer)
{
    close_bracket(writer, ']');
}

#ifdef __SSE2__
/* 0xff for each byte that a string cannot have as it is. */
static inline __m128i special_bytes(const uint8_t *at)
{
    __m128i chunk = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(chunk, _mm_set1_epi8(0x1f)), chunk);
    return _mm_or_si128(control, _mm_or_si128(_mm_cmpeq_epi8(chunk, _mm_set1_epi8('"')),
                                              _mm_cmpeq_epi8(chunk, _mm_set1_epi8('\\'))));
}

/* How many bytes from the front need no look at each: a multiple of 16 that ends before the first
 * special one, or before the last 15. */
static size_t plain_chunks(struct slice text)
{
    enum { CHUNK = 16, STRIDE = 4 * CHUNK };
    size_t at = 0;
    for (; text.size - at >= STRIDE; at += STRIDE) {
        const uint8_t *from = text.data + at;
        __m128i special = _mm_or_si128(
            _mm_or_si128(special_bytes(from), special_bytes(from + CHUNK)),
            _mm_or_si128(special_bytes(from + 2 * CHUNK), special_bytes(from + 3 * CHUNK)));
        if (_mm_movemask_epi8(special) != 0)
            break;
    }
    for (; text.size - at >= CHUNK; at += CHUNK) {
        if (_mm_movemask_epi8(special_bytes(text.data + at)) != 0)
            break;
    }
    return at;
}
#else
static size_t plain_chunks(struct slice text)
{
    (void)text;
    return 0;
}
#endif

/* How many bytes from the front go into a string as they are. */
static size_t plain_size(struct slice text)
{
    size_t at = plain_chunks(text);
    while (at < text.size && text.data[at] >= 0x20 && text.data[at] != '"' && text.data[at] != '\\')
        at++;
    return at;
}

static void append_escape(struct buf *out, uint8_t byte)
{
    static const char hex[] = "0123456789abcdef";
    static const uint8_t letters[256] = {
        ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f',
        ['\n'] = 'n', ['\r'] = 'r',  ['\t'] = 't',
    };
    if (letters[byte] != 0) {
        uint8_t escape[2] = {'\\', letters[byte]};
        buf_append(out, slice_of(escape, sizeof(escape)));
        return;
    }
    uint8_t escape[6] = {'\\', 'u', '0', '0', (uint8_t)hex[byte >> 4], (uint8_t)hex[byte & 15]};
    buf_append(out, slice_of(escape, sizeof(escape)));
}

static void append_string(struct buf *out, struct slice text)
{
    size_t plain = plain_size(text);
    if (plain == text.size) {
        uint8_t *room = buf_extend(out, text.size + 2);
        if (room == NULL)
            return;
        room[0] = '"';
        if (text.size > 0)
            memcpy(room + 1, text.data, text.size);
        room[text.size + 1] = '"';
        return;
    }
    buf_append_byte(out, '"');
    for (;;) {
        buf_append(out, slice_of(text.data, plain));
        text = slice_after(text, plain);
        if (text.size == 0)
            break;
        append_escape(out, text.data[0]);
        text = slice_after(text, 1);
        plain = plain_size(text);
    }
    buf_append_byte(out, '"');
}

void json_name(struct json_writer *writer, struct slice name)
{
    begin_value(writer);
    append_string(writer->out, name);
    buf_append_byte(writer->out, ':');
    writer->comma = false;
}

void json_string(struct json_writer *writer, struct slice text)
{
    begin_value(writer);
    append_string(writer->out, text);
}

void json_base64(struct json_writer *writer, struct slice bytes)
{
    begin_value(writer);
    size_t size = base64_encoded_size(bytes.size);
    uint8_t *room = buf_extend(writer->out, size + 2);
    if (room == NULL)
        return;
    room[0] = '"';
    base64_encode(bytes, room + 1);
    room[size + 1] = '"';
}

void json_integer(struct json_writer *writer, int64_t value)
{
    begin_value(writer);
    uint8_t digits[20];
    uint8_t *at = digits + sizeof(digits);
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        *--at = (uint8_t)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0)
        *--at = '-';
    buf_append(writer->out, slice_of(at, (size_t)(digits + sizeof(digits) - at)));
}

void json_double(struct json_writer *writer, double value)
{
    const double every_integer_max = 0x1p53; /* up to here a double holds every integer */
    CHECK(isfinite(value));
    if (fabs(value) <= every_integer_max && value == (double)(int64_t)value &&
        !(value == 0 && signbit(value))) {
        json_integer(writer, (int64_t)value);
        return;
    }
    /* Any text of up to 15 digits survives the way through a normal double, so 15 digits without
     * trailing zeros are the shortest if they are exact; 17 always are. The smallest doubles have
     * fewer digits. The process stays in the C locale. */
    char text[32];
    int size = 0;
    for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        size = snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    CHECK(size > 0 && (size_t)size < sizeof(text));
    json_number_text(writer, slice_of(text, (size_t)size));
}

void json_number_text(struct json_writer *writer, struct slice text)
{
    begin_value(writer);
    buf_append(writer->out, text);
}

void json_boolean(struct json_writer *writer, bool value)
{
    begin_value(writer);
    buf_append(writer->out, value ? SLICE("true") : SLICE("false"));
}

void json_null(struct json_writer *writer)
{
    begin_value(writer);
    buf_append(writer->out, SLICE("null"));
}
