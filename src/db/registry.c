#include <stdlib.h>

#include "base/check.h"
#include "db/database.h"
#include "db/status.h"
#include "db/table_record.h"

enum { CAPACITY_MIN = 16 };

struct slice db_namespace(const struct db *db, struct slice region)
{
    return db->shared_namespace ? SLICE("") : region;
}

bool db_regions_share(const struct db *db, struct slice region, struct slice other)
{
    return slice_equal(db_namespace(db, region), db_namespace(db, other));
}

/* --- snapshots --- */

static struct db_life *life_new(void)
{
    struct db_life *life = calloc(1, sizeof(*life));
    if (life == NULL)
        return NULL;
    pthread_mutex_init(&life->lock, NULL);
    atomic_init(&life->references, 1);
    atomic_init(&life->filled_id, 0);
    return life;
}

void db_life_retain(struct db_life *life)
{
    atomic_fetch_add_explicit(&life->references, 1, memory_order_relaxed);
}

void db_life_release(struct db_life *life)
{
    if (atomic_fetch_sub_explicit(&life->references, 1, memory_order_acq_rel) != 1)
        return;
    while (life->streams != NULL) {
        struct db_stream *stream = life->streams;
        life->streams = stream->next;
        db_stream_release(stream);
    }
    pthread_mutex_destroy(&life->lock);
    free(life);
}

uint64_t db_life_oldest_revision(struct db_life *life)
{
    uint64_t oldest = UINT64_MAX;
    pthread_mutex_lock(&life->lock);
    for (const struct db_snapshot *snapshot = life->snapshots; snapshot != NULL;
         snapshot = snapshot->next)
        oldest = snapshot->table.revision < oldest ? snapshot->table.revision : oldest;
    pthread_mutex_unlock(&life->lock);
    return oldest;
}

static void life_join(struct db_life *life, struct db_snapshot *snapshot)
{
    snapshot->life = life;
    pthread_mutex_lock(&life->lock);
    snapshot->link = &life->snapshots;
    snapshot->next = life->snapshots;
    if (snapshot->next != NULL)
        snapshot->next->link = &snapshot->next;
    life->snapshots = snapshot;
    pthread_mutex_unlock(&life->lock);
}

static void life_leave(struct db_snapshot *snapshot)
{
    struct db_life *life = snapshot->life;
    pthread_mutex_lock(&life->lock);
    *snapshot->link = snapshot->next;
    if (snapshot->next != NULL)
        snapshot->next->link = snapshot->link;
    pthread_mutex_unlock(&life->lock);
    db_life_release(life);
}

/* life: NULL for a new one. */
static const struct error *snapshot_read(struct arena *arena, struct slice body,
                                         struct db_life *life, struct db_snapshot **ret_snapshot)
{
    struct db_snapshot *snapshot = calloc(1, sizeof(*snapshot));
    if (snapshot == NULL)
        return error_exhausted();
    arena_init(&snapshot->arena, DB_SNAPSHOT_BYTES_MAX);
    const struct error *error = table_record_read(&snapshot->arena, body, &snapshot->table);
    struct slice message;
    if (error != NULL) /* made in the snapshot's arena */
        error = arena_copy(arena, error->message, &message)
                    ? error_make_slice(arena, error->kind, message)
                    : error_exhausted();
    if (life != NULL)
        db_life_retain(life);
    else if (error == NULL && (life = life_new()) == NULL)
        error = error_exhausted();
    if (error != NULL) {
        if (life != NULL)
            db_life_release(life);
        arena_fini(&snapshot->arena);
        free(snapshot);
        return error;
    }
    atomic_init(&snapshot->references, 1);
    life_join(life, snapshot);
    *ret_snapshot = snapshot;
    return NULL;
}

const struct error *db_snapshot_read(struct arena *arena, struct slice body,
                                     struct db_snapshot **ret_snapshot)
{
    return snapshot_read(arena, body, NULL, ret_snapshot);
}

const struct error *db_snapshot_make(struct arena *arena, const struct db_table *table,
                                     struct db_life *life, struct db_snapshot **ret_snapshot)
{
    struct buf body;
    buf_init(&body, NULL, DB_SNAPSHOT_BYTES_MAX);
    table_record_write(&body, table);
    const struct error *error = body.failed
                                    ? error_exhausted()
                                    : snapshot_read(arena, buf_slice(&body), life, ret_snapshot);
    buf_fini(&body);
    return error;
}

void db_snapshot_retain(struct db_snapshot *snapshot)
{
    atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
}

void db_snapshot_release(struct db_snapshot *snapshot)
{
    if (snapshot == NULL ||
        atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) != 1)
        return;
    life_leave(snapshot);
    arena_fini(&snapshot->arena);
    free(snapshot);
}

/* --- the registry --- */

struct name {
    struct slice account;
    struct slice namespace;
    struct slice name;
};

static int name_compare(struct name left, struct name right)
{
    int order = slice_compare(left.account, right.account);
    if (order == 0)
        order = slice_compare(left.namespace, right.namespace);
    return order != 0 ? order : slice_compare(left.name, right.name);
}

