#include "json/json_scan.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/check.h"
#include "json/json_reader.h"

const uint8_t *json_scan_space(const uint8_t *at, const uint8_t *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* The first byte that needs a closer look inside a string: quote, backslash, control character,
 * not ASCII. */
static const uint8_t *skip_plain(const uint8_t *at, const uint8_t *end)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i space = _mm_set1_epi8(' ');
    for (; end - at >= 16; at += 16) {
        __m128i chunk = _mm_loadu_si128((const __m128i *)(const void *)at);
        /* The comparison is signed, so it finds control characters and all from 0x80 on. */
        __m128i special = _mm_or_si128(
            _mm_cmplt_epi8(chunk, space),
            _mm_or_si128(_mm_cmpeq_epi8(chunk, quote), _mm_cmpeq_epi8(chunk, backslash)));
        unsigned found = (unsigned)_mm_movemask_epi8(special);
        if (found != 0)
            return at + __builtin_ctz(found);
    }
#endif
    while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\')
        at++;
    return at;
}

static bool within(uint8_t byte, uint8_t least, uint8_t most)
{
    return byte >= least && byte <= most;
}

/* One character from 0x80 on, by the table of well-formed byte sequences (Unicode, table 3-7). */
static const uint8_t *scan_utf8(const uint8_t *at, const uint8_t *end)
{
    uint8_t lead = *at;
    size_t left = (size_t)(end - at);
    if (lead < 0xe0)
        return lead >= 0xc2 && left >= 2 && within(at[1], 0x80, 0xbf) ? at + 2 : NULL;
    if (lead < 0xf0) {
        uint8_t least = lead == 0xe0 ? 0xa0 : 0x80;
        uint8_t most = lead == 0xed ? 0x9f : 0xbf;
        bool good = left >= 3 && within(at[1], least, most) && within(at[2], 0x80, 0xbf);
        return good ? at + 3 : NULL;
    }
    if (lead > 0xf4)
        return NULL;
    uint8_t least = lead == 0xf0 ? 0x90 : 0x80;
    uint8_t most = lead == 0xf4 ? 0x8f : 0xbf;
    bool good = left >= 4 && within(at[1], least, most) && within(at[2], 0x80, 0xbf) &&
                within(at[3], 0x80, 0xbf);
    return good ? at + 4 : NULL;
}

/* Four hexadecimal digits; the value, or -1. */
static int32_t read_hex4(const uint8_t *at, const uint8_t *end)
{
    if (end - at < 4)
        return -1;
    int32_t value = 0;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t digit = at[i];
        if (within(digit, '0', '9'))
            value = value * 16 + (digit - '0');
        else if (within(digit | 0x20, 'a', 'f'))
            value = value * 16 + ((digit | 0x20) - 'a' + 10);
        else
            return -1;
    }
    return value;
}

