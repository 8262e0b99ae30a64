/*
 * Changes of the catalog: create, update, delete.
 *
 * Each is one store transaction on the table's record. Before it, everything that needs memory is
 * prepared; the decision looks at the record itself, so that the registry in memory is never
 * the judge; afterwards the registry is brought up to date, which cannot fail. That goes for a
 * refused change, too: after a commit whose outcome was unknown the registry may be behind.
 */

#include <stdlib.h>

#include "base/check.h"
#include "base/rand.h"
#include "db/drop.h"
#include "db/keyspace.h"
#include "db/status.h"
#include "db/stream_log.h"
#include "db/table_record.h"

enum { CHANGE_BYTES_MAX = 4 * DB_SNAPSHOT_BYTES_MAX };

/* Of a transaction: the table always, then what is needed. */
enum { KEY_TABLE, KEYS_MAX = 3, KEY_NONE = KEYS_MAX };

static const struct slice meta_next_id = {(const uint8_t *)"next id", 7};

struct change {
    struct db *db;
    int64_t now_ms;
    db_table_done *done;
    void *context;
    struct arena arena;
    struct store_transaction transaction;
    struct slice keys[KEYS_MAX];
    size_t key_count;
    size_t next_id_key;        /* which of the keys, or KEY_NONE */
    size_t stream_key;         /* likewise */
    struct db_stream *opening; /* a stream that is enabled, with a reference */
    struct db_stream *closing; /* one that is disabled, with a reference */
    struct db_snapshot *after; /* the table as it will be */
    uint64_t old_revision;     /* update, delete: what the caller has seen */
    bool is_new_table;         /* create */
    size_t first_new;          /* create, update: the first index that is new in `after` */
    struct db_drop *drop;      /* delete */
    struct db_snapshot *found; /* a newer state that the last decision came upon */
    struct db_stream *found_stream;
    bool is_gone;              /* it came upon no table at all */
    bool has_room;             /* reserved in the registry */
    uint64_t generation;       /* of the registry, then */
    const struct error *error; /* of the last decision */
};

static struct change *change_new(struct db *db, int64_t now_ms, db_table_done *done, void *context)
{
    struct change *change = calloc(1, sizeof(*change));
    if (change == NULL)
        return NULL;
    change->db = db;
    change->now_ms = now_ms;
    change->done = done;
    change->context = context;
    change->next_id_key = KEY_NONE;
    change->stream_key = KEY_NONE;
    arena_init(&change->arena, CHANGE_BYTES_MAX);
    return change;
}

/* Frees everything and, as the last thing that touches the db, tells the caller. table: with a
 * reference for the caller, or NULL. */
static void change_end(struct change *change, const struct error *error,
                       const struct db_table *table)
{
    if (change->has_room)
        db_registry_unreserve(change->db);
    db_snapshot_release(change->after);
    db_snapshot_release(change->found);
    db_stream_release(change->found_stream);
    db_stream_release(change->opening);
    db_stream_release(change->closing);
    db_drop_free(change->drop);
    change->done(change->context, error, table);
    arena_fini(&change->arena);
    free(change);
}

/* The key of the table, and of the stream record that changes with it. */
static const struct error *change_keys(struct change *change, const struct db_table *table)
{
    struct arena *arena = &change->arena;
    const struct db_stream *stream = change->opening != NULL ? change->opening : change->closing;
    change->keys[change->key_count++] = db_key_of_table(
        arena, table->account, db_namespace(change->db, table->region), table->name);
    if (stream != NULL) {
        change->stream_key = change->key_count++;
        change->keys[change->stream_key] = db_stream_record_key(change->db, arena, &stream->facts);
    }
    for (size_t i = 0; i < change->key_count; i++) {
        if (!slice_present(change->keys[i]))
            return error_exhausted();
    }
    return NULL;
}

static const struct error *change_next_id_key(struct change *change)
{
    change->next_id_key = change->key_count++;
    change->keys[change->next_id_key] = db_key_of_meta(&change->arena, meta_next_id);
    return slice_present(change->keys[change->next_id_key]) ? NULL : error_exhausted();
}

static void change_start(struct change *change, store_decide *decide, store_done *done)
{
    change->transaction = (struct store_transaction){
        .keys = change->keys,
        .key_count = change->key_count,
        .decide = decide,
        .done = done,
        .context = change,
    };
    store_transact(change->db->store, &change->transaction);
}

/* --- in decisions --- */