static struct name name_of(const struct db *db, const struct db_snapshot *snapshot)
{
    return (struct name){snapshot->table.account, db_namespace(db, snapshot->table.region),
                         snapshot->table.name};
}

/* The position of the first table that is not before the name. */
static size_t position_of(const struct db *db, struct name name)
{
    size_t low = 0, high = db->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (name_compare(name_of(db, db->tables[middle]), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct db *db, size_t at, struct name name)
{
    return at < db->count && name_compare(name_of(db, db->tables[at]), name) == 0;
}

static void remove_at(struct db *db, size_t at)
{
    db_stream_unfollow(db->tables[at]->life);
    db_snapshot_release(db->tables[at]);
    db->count--;
    memmove(db->tables + at, db->tables + at + 1, (db->count - at) * sizeof(struct db_snapshot *));
    db->generation++;
}

bool db_registry_reserve(struct db *db, uint64_t *ret_generation)
{
    pthread_rwlock_wrlock(&db->lock);
    bool has_room = db->count + db->reserved < db->capacity;
    if (!has_room) {
        size_t capacity = db->capacity < CAPACITY_MIN ? CAPACITY_MIN : 2 * db->capacity;
        struct db_snapshot **tables = realloc(db->tables, capacity * sizeof(struct db_snapshot *));
        if (tables != NULL) {
            db->tables = tables;
            db->capacity = capacity;
            has_room = true;
        }
    }
    has_room = has_room && db_stream_reserve(db, db->reserved + 1);
    if (has_room) {
        db->reserved++;
        *ret_generation = db->generation;
    }
    pthread_rwlock_unlock(&db->lock);
    return has_room;
}

void db_registry_unreserve(struct db *db)
{
    pthread_rwlock_wrlock(&db->lock);
    CHECK(db->reserved > 0);
    db->reserved--;
    pthread_rwlock_unlock(&db->lock);
}

/* Ids and revisions only grow, so this holds whatever order changes are heard of in. */
static bool is_newer(const struct db_table *table, const struct db_table *than)
{
    return table->id != than->id ? table->id > than->id : table->revision > than->revision;
}

/* Consumes the reference when it gives true. */
static bool put_locked(struct db *db, struct db_snapshot *snapshot, struct db_stream *stream)
{
    struct name name = name_of(db, snapshot);
    size_t at = position_of(db, name);
    if (is_at(db, at, name)) {
        if (!is_newer(&snapshot->table, &db->tables[at]->table))
            return false;
        db_snapshot_release(db->tables[at]);
    } else {
        CHECK(db->count < db->capacity);
        memmove(db->tables + at + 1, db->tables + at,
                (db->count - at) * sizeof(struct db_snapshot *));
        db->count++;
    }
    db->tables[at] = snapshot;
    db->generation++;
    db_stream_follow(db, snapshot, stream);
    return true;
}

void db_registry_put(struct db *db, struct db_snapshot *snapshot, struct db_stream *stream)
{
    pthread_rwlock_wrlock(&db->lock);
    bool is_put = put_locked(db, snapshot, stream);
    pthread_rwlock_unlock(&db->lock);
    if (!is_put)
        db_snapshot_release(snapshot);
}

void db_registry_learn(struct db *db, struct db_snapshot *snapshot, struct db_stream *stream,
                       uint64_t generation)
{
    pthread_rwlock_wrlock(&db->lock);
    bool is_put =
        db->generation == generation && db->reserved == 1 && put_locked(db, snapshot, stream);
    pthread_rwlock_unlock(&db->lock);
    if (!is_put)
        db_snapshot_release(snapshot);
}

void db_registry_remove(struct db *db, struct slice account, struct slice namespace,
                        struct slice name_text, uint64_t table_id)
{
    struct name name = {account, namespace, name_text};
    pthread_rwlock_wrlock(&db->lock);
    size_t at = position_of(db, name);
    if (is_at(db, at, name) && db->tables[at]->table.id == table_id)
        remove_at(db, at);
    pthread_rwlock_unlock(&db->lock);
}

struct db_snapshot *db_registry_find(struct db *db, struct slice account, struct slice namespace,
                                     struct slice name_text)
{
    struct name name = {account, namespace, name_text};
    struct db_snapshot *found = NULL;
    pthread_rwlock_rdlock(&db->lock);
    size_t at = position_of(db, name);
    if (is_at(db, at, name)) {
        found = db->tables[at];
        db_snapshot_retain(found);
    }
    pthread_rwlock_unlock(&db->lock);
    return found;
}

void db_registry_expire(struct db *db, int64_t now_ms)
{
    pthread_rwlock_wrlock(&db->lock);
    for (size_t at = db->count; at > 0; at--) {
        if (db_status_at(&db->tables[at - 1]->table, now_ms) == DB_STATUS_GONE)
            remove_at(db, at - 1);
    }
    pthread_rwlock_unlock(&db->lock);
}

size_t db_registry_find_busy(struct db *db, struct db_snapshot **ret_snapshots, size_t max)
{
    size_t count = 0;
    pthread_rwlock_rdlock(&db->lock);
    for (size_t i = 0; i < db->count && count < max; i++) {
        const struct db_table *table = &db->tables[i]->table;
        if (table->status == DB_STATUS_DELETING ||
            (db_table_online_index(table) == NULL && db_table_holding_index(table) == NULL))
            continue;
        ret_snapshots[count] = db->tables[i];
        db_snapshot_retain(ret_snapshots[count++]);
    }
    pthread_rwlock_unlock(&db->lock);
    return count;
}

size_t db_registry_select(struct db *db, db_registry_test *test, uint64_t after,
                          struct db_snapshot **ret_snapshots, size_t limit)
{
    size_t count = 0;
    pthread_rwlock_rdlock(&db->lock);
    for (size_t i = 0; i < db->count; i++) {
        struct db_snapshot *snapshot = db->tables[i];
        if (snapshot->table.id <= after || !test(&snapshot->table))
            continue;
        /* Insertion, the greatest falls out. */
        size_t at = count < limit ? count++ : limit;
        while (at > 0 && ret_snapshots[at - 1]->table.id > snapshot->table.id) {
            if (at < limit)
                ret_snapshots[at] = ret_snapshots[at - 1];
            at--;
        }
        if (at < limit)
            ret_snapshots[at] = snapshot;
    }
    for (size_t i = 0; i < count; i++)
        db_snapshot_retain(ret_snapshots[i]);
    pthread_rwlock_unlock(&db->lock);
    return count;
}

/* --- looking up --- */

static struct db_snapshot *next_state(const struct db_snapshot *old)
{
    struct arena scratch;
    arena_init(&scratch, DB_SNAPSHOT_BYTES_MAX);
    struct db_table table = old->table;
    struct db_snapshot *next = NULL;
    if (!db_status_end(&scratch, &table) ||
        db_snapshot_make(&scratch, &table, old->life, &next) != NULL)
        next = NULL;
    arena_fini(&scratch);
    return next;
}

/* Consumes the caller's reference of old and gives one of what is there now. */
static struct db_snapshot *move_on(struct db *db, struct db_snapshot *old)
{
    struct db_snapshot *next = next_state(old);
    if (next == NULL)
        return old; /* no memory for it now: the next request will try */
    struct name name = name_of(db, old);
    pthread_rwlock_wrlock(&db->lock);
    size_t at = position_of(db, name);
    if (is_at(db, at, name) && db->tables[at] == old) {
        db_snapshot_retain(next);
        db_snapshot_release(db->tables[at]);
        db->tables[at] = next;
    }
    pthread_rwlock_unlock(&db->lock);
    db_snapshot_release(old);
    return next;
}

const struct db_table *db_table_acquire(struct db *db, struct slice account, struct slice region,
                                        struct slice name, int64_t now_ms)
{
    struct slice namespace = db_namespace(db, region);
    struct db_snapshot *found = db_registry_find(db, account, namespace, name);
    if (found == NULL || !db_status_is_over(&found->table, now_ms))
        return found == NULL ? NULL : &found->table;
    if (db_status_at(&found->table, now_ms) == DB_STATUS_GONE) {
        db_registry_remove(db, account, namespace, name, found->table.id);
        db_snapshot_release(found);
        return NULL;
    }
    return &move_on(db, found)->table;
}

void db_table_retain(const struct db_table *table)
{
    db_snapshot_retain(db_snapshot_of(table));
}

void db_table_release(struct db *db, const struct db_table *table)
{
    (void)db;
    if (table != NULL)
        db_snapshot_release(db_snapshot_of(table));
}

const struct error *db_table_names(struct db *db, struct arena *arena, struct slice account,
                                   struct slice region, struct slice after, size_t limit,
                                   const struct slice **ret_names, size_t *ret_count,
                                   bool *ret_more)
{
    struct slice namespace = db_namespace(db, region);
    struct name start = {account, namespace, slice_present(after) ? after : SLICE("")};
    pthread_rwlock_rdlock(&db->lock);
    size_t first = position_of(db, start);
    if (slice_present(after) && is_at(db, first, start))
        first++;
    size_t end = first;
    while (end < db->count && end - first <= limit &&
           slice_equal(db->tables[end]->table.account, account) &&
           slice_equal(name_of(db, db->tables[end]).namespace, namespace))
        end++;
    size_t count = end - first < limit ? end - first : limit;
    bool copied = true;
    struct slice *names = ARENA_NEW_ARRAY(arena, struct slice, count);
    for (size_t i = 0; names != NULL && copied && i < count; i++)
        copied = arena_copy(arena, db->tables[first + i]->table.name, &names[i]);
    pthread_rwlock_unlock(&db->lock);
    if (names == NULL || !copied)
        return error_exhausted();
    *ret_names = names;
    *ret_count = count;
    *ret_more = count < end - first;
    return NULL;
}

size_t db_table_count(struct db *db)
{
    pthread_rwlock_rdlock(&db->lock);
    size_t count = db->count;
    pthread_rwlock_unlock(&db->lock);
    return count;
}
