#include "client/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct client_response response;

/* Feeds the text in pieces of that size; what is left of it in *ret_rest. */
static enum client_response_state feed(const char *text, size_t piece, size_t *ret_rest)
{
    struct slice all = slice_of_cstring(text);
    enum client_response_state state = CLIENT_RESPONSE_MORE;
    client_response_begin(&response);
    while (all.size > 0 && state == CLIENT_RESPONSE_MORE) {
        struct slice bytes = slice_of(all.data, piece < all.size ? piece : all.size);
        size_t size = bytes.size;
        state = client_response_feed(&response, &bytes);
        all = slice_after(all, size - bytes.size);
    }
    *ret_rest = all.size;
    return state;
}

static void reads_bodies_in_pieces_of_any_size(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "HTTP/1.1 200 OK\r\nX: y\r\ncontent-LENGTH: 5\r\n\r\nhelloHTTP/1.1",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n003;x=1\r\nllo\r\n0\r\n"
        "Trailer: t\r\n\r\nHTTP/1.1",
    };
    for (size_t i = 0; i < 2; i++) {
        for (size_t piece = 1; piece < 100; piece++) {
            size_t rest;
            assert_int_equal(feed(texts[i], piece, &rest), CLIENT_RESPONSE_COMPLETE);
            assert_int_equal(response.status, 200);
            assert_int_equal(response.body_bytes, 5);
            assert_memory_equal(response.body, "hello", 5);
            assert_int_equal(rest, 8);
            assert_false(response.close);
        }
    }
}

static void knows_when_the_connection_ends(void **state)
{
    (void)state;
    size_t rest;
    assert_int_equal(
        feed("HTTP/1.1 400 Bad\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n", 7, &rest),
        CLIENT_RESPONSE_COMPLETE);
    assert_int_equal(response.status, 400);
    assert_true(response.close);
    assert_int_equal(feed("HTTP/1.0 200 OK\r\n\r\n", 7, &rest), CLIENT_RESPONSE_COMPLETE);
    assert_true(response.close);
}

static void refuses_what_is_no_response(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "SSH-2.0-x\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t rest;
        assert_int_equal(feed(texts[i], 3, &rest), CLIENT_RESPONSE_BROKEN);
    }
}

static void bounds_the_head(void **state)
{
    (void)state;
    enum { SIZE = CLIENT_HEAD_BYTES_MAX + 100 };
    char *text = malloc(SIZE + 1);
    assert_non_null(text);
    memset(text, 'a', SIZE);
    text[SIZE] = '\0';
    size_t rest;
    assert_int_equal(feed(text, 1000, &rest), CLIENT_RESPONSE_BROKEN);
    free(text);
}

static void keeps_the_beginning_of_a_long_body(void **state)
{
    (void)state;
    enum { BODY = 100000 };
    char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    struct slice bytes = slice_of_cstring(head);
    client_response_begin(&response);
    assert_int_equal(client_response_feed(&response, &bytes), CLIENT_RESPONSE_MORE);
    char *body = malloc(BODY);
    assert_non_null(body);
    memset(body, 'b', BODY);
    bytes = slice_of(body, BODY);
    assert_int_equal(client_response_feed(&response, &bytes), CLIENT_RESPONSE_COMPLETE);
    assert_int_equal(response.body_bytes, BODY);
    assert_int_equal(response.kept, CLIENT_BODY_KEPT_BYTES);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_bodies_in_pieces_of_any_size),
        cmocka_unit_test(knows_when_the_connection_ends),
        cmocka_unit_test(refuses_what_is_no_response),
        cmocka_unit_test(bounds_the_head),
        cmocka_unit_test(keeps_the_beginning_of_a_long_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
