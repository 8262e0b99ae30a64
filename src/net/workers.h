#ifndef HASHRANGE_NET_WORKERS_H
#define HASHRANGE_NET_WORKERS_H

/* A fixed number of threads for requests that may take long, first come first served. The queue is
 * bounded by the number of connections: each has at most one request. */

#include "base/attributes.h"
#include "http/exchange.h"

struct net_exchange;
struct net_workers;

/* handler is copied. NULL when a thread or memory cannot be had. */
MUST_USE struct net_workers *net_workers_open(unsigned count, const struct http_handler *handler);
/* Any thread: handle will be called on a worker. */
void net_workers_submit(struct net_workers *workers, struct net_exchange *exchange);
/* Nothing may be submitted any more; waits until what was is done. Accepts NULL. */
void net_workers_close(struct net_workers *workers);

#endif
