#ifndef HASHRANGE_AUTH_AUTH_H
#define HASHRANGE_AUTH_AUTH_H

/*
 * Who sends a request.
 *
 * In development mode (no keyring) a request must be signed in form: the claim is complete and well
 * shaped, any access key is welcome and the signature itself is not looked at. With a keyring
 * everything is verified. The checks stand in lists in the order in which the service makes them
 * (signature_v4.c); both modes share the ones that need no key and no clock.
 *
 * A signature has no nonce: whoever saw a request can send it again, as it is, for as long as its
 * date is close enough (15 minutes, or X-Amz-Expires). The service allows that, and so do we; TLS
 * keeps requests from being seen.
 *
 * Ways to sign:
 *   Signature Version 4, header or query   every service
 *   Signature Version 2, form parameters   STS and IAM
 *   AWS3, X-Amzn-Authorization             DynamoDB
 */

#include "auth/credentials.h"
#include "base/error.h"
#include "http/exchange.h"

struct auth_options {
    const struct auth_keyring *keyring; /* NULL: development mode. Outlives all requests */
};

struct auth_identity {
    struct slice access_key_id;
    struct slice session_token; /* the one that the key was proven with, or absent */
    struct slice region;        /* letters, digits and '-', 1 to AUTH_REGION_BYTES_MAX of them */
    /* Who it is, with a reference; NULL in development mode. */
    const struct auth_credential *credential;
};

enum { AUTH_REGION_BYTES_MAX = 64 };

/*
 * The identity's slices lie in the request or in the arena. request->body is as it was sent: what
 * the signature is about. now_ms is the time of receipt.
 * Errors: MISSING_AUTHENTICATION_TOKEN, INCOMPLETE_SIGNATURE, INVALID_SIGNATURE,
 * UNRECOGNIZED_CLIENT, EXPIRED_TOKEN with the words of DynamoDB (observed). The message about a
 * wrong signature shows the canonical request, which may hold the client's own session token: it is
 * for the client alone, not for logs.
 */
MUST_USE const struct error *auth_identify(const struct auth_options *options, struct arena *arena,
                                           const struct http_request *request,
                                           enum auth_service service, int64_t now_ms,
                                           struct auth_identity *ret_identity);
/* Accepts a zeroed identity. */
void auth_identity_release(const struct auth_options *options,
                           const struct auth_identity *identity);

#endif
