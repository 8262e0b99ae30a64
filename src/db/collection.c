#include "db/collection.h"

#include "db/keyspace.h"

enum { VARINT_BYTES_MAX = 10 };

bool db_collection_read(struct slice record, int64_t *ret_bytes)
{
    struct slice body;
    uint64_t bytes;
    if (!slice_present(record)) {
        *ret_bytes = 0;
        return true;
    }
    if (!db_record_open(DB_FAMILY_COLLECTION, record, &body) || !varint_read(&body, &bytes) ||
        body.size > 0 || bytes == 0 || bytes > INT64_MAX)
        return false;
    *ret_bytes = (int64_t)bytes;
    return true;
}

bool db_collection_write(struct arena *arena, struct store_batch *batch, struct slice key,
                         int64_t bytes)
{
    if (bytes <= 0) {
        store_batch_delete(batch, STORE_ATOMIC, key);
        return true;
    }
    struct buf body;
    buf_init(&body, arena, VARINT_BYTES_MAX);
    buf_append_varint(&body, (uint64_t)bytes);
    if (body.failed)
        return false;
    struct slice record = db_record_make(arena, DB_FAMILY_COLLECTION, buf_slice(&body));
    if (!slice_present(record))
        return false;
    store_batch_put(batch, STORE_ATOMIC, key, record);
    return true;
}

const struct error *db_collection_bytes(struct db *db, struct arena *arena,
                                        const struct db_table *table, struct slice key,
                                        int64_t *ret_bytes)
{
    struct slice record;
    struct slice record_key = db_key_of_collection(arena, table, key);
    if (!slice_present(record_key))
        return error_exhausted();
    const struct error *error = store_get(db->store, arena, &record_key, 1, &record);
    if (error == NULL && !db_collection_read(record, ret_bytes))
        error = error_make(arena, ERROR_INTERNAL,
                           "The size of an item collection of table %.*s is corrupt",
                           SLICE_PRINT(table->name));
    return error;
}
