#ifndef HASHRANGE_ITEM_CONTAINER_H
#define HASHRANGE_ITEM_CONTAINER_H

/*
 * Writing a map, list or set whose members are not known yet: one byte each is set aside for size
 * and count, which is enough for most; container_end moves the members up when it is not. Used
 * inside item/ only. Failures stay in the buf.
 */

#include "base/buf.h"
#include "item/value.h"

/* Where a container's members begin in the buf. An offset: the buf may move while it grows. */
struct container {
    size_t members;
    bool is_item; /* a map body alone, without type and size */
};

/* buf_extend without a call when there is room. */
static inline uint8_t *container_room(struct buf *out, size_t size)
{
    if (out->failed || size > out->capacity - out->size)
        return buf_extend(out, size);
    uint8_t *room = out->data + out->size;
    out->size += size;
    return room;
}

static inline struct container item_begin(struct buf *out)
{
    buf_append_byte(out, 0);
    return (struct container){out->size, true};
}

static inline struct container container_begin(struct buf *out, enum value_type type)
{
    uint8_t *head = container_room(out, 3);
    if (head != NULL)
        head[0] = (uint8_t)type;
    return (struct container){out->size, false};
}

/* Everything appended since the beginning is count members, in their final order. */
void container_end(struct buf *out, struct container container, size_t count);

/* A buf in the arena with room for so many bytes before it grows. */
struct buf container_buf(struct arena *arena, size_t expected_bytes);

#endif
