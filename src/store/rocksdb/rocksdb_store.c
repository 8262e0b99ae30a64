#include "store/rocksdb/rocksdb_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "store/rocksdb/cached_range.h"
#include "store/rocksdb/caches.h"
#include "store/rocksdb/committer.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/flights.h"
#include "store/rocksdb/freer.h"
#include "store/rocksdb/records.h"
#include "store/rocksdb/stripes.h"
#include "store/rocksdb/syncer.h"
#include "store/rocksdb/value_cache.h"

/* Locks are taken in this order: stripes, database handle, flights or a shard of the cache. */
struct rocksdb_store {
    struct store store;
    struct database database;
    struct flights flights;
    struct caches caches;
    struct committer committer;
    struct syncer syncer;
    struct freer freer;
    struct stripes stripes;
    bool syncs_on_close;
};

enum {
    FLIGHT_BYTES_MAX_DEFAULT = 64 * 1024 * 1024,
    SYNC_INTERVAL_MS_DEFAULT = 1000,
    ERROR_BYTES_MAX = 64 * 1024,
    CACHE_BYTES_DEFAULT = 256 * 1024 * 1024,
};

/* How the words of RocksDB's Status::Incomplete begin. */
#define INCOMPLETE "Result incomplete"

static struct rocksdb_store *rocks_of(struct store *store)
{
    return (struct rocksdb_store *)store;
}

/* --- reads --- */

static const struct error *get_one(struct rocksdb_store *rocks, rocksdb_t *rocksdb,
                                   const rocksdb_readoptions_t *options, struct arena *arena,
                                   struct slice key, struct slice *ret_value)
{
    char *words = NULL;
    rocksdb_pinnableslice_t *pinned =
        librocksdb.get_pinned(rocksdb, options, (const char *)key.data, key.size, &words);
    if (words != NULL)
        return database_read_error(&rocks->database, arena, words);
    if (pinned == NULL) {
        *ret_value = SLICE_ABSENT;
        return NULL;
    }
    size_t size;
    const char *value = librocksdb.pinnableslice_value(pinned, &size);
    bool copied = arena_copy(arena, slice_of(value, size), ret_value);
    librocksdb.pinnableslice_destroy(pinned);
    return copied ? NULL : error_exhausted();
}

/* Several keys are read from a snapshot, so that they are of one state. */
static const struct error *get_many(struct rocksdb_store *rocks, rocksdb_t *rocksdb,
                                    struct arena *arena, const struct slice *keys, size_t count,
                                    struct slice *ret_values)
{
    struct slice *values = ARENA_NEW_ARRAY(arena, struct slice, count);
    if (values == NULL)
        return error_exhausted();
    const struct error *error = NULL;
    const rocksdb_snapshot_t *snapshot = librocksdb.create_snapshot(rocksdb);
    rocksdb_readoptions_t *options = librocksdb.readoptions_create();
    librocksdb.readoptions_set_snapshot(options, snapshot);
    for (size_t i = 0; i < count && error == NULL; i++)
        error = get_one(rocks, rocksdb, options, arena, keys[i], &values[i]);
    librocksdb.readoptions_destroy(options);
    librocksdb.release_snapshot(rocksdb, snapshot);
    if (error == NULL)
        memcpy(ret_values, values, count * sizeof(*values));
    return error;
}

/* What was not in the cache. */
static const struct error *get_committed(struct rocksdb_store *rocks, struct arena *arena,
                                         uint64_t hash, struct slice key,
                                         struct value_cache_moment moment, struct slice *ret_value)
{
    rocksdb_t *rocksdb = database_acquire(&rocks->database);
    if (rocksdb == NULL)
        return database_closed_error(&rocks->database, arena);
    const struct error *error =
        get_one(rocks, rocksdb, rocks->database.read_options, arena, key, ret_value);
    if (error == NULL)
        value_cache_offer(&rocks->caches.values, hash, key, *ret_value, moment);
    database_release(&rocks->database);
    cache_balance_consider(&rocks->caches.balance);
    return error;
}

