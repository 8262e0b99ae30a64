/* The protocol without a socket, over a database in memory. The checksums of fixed bodies are the
 * service's. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/api.h"
#include "base/buf.h"
#include "base/crc32.h"
#include "base/log.h"
#include "http/content_coding.h"
#include "http/request_parser.h"
#include "store/mem/mem_store.h"

enum { START_ARENA_BYTES = 16 * 1024 * 1024, CALL_ARENA_BYTES = 128 * 1024 * 1024 };

#define AUTHORIZATION                                                                              \
    "AWS4-HMAC-SHA256 Credential=k/20261007/us-east-1/dynamodb/aws4_request, "                     \
    "SignedHeaders=host;x-amz-date, Signature=0a"
#define AMAZON_JSON "application/x-amz-json-1.0"
#define PLAIN_JSON "application/json"
#define TYPE(name) "{\"__type\":\"com.amazon.coral.service#" name "\"}"

/* --- a server without a network --- */

static struct arena arena;
static struct store *store;
static struct db *db;
static struct op_environment environment;
static struct api api;
/* The store's own functions, below those that tests put in their place. */
static const struct store_engine *mem_engine;
static struct store_engine engine;

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_ERROR);
    arena_init(&arena, START_ARENA_BYTES);
    assert_null(mem_store_open(&arena, &store));
    mem_engine = store->engine;
    engine = *mem_engine;
    store->engine = &engine;
    struct db_options options = {.store = store};
    assert_null(db_open(&arena, &options, &db));
    environment = (struct op_environment){
        .db = db, .account = SLICE("000000000000"), .endpoint = SLICE("localhost:8000")};
    struct api_options api_options = {
        .environment = &environment, .account = SLICE("000000000000"), .cors_origins = SLICE("*")};
    api_init(&api, &api_options);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_close(db);
    store_close(store);
    arena_fini(&arena);
    return 0;
}

/* --- one exchange --- */

struct call {
    struct http_exchange http; /* first */
    struct http_header headers[16];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int finished; /* how often */
};

static void call_init(struct call *call, const char *method, const char *target)
{
    *call = (struct call){.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    arena_init(&call->http.arena, CALL_ARENA_BYTES);
    call->http.request.method = slice_of_cstring(method);
    call->http.request.target = slice_of_cstring(target);
    call->http.request.headers = call->headers;
    call->http.request.body = SLICE("");
}

/* value NULL: the header is not sent. */
static void call_header(struct call *call, const char *name, const char *value)
{
    if (value != NULL)
        call->headers[call->http.request.header_count++] =
            (struct http_header){slice_of_cstring(name), slice_of_cstring(value)};
}

static void on_finished(struct http_exchange *exchange)
{
    struct call *call = (struct call *)exchange;
    pthread_mutex_lock(&call->lock);
    call->finished++;
    pthread_cond_broadcast(&call->changed);
    pthread_mutex_unlock(&call->lock);
}

static void call_run(struct call *call)
{
    struct http_handler handler = api_handler(&api);
    call->http.finished = on_finished;
    handler.handle(handler.context, &call->http);
    pthread_mutex_lock(&call->lock);
    while (call->finished == 0)
        pthread_cond_wait(&call->changed, &call->lock);
    assert_int_equal(call->finished, 1);
    pthread_mutex_unlock(&call->lock);
    if (call->http.build != NULL)
        call->http.build(&call->http);
}

static void call_fini(struct call *call)
{
    arena_fini(&call->http.arena);
}

/* SLICE_ABSENT when there is none. */
static struct slice response_header(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->http.response.header_count; i++) {
        if (http_name_equal(call->http.response.headers[i].name, slice_of_cstring(name)))
            return call->http.response.headers[i].value;
    }
    return SLICE_ABSENT;
}

static void expect_text(struct slice actual, const char *expected)
{
    assert_true(slice_present(actual));
    assert_int_equal(actual.size, strlen(expected));
    assert_memory_equal(actual.data, expected, actual.size);
}

