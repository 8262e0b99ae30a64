#include "partiql/problem.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/check.h"

const struct error *problem_not_well_formed(struct arena *arena, const char *detail)
{
    return error_make(arena, ERROR_VALIDATION,
                      "Statement wasn't well formed, can't be processed: %s", detail);
}

const struct error *problem(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const struct error *error = error_make_va(arena, ERROR_VALIDATION, format, arguments);
    va_end(arguments);
    return error;
}

/* Bytes that begin a character of UTF-8. */
static size_t count_characters(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += (text.data[i] & 0xc0) != 0x80;
    return count;
}

static void write_place(struct buf *out, struct slice statement, struct slice part)
{
    CHECK(part.data >= statement.data && part.data <= statement.data + statement.size);
    size_t line = 1;
    const uint8_t *line_start = statement.data;
    for (const uint8_t *at = statement.data; at < part.data; at++)
        if (*at == '\n') {
            line++;
            line_start = at + 1;
        }
    size_t column = 1 + count_characters(slice_of(line_start, (size_t)(part.data - line_start)));
    buf_append_format(out, " at %zu:%zu:%zu", line, column, count_characters(part));
}

const struct error *problem_at(struct arena *arena, struct slice statement, struct slice part,
                               const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const struct error *words = error_make_va(arena, ERROR_VALIDATION, format, arguments);
    va_end(arguments);
    struct buf message;
    buf_init(&message, arena, SIZE_MAX);
    buf_append(&message, words->message);
    write_place(&message, statement, part);
    if (message.failed)
        return error_exhausted();
    return error_make_slice(arena, ERROR_VALIDATION, buf_slice(&message));
}

struct slice problem_lower_case(struct arena *arena, struct slice text)
{
    uint8_t *lower = arena_alloc_bytes(arena, text.size);
    if (lower == NULL)
        return text;
    for (size_t i = 0; i < text.size; i++) {
        bool upper = text.data[i] >= 'A' && text.data[i] <= 'Z';
        lower[i] = upper ? text.data[i] | 0x20 : text.data[i];
    }
    return slice_of(lower, text.size);
}
