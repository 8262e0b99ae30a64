/* The sizes of item collections are exact at every moment, and the limit is held. */

#include "db/collection.h"

#include "db/keyspace.h"
#include "db_disk_fixture.h"

enum { OVERHEAD = 100, LIMIT = 2000 };

static void open_with_limit(int64_t limit)
{
    db_close(fixture_db);
    struct db_options options = {.store = fixture_store, .collection_bytes_max = limit};
    assert_ok(db_open(&fixture_arena, &options, &fixture_db));
}

/* What is there, by reading it all. */
static int64_t count_bytes(const struct db_table *table, const char *partition)
{
    int64_t bytes = 0;
    for (size_t i = 0; i <= 2; i++) {
        static struct found found;
        struct db_read read = {.table = table,
                               .index = i == 0 ? NULL : &table->indexes[i - 1],
                               .partition = {string_value(partition)}};
        read_items(&read, &found);
        bytes += (int64_t)(read.scanned_bytes + OVERHEAD * found.count);
    }
    return bytes;
}

static int64_t kept_bytes(const struct db_table *table, const char *partition)
{
    char json[60];
    int64_t bytes = -1;
    snprintf(json, sizeof(json), "{\"p\":{\"S\":\"%s\"}}", partition);
    assert_ok(db_collection_bytes(fixture_db, &fixture_arena, table, item_of(json), &bytes));
    return bytes;
}

static bool count_one(void *context, struct slice key, struct slice value)
{
    (void)key;
    (void)value;
    ++*(size_t *)context;
    return true;
}

static size_t count_records(void)
{
    struct store_range range;
    size_t count = 0;
    assert_true(db_key_family_range(&fixture_arena, DB_FAMILY_COLLECTION, &range));
    assert_ok(store_scan(fixture_store, &fixture_arena, range, STORE_FORWARD, count_one, &count));
    return count;
}

static uint64_t random_state = 11;

static unsigned random_below(unsigned limit)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % limit;
}

static void random_write(const struct db_table *table)
{
    static const char *const rests[] = {"", ",\"l\":{\"S\":\"k\"}",
                                        ",\"l\":{\"S\":\"kk\"},\"x\":{\"S\":\"xyz\"}",
                                        ",\"g\":{\"S\":\"g\"},\"l\":{\"S\":\"m\"}"};
    char json[200], key[100];
    unsigned partition = random_below(3), sort = random_below(6);
    snprintf(key, sizeof(key), "{\"p\":{\"S\":\"%c\"},\"s\":{\"N\":\"%u\"}}", 'a' + (int)partition,
             sort);
    snprintf(json, sizeof(json), "{\"p\":{\"S\":\"%c\"},\"s\":{\"N\":\"%u\"}%s}",
             'a' + (int)partition, sort, rests[random_below(4)]);
    if (random_below(3) == 0)
        delete_item(table, key);
    else
        put_item(table, json);
}

static void the_size_is_always_exact(void **state)
{
    (void)state;
    const struct db_table *table = fixture_table("t", 4);
    for (unsigned i = 0; i < 400; i++) {
        random_write(table);
        for (char partition[2] = "a"; partition[0] <= 'c'; partition[0]++)
            assert_int_equal(kept_bytes(table, partition), count_bytes(table, partition));
    }
    for (unsigned i = 0; i < 18; i++) {
        char key[100];
        snprintf(key, sizeof(key), "{\"p\":{\"S\":\"%c\"},\"s\":{\"N\":\"%u\"}}", 'a' + (int)i / 6,
                 i % 6);
        delete_item(table, key);
    }
    assert_int_equal(count_records(), 0);
    db_table_release(fixture_db, table);
}

static void tables_without_local_indexes_keep_none(void **state)
{
    (void)state;
    struct db_table description = fixture_description("t", 1);
    description.indexes = &fixture_indexes[2];
    const struct db_table *table;
    assert_ok(table_create(&description, FIXTURE_NOW_MS, &table));
    assert_false(db_table_has_local_index(table));
    put_item(table, "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"g\":{\"S\":\"g\"}}");
    assert_int_equal(count_records(), 0);
    db_table_release(fixture_db, table);
}

static const struct error *put_sized(const struct db_table *table, unsigned sort, unsigned size)
{
    char json[4000];
    snprintf(
        json, sizeof(json),
        "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"%u\"},\"l\":{\"S\":\"k\"},\"x\":{\"S\":\"%0*u\"}}",
        sort, (int)size, 1);
    struct slice item = item_of(json);
    struct slice key;
    assert_ok(db_table_key_of_item(table, &fixture_arena, item, &key));
    return write_one(&fixture_arena, table, key, item, NULL);
}

