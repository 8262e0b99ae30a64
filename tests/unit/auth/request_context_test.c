/* The condition keys that follow from the request as such. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/request_context.h"

enum { ARENA_BYTES = 1024 * 1024 };

static const struct http_header headers[] = {
    {SLICE_INIT("user-agent"), SLICE_INIT("aws-cli/2.31.0")},
    {SLICE_INIT("Referer"), SLICE_INIT("http://example.com/")},
};

static void expect(struct auth_request_context *context, struct slice key, const char *expected)
{
    struct arena arena;
    struct auth_values values = {0};
    bool is_present = true;
    arena_init(&arena, ARENA_BYTES);
    assert_null(auth_request_context_look_up(context, &arena, key, &values, &is_present));
    assert_int_equal(is_present, expected != NULL);
    if (expected != NULL) {
        assert_int_equal(values.count, 1);
        if (!slice_equal(values.items[0], slice_of_cstring(expected)))
            fail_msg("%.*s is %.*s, not %s", SLICE_PRINT(key), SLICE_PRINT(values.items[0]),
                     expected);
    }
    arena_fini(&arena);
}

static void test_keys(void **state)
{
    struct http_request request = {
        .headers = headers,
        .header_count = COUNT_OF(headers),
        .secure = true,
        .peer_address = SLICE("203.0.113.5"),
    };
    struct auth_request_context context = {&request, 1769860800123, SLICE("eu-central-1"),
                                           SLICE("111122223333")};
    (void)state;
    expect(&context, SLICE("aws:SourceIp"), "203.0.113.5");
    expect(&context, SLICE("AWS:SOURCEIP"), "203.0.113.5");
    expect(&context, SLICE("aws:SecureTransport"), "true");
    expect(&context, SLICE("aws:CurrentTime"), "2026-01-31T12:00:00Z");
    expect(&context, SLICE("aws:EpochTime"), "1769860800");
    expect(&context, SLICE("aws:UserAgent"), "aws-cli/2.31.0");
    expect(&context, SLICE("aws:Referer"), "http://example.com/");
    expect(&context, SLICE("aws:RequestedRegion"), "eu-central-1");
    expect(&context, SLICE("aws:ResourceAccount"), "111122223333");
    expect(&context, SLICE("aws:ViaAWSService"), "false");
    expect(&context, SLICE("aws:SourceVpc"), NULL);
    expect(&context, SLICE("aws:SourceI"), NULL);
    expect(&context, SLICE(""), NULL);
}

static void test_what_the_request_does_not_have(void **state)
{
    struct http_request request = {0};
    struct auth_request_context context = {.request = &request};
    (void)state;
    expect(&context, SLICE("aws:SourceIp"), NULL);
    expect(&context, SLICE("aws:UserAgent"), NULL);
    expect(&context, SLICE("aws:Referer"), NULL);
    expect(&context, SLICE("aws:SecureTransport"), "false");
    expect(&context, SLICE("aws:CurrentTime"), "1970-01-01T00:00:00Z");
}

static void test_exhaustion(void **state)
{
    struct http_request request = {0};
    struct auth_request_context context = {.request = &request};
    struct arena arena;
    struct auth_values values;
    bool is_present;
    (void)state;
    arena_init(&arena, 0);
    assert_ptr_equal(auth_request_context_look_up(&context, &arena, SLICE("aws:CurrentTime"),
                                                  &values, &is_present),
                     error_exhausted());
    arena_fini(&arena);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_what_the_request_does_not_have),
        cmocka_unit_test(test_exhaustion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