static const struct error *rocks_get(struct store *store, struct arena *arena,
                                     const struct slice *keys, size_t count,
                                     struct slice *ret_values)
{
    struct rocksdb_store *rocks = rocks_of(store);
    if (count == 1) {
        uint64_t hash = flights_hash(&rocks->flights, keys[0]);
        struct value_cache_moment moment;
        struct cached_value *cached =
            value_cache_find(&rocks->caches.values, hash, keys[0], &moment);
        if (cached == NULL)
            return get_committed(rocks, arena, hash, keys[0], moment, ret_values);
        bool copied = arena_copy(arena, cached_value_bytes(cached), ret_values);
        value_cache_release(cached);
        return copied ? NULL : error_exhausted();
    }
    rocksdb_t *rocksdb = database_acquire(&rocks->database);
    if (rocksdb == NULL)
        return database_closed_error(&rocks->database, arena);
    const struct error *error = get_many(rocks, rocksdb, arena, keys, count, ret_values);
    database_release(&rocks->database);
    return error;
}

static void seek(rocksdb_iterator_t *iterator, struct store_range range,
                 enum store_direction direction)
{
    /* Within the bounds that the iterator was made with. */
    if (direction == STORE_FORWARD)
        librocksdb.iter_seek(iterator, (const char *)range.first.data, range.first.size);
    else
        librocksdb.iter_seek_to_last(iterator);
}

static void visit_all(rocksdb_iterator_t *iterator, enum store_direction direction,
                      store_visit *visit, void *context)
{
    while (librocksdb.iter_valid(iterator)) {
        size_t key_size;
        size_t value_size;
        const char *key = librocksdb.iter_key(iterator, &key_size);
        const char *value = librocksdb.iter_value(iterator, &value_size);
        if (!visit(context, slice_of(key, key_size), slice_of(value, value_size)))
            return;
        if (direction == STORE_FORWARD)
            librocksdb.iter_next(iterator);
        else
            librocksdb.iter_prev(iterator);
    }
}

/* May filters tell which tables have nothing of the range? RocksDB does not promise that for going
 * backward ("Prefix Seek", in its documentation). */
static bool is_in_one_prefix(struct store_range range, enum store_direction direction)
{
    return direction == STORE_FORWARD && range.first.size >= STORE_FRONT_BYTES &&
           slice_present(range.end) && range.end.size >= STORE_FRONT_BYTES &&
           memcmp(range.first.data, range.end.data, STORE_FRONT_BYTES) == 0;
}

/* It is what an iterator has that stepped over too much. */
static bool is_incomplete(const char *words)
{
    return strncmp(words, INCOMPLETE, sizeof(INCOMPLETE) - 1) == 0;
}

/* An iterator is one committed state from its making on. */
static const struct error *scan(struct rocksdb_store *rocks, rocksdb_t *rocksdb,
                                struct arena *arena, struct store_range range,
                                enum store_direction direction, store_visit *visit, void *context)
{
    cache_balance_note_scan(&rocks->caches.balance);
    rocksdb_readoptions_t *options = librocksdb.readoptions_create();
    librocksdb.readoptions_set_iterate_lower_bound(options, (const char *)range.first.data,
                                                   range.first.size);
    if (slice_present(range.end))
        librocksdb.readoptions_set_iterate_upper_bound(options, (const char *)range.end.data,
                                                       range.end.size);
    librocksdb.readoptions_set_total_order_seek(options, !is_in_one_prefix(range, direction));
    if (range.ret_gave_up != NULL)
        librocksdb.readoptions_set_max_skippable_internal_keys(options, STORE_SKIPS_MAX);
    rocksdb_iterator_t *iterator = librocksdb.create_iterator(rocksdb, options);
    seek(iterator, range, direction);
    visit_all(iterator, direction, visit, context);
    char *words = NULL;
    librocksdb.iter_get_error(iterator, &words);
    librocksdb.iter_destroy(iterator);
    librocksdb.readoptions_destroy(options);
    if (words != NULL && range.ret_gave_up != NULL && is_incomplete(words)) {
        *range.ret_gave_up = true;
        librocksdb.free(words);
        return NULL;
    }
    return words == NULL ? NULL : database_read_error(&rocks->database, arena, words);
}

