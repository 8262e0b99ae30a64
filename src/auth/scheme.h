#ifndef HASHRANGE_AUTH_SCHEME_H
#define HASHRANGE_AUTH_SCHEME_H

/*
 * The ways of signing behind auth_identify, and what they have in common. Each reads its claim from
 * the request, checks it in the service's order, and with a keyring has auth_prove hold it against
 * the key.
 */

#include "auth/auth.h"

/* A request of which it is asked who sent it. */
struct auth_attempt {
    const struct auth_options *options;
    struct arena *arena;
    const struct http_request *request;
    enum auth_service service;
    int64_t now_ms;
};

/* signature_v4.c */
MUST_USE const struct error *auth_v4_identify(const struct auth_attempt *attempt,
                                              struct auth_identity *ret_identity);

enum { AUTH_SKEW_MS = 15 * 60 * 1000 };

/* Signed now, give or take AUTH_SKEW_MS? INVALID_SIGNATURE otherwise. */
MUST_USE const struct error *auth_check_skew(const struct auth_attempt *attempt,
                                             int64_t signed_at_ms);
/* Both halves of it; a signature that lives for valid_ms: the text says it as lifetime. */
MUST_USE const struct error *auth_check_not_early(const struct auth_attempt *attempt,
                                                  int64_t signed_at_ms);
MUST_USE const struct error *auth_check_not_late(const struct auth_attempt *attempt,
                                                 int64_t signed_at_ms, int64_t valid_ms,
                                                 const char *lifetime);

/* How a claim is held against a credential: the signature, and nothing else. */
typedef const struct error *auth_check_signature(void *context,
                                                 const struct auth_credential *credential);

/*
 * Finds the credential, checks the signature, then that the session has not ended: the order in
 * which the service tells what is wrong. The credential comes with a reference; after an error
 * there is none.
 */
MUST_USE const struct error *auth_prove(const struct auth_attempt *attempt,
                                        struct slice access_key_id, struct slice session_token,
                                        auth_check_signature *check, void *context,
                                        const struct auth_credential **ret_credential);

/*
 * INVALID_SIGNATURE for a signature that is not the one calculated. The service tells what it
 * calculated it from; where there was no canonical request (absent) it says only that.
 */
MUST_USE const struct error *auth_mismatch(const struct auth_attempt *attempt,
                                           struct slice canonical_request,
                                           struct slice string_to_sign);

#endif
