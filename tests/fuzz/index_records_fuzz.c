/* fuzz: hr_db hr_item hr_base */
/* about: db/collection.c db/fill.c */

/* The input as each of the small records about indexes and item collections: what is taken for one
 * comes back as it was when it is written again. */

#include "base/check.h"
#include "db/collection.h"
#include "db/fill.h"
#include "db/keyspace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 256 * 1024 };

static void check_fill(struct arena *arena, struct slice body)
{
    struct db_fill_record record, again;
    struct buf out;
    if (!db_fill_record_read(body, &record))
        return;
    CHECK(record.last_key.size <= STORE_KEY_BYTES_MAX && record.table_id < DB_SPACE_END);
    buf_init(&out, arena, STORE_KEY_BYTES_MAX + 16);
    db_fill_record_write(&out, &record);
    CHECK(!out.failed);
    CHECK(db_fill_record_read(buf_slice(&out), &again));
    CHECK(again.is_complete == record.is_complete && again.table_id == record.table_id);
    CHECK(slice_equal(again.last_key, record.last_key));
}

static void check_collection(struct arena *arena, struct slice record)
{
    int64_t bytes, again;
    struct store_batch batch;
    if (!db_collection_read(record, &bytes))
        return;
    CHECK(bytes > 0);
    store_batch_init(&batch, arena, 100);
    CHECK(db_collection_write(arena, &batch, SLICE("k"), bytes));
    struct store_mutation mutation;
    struct slice at = buf_slice(&batch.encoded);
    CHECK(!store_batch_failed(&batch) && store_batch_next(&at, &mutation));
    CHECK(mutation.kind == STORE_PUT && db_collection_read(mutation.value, &again));
    CHECK(again == bytes);
}

static void check_mark(struct slice mark)
{
    struct db_index index = {.id = 300};
    if (db_fill_is_marked(mark, &index))
        CHECK(mark.size >= 3);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct slice input = slice_of(data, size);
    check_fill(&arena, input);
    check_collection(&arena, input);
    check_mark(input);
    arena_fini(&arena);
    return 0;
}
