#ifndef HASHRANGE_IAM_WEB_IDENTITY_H
#define HASHRANGE_IAM_WEB_IDENTITY_H

/*
 * What an OpenID Connect ID token says (OpenID Connect Core 1.0, section 2), checked against the
 * account's identity providers and the issuers' keys. Private to iam/.
 */

#include "auth/decide.h"
#include "iam/directory.h"
#include "iam/session_request.h"

/* All in arena. */
struct iam_web_identity {
    struct iam_provider provider;
    struct slice subject;        /* sub */
    struct slice audience;       /* the one of aud that the provider knows */
    const struct slice *methods; /* amr */
    size_t method_count;
    struct slice source_identity; /* https://aws.amazon.com/source_identity, or absent */
    /* https://aws.amazon.com/tags */
    struct auth_tag *tags;
    size_t tag_count;
    struct slice *transitive_keys;
    size_t transitive_count;
};

/*
 * Any bytes.
 *   INVALID_IDENTITY_TOKEN  no token; nobody's or another's signature; not for this account
 *   IDP_REJECTED_CLAIM      not valid yet
 *   EXPIRED_WEB_IDENTITY    not any more
 */
MUST_USE const struct error *iam_web_identity_verify(const struct iam_call *call,
                                                     struct slice token,
                                                     struct iam_web_identity *ret_identity);

/* Condition keys "HOST/PATH:sub", ":aud", ":amr" of the provider, and aws:FederatedProvider.
 * context is the identity. */
auth_context iam_web_identity_look_up;

#endif
