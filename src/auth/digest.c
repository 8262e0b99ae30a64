#include "auth/digest.h"

#include <openssl/crypto.h>
#include <pthread.h>

enum { BLOCK_BYTES = 64 }; /* of SHA-256: what RFC 2104 pads the key to */

/* Fetched once, for the life of the process: an implicit fetch costs more than a short hash. */
static EVP_MD *sha256;
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

static void fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static const EVP_MD *sha256_algorithm(void)
{
    (void)pthread_once(&fetched, fetch);
    return sha256;
}

bool auth_sha256_joined(struct slice first, struct slice second,
                        uint8_t ret_digest[AUTH_DIGEST_BYTES])
{
    const EVP_MD *algorithm = sha256_algorithm();
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    bool done = algorithm != NULL && state != NULL &&
                EVP_DigestInit_ex2(state, algorithm, NULL) == 1 &&
                EVP_DigestUpdate(state, first.data, first.size) == 1 &&
                EVP_DigestUpdate(state, second.data, second.size) == 1 &&
                EVP_DigestFinal_ex(state, ret_digest, NULL) == 1;
    EVP_MD_CTX_free(state);
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

/* A state that has taken the key's block, each byte of it turned with pad. NULL: no memory. */
static EVP_MD_CTX *take_block(const uint8_t key[BLOCK_BYTES], uint8_t pad)
{
    uint8_t block[BLOCK_BYTES];
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        block[i] = key[i] ^ pad;
    const EVP_MD *algorithm = sha256_algorithm();
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    bool done = algorithm != NULL && state != NULL &&
                EVP_DigestInit_ex2(state, algorithm, NULL) == 1 &&
                EVP_DigestUpdate(state, block, sizeof(block)) == 1;
    OPENSSL_cleanse(block, sizeof(block));
    if (done)
        return state;
    EVP_MD_CTX_free(state);
    return NULL;
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
    hmac->inner = take_block(block, 0x36);
    hmac->outer = take_block(block, 0x5c);
    OPENSSL_cleanse(block, sizeof(block));
    if (hmac->inner != NULL && hmac->outer != NULL)
        return true;
    auth_hmac_fini(hmac);
    return false;
}

void auth_hmac_fini(struct auth_hmac *hmac)
{
    EVP_MD_CTX_free(hmac->inner); /* which wipes */
    EVP_MD_CTX_free(hmac->outer);
    *hmac = (struct auth_hmac){NULL, NULL};
}

bool auth_hmac_sign(const struct auth_hmac *hmac, struct slice text,
                    uint8_t ret_digest[AUTH_DIGEST_BYTES])
{
    uint8_t inside[AUTH_DIGEST_BYTES];
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    bool done = state != NULL && EVP_MD_CTX_copy_ex(state, hmac->inner) == 1 &&
                EVP_DigestUpdate(state, text.data, text.size) == 1 &&
                EVP_DigestFinal_ex(state, inside, NULL) == 1 &&
                EVP_MD_CTX_copy_ex(state, hmac->outer) == 1 &&
                EVP_DigestUpdate(state, inside, sizeof(inside)) == 1 &&
                EVP_DigestFinal_ex(state, ret_digest, NULL) == 1;
    EVP_MD_CTX_free(state);
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
