#include "iam/roles_anywhere.h"

#include "base/arena_fixture.h"

/* A self-signed authority that is valid until 2036. */
static const struct slice authority =
    SLICE_INIT("-----BEGIN CERTIFICATE-----\n"
               "MIIBgzCCASmgAwIBAgIUdKKPM8Y8O1Ex67TDAaKc9KVkpEQwCgYIKoZIzj0EAwIw\n"
               "DzENMAsGA1UEAwwERnV6ejAeFw0yNjExMjgyMzIxMTVaFw0zNjExMjUyMzIxMTVa\n"
               "MA8xDTALBgNVBAMMBEZ1enowWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARP6gKI\n"
               "Dif51rCHYDuvtMkDMGZlzYk80Mvd2Gn4AUChlgGJkr3dYxb5/B7AMTfZXPPlP6fX\n"
               "6RHD+73TNWojGrYmo2MwYTAdBgNVHQ4EFgQUjqNqmREzbSvSRnyx0OIrPmuR8mQw\n"
               "HwYDVR0jBBgwFoAUjqNqmREzbSvSRnyx0OIrPmuR8mQwDwYDVR0TAQH/BAUwAwEB\n"
               "/zAOBgNVHQ8BAf8EBAMCAgQwCgYIKoZIzj0EAwIDSAAwRQIhANd2pHG03WA02mN5\n"
               "ofCkTYaaHEh5p/Vv1/M3GQfRxo7jAiA2zq1nmKCAe8Oed+rZ3hpJP8TvzMIeLeSi\n"
               "7xmk+Z1PyA==\n"
               "-----END CERTIFICATE-----\n");

static const struct error *read_file(void *context, struct arena *in, struct slice name,
                                     struct slice *ret_text)
{
    (void)context;
    if (slice_equal(name, SLICE("ca.pem"))) {
        *ret_text = authority;
        return NULL;
    }
    if (slice_equal(name, SLICE("none.pem"))) {
        *ret_text = SLICE("no certificate");
        return NULL;
    }
    return error_make(in, ERROR_VALIDATION, "Cannot read %.*s", SLICE_PRINT(name));
}

static const struct error *open_text(const char *json, struct iam_anywhere **ret_anywhere)
{
    return iam_anywhere_open(&arena, slice_of_cstring(json), read_file, NULL, ret_anywhere);
}

static void expect(struct slice is, const char *should)
{
    assert_int_equal(is.size, strlen(should));
    assert_memory_equal(is.data, should, is.size);
}

static void reads_anchors_and_profiles(void **state)
{
    (void)state;
    struct iam_anywhere *anywhere;
    assert_null(open_text(
        "{\"trustAnchors\":[{\"name\":\"x\",\"trustAnchorArn\":\"a\",\"certificates\":\"ca.pem\"},"
        "{\"trustAnchorArn\":\"off\",\"certificates\":\"ca.pem\",\"enabled\":false}],"
        "\"profiles\":[{\"profileArn\":\"p\",\"roleArns\":[\"r1\",\"r2\"],\"createdAt\":{}},"
        "{\"profileArn\":\"q\",\"roleArns\":[\"r\"],\"durationSeconds\":900,\"sessionPolicy\":"
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\","
        "\"Resource\":\"*\"}]},\"managedPolicyArns\":[\"m\"],"
        "\"acceptRoleSessionName\":true,\"enabled\":false}]}",
        &anywhere));
    const struct iam_anchor *anchor = iam_anywhere_anchor(anywhere, SLICE("a"));
    assert_true(slice_equal(anchor->certificates, authority));
    assert_false(anchor->disabled);
    assert_true(iam_anywhere_anchor(anywhere, SLICE("off"))->disabled);
    assert_null(iam_anywhere_anchor(anywhere, SLICE("p")));
    const struct iam_profile *profile = iam_anywhere_profile(anywhere, SLICE("p"));
    assert_int_equal(profile->role_arn_count, 2);
    expect(profile->role_arns[1], "r2");
    assert_int_equal(profile->seconds, 3600);
    assert_false(slice_present(profile->session_policy));
    assert_false(profile->accepts_session_name);
    assert_false(profile->disabled);
    profile = iam_anywhere_profile(anywhere, SLICE("q"));
    assert_int_equal(profile->seconds, 900);
    expect(profile->session_policy, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":"
                                    "\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}");
    assert_int_equal(profile->policy_arn_count, 1);
    expect(profile->policy_arns[0], "m");
    assert_true(profile->accepts_session_name);
    assert_true(profile->disabled);
    assert_null(iam_anywhere_profile(anywhere, SLICE("a")));
    assert_null(iam_anywhere_profile(NULL, SLICE("p")));
}

static void tells_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *json, *words;
    } cases[] = {
        {"", "it is no JSON object"},
        {"{\"anchors\":[]}",
         "\"anchors\" is neither \"trustAnchors\" nor \"profiles\", or there twice"},
        {"{\"profiles\":{}}", "\"profiles\" is no list"},
        {"{\"profiles\":[1]}", "\"profiles\" is no list of objects"},
        {"{\"profiles\":[{}]}", "a profile has no \"profileArn\" or no \"roleArns\""},
        {"{\"profiles\":[{\"profileArn\":\"p\",\"roleArns\":[]}]}",
         "a profile has no \"profileArn\" or no \"roleArns\""},
        {"{\"profiles\":[{\"profileArn\":1}]}", "\"profileArn\" is no string"},
        {"{\"profiles\":[{\"roleArns\":\"r\"}]}", "\"roleArns\" is no list of strings"},
        {"{\"profiles\":[{\"durationSeconds\":899}]}",
         "\"durationSeconds\" is not between 900 and 43200"},
        {"{\"profiles\":[{\"durationSeconds\":99999999999999999999}]}",
         "\"durationSeconds\" is not between 900 and 43200"},
        {"{\"profiles\":[{\"durationSeconds\":1e3}]}", "\"durationSeconds\" is no whole number"},
        {"{\"profiles\":[{\"durationSeconds\":\"900\"}]}", "\"durationSeconds\" is no number"},
        {"{\"profiles\":[{\"enabled\":1}]}", "\"enabled\" is neither true nor false"},
        {"{\"profiles\":[{\"profileArn\":\"p\",\"roleArns\":[\"r\"],\"sessionPolicy\":{}}]}",
         "the session policy of p: Syntax errors in policy."},
        {"{\"trustAnchors\":[{\"trustAnchorArn\":\"a\"}]}",
         "a trust anchor has no \"trustAnchorArn\" or no \"certificates\""},
        {"{\"trustAnchors\":[{\"trustAnchorArn\":\"a\",\"certificates\":\"gone.pem\"}]}",
         "Cannot read gone.pem"},
        {"{\"trustAnchors\":[{\"trustAnchorArn\":\"a\",\"certificates\":\"none.pem\"}]}",
         "the certificates of a are no authorities"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct iam_anywhere *anywhere = NULL;
        const struct error *error = open_text(cases[i].json, &anywhere);
        assert_non_null(error);
        assert_int_equal(error->kind, ERROR_VALIDATION);
        expect(error->message, cases[i].words);
        assert_null(anywhere);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_anchors_and_profiles, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(tells_what_is_wrong, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