static bool is_high_surrogate(int32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low_surrogate(int32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* at is behind "\u"; a character beyond the first 65536 takes a second \u with it. */
static const uint8_t *scan_unicode_escape(const uint8_t *at, const uint8_t *end)
{
    int32_t unit = read_hex4(at, end);
    if (unit < 0 || is_low_surrogate(unit))
        return NULL;
    at += 4;
    if (!is_high_surrogate(unit))
        return at;
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u' || !is_low_surrogate(read_hex4(at + 2, end)))
        return NULL;
    return at + 6;
}

/* at is behind the backslash. */
static const uint8_t *scan_escape(const uint8_t *at, const uint8_t *end)
{
    if (at == end)
        return NULL;
    switch (*at) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return at + 1;
    case 'u':
        return scan_unicode_escape(at + 1, end);
    default:
        return NULL;
    }
}

const uint8_t *json_scan_string(const uint8_t *at, const uint8_t *end, bool *ret_escaped)
{
    bool escaped = false;
    while (at != NULL) {
        at = skip_plain(at, end);
        if (at == end || *at < 0x20)
            return NULL;
        if (*at == '"') {
            *ret_escaped = escaped;
            return at;
        }
        if (*at == '\\') {
            escaped = true;
            at = scan_escape(at + 1, end);
            continue;
        }
        do
            at = scan_utf8(at, end);
        while (at != NULL && at < end && *at >= 0x80);
    }
    return NULL;
}

static bool is_digit(const uint8_t *at, const uint8_t *end)
{
    return at < end && *at >= '0' && *at <= '9';
}

static const uint8_t *skip_digits(const uint8_t *at, const uint8_t *end)
{
    while (is_digit(at, end))
        at++;
    return at;
}

const uint8_t *json_scan_number(const uint8_t *at, const uint8_t *end)
{
    if (at < end && *at == '-')
        at++;
    if (!is_digit(at, end))
        return NULL;
    at = *at == '0' ? at + 1 : skip_digits(at, end);
    if (at < end && *at == '.') {
        if (!is_digit(++at, end))
            return NULL;
        at = skip_digits(at, end);
    }
    if (at < end && (*at | 0x20) == 'e') {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        if (!is_digit(at, end))
            return NULL;
        at = skip_digits(at, end);
    }
    return at;
}

const uint8_t *json_scan_literal(const uint8_t *at, const uint8_t *end)
{
    size_t left = (size_t)(end - at);
    if (left >= 4 && (memcmp(at, "null", 4) == 0 || memcmp(at, "true", 4) == 0))
        return at + 4;
    if (left >= 5 && memcmp(at, "false", 5) == 0)
        return at + 5;
    return NULL;
}

static const uint8_t *scan_scalar(const uint8_t *at, const uint8_t *end)
{
    if (at == end)
        return NULL;
    if (*at == '"') {
        bool escaped;
        at = json_scan_string(at + 1, end, &escaped);
        return at == NULL ? NULL : at + 1;
    }
    if (*at == '-' || is_digit(at, end))
        return json_scan_number(at, end);
    return json_scan_literal(at, end);
}

/* A member's name and colon; returns where its value begins, or space before it. */
static const uint8_t *scan_name(const uint8_t *at, const uint8_t *end)
{
    bool escaped;
    if (at == end || *at != '"')
        return NULL;
    at = json_scan_string(at + 1, end, &escaped);
    if (at == NULL)
        return NULL;
    at = json_scan_space(at + 1, end);
    return at < end && *at == ':' ? at + 1 : NULL;
}

/* The brackets that are open, a bit for each: set for an object, clear for an array. */
struct nesting {
    unsigned depth;
    unsigned deepest;
    uint64_t objects[JSON_DEPTH_MAX / 64];
};

static void nesting_push(struct nesting *nesting, bool object)
{
    CHECK(nesting->depth < JSON_DEPTH_MAX);
    uint64_t bit = UINT64_C(1) << (nesting->depth % 64);
    uint64_t *word = &nesting->objects[nesting->depth / 64];
    *word = object ? *word | bit : *word & ~bit;
    nesting->depth++;
    if (nesting->depth > nesting->deepest)
        nesting->deepest = nesting->depth;
}

static bool nesting_in_object(const struct nesting *nesting)
{
    CHECK(nesting->depth > 0);
    unsigned index = nesting->depth - 1;
    return (nesting->objects[index / 64] >> (index % 64) & 1) != 0;
}

/* A value has ended: takes closing brackets, then the comma and the name before the next value.
 * When it returns with depth 0, the outermost value has ended. */
static const uint8_t *scan_to_next(struct nesting *nesting, const uint8_t *at, const uint8_t *end)
{
    while (nesting->depth > 0) {
        bool object = nesting_in_object(nesting);
        at = json_scan_space(at, end);
        if (at == end)
            return NULL;
        if (*at == ',') {
            at = json_scan_space(at + 1, end);
            return object ? scan_name(at, end) : at;
        }
        if (*at != (object ? '}' : ']'))
            return NULL;
        at++;
        nesting->depth--;
    }
    return at;
}

static const uint8_t *scan_value(struct nesting *nesting, const uint8_t *at, const uint8_t *end,
                                 unsigned depth_max)
{
    for (;;) {
        if (at < end && (*at == '{' || *at == '[')) {
            bool object = *at == '{';
            if (nesting->depth == depth_max)
                return NULL;
            nesting_push(nesting, object);
            at = json_scan_space(at + 1, end);
            if (at == end)
                return NULL;
            if (*at != (object ? '}' : ']')) {
                at = object ? scan_name(at, end) : at;
                if (at == NULL)
                    return NULL;
                at = json_scan_space(at, end);
                continue;
            }
        } else {
            at = scan_scalar(at, end);
            if (at == NULL)
                return NULL;
        }
        at = scan_to_next(nesting, at, end);
        if (at == NULL || nesting->depth == 0)
            return at;
        at = json_scan_space(at, end);
    }
}

const uint8_t *json_scan_value(const uint8_t *at, const uint8_t *end, unsigned depth_max,
                               unsigned *ret_depth)
{
    struct nesting nesting;
    nesting.depth = 0;
    nesting.deepest = 0;
    at = scan_value(&nesting, at, end, depth_max);
    *ret_depth = nesting.deepest;
    return at;
}

static uint8_t *write_utf8(uint8_t *out, uint32_t character)
{
    if (character < 0x80) {
        *out++ = (uint8_t)character;
    } else if (character < 0x800) {
        *out++ = (uint8_t)(0xc0 | character >> 6);
        *out++ = (uint8_t)(0x80 | (character & 0x3f));
    } else if (character < 0x10000) {
        *out++ = (uint8_t)(0xe0 | character >> 12);
        *out++ = (uint8_t)(0x80 | (character >> 6 & 0x3f));
        *out++ = (uint8_t)(0x80 | (character & 0x3f));
    } else {
        *out++ = (uint8_t)(0xf0 | character >> 18);
        *out++ = (uint8_t)(0x80 | (character >> 12 & 0x3f));
        *out++ = (uint8_t)(0x80 | (character >> 6 & 0x3f));
        *out++ = (uint8_t)(0x80 | (character & 0x3f));
    }
    return out;
}

/* What a one-letter escape stands for. */
static uint8_t short_escape(uint8_t letter)
{
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return letter; /* quote, backslash, slash */
    }
}

size_t json_unescape(const uint8_t *at, const uint8_t *quote, uint8_t *out)
{
    uint8_t *start = out;
    size_t room = (size_t)(quote - at);
    while (at < quote) {
        const uint8_t *backslash = memchr(at, '\\', (size_t)(quote - at));
        const uint8_t *stop = backslash == NULL ? quote : backslash;
        memcpy(out, at, (size_t)(stop - at));
        out += stop - at;
        at = stop;
        if (at == quote)
            break;
        if (at[1] != 'u') {
            *out++ = short_escape(at[1]);
            at += 2;
            continue;
        }
        uint32_t character = (uint32_t)read_hex4(at + 2, quote);
        at += 6;
        if (is_high_surrogate((int32_t)character)) {
            uint32_t low = (uint32_t)read_hex4(at + 2, quote);
            character = 0x10000 + ((character - 0xd800) << 10) + (low - 0xdc00);
            at += 6;
        }
        out = write_utf8(out, character);
    }
    CHECK(at == quote && (size_t)(out - start) <= room);
    return (size_t)(out - start);
}
