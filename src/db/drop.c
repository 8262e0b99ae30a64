#include "db/drop.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/log.h"
#include "db/keyspace.h"
#include "db/table_record.h"
#include "db/transact_wait.h"

enum { DROP_BYTES_MAX = 1024 * 1024 };

static struct db_drop *drop_new(void)
{
    struct db_drop *drop = calloc(1, sizeof(*drop));
    if (drop != NULL)
        arena_init(&drop->arena, DROP_BYTES_MAX);
    return drop;
}

void db_drop_free(struct db_drop *drop)
{
    if (drop == NULL)
        return;
    if (drop->life != NULL)
        db_life_release(drop->life);
    arena_fini(&drop->arena);
    free(drop);
}

static bool fill(struct db_drop *drop, const struct db *db, const struct db_table *table)
{
    uint64_t *ids = ARENA_NEW_ARRAY(&drop->arena, uint64_t, table->index_count);
    if (ids == NULL || !arena_copy(&drop->arena, table->account, &drop->account) ||
        !arena_copy(&drop->arena, db_namespace(db, table->region), &drop->namespace) ||
        !arena_copy(&drop->arena, table->name, &drop->name))
        return false;
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].global)
            ids[drop->global_count++] = table->indexes[i].id;
    }
    drop->global_ids = ids;
    drop->table_id = table->id;
    return true;
}

const struct error *db_drop_make(const struct db *db, const struct db_snapshot *snapshot,
                                 int64_t not_before_ms, struct db_drop **ret_drop)
{
    struct db_drop *drop = drop_new();
    if (drop == NULL || !fill(drop, db, &snapshot->table)) {
        db_drop_free(drop);
        return error_exhausted();
    }
    drop->not_before_ms = not_before_ms;
    drop->life = snapshot->life;
    db_life_retain(drop->life);
    *ret_drop = drop;
    return NULL;
}

static void write_text(struct buf *out, struct slice text)
{
    buf_append_varint(out, text.size);
    buf_append(out, text);
}

void db_drop_write(struct buf *out, const struct db_drop *drop)
{
    buf_append_varint(out, drop->table_id);
    buf_append_varint(out, (uint64_t)drop->not_before_ms);
    write_text(out, drop->account);
    write_text(out, drop->namespace);
    write_text(out, drop->name);
    buf_append_varint(out, drop->global_count);
    for (size_t i = 0; i < drop->global_count; i++)
        buf_append_varint(out, drop->global_ids[i]);
}

static bool read_text(struct arena *arena, struct slice *at, struct slice *ret_text)
{
    uint64_t size;
    if (!varint_read(at, &size) || size > at->size ||
        !arena_copy(arena, slice_of(at->data, (size_t)size), ret_text))
        return false;
    *at = slice_after(*at, (size_t)size);
    return true;
}

static bool read_body(struct db_drop *drop, struct slice at)
{
    uint64_t not_before, count;
    if (!varint_read(&at, &drop->table_id) || !varint_read(&at, &not_before) ||
        !read_text(&drop->arena, &at, &drop->account) ||
        !read_text(&drop->arena, &at, &drop->namespace) ||
        !read_text(&drop->arena, &at, &drop->name) || !varint_read(&at, &count) || count > at.size)
        return false;
    uint64_t *ids = ARENA_NEW_ARRAY(&drop->arena, uint64_t, (size_t)count);
    if (ids == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!varint_read(&at, &ids[i]) || ids[i] >= DB_SPACE_END)
            return false;
    }
    drop->not_before_ms = (int64_t)not_before;
    drop->global_ids = ids;
    drop->global_count = (size_t)count;
    return at.size == 0 && drop->table_id < DB_SPACE_END;
}

const struct error *db_drop_read(struct arena *arena, struct slice body, struct db_drop **ret_drop)
{
    struct db_drop *drop = drop_new();
    if (drop == NULL)
        return error_exhausted();
    if (!read_body(drop, body)) {
        db_drop_free(drop);
        return error_make(arena, ERROR_INTERNAL, "A drop record is corrupt");
    }
    *ret_drop = drop;
    return NULL;
}

void db_drop_add(struct db *db, struct db_drop *drop)
{
    pthread_rwlock_wrlock(&db->lock);
    drop->next = db->drops;
    db->drops = drop;
    pthread_rwlock_unlock(&db->lock);
    db_wake(db);
}

/* Nobody works with the table any more: no write can land behind the drop. */
static bool is_due(const struct db_drop *drop, int64_t now_ms)
{
    return !drop->is_running && now_ms >= drop->not_before_ms &&
           (drop->life == NULL ||
            atomic_load_explicit(&drop->life->references, memory_order_acquire) == 1);
}

