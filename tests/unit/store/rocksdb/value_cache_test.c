/* The cache of values: what gets in, what goes out, and that it never tells an older value than the
 * database does. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/rocksdb/value_cache.h"

static struct value_cache *cache;

static void begin(size_t bytes_max)
{
    cache = aligned_alloc(alignof(struct value_cache), sizeof(*cache));
    assert_non_null(cache);
    assert_true(value_cache_init(cache, bytes_max));
}

static void end(void)
{
    value_cache_fini(cache);
    free(cache);
}

static struct slice text(const char *chars)
{
    return slice_of(chars, strlen(chars));
}

/* What a reader does who finds this in the database. */
static void read_key(uint64_t hash, const char *key, const char *database_value)
{
    struct value_cache_moment moment;
    struct cached_value *cached = value_cache_find(cache, hash, text(key), &moment);
    if (cached == NULL)
        value_cache_offer(cache, hash, text(key), text(database_value), moment);
    value_cache_release(cached);
}

static void read_twice(uint64_t hash, const char *key, const char *database_value)
{
    read_key(hash, key, database_value);
    read_key(hash, key, database_value);
}

/* NULL: it is not there. */
static void assert_cached(uint64_t hash, const char *key, const char *value)
{
    struct value_cache_moment moment;
    struct cached_value *cached = value_cache_find(cache, hash, text(key), &moment);
    if (value == NULL)
        assert_null(cached);
    else
        assert_true(cached != NULL && slice_equal(cached_value_bytes(cached), text(value)));
    value_cache_release(cached);
}

static void while_there_is_room_the_first_read_gets_in(void **state)
{
    (void)state;
    begin(1024 * 1024);
    struct value_cache_moment moment;
    assert_null(value_cache_find(cache, 1, text("k"), &moment));
    assert_true(moment.may_offer);
    value_cache_offer(cache, 1, text("k"), text("v"), moment);
    assert_cached(1, "k", "v");
    assert_cached(1, "other", NULL);
    assert_cached(1 + VALUE_CACHE_SHARDS, "k", NULL);
    end();
}

static void without_room_the_second_read_gets_in(void **state)
{
    (void)state;
    begin(64 * 1024);
    read_key(1, "k", "v");
    assert_cached(1, "k", NULL);
    read_key(1, "k", "v");
    assert_cached(1, "k", "v");
    end();
}

static void what_it_may_keep_can_change(void **state)
{
    (void)state;
    begin(1024 * 1024);
    value_cache_allow(cache, 0);
    read_twice(1, "k", "v");
    assert_cached(1, "k", NULL);
    value_cache_allow(cache, 1024 * 1024);
    read_key(1, "k", "v");
    assert_cached(1, "k", "v");
    value_cache_allow(cache, VALUE_CACHE_SHARDS * 100); /* for one */
    read_twice(1, "l", "w");
    assert_cached(1, "k", NULL);
    assert_cached(1, "l", "w");
    end();
}

static void keys_of_one_hash_are_told_apart(void **state)
{
    (void)state;
    begin(1024 * 1024);
    read_twice(7, "one", "1");
    read_twice(7, "two", "2");
    assert_cached(7, "one", "1");
    assert_cached(7, "two", "2");
    end();
}

static void a_write_takes_out_all_of_its_hash(void **state)
{
    (void)state;
    begin(1024 * 1024);
    read_twice(7, "one", "1");
    read_twice(7, "two", "2");
    read_twice(8, "three", "3");
    value_cache_begin_write(cache, 7);
    assert_cached(7, "one", NULL);
    assert_cached(7, "two", NULL);
    assert_cached(8, "three", "3");
    value_cache_end_write(cache, 7, text("one"), SLICE_ABSENT);
    assert_cached(7, "one", NULL);
    end();
}

static void a_write_replaces_what_is_there(void **state)
{
    (void)state;
    begin(1024 * 1024);
    read_twice(1, "k", "old");
    value_cache_begin_write(cache, 1);
    assert_cached(1, "k", NULL);
    value_cache_end_write(cache, 1, text("k"), text("new"));
    assert_cached(1, "k", "new");
    value_cache_begin_write(cache, 1);
    value_cache_end_write(cache, 1, text("k"), SLICE_ABSENT);
    assert_cached(1, "k", NULL);
    end();
}

