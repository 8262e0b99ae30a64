/* AWS3, as aws2js and boto signed with it. */

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
    check_case_file(TESTS_DIR "/unit/auth/cases/aws3.cases", AUTH_DYNAMODB, 8);
}

#define WITH(date, headers, claim)                                                                 \
    "POST /\nHost:h\n" date headers "X-Amzn-Authorization:" claim "\n\n{}"
#define NOW "Date:Sat, 28 Nov 2026 22:55:10 GMT\n"
#define OLD "Date:Sat, 28 Nov 2026 22:40:09 GMT\n"
#define TARGET "X-Amz-Target:T\n"
#define CLAIM(scheme, key, algorithm, signed)                                                      \
    scheme " AWSAccessKeyId=" key ",Algorithm=" algorithm "," signed "Signature=x="

static const struct old_fault faults[] = {
    {"POST /\nHost:h\nX-Amzn-Authorization:AWS2 a\n\n", ERROR_MISSING_AUTHENTICATION_TOKEN,
     "Request is missing Authentication Token", true, false},
    {WITH("", TARGET, "AWS3 Algorithm=x, junk"), ERROR_INCOMPLETE_SIGNATURE,
     "Authorization header requires 'AWSAccessKeyId' parameter. Authorization header requires "
     "'Signature' parameter. Authorization header requires existence of either a 'X-Amz-Date' or "
     "a 'Date' header. Authorization=AWS3 Algorithm=x, junk",
     true, false},
    {WITH("Date:now\n", TARGET, CLAIM("AWS3", "a", "b", "SignedHeaders=c,")),
     ERROR_INCOMPLETE_SIGNATURE,
     "Date must be in ISO-8601 'basic format'. Got 'now'. See "
     "http://en.wikipedia.org/wiki/ISO_8601",
     true, false},
    {WITH(OLD, TARGET, CLAIM("AWS3", "a", "HmacSHA256", "SignedHeaders=host;date;x-amz-target,")),
     ERROR_INVALID_SIGNATURE,
     "Signature expired: 20261128T224009Z is now earlier than 20261128T224010Z "
     "(20261128T225510Z - 15 min.)",
     false, false},
    {WITH(NOW, TARGET, CLAIM("AWS3", "a", "b", "SignedHeaders=date,")), ERROR_INVALID_SIGNATURE,
     "'Host' must be a 'SignedHeader' in the AWS Authorization.", true, false},
    {WITH(NOW, TARGET, CLAIM("AWS3", "a", "b", "SignedHeaders=host,")), ERROR_INVALID_SIGNATURE,
     "'Date' must be a 'SignedHeader' in the AWS Authorization.", true, false},
    {WITH(NOW, "X-Amz-Date:Sat, 28 Nov 2026 22:55:10 GMT\n",
          CLAIM("AWS3", "a", "b", "SignedHeaders=host;date,")),
     ERROR_INVALID_SIGNATURE, "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.",
     true, false},
    {WITH(NOW, TARGET, CLAIM("AWS3", "a", "b", "SignedHeaders=host;date,")),
     ERROR_INVALID_SIGNATURE, "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.",
     true, false},
    {WITH(NOW, TARGET, CLAIM("AWS3", "a", "HmacSHA1", "")), ERROR_INCOMPLETE_SIGNATURE,
     "Unsupported AWS 'algorithm': 'HmacSHA1' with 'AWS3' (only HmacSHA256 with AWS3, or with "
     "AWS3-HTTPS over TLS). ",
     true, false},
    /* The date alone proves nothing where others can see and change the rest. */
    {WITH(NOW, TARGET, CLAIM("AWS3-HTTPS", "a", "HmacSHA256", "")), ERROR_INCOMPLETE_SIGNATURE,
     NULL, true, false},
    {WITH(NOW, TARGET, CLAIM("AWS3-HTTPS", "AKIDEXAMPLE", "HmacSHA256", "")),
     ERROR_INVALID_SIGNATURE, NULL, false, true},
    {WITH(NOW, TARGET, CLAIM("AWS3", "NOBODY", "HmacSHA256", "")), ERROR_UNRECOGNIZED_CLIENT, NULL,
     false, false},
    {WITH(NOW, "X-Amz-Security-Token:x\n", CLAIM("AWS3", "AKIDEXAMPLE", "HmacSHA256", "")),
     ERROR_UNRECOGNIZED_CLIENT, NULL, false, false},
    {WITH(NOW, TARGET, CLAIM("AWS3", "AKIDEXAMPLE", "HmacSHA256", "")), ERROR_INVALID_SIGNATURE,
     NULL, false, false},
};

static void the_first_fault_is_told(void **state)
{
    (void)state;
    check_faults(faults, COUNT_OF(faults), AUTH_DYNAMODB);
}

static void other_services_do_not_know_it(void **state)
{
    (void)state;
    static const struct old_fault unknown[] = {
        {WITH(NOW, TARGET, CLAIM("AWS3", "AKIDEXAMPLE", "HmacSHA256", "")),
         ERROR_MISSING_AUTHENTICATION_TOKEN, NULL, true, false},
    };
    check_faults(unknown, COUNT_OF(unknown), AUTH_STS);
    check_faults(unknown, COUNT_OF(unknown), AUTH_IAM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_of_the_file_is_verified),
        cmocka_unit_test(the_first_fault_is_told),
        cmocka_unit_test(other_services_do_not_know_it),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
