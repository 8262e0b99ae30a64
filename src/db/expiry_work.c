/* The background side of time to live: sweeping, and settling after it was switched on or off. */

#include <stdlib.h>

#include "base/check.h"
#include "base/log.h"
#include "db/entry.h"
#include "db/expiry.h"
#include "db/items.h"
#include "db/keyspace.h"
#include "db/transact_wait.h"

enum {
    SWEEP_MS_DEFAULT = 60 * 1000,
    SWEEP_ITEMS = 25,   /* deleted by one write, like a BatchWriteItem */
    SETTLE_ITEMS = 100, /* looked at in one go */
    ARENA_BYTES_MAX = 256 * 1024 * 1024,
    PLACE_BYTES_MAX = 64 * 1024, /* of a key where work goes on */
};

/* "Items with an expiration time of greater than five years in the past are not deleted" (developer
 * guide). Five years of 365 days and a leap day. */
#define OLDEST_SECONDS ((int64_t)(5 * 365 + 1) * 24 * 60 * 60)

struct db_expiry_work {
    int64_t sweep_ms;
    int64_t next_sweep_ms;
    uint64_t swept_table;    /* this sweep has been through the tables up to that id */
    uint64_t sweeping_table; /* and is here */
    struct slice sweep_from; /* with the records from this key on; in sweep_arena */
    struct arena sweep_arena;
    uint64_t settling_after; /* tables up to that id have to wait a little */
    /* the table that is being settled */
    uint64_t table_id; /* 0: none */
    int64_t changed_ms;
    bool is_through;    /* all its items have been looked at */
    struct slice start; /* where to go on; in the arena */
    struct arena arena;
};

const struct error *db_expiry_open(struct db *db, int64_t sweep_ms)
{
    db->expiry = calloc(1, sizeof(*db->expiry));
    if (db->expiry == NULL)
        return error_exhausted();
    db->expiry->sweep_ms = sweep_ms != 0 ? sweep_ms : SWEEP_MS_DEFAULT;
    arena_init(&db->expiry->arena, PLACE_BYTES_MAX);
    arena_init(&db->expiry->sweep_arena, PLACE_BYTES_MAX);
    return NULL;
}

void db_expiry_close(struct db *db)
{
    if (db->expiry == NULL)
        return;
    arena_fini(&db->expiry->arena);
    arena_fini(&db->expiry->sweep_arena);
    free(db->expiry);
    db->expiry = NULL;
}

static bool is_alive(const struct db_table *table)
{
    return table->status == DB_STATUS_ACTIVE || table->status == DB_STATUS_UPDATING;
}

/* --- waiting for a write --- */

struct ending {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_done;
    struct arena *arena;
    const struct error *error;
};

static void ending_init(struct ending *ending, struct arena *arena)
{
    *ending = (struct ending){.arena = arena};
    pthread_mutex_init(&ending->lock, NULL);
    pthread_cond_init(&ending->changed, NULL);
}

static void ended(void *context, const struct error *error)
{
    struct ending *ending = context;
    pthread_mutex_lock(&ending->lock);
    if (error != NULL)
        ending->error = error_make(ending->arena, error->kind, "%.*s", SLICE_PRINT(error->message));
    ending->is_done = true;
    pthread_cond_signal(&ending->changed);
    pthread_mutex_unlock(&ending->lock);
}

static const struct error *ending_wait(struct ending *ending)
{
    pthread_mutex_lock(&ending->lock);
    while (!ending->is_done)
        pthread_cond_wait(&ending->changed, &ending->lock);
    pthread_mutex_unlock(&ending->lock);
    pthread_cond_destroy(&ending->changed);
    pthread_mutex_destroy(&ending->lock);
    return ending->error;
}

/* --- sweeping --- */

/* EXPIRY records that are due, of distinct items. */
struct sweep {
    struct db *db;
    struct arena *arena;
    const struct db_table *table;
    struct db_write writes[SWEEP_ITEMS];
    int64_t seconds[SWEEP_ITEMS];
    bool is_stale[SWEEP_ITEMS]; /* the item does not say so */
    size_t count;
    struct slice last_key; /* of a record */
    bool is_cut;           /* there may be more: one more record of the same item, at least */
    const struct error *error;
    struct ending ending;
};

