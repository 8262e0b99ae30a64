#include "item/value_problem.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/check.h"

static const struct slice rule_texts[] = {
#define RULE_TEXT(name, text) [VALUE_RULE_##name] = {(const uint8_t *)text, sizeof(text) - 1},
    VALUE_RULES(RULE_TEXT)
#undef RULE_TEXT
};

static struct value_problem same_words(struct arena *arena, struct slice words)
{
    const struct error *error = error_make_slice(arena, ERROR_VALIDATION, words);
    return (struct value_problem){error, error};
}

/* words was filled in the arena. */
static const struct error *error_of_words(struct arena *arena, const struct buf *words)
{
    if (words->failed)
        return error_exhausted();
    /* There may be as many problems as values. */
    arena_shrink_bytes(arena, words->data, words->capacity, words->size);
    return error_make_slice(arena, ERROR_VALIDATION, buf_slice(words));
}

struct value_problem value_problem_of_rule(struct arena *arena, enum value_rule rule)
{
    return same_words(arena, rule_texts[rule]);
}

/* --- numbers --- */

#define NOT_NUMERIC "The parameter cannot be converted to a numeric value"
#define OVERFLOWS                                                                                  \
    "Number overflow. Attempting to store a number with magnitude larger than supported range"
#define UNDERFLOWS                                                                                 \
    "Number underflow. Attempting to store a number with magnitude smaller than supported range"

/* The new layer always names the text; the classic one not when it is empty. */
static struct value_problem not_numeric(struct arena *arena, struct slice text)
{
    struct buf words;
    buf_init(&words, arena, arena->limit_bytes);
    buf_append(&words, SLICE(NOT_NUMERIC ": "));
    buf_append(&words, text);
    const struct error *current = error_of_words(arena, &words);
    if (text.size > 0)
        return (struct value_problem){current, current};
    return (struct value_problem){current,
                                  error_make_slice(arena, ERROR_VALIDATION, SLICE(NOT_NUMERIC))};
}

/* The classic layer reads the exponent into 32 bits: one beyond them is no number, and the digits
 * before the point added to it wrap, so that it answers an underflow to 1e2147483647 (both
 * observed). */
enum classic_range { CLASSIC_FITS, CLASSIC_WRAPS, CLASSIC_NOT_NUMERIC };

/* text is a number. */
static enum classic_range classic_range_of(struct slice text)
{
    int64_t integer_digits = 0;
    int64_t exponent = 0;
    bool leading = true, negative = false;
    size_t i = 0;
    for (; i < text.size && text.data[i] != '.' && (text.data[i] | 0x20) != 'e'; i++) {
        leading = leading && (text.data[i] < '1' || text.data[i] > '9');
        integer_digits += !leading;
    }
    while (i < text.size && (text.data[i] | 0x20) != 'e')
        i++;
    for (i++; i < text.size; i++) {
        negative = negative || text.data[i] == '-';
        if (text.data[i] == '-' || text.data[i] == '+')
            continue;
        exponent = exponent * 10 + (text.data[i] - '0');
        if (exponent > INT32_MAX)
            return CLASSIC_NOT_NUMERIC;
    }
    return !negative && exponent + integer_digits > INT32_MAX ? CLASSIC_WRAPS : CLASSIC_FITS;
}

/* Beyond the range; words: as the new layer says it. */
static struct value_problem out_of_range(struct arena *arena, struct slice words, struct slice text)
{
    struct value_problem problem = same_words(arena, words);
    switch (classic_range_of(text)) {
    case CLASSIC_FITS:
        break;
    case CLASSIC_WRAPS:
        problem.classic = error_make_slice(arena, ERROR_VALIDATION, SLICE(UNDERFLOWS));
        break;
    case CLASSIC_NOT_NUMERIC:
        problem.classic = not_numeric(arena, text).classic;
        break;
    }
    return problem;
}

struct value_problem value_problem_of_number(struct arena *arena, enum num_status status,
                                             struct slice text)
{
    switch (status) {
    case NUM_TOO_PRECISE:
        return same_words(arena,
                          SLICE("Attempting to store more than 38 significant digits in a Number"));
    case NUM_OVERFLOW:
        return out_of_range(arena, SLICE(OVERFLOWS), text);
    case NUM_UNDERFLOW:
        return out_of_range(arena, SLICE(UNDERFLOWS), text);
    case NUM_OK:
    case NUM_NOT_A_NUMBER:
        break;
    }
    CHECK(status == NUM_NOT_A_NUMBER);
    return not_numeric(arena, text);
}

