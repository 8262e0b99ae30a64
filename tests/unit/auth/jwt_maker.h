#ifndef AUTH_JWT_MAKER_H
#define AUTH_JWT_MAKER_H

/* Signs JSON Web Tokens with keys that are made anew for each run, and shows their public halves as
 * a key set. */

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/check.h"

/* RSA and P256 are in the key set, OTHER is an RSA key that is not. */
enum jwt_key { JWT_RSA, JWT_P256, JWT_P521, JWT_OTHER, JWT_KEY_COUNT };

static EVP_PKEY *jwt_keys[JWT_KEY_COUNT];

static inline EVP_PKEY *jwt_key(enum jwt_key key)
{
    if (jwt_keys[key] == NULL)
        jwt_keys[key] = key == JWT_P256   ? EVP_EC_gen("P-256")
                        : key == JWT_P521 ? EVP_EC_gen("P-521")
                                          : EVP_RSA_gen(2048);
    CHECK(jwt_keys[key] != NULL);
    return jwt_keys[key];
}

/* At the end of a program: a cmocka fixture. */
static inline int jwt_forget_keys(void **state)
{
    (void)state;
    for (int i = 0; i < JWT_KEY_COUNT; i++) {
        EVP_PKEY_free(jwt_keys[i]);
        jwt_keys[i] = NULL;
    }
    return 0;
}

static inline void jwt_append_base64url(struct buf *out, struct slice bytes)
{
    uint8_t text[64 * 1024];
    CHECK(base64_encoded_size(bytes.size) < sizeof(text));
    base64_encode(bytes, text);
    for (size_t i = 0; i < base64_encoded_size(bytes.size) && text[i] != '='; i++)
        buf_append_byte(out, text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i]);
}

static inline void jwt_append_number(struct buf *out, EVP_PKEY *key, const char *parameter,
                                     int size)
{
    BIGNUM *number = NULL;
    uint8_t bytes[1024];
    CHECK(EVP_PKEY_get_bn_param(key, parameter, &number) > 0);
    if (size == 0)
        size = BN_num_bytes(number);
    CHECK(BN_bn2binpad(number, bytes, size) == size);
    BN_free(number);
    jwt_append_base64url(out, slice_of(bytes, (size_t)size));
}

/* {"keys": [...]}: ids "rsa" (with its algorithm), "p256" and "p521"; and one for encryption, which
 * does not count. */
static inline struct slice jwt_key_set(struct arena *arena)
{
    struct buf out;
    buf_init(&out, arena, 64 * 1024);
    buf_append(&out, SLICE("{\"keys\":[{\"kty\":\"RSA\",\"use\":\"enc\",\"n\":\"\",\"e\":\"\"},"
                           "{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"rsa\","
                           "\"n\":\""));
    jwt_append_number(&out, jwt_key(JWT_RSA), OSSL_PKEY_PARAM_RSA_N, 0);
    buf_append(&out, SLICE("\",\"e\":\"AQAB\"}"));
    static const struct {
        enum jwt_key key;
        const char *id, *curve;
        int size;
    } curves[] = {{JWT_P256, "p256", "P-256", 32}, {JWT_P521, "p521", "P-521", 66}};
    for (size_t i = 0; i < COUNT_OF(curves); i++) {
        buf_append_format(&out, ",{\"kty\":\"EC\",\"kid\":\"%s\",\"crv\":\"%s\",\"x\":\"",
                          curves[i].id, curves[i].curve);
        jwt_append_number(&out, jwt_key(curves[i].key), OSSL_PKEY_PARAM_EC_PUB_X, curves[i].size);
        buf_append(&out, SLICE("\",\"y\":\""));
        jwt_append_number(&out, jwt_key(curves[i].key), OSSL_PKEY_PARAM_EC_PUB_Y, curves[i].size);
        buf_append(&out, SLICE("\"}"));
    }
    buf_append(&out, SLICE(",{\"kty\":\"oct\",\"k\":\"AAAA\"}]}"));
    CHECK(!out.failed);
    return buf_slice(&out);
}

