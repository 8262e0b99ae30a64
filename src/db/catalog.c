#include "db/catalog.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/rand.h"
#include "db/collection.h"
#include "db/drop.h"
#include "db/expiry.h"
#include "db/fill.h"
#include "db/keyspace.h"
#include "db/status.h"
#include "db/stream_log.h"
#include "db/table_record.h"
#include "db/transact_wait.h"

/* The layout of keys as a whole; families have versions of their own. */
enum { FORMAT_VERSION = 1 };

static const struct slice meta_format = {(const uint8_t *)"format", 6};
static const struct slice meta_iterator_key = {(const uint8_t *)"iterator key", 12};

struct store *db_store(struct db *db)
{
    return db->store;
}

int64_t db_transient_ms(const struct db *db)
{
    return db->transient_ms;
}

/* --- opening --- */

struct loading {
    struct db *db;
    struct arena *arena;
    const struct error *error;
};

static bool load_table(void *context, struct slice key, struct slice value)
{
    (void)key;
    struct loading *loading = context;
    struct slice body;
    struct db_snapshot *snapshot;
    if (!db_record_open(DB_FAMILY_TABLE, value, &body))
        loading->error = error_make(loading->arena, ERROR_INTERNAL,
                                    "A table record is of a format version that is not known");
    else
        loading->error = db_snapshot_read(loading->arena, body, &snapshot);
    if (loading->error != NULL)
        return false;
    uint64_t generation;
    struct db_stream_facts facts = db_stream_of_table(loading->db, &snapshot->table);
    struct db_stream *stream = db_stream_make(&facts);
    if (stream == NULL || !db_registry_reserve(loading->db, &generation)) {
        db_stream_release(stream);
        db_snapshot_release(snapshot);
        loading->error = error_exhausted();
        return false;
    }
    db_registry_put(loading->db, snapshot, stream);
    db_registry_unreserve(loading->db);
    db_stream_release(stream);
    return true;
}

/* Before the tables, which then find theirs. */
static bool load_stream(void *context, struct slice key, struct slice value)
{
    (void)key;
    struct loading *loading = context;
    struct slice body;
    struct db_stream_facts facts;
    if (!db_record_open(DB_FAMILY_STREAM, value, &body))
        loading->error = error_make(loading->arena, ERROR_INTERNAL,
                                    "A stream record is of a format version that is not known");
    else
        loading->error = stream_record_read(loading->arena, body, &facts);
    if (loading->error != NULL)
        return false;
    struct db_stream *stream = db_stream_make(&facts);
    if (stream == NULL || !db_stream_add(loading->db, stream)) {
        db_stream_release(stream);
        loading->error = error_exhausted();
        return false;
    }
    return true;
}

static bool load_drop(void *context, struct slice key, struct slice value)
{
    (void)key;
    struct loading *loading = context;
    struct slice body;
    struct db_drop *drop;
    if (!db_record_open(DB_FAMILY_DROP, value, &body))
        loading->error = error_make(loading->arena, ERROR_INTERNAL,
                                    "A drop record is of a format version that is not known");
    else
        loading->error = db_drop_read(loading->arena, body, &drop);
    if (loading->error != NULL)
        return false;
    /* A table that is still in DELETING can be looked up: its drop waits for that, too. */
    struct db_snapshot *table =
        db_registry_find(loading->db, drop->account, drop->namespace, drop->name);
    if (table != NULL && table->table.id == drop->table_id) {
        drop->life = table->life;
        db_life_retain(drop->life);
    }
    db_snapshot_release(table);
    db_drop_add(loading->db, drop);
    return true;
}

static const struct error *load_family(struct db *db, struct arena *arena, enum db_family family,
                                       store_visit *visit)
{
    struct loading loading = {.db = db, .arena = arena};
    struct store_range range;
    if (!db_key_family_range(arena, family, &range))
        return error_exhausted();
    const struct error *error = store_scan(db->store, arena, range, STORE_FORWARD, visit, &loading);
    return error != NULL ? error : loading.error;
}

struct format_check {
    struct slice key;
    struct slice record;
    bool is_known;
};

static enum store_decision decide_format(void *context, const struct slice *old_values,
                                         struct store_batch *batch)
{
    struct format_check *check = context;
    check->is_known = true;
    if (slice_present(old_values[0])) {
        check->is_known = slice_equal(old_values[0], check->record);
        return STORE_ABORT;
    }
    store_batch_put(batch, STORE_ATOMIC, check->key, check->record);
    return STORE_COMMIT;
}

/* An empty store is marked, so that no older program can ever misread what a newer one wrote. */
static const struct error *check_format(struct db *db, struct arena *arena)
{
    uint8_t version = FORMAT_VERSION;
    struct format_check check = {
        .key = db_key_of_meta(arena, meta_format),
        .record = db_record_make(arena, DB_FAMILY_META, slice_of(&version, 1)),
    };
    if (!slice_present(check.key) || !slice_present(check.record))
        return error_exhausted();
    const struct error *error =
        db_transact_wait(db->store, arena, &check.key, 1, decide_format, &check);
    if (error != NULL)
        return error;
    if (!check.is_known)
        return error_make(arena, ERROR_INTERNAL,
                          "The data is of another format version than %d, which this program reads",
                          FORMAT_VERSION);
    return NULL;
}

struct iterator_key {
    struct db *db;
    struct slice key;
    struct slice record; /* a new one */
    bool is_known;
};