static const struct error *stored_table(struct change *change, struct slice record,
                                        struct db_table *ret_table)
{
    struct slice body;
    if (!db_record_open(DB_FAMILY_TABLE, record, &body))
        return error_make(&change->arena, ERROR_INTERNAL,
                          "A table record is of a format version that is not known");
    return table_record_read(&change->arena, body, ret_table);
}

static const struct error *put_record(struct change *change, struct store_batch *batch,
                                      enum db_family family, struct slice key, struct buf *body)
{
    struct slice record = SLICE_ABSENT;
    if (!body->failed)
        record = db_record_make(&change->arena, family, buf_slice(body));
    if (!slice_present(record))
        return error_exhausted();
    store_batch_put(batch, STORE_ATOMIC, key, record);
    return NULL;
}

static const struct error *put_table(struct change *change, struct store_batch *batch)
{
    struct buf body;
    buf_init(&body, &change->arena, DB_SNAPSHOT_BYTES_MAX);
    table_record_write(&body, &change->after->table);
    return put_record(change, batch, DB_FAMILY_TABLE, change->keys[KEY_TABLE], &body);
}

/* --- the stream that begins or ends with a change --- */

/* Before the change: what becomes of the table's stream. old NULL: a new table. Fills in which
 * stream `table` has from now on. label: kept in it. */
static const struct error *plan_stream(struct change *change, const struct db_table *old,
                                       struct db_table *table)
{
    bool was_enabled = old != NULL && old->stream_enabled;
    bool is_enabled = table->stream_enabled && table->status != DB_STATUS_DELETING;
    table->stream_label = old != NULL ? old->stream_label : SLICE_ABSENT;
    table->stream_created_ms = old != NULL ? old->stream_created_ms : 0;
    if (was_enabled && !is_enabled) {
        change->closing = db_stream_acquire_by_id(change->db, old->id, old->stream_created_ms);
        /* NULL: an earlier commit ended it whose outcome was unknown; this one will be refused. */
        return NULL;
    }
    if (was_enabled || !is_enabled)
        return NULL;
    uint8_t *label = arena_alloc_bytes(&change->arena, DB_STREAM_LABEL_BYTES);
    if (label == NULL)
        return error_exhausted();
    table->stream_created_ms = db_stream_time(change->db, table, change->now_ms);
    db_stream_label(table->stream_created_ms, (char *)label);
    table->stream_label = slice_of(label, DB_STREAM_LABEL_BYTES);
    table->stream_policy = SLICE_ABSENT; /* it was that of the stream before */
    table->stream_policy_revision_ms = 0;
    struct db_stream_facts facts = db_stream_of_table(change->db, table);
    change->opening = db_stream_make(&facts);
    return change->opening != NULL ? NULL : error_exhausted();
}

static const struct error *open_stream(struct change *change, struct store_batch *batch)
{
    /* A new table has its number since this decision. */
    change->opening->facts.table_id = change->after->table.id;
    struct slice record = db_stream_record_make(&change->arena, &change->opening->facts);
    if (!slice_present(record) || !db_shards_open(&change->arena, batch, &change->opening->facts))
        return error_exhausted();
    store_batch_put(batch, STORE_ATOMIC, change->keys[change->stream_key], record);
    return NULL;
}

/* From the record as it is: its shards may have been rolled a moment ago. */
static const struct error *close_stream(struct change *change, struct slice old_record,
                                        struct store_batch *batch)
{
    struct slice body;
    struct db_stream_facts facts;
    if (!slice_present(old_record))
        return NULL;
    if (!db_record_open(DB_FAMILY_STREAM, old_record, &body))
        return error_make(&change->arena, ERROR_INTERNAL,
                          "A stream record is of a format version that is not known");
    const struct error *error = stream_record_read(&change->arena, body, &facts);
    if (error != NULL)
        return error;
    facts.closed_ms = change->now_ms;
    struct slice record = db_stream_record_make(&change->arena, &facts);
    if (!slice_present(record) || !db_shards_close(&change->arena, batch, &facts, change->now_ms))
        return error_exhausted();
    store_batch_put(batch, STORE_ATOMIC, change->keys[change->stream_key], record);
    return NULL;
}

static const struct error *put_stream(struct change *change, const struct slice *old_values,
                                      struct store_batch *batch)
{
    if (change->opening != NULL)
        return open_stream(change, batch);
    if (change->closing != NULL)
        return close_stream(change, old_values[change->stream_key], batch);
    return NULL;
}

