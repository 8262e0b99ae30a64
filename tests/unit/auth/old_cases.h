#ifndef HASHRANGE_TESTS_AUTH_OLD_CASES_H
#define HASHRANGE_TESTS_AUTH_OLD_CASES_H

/* What the tests of the two older ways of signing share: keys, a moment, and how a case file and a
 * table of faults are held against auth_identify. */

#include "auth/auth.h"
#include "auth/moment.h"
#include "base/base64.h"
#include "base/buf.h"
#include "case_file.h"
#include "table_keyring.h"

enum { OLD_ARENA_BYTES = 4 * 1024 * 1024, OLD_REQUEST = 0, OLD_TO_SIGN, OLD_SIGNATURE };

static struct arena arena;
static int64_t now_ms;
static struct table_key keys[] = {
    {.id = SLICE_INIT("AKIDEXAMPLE")},
    {.id = SLICE_INIT("AKIDEXAMPLE"), .token = SLICE_INIT(TEST_TOKEN)},
};
static struct table_keyring table;
static const struct auth_options verifying = {.keyring = &table.keyring};
static const struct auth_options development = {.keyring = NULL};

static int open_all(void **state)
{
    (void)state;
    arena_init(&arena, OLD_ARENA_BYTES);
    table_keyring_open(&table, keys, COUNT_OF(keys));
    return auth_moment_of_basic(SLICE("20261128T225510Z"), &now_ms) ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    table_keyring_close(&table);
    arena_fini(&arena);
    return 0;
}

static void assert_text(struct slice title, struct slice actual, struct slice expected)
{
    if (!slice_equal(actual, expected))
        fail_msg("%.*s:\n%.*s\ninstead of\n%.*s", SLICE_PRINT(title), SLICE_PRINT(actual),
                 SLICE_PRINT(expected));
}

static void assert_identified(const struct signed_case *signed_case,
                              const struct auth_options *options,
                              const struct http_request *request, enum auth_service service)
{
    struct auth_identity identity;
    struct slice title = signed_case->title;
    struct slice region = case_fact(signed_case, "region");
    const struct error *error = auth_identify(options, &arena, request, service, now_ms, &identity);
    if (error != NULL)
        fail_msg("%.*s:\n%.*s", SLICE_PRINT(title), SLICE_PRINT(error->message));
    assert_text(title, identity.access_key_id, SLICE("AKIDEXAMPLE"));
    assert_text(title, identity.region, slice_present(region) ? region : SLICE("us-east-1"));
    assert_int_equal(identity.credential != NULL, options->keyring != NULL);
    auth_identity_release(options, &identity);
    assert_int_equal(table.references, 0);
}

/* The first character of the signature becomes another. */
static void break_signature(struct slice text)
{
    char *at = memmem(text.data, text.size, "Signature=", strlen("Signature="));
    assert_non_null(at);
    at += strlen("Signature=");
    *at = *at == 'A' ? 'B' : 'A';
}

static bool is_base64_of(struct slice text, const uint8_t *digest, size_t size)
{
    uint8_t chars[64];
    base64_encode(slice_of(digest, size), chars);
    return slice_equal(text, slice_of(chars, base64_encoded_size(size)));
}

/* The signature is one of the string to sign: of itself, of its hash, or with SHA-1. */
static void assert_stages_agree(const struct signed_case *signed_case)
{
    struct slice text = signed_case->sections[OLD_TO_SIGN];
    struct slice signature = signed_case->sections[OLD_SIGNATURE];
    struct auth_signing_keys *signing = keys[0].credential.signing;
    uint8_t hash[AUTH_DIGEST_BYTES];
    uint8_t of_text[AUTH_DIGEST_BYTES];
    uint8_t of_hash[AUTH_DIGEST_BYTES];
    uint8_t with_sha1[AUTH_SHA1_BYTES];
    assert_true(auth_sha256(text, hash));
    assert_true(auth_signing_keys_sign_plain(signing, text, of_text));
    assert_true(auth_signing_keys_sign_plain(signing, slice_of(hash, sizeof(hash)), of_hash));
    assert_true(auth_hmac_sha1(SLICE(TEST_SECRET), text, with_sha1));
    assert_true(is_base64_of(signature, of_text, sizeof(of_text)) ||
                is_base64_of(signature, of_hash, sizeof(of_hash)) ||
                is_base64_of(signature, with_sha1, sizeof(with_sha1)));
}

/* Right, it is taken in both modes; wrong, in development only. */
static void check_case(const struct signed_case *signed_case, enum auth_service service)
{
    struct slice text;
    struct request_text read;
    struct auth_identity identity;
    assert_int_equal(signed_case->section_count, 3);
    assert_stages_agree(signed_case);
    assert_true(arena_copy(&arena, signed_case->sections[OLD_REQUEST], &text));
    request_text_read(text, &read);
    read.request.secure = slice_present(case_fact(signed_case, "secure"));
    assert_identified(signed_case, &verifying, &read.request, service);
    assert_identified(signed_case, &development, &read.request, service);
    break_signature(text);
    assert_identified(signed_case, &development, &read.request, service);
    const struct error *error =
        auth_identify(&verifying, &arena, &read.request, service, now_ms, &identity);
    assert_non_null(error);
    assert_int_equal(error->kind, ERROR_INVALID_SIGNATURE);
    assert_text(signed_case->title, error->message,
                SLICE("The request signature we calculated does not match the signature you "
                      "provided. Check your AWS Secret Access Key and signing method. Consult the "
                      "service documentation for details."));
    assert_int_equal(table.references, 0);
}

static void check_case_file(const char *path, enum auth_service usual_service, size_t at_least)
{
    struct slice rest;
    struct signed_case signed_case;
    char *text = case_file_read(path, &rest);
    size_t count = 0;
    for (; case_file_next(&rest, &signed_case); count++) {
        bool is_iam = slice_equal(case_fact(&signed_case, "service"), SLICE("iam"));
        check_case(&signed_case, is_iam ? AUTH_IAM : usual_service);
    }
    assert_true(count >= at_least);
    free(text);
}

struct old_fault {
    const char *request;
    enum error_kind kind;
    const char *message;         /* NULL: the kind is enough */
    bool is_told_in_development; /* too */
    bool secure;
};

static void check_faults(const struct old_fault *faults, size_t count, enum auth_service service)
{
    for (size_t i = 0; i < count; i++) {
        struct request_text read;
        struct auth_identity identity;
        struct slice text = slice_of_cstring(faults[i].request);
        request_text_read(text, &read);
        read.request.secure = faults[i].secure;
        const struct error *error =
            auth_identify(&verifying, &arena, &read.request, service, now_ms, &identity);
        assert_non_null(error);
        if (faults[i].message != NULL)
            assert_text(text, error->message, slice_of_cstring(faults[i].message));
        assert_int_equal(error->kind, faults[i].kind);
        assert_int_equal(table.references, 0);
        error = auth_identify(&development, &arena, &read.request, service, now_ms, &identity);
        if ((error != NULL) != faults[i].is_told_in_development)
            fail_msg("%s", faults[i].request);
    }
}

#endif
