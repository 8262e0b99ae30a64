/* Signature Version 4 with a keyring: every stage of cases/signature_v4.cases, and which of several
 * faults is told. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "auth/auth.h"
#include "auth/moment.h"
#include "base/buf.h"
#include "case_file.h"
#include "table_keyring.h"

enum { ARENA_BYTES = 1024 * 1024, REQUEST, CANONICAL, TO_SIGN, SIGNATURE };

static struct arena arena;
static int64_t now_ms;
static struct table_key keys[] = {
    {.id = SLICE_INIT("AKIDEXAMPLE")},
    {.id = SLICE_INIT("AKIDEXAMPLE"), .token = SLICE_INIT(TEST_TOKEN), .expires_ms = INT64_MAX},
    {.id = SLICE_INIT("ASIAEXPIRED"), .token = SLICE_INIT("t"), .expires_ms = 1},
};
static struct table_keyring table;
static struct auth_options options = {.keyring = &table.keyring};

static int open_all(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    table_keyring_open(&table, keys, COUNT_OF(keys));
    return auth_moment_of_basic(SLICE("20150830T123600Z"), &now_ms) ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    table_keyring_close(&table);
    arena_fini(&arena);
    return 0;
}

static enum auth_service service_of(const struct signed_case *signed_case)
{
    struct slice name = case_fact(signed_case, "service");
    if (slice_equal(name, SLICE("sts")))
        return AUTH_STS;
    return slice_equal(name, SLICE("iam")) ? AUTH_IAM : AUTH_DYNAMODB;
}

static const struct error *identify(const struct http_request *request, enum auth_service service,
                                    struct auth_identity *ret_identity)
{
    return auth_identify(&options, &arena, request, service, now_ms, ret_identity);
}

#define MISMATCH                                                                                   \
    "The request signature we calculated does not match the signature you provided. Check your "   \
    "AWS Secret Access Key and signing method. Consult the service documentation for details."

/* How the service shows what it calculated: in ASCII. */
static struct slice expected_mismatch(const struct signed_case *signed_case)
{
    struct buf text;
    buf_init(&text, &arena, ARENA_BYTES);
    buf_append(&text, SLICE(MISMATCH "\n\nThe Canonical String for this request should have been"
                                     "\n'"));
    buf_append(&text, signed_case->sections[CANONICAL - REQUEST]);
    buf_append(&text, SLICE("'\n\nThe String-to-Sign should have been\n'"));
    buf_append(&text, signed_case->sections[TO_SIGN - REQUEST]);
    buf_append(&text, SLICE("'\n"));
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] >= 0x80)
            text.data[i] = '?';
    }
    assert_false(text.failed);
    return buf_slice(&text);
}

static void assert_text(struct slice title, struct slice actual, struct slice expected)
{
    if (slice_equal(actual, expected))
        return;
    fail_msg("%.*s:\n%.*s\ninstead of\n%.*s", SLICE_PRINT(title), SLICE_PRINT(actual),
             SLICE_PRINT(expected));
}

static void assert_identified(const struct signed_case *signed_case,
                              const struct http_request *request)
{
    struct auth_identity identity;
    struct slice title = signed_case->title;
    const struct error *error = identify(request, service_of(signed_case), &identity);
    if (error != NULL)
        fail_msg("%.*s:\n%.*s", SLICE_PRINT(title), SLICE_PRINT(error->message));
    assert_text(title, identity.access_key_id, SLICE("AKIDEXAMPLE"));
    assert_non_null(identity.credential);
    assert_int_equal(table.references, 1);
    auth_identity_release(&options, &identity);
    assert_int_equal(table.references, 0);
}