static void of_two_writes_under_way_the_later_one_stands(void **state)
{
    (void)state;
    begin(1024 * 1024);
    read_twice(1, "k", "old");
    value_cache_begin_write(cache, 1);
    value_cache_begin_write(cache, 1);
    value_cache_end_write(cache, 1, text("k"), text("first"));
    assert_cached(1, "k", NULL);
    value_cache_end_write(cache, 1, text("k"), text("second"));
    assert_cached(1, "k", "second");
    end();
}

static void what_was_read_before_a_write_is_not_taken(void **state)
{
    (void)state;
    begin(1024 * 1024);
    struct value_cache_moment before;
    assert_null(value_cache_find(cache, 1, text("k"), &before));
    assert_true(before.may_offer);
    value_cache_begin_write(cache, 1);
    value_cache_offer(cache, 1, text("k"), text("old"), before);
    assert_cached(1, "k", NULL);
    value_cache_end_write(cache, 1, text("k"), SLICE_ABSENT);
    value_cache_offer(cache, 1, text("k"), text("old"), before);
    assert_cached(1, "k", NULL);
    end();
}

static void nothing_is_offered_while_its_bucket_is_written(void **state)
{
    (void)state;
    begin(1024 * 1024);
    value_cache_begin_write(cache, 1);
    read_twice(1, "k", "old");
    assert_cached(1, "k", NULL);
    value_cache_end_write(cache, 1, text("k"), text("new"));
    end();
}

static void a_closed_cache_has_nothing_and_takes_nothing(void **state)
{
    (void)state;
    begin(1024 * 1024);
    read_twice(1, "k", "v");
    struct value_cache_moment before;
    assert_null(value_cache_find(cache, 2, text("l"), &before));
    value_cache_close(cache);
    assert_cached(1, "k", NULL);
    read_twice(1, "k", "v");
    assert_cached(1, "k", NULL);
    value_cache_begin_write(cache, 1);
    value_cache_end_write(cache, 1, text("k"), text("v"));
    assert_cached(1, "k", NULL);
    value_cache_open(cache);
    value_cache_offer(cache, 2, text("l"), text("w"), before);
    assert_cached(2, "l", NULL);
    read_twice(1, "k", "v");
    assert_cached(1, "k", "v");
    end();
}

static void a_value_outlives_its_place(void **state)
{
    (void)state;
    begin(1024 * 1024);
    read_twice(1, "k", "old");
    struct value_cache_moment moment;
    struct cached_value *cached = value_cache_find(cache, 1, text("k"), &moment);
    value_cache_close(cache);
    assert_true(slice_equal(cached_value_bytes(cached), text("old")));
    value_cache_release(cached);
    end();
}

static size_t bytes_of_all(void)
{
    struct value_cache_figures figures;
    value_cache_read_figures(cache, &figures);
    return figures.bytes;
}

static void hits_and_misses_are_counted(void **state)
{
    (void)state;
    begin(1024 * 1024);
    read_twice(1, "k", "v");
    assert_cached(1, "k", "v");
    struct value_cache_figures figures;
    value_cache_read_figures(cache, &figures);
    assert_int_equal(2, figures.hits);
    assert_int_equal(1, figures.misses);
    end();
}

static void room_is_made_and_what_is_used_stays(void **state)
{
    (void)state;
    enum { BYTES_MAX = 64 * 1024 };
    begin(BYTES_MAX);
    static char value[101];
    memset(value, 'v', sizeof(value) - 1);
    read_twice(0, "used", value);
    for (uint64_t i = 1; i < 100; i++) {
        char key[16];
        snprintf(key, sizeof(key), "%llu", (unsigned long long)i);
        read_twice(i * VALUE_CACHE_SHARDS, key, value); /* all in the first shard */
        assert_cached(0, "used", value);
        assert_true(bytes_of_all() <= BYTES_MAX / VALUE_CACHE_SHARDS);
    }
    assert_cached(1 * VALUE_CACHE_SHARDS, "1", NULL);
    assert_cached(99 * VALUE_CACHE_SHARDS, "99", value);
    end();
}

