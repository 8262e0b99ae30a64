/* The plain SHA-256 functions: deprecated in favour of EVP, which allocates its states. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "auth/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { BLOCK_BYTES = 64 }; /* of SHA-256: what RFC 2104 pads the key to */

bool auth_sha256_joined(struct slice first, struct slice second,
                        uint8_t ret_digest[AUTH_DIGEST_BYTES])
{
    SHA256_CTX state;
    bool done = SHA256_Init(&state) == 1 && SHA256_Update(&state, first.data, first.size) == 1 &&
                SHA256_Update(&state, second.data, second.size) == 1 &&
                SHA256_Final(ret_digest, &state) == 1;
    OPENSSL_cleanse(&state, sizeof(state));
    return done;
}

bool auth_sha256(struct slice text, uint8_t ret_digest[AUTH_DIGEST_BYTES])
{
    return auth_sha256_joined(text, SLICE_ABSENT, ret_digest);
}

void auth_hex(const uint8_t digest[AUTH_DIGEST_BYTES], char ret_hex[AUTH_HEX_DIGEST_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < AUTH_DIGEST_BYTES; i++) {
        ret_hex[2 * i] = digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[digest[i] & 15];
    }
}

bool auth_sha256_hex(struct slice text, char ret_hex[AUTH_HEX_DIGEST_BYTES])
{
    uint8_t digest[AUTH_DIGEST_BYTES];
    if (!auth_sha256(text, digest))
        return false;
    auth_hex(digest, ret_hex);
    return true;
}

/* A state that has taken the key's block, each byte of it turned with pad. */
static bool take_block(const uint8_t key[BLOCK_BYTES], uint8_t pad, SHA256_CTX *ret_state)
{
    uint8_t block[BLOCK_BYTES];
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        block[i] = key[i] ^ pad;
    bool done = SHA256_Init(ret_state) == 1 && SHA256_Update(ret_state, block, sizeof(block)) == 1;
    OPENSSL_cleanse(block, sizeof(block));
    return done;
}

bool auth_hmac_init(struct auth_hmac *hmac, struct slice key)
{
    uint8_t block[BLOCK_BYTES] = {0};
    if (key.size > sizeof(block)) {
        if (!auth_sha256(key, block))
            return false;
    } else if (key.size > 0) {
        memcpy(block, key.data, key.size);
    }
    bool done = take_block(block, 0x36, &hmac->inner) && take_block(block, 0x5c, &hmac->outer);
    OPENSSL_cleanse(block, sizeof(block));
    if (!done)
        auth_hmac_fini(hmac);
    return done;
}

void auth_hmac_fini(struct auth_hmac *hmac)
{
    OPENSSL_cleanse(hmac, sizeof(*hmac));
}

bool auth_hmac_sign(const struct auth_hmac *hmac, struct slice text,
                    uint8_t ret_digest[AUTH_DIGEST_BYTES])
{
    uint8_t inside[AUTH_DIGEST_BYTES];
    struct auth_hmac states = *hmac;
    bool done = SHA256_Update(&states.inner, text.data, text.size) == 1 &&
                SHA256_Final(inside, &states.inner) == 1 &&
                SHA256_Update(&states.outer, inside, sizeof(inside)) == 1 &&
                SHA256_Final(ret_digest, &states.outer) == 1;
    auth_hmac_fini(&states);
    OPENSSL_cleanse(inside, sizeof(inside));
    return done;
}

bool auth_hmac_sha1(struct slice key, struct slice text, uint8_t ret_digest[AUTH_SHA1_BYTES])
{
    size_t size = 0;
    const uint8_t *secret = key.size == 0 ? (const uint8_t *)"" : key.data;
    return EVP_Q_mac(NULL, "HMAC", NULL, "SHA1", NULL, secret, key.size, text.data, text.size,
                     ret_digest, AUTH_SHA1_BYTES, &size) != NULL &&
           size == AUTH_SHA1_BYTES;
}

bool auth_equal_secretly(struct slice left, struct slice right)
{
    return left.size == right.size &&
           (left.size == 0 || CRYPTO_memcmp(left.data, right.data, left.size) == 0);
}
