#ifndef HASHRANGE_CLIENT_ENDPOINT_H
#define HASHRANGE_CLIENT_ENDPOINT_H

/* Where a service is: http://127.0.0.1:8000, https://dynamodb.eu-west-1.amazonaws.com */

#include <sys/socket.h>

#include "base/error.h"

struct client_endpoint {
    bool secure;
    struct slice host;   /* name or address, brackets of IPv6 left out */
    struct slice header; /* Host: with the port when it was given */
    uint16_t port;
    struct sockaddr_storage address; /* the first that the name has */
    socklen_t address_size;
};

/* Looks the name up. Slices lie in arena. Errors are for the one who wrote the URL. */
MUST_USE const struct error *client_endpoint_read(struct arena *arena, const char *url,
                                                  struct client_endpoint *ret_endpoint);

#endif
