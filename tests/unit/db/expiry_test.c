/* Time to live: what expires and when, and the records that say so. */

#include "stream_fixture.h"

#include "db/expiry.h"
#include "db/keyspace.h"
#include "store/fault/fault_store.h"

static int64_t now_s;

/* A table whose attribute x is its time to live, or that has none. */
static const struct db_table *set_expiry(const struct db_table *table, const char *attribute)
{
    struct waiter waiter;
    waiter_init(&waiter);
    db_table_set_expiry(fixture_db, table,
                        attribute == NULL ? SLICE_ABSENT : slice_of_cstring(attribute),
                        stream_now_ms++, waiter_table_done, &waiter);
    assert_ok(waiter_wait(&waiter, &fixture_arena));
    db_table_release(fixture_db, waiter.table);
    struct slice name;
    assert_true(arena_copy(&fixture_arena, table->name, &name));
    db_table_release(fixture_db, table);
    return db_table_acquire(fixture_db, FIXTURE_ACCOUNT, FIXTURE_REGION, name, stream_now_ms);
}

static const struct db_table *plain_table(const char *view)
{
    const struct db_table *table = stream_table("t", view);
    now_s = stream_now_ms / 1000;
    return table;
}

static void put_expiring(const struct db_table *table, unsigned item, int64_t second)
{
    char json[160];
    snprintf(json, sizeof(json),
             "{\"p\":{\"S\":\"p%u\"},\"s\":{\"N\":\"1\"},\"x\":{\"N\":\"%lld\"}}", item,
             (long long)second);
    put_item(table, json);
}

static bool is_there(const struct db_table *table, unsigned item)
{
    char json[100];
    snprintf(json, sizeof(json), "{\"p\":{\"S\":\"p%u\"},\"s\":{\"N\":\"1\"}}", item);
    return slice_present(get_item(table, json));
}

static void work(int64_t second)
{
    while (db_expiry_work(fixture_db, second * 1000)) {
    }
}

static bool count_expiring(void *context, struct slice key, struct slice value)
{
    (void)value;
    *(size_t *)context += db_key_hash(key) != DB_HASH_END - 1;
    return true;
}

/* But those that say what has been settled. */
static size_t count_expiry_records(void)
{
    size_t count = 0;
    assert_ok(store_scan(fixture_store, &fixture_arena,
                         (struct store_range){.first = SLICE("e"), .end = SLICE("f")},
                         STORE_FORWARD, count_expiring, &count));
    return count;
}

static bool is_settled(const struct db_table *table)
{
    return atomic_load(&db_snapshot_of(table)->life->expiry_settled_ms) == table->expiry_changed_ms;
}

/* --- when --- */

static int64_t expiry_of(const struct db_table *table, const char *json)
{
    struct db_table on = *table;
    on.expiry_enabled = true;
    on.expiry_attribute = SLICE("x");
    return db_expiry_of(&on, item_of(json));
}

static void only_numbers_are_a_time(void **state)
{
    (void)state;
    const struct db_table *table = plain_table(NULL);
#define X(value) "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"x\":" value "}"
    assert_int_equal(expiry_of(table, X("{\"N\":\"1700000000\"}")), 1700000000);
    assert_int_equal(expiry_of(table, X("{\"N\":\"1.7E9\"}")), 1700000000);
    assert_int_equal(expiry_of(table, X("{\"N\":\"1700000000.999\"}")), 1700000000);
    assert_int_equal(expiry_of(table, X("{\"N\":\"0\"}")), 0);
    assert_int_equal(expiry_of(table, X("{\"N\":\"0.5\"}")), 0);
    assert_int_equal(expiry_of(table, X("{\"N\":\"34359738366\"}")), 34359738366);
    assert_int_equal(expiry_of(table, X("{\"N\":\"34359738367\"}")), DB_EXPIRY_NEVER);
    assert_int_equal(expiry_of(table, X("{\"N\":\"1E125\"}")), DB_EXPIRY_NEVER);
    assert_int_equal(expiry_of(table, X("{\"N\":\"-1\"}")), DB_EXPIRY_NEVER);
    assert_int_equal(expiry_of(table, X("{\"S\":\"1700000000\"}")), DB_EXPIRY_NEVER);
    assert_int_equal(expiry_of(table, X("{\"NS\":[\"1700000000\"]}")), DB_EXPIRY_NEVER);
    assert_int_equal(expiry_of(table, X("{\"M\":{\"x\":{\"N\":\"1700000000\"}}}")),
                     DB_EXPIRY_NEVER);
    assert_int_equal(expiry_of(table, "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}}"),
                     DB_EXPIRY_NEVER);
    assert_int_equal(db_expiry_of(table, item_of(X("{\"N\":\"1700000000\"}"))), DB_EXPIRY_NEVER);
#undef X
    db_table_release(fixture_db, table);
}