const struct error *db_drop_space(struct db *db, struct arena *arena, enum db_family family,
                                  uint64_t space)
{
    struct store_range range = {
        .first = db_key_hash_bound(arena, family, space, 0),
        .end = db_key_hash_bound(arena, family, space, DB_HASH_END),
    };
    if (!slice_present(range.first) || !slice_present(range.end))
        return error_exhausted();
    return store_drop_range(db->store, arena, range);
}

static const struct error *drop_data(struct db *db, struct arena *arena, const struct db_drop *drop)
{
    static const enum db_family of_table[] = {
        DB_FAMILY_ITEM,    DB_FAMILY_LOCAL_1, DB_FAMILY_LOCAL_2, DB_FAMILY_LOCAL_3,
        DB_FAMILY_LOCAL_4, DB_FAMILY_LOCAL_5, DB_FAMILY_MARK,    DB_FAMILY_COLLECTION,
        DB_FAMILY_EXPIRY,  DB_FAMILY_TOTAL,
    };
    static const enum db_family of_index[] = {DB_FAMILY_GLOBAL, DB_FAMILY_FILL, DB_FAMILY_TOTAL};
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < COUNT_OF(of_table); i++)
        error = db_drop_space(db, arena, of_table[i], drop->table_id);
    for (size_t i = 0; i < drop->global_count; i++) {
        for (size_t j = 0; error == NULL && j < COUNT_OF(of_index); j++)
            error = db_drop_space(db, arena, of_index[j], drop->global_ids[i]);
    }
    return error;
}

/* --- the end of it: the drop record goes, and the table record if it is still this table's --- */

enum { KEY_DROP, KEY_TABLE, KEY_COUNT };

struct drop_end {
    struct arena *arena;
    const struct db_drop *drop;
    struct slice keys[KEY_COUNT];
};

static enum store_decision decide_end(void *context, const struct slice *old_values,
                                      struct store_batch *batch)
{
    struct drop_end *end = context;
    store_batch_delete(batch, STORE_ATOMIC, end->keys[KEY_DROP]);
    struct slice body;
    struct db_table table;
    if (slice_present(old_values[KEY_TABLE]) &&
        db_record_open(DB_FAMILY_TABLE, old_values[KEY_TABLE], &body) &&
        table_record_read(end->arena, body, &table) == NULL && table.id == end->drop->table_id)
        store_batch_delete(batch, STORE_ATOMIC, end->keys[KEY_TABLE]);
    return STORE_COMMIT;
}

static const struct error *drop_record(struct db *db, struct arena *arena,
                                       const struct db_drop *drop)
{
    struct drop_end end = {.arena = arena, .drop = drop};
    end.keys[KEY_DROP] = db_key_of_drop(arena, drop->table_id);
    end.keys[KEY_TABLE] = db_key_of_table(arena, drop->account, drop->namespace, drop->name);
    if (!slice_present(end.keys[KEY_DROP]) || !slice_present(end.keys[KEY_TABLE]))
        return error_exhausted();
    return db_transact_wait(db->store, arena, end.keys, KEY_COUNT, decide_end, &end);
}

static void unlink_drop(struct db *db, struct db_drop *drop)
{
    struct db_drop **link = &db->drops;
    while (*link != drop)
        link = &(*link)->next;
    *link = drop->next;
}

bool db_drop_work(struct db *db, int64_t now_ms)
{
    pthread_rwlock_wrlock(&db->lock);
    struct db_drop *drop = db->drops;
    while (drop != NULL && !is_due(drop, now_ms))
        drop = drop->next;
    if (drop != NULL)
        drop->is_running = true;
    pthread_rwlock_unlock(&db->lock);
    if (drop == NULL)
        return false;

    struct arena arena;
    arena_init(&arena, DROP_BYTES_MAX);
    const struct error *error = drop_data(db, &arena, drop);
    if (error == NULL)
        error = drop_record(db, &arena, drop);
    if (error != NULL && !drop->has_failed)
        log_write(LOG_WARNING, "Deleting the data of table %.*s failed and is tried again: %.*s",
                  SLICE_PRINT(drop->name), SLICE_PRINT(error->message));

    bool is_more = false;
    pthread_rwlock_wrlock(&db->lock);
    drop->is_running = false;
    if (error == NULL) {
        unlink_drop(db, drop);
        for (const struct db_drop *other = db->drops; other != NULL; other = other->next)
            is_more = is_more || is_due(other, now_ms);
    } else {
        drop->has_failed = true;
        drop->not_before_ms = now_ms + 1; /* let the others go first */
    }
    pthread_rwlock_unlock(&db->lock);
    if (error == NULL)
        db_drop_free(drop);
    arena_fini(&arena);
    return is_more;
}
