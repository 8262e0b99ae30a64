#ifndef HASHRANGE_NET_TLS_STREAM_H
#define HASHRANGE_NET_TLS_STREAM_H

/*
 * TLS between one connection and its TCP handle: what comes in is opened, what goes out is sealed
 * and sent. Knows nothing of HTTP. Private to net/, on its loop's thread.
 *
 *     net_tls_stream_feed(stream, bytes);
 *     while ((status = net_tls_stream_read(stream, room, &plain)) == NET_TLS_PLAIN) ...
 *
 * Memory: before its first byte it is small, one that is idle holds no buffers (all in all some 15
 * KB, most of them OpenSSL's), a handshake counts against the budget. One under way holds no more
 * than a record that has not come whole, a record that is not sent yet, and its handshake's
 * messages: a response is sealed record by record as the peer takes it.
 */

#include <uv.h>

#include "base/arena.h"
#include "net/tls.h"

enum { NET_TLS_RECORD_BYTES = 16 * 1024 }; /* of plain text, at most (RFC 8446 5.1) */

enum net_tls_status {
    NET_TLS_PLAIN,     /* here are bytes */
    NET_TLS_MORE,      /* everything fed is used up */
    NET_TLS_ENDED,     /* the peer has said that it will send nothing more; it may still read */
    NET_TLS_UNSECURED, /* instead of a handshake a plain HTTP request has come */
    NET_TLS_FAILED,    /* of no more use; the peer has been sent an alert */
};

enum net_tls_sent {
    NET_TLS_SENT, /* all of it is with the kernel */
    NET_TLS_SENDING,
    NET_TLS_SEND_FAILED,
};

struct net_tls_stream;

struct net_tls_stream_options {
    struct net_tls *tls;
    uv_stream_t *tcp;
    struct arena_budget *budget; /* of what handshakes hold; one that it has no room for fails */
    /* What net_tls_stream_send left SENDING is sent, or never will be. Also called, with false,
     * when tcp is closed in between. */
    void (*sent)(void *context, bool succeeded);
    void *context;
};

/* NULL when memory is exhausted. */
MUST_USE struct net_tls_stream *net_tls_stream_open(const struct net_tls_stream_options *options);
/* After tcp is closed, or before anything was sent. Accepts NULL. */
void net_tls_stream_close(struct net_tls_stream *stream);

/* Is the handshake over? */
bool net_tls_stream_is_secured(const struct net_tls_stream *stream);

/* Bytes as they came in; read until they are used up, which is before they change. */
void net_tls_stream_feed(struct net_tls_stream *stream, struct slice bytes);
/* *ret_plain lies in room. Sends what the protocol itself has to say. */
MUST_USE enum net_tls_status net_tls_stream_read(struct net_tls_stream *stream,
                                                 uint8_t room[NET_TLS_RECORD_BYTES],
                                                 struct slice *ret_plain);

/* One after the other; head and body stay where they are until all is sent. */
MUST_USE enum net_tls_sent net_tls_stream_send(struct net_tls_stream *stream, struct slice head,
                                               struct slice body);
/* Bytes between two responses, no more than a record: sent as soon as may be. */
MUST_USE bool net_tls_stream_interject(struct net_tls_stream *stream, struct slice bytes);
/* Tells the peer that nothing more will come (close_notify), if that is so: not in the middle of a
 * handshake or of a response, which the peer must be able to see as cut off. */
void net_tls_stream_end(struct net_tls_stream *stream);

#endif
