/*
 * Many threads at once: no increment is lost, no torn item is read, indexes and totals agree with
 * the items afterwards, tables come and go under their users.
 */

#include "db/items.h"
#include "db/stream.h"

#include "db_disk_fixture.h"
#include "num/num.h"

enum { THREADS = 4, INCREMENTS = 300, COUNTERS = 3, THREAD_ARENA_BYTES = 16 * 1024 * 1024 };

static void run_threads(void *(*run)(void *), void *context)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run, context), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* --- counters --- */

struct increment {
    struct waiter waiter;
    struct db_write_set set;
    struct db_write write;
};

static int64_t count_in(struct slice item)
{
    struct num num;
    char text[NUM_TEXT_BYTES_MAX + 1];
    CHECK(value_to_num(member_of(item, "h"), &num));
    text[num_format(&num, text)] = '\0';
    return strtoll(text, NULL, 10);
}

/* The whole item depends on the count, so that a mixture of two would be seen. */
static struct slice counter_item(struct arena *arena, unsigned counter, int64_t count)
{
    char json[300];
    snprintf(json, sizeof(json),
             "{\"p\":{\"S\":\"c\"},\"s\":{\"N\":\"%u\"},\"l\":{\"S\":\"l%lld\"},"
             "\"g\":{\"S\":\"g%lld\"},\"h\":{\"N\":\"%lld\"}}",
             counter, (long long)count, (long long)(count % 5), (long long)count);
    return item_in(arena, json);
}

static unsigned counter_of(const struct db_write *write)
{
    struct num num;
    char text[NUM_TEXT_BYTES_MAX + 1];
    CHECK(value_to_num(member_of(write->key, "s"), &num));
    text[num_format(&num, text)] = '\0';
    return (unsigned)strtoul(text, NULL, 10);
}

static bool decide_increment(void *context, struct db_write_set *set)
{
    (void)context;
    struct db_write *write = &set->writes[0];
    int64_t count = slice_present(write->old_item) ? count_in(write->old_item) : 0;
    write->action = DB_PUT;
    write->new_item = counter_item(set->arena, counter_of(write), count + 1);
    return true;
}

static void increment_done(void *context, const struct error *error)
{
    struct increment *increment = context;
    waiter_done(&increment->waiter, error);
}

static void increment_once(struct arena *arena, const struct db_table *table, unsigned counter)
{
    char json[100];
    snprintf(json, sizeof(json), "{\"p\":{\"S\":\"c\"},\"s\":{\"N\":\"%u\"}}", counter);
    struct increment increment = {.write = {.table = table, .key = item_in(arena, json)}};
    waiter_init(&increment.waiter);
    increment.set = (struct db_write_set){
        .arena = arena,
        .writes = &increment.write,
        .count = 1,
        .decide = decide_increment,
        .done = increment_done,
        .context = &increment,
    };
    db_write_items(fixture_db, &increment.set);
    CHECK(waiter_wait(&increment.waiter, arena) == NULL);
}

/* An item and its entry in a local index are of one state. */
static bool visit_whole(void *context, struct slice item)
{
    (void)context;
    char expected[40];
    snprintf(expected, sizeof(expected), "l%lld", (long long)count_in(item));
    CHECK(slice_equal(member_of(item, "l").body, slice_of_cstring(expected)));
    return true;
}

static void read_once(struct arena *arena, const struct db_table *table)
{
    struct db_read read = {
        .table = table,
        .index = &table->indexes[0],
        .partition = {string_value("c")},
        .visit = visit_whole,
    };
    CHECK(db_read_items(fixture_db, arena, &read) == NULL);
    CHECK(read.scanned <= COUNTERS);
}

static void *run_increments(void *context)
{
    const struct db_table *table = context;
    struct arena arena;
    arena_init(&arena, THREAD_ARENA_BYTES);
    for (unsigned i = 0; i < INCREMENTS; i++) {
        increment_once(&arena, table, i % COUNTERS);
        if (i % 4 == 0)
            read_once(&arena, table);
        arena_reset(&arena);
    }
    arena_fini(&arena);
    return NULL;
}