static void expect_common_headers(const struct call *call)
{
    struct slice id = response_header(call, "x-amzn-requestid");
    assert_int_equal(id.size, 52);
    for (size_t i = 0; i < id.size; i++)
        assert_true((id.data[i] >= '0' && id.data[i] <= '9') ||
                    (id.data[i] >= 'A' && id.data[i] <= 'Z'));
    char crc[16];
    snprintf(crc, sizeof(crc), "%u", crc32_of(call->http.response.body));
    expect_text(response_header(call, "x-amz-crc32"), crc);
}

static void expect_response(const struct call *call, int status, const char *content_type,
                            const char *body)
{
    assert_int_equal(call->http.response.status, status);
    expect_text(call->http.response.body, body);
    expect_common_headers(call);
    if (content_type != NULL)
        expect_text(response_header(call, "content-type"), content_type);
    else
        assert_false(slice_present(response_header(call, "content-type")));
}

/* A signed POST of an operation. */
static void call_operation(struct call *call, const char *target, struct slice body)
{
    call_init(call, "POST", "/");
    call_header(call, "Content-Type", AMAZON_JSON);
    call_header(call, "X-Amz-Target", target);
    call_header(call, "X-Amz-Date", "20261007T093000Z");
    call_header(call, "Authorization", AUTHORIZATION);
    call->http.request.body = body;
}

static void run_operation(const char *target, const char *body, int status, const char *expected)
{
    struct call call;
    call_operation(&call, target, slice_of_cstring(body));
    call_run(&call);
    if (expected != NULL)
        expect_response(&call, status, AMAZON_JSON, expected);
    assert_int_equal(call.http.response.status, status);
    call_fini(&call);
}

#define CREATE_TABLE                                                                               \
    "{\"TableName\":\"abc\",\"BillingMode\":\"PAY_PER_REQUEST\",\"AttributeDefinitions\":"         \
    "[{\"AttributeName\":\"k\",\"AttributeType\":\"S\"}],\"KeySchema\":"                           \
    "[{\"AttributeName\":\"k\",\"KeyType\":\"HASH\"}]}"
#define GET_ITEM "{\"TableName\":\"abc\",\"Key\":{\"k\":{\"S\":\"a\"}}}"
#define PUT_ITEM "{\"TableName\":\"abc\",\"Item\":{\"k\":{\"S\":\"a\"},\"n\":{\"N\":\"1\"}}}"

/* --- tests --- */

static void get_is_a_health_check(void **state)
{
    (void)state;
    static const char *const targets[] = {"/", "/?x=y"};
    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        struct call call;
        call_init(&call, "GET", targets[i]);
        call_run(&call);
        expect_response(&call, 200, NULL, "healthy: dynamodb.us-east-1.amazonaws.com ");
        expect_text(response_header(&call, "x-amz-crc32"), "3128867991");
        call_fini(&call);
    }
}

static void what_is_not_the_protocol_is_not_found(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        const char *target;
        const char *content_type;
        const char *body;
    } cases[] = {
        {"PUT", "/", NULL, ""},
        {"DELETE", "/", NULL, ""},
        {"HEAD", "/", NULL, ""},
        {"OPTIONS", "/", NULL, ""},
        {"GET", "/index.html", NULL, ""},
        {"POST", "/x", AMAZON_JSON, "{}"},
        {"POST", "*", AMAZON_JSON, "{}"},
        {"POST", "/", NULL, "hi"},
        {"POST", "/", "whatever", "hi"},
        {"POST", "/", "whatever", ""},
        {"POST", "/", "application/x-amz-json-1.1", "hi"},
        {"POST", "/", "application/jsonasdf", "hi"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct call call;
        call_init(&call, cases[i].method, cases[i].target);
        call_header(&call, "Content-Type", cases[i].content_type);
        call.http.request.body = slice_of_cstring(cases[i].body);
        call_run(&call);
        expect_response(&call, 404, NULL, "<UnknownOperationException/>\n");
        expect_text(response_header(&call, "x-amz-crc32"), "3552371480");
        call_fini(&call);
    }
}

