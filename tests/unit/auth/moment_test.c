/* Dates of signatures. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "auth/moment.h"

typedef bool reader(struct slice text, int64_t *ret_ms);

struct form {
    reader *read;
    const char *text;
    int64_t ms; /* REFUSED: it is none */
};

enum { REFUSED = -1 };
#define EXAMPLE 1370771524000

static const struct form forms[] = {
    {auth_moment_of_basic, "20130609T095204Z", EXAMPLE},
    {auth_moment_of_basic, "20240229T235959Z", 1709251199000},
    {auth_moment_of_basic, "20230229T000000Z", REFUSED},
    {auth_moment_of_basic, "20130631T000000Z", REFUSED},
    {auth_moment_of_basic, "20131301T000000Z", REFUSED},
    {auth_moment_of_basic, "20130001T000000Z", REFUSED},
    {auth_moment_of_basic, "20130601T240000Z", REFUSED},
    {auth_moment_of_basic, "20130601T006000Z", REFUSED},
    {auth_moment_of_basic, "20130601T000060Z", REFUSED},
    {auth_moment_of_basic, "20130609T095204", REFUSED},
    {auth_moment_of_basic, "20130609T095204Z ", REFUSED},
    {auth_moment_of_basic, "20130609t095204z", REFUSED},
    {auth_moment_of_basic, "2013 609T095204Z", REFUSED},
    {auth_moment_of_basic, "", REFUSED},
    {auth_moment_of_http, "Sun, 09 Jun 2013 09:52:04 GMT", EXAMPLE},
    {auth_moment_of_http, "Sun, 09 Jun 2013 09:52:04 +0000", EXAMPLE},
    {auth_moment_of_http, "Sun, 09 Jun 2013 09:52:04", REFUSED},
    {auth_moment_of_http, "Sun, 09 Jun 2013 09:52:04 CET", REFUSED},
    {auth_moment_of_http, "Sun, 31 Jun 2013 09:52:04 GMT", REFUSED},
    {auth_moment_of_http, "", REFUSED},
    {auth_moment_of_extended, "2013-06-09T09:52:04Z", EXAMPLE},
    {auth_moment_of_extended, "2013-06-09T09:52:04", EXAMPLE},
    {auth_moment_of_extended, "2013-06-09T09:52:04.120Z", EXAMPLE},
    {auth_moment_of_extended, "2013-06-09T09:52:04.Z", REFUSED},
    {auth_moment_of_extended, "2013-06-09T09:52:04+02:00", REFUSED},
    {auth_moment_of_extended, "20130609T095204Z", REFUSED},
    {auth_moment_of_extended, "", REFUSED},
};

static void only_moments_that_exist_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        int64_t ms = REFUSED;
        bool is_moment = forms[i].read(slice_of_cstring(forms[i].text), &ms);
        assert_int_equal(is_moment, forms[i].ms != REFUSED);
        assert_int_equal(ms, forms[i].ms);
    }
}

static void a_moment_is_shown_in_the_basic_format(void **state)
{
    (void)state;
    char text[AUTH_MOMENT_BYTES];
    auth_moment_format(EXAMPLE + 999, text);
    assert_memory_equal(text, "20130609T095204Z", sizeof(text));
    auth_moment_format(0, text);
    assert_memory_equal(text, "19700101T000000Z", sizeof(text));
    auth_moment_format(INT64_MAX, text);
    assert_memory_equal(text, "00000000T000000Z", sizeof(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_moments_that_exist_are_read),
        cmocka_unit_test(a_moment_is_shown_in_the_basic_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