static void no_increment_is_lost(void **state)
{
    (void)state;
    const struct db_table *table = fixture_table("t", 5);
    run_threads(run_increments, (void *)table);
    int64_t sum = 0;
    for (unsigned counter = 0; counter < COUNTERS; counter++) {
        char json[100];
        snprintf(json, sizeof(json), "{\"p\":{\"S\":\"c\"},\"s\":{\"N\":\"%u\"}}", counter);
        sum += count_in(get_item(table, json));
    }
    assert_int_equal(sum, THREADS * INCREMENTS);
    for (size_t i = 0; i < table->index_count; i++) {
        static struct found found;
        struct db_read read = {.table = table, .index = &table->indexes[i], .whole = true};
        read_items(&read, &found);
        assert_int_equal(found.count, COUNTERS);
        struct db_totals totals;
        assert_ok(db_table_totals(fixture_db, &fixture_arena, table, read.index, &totals));
        assert_int_equal(totals.items, COUNTERS);
        assert_int_equal(totals.bytes, (int64_t)read.scanned_bytes + 100 * COUNTERS);
    }
    db_table_release(fixture_db, table);
}

/* --- tables --- */

static void create_quietly(struct arena *arena)
{
    struct db_table description = fixture_description("shared", 5);
    description.stream_enabled = true;
    description.stream_view_type = SLICE("NEW_AND_OLD_IMAGES");
    struct waiter waiter;
    waiter_init(&waiter);
    db_table_create(fixture_db, &description, FIXTURE_NOW_MS, waiter_table_done, &waiter);
    const struct error *error = waiter_wait(&waiter, arena);
    CHECK(error == NULL || error->kind == ERROR_RESOURCE_IN_USE);
    db_table_release(fixture_db, waiter.table);
}

static void delete_quietly(struct arena *arena, const struct db_table *table)
{
    struct waiter waiter;
    waiter_init(&waiter);
    db_table_delete(fixture_db, table, FIXTURE_NOW_MS, waiter_table_done, &waiter);
    const struct error *error = waiter_wait(&waiter, arena);
    CHECK(error == NULL || error->kind == ERROR_RESOURCE_IN_USE ||
          error->kind == ERROR_RESOURCE_NOT_FOUND);
    db_table_release(fixture_db, waiter.table);
}

static void *run_table_changes(void *context)
{
    (void)context;
    struct arena arena;
    arena_init(&arena, THREAD_ARENA_BYTES);
    for (unsigned i = 0; i < 60; i++) {
        create_quietly(&arena);
        const struct db_table *table = table_acquire("shared", FIXTURE_NOW_MS);
        if (table != NULL) {
            increment_once(&arena, table, i % COUNTERS);
            read_once(&arena, table);
            if (i % 3 == 0)
                delete_quietly(&arena, table);
            db_table_release(fixture_db, table);
        }
        db_catalog_work(fixture_db, FIXTURE_NOW_MS);
        arena_reset(&arena);
    }
    arena_fini(&arena);
    return NULL;
}

static bool count_visit(void *context, struct slice key, struct slice value)
{
    (void)key;
    (void)value;
    ++*(size_t *)context;
    return true;
}

static size_t count_all_records(void)
{
    size_t count = 0;
    struct store_range all = {.first = SLICE("\x01"), .end = SLICE_ABSENT};
    assert_ok(store_scan(fixture_store, &fixture_arena, all, STORE_FORWARD, count_visit, &count));
    return count;
}

static void tables_come_and_go_under_their_users(void **state)
{
    (void)state;
    run_threads(run_table_changes, NULL);
    const struct db_table *table = table_acquire("shared", FIXTURE_NOW_MS);
    if (table != NULL) {
        assert_ok(table_delete(table, FIXTURE_NOW_MS));
        db_table_release(fixture_db, table);
    }
    while (db_catalog_work(fixture_db, FIXTURE_NOW_MS)) {
    }
    assert_int_equal(db_table_count(fixture_db), 0);
    while (db_stream_work(fixture_db, FIXTURE_NOW_MS + 2 * DB_STREAM_RETENTION_MS)) {
    }
    assert_int_equal(count_all_records(), 3); /* the format, the key of iterators, the next id */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(no_increment_is_lost),
        DB_TEST(tables_come_and_go_under_their_users),
        DISK_TEST(no_increment_is_lost),
        DISK_TEST(tables_come_and_go_under_their_users),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
