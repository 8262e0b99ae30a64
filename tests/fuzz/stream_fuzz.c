/* fuzz: hr_db hr_item hr_base */
/* about: db/stream_changes.c db/stream_shards.c db/table_record.c */

/*
 * Records of streams from a broken disk: what is taken for one can be written again, and that is
 * read as the same. Sequence numbers in keys, too.
 *
 *   input = 1 byte: which record, then its bytes
 */

#include "base/check.h"
#include "db/stream_log.h"
#include "db/table_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 16 * 1024 * 1024 };

static void check_shard(struct arena *arena, struct slice body)
{
    struct db_shard_record record, again;
    struct buf out;
    if (!db_shard_record_read(body, &record))
        return;
    buf_init(&out, arena, ARENA_BYTES);
    db_shard_record_write(&out, &record);
    CHECK(!out.failed && db_shard_record_read(buf_slice(&out), &again));
    CHECK(record.kind == again.kind && record.created_ms == again.created_ms &&
          record.horizon == again.horizon && record.has_parent == again.has_parent &&
          record.parent.created_ms == again.parent.created_ms &&
          record.parent.first_hash == again.parent.first_hash);
}

static void check_change(struct arena *arena, struct slice body)
{
    struct db_change change, again;
    struct buf out;
    if (!db_change_read(body, &change))
        return;
    (void)db_change_size_bytes(&change);
    buf_init(&out, arena, ARENA_BYTES);
    db_change_write(&out, &change);
    CHECK(!out.failed && db_change_read(buf_slice(&out), &again));
    CHECK(slice_equal(change.keys, again.keys) && slice_equal(change.new_image, again.new_image) &&
          slice_equal(change.old_image, again.old_image));
    CHECK(change.kind == again.kind && change.is_expiry == again.is_expiry &&
          change.created_ms == again.created_ms);
}

static void check_stream(struct arena *arena, struct slice body)
{
    struct db_stream_facts facts, again;
    struct buf out;
    if (stream_record_read(arena, body, &facts) != NULL)
        return;
    buf_init(&out, arena, ARENA_BYTES);
    stream_record_write(&out, &facts);
    CHECK(!out.failed);
    CHECK(stream_record_read(arena, buf_slice(&out), &again) == NULL);
    CHECK(facts.table_id == again.table_id && facts.created_ms == again.created_ms &&
          facts.shard_count == again.shard_count && facts.view == again.view &&
          slice_equal(facts.table_name, again.table_name));
}

static void check_sequence(struct slice key)
{
    uint64_t sequence;
    uint8_t bytes[STORE_SEQUENCE_BYTES];
    if (!store_sequence_read(key, &sequence))
        return;
    store_sequence_write(bytes, sequence);
    CHECK(memcmp(bytes, key.data + key.size - sizeof(bytes), sizeof(bytes)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct slice body = slice_of(data + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        check_shard(&arena, body);
        break;
    case 1:
        check_change(&arena, body);
        break;
    case 2:
        check_stream(&arena, body);
        break;
    default:
        check_sequence(body);
        break;
    }
    arena_fini(&arena);
    return 0;
}
