#include "db/fill.h"

#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/alter.h"
#include "db/drop.h"
#include "db/transact_wait.h"

enum {
    BUSY_TABLES_MAX = 64,  /* looked at in one round */
    CHUNK_ITEMS = 64,      /* visited in one transaction */
    CHUNK_BYTES = 1 << 20, /* of items; one more may go beyond it */
    CHUNK_ARENA_BYTES = 256 * 1024 * 1024,
    PIECE_MS = 50,        /* of one table's filling, before others have their turn */
    WAIT_NS = 1000000,    /* for requests that use older snapshots */
    QUICK_FILL_MS = 1000, /* a table with at once for transient statuses is not ACTIVE before its
                             new index is, unless that takes longer than this */
    RECORD_COMPLETE = 1,
};

/* --- records --- */

void db_fill_record_write(struct buf *out, const struct db_fill_record *record)
{
    buf_append_byte(out, record->is_complete ? RECORD_COMPLETE : 0);
    buf_append_varint(out, record->table_id);
    buf_append(out, record->last_key);
}

bool db_fill_record_read(struct slice body, struct db_fill_record *ret_record)
{
    struct db_fill_record record;
    if (body.size == 0 || body.data[0] > RECORD_COMPLETE)
        return false;
    record.is_complete = body.data[0] == RECORD_COMPLETE;
    body = slice_after(body, 1);
    if (!varint_read(&body, &record.table_id) || record.table_id >= DB_SPACE_END ||
        body.size > STORE_KEY_BYTES_MAX)
        return false;
    record.last_key = body;
    *ret_record = record;
    return true;
}

static struct slice make_record(struct arena *arena, const struct db_fill_record *record)
{
    struct buf body;
    buf_init(&body, arena, STORE_KEY_BYTES_MAX + 16);
    db_fill_record_write(&body, record);
    return body.failed ? SLICE_ABSENT : db_record_make(arena, DB_FAMILY_FILL, buf_slice(&body));
}

bool db_fill_is_complete(const struct db_table *table, const struct db_index *index)
{
    struct db_life *life = db_snapshot_of(table)->life;
    return atomic_load_explicit(&life->filled_id, memory_order_acquire) == index->id;
}

bool db_fill_is_marked(struct slice mark, const struct db_index *index)
{
    struct slice body;
    uint64_t index_id;
    return slice_present(mark) && db_record_open(DB_FAMILY_MARK, mark, &body) &&
           varint_read(&body, &index_id) && index_id == index->id;
}

bool db_fill_mark(struct db_entry_writer *writer, struct slice mark_key,
                  const struct db_index *index)
{
    enum { VARINT_BYTES_MAX = 10 };
    struct buf body;
    buf_init(&body, writer->arena, VARINT_BYTES_MAX);
    buf_append_varint(&body, index->id);
    return !body.failed &&
           db_write_record(writer, STORE_ATOMIC, DB_FAMILY_MARK, mark_key, buf_slice(&body));
}

/* --- what one round works on --- */

struct fill {
    struct db *db;
    struct arena *arena;
    int64_t now_ms;
    const struct db_table *table;
    const struct db_index *index;
};

enum progress { PROGRESS_IDLE, PROGRESS_WAITING, PROGRESS_MORE };

/* The index in a state that an alteration may change; NULL when it has gone, or memory has.
 * *ret_indexes are then all of them. */
static struct db_index *writable_index(const struct fill *fill, struct arena *arena,
                                       struct db_table *table, struct db_index **ret_indexes)
{
    struct db_index *indexes = ARENA_NEW_ARRAY(arena, struct db_index, table->index_count);
    if (indexes == NULL)
        return NULL;
    memcpy(indexes, table->indexes, table->index_count * sizeof(*indexes));
    table->indexes = indexes;
    *ret_indexes = indexes;
    for (size_t i = 0; i < table->index_count; i++) {
        if (indexes[i].global && indexes[i].id == fill->index->id)
            return &indexes[i];
    }
    return NULL;
}

static const struct error *alter(const struct fill *fill, db_alteration *alteration,
                                 const struct db_side_record *side, uint64_t *ret_revision)
{
    const struct db_table *after;
    const struct error *error = db_table_alter_wait(
        fill->db, fill->arena, fill->table, fill->now_ms, alteration, (void *)fill, side, &after);
    if (error != NULL)
        return error;
    if (ret_revision != NULL)
        *ret_revision = after->revision;
    db_table_release(fill->db, after);
    return NULL;
}

