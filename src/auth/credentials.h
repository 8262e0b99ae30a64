#ifndef HASHRANGE_AUTH_CREDENTIALS_H
#define HASHRANGE_AUTH_CREDENTIALS_H

/*
 * Access keys as verification sees them: whoever keeps them (iam/directory.h; a table in tests)
 * offers a struct auth_keyring.
 *
 * A credential is immutable and counted: it, its principal and its policies stay until it is
 * released, also when the key is deleted meanwhile: a request that has begun may end.
 */

#include "auth/principal.h"
#include "auth/signing_keys.h"
#include "base/error.h"

enum {
    AUTH_ACCESS_KEY_ID_BYTES_MAX = 128, /* API reference of IAM, "AccessKeyId" */
    AUTH_SECRET_BYTES_MAX = 128,
    AUTH_SESSION_TOKEN_BYTES_MAX = 8192,
};

struct auth_credential {
    struct slice access_key_id;
    struct slice secret;
    int64_t expires_ms; /* epoch; 0: never */
    struct auth_principal principal;
    struct auth_signing_keys *signing; /* derived keys, kept between requests */
};

/* Which service a request is for: its name in the scope of a signature, and in messages. */
enum auth_service { AUTH_DYNAMODB, AUTH_STS, AUTH_IAM };

struct auth_keyring {
    /*
     * The credential of a key, with a reference. session_token is absent when the request has
     * none. One that is expired is given as well: a wrong signature is told before that.
     *   UNRECOGNIZED_CLIENT  no such key, one that is inactive, a temporary one without its token
     *                        or with another's, a long-lived one with a token; or the user, role
     *                        or session behind it is gone:
     *                        "The security token included in the request is invalid."
     * Any thread; quick, without I/O.
     */
    const struct error *(*acquire)(void *context, struct arena *arena, struct slice access_key_id,
                                   struct slice session_token, int64_t now_ms,
                                   const struct auth_credential **ret_credential);
    void (*release)(void *context, const struct auth_credential *credential);
    void *context;
    /* The key has signed a request that was let in. NULL: nobody wants to know. As quick. */
    void (*used)(void *context, const struct auth_credential *credential, enum auth_service service,
                 struct slice region, int64_t now_ms);
};

#endif
