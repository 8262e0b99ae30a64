#ifndef HASHRANGE_SERVER_REQUEST_LOG_H
#define HASHRANGE_SERVER_REQUEST_LOG_H

/* Requests that took long, each with where the time went. */

#include <stdatomic.h>

#include "api/api.h"

enum { REQUEST_LOG_LINES_PER_SECOND = 20 };

/* Zeroed at first. */
struct request_log {
    _Atomic int64_t second;
    _Atomic unsigned lines;    /* in that second */
    _Atomic unsigned left_out; /* since the last line */
};

/* Logs the event as a warning when it took at least so long. When very many do, some are only
 * counted: a log that is too busy would make the others slow as well. */
void request_log_slow(struct request_log *log, const struct api_event *event, int64_t slow_ms);

#endif