static void check_case(const struct signed_case *signed_case)
{
    struct slice text;
    struct slice title = signed_case->title;
    struct slice signature = signed_case->sections[SIGNATURE - REQUEST];
    assert_int_equal(signed_case->section_count, 4);
    assert_true(arena_copy(&arena, signed_case->sections[0], &text));
    struct request_text read;
    request_text_read(text, &read);
    read.request.secure = slice_present(case_fact(signed_case, "secure"));
    if (!slice_present(case_fact(signed_case, "refused"))) {
        assert_identified(signed_case, &read.request);
        /* With another signature all that was calculated is told. */
        char *digit = memmem(text.data, text.size, signature.data, signature.size);
        assert_non_null(digit);
        *digit = *digit == '0' ? '1' : '0';
    }
    struct auth_identity identity;
    const struct error *error = identify(&read.request, service_of(signed_case), &identity);
    assert_non_null(error);
    assert_int_equal(error->kind, ERROR_INVALID_SIGNATURE);
    assert_text(title, error->message, expected_mismatch(signed_case));
    assert_int_equal(table.references, 0);
}

static void every_stage_is_as_the_case_file_has_it(void **state)
{
    (void)state;
    struct slice rest;
    struct signed_case signed_case;
    char *text = case_file_read(TESTS_DIR "/unit/auth/cases/signature_v4.cases", &rest);
    size_t count = 0;
    for (; case_file_next(&rest, &signed_case); count++)
        check_case(&signed_case);
    assert_true(count > 50);
    free(text);
}

/* One fault after the other, in the order in which they are told: what comes first hides the rest.
 */
struct fault {
    const char *target;
    const char *headers;
    enum error_kind kind;
    const char *message;
};

#define DATE "X-Amz-Date:20150830T123600Z\n"
#define BAD_AUTH(algorithm, credential, signed)                                                    \
    "Authorization:" algorithm " Credential=" credential ", SignedHeaders=" signed ", "            \
                                                                                   "Signature=0\n"
#define SCOPE "/20150830/us-east-1/dynamodb/aws4_request"
#define TARGET "X-Amz-Target:T\n"
#define UNRECOGNIZED                                                                               \
    ERROR_UNRECOGNIZED_CLIENT, "The security token included in the request is invalid."
#define PRESIGNED(algorithm, credential, date, expires, signed)                                    \
    "/?X-Amz-Algorithm=" algorithm "&X-Amz-Credential=" credential "&X-Amz-Date=" date             \
    "&X-Amz-Expires=" expires "&X-Amz-SignedHeaders=" signed "&X-Amz-Signature=0"

