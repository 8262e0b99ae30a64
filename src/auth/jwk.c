#include "auth/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "auth/jwt.h"
#include "json/json_reader.h"

enum {
    KEYS_MAX = 64,
    DEPTH_MAX = 16,
    RSA_BITS_MIN = 2048, /* RFC 7518, section 3.3 */
    RSA_BYTES_MAX = 1024,
    COORDINATE_BYTES_MAX = 66,
};

/* RFC 7518, section 3.1. */
static const struct algorithm {
    const char *name;
    const char *curve; /* "crv" of the key; NULL: RSA */
    const char *group; /* how the library calls the curve */
    const char *digest;
    size_t coordinate_bytes;
} algorithms[] = {
    {"RS256", NULL, NULL, "SHA256", 0},
    {"RS384", NULL, NULL, "SHA384", 0},
    {"RS512", NULL, NULL, "SHA512", 0},
    {"ES256", "P-256", "prime256v1", "SHA256", 32},
    {"ES384", "P-384", "secp384r1", "SHA384", 48},
    {"ES512", "P-521", "secp521r1", "SHA512", 66},
};

struct jwk {
    EVP_PKEY *key;
    struct slice id;        /* or absent */
    struct slice algorithm; /* "alg", or absent: any that fits */
    const char *curve;      /* NULL: RSA */
};

struct auth_jwk_set {
    struct jwk keys[KEYS_MAX];
    size_t count;
};

/* --- keys --- */

/* The members of a JSON Web Key that matter here. */
struct members {
    struct slice kty, use, kid, alg, n, e, crv, x, y;
};
#define MEMBER(name)                                                                               \
    {                                                                                              \
#name, offsetof(struct members, name)                                                      \
    }
static const struct {
    const char *name;
    size_t at;
} member_names[] = {MEMBER(kty), MEMBER(use), MEMBER(kid), MEMBER(alg), MEMBER(n),
                    MEMBER(e),   MEMBER(crv), MEMBER(x),   MEMBER(y)};

static void read_members(struct json_reader *reader, struct members *members)
{
    struct slice name;
    json_enter_object(reader);
    while (json_next_member(reader, &name)) {
        struct slice *member = NULL;
        for (size_t i = 0; i < COUNT_OF(member_names); i++) {
            if (slice_equal(name, slice_of_cstring(member_names[i].name)))
                member = (struct slice *)((char *)members + member_names[i].at);
        }
        if (member != NULL && json_peek(reader) == JSON_STRING)
            *member = json_read_string(reader);
        else
            json_skip(reader);
    }
}

static const struct error *broken(struct arena *arena, struct slice key_id)
{
    return error_make(arena, ERROR_VALIDATION, "the key '%.*s' of a key set is broken",
                      SLICE_PRINT(key_id));
}

/* Makes a public key of parameters. NULL: they are none. */
static EVP_PKEY *key_from(const char *kind, OSSL_PARAM_BLD *builder)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    if (parameters == NULL || context == NULL || EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) <= 0)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return key;
}

static EVP_PKEY *rsa_key(struct slice modulus, struct slice exponent)
{
    EVP_PKEY *key = NULL;
    if (modulus.size > RSA_BYTES_MAX || exponent.size > sizeof(uint64_t))
        return NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(modulus.data, (int)modulus.size, NULL);
    BIGNUM *e = BN_bin2bn(exponent.data, (int)exponent.size, NULL);
    if (builder != NULL && n != NULL && e != NULL && BN_num_bits(n) >= RSA_BITS_MIN &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) > 0 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) > 0)
        key = key_from("RSA", builder);
    BN_free(n);
    BN_free(e);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

static EVP_PKEY *ec_key(const struct algorithm *algorithm, struct slice x, struct slice y)
{
    uint8_t point[1 + 2 * COORDINATE_BYTES_MAX];
    size_t size = algorithm->coordinate_bytes;
    EVP_PKEY *key = NULL;
    if (x.size != size || y.size != size)
        return NULL;
    point[0] = 4; /* uncompressed */
    memcpy(point + 1, x.data, size);
    memcpy(point + 1 + size, y.data, size);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (builder != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, algorithm->group, 0) >
            0 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * size) > 0)
        key = key_from("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

static const struct algorithm *algorithm_of_curve(struct slice curve)
{
    for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
        if (algorithms[i].curve != NULL &&
            slice_equal(curve, slice_of_cstring(algorithms[i].curve)))
            return &algorithms[i];
    }
    return NULL;
}

static const struct error *decode_pair(struct arena *arena, struct slice *first,
                                       struct slice *second, bool *ret_valid)
{
    bool first_valid = false;
    bool second_valid = false;
    const struct error *error = auth_base64url_decode(arena, *first, first, &first_valid);
    if (error == NULL)
        error = auth_base64url_decode(arena, *second, second, &second_valid);
    *ret_valid = first_valid && second_valid;
    return error;
}

