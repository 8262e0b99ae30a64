#include "api/api.h"

#include <pthread.h>
#include <stdio.h>

#include "api/asked.h"
#include "api/authorize.h"
#include "api/query.h"
#include "api/reply.h"
#include "api/sessions.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/rand.h"
#include "http/content_coding.h"
#include "http/request_parser.h"
#include "json/json_reader.h"

enum {
    /* Deeper JSON than any valid request has; items that nest too deep for the service (32 levels,
     * two of JSON each) get past it to the check that has its words. */
    JSON_DEPTH = 512,
    /* Parsing more than this would hold up the other connections of an event loop. */
    LONG_BODY_BYTES = 128 * 1024,
    RESPONSE_BYTES_MAX = 160 * 1024 * 1024,
    FIRST_RESPONSE_BYTES = 2048, /* most responses fit, without growing */
};

/* One POST from here to its response. In the exchange's arena. */
struct api_call {
    struct op_call op; /* first: an op_call is found again from it */
    struct api_asked asked;
    struct api_reply reply;
    struct api_authorization authorization;
    bool is_identified;
    pthread_t thread; /* that the operation was started on */
};

void api_init(struct api *api, const struct api_options *options)
{
    api->options = *options;
    rand_bytes(&api->request_id_seed, sizeof(api->request_id_seed));
    atomic_init(&api->requests, 0);
    int size = snprintf(api->root_arn, sizeof(api->root_arn), "arn:aws:iam::%.*s:root",
                        SLICE_PRINT(options->account));
    CHECK(size > 0 && (size_t)size < sizeof(api->root_arn));
    api->root_arn_size = (size_t)size;
}

struct http_handler api_handler(struct api *api)
{
    return (struct http_handler){api_handle, api_is_long, api};
}

static struct slice target_header(const struct http_request *request)
{
    return http_request_header(request, SLICE("X-Amz-Target"));
}

bool api_is_long(void *api, const struct http_request *request)
{
    (void)api;
    if (request->body.size > LONG_BODY_BYTES)
        return true;
    if (http_request_header(request, SLICE("Content-Encoding")).size > 0)
        return true;
    if (api_query_is_meant(request) || api_sessions_is_meant(request))
        return true;
    struct api_asked asked;
    return op_row(api_asked_of_target(target_header(request), &asked))->is_long;
}

/* --- the way back --- */

static void reply_result(struct http_exchange *exchange, struct api_call *call)
{
    struct api_reply *reply = &call->reply;
    if (call->op.error != NULL) {
        api_reply_error(reply, api_asked_error(&call->asked, call->op.error));
        return;
    }
    struct buf body;
    buf_init(&body, &exchange->arena, RESPONSE_BYTES_MAX);
    if (buf_extend(&body, FIRST_RESPONSE_BYTES) != NULL)
        buf_clear(&body);
    struct json_writer writer;
    json_writer_init(&writer, &body);
    const struct error *error = api_asked_write(&call->asked, &call->op, &writer);
    if (error == NULL && body.failed)
        error = error_exhausted();
    if (error != NULL)
        api_reply_error(reply, error);
    else
        api_reply_send(reply, 200, buf_slice(&body));
}

/* The call is over, its response there. */
static void end(struct api_call *call)
{
    struct api_event *event = &call->reply.event;
    const struct op_call *op = &call->op;
    event->service = "dynamodb";
    event->caller = op->caller;
    if (call->asked.operation != MODEL_OPERATION_NONE)
        event->operation = model_operation_name(call->asked.operation);
    if (op->input != NULL)
        event->table = model_input_text(op->operation, op->input, SLICE("TableName"));
    api_reply_observe(&call->reply);
    auth_identity_release(&call->authorization.options->auth, &call->authorization.identity);
}

static void build(struct http_exchange *exchange)
{
    struct api_call *call = exchange->handler_state;
    reply_result(exchange, call);
    end(call);
}

/* On the thread that started the operation (its loop, or the worker of a long one) the response is
 * built at once; a thread of the store has better things to do and leaves it to the exchange's
 * home. */
static void on_operation_finished(struct op_call *op)
{
    struct api_call *call = (struct api_call *)op;
    struct http_exchange *exchange = call->reply.exchange;
    call->reply.ended_ns = clock_monotonic_ns();
    if (pthread_equal(call->thread, pthread_self()))
        build(exchange);
    else
        exchange->build = build;
    http_exchange_finish(exchange);
}

