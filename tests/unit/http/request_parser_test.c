/* Requests from bytes: whole, torn at every byte, pipelined, chunked, refused. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>

#include "base/buf.h"
#include "http/request_parser.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

/* A copy of exactly its size, so that the sanitizer sees a read beyond it. */
static uint8_t *exact_copy(struct slice bytes)
{
    uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    assert_non_null(copy);
    memcpy(copy, bytes.data, bytes.size);
    return copy;
}

/* Feeds bytes in pieces of at most `piece` bytes until a request is complete or refused. */
static enum http_parse_status feed(struct http_request_parser *parser, struct slice *bytes,
                                   size_t piece)
{
    while (bytes->size > 0) {
        size_t size = bytes->size < piece ? bytes->size : piece;
        uint8_t *copy = exact_copy(slice_of(bytes->data, size));
        struct slice at = slice_of(copy, size);
        enum http_parse_status status = http_request_parser_feed(parser, &at);
        *bytes = slice_after(*bytes, size - at.size);
        free(copy);
        if (status != HTTP_PARSE_MORE)
            return status;
        assert_int_equal(at.size, 0);
    }
    return HTTP_PARSE_MORE;
}

/* A canonical text of a request: method, target, headers, body. */
static void describe(const struct http_request *request, struct buf *out)
{
    buf_append_format(out, "%.*s %.*s\n", SLICE_PRINT(request->method),
                      SLICE_PRINT(request->target));
    for (size_t i = 0; i < request->header_count; i++)
        buf_append_format(out, "%.*s=%.*s\n", SLICE_PRINT(request->headers[i].name),
                          SLICE_PRINT(request->headers[i].value));
    buf_append(out, SLICE("\n"));
    buf_append(out, request->body);
}

/* Every request in the bytes, described, then how it ended: "end", "more" or the refusal's status.
 */
static void parse_all(struct slice bytes, size_t piece, struct buf *out)
{
    struct http_request_parser *parser = http_request_parser_open();
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    bool again = true;
    while (again) {
        struct http_request request;
        arena_reset(&arena);
        http_request_parser_begin(parser, &arena, &request);
        switch (feed(parser, &bytes, piece)) {
        case HTTP_PARSE_REQUEST:
            describe(&request, out);
            again = http_request_parser_keep_alive(parser);
            buf_append_format(out, "\n--%s\n", again ? "keep" : "close");
            break;
        case HTTP_PARSE_REFUSED:
            buf_append_format(out, "refused %d", http_request_parser_refusal_status(parser));
            again = false;
            break;
        case HTTP_PARSE_MORE:
            buf_append_format(
                out, http_request_parser_phase(parser) == HTTP_PHASE_NOTHING ? "end" : "more");
            again = false;
            break;
        }
    }
    arena_fini(&arena);
    http_request_parser_close(parser);
}

struct parse_case {
    const char *input;
    const char *expected;
};

static const struct parse_case good[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /\nHost=a\n\n\n--keep\nend"},
    {"POST /?x=1 HTTP/1.1\r\nhost: a \t\r\nX-Empty:\r\nContent-Length: 5\r\n\r\nhello",
     "POST /?x=1\nhost=a\nX-Empty=\nContent-Length=5\n\nhello\n--keep\nend"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nabPOST / HTTP/1.1\r\nHost: "
     "h\r\nContent-Length: 2\r\n\r\n"
     "cdGET /e HTTP/1.1\r\nHost: h\r\n\r\n",
     "POST /\nHost=h\nContent-Length=2\n\nab\n--keep\nPOST "
     "/\nHost=h\nContent-Length=2\n\ncd\n--keep\n"
     "GET /e\nHost=h\n\n\n--keep\nend"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
     "chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n"
     "0\r\nTrailer: t\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
     "POST /\nHost=h\nTransfer-Encoding=chunked\n\nabc0123456789\n--keep\nGET "
     "/\nHost=h\n\n\n--keep\nend"},
    {"POST / HTTP/1.1\r\nHost: h\r\ntransfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n",
     "POST /\nHost=h\ntransfer-encoding=CHUNKED\n\n\n--keep\nend"},
    {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
     "GET /\nHost=h\nConnection=close\n\n\n--close\n"},
    {"GET / HTTP/1.0\r\n\r\n", "GET /\n\n\n--close\n"},
    {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
     "GET /\nConnection=keep-alive\n\n\n--keep\nend"},
    {"DELETE /x HTTP/1.1\r\nHost: h\r\n\r\n", "DELETE /x\nHost=h\n\n\n--keep\nend"},
    {"\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET /\nHost=h\n\n\n--keep\nend"},
    /* Absolute form. */
    {"GET http://host:8000/a?b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a?b\nHost=h\n\n\n--keep\nend"},
    {"GET HTTPS://host HTTP/1.1\r\nHost: h\r\n\r\n", "GET /\nHost=h\n\n\n--keep\nend"},
    {"GET http://host?b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /?b\nHost=h\n\n\n--keep\nend"},
    /* An upgrade is not followed: the request is an ordinary one. */
    {"POST / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
     "Content-Length: 2\r\n\r\nabGET / HTTP/1.1\r\nHost: h\r\n\r\n",
     "POST /\nHost=h\nConnection=Upgrade, "
     "HTTP2-Settings\nUpgrade=h2c\nContent-Length=2\n\nab\n--keep\n"
     "GET /\nHost=h\n\n\n--keep\nend"},
};