/*
 * The alterations below change the stored state if it is the one that they begin from. If it is
 * not, a commit has appeared that was reported as failed: then the state goes as it is to the
 * registry, from which the next round takes it.
 */

/* The table is not held in UPDATING any more, nor are the indexes that were updated with it. */
static void become_active(struct db_table *table, struct db_index *indexes)
{
    table->status = DB_STATUS_ACTIVE;
    for (size_t i = 0; i < table->index_count; i++) {
        if (indexes[i].status == DB_STATUS_UPDATING)
            indexes[i].status = DB_STATUS_ACTIVE;
    }
}

static const struct error *become_filling(void *context, struct arena *arena,
                                          struct db_table *table)
{
    const struct fill *fill = context;
    struct db_index *indexes;
    struct db_index *index = writable_index(fill, arena, table, &indexes);
    if (index == NULL || !index->online || index->backfilling)
        return NULL;
    index->backfilling = true;
    index->revision = table->revision + 1;
    if (fill->db->transient_ms == 0) {
        table->status_until_ms = fill->now_ms + QUICK_FILL_MS;
    } else {
        become_active(table, indexes);
        table->status_until_ms = fill->now_ms + fill->db->transient_ms;
    }
    return NULL;
}

static const struct error *become_whole(void *context, struct arena *arena, struct db_table *table)
{
    const struct fill *fill = context;
    struct db_index *indexes;
    struct db_index *index = writable_index(fill, arena, table, &indexes);
    if (index == NULL || !index->backfilling)
        return NULL;
    index->status = DB_STATUS_ACTIVE;
    index->online = false;
    index->backfilling = false;
    index->revision = table->revision + 1;
    if (fill->db->transient_ms == 0 && table->status == DB_STATUS_UPDATING)
        become_active(table, indexes);
    return NULL;
}

static bool is_key_of_any(const struct db_table *table, struct slice name)
{
    bool is_key = db_key_schema_has(&table->key, name);
    for (size_t i = 0; !is_key && i < table->index_count; i++)
        is_key = db_key_schema_has(&table->indexes[i].key, name);
    return is_key;
}

static const struct error *lose_index(void *context, struct arena *arena, struct db_table *table)
{
    const struct fill *fill = context;
    struct db_index *indexes;
    struct db_index *index = writable_index(fill, arena, table, &indexes);
    if (index == NULL || index->status != DB_STATUS_DELETING)
        return NULL;
    size_t at = (size_t)(index - table->indexes);
    table->index_count--;
    memmove(index, index + 1, (table->index_count - at) * sizeof(*index));

    struct db_attribute *attributes =
        ARENA_NEW_ARRAY(arena, struct db_attribute, table->attribute_count);
    if (attributes == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < table->attribute_count; i++) {
        if (is_key_of_any(table, table->attributes[i].name))
            attributes[count++] = table->attributes[i];
    }
    table->attributes = attributes;
    table->attribute_count = count;
    if (table->status == DB_STATUS_UPDATING)
        become_active(table, indexes);
    return NULL;
}

/* --- visiting items --- */

enum { KEY_FILL, KEY_ITEMS };

struct chunk {
    const struct fill *fill;
    struct arena arena;                             /* of the keys */
    struct arena scratch;                           /* of one decision */
    struct slice keys[KEY_ITEMS + 2 * CHUNK_ITEMS]; /* fill record, items, marks */
    size_t count;
    size_t count_max;
    size_t bytes;
    bool is_cut; /* there may be more items behind */
    struct db_fill_record record;
    const struct error *error;
};

static bool collect_key(void *context, struct slice key, struct slice value)
{
    struct chunk *chunk = context;
    if (!arena_copy(&chunk->arena, key, &chunk->keys[KEY_ITEMS + chunk->count])) {
        chunk->error = error_exhausted();
        return false;
    }
    chunk->count++;
    chunk->bytes += value.size;
    chunk->is_cut = chunk->count == chunk->count_max || chunk->bytes >= CHUNK_BYTES;
    return !chunk->is_cut;
}

