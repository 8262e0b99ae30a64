/* Claims and the words with which bad ones are refused. The expected texts are the service's. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "auth/auth.h"

enum { ARENA_BYTES = 256 * 1024 };

#define SCOPE "AKID/20261007/eu-west-2/dynamodb/aws4_request"
#define SIGNED "AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=host;x-amz-date, Signature=0a"
#define NOW "20261007T093000Z"
#define QUERY(credential, signature, headers, date)                                                \
    "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" credential                              \
    "&X-Amz-Signature=" signature "&X-Amz-SignedHeaders=" headers "&X-Amz-Date=" date

static struct arena arena;
static const struct auth_options development = {.keyring = NULL};

static int open_arena(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

/* NULL: not sent. */
static const struct error *identify(const char *target, const char *authorization,
                                    const char *amazon_date, const char *date,
                                    struct auth_identity *ret_identity)
{
    const struct {
        const char *name;
        const char *value;
    } sent[] = {{"authorization", authorization}, {"x-amz-date", amazon_date}, {"date", date}};
    struct http_header headers[COUNT_OF(sent)];
    struct http_request request = {
        .method = SLICE("POST"), .target = slice_of_cstring(target), .headers = headers};
    for (size_t i = 0; i < COUNT_OF(sent); i++) {
        if (sent[i].value != NULL)
            headers[request.header_count++] = (struct http_header){slice_of_cstring(sent[i].name),
                                                                   slice_of_cstring(sent[i].value)};
    }
    return auth_identify(&development, &arena, &request, AUTH_DYNAMODB, 0, ret_identity);
}

static void a_complete_claim_gives_key_and_region(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        const char *authorization;
        const char *amazon_date;
        const char *date;
    } cases[] = {
        {"/", SIGNED, NOW, NULL},
        {"/", SIGNED, NOW, "nonsense"},
        {"/", SIGNED, NULL, NOW},
        {"/", SIGNED, NULL, "Wed, 07 Oct 2026 09:30:00 GMT"},
        {"/", "  " SIGNED "  ", NOW, NULL},
        {"/", "AWS4-HMAC-SHA256 Credential=" SCOPE ",SignedHeaders=host,Signature=0a", NOW, NULL},
        {"/", "AWS4-HMAC-SHA256 Signature=0a Credential=" SCOPE "/ SignedHeaders=host", NOW, NULL},
        {QUERY(SCOPE, "0a", "host", NOW), NULL, NULL, NULL},
        {QUERY("AKID%2F20261007%2feu-west-2%2Fdynamodb%2Faws4_request", "0a", "host",
               NOW) "&X-Amz-Expires=60",
         NULL, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct auth_identity identity;
        const struct error *error = identify(cases[i].target, cases[i].authorization,
                                             cases[i].amazon_date, cases[i].date, &identity);
        assert_null(error);
        assert_true(slice_equal(identity.access_key_id, SLICE("AKID")));
        assert_true(slice_equal(identity.region, SLICE("eu-west-2")));
    }
}

static void any_name_will_do_as_a_region(void **state)
{
    (void)state;
    struct auth_identity identity;
    assert_null(identify("/",
                         "AWS4-HMAC-SHA256 Credential=k/20261007/local/dynamodb/aws4_request, "
                         "SignedHeaders=host, Signature=0a",
                         NOW, NULL, &identity));
    assert_true(slice_equal(identity.region, SLICE("local")));
}

struct bad_case {
    const char *target;
    const char *authorization;
    const char *amazon_date;
    const char *date;
    enum error_kind kind;
    const char *message;
};

#define MISSING ERROR_MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token"
#define HEADER_WITH(credential)                                                                    \
    "AWS4-HMAC-SHA256 Credential=" credential ", SignedHeaders=host, Signature=0a"