static const struct error *add_key(struct arena *arena, struct auth_jwk_set *set,
                                   struct members *members)
{
    bool is_rsa = slice_equal(members->kty, SLICE("RSA"));
    const struct algorithm *curve = algorithm_of_curve(members->crv);
    bool valid = false;
    if (slice_present(members->use) && !slice_equal(members->use, SLICE("sig")))
        return NULL;
    if (!is_rsa && (!slice_equal(members->kty, SLICE("EC")) || curve == NULL))
        return NULL;
    if (set->count == KEYS_MAX)
        return error_make(arena, ERROR_VALIDATION, "a key set has more than %d keys", KEYS_MAX);
    const struct error *error = is_rsa ? decode_pair(arena, &members->n, &members->e, &valid)
                                       : decode_pair(arena, &members->x, &members->y, &valid);
    if (error != NULL)
        return error;
    struct jwk *jwk = &set->keys[set->count];
    if (!valid)
        return broken(arena, members->kid);
    jwk->key = is_rsa ? rsa_key(members->n, members->e) : ec_key(curve, members->x, members->y);
    if (jwk->key == NULL)
        return broken(arena, members->kid);
    jwk->curve = is_rsa ? NULL : curve->curve;
    set->count++;
    jwk->id = SLICE_ABSENT;
    jwk->algorithm = SLICE_ABSENT;
    if ((slice_present(members->kid) && !arena_copy(arena, members->kid, &jwk->id)) ||
        (slice_present(members->alg) && !arena_copy(arena, members->alg, &jwk->algorithm)))
        return error_exhausted();
    return NULL;
}

static const struct error *read_keys(struct arena *arena, struct json_reader *reader,
                                     struct auth_jwk_set *set)
{
    const struct error *error = NULL;
    json_enter_array(reader);
    while (error == NULL && json_next_element(reader)) {
        struct members members = {.kty = SLICE_ABSENT};
        if (json_peek(reader) != JSON_OBJECT)
            return error_make(arena, ERROR_VALIDATION, "a key of a key set is no object");
        read_members(reader, &members);
        if (!reader->failed)
            error = add_key(arena, set, &members);
    }
    return error;
}

static const struct error *read_set(struct arena *arena, struct slice json,
                                    struct auth_jwk_set *set)
{
    struct json_reader reader;
    struct slice name;
    bool has_keys = false;
    const struct error *error = NULL;
    json_reader_init(&reader, json, arena);
    if (!json_check(json, DEPTH_MAX) || json_peek(&reader) != JSON_OBJECT)
        return error_make(arena, ERROR_VALIDATION, "a key set is no JSON object");
    json_enter_object(&reader);
    while (error == NULL && json_next_member(&reader, &name)) {
        if (slice_equal(name, SLICE("keys")) && json_peek(&reader) == JSON_ARRAY) {
            has_keys = true;
            error = read_keys(arena, &reader, set);
        } else {
            json_skip(&reader);
        }
    }
    if (error == NULL && reader.failed)
        return error_exhausted();
    if (error == NULL && !has_keys)
        return error_make(arena, ERROR_VALIDATION, "a key set has no \"keys\"");
    return error;
}

const struct error *auth_jwk_set_read(struct arena *arena, struct slice json,
                                      struct auth_jwk_set **ret_set)
{
    struct auth_jwk_set *set = ARENA_NEW(arena, struct auth_jwk_set);
    if (set == NULL)
        return error_exhausted();
    const struct error *error = read_set(arena, json, set);
    if (error != NULL) {
        auth_jwk_set_close(set);
        return error;
    }
    *ret_set = set;
    return NULL;
}

void auth_jwk_set_close(struct auth_jwk_set *set)
{
    for (size_t i = 0; set != NULL && i < set->count; i++)
        EVP_PKEY_free(set->keys[i].key);
}

size_t auth_jwk_set_size(const struct auth_jwk_set *set)
{
    return set->count;
}

/* --- verification --- */

/* The two numbers side by side become the structure that the library reads. 0: they are none. */
static int ecdsa_structure(struct slice signature, size_t coordinate_bytes, uint8_t **ret_structure)
{
    if (signature.size != 2 * coordinate_bytes)
        return 0;
    ECDSA_SIG *numbers = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature.data, (int)coordinate_bytes, NULL);
    BIGNUM *s = BN_bin2bn(signature.data + coordinate_bytes, (int)coordinate_bytes, NULL);
    int size = 0;
    if (numbers != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(numbers, r, s) > 0) {
        size = i2d_ECDSA_SIG(numbers, ret_structure);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(numbers);
    return size > 0 ? size : 0;
}

static bool verify(const struct algorithm *algorithm, EVP_PKEY *key, struct slice text,
                   struct slice signature)
{
    uint8_t *structure = NULL;
    if (algorithm->curve != NULL) {
        int size = ecdsa_structure(signature, algorithm->coordinate_bytes, &structure);
        if (size == 0)
            return false;
        signature = slice_of(structure, (size_t)size);
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool verified =
        context != NULL &&
        EVP_DigestVerifyInit_ex(context, NULL, algorithm->digest, NULL, NULL, key, NULL) > 0 &&
        EVP_DigestVerify(context, signature.data, signature.size, text.data, text.size) == 1;
    EVP_MD_CTX_free(context);
    OPENSSL_free(structure);
    return verified;
}

bool auth_jwt_verify(const struct auth_jwt *jwt, const struct auth_jwk_set *set)
{
    const struct algorithm *algorithm = NULL;
    for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
        if (slice_equal(jwt->algorithm, slice_of_cstring(algorithms[i].name)))
            algorithm = &algorithms[i];
    }
    for (size_t i = 0; algorithm != NULL && i < set->count; i++) {
        const struct jwk *jwk = &set->keys[i];
        bool same_kind = (algorithm->curve == NULL) == (jwk->curve == NULL) &&
                         (jwk->curve == NULL || strcmp(jwk->curve, algorithm->curve) == 0);
        bool same_id = !slice_present(jwt->key_id) || !slice_present(jwk->id) ||
                       slice_equal(jwt->key_id, jwk->id);
        bool same_algorithm =
            !slice_present(jwk->algorithm) || slice_equal(jwk->algorithm, jwt->algorithm);
        if (same_kind && same_id && same_algorithm &&
            verify(algorithm, jwk->key, jwt->text, jwt->signature))
            return true;
    }
    return false;
}