static const struct error *collect(struct chunk *chunk)
{
    const struct fill *fill = chunk->fill;
    uint64_t space = fill->table->id;
    struct slice last_key = chunk->record.last_key;
    struct store_range range = {
        .first = last_key.size > 0 ? db_key_behind(&chunk->arena, last_key)
                                   : db_key_hash_bound(&chunk->arena, DB_FAMILY_ITEM, space, 0),
        .end = db_key_hash_bound(&chunk->arena, DB_FAMILY_ITEM, space, DB_HASH_END),
    };
    if (!slice_present(range.first) || !slice_present(range.end))
        return error_exhausted();
    const struct error *error =
        store_scan(fill->db->store, &chunk->arena, range, STORE_FORWARD, collect_key, chunk);
    if (error == NULL)
        error = chunk->error;
    chunk->keys[KEY_FILL] = db_key_of_fill(&chunk->arena, fill->index->id);
    bool has_keys = slice_present(chunk->keys[KEY_FILL]);
    for (size_t i = 0; error == NULL && has_keys && i < chunk->count; i++) {
        struct slice *mark = &chunk->keys[KEY_ITEMS + chunk->count + i];
        *mark = db_key_of_mark(&chunk->arena, chunk->keys[KEY_ITEMS + i]);
        has_keys = slice_present(*mark);
    }
    return error != NULL || has_keys ? error : error_exhausted();
}

/* An item that has gone, or whose entry its writer has put, needs nothing; one whose attributes do
 * not fit the keys of the index is not in it. */
static const struct error *visit(struct chunk *chunk, struct db_entry_writer *writer, size_t at,
                                 const struct slice *old_values)
{
    const struct db_index *index = chunk->fill->index;
    struct slice record = old_values[KEY_ITEMS + at];
    if (!slice_present(record) ||
        db_fill_is_marked(old_values[KEY_ITEMS + chunk->count + at], index))
        return NULL;
    struct slice item;
    if (!db_record_open(DB_FAMILY_ITEM, record, &item))
        return error_make(&chunk->arena, ERROR_INTERNAL,
                          "An item of table %.*s is of a format version that is not known",
                          SLICE_PRINT(chunk->fill->table->name));
    struct db_index_effect effect;
    bool has_entry;
    if (!db_write_entry(writer, index, SLICE_ABSENT, item, &effect, &has_entry))
        return error_exhausted();
    if (has_entry && !db_fill_mark(writer, chunk->keys[KEY_ITEMS + chunk->count + at], index))
        return error_exhausted();
    return NULL;
}

static enum store_decision decide_chunk(void *context, const struct slice *old_values,
                                        struct store_batch *batch)
{
    struct chunk *chunk = context;
    arena_reset(&chunk->scratch);
    struct db_entry_writer writer = {
        .arena = &chunk->scratch, .table = chunk->fill->table, .batch = batch};
    chunk->error = NULL;
    for (size_t i = 0; chunk->error == NULL && i < chunk->count; i++)
        chunk->error = visit(chunk, &writer, i, old_values);
    struct slice record = make_record(&chunk->scratch, &chunk->record);
    if (chunk->error == NULL && !slice_present(record))
        chunk->error = error_exhausted();
    if (chunk->error != NULL)
        return STORE_ABORT;
    store_batch_put(batch, STORE_ATOMIC, chunk->keys[KEY_FILL], record);
    return STORE_COMMIT;
}

/* Visits the next items behind record->last_key and moves it on. */
static const struct error *fill_chunk(const struct fill *fill, struct chunk *chunk,
                                      struct db_fill_record *record)
{
    arena_reset(&chunk->arena);
    chunk->fill = fill;
    chunk->count = 0;
    chunk->bytes = 0;
    chunk->is_cut = false;
    chunk->error = NULL;
    chunk->record = *record;
    const struct error *error = collect(chunk);
    if (error != NULL)
        return error;
    if (chunk->count > 0)
        chunk->record.last_key = chunk->keys[KEY_ITEMS + chunk->count - 1];
    chunk->record.is_complete = !chunk->is_cut;
    error = db_transact_wait(fill->db->store, fill->arena, chunk->keys,
                             KEY_ITEMS + 2 * chunk->count, decide_chunk, chunk);
    if (error == NULL)
        error = chunk->error;
    if (error != NULL)
        return error;
    record->is_complete = chunk->record.is_complete;
    return arena_copy(fill->arena, chunk->record.last_key, &record->last_key) ? NULL
                                                                              : error_exhausted();
}