/* Once more what was read before, or read and offered for the next time. */
static const struct error *scan_cached(struct rocksdb_store *rocks, rocksdb_t *rocksdb,
                                       struct arena *arena, struct store_range range,
                                       struct slice cache_key, store_visit *visit, void *context)
{
    uint64_t hash = flights_front_hash(&rocks->flights, range.first);
    struct value_cache_moment moment;
    struct cached_value *cached = value_cache_find(&rocks->caches.ranges, hash, cache_key, &moment);
    if (cached != NULL) {
        cached_range_show(cached_value_bytes(cached), visit, context);
        value_cache_release(cached);
        return NULL;
    }
    if (!moment.may_offer)
        return scan(rocks, rocksdb, arena, range, STORE_FORWARD, visit, context);
    struct cached_range_collector collector;
    cached_range_collect(&collector, visit, context);
    const struct error *error =
        scan(rocks, rocksdb, arena, range, STORE_FORWARD, cached_range_visit, &collector);
    bool gave_up = range.ret_gave_up != NULL && *range.ret_gave_up;
    if (error == NULL && !collector.stopped && !gave_up && !collector.entries.failed)
        value_cache_offer(&rocks->caches.ranges, hash, cache_key,
                          collector.entries.size > 0 ? buf_slice(&collector.entries) : SLICE(""),
                          moment);
    cached_range_forget(&collector);
    return error;
}

static const struct error *rocks_scan(struct store *store, struct arena *arena,
                                      struct store_range range, enum store_direction direction,
                                      store_visit *visit, void *context)
{
    struct rocksdb_store *rocks = rocks_of(store);
    /* Below lie the engine's own records. */
    if (slice_compare(range.first, RECORD_FIRST_CLIENT_KEY) < 0)
        range.first = RECORD_FIRST_CLIENT_KEY;
    if (slice_present(range.end) && slice_compare(range.first, range.end) >= 0)
        return NULL;
    rocksdb_t *rocksdb = database_acquire(&rocks->database);
    if (rocksdb == NULL)
        return database_closed_error(&rocks->database, arena);
    uint8_t key_bytes[CACHED_RANGE_KEY_BYTES_MAX];
    struct slice cache_key;
    const struct error *error =
        is_in_one_prefix(range, direction) && cached_range_key(range, key_bytes, &cache_key)
            ? scan_cached(rocks, rocksdb, arena, range, cache_key, visit, context)
            : scan(rocks, rocksdb, arena, range, direction, visit, context);
    database_release(&rocks->database);
    cache_balance_consider(&rocks->caches.balance);
    return error;
}

static const struct error *rocks_counter_read(struct store *store, struct arena *arena,
                                              struct slice key, int64_t *ret_value)
{
    struct rocksdb_store *rocks = rocks_of(store);
    rocksdb_t *rocksdb = database_acquire(&rocks->database);
    if (rocksdb == NULL)
        return database_closed_error(&rocks->database, arena);
    uint8_t bytes[RECORD_KEY_BYTES_MAX];
    char *words = NULL;
    bool loaded = counters_load(rocksdb, rocks->database.read_options,
                                record_counter_key(bytes, key), ret_value, &words);
    database_release(&rocks->database);
    return loaded ? NULL : database_read_error(&rocks->database, arena, words);
}

/* --- transactions --- */

/* What one transaction needs while it decides, on the caller's stack. */
struct deciding {
    uint64_t hashes[STORE_TRANSACT_KEYS_MAX];
    struct stripes_held stripes;
    struct flights_view view;
    struct slice old_values[STORE_TRANSACT_KEYS_MAX];
    bool in_flight[STORE_TRANSACT_KEYS_MAX];
    /* What holds the committed old values: the cache's, or else RocksDB's. */
    struct cached_value *cached[STORE_TRANSACT_KEYS_MAX];
    rocksdb_pinnableslice_t *pinned[STORE_TRANSACT_KEYS_MAX];
};

static const struct error *refusal(struct arena *arena, enum flights_look look,
                                   const struct rocksdb_store *rocks, const char *failure)
{
    if (look == FLIGHTS_FULL)
        return error_make(arena, ERROR_REQUEST_LIMIT_EXCEEDED,
                          "Too many writes are waiting for the "
                          "disk. Try again");
    return error_make(arena, ERROR_SERVICE_UNAVAILABLE,
                      "Writes are refused since one to %s failed "
                      "(%s); the server keeps trying",
                      rocks->database.folder, failure);
}

