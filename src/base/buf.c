#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

enum { FIRST_CAPACITY = 256 };

void buf_init(struct buf *buf, struct arena *arena, size_t limit_bytes)
{
    *buf = (struct buf){.arena = arena, .limit_bytes = limit_bytes};
}

void buf_fini(struct buf *buf)
{
    if (buf->arena == NULL)
        free(buf->data);
    *buf = (struct buf){.arena = buf->arena, .limit_bytes = buf->limit_bytes};
}

void buf_clear(struct buf *buf)
{
    buf->size = 0;
    buf->failed = false;
}

static bool grow(struct buf *buf, size_t least)
{
    size_t capacity = buf->capacity == 0 ? FIRST_CAPACITY : buf->capacity * 2;
    if (capacity < least)
        capacity = least;
    if (capacity > buf->limit_bytes)
        capacity = buf->limit_bytes;
    uint8_t *data = buf->arena == NULL
                        ? realloc(buf->data, capacity)
                        : arena_grow_bytes(buf->arena, buf->data, buf->capacity, capacity);
    if (data == NULL)
        return false;
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

uint8_t *buf_extend_slowly(struct buf *buf, size_t size)
{
    if (buf->failed)
        return NULL;
    CHECK(buf->size <= buf->capacity && size > buf->capacity - buf->size);
    if (size > buf->limit_bytes - buf->size || !grow(buf, buf->size + size)) {
        buf->failed = true;
        return NULL;
    }
    CHECK(size <= buf->capacity - buf->size);
    uint8_t *room = buf->data + buf->size;
    buf->size += size;
    return room;
}

void buf_append_decimal(struct buf *buf, uint64_t value, unsigned digits_min)
{
    char digits[20]; /* of 2^64 - 1 */
    unsigned count = 0;
    CHECK(digits_min <= sizeof(digits));
    while (value > 0 || count < digits_min) {
        digits[sizeof(digits) - ++count] = (char)('0' + value % 10);
        value /= 10;
    }
    buf_append(buf, slice_of(digits + sizeof(digits) - count, count));
}

void buf_append_format(struct buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    CHECK(size >= 0);
    /* vsnprintf writes a NUL behind the text, which is taken back again. */
    char *room = (char *)buf_extend(buf, (size_t)size + 1);
    if (room == NULL)
        return;
    va_start(arguments, format);
    vsnprintf(room, (size_t)size + 1, format, arguments);
    va_end(arguments);
    buf->size--;
}

void buf_append_varint(struct buf *buf, uint64_t value)
{
    uint8_t bytes[10];
    buf_append(buf, slice_of(bytes, varint_write(bytes, value)));
}

bool varint_read(struct slice *at, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (size_t i = 0; i < at->size && i < 10; i++) {
        uint8_t byte = at->data[i];
        if (i == 9 && byte > 1)
            return false;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *at = slice_after(*at, i + 1);
            *ret_value = value;
            return true;
        }
    }
    return false;
}

size_t varint_write(uint8_t *out, uint64_t value)
{
    size_t size = 0;
    while (value >= 0x80) {
        out[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    out[size++] = (uint8_t)value;
    return size;
}

size_t varint_size(uint64_t value)
{
    size_t size = 1;
    for (; value >= 0x80; value >>= 7)
        size++;
    return size;
}
