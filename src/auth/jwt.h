#ifndef HASHRANGE_AUTH_JWT_H
#define HASHRANGE_AUTH_JWT_H

/*
 * Signed JSON Web Tokens (RFC 7519, RFC 7515 compact form) and the keys that verify them (RFC 7517,
 * RFC 7518): RS256, RS384, RS512, ES256, ES384, ES512. "none" and secrets shared with the issuer
 * are no signatures here.
 *
 * A token is bytes from anywhere; auth_jwt_read only takes it apart. Nothing it says holds before
 * auth_jwt_verify has said so.
 *
 * Threads: a key set is immutable once read; any thread may verify with it.
 */

#include "base/error.h"

enum { AUTH_JWT_BYTES_MAX = 20000 }; /* STS API reference, WebIdentityToken */

struct auth_jwt {
    struct slice algorithm; /* "RS256" */
    struct slice key_id;    /* or absent */
    struct slice claims;    /* JSON text, an object */
    struct slice text;      /* what is signed, within the token */
    struct slice signature; /* bytes */
};

/* *ret_valid false: it is no such token. All but text lies in arena. Error: memory. */
MUST_USE const struct error *auth_jwt_read(struct arena *arena, struct slice token,
                                           struct auth_jwt *ret_jwt, bool *ret_valid);

struct auth_jwk_set;

/* From {"keys": [...]}. Keys for other uses and of kinds that are not known are passed over, as the
 * standard says. VALIDATION: it is none, or one of its keys is broken. */
MUST_USE const struct error *auth_jwk_set_read(struct arena *arena, struct slice json,
                                               struct auth_jwk_set **ret_set);
/* Frees what does not lie in the arena. Accepts NULL. */
void auth_jwk_set_close(struct auth_jwk_set *set);
size_t auth_jwk_set_size(const struct auth_jwk_set *set);

/* Has one of the keys made the signature? With a key id only keys of that id are tried. */
MUST_USE bool auth_jwt_verify(const struct auth_jwt *jwt, const struct auth_jwk_set *set);

#endif