/* --- duplicates in sets --- */

#define INVALID "One or more parameter values were invalid: "

static int compare_positions(const void *left, const void *right)
{
    size_t left_position = ((const struct set_element *)left)->position;
    size_t right_position = ((const struct set_element *)right)->position;
    return left_position < right_position ? -1 : left_position > right_position;
}

/* The earliest element that equals one before it. */
static size_t first_repeat(const struct set_element *elements, size_t count)
{
    size_t repeat = SIZE_MAX;
    for (size_t i = 1; i < count; i++) {
        if (slice_equal(elements[i - 1].body, elements[i].body) && elements[i].position < repeat)
            repeat = elements[i].position;
    }
    CHECK(repeat != SIZE_MAX);
    return repeat;
}

static void append_base64(struct buf *words, struct slice bytes)
{
    uint8_t *room = buf_extend(words, base64_encoded_size(bytes.size));
    if (room != NULL)
        base64_encode(bytes, room);
}

static void append_quoted(struct buf *words, struct slice text)
{
    buf_append_byte(words, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\')
            buf_append_byte(words, '\\');
        buf_append_byte(words, text.data[i]);
    }
    buf_append_byte(words, '"');
}

/* The two layers list members differently: quoted or bare; "," or ", " between binary ones. */
enum wording { WORDING_CURRENT, WORDING_CLASSIC };

static void append_element(struct buf *words, enum value_type set_type, enum wording wording,
                           struct slice body)
{
    bool quoted = wording == WORDING_CURRENT;
    if (set_type == VALUE_STRING_SET && quoted) {
        append_quoted(words, body);
    } else if (set_type == VALUE_STRING_SET) {
        buf_append(words, body);
    } else {
        if (quoted)
            buf_append_byte(words, '"');
        append_base64(words, body);
        if (quoted)
            buf_append_byte(words, '"');
    }
}

/* The elements sent at positions from ... before - 1, in the order they are in now. */
static void append_elements(struct buf *words, enum value_type set_type, enum wording wording,
                            const struct set_element *elements, size_t count, size_t from,
                            size_t before)
{
    bool tight = set_type == VALUE_BINARY_SET && wording == WORDING_CURRENT;
    bool first = from == 0;
    for (size_t i = 0; i < count; i++) {
        if (elements[i].position < from || elements[i].position >= before)
            continue;
        if (!first)
            buf_append(words, tight ? SLICE(",") : SLICE(", "));
        append_element(words, set_type, wording, elements[i].body);
        first = false;
    }
}

static struct buf begin_words(struct arena *arena)
{
    struct buf words;
    buf_init(&words, arena, arena->limit_bytes);
    buf_append(&words, SLICE(INVALID "Input collection ["));
    return words;
}

static const struct error *end_words(struct arena *arena, struct buf *words,
                                     enum value_type set_type)
{
    buf_append_byte(words, ']');
    if (set_type == VALUE_BINARY_SET)
        buf_append(words, SLICE("of type BS"));
    buf_append(words, SLICE(" contains duplicates."));
    return error_of_words(arena, words);
}

struct value_problem value_problem_of_duplicates(struct arena *arena, enum value_type set_type,
                                                 struct set_element *elements, size_t count)
{
    struct value_problem problem;
    if (set_type == VALUE_NUMBER_SET) {
        problem.current = error_make_slice(arena, ERROR_VALIDATION,
                                           SLICE(INVALID "Input collection contains duplicates."));
        problem.classic = error_make_slice(arena, ERROR_VALIDATION,
                                           SLICE("Input collection contains duplicates"));
        return problem;
    }
    /* The new layer fills an ordered set until one is refused: it lists in byte order what stands
     * before the first repeat, then the repeat and the rest as sent. */
    size_t repeat = first_repeat(elements, count);
    struct buf words = begin_words(arena);
    append_elements(&words, set_type, WORDING_CURRENT, elements, count, 0, repeat);
    qsort(elements, count, sizeof(*elements), compare_positions);
    append_elements(&words, set_type, WORDING_CURRENT, elements, count, repeat, count);
    problem.current = end_words(arena, &words, set_type);

    words = begin_words(arena);
    append_elements(&words, set_type, WORDING_CLASSIC, elements, count, 0, count);
    problem.classic = end_words(arena, &words, set_type);
    return problem;
}
