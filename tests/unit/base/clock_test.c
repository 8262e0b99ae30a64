#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

static void the_clocks_tell_time(void **state)
{
    (void)state;
    int64_t before = (int64_t)time(NULL) * 1000;
    int64_t now = clock_now_ms();
    assert_true(now >= before);
    assert_true(now < before + 60 * 60 * 1000);
    int64_t last = clock_monotonic_ms();
    for (int i = 0; i < 1000; i++) {
        int64_t next = clock_monotonic_ms();
        assert_true(next >= last);
        last = next;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clocks_tell_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