static const struct fault faults[] = {
    {"/", "X-Amz-Date:1\n", ERROR_MISSING_AUTHENTICATION_TOKEN,
     "Request is missing Authentication Token"},
    {"/?X-Amz-Algorithm=A", "X-Amz-Date:1\nAuthorization:AWS4-A\n", ERROR_INVALID_SIGNATURE,
     "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."},
    {"/", "X-Amz-Date:1\nAuthorization:AWS4-A Credential=a/b\n", ERROR_INCOMPLETE_SIGNATURE,
     "Authorization header requires 'Signature' parameter. Authorization header requires "
     "'SignedHeaders' parameter. Authorization=AWS4-A Credential=a/b"},
    {"/", "X-Amz-Date:201\n" BAD_AUTH("AWS4-A", "a/b", "c"), ERROR_INCOMPLETE_SIGNATURE,
     "Date must be in ISO-8601 'basic format'. Got '201'. See "
     "http://en.wikipedia.org/wiki/ISO_8601"},
    {"/", "X-Amz-Date:20150830T122059Z\n" BAD_AUTH("AWS4-A", "a/b", "c"), ERROR_INVALID_SIGNATURE,
     "Signature expired: 20150830T122059Z is now earlier than 20150830T122100Z "
     "(20150830T123600Z - 15 min.)"},
    {"/", "X-Amz-Date:20150830T125101Z\n" BAD_AUTH("AWS4-A", "a/b", "c"), ERROR_INVALID_SIGNATURE,
     "Signature not yet current: 20150830T125101Z is still later than 20150830T125100Z "
     "(20150830T123600Z + 15 min.)"},
    {"/", "Date:Sun, 30 Aug 2015 12:20:59 GMT\n" BAD_AUTH("AWS4-A", "a/b", "c"),
     ERROR_INVALID_SIGNATURE,
     "Signature expired: 20150830T122059Z is now earlier than 20150830T122100Z "
     "(20150830T123600Z - 15 min.)"},
    {"/", DATE TARGET BAD_AUTH("AWS4-A", "a/b", "c"), ERROR_INVALID_SIGNATURE,
     "'Host' must be a 'SignedHeader' in the AWS Authorization."},
    {"/", DATE TARGET BAD_AUTH("AWS4-A", "a/b", "Host"), ERROR_INVALID_SIGNATURE,
     "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."},
    {"/", DATE BAD_AUTH("AWS4-HMAC-SHA25", "a/b", "host"), ERROR_INCOMPLETE_SIGNATURE,
     "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). "},
    {"/", DATE BAD_AUTH("AWS4-HMAC-SHA256", "a/b/c/d", "host"), ERROR_INCOMPLETE_SIGNATURE,
     "Credential must have exactly 5 slash-delimited elements, e.g. "
     "keyid/date/region/service/term, got 'a/b/c/d'"},
    {"/", DATE BAD_AUTH("AWS4-HMAC-SHA256", "a/b/c_/d/e", "host"), ERROR_INVALID_SIGNATURE,
     "Credential should be scoped to a valid region, not 'c_'. Credential should be scoped to "
     "correct service: 'dynamodb'. Credential should be scoped with a valid terminator: "
     "'aws4_request', not 'e'. Date in Credential scope does not match YYYYMMDD from ISO-8601 "
     "version of date from HTTP: 'b' != '20150830', from '20150830T123600Z'."},
    {"/", DATE BAD_AUTH("AWS4-HMAC-SHA256", "a/20150830/x/sts/aws4_request", "host"),
     ERROR_INVALID_SIGNATURE, "Credential should be scoped to correct service: 'dynamodb'. "},
    {"/", DATE BAD_AUTH("AWS4-HMAC-SHA256", "a/20150829/x/dynamodb/aws4_request", "host"),
     ERROR_INVALID_SIGNATURE,
     "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
     "'20150829' != '20150830', from '20150830T123600Z'."},
    {"/", DATE BAD_AUTH("AWS4-HMAC-SHA256", "NOBODY" SCOPE, "host"), UNRECOGNIZED},
    {"/", DATE "X-Amz-Security-Token:x\n" BAD_AUTH("AWS4-HMAC-SHA256", "AKIDEXAMPLE" SCOPE, "host"),
     UNRECOGNIZED},
    {"/", DATE BAD_AUTH("AWS4-HMAC-SHA256", "ASIAEXPIRED" SCOPE, "host"), UNRECOGNIZED},
    /* A wrong signature is told before the end of a session. */
    {"/", DATE "X-Amz-Security-Token:t\n" BAD_AUTH("AWS4-HMAC-SHA256", "ASIAEXPIRED" SCOPE, "host"),
     ERROR_INVALID_SIGNATURE, NULL},
    {"/?X-Amz-Algorithm=A&X-Amz-Date=1", "", ERROR_INCOMPLETE_SIGNATURE,
     "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters "
     "must include 'X-Amz-Signature'. AWS query-string parameters must include "
     "'X-Amz-SignedHeaders'. Re-examine the query-string parameters."},
    {PRESIGNED("A", "a", "1", "x", "c"), "", ERROR_INCOMPLETE_SIGNATURE,
     "Date must be in ISO-8601 'basic format'. Got '1'. See http://en.wikipedia.org/wiki/ISO_8601"},
    {PRESIGNED("A", "a", "20150830T000000Z", "x", "c"), "", ERROR_INCOMPLETE_SIGNATURE,
     "X-Amz-Expires should be a number"},
    {PRESIGNED("A", "a", "20150830T000000Z", "!!!!!!!!!!!!!!!!!!!!!!!!!!!!", "c"), "",
     ERROR_INCOMPLETE_SIGNATURE, "X-Amz-Expires should be a number"},
    {PRESIGNED("A", "a", "20150830T000000Z", "", "c"), "", ERROR_INCOMPLETE_SIGNATURE,
     "X-Amz-Expires should be a number"},
    {PRESIGNED("A", "a", "20150830T000000Z", "-1", "c"), "", ERROR_INCOMPLETE_SIGNATURE,
     "X-Amz-Expires must be non-negative"},
    {PRESIGNED("A", "a", "20150830T000000Z", "604801", "c"), "", ERROR_INCOMPLETE_SIGNATURE,
     "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must "
     "be less than 604800 seconds"},
    {PRESIGNED("A", "a", "20150830T000000Z", "99999999999999999999", "c"), "",
     ERROR_INCOMPLETE_SIGNATURE,
     "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must "
     "be less than 604800 seconds"},
    {PRESIGNED("A", "a", "20150830T123459Z", "60", "c"), "", ERROR_INVALID_SIGNATURE,
     "Signature expired: 20150830T123459Z is now earlier than 20150830T123500Z "
     "(20150830T123600Z - 60 sec.)"},
    {PRESIGNED("A", "a", "20150830T125101Z", "60", "c"), "", ERROR_INVALID_SIGNATURE,
     "Signature not yet current: 20150830T125101Z is still later than 20150830T125100Z "
     "(20150830T123600Z + 15 min.)"},
    {PRESIGNED("A", "a", "20150824T000000Z", "604800", "c"), "", ERROR_INVALID_SIGNATURE,
     "'Host' must be a 'SignedHeader' in the AWS Authorization."},
    {PRESIGNED("A", "a", "20150830T123600Z", "1", "host"), TARGET, ERROR_INVALID_SIGNATURE,
     "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."},
    {PRESIGNED("A", "a", "20150830T123600Z", "1", "host"), "", ERROR_INCOMPLETE_SIGNATURE,
     "Unsupported AWS 'algorithm': 'A' (only AWS4-HMAC-SHA256 for now). "},
    {PRESIGNED("AWS4-HMAC-SHA256", "AKIDEXAMPLE" SCOPE, "20150830T123600Z", "1",
               "host") "&X-Amz-Security-Token=x",
     "", UNRECOGNIZED},
};