static void what_is_larger_than_its_room_stays_out(void **state)
{
    (void)state;
    begin(64 * 1024);
    static char value[2000];
    memset(value, 'v', sizeof(value) - 1);
    read_twice(0, "k", value);
    assert_cached(0, "k", NULL);
    assert_int_equal(0, bytes_of_all());
    end();
    begin(0);
    read_twice(0, "k", "v");
    assert_cached(0, "k", NULL);
    end();
}

/* A database of a few keys, whose values only grow; readers take now the cache, now the database,
 * and must never see a key shrink. */
enum { KEYS = 8, READERS = 3, WRITES = 20000 };
static atomic_uint database[KEYS];
static atomic_bool stop;

static unsigned read_version(unsigned key)
{
    char name[8];
    snprintf(name, sizeof(name), "%u", key);
    struct value_cache_moment moment;
    struct cached_value *cached = value_cache_find(cache, key % 3, text(name), &moment);
    unsigned version;
    if (cached != NULL) {
        memcpy(&version, cached_value_bytes(cached).data, sizeof(version));
    } else {
        version = atomic_load(&database[key]);
        value_cache_offer(cache, key % 3, text(name), slice_of(&version, sizeof(version)), moment);
    }
    value_cache_release(cached);
    return version;
}

static void *read_on(void *context)
{
    unsigned *failures = context;
    unsigned seen[KEYS] = {0};
    for (unsigned i = 0; !atomic_load(&stop); i++) {
        unsigned key = i % KEYS;
        unsigned version = i / KEYS % 3 == 0 ? atomic_load(&database[key]) : read_version(key);
        *failures += version < seen[key];
        seen[key] = version;
    }
    return NULL;
}

static void no_reader_goes_back(void **state)
{
    (void)state;
    begin(1024 * 1024);
    pthread_t threads[READERS];
    unsigned failures[READERS] = {0};
    atomic_store(&stop, false);
    for (size_t i = 0; i < READERS; i++)
        assert_int_equal(0, pthread_create(&threads[i], NULL, read_on, &failures[i]));
    for (unsigned i = 0; i < WRITES; i++) {
        unsigned key = i * 5 % KEYS;
        unsigned version = atomic_load(&database[key]) + 1;
        char name[8];
        snprintf(name, sizeof(name), "%u", key);
        if (i % 1000 == 999)
            value_cache_close(cache);
        value_cache_begin_write(cache, key % 3);
        atomic_store(&database[key], version);
        value_cache_end_write(cache, key % 3, text(name), slice_of(&version, sizeof(version)));
        if (i % 1000 == 999)
            value_cache_open(cache);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(0, pthread_join(threads[i], NULL));
        assert_int_equal(0, failures[i]);
    }
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(while_there_is_room_the_first_read_gets_in),
        cmocka_unit_test(without_room_the_second_read_gets_in),
        cmocka_unit_test(what_it_may_keep_can_change),
        cmocka_unit_test(keys_of_one_hash_are_told_apart),
        cmocka_unit_test(a_write_takes_out_all_of_its_hash),
        cmocka_unit_test(a_write_replaces_what_is_there),
        cmocka_unit_test(of_two_writes_under_way_the_later_one_stands),
        cmocka_unit_test(what_was_read_before_a_write_is_not_taken),
        cmocka_unit_test(nothing_is_offered_while_its_bucket_is_written),
        cmocka_unit_test(a_closed_cache_has_nothing_and_takes_nothing),
        cmocka_unit_test(a_value_outlives_its_place),
        cmocka_unit_test(hits_and_misses_are_counted),
        cmocka_unit_test(room_is_made_and_what_is_used_stays),
        cmocka_unit_test(what_is_larger_than_its_room_stays_out),
        cmocka_unit_test(no_reader_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