static void run_long(struct http_exchange *exchange)
{
    struct api_call *call = exchange->handler_state;
    call->thread = pthread_self();
    op_row(call->op.operation)->run(&call->op);
}

static void run_again(struct op_call *op)
{
    struct api_call *call = (struct api_call *)op;
    struct http_exchange *exchange = call->reply.exchange;
    op->run_again = NULL;
    exchange->go_on(exchange, run_long);
}

/* --- the way in --- */

/* The response has the type of the request. false: a type that is none of ours. */
static bool choose_content_type(const struct http_request *request, struct slice *ret_type)
{
    struct slice type = http_request_media_type(request);
    struct slice amazon_json = SLICE("application/x-amz-json-1.0");
    struct slice plain_json = SLICE("application/json");
    if (http_name_equal(type, amazon_json))
        *ret_type = amazon_json;
    else if (http_name_equal(type, plain_json) || (type.size == 0 && request->body.size == 0))
        *ret_type = plain_json;
    else
        return false;
    return true;
}

static const struct error *bare_error(struct arena *arena, enum error_kind kind)
{
    return error_make_slice(arena, kind, SLICE_ABSENT);
}

static const struct error *check_policy(struct op_call *op, struct slice arn, struct slice policy,
                                        bool confirmed, struct slice *ret_kept)
{
    const struct api_call *call = (const struct api_call *)op;
    return api_check_policy(&call->authorization, op, arn, policy, confirmed, ret_kept);
}

static const struct error *show_policy(struct op_call *op, struct slice kept,
                                       struct slice *ret_policy)
{
    const struct api_call *call = (const struct api_call *)op;
    return api_show_policy(&call->authorization, op, kept, ret_policy);
}

/* Who sends it. In development mode everybody is the account itself. A second time: nothing. */
static const struct error *identify(struct api_call *call, const struct http_request *request)
{
    if (call->is_identified)
        return NULL;
    struct op_call *op = &call->op;
    struct auth_identity *identity = &call->authorization.identity;
    const struct api *api = call->reply.api;
    const struct error *error =
        auth_identify(&api->options.auth, op->arena, request, AUTH_DYNAMODB, op->now_ms, identity);
    if (error != NULL) {
        api_audit_unproven(&call->authorization, op->now_ms, error);
        return error;
    }
    op->region = identity->region;
    op->caller = identity->credential != NULL ? identity->credential->principal.arn
                                              : slice_of(api->root_arn, api->root_arn_size);
    call->is_identified = true;
    return NULL;
}

/* Decodes and validates the input and finds who sends it: everything before the operation runs. */
static const struct error *prepare(struct api_call *call, const struct http_request *request,
                                   struct slice json)
{
    struct op_call *op = &call->op;
    struct arena *arena = op->arena;
    unsigned json_depth = 0;
    if (json.size > 0 && !json_measure(json, JSON_DEPTH, &json_depth))
        return bare_error(arena, ERROR_SERIALIZATION);
    op->operation = api_asked_of_target(target_header(request), &call->asked);
    if (op->operation == MODEL_OPERATION_NONE)
        return bare_error(arena, ERROR_UNKNOWN_OPERATION);
    call->reply.service = model_operation_service(call->asked.operation);
    const struct error *error = identify(call, request);
    if (error != NULL)
        return error;
    if (json.size == 0)
        return bare_error(arena, ERROR_SERIALIZATION);
    error = api_asked_read(&call->asked, op, json, json_depth);
    return error != NULL ? error : api_authorize(&call->authorization, op);
}

/* A few bytes can be many when they are decoded: with --auth that is done for those alone who have
 * proven who they are. What the signature is about is the body as it was sent. */
static const struct error *check_before_decoding(struct api_call *call,
                                                 const struct http_request *request)
{
    bool is_coded = slice_present(http_request_header(request, SLICE("Content-Encoding")));
    if (!is_coded || call->authorization.options->auth.keyring == NULL)
        return NULL;
    if (api_asked_of_target(target_header(request), &call->asked) == MODEL_OPERATION_NONE)
        return bare_error(call->op.arena, ERROR_UNKNOWN_OPERATION);
    call->reply.service = model_operation_service(call->asked.operation);
    return identify(call, request);
}

