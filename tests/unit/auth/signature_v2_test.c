/* Signature Version 2, as aws2js signs calls of STS with it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "old_cases.h"

static void every_case_of_the_file_is_verified(void **state)
{
    (void)state;
    check_case_file(TESTS_DIR "/unit/auth/cases/signature_v2.cases", AUTH_STS, 12);
}

#define FORM(pairs) "POST /\nHost:h\n\nAction=GetCallerIdentity&" pairs
#define CLAIM(key, method, version, date)                                                          \
    "AWSAccessKeyId=" key "&Signature=x&SignatureMethod=" method "&SignatureVersion=" version      \
    "&" date
#define NOW "Timestamp=2026-11-28T22:55:10Z"

static const struct old_fault faults[] = {
    {FORM("Signature=x&SignatureMethod=HmacSHA256&SignatureVersion=2&" NOW),
     ERROR_MISSING_AUTHENTICATION_TOKEN, "Request is missing Authentication Token", true, false},
    {FORM("AWSAccessKeyId=a&SignatureMethod=b"), ERROR_INCOMPLETE_SIGNATURE,
     "AWS query-string parameters must include 'Signature'. AWS query-string parameters must "
     "include 'SignatureVersion'. AWS query-string parameters must include either 'Timestamp' or "
     "'Expires'. Re-examine the query-string parameters.",
     true, false},
    {FORM(CLAIM("a", "b", "1", "Timestamp=%C3")), ERROR_INCOMPLETE_SIGNATURE,
     "Timestamp must be in ISO-8601 format. Got '?'. See http://en.wikipedia.org/wiki/ISO_8601",
     true, false},
    {FORM(CLAIM("a", "b", "1", "Expires=1")), ERROR_INCOMPLETE_SIGNATURE,
     "Expires must be in ISO-8601 format. Got '1'. See http://en.wikipedia.org/wiki/ISO_8601", true,
     false},
    {FORM(CLAIM("a", "HmacSHA1", "2", "Timestamp=2026-11-28T22:40:09Z")), ERROR_INVALID_SIGNATURE,
     "Signature expired: 20261128T224009Z is now earlier than 20261128T224010Z "
     "(20261128T225510Z - 15 min.)",
     false, false},
    {FORM(CLAIM("a", "HmacSHA1", "2", "Timestamp=2026-11-28T23:10:11Z")), ERROR_INVALID_SIGNATURE,
     "Signature not yet current: 20261128T231011Z is still later than 20261128T231010Z "
     "(20261128T225510Z + 15 min.)",
     false, false},
    {FORM(CLAIM("a", "HmacSHA1", "2", "Expires=2026-11-28T22:55:09Z")), ERROR_INVALID_SIGNATURE,
     "Signature expired: 20261128T225509Z is now earlier than 20261128T225510Z "
     "(20261128T225510Z - 0 min.)",
     false, false},
    {FORM(CLAIM("a", "HmacMD5", "2", NOW)), ERROR_INCOMPLETE_SIGNATURE,
     "Unsupported AWS 'algorithm': 'HmacMD5' (only HmacSHA256 and HmacSHA1, with SignatureVersion "
     "2). ",
     true, false},
    {FORM(CLAIM("a", "HmacSHA256", "1", NOW)), ERROR_INCOMPLETE_SIGNATURE, NULL, true, false},
    {FORM(CLAIM("NOBODY", "HmacSHA256", "2", NOW)), ERROR_UNRECOGNIZED_CLIENT,
     "The security token included in the request is invalid.", false, false},
    {FORM(CLAIM("AKIDEXAMPLE", "HmacSHA256", "2", NOW) "&SecurityToken=x"),
     ERROR_UNRECOGNIZED_CLIENT, NULL, false, false},
    {FORM(CLAIM("AKIDEXAMPLE", "HmacSHA256", "2", NOW)), ERROR_INVALID_SIGNATURE, NULL, false,
     false},
};

static void the_first_fault_is_told(void **state)
{
    (void)state;
    check_faults(faults, COUNT_OF(faults), AUTH_STS);
    check_faults(faults, COUNT_OF(faults), AUTH_IAM);
}

static void dynamodb_does_not_know_it(void **state)
{
    (void)state;
    static const struct old_fault unknown[] = {
        {FORM(CLAIM("AKIDEXAMPLE", "HmacSHA256", "2", NOW)), ERROR_MISSING_AUTHENTICATION_TOKEN,
         NULL, true, false},
    };
    check_faults(unknown, COUNT_OF(unknown), AUTH_DYNAMODB);
}

/* A parameter that was added after signing is part of what is checked, wherever it stands. */
static void nothing_can_be_added(void **state)
{
    (void)state;
    struct slice rest;
    struct signed_case signed_case;
    struct request_text read;
    struct auth_identity identity;
    char *text = case_file_read(TESTS_DIR "/unit/auth/cases/signature_v2.cases", &rest);
    assert_true(case_file_next(&rest, &signed_case));
    request_text_read(signed_case.sections[OLD_REQUEST], &read);
    struct http_request changed = read.request;
    changed.target = SLICE("/?DurationSeconds=1");
    assert_non_null(auth_identify(&verifying, &arena, &changed, AUTH_STS, now_ms, &identity));
    changed.target = SLICE("/a");
    assert_non_null(auth_identify(&verifying, &arena, &changed, AUTH_STS, now_ms, &identity));
    changed = read.request;
    changed.method = SLICE("GET");
    assert_non_null(auth_identify(&verifying, &arena, &changed, AUTH_STS, now_ms, &identity));
    assert_identified(&signed_case, &verifying, &read.request, AUTH_STS);
    /* AWS's name of another service. */
    assert_non_null(auth_identify(&verifying, &arena, &read.request, AUTH_IAM, now_ms, &identity));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_the_file_is_verified),
        cmocka_unit_test(the_first_fault_is_told),
        cmocka_unit_test(dynamodb_does_not_know_it),
        cmocka_unit_test(nothing_can_be_added),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