static const struct error *read_record(const struct fill *fill, struct db_fill_record *ret_record)
{
    struct slice key = db_key_of_fill(fill->arena, fill->index->id);
    struct slice value, body;
    if (!slice_present(key))
        return error_exhausted();
    const struct error *error = store_get(fill->db->store, fill->arena, &key, 1, &value);
    if (error != NULL)
        return error;
    if (!slice_present(value) || !db_record_open(DB_FAMILY_FILL, value, &body) ||
        !db_fill_record_read(body, ret_record) || ret_record->table_id != fill->table->id)
        return error_make(fill->arena, ERROR_INTERNAL, "The fill record is missing or corrupt");
    return NULL;
}

/* Visits chunk after chunk for a while. */
static const struct error *fill_chunks(const struct fill *fill, struct chunk *chunk,
                                       struct db_fill_record *record)
{
    size_t items_max = fill->db->fill_items != 0 ? fill->db->fill_items : SIZE_MAX;
    size_t items = 0;
    int64_t end_ms = clock_monotonic_ms() + PIECE_MS;
    const struct error *error = NULL;
    while (error == NULL && !record->is_complete && items < items_max &&
           clock_monotonic_ms() < end_ms) {
        chunk->count_max = items_max - items < CHUNK_ITEMS ? items_max - items : CHUNK_ITEMS;
        error = fill_chunk(fill, chunk, record);
        items += chunk->count;
    }
    /* It may lie in one of the chunk's arenas. */
    if (error != NULL && error != error_exhausted())
        error = error_make(fill->arena, error->kind, "%.*s", SLICE_PRINT(error->message));
    return error;
}

static const struct error *fill_piece(const struct fill *fill, bool *ret_is_complete)
{
    struct db_fill_record record;
    const struct error *error = read_record(fill, &record);
    if (error == NULL && !record.is_complete) {
        struct chunk *chunk = calloc(1, sizeof(*chunk));
        if (chunk == NULL)
            return error_exhausted();
        arena_init(&chunk->arena, CHUNK_ARENA_BYTES);
        arena_init(&chunk->scratch, CHUNK_ARENA_BYTES);
        error = fill_chunks(fill, chunk, &record);
        arena_fini(&chunk->arena);
        arena_fini(&chunk->scratch);
        free(chunk);
    }
    if (error == NULL)
        *ret_is_complete = record.is_complete;
    return error;
}

/* --- sweeping marks --- */

static struct db_sweep *sweep_new(uint64_t index_id, uint64_t table_id, struct db_life *life)
{
    struct db_sweep *sweep = calloc(1, sizeof(*sweep));
    if (sweep == NULL)
        return NULL;
    sweep->index_id = index_id;
    sweep->table_id = table_id;
    sweep->life = life;
    if (life != NULL)
        db_life_retain(life);
    return sweep;
}

static void sweep_free(struct db_sweep *sweep)
{
    if (sweep == NULL)
        return;
    if (sweep->life != NULL)
        db_life_release(sweep->life);
    free(sweep);
}

static void sweep_add(struct db *db, struct db_sweep *sweep)
{
    sweep->next = db->sweeps;
    db->sweeps = sweep;
}

static bool has_sweep(const struct db *db, uint64_t table_id)
{
    for (const struct db_sweep *sweep = db->sweeps; sweep != NULL; sweep = sweep->next) {
        if (sweep->table_id == table_id)
            return true;
    }
    return false;
}

static enum store_decision decide_forget(void *context, const struct slice *old_values,
                                         struct store_batch *batch)
{
    const struct slice *key = context;
    if (!slice_present(old_values[0]))
        return STORE_ABORT;
    store_batch_delete(batch, STORE_ATOMIC, *key);
    return STORE_COMMIT;
}

static const struct error *sweep_one(struct db *db, struct arena *arena,
                                     const struct db_sweep *sweep)
{
    const struct error *error = db_drop_space(db, arena, DB_FAMILY_MARK, sweep->table_id);
    if (error != NULL)
        return error;
    struct slice key = db_key_of_fill(arena, sweep->index_id);
    if (!slice_present(key))
        return error_exhausted();
    return db_transact_wait(db->store, arena, &key, 1, decide_forget, &key);
}

/* --- the states --- */

static bool is_in_use(struct db_life *life, uint64_t revision)
{
    return db_life_oldest_revision(life) < revision;
}

