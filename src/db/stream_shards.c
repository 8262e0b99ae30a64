/* SHARD records: how they are written, read, and what shards they make. */

#include <stdlib.h>

#include "base/check.h"
#include "db/keyspace.h"
#include "db/stream_log.h"
#include "db/table_record.h"
#include "db/transact_wait.h"

enum { RECORD_BYTES_MAX = 1024, STREAM_RECORD_BYTES_MAX = 64 * 1024 };

/* --- ranges --- */

_Static_assert(DB_HASH_BITS + 10 < 64 && DB_SHARDS_MAX == 1 << 10, "products do not overflow");

uint64_t db_stream_range_of_hash(uint64_t hash, uint64_t shard_count)
{
    CHECK(hash < DB_HASH_END && shard_count >= 1 && shard_count <= DB_SHARDS_MAX);
    return hash * shard_count >> DB_HASH_BITS;
}

uint64_t db_stream_range_first(uint64_t range, uint64_t shard_count)
{
    CHECK(range < shard_count && shard_count <= DB_SHARDS_MAX);
    return (range * DB_HASH_END + shard_count - 1) / shard_count;
}

/* --- records --- */

void db_shard_record_write(struct buf *out, const struct db_shard_record *record)
{
    buf_append_byte(out, (uint8_t)record->kind);
    if (record->kind == DB_SHARD_TRIMMED) {
        buf_append_varint(out, record->horizon);
        return;
    }
    buf_append_varint(out, (uint64_t)record->created_ms);
    if (record->kind == DB_SHARD_CLOSE || !record->has_parent)
        return;
    buf_append_varint(out, (uint64_t)record->parent.created_ms);
    buf_append_varint(out, record->parent.first_hash);
}

static bool read_time(struct slice *at, int64_t *ret_ms)
{
    uint64_t ms;
    if (!varint_read(at, &ms) || ms > INT64_MAX)
        return false;
    *ret_ms = (int64_t)ms;
    return true;
}

bool db_shard_record_read(struct slice body, struct db_shard_record *ret_record)
{
    struct db_shard_record record = {0};
    if (body.size == 0)
        return false;
    struct slice at = slice_after(body, 1);
    switch (body.data[0]) {
    case DB_SHARD_TRIMMED:
        record.kind = DB_SHARD_TRIMMED;
        if (!varint_read(&at, &record.horizon) || record.horizon > STORE_SEQUENCE_MAX)
            return false;
        break;
    case DB_SHARD_CLOSE:
        record.kind = DB_SHARD_CLOSE;
        if (!read_time(&at, &record.created_ms))
            return false;
        break;
    case DB_SHARD_OPEN:
        record.kind = DB_SHARD_OPEN;
        if (!read_time(&at, &record.created_ms))
            return false;
        record.has_parent = at.size > 0;
        if (record.has_parent && (!read_time(&at, &record.parent.created_ms) ||
                                  !varint_read(&at, &record.parent.first_hash) ||
                                  record.parent.first_hash >= DB_HASH_END))
            return false;
        break;
    default:
        return false;
    }
    if (at.size > 0)
        return false;
    *ret_record = record;
    return true;
}

bool db_shard_append(struct arena *arena, struct store_batch *batch,
                     const struct db_stream_facts *stream, uint64_t first_hash,
                     const struct db_shard_record *record)
{
    struct buf body;
    buf_init(&body, arena, RECORD_BYTES_MAX);
    db_shard_record_write(&body, record);
    struct slice log =
        db_key_of_log(arena, DB_FAMILY_SHARD, stream->table_id, first_hash, stream->created_ms);
    struct slice value =
        body.failed ? SLICE_ABSENT : db_record_make(arena, DB_FAMILY_SHARD, buf_slice(&body));
    if (!slice_present(log) || !slice_present(value))
        return false;
    store_batch_append(batch, log, value);
    return true;
}

bool db_shards_open(struct arena *arena, struct store_batch *batch,
                    const struct db_stream_facts *stream)
{
    struct db_shard_record record = {.kind = DB_SHARD_OPEN, .created_ms = stream->opened_ms};
    bool is_done = true;
    for (uint64_t range = 0; is_done && range < stream->shard_count; range++)
        is_done = db_shard_append(arena, batch, stream,
                                  db_stream_range_first(range, stream->shard_count), &record);
    return is_done;
}

bool db_shards_roll(struct arena *arena, struct store_batch *batch,
                    const struct db_stream_facts *old, const struct db_stream_facts *new)
{
    CHECK(new->shard_count % old->shard_count == 0 && new->opened_ms > old->opened_ms);
    uint64_t children = new->shard_count / old->shard_count;
    bool is_done = true;
    for (uint64_t range = 0; is_done && range < new->shard_count; range++) {
        /* The first child has the log of its parent, and so ends it. */
        struct db_shard_record record = {
            .kind = DB_SHARD_OPEN,
            .created_ms = new->opened_ms,
            .has_parent = true,
            .parent = {old->opened_ms, db_stream_range_first(range / children, old->shard_count)},
        };
        is_done = db_shard_append(arena, batch, new, db_stream_range_first(range, new->shard_count),
                                  &record);
    }
    return is_done;
}

