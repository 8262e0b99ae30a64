/* fuzz: hr_http */
/* about: http/content_coding.c http/request_parser.c */

/*
 * The request parser and the content codings on any bytes. The first byte chooses in what pieces
 * the rest is fed. What must hold: nothing is read or written out of bounds, a finished request
 * keeps to the limits, and the same bytes give the same requests whatever the pieces are.
 */

#include "base/buf.h"
#include "base/check.h"
#include "http/content_coding.h"
#include "http/request_parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 64 * 1024 * 1024, TEXT_BYTES = 64 * 1024 * 1024, DECODED_BYTES = 1024 * 1024 };

static void check_request(const struct http_request *request, struct arena *arena)
{
    CHECK(request->method.size > 0);
    CHECK(request->header_count <= HTTP_HEADERS_MAX);
    CHECK(request->body.size <= HTTP_BODY_BYTES_MAX);
    struct slice coding = http_request_header(request, SLICE("Content-Encoding"));
    struct slice decoded;
    if (http_content_decode(arena, coding, request->body, DECODED_BYTES, &decoded) ==
            HTTP_DECODED &&
        coding.size > 0 && decoded.data != request->body.data)
        CHECK(decoded.size <= DECODED_BYTES);
    (void)http_accepts_gzip(http_request_header(request, SLICE("Accept-Encoding")));
}

static void describe(const struct http_request *request, struct buf *out)
{
    buf_append(out, request->method);
    buf_append(out, request->target);
    for (size_t i = 0; i < request->header_count; i++) {
        buf_append(out, request->headers[i].name);
        buf_append_byte(out, '=');
        buf_append(out, request->headers[i].value);
    }
    buf_append(out, request->body);
    buf_append_byte(out, '\n');
}

static enum http_parse_status feed(struct http_request_parser *parser, struct slice *bytes,
                                   size_t piece)
{
    enum http_parse_status status = HTTP_PARSE_MORE;
    while (status == HTTP_PARSE_MORE && bytes->size > 0) {
        struct slice at = *bytes;
        if (at.size > piece)
            at.size = piece;
        size_t given = at.size;
        status = http_request_parser_feed(parser, &at);
        CHECK(at.size <= given && (status != HTTP_PARSE_MORE || at.size == 0));
        *bytes = slice_after(*bytes, given - at.size);
        bool expects = http_request_parser_take_expectation(parser);
        CHECK(!expects || status == HTTP_PARSE_MORE);
    }
    return status;
}

static void parse_all(struct slice bytes, size_t piece, struct buf *out)
{
    struct http_request_parser *parser = http_request_parser_open();
    struct arena arena;
    CHECK(parser != NULL);
    arena_init(&arena, ARENA_BYTES);
    for (bool again = true; again;) {
        struct http_request request;
        arena_reset(&arena);
        http_request_parser_begin(parser, &arena, &request);
        enum http_parse_status status = feed(parser, &bytes, piece);
        again = status == HTTP_PARSE_REQUEST && http_request_parser_keep_alive(parser);
        if (status == HTTP_PARSE_REQUEST) {
            describe(&request, out);
            check_request(&request, &arena);
        } else if (status == HTTP_PARSE_REFUSED) {
            int refusal = http_request_parser_refusal_status(parser);
            CHECK(refusal == 400 || refusal == 413 || refusal == 503);
            buf_append_format(out, "refused %d", refusal);
        }
    }
    arena_fini(&arena);
    http_request_parser_close(parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct slice bytes = slice_of(data + 1, size - 1);
    struct buf whole;
    struct buf torn;
    buf_init(&whole, NULL, TEXT_BYTES);
    buf_init(&torn, NULL, TEXT_BYTES);
    parse_all(bytes, SIZE_MAX, &whole);
    parse_all(bytes, (size_t)data[0] + 1, &torn);
    CHECK(slice_equal(buf_slice(&whole), buf_slice(&torn)));
    buf_fini(&whole);
    buf_fini(&torn);
    return 0;
}
