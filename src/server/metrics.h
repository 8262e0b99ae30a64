#ifndef HASHRANGE_SERVER_METRICS_H
#define HASHRANGE_SERVER_METRICS_H

/*
 * How many requests there were, how they ended and how long they took: for each operation on each
 * table, counted as they are answered, told as a page in the text format of Prometheus.
 *
 * Threads: metrics_count by many at once, each mostly on a part of its own.
 */

#include "api/api.h"

struct metrics;

/* NULL when memory is exhausted. */
MUST_USE struct metrics *metrics_open(void);
/* Accepts NULL. */
void metrics_close(struct metrics *metrics);

void metrics_count(struct metrics *metrics, const struct api_event *event);

/* Appends hashrange_requests_total, _errors_total, _request_seconds (a histogram),
 * _request_bytes_total and _response_bytes_total. Look at out->failed. */
void metrics_write(struct metrics *metrics, struct buf *out);

/* One figure with its head, for whoever has more to tell. type: "gauge" or "counter". */
void metrics_write_one(struct buf *out, const char *name, const char *type, const char *help,
                       double value);

#endif