/* After the change, before the registry hears of it. */
static void settle_stream(struct change *change)
{
    if (change->closing != NULL)
        atomic_store(&change->closing->closed_ms, change->now_ms);
}

/* Forgets an earlier decision: only the last one counts. */
static struct change *decision_begin(void *context)
{
    struct change *change = context;
    db_snapshot_release(change->found);
    db_stream_release(change->found_stream);
    change->found = NULL;
    change->found_stream = NULL;
    change->is_gone = false;
    return change;
}

static enum store_decision decided(struct change *change, const struct error *error)
{
    change->error = error;
    return error == NULL ? STORE_COMMIT : STORE_ABORT;
}

/* Keeps what was found, for the registry. Without memory for it the registry learns it later. life:
 * that of other snapshots of the same table, NULL when there are none. */
static void keep_found(struct change *change, const struct db_table *stored, struct db_life *life)
{
    if (stored->status == DB_STATUS_DELETING)
        return; /* its drop counts on the snapshots that it knows */
    if (db_snapshot_make(&change->arena, stored, life, &change->found) != NULL) {
        change->found = NULL;
        return;
    }
    if (!stored->stream_enabled)
        return;
    struct db_stream_facts facts = db_stream_of_table(change->db, stored);
    change->found_stream = db_stream_make(&facts);
    if (change->found_stream != NULL)
        return;
    db_snapshot_release(change->found);
    change->found = NULL;
}

/* Is it still what the caller has seen, and may the event happen to it? */
static const struct error *check_stored(struct change *change, struct slice record,
                                        enum db_event event)
{
    const struct db_table *wanted = &change->after->table;
    struct db_table stored = {0};
    const struct error *error = NULL;
    if (slice_present(record))
        error = stored_table(change, record, &stored);
    if (error != NULL)
        return error;
    change->is_gone =
        stored.id != wanted->id || db_status_at(&stored, change->now_ms) == DB_STATUS_GONE;
    if (change->is_gone)
        return error_make(&change->arena, ERROR_RESOURCE_NOT_FOUND,
                          "Requested resource not found: Table: %.*s not found",
                          SLICE_PRINT(wanted->name));
    enum db_status status = (enum db_status)db_status_at(&stored, change->now_ms);
    if (stored.revision != change->old_revision) {
        keep_found(change, &stored, change->after->life);
        status = status == DB_STATUS_ACTIVE ? DB_STATUS_UPDATING : status;
        event = event == DB_EVENT_SETTING ? DB_EVENT_UPDATE : event;
    }
    int after;
    return db_status_after(&change->arena, wanted->name, status, event, &after);
}

/* The end of a change that was refused or has failed. */
static void finish_refused(struct change *change, const struct error *error)
{
    const struct db_table *table = &change->after->table;
    if (change->is_gone)
        db_registry_remove(change->db, table->account, db_namespace(change->db, table->region),
                           table->name, table->id);
    if (change->found != NULL) {
        db_registry_learn(change->db, change->found, change->found_stream, change->generation);
        change->found = NULL;
    }
    change_end(change, error, NULL);
}

/* --- create --- */

/* A name that is DELETING, but whose time is over, is free; its drop is on record already. */
static const struct error *check_free(struct change *change, struct slice record)
{
    if (!slice_present(record))
        return NULL;
    struct db_table stored;
    const struct error *error = stored_table(change, record, &stored);
    if (error != NULL)
        return error;
    if (db_status_at(&stored, change->now_ms) == DB_STATUS_GONE)
        return NULL;
    keep_found(change, &stored, NULL);
    return error_make(&change->arena, ERROR_RESOURCE_IN_USE, "Table already exists: %.*s",
                      SLICE_PRINT(change->after->table.name));
}

/* For a new table, or for the indexes that an update adds to one: they are behind first_new. */
static const struct error *take_ids(struct change *change, struct slice record,
                                    struct store_batch *batch)
{
    struct db_table *table = &change->after->table;
    uint64_t next = 1;
    struct slice old;
    if (slice_present(record) &&
        (!db_record_open(DB_FAMILY_META, record, &old) || !varint_read(&old, &next)))
        return error_make(&change->arena, ERROR_INTERNAL, "The next id is corrupt");
    if (next >= DB_SPACE_END - DB_GLOBAL_INDEXES_MAX - 1)
        return error_make(&change->arena, ERROR_INTERNAL, "All table ids are used up");
    if (change->is_new_table)
        table->id = next++;
    /* The snapshot is ours alone until the change is done. */
    struct db_index *indexes = (struct db_index *)table->indexes;
    for (size_t i = change->first_new; i < table->index_count; i++) {
        if (indexes[i].global)
            indexes[i].id = next++;
    }
    struct buf body;
    buf_init(&body, &change->arena, DB_SNAPSHOT_BYTES_MAX);
    buf_append_varint(&body, next);
    return put_record(change, batch, DB_FAMILY_META, change->keys[change->next_id_key], &body);
}