static const struct parse_case refused[] = {
    {"hello\r\n\r\n", "refused 400"},
    {"GET / HTTP/2.0\r\n\r\n", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
     "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
     "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5, 5\r\n\r\nhello", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +5\r\n\r\nhello", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -5\r\n\r\nhello", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x5\r\n\r\nhello", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\nhello", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: "
     "chunked\r\n\r\n0\r\n\r\n",
     "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: "
     "5\r\n\r\n0\r\n\r\n",
     "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
     "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
     "chunked\r\n\r\n"
     "0\r\n\r\n",
     "refused 400"},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 16777217\r\n\r\n", "refused 413"},
    {"GET / HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n\r\n", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 5\r\n\r\nhello", "refused 400"},
    {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: h\r\nhost: h\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.0\r\nHost: h\r\nHost: i\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", "refused 400"},
    {"GET / HTTP/1.1\r\nHost: h\r\nX: a\x01"
     "b\r\n\r\n",
     "refused 400"},
};

static void expect_parse(const struct parse_case *expected, size_t piece)
{
    struct buf out;
    buf_init(&out, NULL, ARENA_BYTES);
    parse_all(slice_of_cstring(expected->input), piece, &out);
    buf_append_byte(&out, 0);
    assert_string_equal((const char *)out.data, expected->expected);
    buf_fini(&out);
}

static void good_requests_come_out_however_they_are_torn(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        for (size_t piece = 1; piece <= strlen(good[i].input); piece++)
            expect_parse(&good[i], piece);
    }
}

static void bad_requests_are_refused_however_they_are_torn(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        for (size_t piece = 1; piece <= strlen(refused[i].input); piece++)
            expect_parse(&refused[i], piece);
    }
}

/* One byte in the middle of a name or a value; is such a request taken? */
static bool takes_with(struct slice before, size_t place, uint8_t byte, size_t size)
{
    struct buf input;
    struct buf out;
    buf_init(&input, NULL, ARENA_BYTES);
    buf_init(&out, NULL, ARENA_BYTES);
    buf_append(&input, before);
    for (size_t i = 0; i < size; i++)
        buf_append_byte(&input, i == place ? byte : 'a');
    buf_append(&input, before.data[before.size - 1] == ' ' ? SLICE("") : SLICE(": a"));
    buf_append(&input, SLICE("\r\n\r\n"));
    parse_all(buf_slice(&input), input.size, &out);
    bool taken = out.size > 3 && memcmp(out.data + out.size - 3, "end", 3) == 0;
    buf_fini(&input);
    buf_fini(&out);
    return taken;
}

static void every_byte_is_judged_at_every_place(void **state)
{
    (void)state;
    static const char marks[] = "!#$%&'*+-.^_`|~";
    for (size_t place = 1; place < 40; place++) {
        for (unsigned byte = 1; byte < 128; byte++) {
            bool is_letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
            bool is_token =
                is_letter || (byte >= '0' && byte <= '9') || strchr(marks, (int)byte) != NULL;
            bool is_text = byte >= 0x20 ? byte != 0x7f : byte == '\t';
            if (byte == '\r' || byte == '\n')
                continue;
            assert_int_equal(is_text, takes_with(SLICE("GET / HTTP/1.1\r\nHost: h\r\nX: "), place,
                                                 (uint8_t)byte, 41));
            if (byte != ':')
                assert_int_equal(is_token, takes_with(SLICE("GET / HTTP/1.1\r\nHost: h\r\nX"),
                                                      place, (uint8_t)byte, 41));
        }
    }
}