struct order_case {
    const char *content_type;
    const char *target;
    const char *authorization;
    const char *body;
    const char *expected_type;
    const char *expected_body;
    const char *expected_crc; /* NULL: not a fixed body of the service */
};

#define SERIALIZATION TYPE("SerializationException"), "3948637019"
#define UNKNOWN TYPE("UnknownOperationException"), "1368724161"
#define MISSING_TOKEN                                                                              \
    "{\"__type\":\"com.amazon.coral.service#MissingAuthenticationTokenException\",\"message\":"    \
    "\"Request is missing Authentication Token\"}",                                                \
        "2088342776"
#define LIST "DynamoDB_20120810.ListTables"

/* One row for each step of the order, with everything behind it wrong, too. */
static const struct order_case order_cases[] = {
    {PLAIN_JSON, NULL, NULL, "hi", PLAIN_JSON, SERIALIZATION},
    {AMAZON_JSON, NULL, NULL, "hi", AMAZON_JSON, SERIALIZATION},
    {"application/json;", NULL, NULL, "hi", PLAIN_JSON, SERIALIZATION},
    {"application/json  ;   asfd", NULL, NULL, "hi", PLAIN_JSON, SERIALIZATION},
    {"Application/X-Amz-Json-1.0;blah", NULL, NULL, "hi", AMAZON_JSON, SERIALIZATION},
    {AMAZON_JSON, LIST, NULL, "{\"a\":1,}", AMAZON_JSON, SERIALIZATION},
    {AMAZON_JSON, LIST, NULL, "{} x", AMAZON_JSON, SERIALIZATION},
    {NULL, NULL, NULL, "", PLAIN_JSON, UNKNOWN},
    {PLAIN_JSON, NULL, NULL, "{}", PLAIN_JSON, UNKNOWN},
    {AMAZON_JSON, NULL, NULL, "{}", AMAZON_JSON, UNKNOWN},
    {AMAZON_JSON, "whatever", NULL, "{}", AMAZON_JSON, UNKNOWN},
    {AMAZON_JSON, "DynamoDB_20120810.ListTable", NULL, "{}", AMAZON_JSON, UNKNOWN},
    {AMAZON_JSON, "DynamoDB_20120810.", NULL, "{}", AMAZON_JSON, UNKNOWN},
    {AMAZON_JSON, "DynamoDB_20110101.ListTables", NULL, "{}", AMAZON_JSON, UNKNOWN},
    {PLAIN_JSON, LIST, NULL, "", PLAIN_JSON, MISSING_TOKEN},
    {PLAIN_JSON, LIST, "AWS4", "{\"Limit\":\"x\"}", PLAIN_JSON, MISSING_TOKEN},
    {AMAZON_JSON, LIST, AUTHORIZATION, "", AMAZON_JSON, SERIALIZATION},
    {AMAZON_JSON, LIST, AUTHORIZATION, "{\"Limit\":\"x\",\"ExclusiveStartTableName\":\"\"}",
     AMAZON_JSON,
     "{\"__type\":\"com.amazon.coral.service#SerializationException\",\"Message\":"
     "\"STRING_VALUE cannot be converted to Integer\"}",
     NULL},
};

static void checks_are_made_in_the_services_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(order_cases); i++) {
        const struct order_case *expected = &order_cases[i];
        struct call call;
        call_init(&call, "POST", "/");
        call_header(&call, "content-type", expected->content_type);
        call_header(&call, "x-amz-target", expected->target);
        call_header(&call, "authorization", expected->authorization);
        call_header(&call, "date", "20261007T093000Z");
        call.http.request.body = slice_of_cstring(expected->body);
        call_run(&call);
        expect_response(&call, 400, expected->expected_type, expected->expected_body);
        if (expected->expected_crc != NULL)
            expect_text(response_header(&call, "x-amz-crc32"), expected->expected_crc);
        call_fini(&call);
    }
}

