#ifndef HASHRANGE_HTTP_REQUEST_PARSER_H
#define HASHRANGE_HTTP_REQUEST_PARSER_H

/*
 * The bytes of one connection, in pieces of any size, become HTTP/1.x requests one after another
 * (RFC 9112). Knows no sockets. The grammar is the library's (llhttp or http_parser); what decides
 * where a request ends is checked here once more, so that no two readers of one byte stream can
 * disagree about it:
 *   Content-Length and Transfer-Encoding together, two Content-Length, a Content-Length that is
 *   not just digits, any Transfer-Encoding but `chunked`, a header name that is not a token, no
 *   Host or two: 400.
 *
 *     http_request_parser_begin(parser, &exchange->arena, &exchange->request);
 *     while (http_request_parser_feed(parser, &bytes) == HTTP_PARSE_MORE) ...get more bytes...
 *
 * After HTTP_PARSE_REQUEST the rest of the bytes belongs to the next request: begin again, unless
 * http_request_parser_keep_alive is false. After HTTP_PARSE_REFUSED the connection is of no more
 * use: answer http_request_parser_refusal_status and close.
 *
 * Memory: what is being read of a header block (at most HTTP_HEADER_BYTES_MAX) lies in the parser;
 * a finished block and the body lie in the arena given, as does everything the request points to.
 * An Upgrade wish is not followed: the request is answered as HTTP/1.1, as RFC 9110 7.8 allows.
 *
 * Threads: one at a time.
 */

#include "http/exchange.h"

enum {
    HTTP_HEADER_BYTES_MAX = 16 * 1024, /* request line and header block; observed: 400 beyond it */
    HTTP_TRAILER_BYTES_MAX = 16 * 1024,
    HTTP_BODY_BYTES_MAX = 16 * 1024 * 1024, /* as sent; observed: 413 beyond it */
};

enum http_parse_status {
    HTTP_PARSE_MORE,    /* all bytes taken, the request goes on */
    HTTP_PARSE_REQUEST, /* the request is complete */
    HTTP_PARSE_REFUSED, /* it never will be */
};

enum http_parse_phase {
    HTTP_PHASE_NOTHING, /* no byte of the request yet */
    HTTP_PHASE_HEADER,
    HTTP_PHASE_BODY,
};

struct http_request_parser;

/* NULL when memory is exhausted. */
struct http_request_parser *http_request_parser_open(void);
/* Accepts NULL. */
void http_request_parser_close(struct http_request_parser *parser);

/* Before the first byte of every request. The request is filled step by step; whole after
 * HTTP_PARSE_REQUEST, and with method and target (absent, as far as not read) after
 * HTTP_PARSE_REFUSED. */
void http_request_parser_begin(struct http_request_parser *parser, struct arena *arena,
                               struct http_request *request);
/* Takes bytes from the front of *bytes. */
MUST_USE enum http_parse_status http_request_parser_feed(struct http_request_parser *parser,
                                                         struct slice *bytes);

enum http_parse_phase http_request_parser_phase(const struct http_request_parser *parser);
/* True once per request: the header block has ended with `Expect: 100-continue` and none of the
 * body has come: the client waits for a 100. */
MUST_USE bool http_request_parser_take_expectation(struct http_request_parser *parser);

/* After HTTP_PARSE_REQUEST: may another request follow? */
bool http_request_parser_keep_alive(const struct http_request_parser *parser);
/* Is it HTTP/1.0, where keeping the connection must be said? */
bool http_request_parser_is_1_0(const struct http_request_parser *parser);
/* After HTTP_PARSE_REFUSED: 400, 413, or 503 when memory is exhausted, or when the body is large
 * and the arena's budget crowded. */
int http_request_parser_refusal_status(const struct http_request_parser *parser);

#endif
