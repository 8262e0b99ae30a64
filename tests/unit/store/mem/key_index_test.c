/* Linear hashing: every link is found in its bucket while the index grows and shrinks. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

#include "store/mem/key_index.h"

enum { LINKS = 5000, CHAIN_MAX = 16 };

static struct key_link links[LINKS];

static uint32_t spread(uint32_t number)
{
    number ^= number >> 16;
    number *= 0x7feb352d;
    number ^= number >> 15;
    number *= 0x846ca68b;
    return number ^ number >> 16;
}

static bool is_found(const struct key_index *index, const struct key_link *link)
{
    const struct key_link *at = key_index_find(index, link->hash);
    while (at != NULL && at != link)
        at = at->next;
    return at != NULL;
}

static void assert_found(const struct key_index *index, int first, int end)
{
    for (int i = 0; i < LINKS; i++)
        assert_int_equal(i >= first && i < end, is_found(index, &links[i]));
}

static void add_all(struct key_index *index)
{
    for (uint32_t i = 0; i < LINKS; i++) {
        links[i] = (struct key_link){.hash = spread(i)};
        key_index_add(index, &links[i]);
        if (i % 500 == 0)
            assert_found(index, 0, (int)i + 1);
    }
}

static void finds_what_was_added(void **state)
{
    (void)state;
    struct key_index index = {0};
    assert_null(key_index_find(&index, 0));
    add_all(&index);
    assert_found(&index, 0, LINKS);
    assert_int_equal(LINKS, index.link_count);
    key_index_fini(&index);
    assert_null(key_index_find(&index, links[0].hash));
}

static void forgets_what_was_removed(void **state)
{
    (void)state;
    struct key_index index = {0};
    add_all(&index);
    for (int i = 0; i < LINKS; i++) {
        key_index_remove(&index, &links[i]);
        if (i % 500 == 0)
            assert_found(&index, i + 1, LINKS);
    }
    assert_int_equal(0, index.link_count);
    key_index_fini(&index);
}

static void has_as_many_buckets_as_links(void **state)
{
    (void)state;
    struct key_index index = {0};
    add_all(&index);
    for (int i = 0; i < LINKS; i++) {
        int chained = 0;
        for (const struct key_link *at = key_index_find(&index, links[i].hash); at != NULL;
             at = at->next)
            chained++;
        assert_in_range(chained, 1, CHAIN_MAX);
    }
    int used = 0;
    for (size_t i = 0; i < index.bucket_count; i++)
        used += index.buckets[i] != NULL;
    assert_int_equal(LINKS, index.bucket_count);
    assert_true(used > LINKS * 6 / 10); /* of as many as there are links, 63 % */
    key_index_fini(&index);
}

static void holds_links_of_one_hash(void **state)
{
    (void)state;
    struct key_index index = {0};
    for (int i = 0; i < 200; i++) {
        links[i] = (struct key_link){.hash = 7};
        key_index_add(&index, &links[i]);
    }
    for (int i = 199; i >= 0; i--) {
        assert_true(is_found(&index, &links[i]));
        key_index_remove(&index, &links[i]);
        assert_false(is_found(&index, &links[i]));
    }
    key_index_fini(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_added),
        cmocka_unit_test(forgets_what_was_removed),
        cmocka_unit_test(has_as_many_buckets_as_links),
        cmocka_unit_test(holds_links_of_one_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
