#include "query/xml_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "query/answer.h"

enum { ARENA_BYTES = 1024 * 1024 };

static struct arena arena;
static struct buf out;
static struct xml_writer writer;

static int open_arena(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&out, &arena, ARENA_BYTES);
    xml_writer_init(&writer, &out);
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

static void expect(const char *text)
{
    assert_false(out.failed);
    struct slice written = buf_slice(&out);
    assert_int_equal(written.size, strlen(text));
    assert_memory_equal(written.data, text, written.size);
}

static void escapes_and_leaves_out(void **state)
{
    (void)state;
    static const struct {
        struct slice text;
        const char *written;
    } cases[] = {
        {SLICE_INIT("a<b>&\"c'"), "<T>a&lt;b&gt;&amp;&quot;c'</T>"},
        {SLICE_INIT("line\r\n\ttab"), "<T>line&#xD;\n\ttab</T>"},
        {SLICE_INIT("\0\x01\x1f\x7f"), "<T>\x7f</T>"},
        {SLICE_INIT("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
         "<T>\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80</T>"},
        /* cut off, overlong, a surrogate, beyond the last character, a noncharacter */
        {SLICE_INIT("x\xc3"), "<T>x</T>"},
        {SLICE_INIT("x\xc0\xbcy"), "<T>xy</T>"},
        {SLICE_INIT("x\xed\xa0\x80y"), "<T>xy</T>"},
        {SLICE_INIT("x\xf4\x90\x80\x80y"), "<T>xy</T>"},
        {SLICE_INIT("x\xef\xbf\xbfy"), "<T>xy</T>"},
        {SLICE_INIT(""), "<T></T>"},
        {{NULL, 0}, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buf_clear(&out);
        xml_text(&writer, "T", cases[i].text);
        expect(cases[i].written);
    }
}

static void writes_numbers_and_dates(void **state)
{
    (void)state;
    xml_integer(&writer, "N", -5);
    xml_boolean(&writer, "B", true);
    xml_date(&writer, "D", INT64_C(1769860800999));
    xml_date(&writer, "D", -1);
    expect("<N>-5</N><B>true</B><D>2026-01-31T12:00:00Z</D><D>1969-12-31T23:59:59Z</D>");
}

static void surrounds_a_result(void **state)
{
    (void)state;
    query_answer_begin(&writer, &query_sts, "GetCallerIdentity", true);
    xml_text(&writer, "Account", SLICE("000000000000"));
    query_answer_end(&writer, "GetCallerIdentity", true, SLICE("r-1"));
    expect("<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
           "<GetCallerIdentityResult><Account>000000000000</Account></GetCallerIdentityResult>"
           "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>"
           "</GetCallerIdentityResponse>");
}

static void has_no_result_where_there_is_none(void **state)
{
    (void)state;
    query_answer_begin(&writer, &query_iam, "DeleteUser", false);
    query_answer_end(&writer, "DeleteUser", false, SLICE("r-2"));
    expect("<DeleteUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"
           "<ResponseMetadata><RequestId>r-2</RequestId></ResponseMetadata></DeleteUserResponse>");
}

static void calls_errors_as_the_protocol_does(void **state)
{
    (void)state;
    static const struct {
        enum error_kind kind;
        const char *code;
        int status;
    } cases[] = {
        {ERROR_ACCESS_DENIED, "AccessDenied", 403},
        {ERROR_UNRECOGNIZED_CLIENT, "InvalidClientTokenId", 403},
        {ERROR_INVALID_SIGNATURE, "SignatureDoesNotMatch", 403},
        {ERROR_INCOMPLETE_SIGNATURE, "IncompleteSignature", 400},
        {ERROR_MISSING_AUTHENTICATION_TOKEN, "MissingAuthenticationToken", 403},
        {ERROR_EXPIRED_TOKEN, "ExpiredToken", 403},
        {ERROR_EXPIRED_WEB_IDENTITY, "ExpiredTokenException", 400},
        {ERROR_NO_SUCH_ENTITY, "NoSuchEntity", 404},
        {ERROR_QUERY_VALIDATION, "ValidationError", 400},
        {ERROR_INTERNAL, "InternalFailure", 500},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct query_failure failure = query_failure_of(cases[i].kind);
        assert_string_equal(failure.code, cases[i].code);
        assert_int_equal(failure.status, cases[i].status);
    }
    query_answer_error(&writer, &query_sts, error_make(&arena, ERROR_ACCESS_DENIED, "User: <you>"),
                       SLICE("r-3"));
    expect("<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>"
           "<Type>Sender</Type><Code>AccessDenied</Code><Message>User: &lt;you&gt;</Message>"
           "</Error><RequestId>r-3</RequestId></ErrorResponse>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(escapes_and_leaves_out, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(writes_numbers_and_dates, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(surrounds_a_result, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(has_no_result_where_there_is_none, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(calls_errors_as_the_protocol_does, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
