/* Streams by name, and which of them the writes of a table go to. */

#include "db/stream.h"

#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/clock.h"
#include "db/database.h"

enum { STREAM_BYTES_MAX = 64 * 1024, CAPACITY_MIN = 8 };

enum db_stream_view db_stream_view_of(struct slice text)
{
    static const struct slice names[] = {
        [DB_STREAM_KEYS_ONLY] = SLICE_INIT("KEYS_ONLY"),
        [DB_STREAM_NEW_IMAGE] = SLICE_INIT("NEW_IMAGE"),
        [DB_STREAM_OLD_IMAGE] = SLICE_INIT("OLD_IMAGE"),
        [DB_STREAM_NEW_AND_OLD_IMAGES] = SLICE_INIT("NEW_AND_OLD_IMAGES"),
    };
    for (size_t i = DB_STREAM_KEYS_ONLY; i < COUNT_OF(names); i++) {
        if (slice_equal(text, names[i]))
            return (enum db_stream_view)i;
    }
    return (enum db_stream_view)0;
}

void db_stream_label(int64_t created_ms, char ret_label[DB_STREAM_LABEL_BYTES])
{
    time_t seconds = (time_t)(created_ms / 1000);
    struct tm date;
    char text[DB_STREAM_LABEL_BYTES + 1];
    bool is_date = gmtime_r(&seconds, &date) != NULL;
    CHECK(is_date);
    size_t size = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.000", &date);
    CHECK(size == DB_STREAM_LABEL_BYTES);
    unsigned milliseconds = (unsigned)(created_ms % 1000);
    for (size_t i = size; milliseconds > 0; milliseconds /= 10)
        text[--i] = (char)('0' + milliseconds % 10);
    memcpy(ret_label, text, DB_STREAM_LABEL_BYTES);
}

/* --- one stream --- */

static bool copy_schema(struct arena *arena, struct db_key_schema *key)
{
    for (size_t i = 0; i < key->partition_count; i++) {
        if (!arena_copy(arena, key->partition[i].name, &key->partition[i].name))
            return false;
    }
    for (size_t i = 0; i < key->sort_count; i++) {
        if (!arena_copy(arena, key->sort[i].name, &key->sort[i].name))
            return false;
    }
    return true;
}

struct db_stream *db_stream_make(const struct db_stream_facts *facts)
{
    struct db_stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL)
        return NULL;
    arena_init(&stream->arena, STREAM_BYTES_MAX);
    stream->facts = *facts;
    atomic_init(&stream->references, 1);
    atomic_init(&stream->opened_ms, facts->opened_ms);
    atomic_init(&stream->closed_ms, facts->closed_ms);
    db_stream_label(facts->created_ms, stream->label);
    if (arena_copy(&stream->arena, facts->account, &stream->facts.account) &&
        arena_copy(&stream->arena, facts->region, &stream->facts.region) &&
        arena_copy(&stream->arena, facts->table_name, &stream->facts.table_name) &&
        copy_schema(&stream->arena, &stream->facts.key))
        return stream;
    db_stream_release(stream);
    return NULL;
}

struct db_stream_facts db_stream_of_table(const struct db *db, const struct db_table *table)
{
    return (struct db_stream_facts){
        .table_id = table->id,
        .created_ms = table->stream_created_ms,
        .account = table->account,
        .region = table->region,
        .table_name = table->name,
        .view = db_stream_view_of(table->stream_view_type),
        .key = table->key,
        .shard_count = db->stream_shards,
        .opened_ms = table->stream_created_ms,
    };
}

void db_stream_release(struct db_stream *stream)
{
    if (stream == NULL ||
        atomic_fetch_sub_explicit(&stream->references, 1, memory_order_acq_rel) != 1)
        return;
    arena_fini(&stream->arena);
    free(stream);
}

static struct db_stream *retain(struct db_stream *stream)
{
    atomic_fetch_add_explicit(&stream->references, 1, memory_order_relaxed);
    return stream;
}

struct db_stream_facts db_stream_facts(const struct db_stream *stream)
{
    struct db_stream_facts facts = stream->facts;
    facts.opened_ms = atomic_load(&stream->opened_ms);
    facts.closed_ms = atomic_load(&stream->closed_ms);
    return facts;
}

