#ifndef HASHRANGE_NET_CONNECTION_H
#define HASHRANGE_NET_CONNECTION_H

/* One client connection; see the drawing in connection.c. Private to net/, on its loop's thread. */

#include <netinet/in.h>

#include "base/buf.h"
#include "net/loop.h"
#include "net/tls_stream.h"

struct net_connection {
    uv_tcp_t tcp;
    struct net_loop *loop;
    struct net_connection *previous; /* in loop->connections */
    struct net_connection *next;
    int state;                     /* enum state of connection.c */
    uint64_t deadline_ms;          /* uv_now; 0: none */
    struct net_tls_stream *tls;    /* NULL: plain */
    struct net_exchange *exchange; /* from a request's first byte until its response is sent */
    struct buf readahead; /* heap: bytes that wait until the request before them is answered */
    bool reading;
    bool peer_ended;                     /* it will send nothing more */
    bool last;                           /* the next response is the last */
    bool closed;                         /* the handle is gone */
    char peer_address[INET6_ADDRSTRLEN]; /* empty: not asked for yet */
    uv_write_t write;
    uv_shutdown_t shutdown;
};

/* Takes a connection from the listener. */
void net_connection_accept(struct net_loop *loop, struct net_listener *listener);
/* Its exchange has a response. */
void net_connection_answer(struct net_connection *connection);
/* Looks at the deadline. May end the connection, but never frees it at once. */
void net_connection_tick(struct net_connection *connection);
/* The server is stopping. */
void net_connection_stop(struct net_connection *connection);
/* Now, whatever it does. */
void net_connection_end(struct net_connection *connection);

#endif
