#ifndef HASHRANGE_SERVER_OPEN_H
#define HASHRANGE_SERVER_OPEN_H

/* Everything the program consists of, from the bottom up: opened in one order, closed in the other.
 * On the main thread. */

#include "api/api.h"
#include "jobs/jobs.h"
#include "net/server.h"
#include "ops/throttle.h"
#include "server/admin.h"
#include "server/config.h"
#include "server/identities.h"
#include "server/request_log.h"

struct parts {
    struct config config; /* read before the rest is opened */
    struct arena arena;
    struct net_tls *tls; /* NULL: none */
    struct store *store;
    struct db *db;
    struct jobs *jobs;
    struct identities identities;
    struct auth_audit *audit; /* NULL: none */
    struct op_throttle *throttle;
    struct op_environment environment;
    struct api api;
    struct request_log request_log;
    struct metrics *metrics; /* NULL: nobody asks for them */
    struct net_server *net;
    struct admin *admin; /* NULL: none */
    char endpoint[32];
};

/* What is told about the end: see struct net_options. */
struct parts_stop {
    void (*stopped)(void *context);
    void *context;
};

/* Serves when it returns. After an error some of it may be open: close. */
MUST_USE const struct error *parts_open(struct parts *parts, const struct parts_stop *stop);
/* Waits for requests under way. Accepts parts of which nothing is open. */
void parts_close(struct parts *parts);

#endif
