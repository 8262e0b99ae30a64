#ifndef HASHRANGE_TESTS_UNIT_DB_STREAM_FIXTURE_H
#define HASHRANGE_TESTS_UNIT_DB_STREAM_FIXTURE_H

/* Streams for a test: tables that have one, and what can be read of them. */

#include "base/clock.h"
#include "db/stream.h"
#include "db_disk_fixture.h"

/* The catalog is told this time; changes have that of the clock. */
static int64_t stream_now_ms;

static inline const struct db_table *stream_table(const char *name, const char *view)
{
    struct db_table description = fixture_description(name, 0);
    description.stream_enabled = view != NULL;
    if (view != NULL)
        description.stream_view_type = slice_of_cstring(view);
    const struct db_table *created;
    stream_now_ms = stream_now_ms == 0 ? clock_now_ms() : stream_now_ms;
    assert_ok(table_create(&description, stream_now_ms, &created));
    db_table_release(fixture_db, created);
    const struct db_table *table = table_acquire(name, stream_now_ms);
    assert_non_null(table);
    return table;
}

/* The table with its stream switched, in the place of the one given. */
static inline const struct db_table *stream_switch(const struct db_table *table, const char *view)
{
    struct db_table wanted = *table;
    wanted.stream_enabled = view != NULL;
    if (view != NULL)
        wanted.stream_view_type = slice_of_cstring(view);
    const struct db_table *updated;
    assert_ok(table_update(table, &wanted, stream_now_ms, &updated));
    db_table_release(fixture_db, updated);
    struct slice name;
    assert_true(arena_copy(&fixture_arena, table->name, &name));
    db_table_release(fixture_db, table);
    return db_table_acquire(fixture_db, FIXTURE_ACCOUNT, FIXTURE_REGION, name, stream_now_ms);
}

/* The table's newest stream, to be released. */
static inline struct db_stream *stream_of(const struct db_table *table)
{
    struct db_stream *stream = db_stream_acquire(fixture_db, table->account, table->region,
                                                 table->name, table->stream_label);
    assert_non_null(stream);
    return stream;
}

static inline const struct db_shard *shards_of(const struct db_stream *stream, size_t expected)
{
    const struct db_shard *shards;
    size_t count;
    assert_ok(db_stream_shards(fixture_db, &fixture_arena, stream, &shards, &count));
    assert_int_equal(count, expected);
    return shards;
}

enum { CHANGES_MAX = 8192 };

struct changes {
    size_t count;
    struct db_change list[CHANGES_MAX];
};

static inline bool visit_changes(void *context, const struct db_change *change)
{
    struct changes *changes = context;
    assert_true(changes->count < CHANGES_MAX);
    changes->list[changes->count++] = *change;
    return true;
}

/* One call; appends to changes and moves the place on. Returns whether the shard is finished. */
static inline bool read_changes(const struct db_stream *stream, struct db_shard_id shard,
                                uint64_t *sequence, size_t limit, struct changes *changes)
{
    struct db_stream_read read = {.stream = stream,
                                  .shard = shard,
                                  .sequence = *sequence,
                                  .limit = limit,
                                  .visit = visit_changes,
                                  .context = changes};
    size_t before = changes->count;
    assert_ok(db_stream_read(fixture_db, &fixture_arena, &read));
    assert_true(changes->count - before <= limit);
    *sequence = read.next_sequence;
    return read.is_finished;
}

/* All changes of a shard that are there now. */
static inline void read_shard(const struct db_stream *stream, struct db_shard_id shard,
                              struct changes *changes)
{
    uint64_t sequence = 0;
    size_t before;
    bool is_finished;
    do {
        before = changes->count;
        is_finished = read_changes(stream, shard, &sequence, 100, changes);
    } while (!is_finished && changes->count > before);
}

/* All changes of a stream, shard by shard, parents before children. */
static inline struct changes *read_stream(const struct db_stream *stream)
{
    static struct changes changes;
    const struct db_shard *shards;
    size_t count;
    changes.count = 0;
    assert_ok(db_stream_shards(fixture_db, &fixture_arena, stream, &shards, &count));
    for (size_t i = 0; i < count; i++)
        read_shard(stream, shards[i].id, &changes);
    return &changes;
}

static inline const char *image_text(struct slice image)
{
    return slice_present(image) ? text_of(image) : "-";
}

static inline void assert_change(const struct db_change *change, enum db_change_kind kind,
                                 const char *keys, const char *new_image, const char *old_image)
{
    assert_int_equal(change->kind, kind);
    assert_string_equal(text_of(change->keys), text_of(item_of(keys)));
    assert_string_equal(image_text(change->new_image),
                        new_image == NULL ? "-" : text_of(item_of(new_image)));
    assert_string_equal(image_text(change->old_image),
                        old_image == NULL ? "-" : text_of(item_of(old_image)));
}

static inline size_t count_records(struct slice first, struct slice end);

static inline bool count_record(void *context, struct slice key, struct slice value)
{
    (void)key;
    (void)value;
    ++*(size_t *)context;
    return true;
}

static inline size_t count_records(struct slice first, struct slice end)
{
    size_t count = 0;
    assert_ok(store_scan(fixture_store, &fixture_arena,
                         (struct store_range){.first = first, .end = end}, STORE_FORWARD,
                         count_record, &count));
    return count;
}

/* Everything that streams have stored. */
static inline size_t count_stream_records(void)
{
    return count_records(SLICE("d"), SLICE("e")) + count_records(SLICE("u"), SLICE("w"));
}

static inline int stream_setup(void **state)
{
    stream_now_ms = 0;
    return fixture_setup(state);
}

static inline int stream_disk_setup(void **state)
{
    stream_now_ms = 0;
    return disk_setup(state);
}

/* Closes the database and opens it again over the same store. */
static inline void stream_reopen_with(unsigned shards, int64_t roll_ms)
{
    db_close(fixture_db);
    struct db_options options = {
        .store = fixture_store, .stream_shards = shards, .stream_roll_ms = roll_ms};
    assert_ok(db_open(&fixture_arena, &options, &fixture_db));
}

static inline void stream_reopen(unsigned shards)
{
    stream_reopen_with(shards, DB_STREAM_ROLL_MS_DEFAULT);
}

/* On both engines. */
#define STREAM_TESTS(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, stream_setup, fixture_teardown),                     \
        cmocka_unit_test_setup_teardown(function, stream_disk_setup, disk_teardown)

#endif
