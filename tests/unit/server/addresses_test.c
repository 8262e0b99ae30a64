/* Which addresses --bind names, and which of them others can reach. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "server/addresses.h"

enum { ARENA_BYTES = 64 * 1024 };

static struct arena arena;

static void what_others_reach_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *bind;
        const char *exposed;
        size_t count;
    } cases[] = {
        {"127.0.0.1", NULL, 1},
        {"127.0.0.1,::1", NULL, 2},
        {"127.255.3.4", NULL, 1},
        {"0:0:0:0:0:0:0:1", NULL, 1},
        {"0.0.0.0", "0.0.0.0", 1},
        {"::", "::", 1},
        {"128.0.0.1", "128.0.0.1", 1},
        {"126.255.255.255", "126.255.255.255", 1},
        {"127.0.0.1,10.0.0.1", "10.0.0.1", 2},
        {"::1,fe80::1,::", "fe80::1", 3},
        {"::2", "::2", 1},
        {"::ffff:127.0.0.1", "::ffff:127.0.0.1", 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct addresses addresses;
        assert_null(addresses_read(&arena, cases[i].bind, &addresses));
        assert_int_equal(addresses.count, cases[i].count);
        if (cases[i].exposed == NULL)
            assert_null(addresses.exposed);
        else
            assert_string_equal(addresses.exposed, cases[i].exposed);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "localhost",  "",       ",",         "127.0.0.1,",        "127.0.0.1:8000",
        "[::1]",      "127.1",  "1.2.3.4.5", " 127.0.0.1",        "0",
        "2130706433", "::1%lo", "*",         "1,1,1,1,1,1,1,1,1",
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct addresses addresses;
        const struct error *error = addresses_read(&arena, cases[i], &addresses);
        assert_non_null(error);
        assert_memory_equal(error->message.data, "--bind takes", 12);
    }
    struct addresses addresses;
    assert_null(addresses_read(&arena, "::1,::1,::1,::1,::1,::1,::1,::1", &addresses));
    assert_non_null(addresses_read(&arena, "::1,::1,::1,::1,::1,::1,::1,::1,::1", &addresses));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_others_reach_is_found),
        cmocka_unit_test(what_is_no_address_is_refused),
    };
    arena_init(&arena, ARENA_BYTES);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_fini(&arena);
    return failed;
}
