#include "db/alter.h"

#include <stdlib.h>

#include "db/keyspace.h"
#include "db/status.h"
#include "db/table_record.h"

enum { ALTER_BYTES_MAX = 4 * DB_SNAPSHOT_BYTES_MAX, KEY_TABLE = 0, KEY_SIDE = 1, KEY_COUNT = 2 };

struct alter {
    struct db *db;
    int64_t now_ms;
    db_alteration *alteration;
    void *alteration_context;
    const struct db_side_record *side;
    db_table_done *done;
    void *context;
    struct db_snapshot *table; /* with a reference */
    struct arena arena;
    struct arena scratch; /* of one decision */
    struct store_transaction transaction;
    struct slice keys[KEY_COUNT];
    struct db_snapshot *after;
    bool has_room;
    uint64_t generation;
    const struct error *error; /* of the last decision */
};

static void alter_end(struct alter *alter, const struct error *error)
{
    const struct db_table *after = NULL;
    if (error == NULL) {
        after = &alter->after->table;
        db_snapshot_retain(alter->after); /* the registry's; ours becomes the caller's */
        db_registry_put(alter->db, alter->after, NULL);
    } else {
        db_snapshot_release(alter->after);
    }
    if (alter->has_room)
        db_registry_unreserve(alter->db);
    db_snapshot_release(alter->table);
    alter->done(alter->context, error, after);
    arena_fini(&alter->scratch);
    arena_fini(&alter->arena);
    free(alter);
}

static const struct error *read_stored(struct alter *alter, struct slice record,
                                       struct db_table *ret_table)
{
    const struct db_table *table = &alter->table->table;
    const struct error *error = NULL;
    struct slice body;
    struct db_table stored = {0};
    if (slice_present(record)) {
        if (!db_record_open(DB_FAMILY_TABLE, record, &body))
            return error_make(&alter->scratch, ERROR_INTERNAL,
                              "A table record is of a format version that is not known");
        error = table_record_read(&alter->scratch, body, &stored);
    }
    if (error == NULL &&
        (stored.id != table->id || db_status_at(&stored, alter->now_ms) == DB_STATUS_GONE))
        error = error_make(&alter->scratch, ERROR_RESOURCE_NOT_FOUND,
                           "Requested resource not found: Table: %.*s not found",
                           SLICE_PRINT(table->name));
    if (error == NULL && db_status_is_over(&stored, alter->now_ms) &&
        !db_status_end(&alter->scratch, &stored))
        error = error_exhausted();
    if (error == NULL)
        *ret_table = stored;
    return error;
}

static const struct error *put_altered(struct alter *alter, const struct db_table *table,
                                       struct store_batch *batch)
{
    const struct error *error =
        db_snapshot_make(&alter->scratch, table, alter->table->life, &alter->after);
    if (error != NULL)
        return error;
    struct buf body;
    buf_init(&body, &alter->scratch, DB_SNAPSHOT_BYTES_MAX);
    table_record_write(&body, table);
    struct slice record = SLICE_ABSENT;
    if (!body.failed)
        record = db_record_make(&alter->scratch, DB_FAMILY_TABLE, buf_slice(&body));
    if (!slice_present(record))
        return error_exhausted();
    store_batch_put(batch, STORE_ATOMIC, alter->keys[KEY_TABLE], record);
    if (alter->side != NULL && slice_present(alter->side->value))
        store_batch_put(batch, STORE_ATOMIC, alter->keys[KEY_SIDE], alter->side->value);
    else if (alter->side != NULL)
        store_batch_delete(batch, STORE_ATOMIC, alter->keys[KEY_SIDE]);
    return NULL;
}

static enum store_decision decide_alter(void *context, const struct slice *old_values,
                                        struct store_batch *batch)
{
    struct alter *alter = context;
    db_snapshot_release(alter->after);
    alter->after = NULL;
    arena_reset(&alter->scratch);
    struct db_table table;
    const struct error *error = read_stored(alter, old_values[KEY_TABLE], &table);
    if (error == NULL)
        error = alter->alteration(alter->alteration_context, &alter->scratch, &table);
    if (error == NULL) {
        table.revision++;
        error = put_altered(alter, &table, batch);
    }
    alter->error = error;
    return error == NULL ? STORE_COMMIT : STORE_ABORT;
}

