#include "iam/oidc.h"

#include "auth/jwt_maker.h"
#include "base/arena_fixture.h"

static void finds_the_keys_of_an_issuer(void **state)
{
    (void)state;
    struct iam_oidc *oidc;
    struct buf json;
    struct slice keys = jwt_key_set(&arena);
    buf_init(&json, &arena, ARENA_BYTES);
    buf_append_format(&json,
                      " { \"https://a.example.com/\" : %.*s , \"https://b/path\":{\"keys\":[]}}",
                      SLICE_PRINT(keys));
    assert_null(iam_oidc_open(&arena, buf_slice(&json), &oidc));
    const struct auth_jwk_set *found = iam_oidc_keys(oidc, SLICE("https://a.example.com"));
    assert_non_null(found);
    assert_int_equal(auth_jwk_set_size(found), 3);
    assert_ptr_equal(iam_oidc_keys(oidc, SLICE("https://a.example.com/")), found);
    assert_int_equal(auth_jwk_set_size(iam_oidc_keys(oidc, SLICE("https://b/path"))), 0);
    assert_null(iam_oidc_keys(oidc, SLICE("https://b")));
    assert_null(iam_oidc_keys(oidc, SLICE("")));
    assert_null(iam_oidc_keys(NULL, SLICE("https://b")));
    iam_oidc_close(oidc);
}

static void tells_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *json, *words;
    } cases[] = {
        {"", "it is no JSON object of issuers"},
        {"[]", "it is no JSON object of issuers"},
        {"{\"https://a\":[]}", "the key set of 'https://a' is no JSON object"},
        {"{\"https://a\":{}}", "'https://a': a key set has no \"keys\""},
        {"{\"https://a\":{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\"}]}}",
         "'https://a': the key 'k' of a key set is broken"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct iam_oidc *oidc = NULL;
        const struct error *error = iam_oidc_open(&arena, slice_of_cstring(cases[i].json), &oidc);
        assert_non_null(error);
        assert_int_equal(error->kind, ERROR_VALIDATION);
        assert_true(slice_equal(error->message, slice_of_cstring(cases[i].words)));
        assert_null(oidc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_the_keys_of_an_issuer, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(tells_what_is_wrong, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, jwt_forget_keys);
}