static inline void jwt_append_signature(struct buf *out, enum jwt_key key, const char *digest,
                                        struct slice text)
{
    uint8_t signature[1024];
    size_t size = sizeof(signature);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    CHECK(EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, jwt_key(key), NULL) > 0);
    CHECK(EVP_DigestSign(context, signature, &size, text.data, text.size) > 0);
    EVP_MD_CTX_free(context);
    if (key == JWT_P256 || key == JWT_P521) {
        int coordinate = key == JWT_P256 ? 32 : 66;
        const uint8_t *at = signature;
        ECDSA_SIG *numbers = d2i_ECDSA_SIG(NULL, &at, (long)size);
        uint8_t both[2 * 66];
        CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(numbers), both, coordinate) > 0);
        CHECK(BN_bn2binpad(ECDSA_SIG_get0_s(numbers), both + coordinate, coordinate) > 0);
        ECDSA_SIG_free(numbers);
        jwt_append_base64url(out, slice_of(both, (size_t)coordinate * 2));
    } else {
        jwt_append_base64url(out, slice_of(signature, size));
    }
}

/*
 * how:
 *   RS256, RS512, ES256, ES512  as they should be
 *   other                       RS256 with the key that nobody knows, under the id of one
 *   none                        without a signature
 *   HS256                       with the public key as a shared secret
 */
static inline struct slice jwt_make(struct arena *arena, const char *how, struct slice claims)
{
    static const struct {
        const char *how, *header, *digest;
        enum jwt_key key;
    } rows[] = {
        {"RS256", "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"JWT\"}", "SHA256", JWT_RSA},
        {"RS512", "{\"alg\":\"RS512\"}", "SHA512", JWT_RSA},
        {"ES256", "{\"alg\":\"ES256\",\"kid\":\"p256\"}", "SHA256", JWT_P256},
        {"ES512", "{\"alg\":\"ES512\"}", "SHA512", JWT_P521},
        {"other", "{\"alg\":\"RS256\",\"kid\":\"rsa\"}", "SHA256", JWT_OTHER},
        {"crit", "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"crit\":[\"b64\"]}", "SHA256", JWT_RSA},
        {"kid", "{\"alg\":\"RS256\",\"kid\":\"p256\"}", "SHA256", JWT_RSA},
        {"none", "{\"alg\":\"none\"}", NULL, JWT_RSA},
        {"HS256", "{\"alg\":\"HS256\",\"kid\":\"rsa\"}", NULL, JWT_RSA},
    };
    struct buf out;
    buf_init(&out, arena, 64 * 1024);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strcmp(rows[i].how, how) != 0)
            continue;
        jwt_append_base64url(&out, slice_of_cstring(rows[i].header));
        buf_append_byte(&out, '.');
        jwt_append_base64url(&out, claims);
        struct slice text = buf_slice(&out);
        struct buf signature;
        buf_init(&signature, arena, 4096);
        buf_append_byte(&signature, '.');
        if (rows[i].digest != NULL) {
            jwt_append_signature(&signature, rows[i].key, rows[i].digest, text);
        } else if (strcmp(how, "HS256") == 0) {
            uint8_t *public = NULL;
            int size = i2d_PUBKEY(jwt_key(JWT_RSA), &public);
            uint8_t digest[32];
            unsigned digest_size = sizeof(digest);
            HMAC(EVP_sha256(), public, size, text.data, text.size, digest, &digest_size);
            OPENSSL_free(public);
            jwt_append_base64url(&signature, slice_of(digest, sizeof(digest)));
        }
        buf_append(&out, buf_slice(&signature));
        CHECK(!out.failed && !signature.failed);
        return buf_slice(&out);
    }
    CHECK(!"a way to make a token");
    return SLICE_ABSENT;
}

#endif