static void validation_comes_after_types_and_before_the_operation(void **state)
{
    (void)state;
    struct call call;
    call_operation(&call, "DynamoDB_20120810.GetItem", SLICE("{\"TableName\":\"abc\"}"));
    call_run(&call);
    assert_int_equal(call.http.response.status, 400);
    assert_non_null(memmem(call.http.response.body.data, call.http.response.body.size,
                           "#ValidationException\"", 21));
    call_fini(&call);
    run_operation("DynamoDB_20120810.GetItem", GET_ITEM, 400,
                  "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException\","
                  "\"message\":\"Requested resource not found\"}");
}

static void a_deep_request_is_answered_in_the_classic_wording(void **state)
{
    (void)state;
    enum { DEPTH = 63 };
    struct buf body;
    buf_init(&body, NULL, 4096);
    buf_append(&body, SLICE("{\"TableName\":\"abc\",\"ReturnValues\":\"no\",\"Key\":{\"k\":"));
    for (int i = 0; i < DEPTH; i++)
        buf_append(&body, SLICE("{\"M\":{\"n\":"));
    buf_append(&body, SLICE("{\"S\":\"x\"}"));
    for (int i = 0; i < DEPTH; i++)
        buf_append(&body, SLICE("}}"));
    buf_append(&body, SLICE("}}"));
    buf_append_byte(&body, '\0');
    assert_false(body.failed);
    run_operation("DynamoDB_20120810.DeleteItem", (const char *)body.data, 400,
                  "{\"__type\":\"com.amazon.coral.validate#ValidationException\",\"message\":"
                  "\"1 validation error detected: Value 'no' at 'returnValues' failed to satisfy "
                  "constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, "
                  "NONE, UPDATED_NEW]\"}");
    buf_fini(&body);
}

static void an_operation_that_is_not_built_is_unknown(void **state)
{
    (void)state;
    assert_null(op_row(MODEL_OPERATION_IMPORT_TABLE)->run);
    run_operation("DynamoDB_20120810.ImportTable", "{}", 400, TYPE("UnknownOperationException"));
}

static void operations_run_and_answer(void **state)
{
    (void)state;
    run_operation("DynamoDB_20120810.ListTables", "{}", 200, "{\"TableNames\":[]}");
    run_operation("DynamoDB_20120810.CreateTable", CREATE_TABLE, 200, NULL);
    run_operation("DynamoDB_20120810.ListTables", "{}", 200, "{\"TableNames\":[\"abc\"]}");
    run_operation("DynamoDB_20120810.PutItem", PUT_ITEM, 200, "{}");
    run_operation("DynamoDB_20120810.GetItem", GET_ITEM, 200,
                  "{\"Item\":{\"k\":{\"S\":\"a\"},\"n\":{\"N\":\"1\"}}}");
}

static void tables_belong_to_the_region_of_the_credential(void **state)
{
    (void)state;
    run_operation("DynamoDB_20120810.CreateTable", CREATE_TABLE, 200, NULL);
    struct call call;
    call_init(&call, "POST", "/");
    call_header(&call, "Content-Type", AMAZON_JSON);
    call_header(&call, "X-Amz-Target", LIST);
    call_header(&call, "Date", "20261007T093000Z");
    call_header(&call, "Authorization",
                "AWS4-HMAC-SHA256 Credential=k/20261007/local/dynamodb/aws4_request, "
                "SignedHeaders=host, Signature=0a");
    call.http.request.body = SLICE("{}");
    call_run(&call);
    expect_response(&call, 200, AMAZON_JSON, "{\"TableNames\":[]}");
    call_fini(&call);
}

static void a_presigned_request_is_served(void **state)
{
    (void)state;
    struct call call;
    call_init(&call, "POST",
              "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261007T093000Z&X-Amz-Signature=0a"
              "&X-Amz-Credential=k%2F20261007%2Fus-east-1%2Fdynamodb%2Faws4_request"
              "&X-Amz-SignedHeaders=host");
    call_header(&call, "Content-Type", AMAZON_JSON);
    call_header(&call, "X-Amz-Target", LIST);
    call.http.request.body = SLICE("{}");
    call_run(&call);
    expect_response(&call, 200, AMAZON_JSON, "{\"TableNames\":[]}");
    call_fini(&call);
}

