#include "base/error.h"

#include <stdio.h>

#include "base/check.h"

enum { MESSAGE_BYTES_MAX = 1024 * 1024 };

struct kind_row {
    const char *name;
    const char *namespace;
    int http_status;
};

#define NAMESPACE_MODEL "com.amazonaws.dynamodb.v20120810#"
#define NAMESPACE_VALIDATE "com.amazon.coral.validate#"
#define NAMESPACE_SERVICE "com.amazon.coral.service#"
#define NAMESPACE_QUERY ""

static const struct kind_row kinds[ERROR_KIND_COUNT] = {
#define ERROR_ROW(kind, namespace, name, http_status)                                              \
    [ERROR_##kind] = {#name, NAMESPACE_##namespace, http_status},
#include "base/errors.def"
#undef ERROR_ROW
};

static const uint8_t exhausted_words[] = "The request needs more memory than one request may use";

static const struct error exhausted = {
    .kind = ERROR_INTERNAL,
    .message = {exhausted_words, sizeof(exhausted_words) - 1},
};

static const struct kind_row *row(enum error_kind kind)
{
    CHECK((unsigned)kind < ERROR_KIND_COUNT);
    return &kinds[kind];
}

const char *error_kind_name(enum error_kind kind)
{
    return row(kind)->name;
}

const char *error_kind_namespace(enum error_kind kind)
{
    return row(kind)->namespace;
}

int error_kind_http_status(enum error_kind kind)
{
    return row(kind)->http_status;
}

const struct error *error_make_va(struct arena *arena, enum error_kind kind, const char *format,
                                  va_list arguments)
{
    char small[512];
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(small, sizeof(small), format, arguments);
    struct slice message = SLICE_ABSENT;
    if (size >= 0 && (size_t)size < sizeof(small)) {
        if (!arena_copy(arena, slice_of(small, (size_t)size), &message))
            message = SLICE_ABSENT;
    } else if (size >= 0 && size < MESSAGE_BYTES_MAX) {
        char *large = (char *)arena_alloc_bytes(arena, (size_t)size + 1);
        if (large != NULL) {
            vsnprintf(large, (size_t)size + 1, format, again);
            message = slice_of(large, (size_t)size);
        }
    }
    va_end(again);
    return slice_present(message) ? error_make_slice(arena, kind, message) : error_exhausted();
}

const struct error *error_make(struct arena *arena, enum error_kind kind, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const struct error *error = error_make_va(arena, kind, format, arguments);
    va_end(arguments);
    return error;
}

const struct error *error_make_slice(struct arena *arena, enum error_kind kind,
                                     struct slice message)
{
    struct error *error = ARENA_NEW(arena, struct error);
    if (error == NULL)
        return error_exhausted();
    error->kind = kind;
    error->message = message;
    return error;
}

const struct error *error_exhausted(void)
{
    return &exhausted;
}
