#include "http/response_head.h"

#include <stdio.h>
#include <time.h>

#include "base/check.h"

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Payload Too Large"},
    {415, "Unsupported Media Type"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

const char *http_status_reason(int status)
{
    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "";
}

static uint8_t *put(uint8_t *at, struct slice bytes)
{
    if (bytes.size > 0)
        memcpy(at, bytes.data, bytes.size);
    return at + bytes.size;
}

static uint8_t *put_header(uint8_t *at, struct slice name, struct slice value)
{
    at = put(at, name);
    at = put(at, SLICE(": "));
    at = put(at, value);
    return put(at, SLICE("\r\n"));
}

/* Decimal digits of value at the end of `digits`. */
static struct slice decimal(size_t value, uint8_t digits[20])
{
    uint8_t *at = digits + 20;
    do {
        *--at = (uint8_t)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return slice_of(at, (size_t)(digits + 20 - at));
}

bool http_response_head(struct http_exchange *exchange, const struct http_head_options *options,
                        struct slice *ret_head)
{
    const struct http_response *response = &exchange->response;
    CHECK(response->status >= 100 && response->status <= 999);
    struct slice reason = slice_of_cstring(http_status_reason(response->status));
    /* Everything below that is not counted by its own size fits into this many bytes. */
    enum { FIXED_BYTES = 160 };
    size_t size = FIXED_BYTES + reason.size + options->date.size;
    for (size_t i = 0; i < response->header_count; i++)
        size += response->headers[i].name.size + response->headers[i].value.size + 4;
    uint8_t *head = arena_alloc_bytes(&exchange->arena, size);
    if (head == NULL)
        return false;

    uint8_t digits[20];
    uint8_t *at = put(head, SLICE("HTTP/1.1 "));
    at = put(at, decimal((size_t)response->status, digits));
    *at++ = ' ';
    at = put(at, reason);
    at = put(at, SLICE("\r\n"));
    for (size_t i = 0; i < response->header_count; i++)
        at = put_header(at, response->headers[i].name, response->headers[i].value);
    at = put_header(at, SLICE("Content-Length"), decimal(response->body.size, digits));
    if (slice_present(options->date))
        at = put_header(at, SLICE("Date"), options->date);
    if (options->close)
        at = put_header(at, SLICE("Connection"), SLICE("close"));
    else if (options->say_keep)
        at = put_header(at, SLICE("Connection"), SLICE("keep-alive"));
    at = put(at, SLICE("\r\n"));
    CHECK(at <= head + size);
    *ret_head = slice_of(head, (size_t)(at - head));
    return true;
}

void http_date_format(int64_t epoch_s, char ret_date[HTTP_DATE_BYTES + 1])
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)epoch_s;
    struct tm moment;
    CHECK(gmtime_r(&seconds, &moment) != NULL);
    char text[64];
    int size = snprintf(text, sizeof(text), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                        days[moment.tm_wday], moment.tm_mday, months[moment.tm_mon],
                        moment.tm_year + 1900, moment.tm_hour, moment.tm_min, moment.tm_sec);
    CHECK(size == HTTP_DATE_BYTES);
    memcpy(ret_date, text, HTTP_DATE_BYTES + 1);
}
