/* Who gets more of the memory that values and blocks share. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/rocksdb/cache_balance.h"

enum { MB = 1024 * 1024 };

static const struct cache_shares shares = {
    .budget = 224 * MB, .values_least = 28 * MB, .blocks_least = 28 * MB, .step = MB};

/* Both are full, and values answer half of what they are asked. */
static const struct cache_use both_full = {.values_allowed = 100 * MB,
                                           .values_bytes = 100 * MB,
                                           .blocks_bytes = 124 * MB,
                                           .table_bytes = 300 * MB,
                                           .hits = 1000,
                                           .misses = 1000};

static void assert_becomes(struct cache_use use, size_t allowed)
{
    assert_int_equal(cache_balance_decide(&shares, &use), allowed);
}

static void without_a_reason_nothing_changes(void **state)
{
    (void)state;
    assert_becomes(both_full, 100 * MB);
}

static void values_get_what_blocks_leave(void **state)
{
    (void)state;
    struct cache_use use = both_full;
    use.hits = 0;
    use.blocks_bytes = 10 * MB;
    assert_becomes(use, 101 * MB);
    use.values_bytes = 50 * MB; /* and do not need */
    assert_becomes(use, 100 * MB);
}

static void values_that_answer_most_get_more(void **state)
{
    (void)state;
    struct cache_use use = both_full;
    use.hits = 1001;
    assert_becomes(use, 101 * MB);
    use.values_bytes = 50 * MB;
    assert_becomes(use, 100 * MB);
}

static void blocks_keep_their_share(void **state)
{
    (void)state;
    struct cache_use use = both_full;
    use.hits = 5000;
    use.values_allowed = use.values_bytes = 196 * MB;
    assert_becomes(use, 196 * MB);
    use.values_allowed = use.values_bytes = 195 * MB + MB / 2;
    assert_becomes(use, 196 * MB);
}

static void larger_tables_need_larger_indexes(void **state)
{
    (void)state;
    struct cache_use use = both_full;
    use.hits = 5000;
    use.table_bytes = (size_t)30 * 150 * MB;
    assert_becomes(use, 98 * MB);
    use.values_allowed = 74 * MB + 1;
    assert_becomes(use, 74 * MB);
    use.table_bytes = (size_t)30 * 1000 * MB;
    use.values_allowed = 28 * MB;
    assert_becomes(use, 28 * MB);
}

static void what_earns_nothing_goes_back(void **state)
{
    (void)state;
    struct cache_use use = both_full;
    use.hits = 10;
    assert_becomes(use, 99 * MB);
    use.blocks_bytes = 10 * MB; /* nobody wants it */
    use.values_bytes = 50 * MB;
    assert_becomes(use, 100 * MB);
    use = both_full;
    use.hits = 0;
    use.values_allowed = use.values_bytes = 28 * MB;
    use.blocks_bytes = 196 * MB;
    assert_becomes(use, 28 * MB);
}

static void there_may_be_no_memory_at_all(void **state)
{
    (void)state;
    const struct cache_shares none = {.step = 1};
    const struct cache_use use = {.hits = 0, .misses = 100, .table_bytes = 1000};
    assert_int_equal(cache_balance_decide(&none, &use), 0);
    assert_int_equal(cache_balance_values_least(0), 0);
    assert_int_equal(cache_balance_values_most(0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_reason_nothing_changes),
        cmocka_unit_test(values_get_what_blocks_leave),
        cmocka_unit_test(values_that_answer_most_get_more),
        cmocka_unit_test(blocks_keep_their_share),
        cmocka_unit_test(larger_tables_need_larger_indexes),
        cmocka_unit_test(what_earns_nothing_goes_back),
        cmocka_unit_test(there_may_be_no_memory_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
