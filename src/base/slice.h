#ifndef HASHRANGE_BASE_SLICE_H
#define HASHRANGE_BASE_SLICE_H

/*
 * A slice is a borrowed run of bytes: not owned, not NUL-terminated, passed by value. Whoever hands
 * one out says how long the bytes live. A slice with data == NULL is "absent"; an empty slice with
 * data != NULL is "present and empty".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const uint8_t *data;
    size_t size;
};

/* A slice over a string literal, without its NUL. */
#define SLICE(literal) ((struct slice){(const uint8_t *)("" literal), sizeof(literal) - 1})
/* The same as an initializer of static storage, where a compound literal may not stand. */
/* clang-format off */
#define SLICE_INIT(literal) {(const uint8_t *)("" literal), sizeof(literal) - 1}
/* clang-format on */
#define SLICE_ABSENT ((struct slice){NULL, 0})

/* printf("%.*s", SLICE_PRINT(slice)); sizes over INT_MAX are never printed. */
#define SLICE_PRINT(slice) (int)(slice).size, (const char *)(slice).data

static inline struct slice slice_of(const void *data, size_t size)
{
    return (struct slice){(const uint8_t *)data, size};
}

/* A slice over a C string at the border to the operating system or a library. */
static inline struct slice slice_of_cstring(const char *string)
{
    return slice_of(string, strlen(string));
}

static inline bool slice_present(struct slice slice)
{
    return slice.data != NULL;
}

static inline bool slice_equal(struct slice left, struct slice right)
{
    return left.size == right.size &&
           (left.size == 0 || memcmp(left.data, right.data, left.size) == 0);
}

/* Byte order, the shorter first when one is a prefix of the other: < 0, 0 or > 0. */
static inline int slice_compare(struct slice left, struct slice right)
{
    size_t shared = left.size < right.size ? left.size : right.size;
    int order = shared > 0 ? memcmp(left.data, right.data, shared) : 0;
    if (order != 0)
        return order;
    return left.size < right.size ? -1 : left.size > right.size;
}

static inline bool slice_starts_with(struct slice slice, struct slice prefix)
{
    return slice.size >= prefix.size &&
           (prefix.size == 0 || memcmp(slice.data, prefix.data, prefix.size) == 0);
}

/* The bytes from offset on; offset must be within the slice. */
static inline struct slice slice_after(struct slice slice, size_t offset)
{
    return (struct slice){slice.data + offset, slice.size - offset};
}

#endif
