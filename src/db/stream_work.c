/* What becomes of streams with time: shards are rolled, and what is too old goes. */

#include "base/log.h"
#include "db/keyspace.h"
#include "db/stream_log.h"
#include "db/transact_wait.h"

enum {
    ARENA_BYTES_MAX = 64 * 1024 * 1024,
    /* Deleting a range has a price for those who read past it, so it is done now and then. */
    TRIM_EVERY_MS = 5 * 60 * 1000,
    TRIM_CHANGES_MAX = 10000, /* of one range at a time */
    AFTER_FAILURE_MS = 60 * 1000,
};

/* --- trimming --- */

struct trimming {
    struct db *db;
    struct arena *arena;
    const struct db_stream *stream;
    uint64_t first_hash;
    int64_t oldest_ms; /* what is not younger goes */
    struct db_shard_index index;
    uint64_t last; /* the newest change that goes; 0: none */
    size_t count;
    bool is_more;
};

static bool visit_old(void *context, struct slice key, struct slice value)
{
    struct trimming *trimming = context;
    struct slice body;
    struct db_change change;
    uint64_t sequence;
    if (!store_sequence_read(key, &sequence) || !db_record_open(DB_FAMILY_CHANGE, value, &body) ||
        !db_change_read(body, &change) || change.created_ms > trimming->oldest_ms)
        return false;
    trimming->last = sequence;
    trimming->is_more = ++trimming->count == TRIM_CHANGES_MAX;
    return !trimming->is_more;
}

static struct slice log_of(const struct trimming *trimming, enum db_family family)
{
    return db_key_of_log(trimming->arena, family, trimming->stream->facts.table_id,
                         trimming->first_hash, trimming->stream->facts.created_ms);
}

static const struct error *find_old(struct trimming *trimming)
{
    struct slice log = log_of(trimming, DB_FAMILY_CHANGE);
    if (!slice_present(log))
        return error_exhausted();
    struct store_range range = {
        .first = db_key_in_log(trimming->arena, log, trimming->index.horizon),
        .end = db_key_behind_prefix(trimming->arena, log),
    };
    if (!slice_present(range.first) || !slice_present(range.end))
        return error_exhausted();
    return store_scan(trimming->db->store, trimming->arena, range, STORE_FORWARD, visit_old,
                      trimming);
}

/* A shard is as old as its end. */
static bool is_shard_old(const struct trimming *trimming, size_t entry)
{
    const struct db_shard_index *index = &trimming->index;
    return index->entries[entry].record.kind == DB_SHARD_OPEN && entry + 1 < index->count &&
           index->entries[entry + 1].record.created_ms <= trimming->oldest_ms;
}

/* The new horizon, before anything below it goes, and the records of old shards. */
static enum store_decision decide_trim(void *context, const struct slice *old_values,
                                       struct store_batch *batch)
{
    (void)old_values;
    struct trimming *trimming = context;
    struct arena *arena = trimming->arena;
    struct slice log = log_of(trimming, DB_FAMILY_SHARD);
    struct db_shard_record record = {.kind = DB_SHARD_TRIMMED, .horizon = trimming->last + 1};
    bool is_writing = false;
    if (!slice_present(log))
        return STORE_ABORT;
    if (trimming->last != 0) {
        struct buf body;
        buf_init(&body, arena, 64);
        db_shard_record_write(&body, &record);
        struct slice key = db_key_in_log(arena, log, 0);
        struct slice value =
            body.failed ? SLICE_ABSENT : db_record_make(arena, DB_FAMILY_SHARD, buf_slice(&body));
        if (!slice_present(key) || !slice_present(value))
            return STORE_ABORT;
        store_batch_put(batch, STORE_ATOMIC, key, value);
        is_writing = true;
    }
    for (size_t i = 0; i < trimming->index.count; i++) {
        if (!is_shard_old(trimming, i))
            continue;
        struct slice key = db_key_in_log(arena, log, trimming->index.entries[i].sequence);
        if (!slice_present(key))
            return STORE_ABORT;
        store_batch_delete(batch, STORE_ATOMIC, key);
        is_writing = true;
    }
    return is_writing ? STORE_COMMIT : STORE_ABORT;
}

static const struct error *trim_range(struct trimming *trimming)
{
    const struct error *error = db_shard_index_read(trimming->db, trimming->arena, trimming->stream,
                                                    trimming->first_hash, &trimming->index);
    if (error == NULL)
        error = find_old(trimming);
    if (error != NULL)
        return error;
    struct slice key =
        db_stream_record_key(trimming->db, trimming->arena, &trimming->stream->facts);
    if (!slice_present(key))
        return error_exhausted();
    error = db_transact_wait(trimming->db->store, trimming->arena, &key, 1, decide_trim, trimming);
    if (error != NULL || trimming->last == 0)
        return error;
    struct slice log = log_of(trimming, DB_FAMILY_CHANGE);
    if (!slice_present(log))
        return error_exhausted();
    struct store_range range = {.first = log,
                                .end = db_key_in_log(trimming->arena, log, trimming->last + 1)};
    if (!slice_present(range.end))
        return error_exhausted();
    return store_drop_range(trimming->db->store, trimming->arena, range);
}