static const struct error *begin(const struct fill *fill, enum progress *ret_progress)
{
    /* The marks that are to be swept are keyed as the next ones will be. */
    if (has_sweep(fill->db, fill->table->id)) {
        *ret_progress = PROGRESS_WAITING;
        return NULL;
    }
    struct db_fill_record record = {.table_id = fill->table->id, .last_key = SLICE("")};
    struct db_side_record side = {
        .key = db_key_of_fill(fill->arena, fill->index->id),
        .value = make_record(fill->arena, &record),
    };
    if (!slice_present(side.key) || !slice_present(side.value))
        return error_exhausted();
    *ret_progress = PROGRESS_MORE;
    return alter(fill, become_filling, &side, NULL);
}

static const struct error *go_on(const struct fill *fill, enum progress *ret_progress)
{
    bool is_complete = false;
    const struct error *error = fill_piece(fill, &is_complete);
    if (error != NULL)
        return error;
    *ret_progress = PROGRESS_MORE;
    if (!is_complete)
        return NULL;
    struct db_life *life = db_snapshot_of(fill->table)->life;
    atomic_store_explicit(&life->filled_id, fill->index->id, memory_order_release);
    if (fill->table->status == DB_STATUS_ACTIVE && fill->now_ms < fill->table->status_until_ms) {
        *ret_progress = PROGRESS_IDLE;
        return NULL;
    }
    struct db_sweep *sweep = sweep_new(fill->index->id, fill->table->id, life);
    if (sweep == NULL)
        return error_exhausted();
    error = alter(fill, become_whole, NULL, &sweep->revision);
    if (error == NULL)
        sweep_add(fill->db, sweep);
    else
        sweep_free(sweep);
    return error;
}

static const struct error *end(const struct fill *fill, enum progress *ret_progress)
{
    if (fill->now_ms < fill->table->status_until_ms) {
        *ret_progress = PROGRESS_IDLE;
        return NULL;
    }
    const struct error *error =
        db_drop_space(fill->db, fill->arena, DB_FAMILY_MARK, fill->table->id);
    if (error == NULL)
        error = db_drop_space(fill->db, fill->arena, DB_FAMILY_GLOBAL, fill->index->id);
    if (error == NULL)
        error = db_drop_space(fill->db, fill->arena, DB_FAMILY_TOTAL, fill->index->id);
    if (error != NULL)
        return error;
    struct db_side_record side = {.key = db_key_of_fill(fill->arena, fill->index->id)};
    if (!slice_present(side.key))
        return error_exhausted();
    *ret_progress = PROGRESS_MORE;
    return alter(fill, lose_index, &side, NULL);
}

static const struct error *work_on(const struct fill *fill, enum progress *ret_progress)
{
    const struct db_table *table = fill->table;
    const struct db_index *index = fill->index;
    *ret_progress = PROGRESS_IDLE;
    if (is_in_use(db_snapshot_of(table)->life, index->revision)) {
        *ret_progress = PROGRESS_WAITING;
        return NULL;
    }
    if (index->status == DB_STATUS_DELETING)
        return end(fill, ret_progress);
    if (index->backfilling)
        return go_on(fill, ret_progress);
    if (fill->now_ms < table->status_until_ms)
        return NULL;
    return begin(fill, ret_progress);
}

/* --- a round --- */

static enum progress settle(struct db *db, const struct error *error, struct slice table_name,
                            enum progress progress)
{
    if (error == NULL)
        return progress;
    /* A table that was deleted meanwhile needs no index. */
    if (error->kind == ERROR_RESOURCE_NOT_FOUND)
        return PROGRESS_IDLE;
    if (!db->fill_has_failed)
        log_write(LOG_WARNING, "Work on an index of table %.*s failed and is tried again: %.*s",
                  SLICE_PRINT(table_name), SLICE_PRINT(error->message));
    db->fill_has_failed = true;
    return PROGRESS_IDLE;
}

static enum progress work_on_table(struct db *db, const struct db_table *table, int64_t now_ms)
{
    struct arena arena;
    arena_init(&arena, CHUNK_ARENA_BYTES);
    const struct db_index *index = db_table_online_index(table);
    struct fill fill = {
        .db = db,
        .arena = &arena,
        .now_ms = now_ms,
        .table = table,
        .index = index != NULL ? index : db_table_holding_index(table),
    };
    enum progress progress;
    const struct error *error = work_on(&fill, &progress);
    if (error == NULL && progress == PROGRESS_MORE)
        db->fill_has_failed = false;
    progress = settle(db, error, table->name, progress);
    arena_fini(&arena);
    return progress;
}