static void a_request_that_stops_early_is_not_complete(void **state)
{
    (void)state;
    struct slice whole = SLICE("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
    for (size_t size = 1; size < whole.size; size++) {
        struct buf out;
        buf_init(&out, NULL, ARENA_BYTES);
        parse_all(slice_of(whole.data, size), size, &out);
        assert_true(slice_equal(buf_slice(&out), SLICE("more")));
        buf_fini(&out);
    }
}

/* A request whose line and header block are exactly `size` bytes long. */
static void header_block_of(size_t size, struct buf *out)
{
    buf_append(out, SLICE("GET / HTTP/1.1\r\nHost: h\r\nX: "));
    while (out->size < size - 4)
        buf_append_byte(out, 'a');
    buf_append(out, SLICE("\r\n\r\n"));
    assert_int_equal(out->size, size);
}

static enum http_parse_status parse_one(struct slice bytes, size_t piece, int *ret_status,
                                        size_t *ret_body_size)
{
    struct http_request_parser *parser = http_request_parser_open();
    struct arena arena;
    struct http_request request;
    arena_init(&arena, ARENA_BYTES);
    http_request_parser_begin(parser, &arena, &request);
    enum http_parse_status status = feed(parser, &bytes, piece);
    *ret_status = http_request_parser_refusal_status(parser);
    *ret_body_size = request.body.size;
    arena_fini(&arena);
    http_request_parser_close(parser);
    return status;
}

static void the_header_block_has_a_limit(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 1000, SIZE_MAX};
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        struct buf block;
        int status;
        size_t body_size;
        buf_init(&block, NULL, ARENA_BYTES);
        header_block_of(HTTP_HEADER_BYTES_MAX, &block);
        assert_int_equal(parse_one(buf_slice(&block), pieces[i], &status, &body_size),
                         HTTP_PARSE_REQUEST);
        buf_clear(&block);
        header_block_of(HTTP_HEADER_BYTES_MAX + 1, &block);
        assert_int_equal(parse_one(buf_slice(&block), pieces[i], &status, &body_size),
                         HTTP_PARSE_REFUSED);
        assert_int_equal(status, 400);
        buf_fini(&block);
    }
}

static void header_lines_are_counted(void **state)
{
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        struct buf block;
        int status;
        size_t body_size;
        buf_init(&block, NULL, ARENA_BYTES);
        buf_append(&block, SLICE("GET / HTTP/1.1\r\nHost: h\r\n"));
        for (int i = 1; i < HTTP_HEADERS_MAX + extra; i++)
            buf_append_format(&block, "h%d: v\r\n", i);
        buf_append(&block, SLICE("\r\n"));
        enum http_parse_status parsed = parse_one(buf_slice(&block), SIZE_MAX, &status, &body_size);
        assert_int_equal(parsed, extra == 0 ? HTTP_PARSE_REQUEST : HTTP_PARSE_REFUSED);
        buf_fini(&block);
    }
}