static void release_old_values(struct deciding *deciding, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        value_cache_release(deciding->cached[i]);
        if (deciding->pinned[i] != NULL)
            librocksdb.pinnableslice_destroy(deciding->pinned[i]);
    }
}

/* false: *ret_words says why. */
static bool read_old_value(struct rocksdb_store *rocks, rocksdb_t *rocksdb, struct slice key,
                           struct deciding *deciding, size_t at, char **ret_words)
{
    struct value_cache_moment moment;
    deciding->cached[at] =
        value_cache_find(&rocks->caches.values, deciding->hashes[at], key, &moment);
    if (deciding->cached[at] != NULL) {
        deciding->old_values[at] = cached_value_bytes(deciding->cached[at]);
        return true;
    }
    deciding->pinned[at] = librocksdb.get_pinned(rocksdb, rocks->database.read_options,
                                                 (const char *)key.data, key.size, ret_words);
    deciding->old_values[at] = SLICE_ABSENT;
    if (deciding->pinned[at] == NULL)
        return *ret_words == NULL;
    size_t size;
    const char *value = librocksdb.pinnableslice_value(deciding->pinned[at], &size);
    deciding->old_values[at] = slice_of(size == 0 ? "" : value, size);
    return true;
}

/* The old values that are not in flight. All of cached[] and pinned[] up to the count is set, also
 * after an error. They are not offered to the cache: mostly they are about to be replaced. */
static const struct error *read_committed(struct rocksdb_store *rocks, rocksdb_t *rocksdb,
                                          const struct store_transaction *transaction,
                                          struct deciding *deciding, struct arena *arena)
{
    char *words = NULL;
    bool read = true;
    for (size_t i = 0; i < transaction->key_count; i++) {
        deciding->cached[i] = NULL;
        deciding->pinned[i] = NULL;
        if (read && !deciding->in_flight[i])
            read = read_old_value(rocks, rocksdb, transaction->keys[i], deciding, i, &words);
    }
    return read ? NULL : database_read_error(&rocks->database, arena, words);
}

/* Calls decide, whose batch goes into the flight; an abort leaves it empty. */
static const struct error *decide(struct rocksdb_store *rocks,
                                  const struct store_transaction *transaction,
                                  struct deciding *deciding, struct flight *flight,
                                  struct arena *arena)
{
    rocksdb_t *rocksdb = database_acquire(&rocks->database);
    if (rocksdb == NULL)
        return database_closed_error(&rocks->database, arena);
    const struct error *error = read_committed(rocks, rocksdb, transaction, deciding, arena);
    if (error == NULL) {
        enum store_decision decision =
            transaction->decide(transaction->context, deciding->old_values, &flight->batch);
        if (decision == STORE_ABORT)
            store_batch_clear(&flight->batch);
        else if (store_batch_failed(&flight->batch))
            error = error_exhausted();
    }
    release_old_values(deciding, transaction->key_count);
    database_release(&rocks->database);
    return error;
}

static const struct error *outcome_error(enum flights_publish outcome,
                                         const struct rocksdb_store *rocks, struct arena *arena)
{
    switch (outcome) {
    case FLIGHTS_QUEUED:
    case FLIGHTS_SETTLED:
        return NULL;
    case FLIGHTS_LOST:
        return error_make(arena, ERROR_SERVICE_UNAVAILABLE,
                          "A write to %s that came before this one "
                          "failed; the server keeps trying",
                          rocks->database.folder);
    case FLIGHTS_NO_MEMORY:
        return error_exhausted();
    }
    return error_exhausted();
}

/* Under the stripes. *ret_queued: the committer will call done; else it is up to the caller. */
static const struct error *decide_and_publish(struct rocksdb_store *rocks,
                                              const struct store_transaction *transaction,
                                              struct deciding *deciding, struct flight *flight,
                                              struct arena *arena, bool *ret_queued)
{
    char failure[FLIGHTS_FAILURE_BYTES];
    enum flights_look look = flights_look(
        &rocks->flights, transaction->keys, deciding->hashes, transaction->key_count,
        deciding->old_values, deciding->in_flight, transaction->held, &deciding->view, failure);
    if (look != FLIGHTS_LOOKED)
        return refusal(arena, look, rocks, failure);
    const struct error *error = decide(rocks, transaction, deciding, flight, arena);
    if (error != NULL) {
        flights_forget(&rocks->flights, &deciding->view);
        return error;
    }
    enum flights_publish outcome = flights_publish(&rocks->flights, flight, &deciding->view);
    *ret_queued = outcome == FLIGHTS_QUEUED;
    return outcome_error(outcome, rocks, arena);
}

