/* The Query protocol over HTTP, without a socket: what is taken for it, and what is around answers.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "api/api.h"
#include "iam/directory.h"
#include "iam/service.h"
#include "store/mem/mem_store.h"

enum { START_ARENA_BYTES = 64 * 1024 * 1024, CALL_ARENA_BYTES = 64 * 1024 * 1024 };

#define FORM_TYPE "application/x-www-form-urlencoded"
#define AUTHORIZATION                                                                              \
    "AWS4-HMAC-SHA256 Credential=k/20261007/us-east-1/sts/aws4_request, "                          \
    "SignedHeaders=host;x-amz-date, Signature=0a"
#define IDENTITY "Action=GetCallerIdentity&Version=2011-06-15"
#define NOT_FOUND "<UnknownOperationException/>\n"

static struct arena arena;
static struct store *store;
static struct db *db;
static struct auth_seal_key key;
static struct iam iam;
static struct op_environment environment;
static struct api api;

static void start(const struct iam *with)
{
    struct api_options options = {
        .environment = &environment,
        .account = SLICE("000000000000"),
        .iam = with,
        .cors_origins = SLICE("*"),
    };
    api_init(&api, &options);
}

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, START_ARENA_BYTES);
    assert_null(mem_store_open(&arena, &store));
    struct db_options db_options = {.store = store};
    assert_null(db_open(&arena, &db_options, &db));
    struct iam_directory_options options = {
        .db = db, .account = SLICE("000000000000"), .key = &key};
    assert_null(iam_directory_open(&arena, &options, &iam.directory));
    iam.key = &key;
    iam.account = options.account;
    iam.development = true;
    environment = (struct op_environment){.db = db, .account = options.account};
    start(&iam);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    iam_directory_close(iam.directory);
    db_close(db);
    store_close(store);
    arena_fini(&arena);
    return 0;
}

struct sent {
    const char *method, *target, *type, *authorization, *body;
};

static void on_finished(struct http_exchange *exchange)
{
    exchange->handler_state = exchange; /* once, at once */
}

static void run(const struct sent *sent, struct http_exchange *exchange)
{
    static struct http_header headers[4];
    size_t count = 0;
    const struct http_header all[] = {
        {SLICE("Content-Type"), sent->type == NULL ? SLICE_ABSENT : slice_of_cstring(sent->type)},
        {SLICE("Authorization"),
         sent->authorization == NULL ? SLICE_ABSENT : slice_of_cstring(sent->authorization)},
        {SLICE("X-Amz-Date"), SLICE("20261007T093000Z")},
        {SLICE("Origin"), SLICE("https://console.example.com")},
    };
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        if (slice_present(all[i].value))
            headers[count++] = all[i];
    }
    *exchange = (struct http_exchange){.finished = on_finished};
    arena_init(&exchange->arena, CALL_ARENA_BYTES);
    exchange->request = (struct http_request){
        .method = slice_of_cstring(sent->method),
        .target = slice_of_cstring(sent->target),
        .headers = headers,
        .header_count = count,
        .body = slice_of_cstring(sent->body == NULL ? "" : sent->body),
    };
    struct http_handler handler = api_handler(&api);
    handler.handle(handler.context, exchange);
    assert_ptr_equal(exchange->handler_state, exchange);
}

static struct slice header(const struct http_exchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->response.header_count; i++) {
        if (http_name_equal(exchange->response.headers[i].name, slice_of_cstring(name)))
            return exchange->response.headers[i].value;
    }
    return SLICE_ABSENT;
}

static bool has(struct slice text, const char *part)
{
    return memmem(text.data, text.size, part, strlen(part)) != NULL;
}