bool db_shards_close(struct arena *arena, struct store_batch *batch,
                     const struct db_stream_facts *stream, int64_t now_ms)
{
    struct db_shard_record record = {.kind = DB_SHARD_CLOSE, .created_ms = now_ms};
    bool is_done = true;
    for (uint64_t range = 0; is_done && range < stream->shard_count; range++)
        is_done = db_shard_append(arena, batch, stream,
                                  db_stream_range_first(range, stream->shard_count), &record);
    return is_done;
}

struct slice db_stream_record_make(struct arena *arena, const struct db_stream_facts *stream)
{
    struct buf body;
    buf_init(&body, arena, STREAM_RECORD_BYTES_MAX);
    stream_record_write(&body, stream);
    return body.failed ? SLICE_ABSENT : db_record_make(arena, DB_FAMILY_STREAM, buf_slice(&body));
}

struct slice db_stream_record_key(const struct db *db, struct arena *arena,
                                  const struct db_stream_facts *stream)
{
    return db_key_of_stream(arena, stream->account, db_namespace(db, stream->region),
                            stream->table_name, stream->created_ms);
}

/* --- reading --- */

struct index_reading {
    struct arena *arena;
    struct db_shard_index index;
    size_t capacity;
    const struct error *error;
};

static bool add_entry(struct index_reading *reading, const struct db_shard_entry *entry)
{
    struct db_shard_index *index = &reading->index;
    if (index->count == reading->capacity) {
        size_t capacity = reading->capacity == 0 ? 8 : 2 * reading->capacity;
        struct db_shard_entry *entries =
            ARENA_NEW_ARRAY(reading->arena, struct db_shard_entry, capacity);
        if (entries == NULL)
            return false;
        if (index->count > 0)
            memcpy(entries, index->entries, index->count * sizeof(*entries));
        index->entries = entries;
        reading->capacity = capacity;
    }
    index->entries[index->count++] = *entry;
    return true;
}

static bool visit_entry(void *context, struct slice key, struct slice value)
{
    struct index_reading *reading = context;
    struct slice body;
    struct db_shard_entry entry;
    if (!store_sequence_read(key, &entry.sequence) ||
        !db_record_open(DB_FAMILY_SHARD, value, &body) ||
        !db_shard_record_read(body, &entry.record)) {
        reading->error = error_make(reading->arena, ERROR_INTERNAL,
                                    "A shard record is corrupt or of a newer format");
        return false;
    }
    if (entry.record.kind == DB_SHARD_TRIMMED)
        reading->index.horizon = entry.record.horizon;
    else if (!add_entry(reading, &entry))
        reading->error = error_exhausted();
    return reading->error == NULL;
}

const struct error *db_shard_index_read(struct db *db, struct arena *arena,
                                        const struct db_stream *stream, uint64_t first_hash,
                                        struct db_shard_index *ret_index)
{
    struct index_reading reading = {.arena = arena, .index = {.first_hash = first_hash}};
    struct store_range range = {
        .first = db_key_of_log(arena, DB_FAMILY_SHARD, stream->facts.table_id, first_hash,
                               stream->facts.created_ms),
    };
    if (slice_present(range.first))
        range.end = db_key_behind_prefix(arena, range.first);
    if (!slice_present(range.first) || !slice_present(range.end))
        return error_exhausted();
    const struct error *error =
        store_scan(db->store, arena, range, STORE_FORWARD, visit_entry, &reading);
    if (error == NULL)
        error = reading.error;
    if (error == NULL)
        *ret_index = reading.index;
    return error;
}

struct db_shard db_shard_of(const struct db_shard_index *index, size_t entry)
{
    const struct db_shard_record *record = &index->entries[entry].record;
    CHECK(entry < index->count && record->kind == DB_SHARD_OPEN);
    return (struct db_shard){
        .id = {record->created_ms, index->first_hash},
        .has_parent = record->has_parent,
        .parent = record->parent,
        .start = index->entries[entry].sequence,
        .end = entry + 1 < index->count ? index->entries[entry + 1].sequence : 0,
    };
}

static int compare_shards(const void *left, const void *right)
{
    const struct db_shard_id *a = &((const struct db_shard *)left)->id;
    const struct db_shard_id *b = &((const struct db_shard *)right)->id;
    if (a->created_ms != b->created_ms)
        return a->created_ms < b->created_ms ? -1 : 1;
    return (a->first_hash > b->first_hash) - (a->first_hash < b->first_hash);
}