static bool has_key(const struct sweep *sweep, struct slice key)
{
    for (size_t i = 0; i < sweep->count; i++) {
        if (slice_equal(sweep->writes[i].key, key))
            return true;
    }
    return false;
}

static bool visit_due(void *context, struct slice key, struct slice value)
{
    struct sweep *sweep = context;
    struct slice item_key;
    if (!db_record_open(DB_FAMILY_EXPIRY, value, &item_key)) {
        sweep->error = error_make(sweep->arena, ERROR_INTERNAL,
                                  "An expiry record is of a format version that is not known");
        return false;
    }
    sweep->is_cut = has_key(sweep, item_key);
    if (sweep->is_cut)
        return false;
    struct db_write *write = &sweep->writes[sweep->count];
    *write = (struct db_write){.table = sweep->table};
    if (!arena_copy(sweep->arena, item_key, &write->key) ||
        !arena_copy(sweep->arena, key, &sweep->last_key)) {
        sweep->error = error_exhausted();
        return false;
    }
    sweep->seconds[sweep->count++] = (int64_t)db_key_hash(key);
    sweep->is_cut = sweep->count == SWEEP_ITEMS;
    return !sweep->is_cut;
}

/* An item of a transaction that is under way has its turn in the next sweep. */
static bool decide_sweep(void *context, struct db_write_set *set)
{
    struct sweep *sweep = context;
    bool is_any = false;
    for (size_t i = 0; i < set->count; i++) {
        struct db_write *write = &set->writes[i];
        bool is_due = db_expiry_of(write->table, write->old_item) == sweep->seconds[i];
        sweep->is_stale[i] = !is_due && !write->conflicts;
        write->action = is_due && !write->conflicts ? DB_DELETE : DB_KEEP;
        is_any = is_any || write->action == DB_DELETE;
    }
    return is_any;
}

static void sweep_ended(void *context, const struct error *error)
{
    struct sweep *sweep = context;
    ended(&sweep->ending, error);
}

/* A record that its item does not agree with, looked at once more under the item's lock. */
struct stale {
    const struct sweep *sweep;
    struct slice keys[1]; /* the item's */
    struct slice record_key;
    int64_t second;
};

static enum store_decision decide_stale(void *context, const struct slice *old_values,
                                        struct store_batch *batch)
{
    const struct stale *stale = context;
    struct slice item = SLICE_ABSENT;
    if (slice_present(old_values[0]) && !db_record_open(DB_FAMILY_ITEM, old_values[0], &item))
        return STORE_ABORT;
    if (db_expiry_of(stale->sweep->table, item) == stale->second)
        return STORE_ABORT;
    store_batch_delete(batch, STORE_EVENTUAL, stale->record_key);
    return STORE_COMMIT;
}

static const struct error *drop_stale(const struct sweep *sweep, size_t i)
{
    struct slice key = sweep->writes[i].key;
    struct stale stale = {
        .sweep = sweep,
        .keys = {db_entry_key(sweep->arena, sweep->table, NULL, key)},
        .record_key = db_expiry_key(sweep->arena, sweep->table, sweep->seconds[i], key),
        .second = sweep->seconds[i],
    };
    if (!slice_present(stale.keys[0]) || !slice_present(stale.record_key))
        return error_exhausted();
    return db_transact_wait(sweep->db->store, sweep->arena, stale.keys, 1, decide_stale, &stale);
}

/* The records that are due and that this sweep has not seen. */
static const struct error *range_to_sweep(const struct db *db, struct arena *arena,
                                          const struct db_table *table, int64_t now,
                                          struct store_range *ret_range)
{
    const struct db_expiry_work *work = db->expiry;
    uint64_t first = now > OLDEST_SECONDS ? (uint64_t)(now - OLDEST_SECONDS) : 0;
    *ret_range = (struct store_range){
        .first = work->sweeping_table == table->id
                     ? work->sweep_from
                     : db_key_hash_bound(arena, DB_FAMILY_EXPIRY, table->id, first),
        .end = db_key_hash_bound(arena, DB_FAMILY_EXPIRY, table->id, (uint64_t)now),
    };
    bool fits = slice_present(ret_range->first) && slice_present(ret_range->end);
    return fits ? NULL : error_exhausted();
}