static void answers_and_refuses(void **state)
{
    (void)state;
    static const struct {
        struct sent sent;
        int status;
        const char *part;
    } cases[] = {
        {{"POST", "/", FORM_TYPE, AUTHORIZATION, IDENTITY},
         200,
         "<Arn>arn:aws:iam::000000000000:root</Arn>"},
        {{"POST", "/", FORM_TYPE "; charset=utf-8", AUTHORIZATION, IDENTITY},
         200,
         "<UserId>000000000000</UserId>"},
        {{"POST", "/?", "Application/X-WWW-Form-Urlencoded", AUTHORIZATION, IDENTITY},
         200,
         "<Account>000000000000</Account>"},
        {{"GET",
          "/?" IDENTITY
          "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k/20261007/us-east-1/sts/aws4_request"
          "&X-Amz-Date=20261007T093000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=0a",
          NULL, NULL, NULL},
         200,
         "<GetCallerIdentityResponse "},
        {{"GET", "/?" IDENTITY, NULL, NULL, NULL}, 403, "<Code>MissingAuthenticationToken</Code>"},
        {{"POST", "/", FORM_TYPE, NULL, IDENTITY},
         403,
         "<Message>Request is missing Authentication Token</Message>"},
        {{"POST", "/", FORM_TYPE, AUTHORIZATION, ""}, 400, "<Code>InvalidAction</Code>"},
        {{"POST", "/", FORM_TYPE, AUTHORIZATION, "Action=ListUsers&Version=2010-05-08"},
         200,
         "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\""},
        {{"POST", "/", FORM_TYPE, AUTHORIZATION, "Action=GetUser&Version=2010-05-08&UserName=none"},
         404,
         "<Code>NoSuchEntity</Code>"},
        {{"POST", "/", FORM_TYPE, AUTHORIZATION, "Action=AssumeRole&Version=2011-06-15"},
         400,
         "<Code>ValidationError</Code>"},
        {{"GET", "/?xAction=1", NULL, NULL, NULL}, 200, "healthy"},
        {{"PUT", "/", FORM_TYPE, AUTHORIZATION, IDENTITY}, 404, NOT_FOUND},
        {{"POST", "/other", FORM_TYPE, AUTHORIZATION, IDENTITY}, 404, NOT_FOUND},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_exchange exchange;
        run(&cases[i].sent, &exchange);
        assert_int_equal(exchange.response.status, cases[i].status);
        assert_true(has(exchange.response.body, cases[i].part));
        assert_true(slice_equal(header(&exchange, "access-control-allow-origin"), SLICE("*")));
        if (exchange.response.body.data[0] == '<' && cases[i].part[1] != 'U') {
            assert_true(slice_equal(header(&exchange, "content-type"), SLICE("text/xml")));
            assert_int_equal(header(&exchange, "x-amzn-requestid").size, 36);
            assert_false(slice_present(header(&exchange, "x-amz-crc32")));
        }
        arena_fini(&exchange.arena);
    }
}

static void is_not_there_without_identities(void **state)
{
    (void)state;
    static const struct sent cases[] = {
        {"POST", "/", FORM_TYPE, AUTHORIZATION, IDENTITY},
        {"POST", "/sessions", "application/json", AUTHORIZATION, "{}"},
    };
    start(NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct http_exchange exchange;
        run(&cases[i], &exchange);
        assert_int_equal(exchange.response.status, 404);
        assert_true(slice_equal(exchange.response.body, SLICE(NOT_FOUND)));
        arena_fini(&exchange.arena);
    }
}

static void too_many_parameters_are_refused(void **state)
{
    (void)state;
    static char body[2 * 5000 + 1];
    memset(body, '&', sizeof(body) - 1);
    const struct sent sent = {"POST", "/", FORM_TYPE, AUTHORIZATION, body};
    struct http_exchange exchange;
    run(&sent, &exchange);
    assert_int_equal(exchange.response.status, 400);
    assert_true(has(exchange.response.body, "<Code>MalformedInput</Code>"));
    arena_fini(&exchange.arena);
}

static void they_run_on_workers(void **state)
{
    (void)state;
    struct http_header type = {SLICE("Content-Type"), SLICE(FORM_TYPE)};
    struct http_request request = {
        .method = SLICE("POST"), .target = SLICE("/"), .headers = &type, .header_count = 1};
    assert_true(api_is_long(&api, &request));
    request.header_count = 0;
    assert_false(api_is_long(&api, &request));
    request.target = SLICE("/sessions?profileArn=x");
    assert_true(api_is_long(&api, &request));
    request.target = SLICE("/sessionsx");
    assert_false(api_is_long(&api, &request));
    request.method = SLICE("GET");
    request.target = SLICE("/?a=b&Action=GetCallerIdentity");
    assert_true(api_is_long(&api, &request));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_and_refuses, set_up, tear_down),
        cmocka_unit_test_setup_teardown(is_not_there_without_identities, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_many_parameters_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(they_run_on_workers, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