/* Answers what cannot be decoded; false then. */
static bool decode_content(struct api_reply *reply, struct slice *ret_body)
{
    struct http_exchange *exchange = reply->exchange;
    struct slice coding = http_request_header(&exchange->request, SLICE("Content-Encoding"));
    switch (http_content_decode(&exchange->arena, coding, exchange->request.body,
                                HTTP_BODY_BYTES_MAX, ret_body)) {
    case HTTP_DECODED:
        return true;
    case HTTP_CODING_UNKNOWN:
        api_reply_send(reply, 415, slice_of("", 0));
        return false;
    case HTTP_DECODED_TOO_LARGE:
        api_reply_send(reply, 413, slice_of("", 0));
        return false;
    case HTTP_CODING_MALFORMED:
        api_reply_error(reply, bare_error(&exchange->arena, ERROR_SERIALIZATION));
        return false;
    case HTTP_DECODE_EXHAUSTED:
        break;
    }
    api_reply_error(reply, error_exhausted());
    return false;
}

static void reply_not_found(struct api_reply *reply)
{
    api_reply_send(reply, 404, SLICE("<UnknownOperationException/>\n"));
}

/* NULL: memory is exhausted. */
static struct api_call *call_new(const struct api *api, const struct api_reply *reply)
{
    struct http_exchange *exchange = reply->exchange;
    struct api_call *call = ARENA_NEW(&exchange->arena, struct api_call);
    if (call == NULL)
        return NULL;
    call->reply = *reply;
    call->thread = pthread_self();
    call->op.environment = api->options.environment;
    call->op.arena = &exchange->arena;
    call->op.now_ms = clock_now_ms();
    call->op.check_policy = check_policy;
    call->op.show_policy = show_policy;
    call->op.finish = on_operation_finished;
    call->op.run_again = exchange->go_on != NULL ? run_again : NULL;
    call->authorization = (struct api_authorization){
        .options = &api->options,
        .request = &exchange->request,
        .request_id = slice_of(call->reply.request_id, API_REQUEST_ID_CHARS),
    };
    return call;
}

/* Either starts an operation, which will finish the exchange, or fills the response and returns
 * false. */
static bool start_operation(struct api *api, struct http_exchange *exchange,
                            struct api_reply *reply)
{
    if (!choose_content_type(&exchange->request, &reply->content_type)) {
        reply_not_found(reply);
        return false;
    }
    struct api_call *call = call_new(api, reply);
    if (call == NULL) {
        api_reply_error(reply, error_exhausted());
        return false;
    }
    exchange->handler_state = call;
    struct slice json = SLICE_ABSENT;
    const struct error *error = check_before_decoding(call, &exchange->request);
    if (error == NULL && !decode_content(&call->reply, &json)) {
        end(call);
        return false;
    }
    if (error == NULL)
        error = prepare(call, &exchange->request, json);
    if (error == NULL)
        error = api_asked_check(&call->asked);
    if (error != NULL) {
        api_reply_error(&call->reply, error);
        end(call);
        return false;
    }
    op_row(call->op.operation)->run(&call->op);
    return true;
}

/* "/" with or without a query. */
static bool is_root(struct slice target)
{
    return target.size > 0 && target.data[0] == '/' && (target.size == 1 || target.data[1] == '?');
}

void api_handle(void *context, struct http_exchange *exchange)
{
    struct api *api = context;
    const struct http_request *request = &exchange->request;
    struct api_reply reply;
    api_reply_init(&reply, api, exchange);
    bool browser = slice_present(http_request_header(request, SLICE("Origin")));
    if (api->options.iam != NULL && api_sessions_is_meant(request)) {
        api_sessions_handle(&reply);
    } else if (!is_root(request->target)) {
        reply_not_found(&reply);
    } else if (api->options.iam != NULL && api_query_is_meant(request)) {
        api_query_handle(&reply);
    } else if (slice_equal(request->method, SLICE("POST"))) {
        if (start_operation(api, exchange, &reply))
            return;
    } else if (slice_equal(request->method, SLICE("GET"))) {
        api_reply_send(&reply, 200, SLICE("healthy: dynamodb.us-east-1.amazonaws.com "));
    } else if (slice_equal(request->method, SLICE("OPTIONS")) && browser) {
        api_reply_preflight(&reply);
    } else {
        reply_not_found(&reply);
    }
    http_exchange_finish(exchange);
}