static enum progress work_on_sweeps(struct db *db)
{
    enum progress progress = PROGRESS_IDLE;
    struct db_sweep **link = &db->sweeps;
    while (*link != NULL) {
        struct db_sweep *sweep = *link;
        if (sweep->life != NULL && is_in_use(sweep->life, sweep->revision)) {
            progress = PROGRESS_WAITING;
            link = &sweep->next;
            continue;
        }
        struct arena arena;
        arena_init(&arena, CHUNK_ARENA_BYTES);
        const struct error *error = sweep_one(db, &arena, sweep);
        settle(db, error, SLICE("(marks)"), PROGRESS_IDLE);
        arena_fini(&arena);
        if (error != NULL)
            return PROGRESS_IDLE;
        *link = sweep->next;
        sweep_free(sweep);
    }
    return progress;
}

static enum progress work_on_all(struct db *db, int64_t now_ms)
{
    struct db_snapshot *busy[BUSY_TABLES_MAX];
    size_t count = db_registry_find_busy(db, busy, COUNT_OF(busy));
    enum progress most = PROGRESS_IDLE;
    for (size_t i = 0; i < count; i++) {
        enum progress progress = work_on_table(db, &busy[i]->table, now_ms);
        most = progress > most ? progress : most;
        db_snapshot_release(busy[i]);
    }
    enum progress progress = work_on_sweeps(db);
    return progress > most ? progress : most;
}

bool db_fill_work(struct db *db, int64_t now_ms)
{
    if (pthread_mutex_trylock(&db->fill_lock) != 0)
        return false;
    enum progress progress = work_on_all(db, now_ms);
    pthread_mutex_unlock(&db->fill_lock);
    if (progress == PROGRESS_WAITING)
        nanosleep(&(struct timespec){.tv_nsec = WAIT_NS}, NULL);
    return progress != PROGRESS_IDLE;
}

/* --- opening and closing --- */

struct fill_loading {
    struct db *db;
    struct arena *arena;
    const struct error *error;
};

static const struct db_snapshot *find_table(const struct db *db, uint64_t table_id)
{
    for (size_t i = 0; i < db->count; i++) {
        if (db->tables[i]->table.id == table_id)
            return db->tables[i];
    }
    return NULL;
}

static bool load_record(void *context, struct slice key, struct slice value)
{
    struct fill_loading *loading = context;
    enum db_family family;
    uint64_t index_id, hash;
    struct db_key_parts parts;
    struct slice body;
    struct db_fill_record record;
    if (!db_key_parse(loading->arena, key, &family, &index_id, &hash, &parts) ||
        !db_record_open(DB_FAMILY_FILL, value, &body) || !db_fill_record_read(body, &record)) {
        loading->error = error_make(loading->arena, ERROR_INTERNAL,
                                    "A fill record is corrupt or of a newer format");
        return false;
    }
    const struct db_snapshot *snapshot = find_table(loading->db, record.table_id);
    const struct db_index *index =
        snapshot != NULL ? db_table_online_index(&snapshot->table) : NULL;
    if (index != NULL && index->id == index_id) {
        if (record.is_complete)
            atomic_store_explicit(&snapshot->life->filled_id, index_id, memory_order_release);
        return true;
    }
    struct db_sweep *sweep = sweep_new(index_id, record.table_id, NULL);
    if (sweep == NULL) {
        loading->error = error_exhausted();
        return false;
    }
    sweep_add(loading->db, sweep);
    return true;
}

const struct error *db_fill_open(struct db *db, struct arena *arena)
{
    struct fill_loading loading = {.db = db, .arena = arena};
    struct store_range range;
    if (!db_key_family_range(arena, DB_FAMILY_FILL, &range))
        return error_exhausted();
    const struct error *error =
        store_scan(db->store, arena, range, STORE_FORWARD, load_record, &loading);
    return error != NULL ? error : loading.error;
}

void db_fill_close(struct db *db)
{
    while (db->sweeps != NULL) {
        struct db_sweep *sweep = db->sweeps;
        db->sweeps = sweep->next;
        sweep_free(sweep);
    }
}
