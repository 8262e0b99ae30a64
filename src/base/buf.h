#ifndef HASHRANGE_BASE_BUF_H
#define HASHRANGE_BASE_BUF_H

/*
 * A buffer that grows, either in an arena or on the heap, with a sticky failure: writers append
 * without checking and look at `failed` once at the end. After a failure every append does nothing.
 */

#include "base/arena.h"
#include "base/attributes.h"
#include "base/slice.h"

struct buf {
    uint8_t *data;
    size_t size;
    size_t capacity;
    size_t limit_bytes;
    struct arena *arena; /* NULL: the heap, and buf_fini frees it */
    bool failed;         /* limit or memory exhausted */
};

void buf_init(struct buf *buf, struct arena *arena, size_t limit_bytes);
/* For heap buffers; harmless for arena buffers and zeroed ones. */
void buf_fini(struct buf *buf);
/* Keeps the memory, forgets contents and failure. */
void buf_clear(struct buf *buf);

/* With zeros in front up to that many digits. */
void buf_append_decimal(struct buf *buf, uint64_t value, unsigned digits_min);
void buf_append_format(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
/* Where there is no room yet, or never will be: what buf_extend leaves to it. */
uint8_t *buf_extend_slowly(struct buf *buf, size_t size);

/* Room for size bytes at the end, counted as written; NULL after a failure. */
static inline uint8_t *buf_extend(struct buf *buf, size_t size)
{
    if (buf->failed || size > buf->capacity - buf->size)
        return buf_extend_slowly(buf, size);
    uint8_t *room = buf->data + buf->size;
    buf->size += size;
    return room;
}

static inline void buf_append(struct buf *buf, struct slice bytes)
{
    uint8_t *room = bytes.size == 0 ? NULL : buf_extend(buf, bytes.size);
    if (room != NULL)
        memcpy(room, bytes.data, bytes.size);
}

static inline void buf_append_byte(struct buf *buf, uint8_t byte)
{
    uint8_t *room = buf_extend(buf, 1);
    if (room != NULL)
        *room = byte;
}

/* LEB128 unsigned variable-length integer, 1 to 10 bytes. */
void buf_append_varint(struct buf *buf, uint64_t value);

static inline struct slice buf_slice(const struct buf *buf)
{
    return slice_of(buf->data == NULL ? (const uint8_t *)"" : buf->data, buf->size);
}

/* Takes a varint from the front of *at. false, *at untouched, when it is cut off or over 64 bits.
 */
MUST_USE bool varint_read(struct slice *at, uint64_t *ret_value);
/* Writes 1 to 10 bytes and returns how many. */
size_t varint_write(uint8_t *out, uint64_t value);
size_t varint_size(uint64_t value);

#endif
