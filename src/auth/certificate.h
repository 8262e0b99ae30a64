#ifndef HASHRANGE_AUTH_CERTIFICATE_H
#define HASHRANGE_AUTH_CERTIFICATE_H

/*
 * X.509 certificates as IAM Roles Anywhere looks at them (its user guide, "Trust model" and
 * "Certificate attribute mapping").
 *
 * Certificates are OpenSSL's and freed with X509_free; texts taken from them lie in the arena.
 */

#include <openssl/x509.h>

#include "auth/x509_claim.h"

/* base64 of one DER certificate and nothing behind it. NULL: it is none, or memory. */
MUST_USE X509 *auth_certificate_read(struct arena *arena, struct slice base64);
/* Several, with commas between; at most AUTH_X509_CHAIN_MAX. */
MUST_USE STACK_OF(X509) * auth_certificate_chain_read(struct arena *arena, struct slice list);
void auth_certificate_chain_free(STACK_OF(X509) * chain);

/* May it sign requests? Version 3, no authority, and for digital signatures: each must be said. */
bool auth_certificate_is_end_entity(X509 *certificate);
/*
 * Does the leaf lead to the anchor, over the certificates of the chain, at that time, each of them
 * within its constraints and strong enough (2048 bits of RSA, SHA-256)? An anchor need not be a
 * root.
 */
MUST_USE bool auth_certificate_leads_to(X509 *leaf, STACK_OF(X509) * chain,
                                        const struct auth_trust_anchor *anchor, int64_t now_ms);
/* Is it a signature by the certificate's key (PKCS #1 v1.5 or ECDSA in DER) of that kind
 * (EVP_PKEY_RSA, EVP_PKEY_EC) of the text's SHA-256? */
MUST_USE bool auth_certificate_signed(X509 *certificate, int kind, struct slice text,
                                      struct slice signature);

/* Fills in what is read from the certificate: all but anchor and region. */
MUST_USE const struct error *auth_certificate_describe(struct arena *arena, X509 *certificate,
                                                       struct auth_x509_identity *ret_identity);
/* The serial number in decimal. Absent: memory. */
MUST_USE struct slice auth_certificate_serial(struct arena *arena, X509 *certificate);

#endif