/* The next handful begins behind this one. Without that the engine would pass over all that this
 * sweep has deleted, again and again. */
static const struct error *keep_place(const struct sweep *sweep)
{
    struct db_expiry_work *work = sweep->db->expiry;
    work->sweeping_table = 0;
    if (!sweep->is_cut)
        return NULL;
    arena_reset(&work->sweep_arena);
    work->sweep_from = db_key_behind(&work->sweep_arena, sweep->last_key);
    if (!slice_present(work->sweep_from))
        return error_exhausted();
    work->sweeping_table = sweep->table->id;
    return NULL;
}

/* One write for one handful of records. *ret_more: there may be more in this table. */
static const struct error *sweep_some(struct db *db, struct arena *arena,
                                      const struct db_table *table, int64_t now_ms, bool *ret_more)
{
    struct sweep sweep = {.db = db, .arena = arena, .table = table};
    struct store_range range;
    int64_t now = now_ms / 1000;
    if (now < 0)
        return NULL;
    const struct error *error = range_to_sweep(db, arena, table, now, &range);
    if (error == NULL)
        error = store_scan(db->store, arena, range, STORE_FORWARD, visit_due, &sweep);
    if (error == NULL)
        error = sweep.error;
    if (error == NULL)
        error = keep_place(&sweep);
    if (error != NULL || sweep.count == 0)
        return error;
    struct db_write_set set = {
        .arena = arena,
        .writes = sweep.writes,
        .count = sweep.count,
        .decide = decide_sweep,
        .done = sweep_ended,
        .context = &sweep,
        .conflicts = DB_CONFLICTS_TELL,
        .is_expiry = true,
    };
    ending_init(&sweep.ending, arena);
    db_write_items(db, &set);
    error = ending_wait(&sweep.ending);
    for (size_t i = 0; error == NULL && i < sweep.count; i++) {
        if (sweep.is_stale[i])
            error = drop_stale(&sweep, i);
    }
    *ret_more = sweep.is_cut;
    return error;
}

static bool can_expire(const struct db_table *table)
{
    return table->expiry_enabled && is_alive(table);
}

static bool sweep_work(struct db *db, struct arena *arena, int64_t now_ms)
{
    struct db_expiry_work *work = db->expiry;
    struct db_snapshot *snapshot;
    if (now_ms < work->next_sweep_ms)
        return false;
    if (db_registry_select(db, can_expire, work->swept_table, &snapshot, 1) == 0) {
        work->swept_table = 0;
        work->next_sweep_ms = now_ms + work->sweep_ms;
        return false;
    }
    bool is_more = false;
    const struct error *error = sweep_some(db, arena, &snapshot->table, now_ms, &is_more);
    if (error != NULL)
        log_write(LOG_WARNING,
                  "Deleting expired items of table %.*s failed and is tried again: %.*s",
                  SLICE_PRINT(snapshot->table.name), SLICE_PRINT(error->message));
    if (error != NULL || !is_more) {
        work->swept_table = snapshot->table.id;
        work->sweeping_table = 0;
    }
    db_snapshot_release(snapshot);
    return true;
}

/* --- settling --- */

static bool is_unsettled(const struct db_table *table)
{
    return table->expiry_changed_ms !=
               atomic_load(&db_snapshot_of(table)->life->expiry_settled_ms) &&
           is_alive(table);
}

/* EXPIRY records for a page of items. */
struct page {
    const struct db_table *table;
    struct arena *arena;
    struct slice item_keys[SETTLE_ITEMS]; /* primary keys, as items */
    struct slice keys[SETTLE_ITEMS];
    size_t count;
    const struct error *error;
};