/* Runs a transaction on a thread of its own, as a committing engine does. */
static struct store_transaction *late_transaction;
static void *run_late(void *argument)
{
    mem_engine->transact(argument, late_transaction);
    return NULL;
}
static void transact_late(struct store *target, struct store_transaction *transaction)
{
    pthread_t thread;
    late_transaction = transaction;
    assert_int_equal(pthread_create(&thread, NULL, run_late, target), 0);
    pthread_detach(thread);
}

static void a_write_that_ends_on_another_thread_is_answered_by_build(void **state)
{
    (void)state;
    run_operation("DynamoDB_20120810.CreateTable", CREATE_TABLE, 200, NULL);
    engine.transact = transact_late;
    struct call call;
    call_operation(&call, "DynamoDB_20120810.PutItem", SLICE(PUT_ITEM));
    call_run(&call);
    assert_non_null(call.http.build);
    expect_response(&call, 200, AMAZON_JSON, "{}");
    call_fini(&call);
}

static const struct error *get_fails(struct store *target, struct arena *call_arena,
                                     const struct slice *keys, size_t count,
                                     struct slice *ret_values)
{
    (void)target;
    (void)keys;
    (void)count;
    (void)ret_values;
    return error_make(call_arena, ERROR_INTERNAL, "an expected line of this test's log");
}

static void clients_are_not_told_what_is_wrong_inside(void **state)
{
    (void)state;
    run_operation("DynamoDB_20120810.CreateTable", CREATE_TABLE, 200, NULL);
    engine.get = get_fails;
    run_operation("DynamoDB_20120810.GetItem", GET_ITEM, 500,
                  "{\"__type\":\"com.amazonaws.dynamodb.v20120810#InternalServerError\","
                  "\"message\":\"Internal server error\"}");
}

static void an_exhausted_arena_is_a_500(void **state)
{
    (void)state;
    /* From no room at all to enough: never anything but a 500 or the answer. */
    bool answered = false;
    log_set_level(LOG_ERROR + 1); /* every 500 is logged */
    for (size_t limit = 0; !answered; limit += 4096) {
        struct call call;
        assert_true(limit < 1024 * 1024);
        call_operation(&call, LIST, SLICE("{}"));
        arena_init(&call.http.arena, limit);
        call_run(&call);
        answered = call.http.response.status == 200;
        assert_true(answered || call.http.response.status == 500);
        call_fini(&call);
    }
}

/* The memory that all requests share is used up: that is not this request's fault. */
static void a_server_short_of_memory_says_so(void **state)
{
    (void)state;
    struct arena_budget budget = {.limit_bytes = 1};
    struct buf body;
    buf_init(&body, NULL, START_ARENA_BYTES);
    buf_append(&body, SLICE("{\"TableName\":\"abc\",\"Item\":{\"k\":{\"S\":\""));
    memset(buf_extend(&body, 100000), 'a', 100000);
    buf_append(&body, SLICE("\"}}}"));
    struct call call;
    call_operation(&call, "DynamoDB_20120810.PutItem", buf_slice(&body));
    arena_set_budget(&call.http.arena, &budget);
    call_run(&call);
    expect_response(&call, 503, AMAZON_JSON,
                    "{\"__type\":\"com.amazon.coral.service#ServiceUnavailableException\","
                    "\"message\":\"The server has no memory left for this request. Try again\"}");
    call_fini(&call);
    buf_fini(&body);
    assert_int_equal(atomic_load(&budget.taken_bytes), 0);
}

