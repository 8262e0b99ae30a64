#ifndef HASHRANGE_AUTH_DIGEST_H
#define HASHRANGE_AUTH_DIGEST_H

/*
 * SHA-256 and HMAC by OpenSSL, without its EVP layer, whose states are allocated for each use.
 *
 * Everything that returns bool returns false when OpenSSL fails. Threads: a prepared HMAC may
 * be used by many at once; preparing and ending it is for one.
 */

#include <openssl/sha.h>

#include "base/attributes.h"
#include "base/slice.h"

enum {
    AUTH_DIGEST_BYTES = 32,
    AUTH_HEX_DIGEST_BYTES = 2 * AUTH_DIGEST_BYTES,
    AUTH_SHA1_BYTES = 20,
};

MUST_USE bool auth_sha256(struct slice text, uint8_t ret_digest[AUTH_DIGEST_BYTES]);
/* Of two texts, one after the other. */
MUST_USE bool auth_sha256_joined(struct slice first, struct slice second,
                                 uint8_t ret_digest[AUTH_DIGEST_BYTES]);
/* Of one, in lower-case hexadecimal digits, without NUL. */
MUST_USE bool auth_sha256_hex(struct slice text, char ret_hex[AUTH_HEX_DIGEST_BYTES]);
void auth_hex(const uint8_t digest[AUTH_DIGEST_BYTES], char ret_hex[AUTH_HEX_DIGEST_BYTES]);

/* HMAC-SHA-256 (RFC 2104) under one key: the states after the key's block, inside and outside. */
struct auth_hmac {
    SHA256_CTX inner;
    SHA256_CTX outer;
};

/* After false there is nothing to end. The key is not kept. */
MUST_USE bool auth_hmac_init(struct auth_hmac *hmac, struct slice key);
/* Wipes the states. Accepts a zeroed one. */
void auth_hmac_fini(struct auth_hmac *hmac);
MUST_USE bool auth_hmac_sign(const struct auth_hmac *hmac, struct slice text,
                             uint8_t ret_digest[AUTH_DIGEST_BYTES]);

/* HMAC-SHA-1, which only the oldest signatures still use: nothing is prepared. */
MUST_USE bool auth_hmac_sha1(struct slice key, struct slice text,
                             uint8_t ret_digest[AUTH_SHA1_BYTES]);

/* Compares in time that depends on the sizes alone. */
MUST_USE bool auth_equal_secretly(struct slice left, struct slice right);

#endif