static const struct error *trim(struct db *db, struct arena *arena, struct db_stream *stream,
                                int64_t now_ms, bool *ret_more)
{
    const struct error *error = NULL;
    struct arena_mark scratch = arena_mark(arena);
    bool is_more = false;
    for (uint64_t range = 0; error == NULL && range < stream->facts.shard_count; range++) {
        struct trimming trimming = {
            .db = db,
            .arena = arena,
            .stream = stream,
            .first_hash = db_stream_range_first(range, stream->facts.shard_count),
            .oldest_ms = now_ms - DB_STREAM_RETENTION_MS,
        };
        error = trim_range(&trimming);
        is_more = is_more || trimming.is_more;
        if (error == NULL)
            arena_rewind(arena, scratch);
    }
    if (error == NULL && !is_more)
        stream->next_trim_ms = now_ms + TRIM_EVERY_MS;
    *ret_more = is_more;
    return error;
}

/* --- the end of a stream --- */

static const struct error *drop_log(struct db *db, struct arena *arena,
                                    const struct db_stream *stream, enum db_family family,
                                    uint64_t first_hash)
{
    struct store_range range = {
        .first = db_key_of_log(arena, family, stream->facts.table_id, first_hash,
                               stream->facts.created_ms),
    };
    if (slice_present(range.first))
        range.end = db_key_behind_prefix(arena, range.first);
    if (!slice_present(range.first) || !slice_present(range.end))
        return error_exhausted();
    return store_drop_range(db->store, arena, range);
}

static enum store_decision decide_delete(void *context, const struct slice *old_values,
                                         struct store_batch *batch)
{
    (void)old_values;
    store_batch_delete(batch, STORE_ATOMIC, *(const struct slice *)context);
    return STORE_COMMIT;
}

/* The record last: a crash before that only delays the rest. */
static const struct error *end_stream(struct db *db, struct arena *arena,
                                      const struct db_stream *stream)
{
    const struct error *error = NULL;
    for (uint64_t range = 0; error == NULL && range < stream->facts.shard_count; range++) {
        uint64_t first_hash = db_stream_range_first(range, stream->facts.shard_count);
        error = drop_log(db, arena, stream, DB_FAMILY_CHANGE, first_hash);
        if (error == NULL)
            error = drop_log(db, arena, stream, DB_FAMILY_SHARD, first_hash);
    }
    if (error != NULL)
        return error;
    struct slice key = db_stream_record_key(db, arena, &stream->facts);
    if (!slice_present(key))
        return error_exhausted();
    error = db_transact_wait(db->store, arena, &key, 1, decide_delete, &key);
    if (error == NULL)
        db_stream_remove(db, stream);
    return error;
}

/* --- all streams --- */

static const struct error *work_on(struct db *db, struct arena *arena, struct db_stream *stream,
                                   int64_t now_ms, bool *ret_more)
{
    struct db_stream_facts facts = db_stream_facts(stream);
    *ret_more = false;
    if (facts.closed_ms != 0 && now_ms >= facts.closed_ms + DB_STREAM_RETENTION_MS)
        return end_stream(db, arena, stream);
    if (facts.closed_ms == 0 && now_ms >= facts.opened_ms + db->stream_roll_ms) {
        const struct error *error = db_stream_roll(db, arena, stream, facts.shard_count, now_ms);
        if (error != NULL)
            return error;
    }
    return now_ms >= stream->next_trim_ms ? trim(db, arena, stream, now_ms, ret_more) : NULL;
}

static size_t hold_all(struct db *db, struct arena *arena, struct db_stream ***ret_streams)
{
    pthread_rwlock_rdlock(&db->lock);
    size_t count = db->stream_count;
    struct db_stream **streams = ARENA_NEW_ARRAY(arena, struct db_stream *, count);
    if (streams == NULL)
        count = 0;
    for (size_t i = 0; i < count; i++) {
        streams[i] = db->streams[i];
        atomic_fetch_add_explicit(&streams[i]->references, 1, memory_order_relaxed);
    }
    pthread_rwlock_unlock(&db->lock);
    *ret_streams = streams;
    return count;
}

bool db_stream_work(struct db *db, int64_t now_ms)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES_MAX);
    struct db_stream **streams;
    size_t count = hold_all(db, &arena, &streams);
    bool is_more = false;
    for (size_t i = 0; i < count; i++) {
        struct db_stream *stream = streams[i];
        struct arena_mark scratch = arena_mark(&arena);
        bool is_more_here = false;
        const struct error *error = now_ms >= stream->not_before_ms
                                        ? work_on(db, &arena, stream, now_ms, &is_more_here)
                                        : NULL;
        if (error != NULL) {
            log_write(LOG_WARNING,
                      "Upkeep of the stream of table %.*s failed and is tried again: %.*s",
                      SLICE_PRINT(stream->facts.table_name), SLICE_PRINT(error->message));
            stream->not_before_ms = now_ms + AFTER_FAILURE_MS;
        }
        arena_rewind(&arena, scratch);
        is_more = is_more || is_more_here;
        db_stream_release(stream);
    }
    arena_fini(&arena);
    return is_more;
}

/* Shards split into equal parts: the least number of those that makes as many as are wanted, or as
 * can be. */
static uint64_t count_after_split(uint64_t count, uint64_t wanted)
{
    uint64_t parts = (wanted + count - 1) / count;
    return count * (parts * count <= DB_SHARDS_MAX ? parts : DB_SHARDS_MAX / count);
}

const struct error *db_stream_split(struct db *db, struct arena *arena, int64_t now_ms)
{
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < db->stream_count; i++) {
        struct db_stream *stream = db->streams[i];
        struct db_stream_facts facts = db_stream_facts(stream);
        uint64_t count = count_after_split(facts.shard_count, db->stream_shards);
        if (facts.closed_ms == 0 && count > facts.shard_count)
            error = db_stream_roll(db, arena, stream, count, now_ms);
    }
    return error;
}
