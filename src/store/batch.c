#include "store/store.h"

#include "base/check.h"

/*
 * A batch is mutations one behind another in one buffer:
 *
 *     1 byte   kind, plus EVENTUAL_BIT
 *     varint   key size, then the key
 *     PUT:     varint value size, then the value
 *     ADD:     the delta, 8 bytes in this machine's order: a batch never leaves the process
 */

enum { KIND_MASK = 0x0f, EVENTUAL_BIT = 0x10 };

void store_batch_init(struct store_batch *batch, struct arena *arena, size_t limit_bytes)
{
    *batch = (struct store_batch){0};
    buf_init(&batch->encoded, arena, limit_bytes);
}

void store_batch_fini(struct store_batch *batch)
{
    buf_fini(&batch->encoded);
    batch->count = 0;
}

void store_batch_clear(struct store_batch *batch)
{
    buf_clear(&batch->encoded);
    batch->count = 0;
}

/* Writes the head of a mutation and leaves room for tail_size bytes behind it, whose place it
 * returns; NULL when the batch is full. */
static uint8_t *append_mutation(struct store_batch *batch, unsigned kind, struct slice key,
                                size_t tail_size)
{
    CHECK(key.size > 0 && key.size <= STORE_KEY_BYTES_MAX);
    CHECK(memchr(key.data, 0, key.size) == NULL);
    size_t head_size = 1 + varint_size(key.size) + key.size;
    uint8_t *at = buf_extend(&batch->encoded, head_size + tail_size);
    if (at == NULL)
        return NULL;
    batch->count++;
    *at++ = (uint8_t)kind;
    at += varint_write(at, key.size);
    memcpy(at, key.data, key.size);
    return at + key.size;
}

static unsigned kind_byte(enum store_mutation_kind kind, enum store_atomicity atomicity)
{
    return (unsigned)kind | (atomicity == STORE_EVENTUAL ? EVENTUAL_BIT : 0);
}

void store_batch_put(struct store_batch *batch, enum store_atomicity atomicity, struct slice key,
                     struct slice value)
{
    if (value.size > STORE_VALUE_BYTES_MAX) {
        batch->encoded.failed = true;
        return;
    }
    uint8_t *at = append_mutation(batch, kind_byte(STORE_PUT, atomicity), key,
                                  varint_size(value.size) + value.size);
    if (at == NULL)
        return;
    at += varint_write(at, value.size);
    if (value.size > 0)
        memcpy(at, value.data, value.size);
}

void store_batch_delete(struct store_batch *batch, enum store_atomicity atomicity, struct slice key)
{
    (void)append_mutation(batch, kind_byte(STORE_DELETE, atomicity), key, 0);
}

void store_batch_add(struct store_batch *batch, struct slice key, int64_t delta)
{
    uint8_t *at = append_mutation(batch, kind_byte(STORE_ADD, STORE_ATOMIC), key, sizeof(delta));
    if (at != NULL)
        memcpy(at, &delta, sizeof(delta));
}

static struct slice take(struct slice *at, size_t size)
{
    CHECK(size <= at->size);
    struct slice taken = slice_of(at->data, size);
    *at = slice_after(*at, size);
    return taken;
}

static struct slice take_sized(struct slice *at)
{
    uint64_t size;
    CHECK(varint_read(at, &size));
    return take(at, size);
}

bool store_batch_next(struct slice *at, struct store_mutation *ret_mutation)
{
    if (at->size == 0)
        return false;
    struct store_mutation mutation = {0};
    uint8_t head = *take(at, 1).data;
    mutation.kind = (enum store_mutation_kind)(head & KIND_MASK);
    mutation.atomicity = (head & EVENTUAL_BIT) != 0 ? STORE_EVENTUAL : STORE_ATOMIC;
    mutation.key = take_sized(at);
    switch (mutation.kind) {
    case STORE_PUT:
        mutation.value = take_sized(at);
        break;
    case STORE_DELETE:
        break;
    case STORE_ADD:
        memcpy(&mutation.delta, take(at, sizeof(mutation.delta)).data, sizeof(mutation.delta));
        break;
    }
    *ret_mutation = mutation;
    return true;
}
