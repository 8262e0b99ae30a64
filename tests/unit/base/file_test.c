#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "temporary.h"

enum { ARENA_BYTES = 4 * 1024 * 1024, LARGE_BYTES = 100000 };

static struct arena arena;
static char path[TEMPORARY_PATH_BYTES];

static int make_file(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    return close(temporary_file("file", path));
}

static int remove_file(void **state)
{
    (void)state;
    arena_fini(&arena);
    return unlink(path);
}

static void fill(char byte, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < size; i++)
        fputc(byte, file);
    fclose(file);
}

static void reads_all_of_it(void **state)
{
    (void)state;
    const size_t sizes[] = {0, 1, 16 * 1024, LARGE_BYTES};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct slice bytes;
        fill('x', sizes[i]);
        assert_null(file_read(&arena, path, LARGE_BYTES, &bytes));
        assert_true(slice_present(bytes));
        assert_int_equal(bytes.size, sizes[i]);
        for (size_t j = 0; j < bytes.size; j++)
            assert_int_equal(bytes.data[j], 'x');
    }
}

static void says_why_not(void **state)
{
    (void)state;
    struct slice bytes = SLICE_ABSENT;
    fill('x', LARGE_BYTES + 1);
    static const struct {
        const char *path;
        const char *words;
    } cases[] = {
        {path, "File too large"},
        {"/hashrange/is/not/there", "No such file or directory"},
        {"/", "Is a directory"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char message[2 * TEMPORARY_PATH_BYTES];
        const struct error *error = file_read(&arena, cases[i].path, LARGE_BYTES, &bytes);
        assert_non_null(error);
        assert_int_equal(error->kind, ERROR_VALIDATION);
        int size =
            snprintf(message, sizeof(message), "Cannot read %s: %s", cases[i].path, cases[i].words);
        assert_int_equal(error->message.size, size);
        assert_memory_equal(error->message.data, message, (size_t)size);
        assert_false(slice_present(bytes));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_all_of_it),
        cmocka_unit_test(says_why_not),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
