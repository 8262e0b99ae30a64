#ifndef HASHRANGE_AUTH_AUTH_H
#define HASHRANGE_AUTH_AUTH_H

/*
 * Who sends a request. In development mode, the only one so far, a request must be signed in form:
 * the claim is complete and well shaped, any access key is welcome and the signature itself is not
 * looked at. The checks stand in a list in the order in which the service makes them (auth.c), so
 * that the ones that need keys take their places there.
 */

#include "base/error.h"
#include "http/exchange.h"

struct auth_identity {
    struct slice access_key_id;
    struct slice region; /* letters, digits and '-', 1 to AUTH_REGION_BYTES_MAX of them */
    struct slice service;
};

enum { AUTH_REGION_BYTES_MAX = 64 };

/*
 * The identity's members lie in the request or in the arena.
 * Errors: MissingAuthenticationTokenException, IncompleteSignatureException,
 * InvalidSignatureException with the service's words (observed).
 */
MUST_USE const struct error *auth_identify(struct arena *arena, const struct http_request *request,
                                           struct auth_identity *ret_identity);

#endif