static void rocks_transact(struct store *store, struct store_transaction *transaction)
{
    struct rocksdb_store *rocks = rocks_of(store);
    struct flight *flight = flights_make(&rocks->flights, transaction);
    if (flight == NULL) {
        transaction->done(transaction->context, error_exhausted());
        return;
    }
    struct deciding deciding;
    for (size_t i = 0; i < transaction->key_count; i++)
        deciding.hashes[i] = flights_hash(&rocks->flights, transaction->keys[i]);
    struct arena arena;
    arena_init(&arena, ERROR_BYTES_MAX);
    bool queued = false;
    stripes_lock(&rocks->stripes, deciding.hashes, transaction->key_count, &deciding.stripes);
    const struct error *error =
        decide_and_publish(rocks, transaction, &deciding, flight, &arena, &queued);
    stripes_unlock(&rocks->stripes, &deciding.stripes);
    if (!queued) {
        flights_discard(&rocks->flights, flight);
        transaction->done(transaction->context, error);
    }
    arena_fini(&arena);
}

static void rocks_in_flight(struct store *store, const struct slice *keys, size_t count,
                            bool *ret_in_flight)
{
    struct rocksdb_store *rocks = rocks_of(store);
    uint64_t hashes[STORE_TRANSACT_KEYS_MAX];
    for (size_t i = 0; i < count; i++)
        hashes[i] = flights_hash(&rocks->flights, keys[i]);
    flights_have(&rocks->flights, keys, hashes, count, ret_in_flight);
}

/* --- dropping a range --- */

struct drop {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool is_done;
    struct arena *arena; /* of the caller, who waits */
    const struct error *error;
};

static void drop_done(void *context, const struct error *error)
{
    struct drop *drop = context;
    CHECK(pthread_mutex_lock(&drop->lock) == 0);
    if (error != NULL)
        drop->error = error_make(drop->arena, error->kind, "%.*s", SLICE_PRINT(error->message));
    drop->is_done = true;
    pthread_cond_signal(&drop->done);
    CHECK(pthread_mutex_unlock(&drop->lock) == 0);
}

static const struct error *publish_drop(struct rocksdb_store *rocks, struct arena *arena,
                                        struct store_range range,
                                        struct store_transaction *transaction)
{
    char failure[FLIGHTS_FAILURE_BYTES];
    struct flights_view view;
    struct flight *flight = flights_make(&rocks->flights, transaction);
    if (flight == NULL)
        return error_exhausted();
    flight->drops = true;
    flight->range = range;
    const struct error *error = NULL;
    enum flights_look look =
        flights_look(&rocks->flights, NULL, NULL, 0, NULL, NULL, NULL, &view, failure);
    if (look != FLIGHTS_LOOKED)
        error = refusal(arena, look, rocks, failure);
    else
        error = outcome_error(flights_publish(&rocks->flights, flight, &view), rocks, arena);
    if (error != NULL)
        flights_discard(&rocks->flights, flight);
    return error;
}

static const struct error *wait_for_drop(struct drop *drop)
{
    CHECK(pthread_mutex_lock(&drop->lock) == 0);
    while (!drop->is_done)
        pthread_cond_wait(&drop->done, &drop->lock);
    CHECK(pthread_mutex_unlock(&drop->lock) == 0);
    return drop->error;
}

/* Through the committer's queue, because it knows the totals of the counters. */
static const struct error *drop_durably(struct rocksdb_store *rocks, struct arena *arena,
                                        struct store_range range)
{
    struct drop drop = {.arena = arena};
    struct store_transaction transaction = {.done = drop_done, .context = &drop};
    CHECK(pthread_mutex_init(&drop.lock, NULL) == 0);
    CHECK(pthread_cond_init(&drop.done, NULL) == 0);
    const struct error *error = publish_drop(rocks, arena, range, &transaction);
    if (error == NULL)
        error = wait_for_drop(&drop);
    pthread_mutex_destroy(&drop.lock);
    pthread_cond_destroy(&drop.done);
    return error;
}

