#ifndef HASHRANGE_AUTH_SIGNING_KEYS_H
#define HASHRANGE_AUTH_SIGNING_KEYS_H

/*
 * The signing keys of one secret for days, regions and services (Signature Version 4, "Derive a
 * signing key"), as prepared HMAC states, kept so that a signature costs two short hashes. Only a
 * few scopes are kept: one that is not costs four signatures more.
 *
 * Threads: all functions may be called by many at once.
 */

#include "auth/digest.h"
#include "base/slice.h"

struct auth_signing_keys;

enum { AUTH_SIGNING_SECRET_BYTES_MAX = 252 };

/* The secret is not kept, but states made from it. It must not be longer than
 * AUTH_SIGNING_SECRET_BYTES_MAX. NULL when memory is exhausted. */
MUST_USE struct auth_signing_keys *auth_signing_keys_open(struct slice secret);
/* Wipes what it held. Accepts NULL. */
void auth_signing_keys_close(struct auth_signing_keys *keys);

/* HMAC-SHA256 of text under the key for that scope. date is YYYYMMDD. false: memory is exhausted.
 */
MUST_USE bool auth_signing_keys_sign(struct auth_signing_keys *keys, struct slice date,
                                     struct slice region, struct slice service, struct slice text,
                                     uint8_t ret_digest[AUTH_DIGEST_BYTES]);
/* HMAC-SHA256 of text under the secret itself: Signature Version 2, AWS3. */
MUST_USE bool auth_signing_keys_sign_plain(struct auth_signing_keys *keys, struct slice text,
                                           uint8_t ret_digest[AUTH_DIGEST_BYTES]);

#endif