static bool visit_item(void *context, struct slice item)
{
    struct page *page = context;
    struct slice key;
    if (db_expiry_of(page->table, item) == DB_EXPIRY_NEVER)
        return true;
    page->error = db_table_key_of_item(page->table, page->arena, item, &key);
    if (page->error != NULL)
        return false;
    page->item_keys[page->count] = key;
    page->keys[page->count] = db_entry_key(page->arena, page->table, NULL, key);
    if (!slice_present(page->keys[page->count++]))
        page->error = error_exhausted();
    return page->error == NULL;
}

static const struct error *put_record(struct page *page, size_t i, struct slice value,
                                      struct store_batch *batch)
{
    struct slice item = SLICE_ABSENT;
    if (slice_present(value) && !db_record_open(DB_FAMILY_ITEM, value, &item))
        return error_make(page->arena, ERROR_INTERNAL,
                          "An item is of a format version that is not known");
    int64_t second = db_expiry_of(page->table, item);
    if (second == DB_EXPIRY_NEVER)
        return NULL;
    struct slice key = db_expiry_key(page->arena, page->table, second, page->item_keys[i]);
    struct slice record = db_record_make(page->arena, DB_FAMILY_EXPIRY, page->item_keys[i]);
    if (!slice_present(key) || !slice_present(record))
        return error_exhausted();
    store_batch_put(batch, STORE_EVENTUAL, key, record);
    return NULL;
}

/* What the items are now, under their locks. */
static enum store_decision decide_page(void *context, const struct slice *old_values,
                                       struct store_batch *batch)
{
    struct page *page = context;
    page->error = NULL;
    for (size_t i = 0; page->error == NULL && i < page->count; i++)
        page->error = put_record(page, i, old_values[i], batch);
    return page->error == NULL ? STORE_COMMIT : STORE_ABORT;
}

static const struct error *fill_page(struct db *db, struct arena *arena,
                                     const struct db_table *table)
{
    struct db_expiry_work *work = db->expiry;
    struct page page = {.table = table, .arena = arena};
    struct db_read read = {
        .table = table,
        .whole = true,
        .limit = SETTLE_ITEMS,
        .exclusive_start = work->start,
        .visit = visit_item,
        .context = &page,
    };
    const struct error *error = db_read_items(db, arena, &read);
    if (error == NULL)
        error = page.error;
    if (error == NULL && page.count > 0)
        error = db_transact_wait(db->store, arena, page.keys, page.count, decide_page, &page);
    if (error == NULL)
        error = page.error;
    if (error != NULL)
        return error;
    work->is_through = !slice_present(read.last_evaluated);
    work->start = SLICE_ABSENT;
    arena_reset(&work->arena);
    if (!work->is_through && !arena_copy(&work->arena, read.last_evaluated, &work->start))
        return error_exhausted();
    return NULL;
}

static const struct error *drop_records(struct db *db, struct arena *arena,
                                        const struct db_table *table)
{
    struct store_range range = {
        .first = db_key_hash_bound(arena, DB_FAMILY_EXPIRY, table->id, 0),
        .end = db_key_hash_bound(arena, DB_FAMILY_EXPIRY, table->id, DB_HASH_END),
    };
    if (!slice_present(range.first) || !slice_present(range.end))
        return error_exhausted();
    const struct error *error = store_drop_range(db->store, arena, range);
    db->expiry->is_through = error == NULL;
    return error;
}

static enum store_decision decide_settled(void *context, const struct slice *old_values,
                                          struct store_batch *batch)
{
    const struct slice *key_and_record = context;
    (void)old_values;
    store_batch_put(batch, STORE_ATOMIC, key_and_record[0], key_and_record[1]);
    return STORE_COMMIT;
}