/* A bound below `end`, with no key worth mentioning between the two: RocksDB deletes files up to
 * and including a key, and `end` itself must stay. */
static struct slice bound_below(uint8_t bytes[STORE_BOUND_BYTES_MAX + 1], struct slice end)
{
    memcpy(bytes, end.data, end.size);
    uint8_t *last = &bytes[end.size - 1];
    if (*last == 0)
        return slice_of(bytes, end.size - 1);
    *last -= 1;
    bytes[end.size] = 0xff;
    return slice_of(bytes, end.size + 1);
}

/* Gives the disk space of files that lie within the range back at once. */
static void delete_files(rocksdb_t *rocksdb, struct slice first, struct slice end)
{
    uint8_t bytes[STORE_BOUND_BYTES_MAX + 1];
    struct slice last = bound_below(bytes, end);
    char *words = NULL;
    librocksdb.delete_file_in_range(rocksdb, (const char *)first.data, first.size,
                                    (const char *)last.data, last.size, &words);
    librocksdb.free(words);
}

static void suggest_compaction(rocksdb_t *rocksdb, struct slice first, struct slice end)
{
    char *words = NULL;
    librocksdb.suggest_compact_range(rocksdb, (const char *)first.data, first.size,
                                     (const char *)end.data, end.size, &words);
    librocksdb.free(words);
}

/* Does something about the disk space of a range. What can be read does not depend on it, so a
 * failure is not one. */
static void reclaim(struct rocksdb_store *rocks, struct store_range range,
                    void (*how)(rocksdb_t *, struct slice, struct slice))
{
    struct slice first = range.first;
    /* Without an end there is little to gain from exactness. */
    struct slice end = slice_present(range.end) ? range.end : SLICE("\xff\xff");
    if (slice_compare(first, RECORD_FIRST_CLIENT_KEY) < 0)
        first = RECORD_FIRST_CLIENT_KEY;
    if (slice_compare(first, end) >= 0)
        return;
    rocksdb_t *rocksdb = database_acquire(&rocks->database);
    if (rocksdb == NULL)
        return;
    how(rocksdb, first, end);
    database_release(&rocks->database);
}

static const struct error *rocks_drop_range(struct store *store, struct arena *arena,
                                            struct store_range range)
{
    struct rocksdb_store *rocks = rocks_of(store);
    /* Files first: a file may hold the tombstones of older values that lie in another. The range
     * tombstone written after that covers them all. */
    reclaim(rocks, range, delete_files);
    const struct error *error = drop_durably(rocks, arena, range);
    if (error == NULL)
        reclaim(rocks, range, suggest_compaction);
    return error;
}

/* --- the rest --- */

/* Properties of the library: https://github.com/facebook/rocksdb/wiki/Rocksdb-Properties */
static const struct {
    const char *property;
    const char *name;
    const char *help;
} gauges[] = {
    {"rocksdb.num-files-at-level0", "rocksdb_level0_files", "Files in level 0: many mean stalls"},
    {"rocksdb.num-files-at-level1", "rocksdb_level1_files", "Files in level 1"},
    {"rocksdb.num-files-at-level2", "rocksdb_level2_files", "Files in level 2"},
    {"rocksdb.num-files-at-level3", "rocksdb_level3_files", "Files in level 3"},
    {"rocksdb.num-files-at-level4", "rocksdb_level4_files", "Files in level 4"},
    {"rocksdb.num-files-at-level5", "rocksdb_level5_files", "Files in level 5"},
    {"rocksdb.num-files-at-level6", "rocksdb_level6_files", "Files in level 6"},
    {"rocksdb.is-write-stopped", "rocksdb_writes_stopped", "1 while writes wait for compactions"},
    {"rocksdb.actual-delayed-write-rate", "rocksdb_delayed_write_bytes_per_second",
     "How fast writes may go while they are slowed down; 0: they are not"},
    {"rocksdb.num-immutable-mem-table", "rocksdb_immutable_memtables", "Waiting to be flushed"},
    {"rocksdb.mem-table-flush-pending", "rocksdb_flush_pending", "1 while a flush is due"},
    {"rocksdb.num-running-flushes", "rocksdb_running_flushes", "Flushes under way"},
    {"rocksdb.compaction-pending", "rocksdb_compaction_pending", "1 while a compaction is due"},
    {"rocksdb.num-running-compactions", "rocksdb_running_compactions", "Compactions under way"},
    {"rocksdb.estimate-pending-compaction-bytes", "rocksdb_pending_compaction_bytes",
     "Estimated bytes that compactions have to rewrite"},
    {"rocksdb.background-errors", "rocksdb_background_errors", "Errors in the background, so far"},
    {"rocksdb.cur-size-all-mem-tables", "rocksdb_memtable_bytes", "Memory of memtables"},
    {"rocksdb.estimate-table-readers-mem", "rocksdb_table_reader_bytes",
     "Memory of indexes and filters outside the block cache"},
    {"rocksdb.block-cache-usage", "rocksdb_block_cache_bytes", "Memory of cached blocks"},
    {"rocksdb.live-sst-files-size", "rocksdb_live_file_bytes", "Table files of the newest version"},
    {"rocksdb.estimate-num-keys", "rocksdb_keys", "Estimated number of keys"},
};