static const struct error *identify_fault(const struct fault *fault)
{
    struct buf text;
    struct request_text read;
    struct auth_identity identity;
    buf_init(&text, &arena, ARENA_BYTES);
    buf_append_format(&text, "POST %s\nHost:h\n%s\n{}", fault->target, fault->headers);
    assert_false(text.failed);
    request_text_read(buf_slice(&text), &read);
    return identify(&read.request, AUTH_DYNAMODB, &identity);
}

static void the_first_fault_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct slice target = slice_of_cstring(faults[i].target);
        const struct error *error = identify_fault(&faults[i]);
        assert_non_null(error);
        if (faults[i].message != NULL)
            assert_text(target, error->message, slice_of_cstring(faults[i].message));
        assert_int_equal(error->kind, faults[i].kind);
        assert_int_equal(table.references, 0);
    }
}

/* The first case of the file with one text of it replaced. */
struct change {
    const char *from;
    const char *to;
    enum error_kind kind;
};

static const struct change changes[] = {
    {"POST", "PUTS", ERROR_INVALID_SIGNATURE},
    {"POST /", "POST /a", ERROR_INVALID_SIGNATURE},
    {"POST /", "POST /?a", ERROR_INVALID_SIGNATURE},
    {"Host:127.0.0.1:8000", "Host:127.0.0.1:8001", ERROR_INVALID_SIGNATURE},
    {"Host:127.0.0.1:8000", "Host:127.0.0.1:8000\nHost:a", ERROR_INVALID_SIGNATURE},
    {"GetItem\n", "PutItem\n", ERROR_INVALID_SIGNATURE},
    {"GetItem\n", "GetItem\nX-Amz-Target:T\n", ERROR_INVALID_SIGNATURE},
    {"Date:20150830T123600Z", "Date:20150830T123601Z", ERROR_INVALID_SIGNATURE},
    {"us-east-1", "us-east-2", ERROR_INVALID_SIGNATURE},
    {"host;x-amz-date", "host;accept;x-amz-date", ERROR_INVALID_SIGNATURE},
    {"SignedHeaders=content-type;", "SignedHeaders=", ERROR_INVALID_SIGNATURE},
    {"No One", "No one", ERROR_INVALID_SIGNATURE},
    {"Signature=", "Signature=0", ERROR_INVALID_SIGNATURE},
    {"AKIDEXAMPLE", "AKIDEXAMPLF", ERROR_UNRECOGNIZED_CLIENT},
    {"\nAuthorization", "\nX-Amz-Security-Token:x\nAuthorization", ERROR_UNRECOGNIZED_CLIENT},
    /* What may be otherwise. */
    {"\nAuthorization", "\nAccept: any\nAuthorization", ERROR_KIND_COUNT},
    {"Content-Type:", "CONTENT-TYPE:   ", ERROR_KIND_COUNT},
};