static enum store_decision decide_create(void *context, const struct slice *old_values,
                                         struct store_batch *batch)
{
    struct change *change = decision_begin(context);
    const struct error *error = check_free(change, old_values[KEY_TABLE]);
    if (error == NULL)
        error = take_ids(change, old_values[change->next_id_key], batch);
    if (error == NULL)
        error = put_table(change, batch);
    if (error == NULL)
        error = put_stream(change, old_values, batch);
    return decided(change, error);
}

/* Create and update: the table after the change takes its place. */
static void finish_put(void *context, const struct error *error)
{
    struct change *change = context;
    if (error == NULL)
        error = change->error;
    if (error != NULL) {
        finish_refused(change, error);
        return;
    }
    db_snapshot_retain(change->after); /* the caller's */
    db_snapshot_retain(change->after); /* the registry's */
    settle_stream(change);
    db_registry_put(change->db, change->after, change->opening);
    if (db_table_holding_index(&change->after->table) != NULL)
        db_wake(change->db);
    change_end(change, NULL, &change->after->table);
}

/* The description with what the catalog fills in. Ids of the table and of global indexes are
 * provisional until the decision. */
static const struct error *describe_new(struct change *change, const struct db_table *description)
{
    char uuid[RAND_UUID_CHARS];
    rand_uuid(uuid);
    struct db_table table = *description;
    table.id = 1;
    table.revision = 1;
    table.uuid = slice_of(uuid, sizeof(uuid));
    table.created_ms = change->now_ms;
    table.status = DB_STATUS_CREATING;
    table.status_until_ms =
        change->db->transient_ms == 0 ? 0 : change->now_ms + change->db->transient_ms;
    struct db_index *indexes = ARENA_NEW_ARRAY(&change->arena, struct db_index, table.index_count);
    if (indexes == NULL)
        return error_exhausted();
    uint64_t local_id = 1;
    for (size_t i = 0; i < table.index_count; i++) {
        indexes[i] = description->indexes[i];
        indexes[i].id = indexes[i].global ? 1 : local_id++;
        if (indexes[i].global)
            indexes[i].status = DB_STATUS_CREATING;
        /* There is nothing to fill it with. */
        indexes[i].online = false;
        indexes[i].backfilling = false;
    }
    CHECK(local_id <= DB_LOCAL_INDEXES_MAX + 1);
    table.indexes = indexes;
    const struct error *error = plan_stream(change, NULL, &table);
    return error != NULL ? error : db_snapshot_make(&change->arena, &table, NULL, &change->after);
}

void db_table_create(struct db *db, const struct db_table *description, int64_t now_ms,
                     db_table_done *done, void *context)
{
    struct change *change = change_new(db, now_ms, done, context);
    if (change == NULL) {
        done(context, error_exhausted(), NULL);
        return;
    }
    change->is_new_table = true;
    change->has_room = db_registry_reserve(db, &change->generation);
    const struct error *error = change->has_room ? NULL : error_exhausted();
    if (error == NULL)
        error = describe_new(change, description);
    if (error == NULL)
        error = change_keys(change, description);
    if (error == NULL)
        error = change_next_id_key(change);
    if (error != NULL) {
        change_end(change, error, NULL);
        return;
    }
    change_start(change, decide_create, finish_put);
}

/* --- update --- */

static bool throughput_equal(const struct db_index *left, const struct db_index *right)
{
    return left->throughput.read_units == right->throughput.read_units &&
           left->throughput.write_units == right->throughput.write_units &&
           left->on_demand.present == right->on_demand.present &&
           left->on_demand.max_read_units == right->on_demand.max_read_units &&
           left->on_demand.max_write_units == right->on_demand.max_write_units &&
           left->warm.present == right->warm.present &&
           left->warm.read_units == right->warm.read_units &&
           left->warm.write_units == right->warm.write_units;
}

