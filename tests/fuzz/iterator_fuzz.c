/* fuzz: hr_ops hr_db hr_item hr_base */
/* about: ops/stream_name.c */

/*
 * What clients send as shard iterators, shard ids and sequence numbers. What is taken for one is
 * one that we have written: it comes out the same.
 *
 *   input = 1 byte: which of them, then the text; an iterator is also tried with a good seal
 */

#include "base/base64.h"
#include "base/check.h"
#include "base/hash.h"
#include "ops/stream_name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 1024 * 1024, SEAL_BYTES = 8, SEALED_MAX = 80 };

static const uint8_t key[DB_STREAM_ITERATOR_KEY_BYTES] = "0123456789abcde";

static void check_iterator(struct arena *arena, struct slice text)
{
    struct op_iterator iterator, again;
    if (!op_iterator_read(key, text, &iterator))
        return;
    struct slice written = op_iterator(arena, key, &iterator);
    CHECK(slice_present(written) && op_iterator_read(key, written, &again));
    CHECK(iterator.table_id == again.table_id &&
          iterator.stream_created_ms == again.stream_created_ms &&
          iterator.shard.created_ms == again.shard.created_ms &&
          iterator.shard.first_hash == again.shard.first_hash &&
          iterator.sequence == again.sequence && iterator.issued_ms == again.issued_ms);
}

static void check_sealed(struct arena *arena, struct slice bytes)
{
    uint8_t sealed[SEALED_MAX + SEAL_BYTES];
    if (bytes.size > SEALED_MAX)
        return;
    memcpy(sealed, bytes.data, bytes.size);
    uint64_t seal = hash_bytes_keyed(key, bytes);
    for (size_t i = 0; i < SEAL_BYTES; i++)
        sealed[bytes.size + i] = (uint8_t)(seal >> (8 * i));
    struct slice all = slice_of(sealed, bytes.size + SEAL_BYTES);
    uint8_t *text = arena_alloc_bytes(arena, base64_encoded_size(all.size));
    CHECK(text != NULL);
    base64_encode(all, text);
    check_iterator(arena, slice_of(text, base64_encoded_size(all.size)));
}

static void check_names(struct arena *arena, struct slice text)
{
    const struct db_stream_facts stream = {.shard_count = 7};
    struct db_shard_id id;
    uint64_t sequence;
    if (op_shard_id_read(&stream, text, &id))
        CHECK(slice_equal(op_shard_id(arena, id), text));
    if (op_sequence_number_read(text, &sequence))
        CHECK(slice_equal(op_sequence_number(arena, sequence), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct slice rest = slice_of(data + 1, size - 1);
    switch (data[0] % 3) {
    case 0:
        check_iterator(&arena, rest);
        break;
    case 1:
        check_sealed(&arena, rest);
        break;
    default:
        check_names(&arena, rest);
        break;
    }
    arena_fini(&arena);
    return 0;
}