static struct slice with_change(struct slice text, const struct change *change)
{
    struct buf changed;
    const uint8_t *at = memmem(text.data, text.size, change->from, strlen(change->from));
    assert_non_null(at);
    buf_init(&changed, &arena, ARENA_BYTES);
    buf_append(&changed, slice_of(text.data, (size_t)(at - text.data)));
    buf_append(&changed, slice_of_cstring(change->to));
    buf_append(&changed, slice_after(text, (size_t)(at - text.data) + strlen(change->from)));
    assert_false(changed.failed);
    return buf_slice(&changed);
}

static void nothing_that_is_signed_can_be_changed(void **state)
{
    (void)state;
    struct slice rest;
    struct signed_case signed_case;
    char *text = case_file_read(TESTS_DIR "/unit/auth/cases/signature_v4.cases", &rest);
    assert_true(case_file_next(&rest, &signed_case));
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        struct request_text read;
        struct auth_identity identity;
        request_text_read(with_change(signed_case.sections[0], &changes[i]), &read);
        const struct error *error = identify(&read.request, AUTH_DYNAMODB, &identity);
        if (error == NULL)
            auth_identity_release(&options, &identity);
        enum error_kind kind = error == NULL ? ERROR_KIND_COUNT : error->kind;
        if (kind != changes[i].kind)
            fail_msg("%s to %s: %d", changes[i].from, changes[i].to, (int)kind);
    }
    free(text);
}

static void the_end_of_a_session_is_told_last(void **state)
{
    (void)state;
    struct slice rest;
    struct signed_case signed_case;
    struct request_text read;
    struct auth_identity identity;
    char *text = case_file_read(TESTS_DIR "/unit/auth/cases/signature_v4.cases", &rest);
    do
        assert_true(case_file_next(&rest, &signed_case));
    while (!slice_equal(signed_case.title, SLICE("a session token")));
    request_text_read(signed_case.sections[0], &read);
    struct auth_credential *credential = &keys[1].credential;
    credential->expires_ms = now_ms;
    const struct error *error = identify(&read.request, AUTH_DYNAMODB, &identity);
    assert_non_null(error);
    assert_int_equal(error->kind, ERROR_EXPIRED_TOKEN);
    assert_text(signed_case.title, error->message,
                SLICE("The security token included in the request is expired"));
    assert_int_equal(table.references, 0);
    credential->expires_ms = now_ms + 1;
    assert_identified(&signed_case, &read.request);
    free(text);
}

/* Wherever memory ends there is an error, and no reference is left behind. */
static void exhausted_memory_lets_nobody_in(void **state)
{
    (void)state;
    struct slice rest;
    struct signed_case signed_case;
    struct request_text read;
    char *text = case_file_read(TESTS_DIR "/unit/auth/cases/signature_v4.cases", &rest);
    assert_true(case_file_next(&rest, &signed_case));
    request_text_read(signed_case.sections[0], &read);
    bool identified = false;
    for (size_t limit = 0; !identified; limit += 64) {
        struct arena small;
        struct auth_identity identity;
        arena_init(&small, limit);
        const struct error *error =
            auth_identify(&options, &small, &read.request, AUTH_DYNAMODB, now_ms, &identity);
        identified = error == NULL;
        if (identified)
            auth_identity_release(&options, &identity);
        else
            assert_ptr_equal(error, error_exhausted());
        assert_int_equal(table.references, 0);
        assert_true(limit < ARENA_BYTES);
        arena_fini(&small);
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_stage_is_as_the_case_file_has_it),
        cmocka_unit_test(the_first_fault_is_told),
        cmocka_unit_test(nothing_that_is_signed_can_be_changed),
        cmocka_unit_test(the_end_of_a_session_is_told_last),
        cmocka_unit_test(exhausted_memory_lets_nobody_in),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
