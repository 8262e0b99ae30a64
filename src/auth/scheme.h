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

/* signature_v4.c, aws3.c, signature_v2.c. What has no scope has no region but the one that its host
 * names, or AUTH_DEFAULT_REGION. */
MUST_USE const struct error *auth_v4_identify(const struct auth_attempt *attempt,
                                              struct auth_identity *ret_identity);
MUST_USE const struct error *auth_aws3_identify(const struct auth_attempt *attempt,
                                                struct auth_identity *ret_identity);
MUST_USE const struct error *auth_v2_identify(const struct auth_attempt *attempt,
                                              struct auth_identity *ret_identity);

/* Does the request make a claim of that kind, however incomplete? An error: memory, or a form with
 * too many parameters. */
bool auth_aws3_is_claimed(const struct auth_attempt *attempt);
MUST_USE const struct error *auth_v2_is_claimed(const struct auth_attempt *attempt,
                                                bool *ret_claimed);

#define AUTH_DEFAULT_REGION SLICE("us-east-1")
/* The region becomes part of table ARNs and of the tables' namespace: any name will do, but it must
 * be one. */
bool auth_is_region(struct slice name);

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

/*
 * The names a client may have signed for the Host it sent: old ones leave the port out of what they
 * sign, or sign the service's own name whatever they are pointed at (aws2js does both). In lower
 * case, what was sent first, none twice.
 */
enum { AUTH_HOSTS_MAX = 3 };
struct auth_hosts {
    struct slice names[AUTH_HOSTS_MAX];
    size_t count;
};
MUST_USE const struct error *auth_hosts_of(const struct auth_attempt *attempt,
                                           struct slice own_name, struct auth_hosts *ret_hosts);

#endif