static void browsers_are_let_in(void **state)
{
    (void)state;
    struct call call;
    call_init(&call, "OPTIONS", "/");
    call_header(&call, "Origin", "http://a");
    call_header(&call, "Access-Control-Request-Headers", "a, b, c");
    call_header(&call, "Access-Control-Request-Method", "POST");
    call_run(&call);
    assert_int_equal(call.http.response.status, 200);
    assert_int_equal(call.http.response.body.size, 0);
    expect_text(response_header(&call, "Access-Control-Allow-Origin"), "*");
    expect_text(response_header(&call, "Access-Control-Allow-Headers"), "a, b, c");
    expect_text(response_header(&call, "Access-Control-Allow-Methods"), "POST");
    expect_text(response_header(&call, "Access-Control-Max-Age"), "172800");
    assert_int_equal(response_header(&call, "x-amzn-RequestId").size, 52);
    call_fini(&call);

    call_operation(&call, LIST, SLICE("{}"));
    call_header(&call, "Origin", "http://a");
    call_run(&call);
    expect_response(&call, 200, AMAZON_JSON, "{\"TableNames\":[]}");
    expect_text(response_header(&call, "Access-Control-Allow-Origin"), "*");
    assert_true(slice_present(response_header(&call, "Access-Control-Expose-Headers")));
    call_fini(&call);

    call_operation(&call, LIST, SLICE("{}"));
    call_run(&call);
    assert_false(slice_present(response_header(&call, "Access-Control-Allow-Origin")));
    call_fini(&call);
}

static void origins_can_be_listed(void **state)
{
    (void)state;
    static const struct {
        const char *origin;
        const char *allowed;
    } cases[] = {{"http://a", "http://a"}, {"http://b:1", "http://b:1"}, {"http://c", NULL}};
    api.options.cors_origins = SLICE("http://a,http://b:1");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct call call;
        call_operation(&call, LIST, SLICE("{}"));
        call_header(&call, "Origin", cases[i].origin);
        call_run(&call);
        struct slice allowed = response_header(&call, "Access-Control-Allow-Origin");
        if (cases[i].allowed != NULL)
            expect_text(allowed, cases[i].allowed);
        else
            assert_false(slice_present(allowed));
        call_fini(&call);
    }
}

static void put_large_item(void)
{
    struct buf body;
    buf_init(&body, &arena, START_ARENA_BYTES);
    buf_append(&body,
               SLICE("{\"TableName\":\"abc\",\"Item\":{\"k\":{\"S\":\"a\"},\"s\":{\"S\":\""));
    memset(buf_extend(&body, 5000), 'x', 5000);
    buf_append(&body, SLICE("\"}}}"));
    struct call call;
    call_operation(&call, "DynamoDB_20120810.PutItem", buf_slice(&body));
    call_run(&call);
    assert_int_equal(call.http.response.status, 200);
    call_fini(&call);
}

static void large_responses_are_compressed_for_those_who_ask(void **state)
{
    (void)state;
    run_operation("DynamoDB_20120810.CreateTable", CREATE_TABLE, 200, NULL);
    put_large_item();
    static const char *const accepted[] = {NULL, "identity", "gzip;q=0", "gzip, deflate"};
    for (size_t i = 0; i < COUNT_OF(accepted); i++) {
        struct call call;
        call_operation(&call, "DynamoDB_20120810.GetItem", SLICE(GET_ITEM));
        call_header(&call, "Accept-Encoding", accepted[i]);
        call_run(&call);
        assert_int_equal(call.http.response.status, 200);
        expect_common_headers(&call);
        struct slice coding = response_header(&call, "Content-Encoding");
        struct slice plain;
        assert_int_equal(slice_present(coding), i == COUNT_OF(accepted) - 1);
        assert_int_equal(
            http_content_decode(&call.http.arena, coding, call.http.response.body, 1 << 20, &plain),
            HTTP_DECODED);
        assert_true(plain.size > 5000);
        call_fini(&call);
    }
    struct call call;
    call_operation(&call, LIST, SLICE("{}"));
    call_header(&call, "Accept-Encoding", "gzip");
    call_run(&call);
    expect_response(&call, 200, AMAZON_JSON, "{\"TableNames\":[\"abc\"]}");
    call_fini(&call);
}

