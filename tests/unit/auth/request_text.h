#ifndef HASHRANGE_TESTS_AUTH_REQUEST_TEXT_H
#define HASHRANGE_TESTS_AUTH_REQUEST_TEXT_H

/* Requests as text: "METHOD target", "name:value" lines, an empty line, the body. Nothing is
 * trimmed or refused, so that anything can be said. */

#include "base/check.h"
#include "http/exchange.h"

struct request_text {
    struct http_request request; /* its slices lie in the text */
    struct http_header headers[HTTP_HEADERS_MAX];
};

/* What stands before the separator, or all; both are taken from *at. */
static inline struct slice text_take(struct slice *at, char separator)
{
    const uint8_t *end = at->size == 0 ? NULL : memchr(at->data, separator, at->size);
    size_t size = end == NULL ? at->size : (size_t)(end - at->data);
    struct slice part = slice_of(at->data, size);
    *at = slice_after(*at, end == NULL ? size : size + 1);
    return part;
}

static inline void request_text_read(struct slice text, struct request_text *ret_request)
{
    struct slice line = text_take(&text, '\n');
    struct http_request *request = &ret_request->request;
    *request = (struct http_request){.headers = ret_request->headers};
    request->method = text_take(&line, ' ');
    request->target = line;
    while (text.size > 0) {
        line = text_take(&text, '\n');
        if (line.size == 0)
            break;
        if (request->header_count == HTTP_HEADERS_MAX)
            continue;
        struct http_header *header = &ret_request->headers[request->header_count++];
        header->name = text_take(&line, ':');
        header->value = line;
    }
    request->body = text;
}

#endif