enum db_stream_status db_stream_status(const struct db *db, const struct db_stream *stream,
                                       int64_t now_ms)
{
    int64_t closed_ms = atomic_load(&stream->closed_ms);
    int64_t since_ms = closed_ms != 0 ? closed_ms : stream->facts.created_ms;
    /* A creation may lie a little ahead of now: see db_stream_time. */
    bool is_changing = db->transient_ms > 0 && now_ms < since_ms + db->transient_ms;
    if (closed_ms != 0)
        return is_changing ? DB_STREAM_DISABLING : DB_STREAM_DISABLED;
    return is_changing ? DB_STREAM_ENABLING : DB_STREAM_ENABLED;
}

/* --- all streams, sorted --- */

struct name {
    struct slice account;
    struct slice namespace;
    struct slice table_name;
    int64_t created_ms;
};

static struct name name_of(const struct db *db, const struct db_stream *stream)
{
    return (struct name){stream->facts.account, db_namespace(db, stream->facts.region),
                         stream->facts.table_name, stream->facts.created_ms};
}

static int name_compare(struct name left, struct name right)
{
    int order = slice_compare(left.account, right.account);
    if (order == 0)
        order = slice_compare(left.namespace, right.namespace);
    if (order == 0)
        order = slice_compare(left.table_name, right.table_name);
    if (order == 0)
        order = (left.created_ms > right.created_ms) - (left.created_ms < right.created_ms);
    return order;
}

