#ifndef HASHRANGE_HTTP_RESPONSE_HEAD_H
#define HASHRANGE_HTTP_RESPONSE_HEAD_H

/* Status line and header block of a response, as the bytes to send. */

#include "http/exchange.h"

struct http_head_options {
    struct slice date; /* IMF-fixdate of RFC 9110 5.6.7; absent: no Date header */
    bool close;        /* this response is the connection's last */
    bool say_keep;     /* HTTP/1.0: a kept connection must be announced */
};

/* Written into the exchange's arena in one piece, empty line included; false when exhausted.
 * Content-Length is the body's size, also for HEAD, whose body is not sent. */
MUST_USE bool http_response_head(struct http_exchange *exchange,
                                 const struct http_head_options *options, struct slice *ret_head);

/* The reason phrase, "" for a status that has none here. */
const char *http_status_reason(int status);

enum { HTTP_DATE_BYTES = 29 };
/* The date of a moment, seconds since 1970. */
void http_date_format(int64_t epoch_s, char ret_date[HTTP_DATE_BYTES + 1]);

#endif
