#include "auth/jwt.h"

#include "auth/jwt_maker.h"
#include "base/arena_fixture.h"

static const struct slice claims = SLICE_INIT("{\"iss\":\"https://idp\",\"sub\":\"me\"}");

static struct auth_jwk_set *open_keys(void)
{
    struct auth_jwk_set *set;
    assert_null(auth_jwk_set_read(&arena, jwt_key_set(&arena), &set));
    assert_int_equal(auth_jwk_set_size(set), 3);
    return set;
}

static bool reads(struct slice token, struct auth_jwt *ret_jwt)
{
    bool valid = false;
    assert_null(auth_jwt_read(&arena, token, ret_jwt, &valid));
    return valid;
}

static void verifies_each_algorithm(void **state)
{
    (void)state;
    static const char *const ways[] = {"RS256", "ES256", "ES512"};
    struct auth_jwk_set *set = open_keys();
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct auth_jwt jwt;
        assert_true(reads(jwt_make(&arena, ways[i], claims), &jwt));
        assert_true(slice_equal(jwt.claims, claims));
        assert_true(slice_equal(jwt.algorithm, slice_of_cstring(ways[i])));
        assert_true(auth_jwt_verify(&jwt, set));
    }
    auth_jwk_set_close(set);
}

/* RS512: the key set allows that key RS256 alone. */
static void refuses_other_signatures(void **state)
{
    (void)state;
    static const char *const ways[] = {"other", "none", "HS256", "RS512", "kid"};
    struct auth_jwk_set *set = open_keys();
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        struct auth_jwt jwt;
        assert_true(reads(jwt_make(&arena, ways[i], claims), &jwt));
        assert_false(auth_jwt_verify(&jwt, set));
    }
    auth_jwk_set_close(set);
}

static void refuses_any_change(void **state)
{
    (void)state;
    struct auth_jwk_set *set = open_keys();
    struct slice token = jwt_make(&arena, "ES256", claims);
    uint8_t changed[1024];
    assert_true(token.size < sizeof(changed));
    for (size_t i = 0; i < token.size; i++) {
        memcpy(changed, token.data, token.size);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        struct auth_jwt jwt;
        if (reads(slice_of(changed, token.size), &jwt))
            assert_false(auth_jwt_verify(&jwt, set));
    }
    auth_jwk_set_close(set);
}

static void is_no_token(void **state)
{
    (void)state;
    static const struct slice texts[] = {
        SLICE_INIT(""),
        SLICE_INIT("."),
        SLICE_INIT(".."),
        SLICE_INIT("a.b.c"),
        SLICE_INIT("e30.e30.e30"),              /* no alg */
        SLICE_INIT("eyJhbGciOiJub25lIn0.W10."), /* claims are a list */
        SLICE_INIT("eyJhbGciOiJub25lIn0.e30"),
        SLICE_INIT("eyJhbGciOiJub25lIn0.e30.a.b"),
        SLICE_INIT("eyJhbGciOiJub25lIn0=.e30."),
        SLICE_INIT("eyJhbGciOiJub25lIn0.e30.+/"),
        SLICE_INIT("eyJhbGciOjF9.e30."),
    };
    struct auth_jwt jwt;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_false(reads(texts[i], &jwt));
    assert_true(reads(SLICE("eyJhbGciOiJub25lIn0.e30."), &jwt));
    assert_false(reads(jwt_make(&arena, "crit", claims), &jwt));
    struct slice large = {
        memset(arena_alloc_bytes(&arena, AUTH_JWT_BYTES_MAX), 'a', AUTH_JWT_BYTES_MAX),
        AUTH_JWT_BYTES_MAX};
    assert_false(reads(jwt_make(&arena, "none", large), &jwt));
}

static void tells_what_is_wrong_with_keys(void **state)
{
    (void)state;
    static const struct {
        const char *json, *words;
    } cases[] = {
        {"[]", "a key set is no JSON object"},
        {"{", "a key set is no JSON object"},
        {"{}", "a key set has no \"keys\""},
        {"{\"keys\":{}}", "a key set has no \"keys\""},
        {"{\"keys\":[1]}", "a key of a key set is no object"},
        {"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}",
         "the key 'k' of a key set is broken"}, /* too short */
        {"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\",\"n\":\"!\",\"e\":\"AQAB\"}]}",
         "the key 'k' of a key set is broken"},
        {"{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\"}]}", "the key 'k' of a key set is broken"},
        {"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQAB\",\"y\":\"AQAB\"}]}",
         "the key '' of a key set is broken"},
        {"{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
         "\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
         "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}",
         "the key '' of a key set is broken"}, /* not on the curve */
    };
    struct auth_jwk_set *set = NULL;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct error *error =
            auth_jwk_set_read(&arena, slice_of_cstring(cases[i].json), &set);
        assert_non_null(error);
        assert_int_equal(error->kind, ERROR_VALIDATION);
        assert_true(slice_equal(error->message, slice_of_cstring(cases[i].words)));
    }
    assert_null(set);
}

static void passes_over_what_it_does_not_know(void **state)
{
    (void)state;
    struct auth_jwk_set *set;
    assert_null(auth_jwk_set_read(&arena,
                                  SLICE("{\"x\":{},\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\"},"
                                        "{\"kty\":\"EC\",\"crv\":\"secp256k1\"},{}]}"),
                                  &set));
    assert_int_equal(auth_jwk_set_size(set), 0);
    auth_jwk_set_close(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(verifies_each_algorithm, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(refuses_other_signatures, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(refuses_any_change, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(is_no_token, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(tells_what_is_wrong_with_keys, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(passes_over_what_it_does_not_know, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, jwt_forget_keys);
}
