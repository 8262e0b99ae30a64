#ifndef HASHRANGE_CLIENT_CONNECTION_H
#define HASHRANGE_CLIENT_CONNECTION_H

/*
 * A connection to an endpoint that never waits: whoever drives many of them asks `wants` what to
 * poll its file for, and calls client_connection_go_on when it is ready. One request at a time.
 */

#include <openssl/ssl.h>

#include "base/buf.h"
#include "client/endpoint.h"
#include "client/response.h"

struct client_connection {
    int file; /* -1: not connected */
    SSL *tls; /* NULL: plain */
    bool connected;
    struct buf out; /* heap: the request */
    size_t sent;
    bool busy; /* a request is under way */
    bool wants_read;
    bool wants_write;
    struct client_response response;
};

/* For https endpoints; certificates are verified unless insecure. NULL when the library fails. */
MUST_USE SSL_CTX *client_tls_open(bool insecure);

void client_connection_init(struct client_connection *connection);
/* Starts connecting; finished by client_connection_go_on. tls NULL for plain endpoints. false:
 * errno says why. */
MUST_USE bool client_connection_open(struct client_connection *connection,
                                     const struct client_endpoint *endpoint, SSL_CTX *tls);
/* Can be opened again. Accepts one that is not open. */
void client_connection_close(struct client_connection *connection);
void client_connection_fini(struct client_connection *connection);

enum client_progress {
    CLIENT_WAITS,    /* for what wants_read and wants_write say */
    CLIENT_ANSWERED, /* response is complete */
    CLIENT_LOST,     /* the peer is gone or talks no HTTP; close it */
};
/* The request stands in connection->out. */
enum client_progress client_connection_send(struct client_connection *connection);
enum client_progress client_connection_go_on(struct client_connection *connection);

#endif
