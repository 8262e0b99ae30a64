#include "http/exchange.h"

#include "base/check.h"

enum { FIRST_HEADERS = 8 };

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

bool http_letters_equal(struct slice left, struct slice right)
{
    for (size_t i = 0; i < left.size; i++) {
        if (left.data[i] != right.data[i] && lower(left.data[i]) != lower(right.data[i]))
            return false;
    }
    return true;
}

struct slice http_request_header(const struct http_request *request, struct slice name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (http_name_equal(request->headers[i].name, name))
            return request->headers[i].value;
    }
    return SLICE_ABSENT;
}

struct slice http_request_media_type(const struct http_request *request)
{
    struct slice type = http_request_header(request, SLICE("Content-Type"));
    for (size_t i = 0; i < type.size; i++) {
        if (type.data[i] == ';')
            type.size = i;
    }
    while (type.size > 0 && (type.data[type.size - 1] == ' ' || type.data[type.size - 1] == '\t'))
        type.size--;
    return type;
}

bool http_response_add_header(struct http_exchange *exchange, struct slice name, struct slice value)
{
    struct http_response *response = &exchange->response;
    CHECK(response->header_count < HTTP_HEADERS_MAX);
    /* Room comes in powers of two from FIRST_HEADERS on, so the count alone tells when it is full.
     */
    size_t count = response->header_count;
    bool full = count == 0 || (count >= FIRST_HEADERS && (count & (count - 1)) == 0);
    if (full) {
        size_t room = count == 0 ? FIRST_HEADERS : count * 2;
        struct http_header *headers = ARENA_NEW_ARRAY(&exchange->arena, struct http_header, room);
        if (headers == NULL)
            return false;
        if (count > 0)
            memcpy(headers, response->headers, count * sizeof(*headers));
        response->headers = headers;
    }
    response->headers[response->header_count++] = (struct http_header){name, value};
    return true;
}
