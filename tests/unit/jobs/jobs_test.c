#include "jobs/jobs.h"

#include <sched.h>

#include "base/clock.h"
#include "db/db_fixture.h"
#include "db/keyspace.h"
#include "store/store.h"

static bool count_visit(void *context, struct slice key, struct slice value)
{
    (void)key;
    (void)value;
    ++*(size_t *)context;
    return true;
}

static size_t count_family(enum db_family family)
{
    size_t count = 0;
    struct store_range range;
    struct arena arena;
    arena_init(&arena, FIXTURE_ARENA_BYTES);
    assert_true(db_key_family_range(&arena, family, &range));
    assert_ok(store_scan(fixture_store, &arena, range, STORE_FORWARD, count_visit, &count));
    arena_fini(&arena);
    return count;
}

static void delete_filled_table(const char *name)
{
    const struct db_table *table = fixture_table(name, 5);
    put_item(table, "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"l\":{\"S\":\"k\"}}");
    assert_ok(table_delete(table, FIXTURE_NOW_MS));
    db_table_release(fixture_db, table);
}

static void drops_the_data_of_deleted_tables(void **state)
{
    (void)state;
    struct jobs *jobs;
    assert_ok(jobs_start(&fixture_arena, fixture_db, &jobs));
    for (unsigned i = 0; i < 3; i++) {
        delete_filled_table("t");
        jobs_wake(jobs);
        while (count_family(DB_FAMILY_DROP) > 0)
            sched_yield();
        assert_int_equal(count_family(DB_FAMILY_ITEM), 0);
        assert_int_equal(count_family(DB_FAMILY_LOCAL_1), 0);
    }
    jobs_stop(jobs);
}

/* Nobody wakes it: the next round finds the work by itself. */
static void finds_work_that_was_left(void **state)
{
    (void)state;
    delete_filled_table("t");
    delete_filled_table("u");
    db_close(fixture_db);
    fixture_db_open(0);
    struct jobs *jobs;
    assert_ok(jobs_start(&fixture_arena, fixture_db, &jobs));
    while (count_family(DB_FAMILY_DROP) > 0)
        sched_yield();
    jobs_stop(jobs);
    assert_int_equal(count_family(DB_FAMILY_ITEM), 0);
}

static bool decide_nothing(void *context, struct db_write_set *set)
{
    (void)context;
    (void)set;
    return true;
}

/* A transaction of long ago. */
static void use_token(const struct db_table *table)
{
    struct waiter waiter;
    waiter_init(&waiter);
    struct db_token token = {.account = FIXTURE_ACCOUNT,
                             .region = FIXTURE_REGION,
                             .scope = DB_TOKEN_TRANSACT_WRITE_ITEMS,
                             .text = SLICE("token"),
                             .now_ms = FIXTURE_NOW_MS};
    struct db_write write = {.table = table,
                             .key = item_of("{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}}")};
    struct db_write_set set = {.arena = &fixture_arena,
                               .writes = &write,
                               .count = 1,
                               .decide = decide_nothing,
                               .done = waiter_done,
                               .context = &waiter,
                               .is_transaction = true,
                               .token = &token};
    db_write_items(fixture_db, &set);
    assert_ok(waiter_wait(&waiter, &fixture_arena));
}

static void sweeps_expired_tokens(void **state)
{
    (void)state;
    const struct db_table *table = fixture_table("t", 0);
    use_token(table);
    assert_int_equal(count_family(DB_FAMILY_TOKEN), 1);
    db_table_release(fixture_db, table);
    struct jobs *jobs;
    assert_ok(jobs_start(&fixture_arena, fixture_db, &jobs));
    while (count_family(DB_FAMILY_TOKEN) > 0)
        sched_yield();
    jobs_stop(jobs);
}

static void stops_at_any_time(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        struct jobs *jobs;
        assert_ok(jobs_start(&fixture_arena, fixture_db, &jobs));
        if (i % 2 == 0)
            jobs_wake(jobs);
        jobs_stop(jobs);
    }
    jobs_stop(NULL);
}

/* One that ended long ago goes as a whole. */
static void ends_streams(void **state)
{
    (void)state;
    struct db_table description = fixture_description("t", 0);
    description.stream_enabled = true;
    description.stream_view_type = SLICE("KEYS_ONLY");
    const struct db_table *table;
    assert_ok(table_create(&description, FIXTURE_NOW_MS, &table));
    put_item(table, "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}}");
    assert_ok(table_delete(table, FIXTURE_NOW_MS));
    db_table_release(fixture_db, table);
    assert_int_equal(count_family(DB_FAMILY_CHANGE), 1);
    struct jobs *jobs;
    assert_ok(jobs_start(&fixture_arena, fixture_db, &jobs));
    while (count_family(DB_FAMILY_STREAM) > 0)
        sched_yield();
    jobs_stop(jobs);
    assert_int_equal(count_family(DB_FAMILY_CHANGE), 0);
    assert_int_equal(count_family(DB_FAMILY_SHARD), 0);
}

static void deletes_expired_items(void **state)
{
    (void)state;
    const struct db_table *table = fixture_table("t", 2);
    char json[100];
    snprintf(json, sizeof(json), "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"x\":{\"N\":\"%lld\"}}",
             (long long)clock_now_ms() / 1000 - 1000);
    put_item(table, json);
    struct waiter waiter;
    waiter_init(&waiter);
    db_table_set_expiry(fixture_db, table, SLICE("x"), FIXTURE_NOW_MS, waiter_table_done, &waiter);
    assert_ok(waiter_wait(&waiter, &fixture_arena));
    db_table_release(fixture_db, waiter.table);
    db_table_release(fixture_db, table);
    struct jobs *jobs;
    assert_ok(jobs_start(&fixture_arena, fixture_db, &jobs));
    while (count_family(DB_FAMILY_ITEM) > 0)
        sched_yield();
    jobs_stop(jobs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(drops_the_data_of_deleted_tables),
        DB_TEST(finds_work_that_was_left),
        DB_TEST(sweeps_expired_tokens),
        DB_TEST(stops_at_any_time),
        DB_TEST(ends_streams),
        DB_TEST(deletes_expired_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