const struct error *db_stream_shards(struct db *db, struct arena *arena,
                                     const struct db_stream *stream,
                                     const struct db_shard **ret_shards, size_t *ret_count)
{
    uint64_t range_count = stream->facts.shard_count;
    struct db_shard_index *indexes = ARENA_NEW_ARRAY(arena, struct db_shard_index, range_count);
    if (indexes == NULL)
        return error_exhausted();
    size_t entry_count = 0;
    for (uint64_t range = 0; range < range_count; range++) {
        const struct error *error = db_shard_index_read(
            db, arena, stream, db_stream_range_first(range, range_count), &indexes[range]);
        if (error != NULL)
            return error;
        entry_count += indexes[range].count;
    }
    struct db_shard *shards = ARENA_NEW_ARRAY(arena, struct db_shard, entry_count);
    if (shards == NULL)
        return error_exhausted();
    size_t count = 0;
    for (uint64_t range = 0; range < range_count; range++) {
        for (size_t i = 0; i < indexes[range].count; i++) {
            if (indexes[range].entries[i].record.kind == DB_SHARD_OPEN)
                shards[count++] = db_shard_of(&indexes[range], i);
        }
    }
    qsort(shards, count, sizeof(*shards), compare_shards);
    *ret_shards = shards;
    *ret_count = count;
    return NULL;
}

const struct error *db_stream_shard(struct db *db, struct arena *arena,
                                    const struct db_stream *stream, struct db_shard_id id,
                                    bool *ret_found, struct db_shard *ret_shard,
                                    uint64_t *ret_horizon)
{
    *ret_found = false;
    uint64_t range_count = stream->facts.shard_count;
    if (id.first_hash >= DB_HASH_END ||
        db_stream_range_first(db_stream_range_of_hash(id.first_hash, range_count), range_count) !=
            id.first_hash)
        return NULL;
    struct db_shard_index index;
    const struct error *error = db_shard_index_read(db, arena, stream, id.first_hash, &index);
    if (error != NULL)
        return error;
    for (size_t i = 0; i < index.count && !*ret_found; i++) {
        if (index.entries[i].record.kind != DB_SHARD_OPEN ||
            index.entries[i].record.created_ms != id.created_ms)
            continue;
        *ret_found = true;
        *ret_shard = db_shard_of(&index, i);
        *ret_horizon = index.horizon;
    }
    return NULL;
}

/* --- rolling --- */

struct roll {
    struct db *db;
    struct arena *arena;
    struct slice key;
    uint64_t shard_count;
    int64_t now_ms;
    struct db_stream_facts facts; /* as they are after it */
    bool is_done;
    const struct error *error;
};

static const struct error *roll_shards(struct roll *roll, struct slice record,
                                       struct store_batch *batch)
{
    struct slice body;
    struct db_stream_facts old;
    if (!db_record_open(DB_FAMILY_STREAM, record, &body))
        return error_make(roll->arena, ERROR_INTERNAL,
                          "A stream record is of a format version that is not known");
    const struct error *error = stream_record_read(roll->arena, body, &old);
    if (error != NULL || old.closed_ms != 0)
        return error;
    roll->facts = old;
    roll->facts.shard_count = roll->shard_count;
    roll->facts.opened_ms = roll->now_ms > old.opened_ms ? roll->now_ms : old.opened_ms + 1;
    struct slice value = db_stream_record_make(roll->arena, &roll->facts);
    if (!slice_present(value) || !db_shards_roll(roll->arena, batch, &old, &roll->facts))
        return error_exhausted();
    store_batch_put(batch, STORE_ATOMIC, roll->key, value);
    roll->is_done = true;
    return NULL;
}

static enum store_decision decide_roll(void *context, const struct slice *old_values,
                                       struct store_batch *batch)
{
    struct roll *roll = context;
    roll->is_done = false;
    roll->error = slice_present(old_values[0]) ? roll_shards(roll, old_values[0], batch) : NULL;
    return roll->error == NULL && roll->is_done ? STORE_COMMIT : STORE_ABORT;
}

const struct error *db_stream_roll(struct db *db, struct arena *arena, struct db_stream *stream,
                                   uint64_t shard_count, int64_t now_ms)
{
    struct roll roll = {
        .db = db,
        .arena = arena,
        .key = db_stream_record_key(db, arena, &stream->facts),
        .shard_count = shard_count,
        .now_ms = now_ms,
    };
    if (!slice_present(roll.key))
        return error_exhausted();
    const struct error *error =
        db_transact_wait(db->store, arena, &roll.key, 1, decide_roll, &roll);
    if (error == NULL)
        error = roll.error;
    if (error == NULL && roll.is_done) {
        /* Another number is for when nobody writes yet: see db_stream_split. */
        if (stream->facts.shard_count != shard_count)
            stream->facts.shard_count = shard_count;
        atomic_store(&stream->opened_ms, roll.facts.opened_ms);
    }
    return error;
}