static enum store_decision decide_iterator_key(void *context, const struct slice *old_values,
                                               struct store_batch *batch)
{
    struct iterator_key *secret = context;
    struct slice body;
    struct slice record = slice_present(old_values[0]) ? old_values[0] : secret->record;
    secret->is_known =
        db_record_open(DB_FAMILY_META, record, &body) && body.size == DB_STREAM_ITERATOR_KEY_BYTES;
    if (secret->is_known)
        memcpy(secret->db->iterator_key, body.data, body.size);
    if (slice_present(old_values[0]))
        return STORE_ABORT;
    store_batch_put(batch, STORE_ATOMIC, secret->key, record);
    return STORE_COMMIT;
}

static const struct error *load_iterator_key(struct db *db, struct arena *arena)
{
    uint8_t bytes[DB_STREAM_ITERATOR_KEY_BYTES];
    rand_bytes(bytes, sizeof(bytes));
    struct iterator_key secret = {
        .db = db,
        .key = db_key_of_meta(arena, meta_iterator_key),
        .record = db_record_make(arena, DB_FAMILY_META, slice_of(bytes, sizeof(bytes))),
    };
    if (!slice_present(secret.key) || !slice_present(secret.record))
        return error_exhausted();
    const struct error *error =
        db_transact_wait(db->store, arena, &secret.key, 1, decide_iterator_key, &secret);
    if (error != NULL || secret.is_known)
        return error;
    return error_make(arena, ERROR_INTERNAL, "The key of iterators is corrupt");
}

const struct error *db_open(struct arena *arena, const struct db_options *options,
                            struct db **ret_db)
{
    CHECK(options->stream_shards <= DB_SHARDS_MAX);
    struct db *db = calloc(1, sizeof(*db));
    if (db == NULL)
        return error_exhausted();
    db->store = options->store;
    db->shared_namespace = options->shared_namespace;
    db->transient_ms = options->transient_ms;
    db->collection_bytes_max = options->collection_bytes_max != 0 ? options->collection_bytes_max
                                                                  : DB_COLLECTION_BYTES_MAX;
    db->stream_shards = options->stream_shards != 0 ? options->stream_shards : 1;
    db->stream_roll_ms =
        options->stream_roll_ms != 0 ? options->stream_roll_ms : DB_STREAM_ROLL_MS_DEFAULT;
    pthread_rwlock_init(&db->lock, NULL);
    db->fill_items = options->fill_items;
    pthread_mutex_init(&db->work_lock, NULL);
    pthread_mutex_init(&db->fill_lock, NULL);

    const struct error *error = check_format(db, arena);
    if (error == NULL)
        error = load_iterator_key(db, arena);
    if (error == NULL)
        error = load_family(db, arena, DB_FAMILY_STREAM, load_stream);
    if (error == NULL)
        error = load_family(db, arena, DB_FAMILY_TABLE, load_table);
    if (error == NULL)
        error = load_family(db, arena, DB_FAMILY_DROP, load_drop);
    if (error == NULL)
        error = db_stream_split(db, arena, clock_now_ms());
    if (error == NULL)
        error = db_expiry_open(db, options->expiry_sweep_ms);
    if (error == NULL)
        error = db_fill_open(db, arena);
    if (error != NULL) {
        db_close(db);
        return error;
    }
    *ret_db = db;
    return NULL;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    for (size_t i = 0; i < db->count; i++)
        db_snapshot_release(db->tables[i]);
    free(db->tables);
    for (size_t i = 0; i < db->stream_count; i++)
        db_stream_release(db->streams[i]);
    free(db->streams);
    db_expiry_close(db);
    while (db->drops != NULL) {
        struct db_drop *drop = db->drops;
        db->drops = drop->next;
        db_drop_free(drop);
    }
    db_fill_close(db);
    pthread_mutex_destroy(&db->fill_lock);
    pthread_mutex_destroy(&db->work_lock);
    pthread_rwlock_destroy(&db->lock);
    free(db);
}

/* --- totals and background work --- */

const struct error *db_table_totals(struct db *db, struct arena *arena,
                                    const struct db_table *table, const struct db_index *index,
                                    struct db_totals *ret_totals)
{
    struct db_totals totals;
    struct slice items = db_key_of_total(arena, table, index, DB_TOTAL_ITEMS);
    struct slice bytes = db_key_of_total(arena, table, index, DB_TOTAL_BYTES);
    if (!slice_present(items) || !slice_present(bytes))
        return error_exhausted();
    const struct error *error = store_counter_read(db->store, arena, items, &totals.items);
    if (error == NULL)
        error = store_counter_read(db->store, arena, bytes, &totals.bytes);
    if (error != NULL)
        return error;
    *ret_totals = totals;
    return NULL;
}

bool db_catalog_work(struct db *db, int64_t now_ms)
{
    db_registry_expire(db, now_ms);
    bool is_more = db_drop_work(db, now_ms);
    return db_fill_work(db, now_ms) || is_more;
}

void db_on_work(struct db *db, db_work *work, void *context)
{
    pthread_mutex_lock(&db->work_lock);
    db->work = work;
    db->work_context = context;
    pthread_mutex_unlock(&db->work_lock);
}

void db_wake(struct db *db)
{
    pthread_mutex_lock(&db->work_lock);
    if (db->work != NULL)
        db->work(db->work_context);
    pthread_mutex_unlock(&db->work_lock);
}
