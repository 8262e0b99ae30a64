#include "auth/seal.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "base/check.h"
#include "base/rand.h"

enum { VERSION = 1, NONCE_BYTES = 12, TAG_BYTES = 16, AT_CIPHERTEXT = 1 + NONCE_BYTES };

static const char *const labels[] = {
    [AUTH_SEAL_SECRET] = "hashrange secret",
    [AUTH_SEAL_SESSION] = "hashrange session token",
};

static const struct error *refused(struct arena *arena)
{
    return error_make(arena, ERROR_INTERNAL, "the cipher refused to work");
}

/* The key of one use. */
static bool derive(const struct auth_seal_key *key, enum auth_seal_use use,
                   struct auth_seal_key *ret_key)
{
    struct slice label = slice_of_cstring(labels[use]);
    size_t size = sizeof(ret_key->bytes);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
    bool derived = context != NULL && EVP_PKEY_derive_init(context) > 0 &&
                   EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) > 0 &&
                   EVP_PKEY_CTX_set1_hkdf_key(context, key->bytes, sizeof(key->bytes)) > 0 &&
                   EVP_PKEY_CTX_add1_hkdf_info(context, label.data, (int)label.size) > 0 &&
                   EVP_PKEY_derive(context, ret_key->bytes, &size) > 0;
    EVP_PKEY_CTX_free(context);
    return derived;
}

static bool encrypt(EVP_CIPHER_CTX *context, const struct auth_seal_key *key,
                    struct slice associated, struct slice plain, uint8_t *out)
{
    int size;
    return EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key->bytes, out + 1) > 0 &&
           EVP_EncryptUpdate(context, NULL, &size, out, 1) > 0 &&
           EVP_EncryptUpdate(context, NULL, &size, associated.data, (int)associated.size) > 0 &&
           EVP_EncryptUpdate(context, out + AT_CIPHERTEXT, &size, plain.data, (int)plain.size) >
               0 &&
           EVP_EncryptFinal_ex(context, out + AT_CIPHERTEXT + plain.size, &size) > 0 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES,
                               out + AT_CIPHERTEXT + plain.size) > 0;
}

/* The library takes no NULL for "no bytes here". */
static struct slice never_null(struct slice bytes)
{
    return slice_present(bytes) ? bytes : SLICE("");
}

const struct error *auth_seal(struct arena *arena, const struct auth_seal_key *key,
                              enum auth_seal_use use, struct slice associated, struct slice plain,
                              struct slice *ret_sealed)
{
    CHECK(plain.size < INT_MAX / 2 && associated.size < INT_MAX / 2);
    size_t size = plain.size + AUTH_SEAL_OVERHEAD_BYTES;
    uint8_t *sealed = arena_alloc_bytes(arena, size);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    struct auth_seal_key derived;
    const struct error *error = NULL;
    if (sealed == NULL || context == NULL) {
        error = error_exhausted();
    } else {
        sealed[0] = VERSION;
        rand_bytes(sealed + 1, NONCE_BYTES);
        if (!derive(key, use, &derived) ||
            !encrypt(context, &derived, never_null(associated), never_null(plain), sealed))
            error = refused(arena);
    }
    OPENSSL_cleanse(&derived, sizeof(derived));
    EVP_CIPHER_CTX_free(context);
    if (error == NULL)
        *ret_sealed = slice_of(sealed, size);
    return error;
}

/* false: the library refuses. *ret_valid: does the tag hold? */
static bool decrypt(EVP_CIPHER_CTX *context, const struct auth_seal_key *key,
                    struct slice associated, struct slice sealed, uint8_t *out, bool *ret_valid)
{
    int size;
    size_t plain_size = sealed.size - AUTH_SEAL_OVERHEAD_BYTES;
    uint8_t tag[TAG_BYTES];
    memcpy(tag, sealed.data + AT_CIPHERTEXT + plain_size, TAG_BYTES);
    if (EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key->bytes, sealed.data + 1) <= 0 ||
        EVP_DecryptUpdate(context, NULL, &size, sealed.data, 1) <= 0 ||
        EVP_DecryptUpdate(context, NULL, &size, associated.data, (int)associated.size) <= 0 ||
        EVP_DecryptUpdate(context, out, &size, sealed.data + AT_CIPHERTEXT, (int)plain_size) <= 0 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) <= 0)
        return false;
    *ret_valid = EVP_DecryptFinal_ex(context, out + plain_size, &size) > 0;
    return true;
}

const struct error *auth_unseal(struct arena *arena, const struct auth_seal_key *key,
                                enum auth_seal_use use, struct slice associated,
                                struct slice sealed, struct slice *ret_plain, bool *ret_valid)
{
    CHECK(sealed.size < INT_MAX / 2 && associated.size < INT_MAX / 2);
    if (sealed.size < AUTH_SEAL_OVERHEAD_BYTES || sealed.data[0] != VERSION) {
        *ret_valid = false;
        return NULL;
    }
    size_t plain_size = sealed.size - AUTH_SEAL_OVERHEAD_BYTES;
    arena_hold_secret(arena);
    uint8_t *plain = arena_alloc_bytes(arena, plain_size);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    struct auth_seal_key derived;
    const struct error *error = NULL;
    bool valid = false;
    if (plain == NULL || context == NULL)
        error = error_exhausted();
    else if (!derive(key, use, &derived) ||
             !decrypt(context, &derived, never_null(associated), sealed, plain, &valid))
        error = refused(arena);
    OPENSSL_cleanse(&derived, sizeof(derived));
    EVP_CIPHER_CTX_free(context);
    if (error == NULL && valid)
        *ret_plain = slice_of(plain, plain_size);
    else if (plain != NULL)
        OPENSSL_cleanse(plain, plain_size);
    if (error == NULL)
        *ret_valid = valid;
    return error;
}
