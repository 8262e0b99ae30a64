#ifndef HASHRANGE_SERVER_ADMIN_H
#define HASHRANGE_SERVER_ADMIN_H

/*
 * The port for those who run the server, on the loopback addresses alone:
 *
 *   /metrics   figures in the text format of Prometheus
 *   /healthz   200 while the program runs
 *   /readyz    200 while it can read and write; 503 and the reason while it cannot, also while it
 *              stops and lets requests under way end
 *
 * It serves nothing of the data, and asks for no signature.
 */

#include "db/catalog.h"
#include "net/server.h"
#include "server/metrics.h"

struct admin_options {
    uint16_t port; /* 0: a free one */
    struct metrics *metrics;
    struct db *db;
    const struct net_server *net; /* of the API */
    int64_t started_ms;
};

struct admin;

/* Serves when it returns. What the options point to outlives it. */
MUST_USE const struct error *admin_open(struct arena *arena, const struct admin_options *options,
                                        struct admin **ret_admin);
uint16_t admin_port(const struct admin *admin);
/* Waits until its last connection is gone. Accepts NULL. */
void admin_close(struct admin *admin);

#endif