static void the_body_has_a_limit_with_and_without_a_length(void **state)
{
    (void)state;
    enum { CHUNK = 1024 * 1024 };
    for (size_t extra = 0; extra <= 1; extra++) {
        struct buf input;
        int status;
        size_t body_size;
        buf_init(&input, NULL, ARENA_BYTES);
        buf_append(&input,
                   SLICE("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
        for (size_t size = 0; size < HTTP_BODY_BYTES_MAX; size += CHUNK) {
            buf_append_format(&input, "%x\r\n", CHUNK);
            uint8_t *room = buf_extend(&input, CHUNK);
            assert_non_null(room);
            memset(room, 'b', CHUNK);
            buf_append(&input, SLICE("\r\n"));
        }
        buf_append(&input, extra > 0 ? SLICE("1\r\nb\r\n0\r\n\r\n") : SLICE("0\r\n\r\n"));
        enum http_parse_status parsed = parse_one(buf_slice(&input), 65536, &status, &body_size);
        assert_int_equal(parsed, extra > 0 ? HTTP_PARSE_REFUSED : HTTP_PARSE_REQUEST);
        if (extra > 0)
            assert_int_equal(status, 413);
        else
            assert_int_equal(body_size, HTTP_BODY_BYTES_MAX);
        buf_fini(&input);
    }
}

static void trailers_have_a_limit(void **state)
{
    (void)state;
    struct buf input;
    int status;
    size_t body_size;
    buf_init(&input, NULL, ARENA_BYTES);
    buf_append(&input,
               SLICE("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"));
    for (int i = 0; i < 2000; i++)
        buf_append_format(&input, "trailer%d: value\r\n", i);
    buf_append(&input, SLICE("\r\n"));
    assert_int_equal(parse_one(buf_slice(&input), 4096, &status, &body_size), HTTP_PARSE_REFUSED);
    assert_int_equal(status, 400);
    buf_fini(&input);
}

/* Feeds the head and says whether the client waits for a 100. */
static bool expects(const char *head)
{
    struct http_request_parser *parser = http_request_parser_open();
    struct arena arena;
    struct http_request request;
    struct slice bytes = slice_of_cstring(head);
    arena_init(&arena, ARENA_BYTES);
    http_request_parser_begin(parser, &arena, &request);
    enum http_parse_status status = http_request_parser_feed(parser, &bytes);
    bool result = http_request_parser_take_expectation(parser);
    assert_false(http_request_parser_take_expectation(parser));
    assert_true(status != HTTP_PARSE_REFUSED);
    arena_fini(&arena);
    http_request_parser_close(parser);
    return result;
}

static void an_expectation_is_seen_once_and_only_where_a_client_waits(void **state)
{
    (void)state;
    assert_true(
        expects("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n"));
    assert_true(expects("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: "
                        "chunked\r\n\r\n"));
    assert_false(expects(
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\na"));
    assert_false(
        expects("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n"));
    assert_false(expects("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
    assert_false(expects("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n"));
}

/* Feeds a request with a body of body_bytes; returns the status of its refusal, 0 when it is taken.
 */
static int feed_body(struct arena *arena, size_t body_bytes)
{
    struct http_request_parser *parser = http_request_parser_open();
    struct http_request request;
    struct buf input;
    buf_init(&input, NULL, ARENA_BYTES);
    buf_append_format(&input, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n",
                      body_bytes);
    uint8_t *body = buf_extend(&input, body_bytes);
    assert_non_null(body);
    memset(body, 'b', body_bytes);
    http_request_parser_begin(parser, arena, &request);
    struct slice bytes = buf_slice(&input);
    enum http_parse_status status = feed(parser, &bytes, 65536);
    assert_int_not_equal(status, HTTP_PARSE_MORE);
    int refusal = http_request_parser_refusal_status(parser);
    if (refusal == 0)
        assert_int_equal(request.body.size, body_bytes);
    buf_fini(&input);
    http_request_parser_close(parser);
    return refusal;
}

static void exhausted_memory_is_a_refusal(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64 * 1024);
    assert_int_equal(feed_body(&arena, 1000000), 503);
    arena_fini(&arena);
}

static void large_bodies_are_refused_while_the_budget_is_crowded(void **state)
{
    (void)state;
    struct arena_budget budget = {.limit_bytes = 8 * 1024 * 1024};
    struct arena other;
    struct arena arena;
    arena_init(&other, ARENA_BYTES);
    arena_set_budget(&other, &budget);
    arena_init(&arena, ARENA_BYTES);
    arena_set_budget(&arena, &budget);
    assert_int_equal(feed_body(&arena, 1000000), 0);
    arena_reset(&arena);
    assert_non_null(arena_alloc(&other, 1));
    assert_non_null(arena_alloc(&other, 5 * 1024 * 1024));
    assert_int_equal(feed_body(&arena, 1000000), 503);
    arena_reset(&arena);
    assert_int_equal(feed_body(&arena, 8000), 0);
    arena_fini(&arena);
    arena_fini(&other);
}

/* Of a body that is announced and does not come no memory is held. */
static void an_announced_body_takes_no_memory_before_it_comes(void **state)
{
    (void)state;
    struct http_request_parser *parser = http_request_parser_open();
    struct arena arena;
    struct http_request request;
    struct slice bytes =
        SLICE("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 16777216\r\n\r\nbegun");
    arena_init(&arena, ARENA_BYTES);
    http_request_parser_begin(parser, &arena, &request);
    assert_int_equal(http_request_parser_feed(parser, &bytes), HTTP_PARSE_MORE);
    assert_in_range(arena.allocated_bytes, 1, 32 * 1024);
    arena_fini(&arena);
    http_request_parser_close(parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_requests_come_out_however_they_are_torn),
        cmocka_unit_test(bad_requests_are_refused_however_they_are_torn),
        cmocka_unit_test(every_byte_is_judged_at_every_place),
        cmocka_unit_test(a_request_that_stops_early_is_not_complete),
        cmocka_unit_test(the_header_block_has_a_limit),
        cmocka_unit_test(header_lines_are_counted),
        cmocka_unit_test(the_body_has_a_limit_with_and_without_a_length),
        cmocka_unit_test(trailers_have_a_limit),
        cmocka_unit_test(an_expectation_is_seen_once_and_only_where_a_client_waits),
        cmocka_unit_test(exhausted_memory_is_a_refusal),
        cmocka_unit_test(large_bodies_are_refused_while_the_budget_is_crowded),
        cmocka_unit_test(an_announced_body_takes_no_memory_before_it_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