/* Some properties are numbers, some only the text of one. */
static bool read_property(rocksdb_t *rocksdb, const char *property, uint64_t *ret_value)
{
    if (librocksdb.property_int(rocksdb, property, ret_value) == 0)
        return true;
    char *text = librocksdb.property_value(rocksdb, property);
    if (text == NULL)
        return false;
    *ret_value = strtoull(text, NULL, 10);
    librocksdb.free(text);
    return true;
}

static void add_gauge(struct store_statistics *statistics, const char *name, const char *help,
                      uint64_t value)
{
    CHECK(statistics->gauge_count < STORE_GAUGES_MAX);
    statistics->gauges[statistics->gauge_count++] = (struct store_gauge){name, help, value};
}

static void add_cache_figures(struct rocksdb_store *rocks, struct store_statistics *statistics)
{
    struct value_cache_figures figures;
    value_cache_read_figures(&rocks->caches.ranges, &figures);
    add_gauge(statistics, "range_cache_bytes", "Memory of cached short ranges", figures.bytes);
    add_gauge(statistics, "range_cache_hits", "Reads of a range that the cached ranges answered",
              figures.hits);
    add_gauge(statistics, "range_cache_misses", "Reads of a range that went on to RocksDB",
              figures.misses);
    value_cache_read_figures(&rocks->caches.values, &figures);
    add_gauge(statistics, "value_cache_bytes", "Memory of cached values", figures.bytes);
    add_gauge(statistics, "value_cache_allowed_bytes",
              "What cached values may take; blocks have the rest", figures.bytes_allowed);
    add_gauge(statistics, "value_cache_hits", "Reads of one key that the cached values answered",
              figures.hits);
    add_gauge(statistics, "value_cache_misses", "Reads of one key that went on to RocksDB",
              figures.misses);
}

static void rocks_read_statistics(struct store *store, struct store_statistics *ret_statistics)
{
    struct rocksdb_store *rocks = rocks_of(store);
    ret_statistics->engine = "rocksdb";
    ret_statistics->commits = atomic_load(&rocks->committer.commits);
    ret_statistics->commit_groups = atomic_load(&rocks->committer.groups);
    size_t flight_bytes;
    ret_statistics->read_only = flights_refusing(&rocks->flights, &flight_bytes);
    ret_statistics->flight_bytes = flight_bytes;
    add_cache_figures(rocks, ret_statistics);
    rocksdb_t *rocksdb = database_acquire(&rocks->database);
    if (rocksdb == NULL)
        return;
    uint64_t bytes;
    if (librocksdb.property_int(rocksdb, "rocksdb.total-sst-files-size", &bytes) == 0)
        ret_statistics->disk_bytes = bytes;
    for (size_t i = 0; i < COUNT_OF(gauges); i++) {
        if (read_property(rocksdb, gauges[i].property, &bytes))
            add_gauge(ret_statistics, gauges[i].name, gauges[i].help, bytes);
    }
    database_release(&rocks->database);
}