static struct db_index updated_index(const struct db_index *was, const struct db_index *wanted,
                                     uint64_t revision)
{
    struct db_index index = *was;
    if (!was->global)
        return index;
    if (wanted->status == DB_STATUS_DELETING) {
        index.status = DB_STATUS_DELETING;
        index.online = false;
        index.backfilling = false;
        index.revision = revision;
        return index;
    }
    if (throughput_equal(was, wanted))
        return index;
    index.throughput = wanted->throughput;
    index.on_demand = wanted->on_demand;
    index.warm = wanted->warm;
    if (index.status == DB_STATUS_ACTIVE)
        index.status = DB_STATUS_UPDATING;
    return index;
}

static struct db_index added_index(const struct db_index *wanted, uint64_t revision)
{
    struct db_index index = *wanted;
    CHECK(index.global);
    index.id = 1; /* provisional until the decision */
    index.status = DB_STATUS_CREATING;
    index.online = true;
    index.backfilling = false;
    index.revision = revision;
    return index;
}

static const struct error *update_indexes(struct change *change, const struct db_table *old,
                                          const struct db_table *new, struct db_table *table)
{
    struct db_index *indexes =
        ARENA_NEW_ARRAY(&change->arena, struct db_index, old->index_count + new->index_count);
    if (indexes == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < old->index_count; i++) {
        const struct db_index *wanted = db_table_index(new, old->indexes[i].name);
        CHECK(wanted != NULL);
        indexes[count++] = updated_index(&old->indexes[i], wanted, table->revision);
    }
    change->first_new = count;
    for (size_t i = 0; i < new->index_count; i++) {
        if (db_table_index(old, new->indexes[i].name) == NULL)
            indexes[count++] = added_index(&new->indexes[i], table->revision);
    }
    CHECK(count <= DB_LOCAL_INDEXES_MAX + DB_GLOBAL_INDEXES_MAX);
    table->indexes = indexes;
    table->index_count = count;
    return NULL;
}

static const struct error *describe_updated(struct change *change, const struct db_table *old,
                                            const struct db_table *new)
{
    struct db_table table = *new;
    table.id = old->id;
    table.revision = old->revision + 1;
    table.account = old->account;
    table.region = old->region;
    table.name = old->name;
    table.uuid = old->uuid;
    table.created_ms = old->created_ms;
    table.key = old->key;
    table.status = DB_STATUS_UPDATING;
    table.status_until_ms =
        change->db->transient_ms == 0 ? 0 : change->now_ms + change->db->transient_ms;
    const struct error *error = update_indexes(change, old, new, &table);
    if (error != NULL)
        return error;
    if (change->first_new == table.index_count) {
        table.attributes = old->attributes;
        table.attribute_count = old->attribute_count;
    }
    change->old_revision = old->revision;
    error = plan_stream(change, old, &table);
    return error != NULL ? error
                         : db_snapshot_make(&change->arena, &table, db_snapshot_of(old)->life,
                                            &change->after);
}

static enum store_decision decide_update(void *context, const struct slice *old_values,
                                         struct store_batch *batch)
{
    struct change *change = decision_begin(context);
    const struct error *error = check_stored(change, old_values[KEY_TABLE], DB_EVENT_UPDATE);
    if (error == NULL && change->first_new < change->after->table.index_count)
        error = take_ids(change, old_values[change->next_id_key], batch);
    if (error == NULL)
        error = put_table(change, batch);
    if (error == NULL)
        error = put_stream(change, old_values, batch);
    return decided(change, error);
}

void db_table_update(struct db *db, const struct db_table *old, const struct db_table *new,
                     int64_t now_ms, db_table_done *done, void *context)
{
    struct change *change = change_new(db, now_ms, done, context);
    if (change == NULL) {
        done(context, error_exhausted(), NULL);
        return;
    }
    const struct error *error = describe_updated(change, old, new);
    /* Only in case the table goes while this is under way and its place has to be made again. */
    if (error == NULL) {
        change->has_room = db_registry_reserve(db, &change->generation);
        error = change->has_room ? change_keys(change, old) : error_exhausted();
    }
    /* The counter of ids is read only when it is needed: all tables share it. */
    if (error == NULL && change->first_new < change->after->table.index_count)
        error = change_next_id_key(change);
    if (error != NULL) {
        change_end(change, error, NULL);
        return;
    }
    change_start(change, decide_update, finish_put);
}

/* --- settings that leave the status as it is --- */

