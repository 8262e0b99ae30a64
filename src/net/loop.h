#ifndef HASHRANGE_NET_LOOP_H
#define HASHRANGE_NET_LOOP_H

/*
 * One event loop: its thread, listeners, connections and spare exchanges. Private to net/.
 * All of it belongs to its own thread, but what `lock` guards.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

#include "http/request_parser.h"
#include "http/response_head.h"
#include "net/server.h"
#include "net/workers.h"

struct net_connection;

/* What all loops of a server share. */
struct net_shared {
    struct net_options options;
    struct net_workers *workers;
    struct arena_budget budget; /* limits.memory_bytes_max */
    atomic_size_t connections;
    atomic_uint loops_running;
};

enum net_stage {
    NET_HANDLING, /* handle has not returned yet */
    NET_DETACHED, /* handle has returned or runs on a worker: whoever finishes must post */
    NET_FINISHED,
};

/* A request being received, worked on or answered. Reused: its arena keeps its first block. A
 * connection has one only from a request's first byte on: an idle connection is small. */
struct net_exchange {
    struct http_exchange http; /* first: one is found from the other */
    struct http_request_parser *parser;
    struct net_loop *loop;
    struct net_connection *connection;
    atomic_int stage;                             /* enum net_stage */
    void (*work)(struct http_exchange *exchange); /* for a worker; NULL: the handler */
    struct net_exchange *next; /* in the list it is in: spare, waiting for a worker, finished */
};

enum { NET_INPUT_BYTES = 64 * 1024, NET_LISTENERS_MAX = 2 * NET_ADDRESSES_MAX };

struct net_listener {
    uv_tcp_t tcp;
    struct net_tls *tls; /* NULL: plain */
};

/* A bound socket that is to become a listener. */
struct net_socket {
    int fd;
    struct net_tls *tls;
};

struct net_loop {
    uv_loop_t uv;
    pthread_t thread;
    struct net_shared *shared;
    uv_async_t wake;
    uv_timer_t tick;
    struct net_listener listeners[NET_LISTENERS_MAX];
    size_t listener_count;
    struct net_connection *connections;
    struct net_exchange *spare;
    size_t spare_count;
    bool stopping;
    uint64_t drain_deadline_ms;
    char date[HTTP_DATE_BYTES + 1];
    uint8_t input[NET_INPUT_BYTES]; /* what was read last; used up or copied before the next read */

    pthread_mutex_t lock;
    struct net_exchange *finished; /* newest first */
    bool stop_wanted;
};

/* sockets[0..count) are bound; the loop owns them from here on, also after a failure. */
MUST_USE bool net_loop_init(struct net_loop *loop, struct net_shared *shared,
                            const struct net_socket *sockets, size_t count);
MUST_USE bool net_loop_start(struct net_loop *loop);
/* Any thread. */
void net_loop_stop(struct net_loop *loop);
/* Waits for its thread when started; frees. Accepts a zeroed loop. */
void net_loop_fini(struct net_loop *loop, bool started);

/* NULL when memory is exhausted. */
struct net_exchange *net_loop_take_exchange(struct net_loop *loop);
void net_loop_give_back_exchange(struct net_loop *loop, struct net_exchange *exchange);
/* Any thread: the exchange's response is there. */
void net_loop_post(struct net_loop *loop, struct net_exchange *exchange);
/* A connection is gone: the loop ends with the last one when it is stopping. */
void net_loop_connection_gone(struct net_loop *loop);

#endif