static const struct bad_case bad[] = {
    {"/", NULL, NULL, NULL, MISSING},
    {"/", "", NULL, NULL, MISSING},
    {"/", "AWS4", NULL, NULL, MISSING},
    {"/", "Basic YTpi", NOW, NULL, MISSING},
    {"/?X-Amz-Algorith", "X", NULL, NULL, MISSING},
    {"/?X-Amz-Credential=a&X-Amz-Signature=b&X-Amz-SignedHeaders=c&X-Amz-Date=d", NULL, NULL, NULL,
     MISSING},
    {"/?X-Amz-Algorithm", "X", NULL, NULL, ERROR_INVALID_SIGNATURE,
     "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."},
    {"/?a=b&X-Amz-Algorithm=c", SIGNED, NOW, NULL, ERROR_INVALID_SIGNATURE,
     "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."},
    {"/", "AWS4-", NULL, NULL, ERROR_INCOMPLETE_SIGNATURE,
     "Authorization header requires 'Credential' parameter. Authorization header requires "
     "'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. "
     "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
     "Authorization=AWS4-"},
    {"/", "AWS4- Signature=b Credential=a", NULL, "a", ERROR_INCOMPLETE_SIGNATURE,
     "Authorization header requires 'SignedHeaders' parameter. "
     "Authorization=AWS4- Signature=b Credential=a"},
    {"/", "AWS4- Signature=b,Credential=a", NULL, "a", ERROR_INCOMPLETE_SIGNATURE,
     "Authorization header requires 'SignedHeaders' parameter. "
     "Authorization=AWS4- Signature=b,Credential=a"},
    {"/", "AWS4- Signature=b, Credential=a", NULL, "a", ERROR_INCOMPLETE_SIGNATURE,
     "Authorization header requires 'SignedHeaders' parameter. "
     "Authorization=AWS4- Signature=b, Credential=a"},
    {"/", "AWS4- Credential=\xc3\xa4", NULL, "a", ERROR_INCOMPLETE_SIGNATURE,
     "Authorization header requires 'Signature' parameter. Authorization header requires "
     "'SignedHeaders' parameter. Authorization=AWS4- Credential=??"},
    {"/", "AWS4-HMAC-SHA256 Signature=b,    Credential,    SignedHeaders", NOW, NULL,
     ERROR_INCOMPLETE_SIGNATURE,
     "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: "
     "'AWS4-HMAC-SHA256 Signature=b,    Credential,    SignedHeaders'."},
    {"/?X-Amz-Algorithm", NULL, NULL, NULL, ERROR_INCOMPLETE_SIGNATURE,
     "AWS query-string parameters must include 'X-Amz-Algorithm'. "
     "AWS query-string parameters must include 'X-Amz-Credential'. "
     "AWS query-string parameters must include 'X-Amz-Signature'. "
     "AWS query-string parameters must include 'X-Amz-SignedHeaders'. "
     "AWS query-string parameters must include 'X-Amz-Date'. "
     "Re-examine the query-string parameters."},
    {"/?X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Signature=c&X-Amz-Date=d", NULL, NULL, NULL,
     ERROR_INCOMPLETE_SIGNATURE,
     "AWS query-string parameters must include 'X-Amz-SignedHeaders'. "
     "Re-examine the query-string parameters."},
    {"/", SIGNED, "201", NULL, ERROR_INCOMPLETE_SIGNATURE,
     "Date must be in ISO-8601 'basic format'. Got '201'. See "
     "http://en.wikipedia.org/wiki/ISO_8601"},
    {"/", SIGNED, "2026-10-07T09:30:00Z", NULL, ERROR_INCOMPLETE_SIGNATURE,
     "Date must be in ISO-8601 'basic format'. Got '2026-10-07T09:30:00Z'. See "
     "http://en.wikipedia.org/wiki/ISO_8601"},
    {QUERY(SCOPE, "0a", "host", "201"), NULL, NULL, NULL, ERROR_INCOMPLETE_SIGNATURE,
     "Date must be in ISO-8601 'basic format'. Got '201'. See "
     "http://en.wikipedia.org/wiki/ISO_8601"},
    {"/", "AWS4-HMAC-SHA25 Credential=" SCOPE ", SignedHeaders=host, Signature=0a", NOW, NULL,
     ERROR_INCOMPLETE_SIGNATURE,
     "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). "},
    {"/", HEADER_WITH("a/b/c/d"), NOW, NULL, ERROR_INCOMPLETE_SIGNATURE,
     "Credential must have exactly 5 slash-delimited elements, e.g. "
     "keyid/date/region/service/term, got 'a/b/c/d'"},
    {"/", HEADER_WITH("a/b/c/d/e/f"), NOW, NULL, ERROR_INCOMPLETE_SIGNATURE,
     "Credential must have exactly 5 slash-delimited elements, e.g. "
     "keyid/date/region/service/term, got 'a/b/c/d/e/f'"},
    {"/", HEADER_WITH("a/b//d/e"), NOW, NULL, ERROR_INVALID_SIGNATURE,
     "Credential should be scoped to a valid region, not ''. "},
    {"/", HEADER_WITH("a/b/c.c/d/e"), NOW, NULL, ERROR_INVALID_SIGNATURE,
     "Credential should be scoped to a valid region, not 'c.c'. "},
};

static void a_bad_claim_is_refused_in_the_services_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct auth_identity identity = {.region = SLICE("untouched")};
        const struct error *error = identify(bad[i].target, bad[i].authorization,
                                             bad[i].amazon_date, bad[i].date, &identity);
        assert_non_null(error);
        assert_int_equal(error->kind, bad[i].kind);
        assert_int_equal(error->message.size, strlen(bad[i].message));
        assert_memory_equal(error->message.data, bad[i].message, error->message.size);
        assert_true(slice_equal(identity.region, SLICE("untouched")));
    }
}

static void exhausted_memory_is_an_error_not_a_pass(void **state)
{
    (void)state;
    const struct http_header headers[] = {{SLICE("Authorization"), SLICE(SIGNED)},
                                          {SLICE("X-Amz-Date"), SLICE(NOW)}};
    struct http_request request = {.method = SLICE("POST"),
                                   .target = SLICE("/"),
                                   .headers = headers,
                                   .header_count = COUNT_OF(headers)};
    struct arena none;
    struct auth_identity identity;
    arena_init(&none, 0);
    const struct error *error =
        auth_identify(&development, &none, &request, AUTH_DYNAMODB, 0, &identity);
    assert_ptr_equal(error, error_exhausted());
    arena_fini(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_complete_claim_gives_key_and_region),
        cmocka_unit_test(any_name_will_do_as_a_region),
        cmocka_unit_test(a_bad_claim_is_refused_in_the_services_words),
        cmocka_unit_test(exhausted_memory_is_an_error_not_a_pass),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
