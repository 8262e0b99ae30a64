#include "cli/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct histogram histogram, other;

static int clear(void **state)
{
    (void)state;
    memset(&histogram, 0, sizeof(histogram));
    memset(&other, 0, sizeof(other));
    return 0;
}

static void is_empty_at_the_start(void **state)
{
    (void)state;
    assert_int_equal(histogram_quantile(&histogram, 0.5), 0);
    assert_true(histogram_mean(&histogram) == 0);
}

static void tells_small_values_exactly(void **state)
{
    (void)state;
    for (uint64_t value = 1; value <= 100; value++)
        histogram_add(&histogram, value);
    assert_int_equal(histogram_quantile(&histogram, 0.5), 50);
    assert_int_equal(histogram_quantile(&histogram, 0.99), 99);
    assert_int_equal(histogram_quantile(&histogram, 1), 100);
    assert_true(histogram_mean(&histogram) == 50.5);
}

/* Whatever the size, what is told is not less, and more by less than 1 in 128. */
static void is_never_off_by_more_than_it_says(void **state)
{
    (void)state;
    for (uint64_t value = 1; value < UINT64_MAX / 3; value = value * 3 / 2 + 1) {
        clear(NULL);
        histogram_add(&histogram, value);
        histogram_add(&histogram, UINT64_MAX);
        uint64_t told = histogram_quantile(&histogram, 0.5);
        assert_true(told >= value);
        assert_true(told - value <= value / 128);
    }
}

static void never_tells_more_than_the_largest(void **state)
{
    (void)state;
    histogram_add(&histogram, 1000001);
    assert_int_equal(histogram_quantile(&histogram, 0.999), 1000001);
    assert_int_equal(histogram.largest, 1000001);
}

static void adds_up(void **state)
{
    (void)state;
    for (uint64_t value = 0; value < 1000; value++)
        histogram_add(value % 2 == 0 ? &histogram : &other, value * 1000);
    histogram_merge(&histogram, &other);
    assert_int_equal(histogram.total, 1000);
    assert_int_equal(histogram.largest, 999000);
    uint64_t median = histogram_quantile(&histogram, 0.5);
    assert_true(median >= 499000 && median <= 499000 + 499000 / 128);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(is_empty_at_the_start, clear),
        cmocka_unit_test_setup(tells_small_values_exactly, clear),
        cmocka_unit_test_setup(is_never_off_by_more_than_it_says, clear),
        cmocka_unit_test_setup(never_tells_more_than_the_largest, clear),
        cmocka_unit_test_setup(adds_up, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
