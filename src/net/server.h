#ifndef HASHRANGE_NET_SERVER_H
#define HASHRANGE_NET_SERVER_H

/*
 * Serves HTTP/1.1 on TCP, plain and over TLS, with a number of event loops, each a thread with
 * listeners of its own (SO_REUSEPORT): the kernel spreads connections, nothing is shared per
 * request.
 *
 * What a client may rely on: requests of one connection are worked on one after another and
 * answered in order (RFC 9112 9.3.2 asks that of methods that are not safe); one that pipelines is
 * read ahead by readahead_bytes_max and then waits. What the server may rely on: a connection holds
 * no more than one request, its response and the read-ahead, all connections together no more than
 * memory_bytes_max, and every state in which a connection waits for the client has a time limit.
 *
 * Handlers run on the connection's loop, or on a worker thread when they said is_long.
 */

#include "base/error.h"
#include "http/exchange.h"
#include "net/tls.h"

enum { NET_ADDRESSES_MAX = 8 };

struct net_limits {
    uint32_t idle_ms;       /* between two requests */
    uint32_t header_ms;     /* from a request's first byte to the end of its header block; then 408.
                               Also for a TLS handshake, which then just ends */
    uint32_t body_ms;       /* for the whole body; then 408 */
    uint32_t send_ms;       /* for a whole response that the peer reads slowly */
    uint32_t linger_ms;     /* after the last response, for the peer to read it and close */
    uint32_t drain_ms;      /* net_server_stop: for requests that are being received or sent */
    uint32_t tick_ms;       /* how often the limits are looked at */
    size_t connections_max; /* of all loops; one more gets a 503 */
    size_t readahead_bytes_max; /* rounded up by one read */
    /* Of all requests and responses beyond their first few kilobytes, of all read-ahead and of all
     * TLS handshakes. A request that would need more gets a 503, from here or from the handler. */
    size_t memory_bytes_max;
};
extern const struct net_limits net_limits_default;

struct net_options {
    const char *const *addresses; /* numeric IPv4 or IPv6, at most NET_ADDRESSES_MAX */
    size_t address_count;
    /* An address that this machine does not have is left out, as long as one is left. */
    bool skip_missing_addresses;
    uint16_t port;       /* 0: a free one, the same on every address */
    struct net_tls *tls; /* NULL: none. Outlives the server. */
    /* With tls: a second port speaks it and `port` stays plain; else `port` speaks it. */
    bool has_tls_port;
    uint16_t tls_port; /* 0: a free one, the same on every address */
    unsigned loops;    /* at least 1 */
    unsigned workers;  /* at least 1 */
    struct net_limits limits;
    struct http_handler handler;
    /* After a stop, when the last connection is gone. Runs on a loop's thread; may be NULL. */
    void (*stopped)(void *context);
    void *stopped_context;
};

struct net_server;

/* Listens when it returns, so that the ports are known; connections wait until net_server_start.
 * The options are copied, their addresses only used. Errors are for the one who started the
 * program: "Cannot listen on 127.0.0.1 port 8000: the port is already in use". */
MUST_USE const struct error *net_server_open(struct arena *arena, const struct net_options *options,
                                             struct net_server **ret_server);
/* Once, after open. After an error the server can only be closed. */
MUST_USE const struct error *net_server_start(struct arena *arena, struct net_server *server);
uint16_t net_server_port(const struct net_server *server);
/* 0: there is no second port. */
uint16_t net_server_tls_port(const struct net_server *server);

struct net_statistics {
    size_t connections;  /* open now */
    size_t memory_bytes; /* of limits.memory_bytes_max, taken now */
    bool stopping;       /* net_server_stop was called */
};
/* Any thread. */
struct net_statistics net_server_statistics(const struct net_server *server);

/* Accepts nothing more, closes idle connections, lets every request under way end with `Connection:
 * close`. Any thread; returns at once. A second call changes nothing. */
void net_server_stop(struct net_server *server);
/* Stops, waits until the last connection is gone, frees. Accepts NULL. */
void net_server_close(struct net_server *server);

#endif