static void what_has_expired_is_deleted(void **state)
{
    (void)state;
    const struct db_table *table = set_expiry(plain_table("NEW_AND_OLD_IMAGES"), "x");
    put_expiring(table, 1, now_s - 1);
    put_expiring(table, 2, now_s);
    put_expiring(table, 3, now_s + 1);
    put_expiring(table, 4, now_s + 100);
    put_item(table, "{\"p\":{\"S\":\"p5\"},\"s\":{\"N\":\"1\"},\"x\":{\"S\":\"1\"}}");
    assert_int_equal(count_expiry_records(), 4);
    work(now_s);
    /* "If the epoch time value stored in the attribute is less than the current time" */
    assert_false(is_there(table, 1));
    assert_true(is_there(table, 2) && is_there(table, 3) && is_there(table, 5));
    work(now_s + 60);
    assert_false(is_there(table, 2) || is_there(table, 3));
    assert_true(is_there(table, 4) && is_there(table, 5));
    assert_int_equal(count_expiry_records(), 1);

    /* The stream says who it was. */
    struct db_stream *stream = stream_of(table);
    const struct changes *changes = read_stream(stream);
    assert_int_equal(changes->count, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(changes->list[i].is_expiry, i >= 5);
        assert_int_equal(changes->list[i].kind, i >= 5 ? DB_CHANGE_REMOVE : DB_CHANGE_INSERT);
    }
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

/* Five years of 365 days and one more. */
static void what_is_too_long_ago_is_not_deleted(void **state)
{
    (void)state;
    const int64_t oldest = (int64_t)(5 * 365 + 1) * 24 * 60 * 60;
    const struct db_table *table = set_expiry(plain_table(NULL), "x");
    put_expiring(table, 1, now_s - oldest);
    put_expiring(table, 2, now_s - oldest - 1);
    put_expiring(table, 3, 0);
    put_expiring(table, 4, 1);
    work(now_s);
    assert_false(is_there(table, 1));
    assert_true(is_there(table, 2) && is_there(table, 3) && is_there(table, 4));
    db_table_release(fixture_db, table);
}

static void sweeps_come_at_their_interval(void **state)
{
    (void)state;
    const struct db_table *table = set_expiry(plain_table(NULL), "x");
    put_expiring(table, 1, now_s - 1);
    work(now_s);
    assert_false(is_there(table, 1));
    put_expiring(table, 2, now_s - 1);
    work(now_s + 59);
    assert_true(is_there(table, 2));
    work(now_s + 60);
    assert_false(is_there(table, 2));
    db_table_release(fixture_db, table);
}

/* Engines keep what was deleted for a while and pass over it: a sweep that began anew after every
 * handful would take the square of its items. */
static void a_sweep_goes_on_where_it_was(void **state)
{
    (void)state;
    const struct db_table *table = set_expiry(plain_table(NULL), "x");
    work(now_s);
    for (unsigned i = 0; i < 60; i++)
        put_expiring(table, i, now_s - 100 + i);
    assert_true(db_expiry_work(fixture_db, (now_s + 60) * 1000));
    assert_false(is_there(table, 0));
    assert_true(is_there(table, 59));
    put_expiring(table, 60, now_s - 1000); /* behind it */
    work(now_s + 60);
    for (unsigned i = 0; i < 60; i++)
        assert_false(is_there(table, i));
    assert_true(is_there(table, 60));
    work(now_s + 120);
    assert_false(is_there(table, 60));
    db_table_release(fixture_db, table);
}

/* --- records that are not right --- */

static void an_item_that_changed_its_mind_stays(void **state)
{
    (void)state;
    const struct db_table *table = set_expiry(plain_table(NULL), "x");
    put_expiring(table, 1, now_s - 10);
    put_expiring(table, 1, now_s + 1000);
    put_expiring(table, 2, now_s - 10);
    put_item(table, "{\"p\":{\"S\":\"p2\"},\"s\":{\"N\":\"1\"},\"y\":{\"N\":\"1\"}}");
    put_expiring(table, 3, now_s - 10);
    delete_item(table, "{\"p\":{\"S\":\"p3\"},\"s\":{\"N\":\"1\"}}");
    assert_int_equal(count_expiry_records(), 1);
    work(now_s);
    assert_true(is_there(table, 1) && is_there(table, 2));
    db_table_release(fixture_db, table);
}

/* Left over from another attribute: hints, no more. */
static void records_that_do_not_hold_are_deleted(void **state)
{
    (void)state;
    const struct db_table *table = set_expiry(plain_table("KEYS_ONLY"), "x");
    for (unsigned i = 0; i < 60; i++)
        put_expiring(table, i, now_s - 10 - i);
    table = set_expiry(table, NULL);
    table = set_expiry(table, "y");
    put_item(table, "{\"p\":{\"S\":\"p1\"},\"s\":{\"N\":\"1\"},\"x\":{\"N\":\"1\"},\"y\":{\"N\":"
                    "\"1600000000\"}}");
    put_item(table, "{\"p\":{\"S\":\"p2\"},\"s\":{\"N\":\"1\"},\"y\":{\"N\":\"9999999999\"}}");
    char json[160];
    snprintf(
        json, sizeof(json),
        "{\"p\":{\"S\":\"p3\"},\"s\":{\"N\":\"1\"},\"x\":{\"N\":\"%lld\"},\"y\":{\"N\":\"%lld\"}}",
        (long long)now_s - 13, (long long)now_s - 5);
    put_item(table, json);
    work(now_s);
    for (unsigned i = 0; i < 60; i++)
        assert_int_equal(is_there(table, i), i != 3);
    /* Item 1 expired more than five years ago, or will never be seen to; item 2 is to come. */
    assert_int_equal(count_expiry_records(), 2);
    struct db_stream *stream = stream_of(table);
    size_t removals = 0;
    const struct changes *changes = read_stream(stream);
    for (size_t i = 0; i < changes->count; i++)
        removals += changes->list[i].kind == DB_CHANGE_REMOVE;
    assert_int_equal(removals, 1);
    db_stream_release(stream);
    db_table_release(fixture_db, table);
}

/* --- switching it on and off --- */

static void items_that_were_there_before_expire_too(void **state)
{
    (void)state;
    const struct db_table *table = plain_table(NULL);
    for (unsigned i = 0; i < 350; i++)
        put_expiring(table, i, i % 3 == 0 ? now_s + 1000 : now_s - 10);
    assert_int_equal(count_expiry_records(), 0);
    table = set_expiry(table, "x");
    assert_true(table->expiry_enabled && !is_settled(table));
    work(now_s);
    for (unsigned i = 0; i < 350; i++)
        assert_int_equal(is_there(table, i), i % 3 == 0);
    assert_int_equal(count_expiry_records(), 117);
    db_table_release(fixture_db, table);
    table = table_acquire("t", stream_now_ms);
    assert_true(is_settled(table));
    assert_int_equal(table->status, DB_STATUS_ACTIVE);
    db_table_release(fixture_db, table);
}

/* A write that began before knows nothing of it: settling waits for it to end. */
static void settling_waits_for_older_snapshots(void **state)
{
    (void)state;
    const struct db_table *old = plain_table(NULL);
    db_table_retain(old);
    const struct db_table *table = set_expiry(old, "x");
    put_expiring(old, 1, now_s - 10);
    work(now_s);
    assert_true(is_there(table, 1));
    put_expiring(old, 2, now_s - 10);
    db_table_release(fixture_db, old);
    work(now_s);
    work(now_s + 60);
    assert_false(is_there(table, 1) || is_there(table, 2));
    db_table_release(fixture_db, table);
}

static void nothing_is_left_when_it_is_switched_off(void **state)
{
    (void)state;
    const struct db_table *table = set_expiry(plain_table(NULL), "x");
    for (unsigned i = 0; i < 30; i++)
        put_expiring(table, i, now_s - 10);
    table = set_expiry(table, NULL);
    work(now_s);
    for (unsigned i = 0; i < 30; i++)
        assert_true(is_there(table, i));
    assert_int_equal(count_expiry_records(), 0);
    put_expiring(table, 1, now_s - 20);
    assert_int_equal(count_expiry_records(), 0);
    db_table_release(fixture_db, table);
}

static void settling_goes_on_after_opening_again(void **state)
{
    (void)state;
    const struct db_table *table = plain_table(NULL);
    for (unsigned i = 0; i < 250; i++)
        put_expiring(table, i, now_s - 10);
    table = set_expiry(table, "x");
    db_table_release(fixture_db, table);
    /* One page of items. */
    db_expiry_work(fixture_db, 0);
    assert_int_equal(count_expiry_records(), 100);
    stream_reopen(1);
    work(now_s);
    table = table_acquire("t", stream_now_ms);
    assert_true(is_settled(table));
    for (unsigned i = 0; i < 250; i++)
        assert_false(is_there(table, i));
    assert_int_equal(count_expiry_records(), 0);
    db_table_release(fixture_db, table);
}

static void records_go_with_their_table(void **state)
{
    (void)state;
    const struct db_table *table = set_expiry(plain_table(NULL), "x");
    put_expiring(table, 1, now_s + 1000);
    assert_ok(table_delete(table, stream_now_ms));
    db_table_release(fixture_db, table);
    while (db_catalog_work(fixture_db, stream_now_ms)) {
    }
    assert_int_equal(count_records(SLICE("e"), SLICE("f")), 0);
    work(now_s + 2000);
}

static void it_may_be_switched_while_the_table_is_updating(void **state)
{
    (void)state;
    db_close(fixture_db);
    fixture_db_open(1000);
    const struct db_table *table = stream_table("t", NULL);
    stream_now_ms += 1000;
    db_table_release(fixture_db, table);
    table = table_acquire("t", stream_now_ms);
    struct db_table wanted = *table;
    wanted.deletion_protection = true;
    const struct db_table *updated;
    assert_ok(table_update(table, &wanted, stream_now_ms, &updated));
    db_table_release(fixture_db, table);
    assert_int_equal(updated->status, DB_STATUS_UPDATING);
    table = set_expiry(updated, "x");
    assert_true(table->expiry_enabled && table->deletion_protection);
    assert_int_equal(table->status, DB_STATUS_UPDATING);
    db_table_release(fixture_db, table);
    table = table_acquire("t", stream_now_ms + 1000);
    assert_int_equal(table->status, DB_STATUS_ACTIVE);
    assert_true(table->expiry_enabled);
    /* Not over what somebody else has changed. */
    const struct db_table *newer = set_expiry(table_acquire("t", stream_now_ms + 1000), NULL);
    struct waiter waiter;
    waiter_init(&waiter);
    db_table_set_expiry(fixture_db, table, SLICE("y"), stream_now_ms, waiter_table_done, &waiter);
    const struct error *error = waiter_wait(&waiter, &fixture_arena);
    assert_non_null(error);
    assert_int_equal(error->kind, ERROR_RESOURCE_IN_USE);
    db_table_release(fixture_db, table);
    db_table_release(fixture_db, newer);
}

/* --- failures --- */

static void a_sweep_that_fails_is_made_again(void **state)
{
    (void)state;
    const struct db_table *table = set_expiry(plain_table(NULL), "x");
    put_expiring(table, 1, now_s - 10);
    work(0);
    db_table_release(fixture_db, table);
    db_close(fixture_db);
    assert_ok(fault_store_open(&fixture_arena, fixture_store, &fixture_store));
    fixture_db_open(0);
    table = table_acquire("t", stream_now_ms);
    static const enum fault_call calls[] = {FAULT_SCAN, FAULT_TRANSACT};
    for (unsigned i = 0; i < COUNT_OF(calls); i++) {
        fault_store_add_rule(fixture_store, &(struct fault_rule){.call = calls[i],
                                                                 .effect = FAULT_FAIL,
                                                                 .first = 1,
                                                                 .error_kind = ERROR_INTERNAL});
        work(now_s + 60 * i);
        assert_true(is_there(table, 1));
        fault_store_clear_rules(fixture_store);
    }
    work(now_s + 180);
    assert_false(is_there(table, 1));
    db_table_release(fixture_db, table);
}

/* --- beside writers --- */

enum { WRITERS = 3, WRITES = 500, ITEMS = 20 };
static atomic_int writers_left;
static int64_t writers_now_ms; /* before they start */

static void *run_writer(void *context)
{
    unsigned seed = *(const unsigned *)context;
    struct arena arena;
    arena_init(&arena, 16 * 1024 * 1024);
    for (unsigned i = 0; i < WRITES; i++) {
        const struct db_table *table = table_acquire("t", writers_now_ms);
        char json[160];
        seed = seed * 1664525 + 1013904223;
        unsigned item = (seed >> 8) % ITEMS;
        int64_t second = writers_now_ms / 1000 - 50 + (int64_t)((seed >> 16) % 100);
        snprintf(json, sizeof(json), "{\"p\":{\"S\":\"p%u\"},\"s\":{\"N\":\"1\"}}", item);
        struct slice key = item_in(&arena, json);
        snprintf(json, sizeof(json),
                 "{\"p\":{\"S\":\"p%u\"},\"s\":{\"N\":\"1\"},\"x\":{\"N\":\"%lld\"}}", item,
                 (long long)second);
        CHECK(write_one(&arena, table, key, item_in(&arena, json), NULL) == NULL);
        db_table_release(fixture_db, table);
        arena_reset(&arena);
    }
    arena_fini(&arena);
    atomic_fetch_sub(&writers_left, 1);
    return NULL;
}

/* However it went: every item has its record and every record its item. */
static void records_agree_with_the_items_in_the_end(void **state)
{
    (void)state;
    const struct db_table *table = plain_table("NEW_AND_OLD_IMAGES");
    pthread_t threads[WRITERS];
    unsigned seeds[WRITERS];
    writers_now_ms = stream_now_ms;
    atomic_store(&writers_left, WRITERS);
    for (unsigned i = 0; i < WRITERS; i++) {
        seeds[i] = i + 1;
        assert_int_equal(pthread_create(&threads[i], NULL, run_writer, &seeds[i]), 0);
    }
    for (unsigned round = 0; atomic_load(&writers_left) > 0; round++) {
        if (round < 6)
            table = set_expiry(table, round % 2 == 0 ? "x" : NULL);
        for (unsigned i = 0; i < 20; i++)
            db_expiry_work(fixture_db, (now_s + round * 60) * 1000);
    }
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    if (!table->expiry_enabled)
        table = set_expiry(table, "x");
    work(now_s + 100000000); /* behind all rounds, and less than five years */
    for (unsigned i = 0; i < ITEMS; i++)
        assert_false(is_there(table, i));
    assert_int_equal(count_expiry_records(), 0);
    db_table_release(fixture_db, table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STREAM_TESTS(only_numbers_are_a_time),
        STREAM_TESTS(what_has_expired_is_deleted),
        STREAM_TESTS(what_is_too_long_ago_is_not_deleted),
        STREAM_TESTS(sweeps_come_at_their_interval),
        STREAM_TESTS(a_sweep_goes_on_where_it_was),
        STREAM_TESTS(an_item_that_changed_its_mind_stays),
        STREAM_TESTS(records_that_do_not_hold_are_deleted),
        STREAM_TESTS(items_that_were_there_before_expire_too),
        STREAM_TESTS(settling_waits_for_older_snapshots),
        STREAM_TESTS(nothing_is_left_when_it_is_switched_off),
        STREAM_TESTS(settling_goes_on_after_opening_again),
        STREAM_TESTS(records_go_with_their_table),
        STREAM_TESTS(it_may_be_switched_while_the_table_is_updating),
        STREAM_TESTS(a_sweep_that_fails_is_made_again),
        STREAM_TESTS(records_agree_with_the_items_in_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
