/* Response heads and the header functions of an exchange. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "http/response_head.h"

enum { ARENA_BYTES = 1024 * 1024 };

static void expect_head(int status, struct http_head_options options, struct slice body,
                        const char *expected)
{
    struct http_exchange exchange = {.response = {.status = status, .body = body}};
    arena_init(&exchange.arena, ARENA_BYTES);
    assert_true(http_response_add_header(&exchange, SLICE("A"), SLICE("1")));
    assert_true(http_response_add_header(&exchange, SLICE("Bb"), SLICE("")));
    struct slice head;
    assert_true(http_response_head(&exchange, &options, &head));
    assert_int_equal(head.size, strlen(expected));
    assert_memory_equal(head.data, expected, head.size);
    arena_fini(&exchange.arena);
}

static void heads_are_written_as_the_options_say(void **state)
{
    (void)state;
    expect_head(200, (struct http_head_options){.close = false}, SLICE("hello"),
                "HTTP/1.1 200 OK\r\nA: 1\r\nBb: \r\nContent-Length: 5\r\n\r\n");
    expect_head(404, (struct http_head_options){.date = SLICE("D"), .close = true}, SLICE(""),
                "HTTP/1.1 404 Not Found\r\nA: 1\r\nBb: \r\nContent-Length: 0\r\nDate: D\r\n"
                "Connection: close\r\n\r\n");
    expect_head(299, (struct http_head_options){.say_keep = true}, SLICE("0123456789"),
                "HTTP/1.1 299 \r\nA: 1\r\nBb: \r\nContent-Length: 10\r\n"
                "Connection: keep-alive\r\n\r\n");
    expect_head(413, (struct http_head_options){.say_keep = true, .close = true}, SLICE_ABSENT,
                "HTTP/1.1 413 Payload Too Large\r\nA: 1\r\nBb: \r\nContent-Length: 0\r\n"
                "Connection: close\r\n\r\n");
}

static void response_headers_keep_their_order_as_they_grow(void **state)
{
    (void)state;
    struct http_exchange exchange = {.response = {.status = 200}};
    static const char names[] = "abcdefghijklmnopqrstuvwxyz";
    arena_init(&exchange.arena, ARENA_BYTES);
    for (size_t i = 0; i < 26; i++)
        assert_true(http_response_add_header(&exchange, slice_of(names + i, 1), SLICE("v")));
    assert_int_equal(exchange.response.header_count, 26);
    for (size_t i = 0; i < 26; i++)
        assert_int_equal(exchange.response.headers[i].name.data[0], names[i]);
    arena_fini(&exchange.arena);
}

static void a_head_without_room_is_said(void **state)
{
    (void)state;
    struct http_exchange exchange = {.response = {.status = 200}};
    struct http_head_options options = {.close = true};
    struct slice head;
    arena_init(&exchange.arena, 0);
    assert_false(http_response_add_header(&exchange, SLICE("A"), SLICE("1")));
    assert_false(http_response_head(&exchange, &options, &head));
    arena_fini(&exchange.arena);
}

static void request_headers_are_found_whatever_their_case(void **state)
{
    (void)state;
    const struct http_header headers[] = {
        {SLICE("Content-Type"), SLICE("one")},
        {SLICE("content-type"), SLICE("two")},
        {SLICE("X-[A]"), SLICE("three")},
    };
    struct http_request request = {.headers = headers, .header_count = COUNT_OF(headers)};
    assert_true(slice_equal(http_request_header(&request, SLICE("CONTENT-TYPE")), SLICE("one")));
    assert_true(slice_equal(http_request_header(&request, SLICE("x-[a]")), SLICE("three")));
    assert_false(slice_present(http_request_header(&request, SLICE("Content-Typ"))));
    /* Only letters have two cases: '[' and '{' are 32 apart, too. */
    assert_false(slice_present(http_request_header(&request, SLICE("x-{a}"))));
}

static void dates_are_written_as_in_the_standard(void **state)
{
    (void)state;
    char date[HTTP_DATE_BYTES + 1];
    http_date_format(784111777, date); /* the example of RFC 9110 5.6.7 */
    assert_string_equal(date, "Sun, 06 Nov 1994 08:49:37 GMT");
    http_date_format(0, date);
    assert_string_equal(date, "Thu, 01 Jan 1970 00:00:00 GMT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_written_as_the_options_say),
        cmocka_unit_test(response_headers_keep_their_order_as_they_grow),
        cmocka_unit_test(a_head_without_room_is_said),
        cmocka_unit_test(request_headers_are_found_whatever_their_case),
        cmocka_unit_test(dates_are_written_as_in_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
