/*
 * A machine without the library: what the program says then. The loader itself is compiled into
 * this test, with the name of a library that is nowhere.
 */

#undef ROCKSDB_SONAME
#define ROCKSDB_SONAME "libhashrange-nowhere.so.1"
#include "store/rocksdb/library.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void a_missing_library_is_named(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4096);
    for (int time = 0; time < 2; time++) {
        const struct error *error = rocksdb_library_load(&arena);
        assert_non_null(error);
        assert_int_equal(ERROR_INTERNAL, error->kind);
        static const char name[] = "libhashrange-nowhere.so.1";
        assert_non_null(memmem(error->message.data, error->message.size, name, strlen(name)));
    }
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_missing_library_is_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