static void finish_alter(void *context, const struct error *error)
{
    struct alter *alter = context;
    alter_end(alter, error != NULL ? error : alter->error);
}

static const struct error *prepare(struct alter *alter)
{
    const struct db_table *table = &alter->table->table;
    alter->keys[KEY_TABLE] = db_key_of_table(&alter->arena, table->account,
                                             db_namespace(alter->db, table->region), table->name);
    if (!slice_present(alter->keys[KEY_TABLE]))
        return error_exhausted();
    if (alter->side != NULL)
        alter->keys[KEY_SIDE] = alter->side->key;
    /* Only in case the table goes while this is under way and its place has to be made again. */
    alter->has_room = db_registry_reserve(alter->db, &alter->generation);
    return alter->has_room ? NULL : error_exhausted();
}

static void start(struct db *db, const struct db_table *table, int64_t now_ms,
                  db_alteration *alteration, void *alteration_context,
                  const struct db_side_record *side, db_table_done *done, void *context)
{
    struct alter *alter = calloc(1, sizeof(*alter));
    if (alter == NULL) {
        done(context, error_exhausted(), NULL);
        return;
    }
    alter->db = db;
    alter->now_ms = now_ms;
    alter->alteration = alteration;
    alter->alteration_context = alteration_context;
    alter->side = side;
    alter->done = done;
    alter->context = context;
    alter->table = db_snapshot_of(table);
    db_table_retain(table);
    arena_init(&alter->arena, ALTER_BYTES_MAX);
    arena_init(&alter->scratch, ALTER_BYTES_MAX);
    const struct error *error = prepare(alter);
    if (error != NULL) {
        alter_end(alter, error);
        return;
    }
    alter->transaction = (struct store_transaction){
        .keys = alter->keys,
        .key_count = side != NULL ? KEY_COUNT : KEY_TABLE + 1,
        .decide = decide_alter,
        .done = finish_alter,
        .context = alter,
    };
    store_transact(db->store, &alter->transaction);
}

void db_table_alter(struct db *db, const struct db_table *table, int64_t now_ms,
                    db_alteration *alteration, void *alteration_context, db_table_done *done,
                    void *context)
{
    start(db, table, now_ms, alteration, alteration_context, NULL, done, context);
}

/* --- with a waiting caller --- */

struct alter_waiter {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_done;
    struct arena *arena;
    const struct error *error;
    const struct db_table *table;
};

static void wake(void *context, const struct error *error, const struct db_table *table)
{
    struct alter_waiter *waiter = context;
    pthread_mutex_lock(&waiter->lock);
    struct slice message;
    if (error != NULL)
        waiter->error = arena_copy(waiter->arena, error->message, &message)
                            ? error_make_slice(waiter->arena, error->kind, message)
                            : error_exhausted();
    waiter->table = table;
    waiter->is_done = true;
    pthread_cond_signal(&waiter->changed);
    pthread_mutex_unlock(&waiter->lock);
}

const struct error *db_table_alter_wait(struct db *db, struct arena *arena,
                                        const struct db_table *table, int64_t now_ms,
                                        db_alteration *alteration, void *context,
                                        const struct db_side_record *side,
                                        const struct db_table **ret_table)
{
    struct alter_waiter waiter = {.arena = arena};
    pthread_mutex_init(&waiter.lock, NULL);
    pthread_cond_init(&waiter.changed, NULL);
    start(db, table, now_ms, alteration, context, side, wake, &waiter);
    pthread_mutex_lock(&waiter.lock);
    while (!waiter.is_done)
        pthread_cond_wait(&waiter.changed, &waiter.lock);
    pthread_mutex_unlock(&waiter.lock);
    pthread_cond_destroy(&waiter.changed);
    pthread_mutex_destroy(&waiter.lock);
    if (waiter.error == NULL)
        *ret_table = waiter.table;
    return waiter.error;
}
