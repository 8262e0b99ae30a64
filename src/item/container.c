#include "item/container.h"

#include "base/check.h"

/* What a buf begins with at least; more than the framing of one value. */
enum { CONTAINER_BYTES_MIN = 32 };

void container_end(struct buf *out, struct container container, size_t count)
{
    if (out->failed)
        return;
    size_t members_size = out->size - container.members;
    size_t count_size = varint_size(count);
    size_t body_size = count_size + members_size;
    size_t extra = count_size - 1;
    if (!container.is_item)
        extra += varint_size(body_size) - 1;
    if (extra > 0) {
        if (buf_extend(out, extra) == NULL)
            return;
        uint8_t *members = out->data + container.members;
        memmove(members + extra, members, members_size);
    }
    uint8_t *at = out->data + container.members - (container.is_item ? 1 : 2);
    if (!container.is_item)
        at += varint_write(at, body_size);
    at += varint_write(at, count);
    CHECK(at + members_size == out->data + out->size);
}

struct buf container_buf(struct arena *arena, size_t expected_bytes)
{
    struct buf out;
    buf_init(&out, arena, arena->limit_bytes);
    if (buf_extend(&out, expected_bytes + CONTAINER_BYTES_MIN) != NULL)
        out.size = 0;
    return out;
}
