#include "client/signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "auth/auth.h"
#include "http/request_parser.h"

enum { ARENA_BYTES = 1024 * 1024, OUT_BYTES = 64 * 1024 };

#define NOW_MS INT64_C(1767225600000)

static struct arena arena;
static struct auth_credential credential;

static const struct error *acquire(void *context, struct arena *memory, struct slice access_key_id,
                                   struct slice session_token, int64_t now_ms,
                                   const struct auth_credential **ret_credential)
{
    (void)context;
    (void)now_ms;
    bool known = slice_equal(access_key_id, SLICE("AKID")) ||
                 (slice_equal(access_key_id, SLICE("ASIA")) &&
                  slice_equal(session_token, SLICE("token/+=")));
    if (!known)
        return error_make(memory, ERROR_UNRECOGNIZED_CLIENT, "unknown");
    *ret_credential = &credential;
    return NULL;
}

static void release(void *context, const struct auth_credential *given)
{
    (void)context;
    assert_ptr_equal(given, &credential);
}

static const struct auth_keyring keyring = {.acquire = acquire, .release = release};

static int open_all(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    credential.secret = SLICE("wJalrXUtnFEMI");
    credential.signing = auth_signing_keys_open(credential.secret);
    return credential.signing == NULL;
}

static int close_all(void **state)
{
    (void)state;
    auth_signing_keys_close(credential.signing);
    arena_fini(&arena);
    return 0;
}

/* What is signed here is what the server verifies. */
static void expect_verified(const struct client_credentials *credentials)
{
    struct client_endpoint endpoint = {.header = SLICE("localhost:8000")};
    struct client_signer signer;
    struct buf out;
    buf_init(&out, &arena, OUT_BYTES);
    assert_true(client_signer_open(&signer, credentials, SLICE("eu-west-2"), &endpoint));
    client_sign(&signer, SLICE("DynamoDB_20120810.GetItem"), SLICE("{\"a\":1}"), NOW_MS, &out);
    client_signer_close(&signer);
    assert_false(out.failed);

    struct http_request_parser *parser = http_request_parser_open();
    struct http_request request = {.secure = false};
    struct slice bytes = buf_slice(&out);
    http_request_parser_begin(parser, &arena, &request);
    assert_int_equal(http_request_parser_feed(parser, &bytes), HTTP_PARSE_REQUEST);
    assert_int_equal(bytes.size, 0);
    const struct auth_options options = {.keyring = &keyring};
    struct auth_identity identity;
    const struct error *error =
        auth_identify(&options, &arena, &request, AUTH_DYNAMODB, NOW_MS + 1000, &identity);
    if (error != NULL)
        fail_msg("%.*s", SLICE_PRINT(error->message));
    assert_true(slice_equal(identity.region, SLICE("eu-west-2")));
    assert_true(slice_equal(request.body, SLICE("{\"a\":1}")));
    auth_identity_release(&options, &identity);
    http_request_parser_close(parser);
}

static void the_server_verifies_what_the_client_signs(void **state)
{
    (void)state;
    const struct client_credentials credentials = {SLICE("AKID"), SLICE("wJalrXUtnFEMI"),
                                                   SLICE_ABSENT};
    expect_verified(&credentials);
}

static void session_tokens_are_signed_too(void **state)
{
    (void)state;
    const struct client_credentials credentials = {SLICE("ASIA"), SLICE("wJalrXUtnFEMI"),
                                                   SLICE("token/+=")};
    expect_verified(&credentials);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_verifies_what_the_client_signs),
        cmocka_unit_test(session_tokens_are_signed_too),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