static void the_limit_is_held(void **state)
{
    (void)state;
    open_with_limit(LIMIT);
    const struct db_table *table = fixture_table("t", 2);
    assert_ok(put_sized(table, 1, 200));
    int64_t one = kept_bytes(table, "a");
    assert_ok(put_sized(table, 2, 200));
    assert_true(3 * one > LIMIT);
    assert_error(put_sized(table, 3, 200), ERROR_ITEM_COLLECTION_SIZE_LIMIT,
                 "Collection size exceeded.");
    assert_int_equal(kept_bytes(table, "a"), 2 * one);
    assert_false(slice_present(get_item(table, "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"3\"}}")));
    /* It may be exactly as large, it may shrink, and another one has its own. */
    unsigned left = (unsigned)(LIMIT - 2 * one) / 2;
    assert_ok(put_sized(table, 2, 200 + left));
    assert_true(LIMIT - kept_bytes(table, "a") < 2);
    assert_non_null(put_sized(table, 2, 202 + left));
    assert_ok(put_sized(table, 2, 10));
    put_item(table, "{\"p\":{\"S\":\"b\"},\"s\":{\"N\":\"3\"}}");
    db_table_release(fixture_db, table);
    /* What is too large already may go, and may not grow. */
    open_with_limit(100);
    table = table_acquire("t", FIXTURE_NOW_MS);
    assert_non_null(put_sized(table, 1, 201));
    assert_ok(put_sized(table, 1, 199));
    delete_item(table, "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}}");
    delete_item(table, "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"2\"}}");
    assert_int_equal(kept_bytes(table, "a"), 0);
    db_table_release(fixture_db, table);
}

/* --- several items of a collection at once --- */

struct pair {
    struct waiter waiter;
    struct db_write_set set;
    struct db_write writes[3];
    struct slice items[3];
};

static bool decide_pair(void *context, struct db_write_set *set)
{
    struct pair *pair = context;
    for (size_t i = 0; i < set->count; i++) {
        set->writes[i].action = DB_PUT;
        set->writes[i].new_item = pair->items[i];
    }
    return true;
}

static void pair_done(void *context, const struct error *error)
{
    struct pair *pair = context;
    waiter_done(&pair->waiter, error);
}

static const struct error *write_three(const struct db_table *table)
{
    static const char *const keys[] = {"{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}}",
                                       "{\"p\":{\"S\":\"b\"},\"s\":{\"N\":\"1\"}}",
                                       "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"2\"}}"};
    struct pair pair = {0};
    waiter_init(&pair.waiter);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        pair.writes[i] = (struct db_write){.table = table, .key = item_of(keys[i])};
        pair.items[i] = item_of(keys[i]);
    }
    pair.set = (struct db_write_set){.arena = &fixture_arena,
                                     .writes = pair.writes,
                                     .count = COUNT_OF(keys),
                                     .decide = decide_pair,
                                     .done = pair_done,
                                     .context = &pair};
    db_write_items(fixture_db, &pair.set);
    return waiter_wait(&pair.waiter, &fixture_arena);
}

static void items_of_one_set_are_counted_together(void **state)
{
    (void)state;
    const struct db_table *table = fixture_table("t", 2);
    assert_ok(write_three(table));
    assert_int_equal(kept_bytes(table, "a"), count_bytes(table, "a"));
    assert_int_equal(kept_bytes(table, "b"), count_bytes(table, "b"));
    int64_t both = kept_bytes(table, "a");
    db_table_release(fixture_db, table);
    open_with_limit(both - 1);
    table = fixture_table("u", 2);
    assert_error(write_three(table), ERROR_ITEM_COLLECTION_SIZE_LIMIT, "Collection size exceeded.");
    assert_int_equal(kept_bytes(table, "b"), 0);
    db_table_release(fixture_db, table);
}

static void a_dropped_table_takes_them_along(void **state)
{
    (void)state;
    const struct db_table *table = fixture_table("t", 2);
    put_item(table, "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}}");
    assert_int_equal(count_records(), 1);
    assert_ok(table_delete(table, FIXTURE_NOW_MS));
    db_table_release(fixture_db, table);
    while (db_catalog_work(fixture_db, FIXTURE_NOW_MS)) {
    }
    assert_int_equal(count_records(), 0);
}

static void the_record(void **state)
{
    (void)state;
    static const uint8_t example[] = {0x01, 0xac, 0x02};
    int64_t bytes = 0;
    assert_true(db_collection_read(slice_of(example, sizeof(example)), &bytes));
    assert_int_equal(bytes, 300);
    assert_true(db_collection_read(SLICE_ABSENT, &bytes));
    assert_int_equal(bytes, 0);
    assert_false(db_collection_read(SLICE("\x01"), &bytes));
    assert_false(db_collection_read(SLICE("\x02\x05"), &bytes));
    assert_false(db_collection_read(SLICE("\x01\x05\x05"), &bytes));
    assert_false(db_collection_read(slice_of("\x01\x00", 2), &bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(the_size_is_always_exact),
        DB_TEST(tables_without_local_indexes_keep_none),
        DB_TEST(the_limit_is_held),
        DB_TEST(items_of_one_set_are_counted_together),
        DB_TEST(a_dropped_table_takes_them_along),
        DB_TEST(the_record),
        DISK_TEST(the_size_is_always_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
