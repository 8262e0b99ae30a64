/* Dropping a range of the durable engine when its data lies in files of their own. */

#include "store/engines.h"

#include <rocksdb/c.h>

enum { VALUE_BYTES = 64 * 1024 };

static struct engine engine;

/* Rewrites the data so that every large value has a file to itself. */
static void spread_over_files(void)
{
    char *words = NULL;
    store_close(engine.store);
    engine.store = NULL;
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_options_set_target_file_size_base(options, VALUE_BYTES / 4);
    rocksdb_options_set_compression(options, rocksdb_no_compression);
    rocksdb_t *rocksdb = rocksdb_open(options, engine.folder, &words);
    assert_null(words);
    rocksdb_compactoptions_t *compaction = rocksdb_compactoptions_create();
    rocksdb_compactoptions_set_change_level(compaction, 1);
    rocksdb_compactoptions_set_target_level(compaction, 6);
    rocksdb_compactoptions_set_bottommost_level_compaction(compaction, 2);
    rocksdb_compact_range_opt(rocksdb, compaction, NULL, 0, NULL, 0);
    rocksdb_compactoptions_destroy(compaction);
    rocksdb_close(rocksdb);
    rocksdb_options_destroy(options);
    engine_reopen(&engine);
}

static int open_engine(void **state)
{
    (void)state;
    engine_open(&engine, ENGINE_ROCKSDB);
    return 0;
}

static int close_engine(void **state)
{
    (void)state;
    engine_close(&engine);
    return 0;
}

static void put_large(const char *key)
{
    static char value[VALUE_BYTES];
    unsigned random = 1;
    for (size_t i = 0; i < sizeof(value) - 1; i++) {
        random = random * 1664525 + 1013904223;
        value[i] = (char)('A' + (random >> 24) % 26);
    }
    COMMIT(engine.store, key, PUT(key, value));
}

static bool is_there(const char *key)
{
    char value[256];
    return strcmp("-", read_value(engine.store, key, value)) != 0;
}

static uint64_t disk_bytes(void)
{
    struct store_statistics statistics;
    store_read_statistics(engine.store, &statistics);
    return statistics.disk_bytes;
}

static void gives_files_back_but_not_the_one_at_the_end(void **state)
{
    (void)state;
    static const char *const keys[] = {"a", "b", "b1", "b2", "c", "d"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        put_large(keys[i]);
    spread_over_files();
    uint64_t before = disk_bytes();
    assert_true(before > COUNT_OF(keys) * VALUE_BYTES);
    drop(engine.store, SLICE("b"), SLICE("c"));
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        assert_int_equal(keys[i][0] != 'b', is_there(keys[i]));
    assert_true(disk_bytes() < before - 2 * VALUE_BYTES);
    engine_reopen(&engine);
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        assert_int_equal(keys[i][0] != 'b', is_there(keys[i]));
}

static void an_end_with_a_nul_byte_keeps_what_comes_after_it(void **state)
{
    (void)state;
    static const char *const keys[] = {"b", "c", "c\x01", "d"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        put_large(keys[i]);
    spread_over_files();
    drop(engine.store, SLICE("b"), SLICE("c\0"));
    assert_false(is_there("b"));
    assert_false(is_there("c"));
    assert_true(is_there("c\x01"));
    assert_true(is_there("d"));
    drop(engine.store, SLICE("c"), SLICE_ABSENT);
    assert_false(is_there("c\x01"));
    assert_false(is_there("d"));
}

static void older_values_do_not_come_back(void **state)
{
    (void)state;
    put_large("a");
    put_large("b");
    put_large("c");
    spread_over_files();
    COMMIT(engine.store, "b", DELETE("b"), PUT("bb", "new"));
    engine_reopen(&engine);
    drop(engine.store, SLICE("b"), SLICE("c"));
    assert_false(is_there("b"));
    assert_false(is_there("bb"));
    engine_reopen(&engine);
    assert_true(is_there("a"));
    assert_false(is_there("b"));
    assert_true(is_there("c"));
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, open_engine, close_engine)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(gives_files_back_but_not_the_one_at_the_end),
        EACH(an_end_with_a_nul_byte_keeps_what_comes_after_it),
        EACH(older_values_do_not_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