static void compressed_requests_are_read(void **state)
{
    (void)state;
    struct buf spaced; /* compressible JSON */
    struct slice gzip;
    buf_init(&spaced, &arena, START_ARENA_BYTES);
    buf_append(&spaced, SLICE("{"));
    memset(buf_extend(&spaced, 1000), ' ', 1000);
    buf_append(&spaced, SLICE("}"));
    assert_true(http_content_gzip(&arena, buf_slice(&spaced), &gzip));
    const struct {
        const char *coding;
        struct slice body;
        int status;
        const char *expected;
    } cases[] = {
        {"gzip", gzip, 200, "{\"TableNames\":[]}"},
        {"gzip", slice_of(gzip.data, gzip.size - 1), 400, TYPE("SerializationException")},
        {"deflate", gzip, 400, TYPE("SerializationException")},
        {"br", gzip, 415, ""},
        {"identity", SLICE("{}"), 200, "{\"TableNames\":[]}"},
        {"gzip", SLICE("{}"), 400, TYPE("SerializationException")},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct call call;
        call_operation(&call, LIST, cases[i].body);
        call_header(&call, "Content-Encoding", cases[i].coding);
        call_run(&call);
        expect_response(&call, cases[i].status, AMAZON_JSON, cases[i].expected);
        call_fini(&call);
    }
}

static void a_body_that_unpacks_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    struct arena large;
    struct slice gzip;
    arena_init(&large, CALL_ARENA_BYTES);
    size_t size = HTTP_BODY_BYTES_MAX + 1;
    void *zeros = arena_alloc_zeroed(&large, 1, size);
    assert_non_null(zeros);
    assert_true(http_content_gzip(&large, slice_of(zeros, size), &gzip));
    struct call call;
    call_operation(&call, LIST, gzip);
    call_header(&call, "Content-Encoding", "gzip");
    call_run(&call);
    assert_int_equal(call.http.response.status, 413);
    call_fini(&call);
    arena_fini(&large);
}

static void request_ids_differ(void **state)
{
    (void)state;
    enum { CALLS = 200 };
    char ids[CALLS][52];
    for (int i = 0; i < CALLS; i++) {
        struct call call;
        call_init(&call, "GET", "/");
        call_run(&call);
        memcpy(ids[i], response_header(&call, "x-amzn-RequestId").data, 52);
        for (int before = 0; before < i; before++)
            assert_memory_not_equal(ids[i], ids[before], 52);
        call_fini(&call);
    }
}

static void long_work_is_known_by_its_header_or_its_body(void **state)
{
    (void)state;
    struct http_handler handler = api_handler(&api);
    struct call call;
    call_operation(&call, "DynamoDB_20120810.Scan", SLICE("{}"));
    assert_true(handler.is_long(handler.context, &call.http.request));
    call_operation(&call, "DynamoDB_20120810.GetItem", SLICE("{}"));
    assert_false(handler.is_long(handler.context, &call.http.request));
    call_header(&call, "Content-Encoding", "gzip");
    assert_true(handler.is_long(handler.context, &call.http.request));
    call_operation(&call, "DynamoDB_20120810.PutItem", slice_of("", 1 << 20));
    assert_true(handler.is_long(handler.context, &call.http.request));
    call_init(&call, "GET", "/");
    assert_false(handler.is_long(handler.context, &call.http.request));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(get_is_a_health_check),
        TEST(what_is_not_the_protocol_is_not_found),
        TEST(checks_are_made_in_the_services_order),
        TEST(validation_comes_after_types_and_before_the_operation),
        TEST(a_deep_request_is_answered_in_the_classic_wording),
        TEST(an_operation_that_is_not_built_is_unknown),
        TEST(operations_run_and_answer),
        TEST(tables_belong_to_the_region_of_the_credential),
        TEST(a_presigned_request_is_served),
        TEST(a_write_that_ends_on_another_thread_is_answered_by_build),
        TEST(clients_are_not_told_what_is_wrong_inside),
        TEST(an_exhausted_arena_is_a_500),
        TEST(a_server_short_of_memory_says_so),
        TEST(browsers_are_let_in),
        TEST(origins_can_be_listed),
        TEST(large_responses_are_compressed_for_those_who_ask),
        TEST(compressed_requests_are_read),
        TEST(a_body_that_unpacks_beyond_the_limit_is_refused),
        TEST(request_ids_differ),
        TEST(long_work_is_known_by_its_header_or_its_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
