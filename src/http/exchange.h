#ifndef HASHRANGE_HTTP_EXCHANGE_H
#define HASHRANGE_HTTP_EXCHANGE_H

/*
 * One HTTP request and its response, without sockets. net/ makes exchanges from connections; the
 * library, tests and fuzzers make them from memory; api/ answers them.
 *
 * Life: the maker fills `request` and calls the handler on the exchange's home thread (or, when the
 * handler said is_long, on a worker). The handler either fills `response` or starts something that
 * will, and calls http_exchange_finish exactly once, from any thread. If `build` is set the maker
 * then calls it on the home thread before sending: encoding stays off the committing thread.
 *
 * What turns out to be long only when it has begun goes on elsewhere: the handler calls go_on, once
 * and on the home thread, and returns; the function it names then runs on a worker.
 */

#include "base/arena.h"
#include "base/slice.h"

enum {
    HTTP_HEADERS_MAX = 100,
    /* Of one exchange's arena: a body of 16 MB, the same decoded, what is decoded from that, and
       the response. 16 MB of items can be nine times as long in JSON: lists of empty strings. */
    HTTP_EXCHANGE_BYTES_MAX = 256 * 1024 * 1024,
};

struct http_header {
    struct slice name; /* as sent; compare with http_name_equal */
    struct slice value;
};

struct http_request {
    struct slice method;
    struct slice target; /* path and query */
    const struct http_header *headers;
    size_t header_count;
    struct slice body;   /* de-chunked; still content-encoded */
    bool secure;         /* came over TLS */
    int64_t received_ns; /* monotonic: when its last byte was there; 0: unknown */
    /* Where it came from: "127.0.0.1", "::1"; absent when it came over no network. Lives as long as
     * the exchange. */
    struct slice peer_address;
};

struct http_response {
    int status;
    struct http_header
        *headers; /* without Content-Length, Connection, Date: the maker adds those */
    size_t header_count;
    struct slice body;
};

struct http_exchange {
    struct http_request request;
    struct http_response response;
    struct arena arena; /* of this exchange; freed after the response is sent */
    void (*build)(struct http_exchange *exchange); /* may be NULL */
    void *handler_state;
    void (*finished)(struct http_exchange *exchange); /* the maker's; see http_exchange_finish */
    /* The maker's; NULL: this thread is one for long work, or there is none. */
    void (*go_on)(struct http_exchange *exchange, void (*work)(struct http_exchange *exchange));
};

struct http_handler {
    void (*handle)(void *context, struct http_exchange *exchange);
    /* May this one keep a thread busy for long? Looks at headers only. */
    bool (*is_long)(void *context, const struct http_request *request);
    void *context;
};

static inline void http_exchange_finish(struct http_exchange *exchange)
{
    exchange->finished(exchange);
}

/* For http_name_equal: of two names of one size. */
bool http_letters_equal(struct slice left, struct slice right);
/* ASCII case-insensitive. Most names that are compared differ in size. */
static inline bool http_name_equal(struct slice left, struct slice right)
{
    return left.size == right.size && http_letters_equal(left, right);
}
/* The first header of that name; SLICE_ABSENT when there is none. */
struct slice http_request_header(const struct http_request *request, struct slice name);
/* Content-Type without the parameters that follow it ("application/json; charset=utf-8"). */
struct slice http_request_media_type(const struct http_request *request);
/* Appends to response->headers (arena); false when exhausted. */
MUST_USE bool http_response_add_header(struct http_exchange *exchange, struct slice name,
                                       struct slice value);

#endif