static const struct error *settle(struct db *db, struct arena *arena,
                                  const struct db_snapshot *snapshot)
{
    const struct db_table *table = &snapshot->table;
    uint8_t body[10];
    struct slice key_and_record[] = {
        db_settled_key(arena, table),
        db_record_make(arena, DB_FAMILY_EXPIRY,
                       slice_of(body, varint_write(body, (uint64_t)table->expiry_changed_ms))),
    };
    if (!slice_present(key_and_record[0]) || !slice_present(key_and_record[1]))
        return error_exhausted();
    const struct error *error =
        db_transact_wait(db->store, arena, key_and_record, 1, decide_settled, key_and_record);
    if (error != NULL)
        return error;
    atomic_store(&snapshot->life->expiry_settled_ms, table->expiry_changed_ms);
    db->expiry->table_id = 0;
    /* There may be records where a sweep has been already: the next one begins at once. */
    db->expiry->next_sweep_ms = 0;
    db->expiry->swept_table = 0;
    db->expiry->sweeping_table = 0;
    return NULL;
}

/* Was it settled before the database was opened? */
static const struct error *look_up_settled(struct db *db, struct arena *arena,
                                           const struct db_snapshot *snapshot, bool *ret_settled)
{
    const struct db_table *table = &snapshot->table;
    struct slice key = db_settled_key(arena, table);
    struct slice record, body;
    uint64_t changed_ms;
    *ret_settled = false;
    if (!slice_present(key))
        return error_exhausted();
    const struct error *error = store_get(db->store, arena, &key, 1, &record);
    if (error != NULL || !slice_present(record))
        return error;
    if (!db_record_open(DB_FAMILY_EXPIRY, record, &body) || !varint_read(&body, &changed_ms))
        return error_make(arena, ERROR_INTERNAL, "An expiry record is corrupt");
    *ret_settled = changed_ms == (uint64_t)table->expiry_changed_ms;
    if (*ret_settled)
        atomic_store(&snapshot->life->expiry_settled_ms, table->expiry_changed_ms);
    return NULL;
}

/* Writes that work with an older snapshot may not know of the change. Only the newest is left? */
static bool is_drained(const struct db_snapshot *snapshot)
{
    return atomic_load_explicit(&snapshot->life->references, memory_order_acquire) == 1;
}

/* Begins with a table, unless it is under way. *ret_ready: there is work to be done on it now. */
static const struct error *begin_settling(struct db *db, struct arena *arena,
                                          const struct db_snapshot *snapshot, bool *ret_ready)
{
    struct db_expiry_work *work = db->expiry;
    const struct db_table *table = &snapshot->table;
    *ret_ready = work->table_id == table->id && work->changed_ms == table->expiry_changed_ms;
    if (*ret_ready)
        return NULL;
    bool is_settled;
    const struct error *error = look_up_settled(db, arena, snapshot, &is_settled);
    if (error != NULL || is_settled || !is_drained(snapshot))
        return error;
    work->table_id = table->id;
    work->changed_ms = table->expiry_changed_ms;
    work->is_through = false;
    work->start = SLICE_ABSENT;
    arena_reset(&work->arena);
    *ret_ready = true;
    return NULL;
}

static bool settle_work(struct db *db, struct arena *arena)
{
    struct db_expiry_work *work = db->expiry;
    struct db_snapshot *snapshot;
    if (db_registry_select(db, is_unsettled, work->settling_after, &snapshot, 1) == 0) {
        work->settling_after = 0;
        return false;
    }
    const struct db_table *table = &snapshot->table;
    bool is_ready;
    const struct error *error = begin_settling(db, arena, snapshot, &is_ready);
    if (error == NULL && is_ready && !work->is_through)
        error =
            table->expiry_enabled ? fill_page(db, arena, table) : drop_records(db, arena, table);
    if (error == NULL && is_ready && work->is_through)
        error = settle(db, arena, snapshot);
    if (error != NULL)
        log_write(LOG_WARNING,
                  "Preparing the time to live of table %.*s failed and is tried again: %.*s",
                  SLICE_PRINT(table->name), SLICE_PRINT(error->message));
    if (error != NULL || !is_ready)
        work->settling_after = table->id;
    db_snapshot_release(snapshot);
    return true;
}

bool db_expiry_work(struct db *db, int64_t now_ms)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES_MAX);
    bool is_more = settle_work(db, &arena);
    is_more = sweep_work(db, &arena, now_ms) || is_more;
    arena_fini(&arena);
    return is_more;
}
