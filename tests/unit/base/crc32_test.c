#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/crc32.h"

static void crc32_has_its_check_value(void **state)
{
    (void)state;
    assert_int_equal(crc32_of(SLICE("123456789")), 0xcbf43926);
    assert_int_equal(crc32_of(SLICE("{}")), 2745614147); /* the body of many an answer */
    assert_int_equal(crc32_of(SLICE("")), 0);
    assert_int_equal(crc32_of(SLICE_ABSENT), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32_has_its_check_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
