#ifndef HASHRANGE_IAM_OIDC_H
#define HASHRANGE_IAM_OIDC_H

/*
 * The keys of OpenID Connect issuers, from a local file: the server fetches nothing from anywhere.
 *
 *   {"https://token.actions.githubusercontent.com": {"keys": [{"kty": "RSA", ...}]}, ...}
 *
 * What an issuer's jwks_uri answers goes in as it is. The file alone lets nobody in: the account
 * needs an identity provider of that URL as well (iam:CreateOpenIDConnectProvider) and a role that
 * trusts it.
 *
 * Threads: what is open is immutable; any thread may ask.
 */

#include "auth/jwt.h"

struct iam_oidc;

/* Reads the text of the file. VALIDATION: what is wrong with it. */
MUST_USE const struct error *iam_oidc_open(struct arena *arena, struct slice json,
                                           struct iam_oidc **ret_oidc);
/* Accepts NULL. */
void iam_oidc_close(struct iam_oidc *oidc);

/* issuer as in the token's "iss"; oidc may be NULL. NULL: there are no keys for it. */
const struct auth_jwk_set *iam_oidc_keys(const struct iam_oidc *oidc, struct slice issuer);

#endif