static void rocks_close(struct store *store)
{
    struct rocksdb_store *rocks = rocks_of(store);
    committer_stop(&rocks->committer);
    syncer_stop(&rocks->syncer);
    if (rocks->syncs_on_close)
        librocksdb.free(database_sync_log(&rocks->database));
    database_close(&rocks->database);
    freer_stop(&rocks->freer);
    caches_fini(&rocks->caches);
    flights_fini(&rocks->flights);
    stripes_fini(&rocks->stripes);
    free(rocks);
}

static const struct store_engine rocksdb_engine = {
    .get = rocks_get,
    .scan = rocks_scan,
    .transact = rocks_transact,
    .in_flight = rocks_in_flight,
    .counter_read = rocks_counter_read,
    .drop_range = rocks_drop_range,
    .read_statistics = rocks_read_statistics,
    .close = rocks_close,
};

static bool start_threads(struct rocksdb_store *rocks, uint64_t last_sequence,
                          const struct rocksdb_store_options *options)
{
    if (!committer_start(&rocks->committer, &rocks->database, &rocks->flights, &rocks->caches,
                         last_sequence, options))
        return false;
    if (options->durability != ROCKSDB_STORE_INTERVAL)
        return true;
    int64_t interval_ms =
        options->sync_interval_ms != 0 ? options->sync_interval_ms : SYNC_INTERVAL_MS_DEFAULT;
    if (syncer_start(&rocks->syncer, &rocks->database, interval_ms))
        return true;
    committer_stop(&rocks->committer);
    return false;
}

/* The greatest sequence number that was ever given out; 0: none. */
static const struct error *load_sequence(struct arena *arena, struct rocksdb_store *rocks,
                                         uint64_t *ret_sequence)
{
    struct slice record;
    *ret_sequence = 0;
    const struct error *error =
        get_one(rocks, database_for_writer(&rocks->database), rocks->database.read_options, arena,
                RECORD_SEQUENCE_KEY, &record);
    if (error != NULL || !slice_present(record))
        return error;
    if (!record_sequence_read(record, ret_sequence))
        return error_make(arena, ERROR_INTERNAL, "The sequence record in %s has the wrong size",
                          rocks->database.folder);
    return NULL;
}

static const struct error *open_parts(struct arena *arena,
                                      const struct rocksdb_store_options *options,
                                      struct rocksdb_store *rocks)
{
    size_t flight_bytes_max =
        options->flight_bytes_max != 0 ? options->flight_bytes_max : FLIGHT_BYTES_MAX_DEFAULT;
    size_t cache_bytes = options->cache_bytes != 0 ? options->cache_bytes : CACHE_BYTES_DEFAULT;
    const struct error *error =
        database_open(arena, options, caches_blocks_bytes(cache_bytes), &rocks->database);
    if (error != NULL)
        return error;
    uint64_t last_sequence;
    error = load_sequence(arena, rocks, &last_sequence);
    if (error == NULL && !caches_init(&rocks->caches, &rocks->database, cache_bytes))
        error = error_exhausted();
    if (error == NULL && !flights_init(&rocks->flights, flight_bytes_max))
        error = error_exhausted();
    if (error == NULL && !start_threads(rocks, last_sequence, options)) {
        flights_fini(&rocks->flights);
        error = error_make(arena, ERROR_INTERNAL, "No thread can be started for writing to %s",
                           options->folder);
    }
    if (error != NULL) {
        caches_fini(&rocks->caches);
        database_close(&rocks->database);
        return error;
    }
    freer_start(&rocks->freer, options->folder);
    return NULL;
}

const struct error *rocksdb_store_open(struct arena *arena,
                                       const struct rocksdb_store_options *options,
                                       struct store **ret_store)
{
    struct rocksdb_store *rocks = aligned_alloc(alignof(struct rocksdb_store), sizeof(*rocks));
    if (rocks == NULL)
        return error_exhausted();
    memset(rocks, 0, sizeof(*rocks));
    rocks->store.engine = &rocksdb_engine;
    rocks->syncs_on_close = options->durability != ROCKSDB_STORE_SYNC;
    stripes_init(&rocks->stripes);
    const struct error *error = open_parts(arena, options, rocks);
    if (error != NULL) {
        stripes_fini(&rocks->stripes);
        free(rocks);
        return error;
    }
    *ret_store = &rocks->store;
    return NULL;
}
