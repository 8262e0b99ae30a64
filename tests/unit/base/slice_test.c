#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "base/slice.h"

static void absent_is_not_empty(void **state)
{
    (void)state;
    assert_false(slice_present(SLICE_ABSENT));
    assert_true(slice_present(SLICE("")));
    assert_true(slice_equal(SLICE_ABSENT, SLICE("")));
}

static void order_is_byte_order(void **state)
{
    (void)state;
    const struct slice ascending[] = {
        SLICE(""),   SLICE("\0"), SLICE("\0\0"), SLICE("a"),    SLICE("aa"),
        SLICE("ab"), SLICE("b"),  SLICE("\x80"), SLICE("\xff"),
    };
    for (size_t i = 0; i < COUNT_OF(ascending); i++) {
        for (size_t j = 0; j < COUNT_OF(ascending); j++) {
            int order = slice_compare(ascending[i], ascending[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
            assert_int_equal(slice_equal(ascending[i], ascending[j]), i == j);
        }
    }
}

static void prefixes(void **state)
{
    (void)state;
    assert_true(slice_starts_with(SLICE("table"), SLICE("tab")));
    assert_true(slice_starts_with(SLICE("table"), SLICE("table")));
    assert_true(slice_starts_with(SLICE(""), SLICE("")));
    assert_true(slice_starts_with(SLICE("x"), SLICE_ABSENT));
    assert_false(slice_starts_with(SLICE("tab"), SLICE("table")));
    assert_false(slice_starts_with(SLICE("table"), SLICE("tob")));
    assert_true(slice_equal(slice_after(SLICE("table"), 3), SLICE("le")));
    assert_true(slice_equal(slice_after(SLICE("table"), 5), SLICE("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent_is_not_empty),
        cmocka_unit_test(order_is_byte_order),
        cmocka_unit_test(prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