/* The position of the first that is not before the name. */
static size_t position_of(const struct db *db, struct name name)
{
    size_t low = 0, high = db->stream_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (name_compare(name_of(db, db->streams[middle]), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Streams of tables of that name lie from `first` on. */
static bool is_of_table(const struct db *db, size_t at, struct name name)
{
    if (at >= db->stream_count)
        return false;
    struct name other = name_of(db, db->streams[at]);
    other.created_ms = name.created_ms;
    return name_compare(other, name) == 0;
}

bool db_stream_reserve(struct db *db, size_t more)
{
    if (db->stream_count + more <= db->stream_capacity)
        return true;
    size_t capacity = 2 * (db->stream_count + more);
    capacity = capacity < CAPACITY_MIN ? CAPACITY_MIN : capacity;
    struct db_stream **streams = realloc(db->streams, capacity * sizeof(*streams));
    if (streams == NULL)
        return false;
    db->streams = streams;
    db->stream_capacity = capacity;
    return true;
}

/* With the caller's reference. */
static void insert(struct db *db, struct db_stream *stream)
{
    CHECK(db->stream_count < db->stream_capacity);
    size_t at = position_of(db, name_of(db, stream));
    memmove(db->streams + at + 1, db->streams + at,
            (db->stream_count - at) * sizeof(struct db_stream *));
    db->streams[at] = stream;
    db->stream_count++;
}

bool db_stream_add(struct db *db, struct db_stream *stream)
{
    pthread_rwlock_wrlock(&db->lock);
    bool has_room = db_stream_reserve(db, db->reserved + 1);
    if (has_room)
        insert(db, stream);
    pthread_rwlock_unlock(&db->lock);
    return has_room;
}

void db_stream_remove(struct db *db, const struct db_stream *stream)
{
    struct db_stream *found = NULL;
    pthread_rwlock_wrlock(&db->lock);
    size_t at = position_of(db, name_of(db, stream));
    if (at < db->stream_count && db->streams[at] == stream) {
        found = db->streams[at];
        db->stream_count--;
        memmove(db->streams + at, db->streams + at + 1,
                (db->stream_count - at) * sizeof(struct db_stream *));
    }
    pthread_rwlock_unlock(&db->lock);
    db_stream_release(found);
}

int64_t db_stream_time(struct db *db, const struct db_table *table, int64_t now_ms)
{
    struct name name = {table->account, db_namespace(db, table->region), table->name, INT64_MAX};
    int64_t time = now_ms;
    pthread_rwlock_rdlock(&db->lock);
    size_t behind = position_of(db, name);
    if (behind > 0 && is_of_table(db, behind - 1, name) &&
        db->streams[behind - 1]->facts.created_ms >= time)
        time = db->streams[behind - 1]->facts.created_ms + 1;
    pthread_rwlock_unlock(&db->lock);
    return time;
}

struct db_stream *db_stream_acquire(struct db *db, struct slice account, struct slice region,
                                    struct slice table_name, struct slice label)
{
    struct name name = {account, db_namespace(db, region), table_name, INT64_MIN};
    struct db_stream *found = NULL;
    pthread_rwlock_rdlock(&db->lock);
    for (size_t at = position_of(db, name); found == NULL && is_of_table(db, at, name); at++) {
        struct db_stream *stream = db->streams[at];
        if (slice_equal(slice_of(stream->label, sizeof(stream->label)), label) &&
            slice_equal(stream->facts.region, region))
            found = retain(stream);
    }
    pthread_rwlock_unlock(&db->lock);
    return found;
}

static struct db_stream *find_by_id(const struct db *db, uint64_t table_id, int64_t created_ms)
{
    for (size_t i = 0; i < db->stream_count; i++) {
        struct db_stream *stream = db->streams[i];
        if (stream->facts.table_id == table_id && stream->facts.created_ms == created_ms)
            return stream;
    }
    return NULL;
}

struct db_stream *db_stream_acquire_by_id(struct db *db, uint64_t table_id, int64_t created_ms)
{
    pthread_rwlock_rdlock(&db->lock);
    struct db_stream *found = find_by_id(db, table_id, created_ms);
    if (found != NULL)
        retain(found);
    pthread_rwlock_unlock(&db->lock);
    return found;
}

/* Is it one that the list wants, given that account and namespace are right? */
static bool is_listed(const struct db_stream *stream, struct slice table_name,
                      struct slice after_name, struct slice after_label)
{
    if (slice_present(table_name) && !slice_equal(stream->facts.table_name, table_name))
        return false;
    if (!slice_present(after_name))
        return true;
    int order = slice_compare(stream->facts.table_name, after_name);
    /* Labels are ordered as the times they tell. */
    return order > 0 || (order == 0 && slice_compare(slice_of(stream->label, DB_STREAM_LABEL_BYTES),
                                                     after_label) > 0);
}

const struct error *db_streams_list(struct db *db, struct arena *arena, struct slice account,
                                    struct slice region, struct slice table_name,
                                    struct slice after_name, struct slice after_label, size_t limit,
                                    struct db_stream ***ret_streams, size_t *ret_count,
                                    bool *ret_more)
{
    struct db_stream **streams = ARENA_NEW_ARRAY(arena, struct db_stream *, limit);
    if (streams == NULL)
        return error_exhausted();
    struct slice namespace = db_namespace(db, region);
    struct name first = {account, namespace, SLICE(""), INT64_MIN};
    size_t count = 0;
    bool is_more = false;
    pthread_rwlock_rdlock(&db->lock);
    for (size_t at = position_of(db, first); at < db->stream_count && !is_more; at++) {
        struct name name = name_of(db, db->streams[at]);
        if (!slice_equal(name.account, account) || !slice_equal(name.namespace, namespace))
            break;
        if (!is_listed(db->streams[at], table_name, after_name, after_label))
            continue;
        is_more = count == limit;
        if (!is_more)
            streams[count++] = retain(db->streams[at]);
    }
    pthread_rwlock_unlock(&db->lock);
    *ret_streams = streams;
    *ret_count = count;
    *ret_more = is_more;
    return NULL;
}

/* --- the stream of a table --- */

void db_stream_unfollow(struct db_life *life)
{
    struct db_stream *current = atomic_exchange(&life->stream, NULL);
    int64_t open = 0;
    if (current != NULL)
        atomic_compare_exchange_strong(&current->closed_ms, &open, clock_now_ms());
}

static void hold(struct db_life *life, struct db_stream *stream)
{
    for (const struct db_stream *held = life->streams; held != NULL; held = held->next) {
        if (held == stream)
            return;
    }
    stream->next = life->streams;
    life->streams = retain(stream);
}

void db_stream_follow(struct db *db, const struct db_snapshot *snapshot, struct db_stream *stream)
{
    const struct db_table *table = &snapshot->table;
    struct db_life *life = snapshot->life;
    struct db_stream *current = atomic_load(&life->stream);
    bool is_enabled = table->stream_enabled && table->status != DB_STATUS_DELETING;
    if (is_enabled && current != NULL && current->facts.created_ms == table->stream_created_ms)
        return;
    db_stream_unfollow(life);
    if (!is_enabled)
        return;
    struct db_stream *wanted = find_by_id(db, table->id, table->stream_created_ms);
    if (wanted == NULL) {
        CHECK(stream != NULL && stream->facts.table_id == table->id &&
              stream->facts.created_ms == table->stream_created_ms);
        wanted = stream;
        insert(db, retain(wanted));
    }
    hold(life, wanted);
    atomic_store(&life->stream, wanted);
}

const uint8_t *db_iterator_key(const struct db *db)
{
    return db->iterator_key;
}
