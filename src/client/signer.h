#ifndef HASHRANGE_CLIENT_SIGNER_H
#define HASHRANGE_CLIENT_SIGNER_H

/*
 * Requests to DynamoDB as bytes to send, signed with Signature Version 4 as the SDKs sign them.
 *
 * Threads: one signer may be used by many at once.
 */

#include "auth/signing_keys.h"
#include "base/buf.h"
#include "client/endpoint.h"

struct client_credentials {
    struct slice access_key_id;
    struct slice secret;
    struct slice session_token; /* absent: none */
};

struct client_signer {
    struct client_credentials credentials;
    struct slice region;
    struct slice host; /* the Host header */
    struct auth_signing_keys *keys;
};

/* Borrows all slices. false: memory is exhausted. */
MUST_USE bool client_signer_open(struct client_signer *signer,
                                 const struct client_credentials *credentials, struct slice region,
                                 const struct client_endpoint *endpoint);
void client_signer_close(struct client_signer *signer);

/* Appends POST / with its headers and the body. target: "DynamoDB_20120810.GetItem". Look at
 * out->failed. */
void client_sign(const struct client_signer *signer, struct slice target, struct slice body,
                 int64_t now_ms, struct buf *out);

#endif
