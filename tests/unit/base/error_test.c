#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

static void words_are_formatted_and_live_in_the_arena(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    const struct error *error = error_make(&arena, ERROR_RESOURCE_NOT_FOUND, "Table: %s", "Music");
    assert_int_equal(error->kind, ERROR_RESOURCE_NOT_FOUND);
    assert_true(slice_equal(error->message, SLICE("Table: Music")));
    assert_false(slice_present(error->item));
    assert_null(error->reasons);
    arena_fini(&arena);
}

static void long_words_are_not_cut(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4 << 20);
    static const size_t sizes[] = {0, 510, 511, 512, 513, 100000};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        const struct error *error =
            error_make(&arena, ERROR_LIMIT_EXCEEDED, "%*s", (int)sizes[i], "");
        assert_int_equal(error->kind, ERROR_LIMIT_EXCEEDED);
        assert_int_equal(error->message.size, sizes[i]);
        for (size_t at = 0; at < sizes[i]; at++)
            assert_int_equal(error->message.data[at], ' ');
    }
    arena_fini(&arena);
}

static void without_memory_it_is_the_static_error(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_ptr_equal(error_make(&arena, ERROR_LIMIT_EXCEEDED, "words"), error_exhausted());
    assert_ptr_equal(error_make_slice(&arena, ERROR_LIMIT_EXCEEDED, SLICE("words")),
                     error_exhausted());
    assert_int_equal(error_exhausted()->kind, ERROR_INTERNAL);
    assert_true(error_exhausted()->message.size > 0);
}

static void kinds_look_to_clients_as_the_service_writes_them(void **state)
{
    (void)state;
    assert_string_equal(error_kind_name(ERROR_RESOURCE_NOT_FOUND), "ResourceNotFoundException");
    assert_string_equal(error_kind_namespace(ERROR_RESOURCE_NOT_FOUND),
                        "com.amazonaws.dynamodb.v20120810#");
    assert_int_equal(error_kind_http_status(ERROR_RESOURCE_NOT_FOUND), 400);
    assert_string_equal(error_kind_name(ERROR_INTERNAL), "InternalServerError");
    assert_int_equal(error_kind_http_status(ERROR_INTERNAL), 500);
    for (int kind = 0; kind < ERROR_KIND_COUNT; kind++) {
        assert_non_null(error_kind_name((enum error_kind)kind));
        assert_non_null(error_kind_namespace((enum error_kind)kind));
        assert_in_range(error_kind_http_status((enum error_kind)kind), 400, 503);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_formatted_and_live_in_the_arena),
        cmocka_unit_test(long_words_are_not_cut),
        cmocka_unit_test(without_memory_it_is_the_static_error),
        cmocka_unit_test(kinds_look_to_clients_as_the_service_writes_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
