#include "http/form.h"

#include <stdlib.h>

#include "base/arena_fixture.h"

static void decodes_names_and_values(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *name;
        const char *value;
    } cases[] = {
        {"Action=CreateUser&Version=2010-05-08", "Version", "2010-05-08"},
        {"a=1&a=2", "a", "1"},
        {"a=x%20y+z", "a", "x y z"},
        {"a=%C3%A4%2b", "a", "\xc3\xa4+"},
        {"a%3Db=c=d", "a=b", "c=d"},
        {"a=%&b=%4&c=%zz", "a", "%"},
        {"a=%&b=%4&c=%zz", "b", "%4"},
        {"a=%&b=%4&c=%zz", "c", "%zz"},
        {"a=%4", "a", "%4"},
        {"&&a&=&b=", "a", ""},
        {"&&a&=&b=", "b", ""},
        {"=x", "", "x"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_form form;
        assert_int_equal(http_form_read(&arena, slice_of_cstring(cases[i].text), &form),
                         HTTP_FORM_READ);
        struct slice value = http_form_value(&form, slice_of_cstring(cases[i].name));
        assert_true(slice_present(value));
        assert_true(slice_equal(value, slice_of_cstring(cases[i].value)));
    }
}

static void tells_what_is_not_there(void **state)
{
    (void)state;
    struct http_form form;
    assert_int_equal(http_form_read(&arena, SLICE("Action=A"), &form), HTTP_FORM_READ);
    assert_false(slice_present(http_form_value(&form, SLICE("action"))));
    assert_int_equal(http_form_read(&arena, SLICE(""), &form), HTTP_FORM_READ);
    assert_int_equal(form.count, 0);
}

static void bounds_the_number_of_pairs(void **state)
{
    (void)state;
    uint8_t *text = malloc(HTTP_FORM_PAIRS_MAX + 1);
    assert_non_null(text);
    memset(text, '&', HTTP_FORM_PAIRS_MAX + 1);
    struct http_form form;
    assert_int_equal(http_form_read(&arena, slice_of(text, HTTP_FORM_PAIRS_MAX - 1), &form),
                     HTTP_FORM_READ);
    assert_int_equal(http_form_read(&arena, slice_of(text, HTTP_FORM_PAIRS_MAX), &form),
                     HTTP_FORM_TOO_MANY);
    free(text);
}

static void says_when_memory_is_exhausted(void **state)
{
    (void)state;
    struct arena none;
    arena_init(&none, 1);
    struct http_form form;
    assert_int_equal(http_form_read(&none, SLICE("a=b"), &form), HTTP_FORM_EXHAUSTED);
    arena_fini(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_names_and_values),
        cmocka_unit_test(tells_what_is_not_there),
        cmocka_unit_test(bounds_the_number_of_pairs),
        cmocka_unit_test(says_when_memory_is_exhausted),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