static enum store_decision decide_setting(void *context, const struct slice *old_values,
                                          struct store_batch *batch)
{
    struct change *change = decision_begin(context);
    const struct error *error = check_stored(change, old_values[KEY_TABLE], DB_EVENT_SETTING);
    if (error == NULL)
        error = put_table(change, batch);
    return decided(change, error);
}

void db_table_set(struct db *db, const struct db_table *old, const struct db_table *new,
                  int64_t now_ms, db_table_done *done, void *context)
{
    struct change *change = change_new(db, now_ms, done, context);
    if (change == NULL) {
        done(context, error_exhausted(), NULL);
        return;
    }
    struct db_table table = *new;
    table.revision = old->revision + 1;
    change->old_revision = old->revision;
    const struct error *error =
        db_snapshot_make(&change->arena, &table, db_snapshot_of(old)->life, &change->after);
    if (error == NULL) {
        change->has_room = db_registry_reserve(db, &change->generation);
        error = change->has_room ? change_keys(change, old) : error_exhausted();
    }
    if (error != NULL) {
        change_end(change, error, NULL);
        return;
    }
    change_start(change, decide_setting, finish_put);
}

void db_table_set_expiry(struct db *db, const struct db_table *old, struct slice attribute,
                         int64_t now_ms, db_table_done *done, void *context)
{
    struct db_table table = *old;
    table.expiry_enabled = slice_present(attribute);
    if (table.expiry_enabled)
        table.expiry_attribute = attribute;
    table.expiry_changed_ms = now_ms;
    db_table_set(db, old, &table, now_ms, done, context);
}

/* --- delete --- */

static const struct error *put_drop(struct change *change, struct store_batch *batch)
{
    struct slice key = db_key_of_drop(&change->arena, change->drop->table_id);
    if (!slice_present(key))
        return error_exhausted();
    struct buf body;
    buf_init(&body, &change->arena, DB_SNAPSHOT_BYTES_MAX);
    db_drop_write(&body, change->drop);
    return put_record(change, batch, DB_FAMILY_DROP, key, &body);
}

static enum store_decision decide_delete(void *context, const struct slice *old_values,
                                         struct store_batch *batch)
{
    struct change *change = decision_begin(context);
    const struct error *error = check_stored(change, old_values[KEY_TABLE], DB_EVENT_DELETE);
    if (error == NULL)
        error = put_drop(change, batch);
    if (error == NULL && change->db->transient_ms == 0)
        store_batch_delete(batch, STORE_ATOMIC, change->keys[KEY_TABLE]);
    else if (error == NULL)
        error = put_table(change, batch);
    if (error == NULL)
        error = put_stream(change, old_values, batch);
    return decided(change, error);
}

static void finish_delete(void *context, const struct error *error)
{
    struct change *change = context;
    if (error == NULL)
        error = change->error;
    if (error != NULL) {
        finish_refused(change, error);
        return;
    }
    struct db *db = change->db;
    const struct db_table *table = &change->after->table;
    db_snapshot_retain(change->after); /* the caller's */
    settle_stream(change);
    if (db->transient_ms == 0) {
        db_registry_remove(db, table->account, db_namespace(db, table->region), table->name,
                           table->id);
    } else {
        db_snapshot_retain(change->after);
        db_registry_put(db, change->after, NULL);
    }
    db_drop_add(db, change->drop);
    change->drop = NULL;
    change_end(change, NULL, table);
}

void db_table_delete(struct db *db, const struct db_table *table, int64_t now_ms,
                     db_table_done *done, void *context)
{
    struct change *change = change_new(db, now_ms, done, context);
    if (change == NULL) {
        done(context, error_exhausted(), NULL);
        return;
    }
    struct db_table deleting = *table;
    deleting.revision = table->revision + 1;
    deleting.status = DB_STATUS_DELETING;
    deleting.status_until_ms = db->transient_ms == 0 ? 0 : now_ms + db->transient_ms;
    change->old_revision = table->revision;
    change->has_room = db_registry_reserve(db, &change->generation);
    const struct error *error = change->has_room ? NULL : error_exhausted();
    if (error == NULL)
        error = plan_stream(change, table, &deleting);
    if (error == NULL)
        error = db_snapshot_make(&change->arena, &deleting, db_snapshot_of(table)->life,
                                 &change->after);
    if (error == NULL)
        error = db_drop_make(db, change->after, deleting.status_until_ms, &change->drop);
    if (error == NULL)
        error = change_keys(change, table);
    if (error != NULL) {
        change_end(change, error, NULL);
        return;
    }
    change_start(change, decide_delete, finish_delete);
}
