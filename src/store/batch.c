#include "store/store.h"

#include "base/check.h"
#include "base/clock.h"

/*
 * A batch is mutations one behind another in one buffer:
 *
 *     1 byte   kind, plus EVENTUAL_BIT
 *     varint   key size, then the key
 *     PUT, APPEND: varint value size, then the value
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

static void append_valued(struct store_batch *batch, unsigned kind, struct slice key,
                          struct slice value)
{
    if (value.size > STORE_VALUE_BYTES_MAX) {
        batch->encoded.failed = true;
        return;
    }
    uint8_t *at = append_mutation(batch, kind, key, varint_size(value.size) + value.size);
    if (at == NULL)
        return;
    at += varint_write(at, value.size);
    if (value.size > 0)
        memcpy(at, value.data, value.size);
}

void store_batch_put(struct store_batch *batch, enum store_atomicity atomicity, struct slice key,
                     struct slice value)
{
    append_valued(batch, kind_byte(STORE_PUT, atomicity), key, value);
}

void store_batch_append(struct store_batch *batch, struct slice prefix, struct slice value)
{
    CHECK(prefix.size <= STORE_KEY_BYTES_MAX - STORE_SEQUENCE_BYTES);
    append_valued(batch, kind_byte(STORE_APPEND, STORE_ATOMIC), prefix, value);
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
    case STORE_APPEND:
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

/* --- sequence numbers --- */

enum { SEQUENCE_GROUP_BITS = 7, SEQUENCE_GROUP_MARK = 0x80 };

_Static_assert(STORE_SEQUENCE_BYTES *SEQUENCE_GROUP_BITS == 63, "groups hold all numbers");

void store_sequence_write(uint8_t out[STORE_SEQUENCE_BYTES], uint64_t sequence)
{
    CHECK(sequence <= STORE_SEQUENCE_MAX);
    for (int i = STORE_SEQUENCE_BYTES - 1; i >= 0; i--) {
        out[i] = (uint8_t)(SEQUENCE_GROUP_MARK | (sequence & (SEQUENCE_GROUP_MARK - 1)));
        sequence >>= SEQUENCE_GROUP_BITS;
    }
}

bool store_sequence_read(struct slice key, uint64_t *ret_sequence)
{
    if (key.size < STORE_SEQUENCE_BYTES)
        return false;
    const uint8_t *in = key.data + key.size - STORE_SEQUENCE_BYTES;
    uint64_t sequence = 0;
    for (int i = 0; i < STORE_SEQUENCE_BYTES; i++) {
        if ((in[i] & SEQUENCE_GROUP_MARK) == 0)
            return false;
        sequence = sequence << SEQUENCE_GROUP_BITS | (in[i] & (SEQUENCE_GROUP_MARK - 1));
    }
    *ret_sequence = sequence;
    return true;
}

uint64_t store_sequence_after(uint64_t last)
{
    int64_t now_us = clock_now_ms() * 1000;
    if (now_us > 0 && (uint64_t)now_us > last && (uint64_t)now_us <= STORE_SEQUENCE_MAX)
        return (uint64_t)now_us;
    CHECK(last < STORE_SEQUENCE_MAX);
    return last + 1;
}
