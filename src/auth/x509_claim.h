#ifndef HASHRANGE_AUTH_X509_CLAIM_H
#define HASHRANGE_AUTH_X509_CLAIM_H

/*
 * Requests signed with the key of an X.509 certificate: CreateSession of IAM Roles Anywhere (its
 * user guide, "Authentication", "Signing process", "Trust model").
 *
 *     Authorization: AWS4-X509-RSA-SHA256 Credential=SERIAL/DATE/REGION/rolesanywhere/aws4_request,
 *         SignedHeaders=..., Signature=HEX           (or AWS4-X509-ECDSA-SHA256)
 *     X-Amz-X509: base64 of the certificate's DER
 *     X-Amz-X509-Chain: those between it and the anchor, with commas between; if any
 *     X-Amz-Date: ...
 *
 * The canonical request and the checks of the claim are Signature Version 4's.
 * Revocation lists are not looked at. Any thread.
 */

#include "auth/principal.h"
#include "base/error.h"
#include "http/exchange.h"

enum {
    AUTH_X509_CHAIN_MAX = 5, /* certificates in X-Amz-X509-Chain */
    AUTH_X509_TAGS_MAX = 64,
    AUTH_X509_NAMES_MAX = 64, /* DNS names, and URIs: those beyond are not told */
};

/* Who is trusted to issue certificates: PEM of one or more, or the DER of one. */
struct auth_trust_anchor {
    struct slice certificates;
};

struct auth_x509_names {
    const struct slice *items;
    size_t count;
};

struct auth_x509_identity {
    size_t anchor;        /* the index of the first anchor that the certificate leads to */
    struct slice region;  /* of the signature's scope */
    struct slice subject; /* distinguished name as RFC 2253 writes it, in UTF-8: CN=Alice,O=... */
    struct slice issuer;  /* likewise */
    struct slice serial;  /* decimal */
    struct slice serial_hex;          /* lower case: the session's name when the request has none */
    struct auth_x509_names dns_names; /* subject alternative names */
    struct auth_x509_names uris;
    int64_t not_after_ms;
    /*
     * What aws:PrincipalTag/... is by the default attribute mapping, keys without that prefix:
     * x509Subject/CN, x509Subject/O, ..., x509Issuer/CN, ..., x509SAN/DNS, x509SAN/URI,
     * x509SAN/Name/CN, ...; of equal keys the first. Values are as in the certificate: any UTF-8.
     */
    const struct auth_tag *tags;
    size_t tag_count;
};

/* Is the request signed with a certificate, or does it say so? */
bool auth_x509_is_claimed(const struct http_request *request);

/* Can these certificates be an anchor? All of them are authorities. */
bool auth_x509_is_anchor(struct slice certificates);

/*
 * The identity's slices lie in the arena or in the request.
 *   MISSING_AUTHENTICATION_TOKEN, INCOMPLETE_SIGNATURE, INVALID_SIGNATURE  as auth_identify
 *   ACCESS_DENIED  "Untrusted certificate. Insufficient certificate": it is not fit for signing;
 *                  "Untrusted signing certificate": it leads to none of the anchors
 */
MUST_USE const struct error *auth_x509_verify(struct arena *arena,
                                              const struct http_request *request,
                                              const struct auth_trust_anchor *anchors,
                                              size_t anchor_count, int64_t now_ms,
                                              struct auth_x509_identity *ret_identity);

#endif
