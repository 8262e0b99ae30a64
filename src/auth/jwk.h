#ifndef HASHRANGE_AUTH_JWK_H
#define HASHRANGE_AUTH_JWK_H

/* What the files about JSON Web Tokens and keys share. Private to auth/. */

#include "base/error.h"

/* RFC 4648, section 5, without padding; strict. *ret_valid false: it is none. Error: memory. */
MUST_USE const struct error *auth_base64url_decode(struct arena *arena, struct slice text,
                                                   struct slice *ret_bytes, bool *ret_valid);

#endif
