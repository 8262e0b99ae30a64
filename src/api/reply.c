#include "api/reply.h"

#include "base/clock.h"
#include "base/crc32.h"
#include "base/log.h"
#include "base/rand.h"
#include "http/content_coding.h"

enum {
    COMPRESS_BEYOND_BYTES = 4096, /* observed: responses over 4 KB are compressed when asked */
    /* Some quote what was sent, of which there can be 16 MB. */
    ERROR_BODY_BYTES_MAX = 64 * 1024 * 1024,
};

/* A bijection of 64-bit numbers that scatters neighbours (Steele, Lea, Flood: "Fast splittable
 * pseudorandom number generators", 2014). */
static uint64_t scatter(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

/* 52 characters like the service's. They need to differ, not to be secret. */
static void make_request_id(struct api *api, char ret_id[API_REQUEST_ID_CHARS])
{
    static const char digits[32] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    enum { DIGITS_PER_WORD = 12 };
    uint64_t number = atomic_fetch_add_explicit(&api->requests, 1, memory_order_relaxed);
    uint64_t state = api->request_id_seed ^ scatter(number + 1);
    uint64_t word = 0;
    for (int i = 0; i < API_REQUEST_ID_CHARS; i++) {
        if (i % DIGITS_PER_WORD == 0) {
            state += UINT64_C(0x9e3779b97f4a7c15);
            word = scatter(state);
        }
        ret_id[i] = digits[word & 31];
        word >>= 5;
    }
}

void api_reply_init(struct api_reply *reply, struct api *api, struct http_exchange *exchange)
{
    reply->api = api;
    reply->exchange = exchange;
    reply->content_type = SLICE_ABSENT;
    reply->service = MODEL_SERVICE_DYNAMODB;
    make_request_id(api, reply->request_id);
    reply->request_id_chars = API_REQUEST_ID_CHARS;
    reply->has_checksum = true;
    reply->event = (struct api_event){.service = NULL};
    reply->begun_ns = clock_monotonic_ns();
    reply->ended_ns = 0;
}

void api_reply_make_plain(struct api_reply *reply)
{
    rand_uuid(reply->request_id);
    reply->request_id_chars = RAND_UUID_CHARS;
    reply->has_checksum = false;
}

struct slice api_reply_request_id(const struct api_reply *reply)
{
    return slice_of(reply->request_id, reply->request_id_chars);
}

static bool add(struct api_reply *reply, struct slice name, struct slice value)
{
    return http_response_add_header(reply->exchange, name, value);
}

/* Is the origin one of the list's? */
static bool origin_allowed(struct slice list, struct slice origin)
{
    size_t start = 0;
    for (size_t i = 0; i <= list.size; i++) {
        if (i < list.size && list.data[i] != ',')
            continue;
        if (http_name_equal(slice_of(list.data + start, i - start), origin))
            return true;
        start = i + 1;
    }
    return false;
}

/* Nothing for requests that do not come from a browser's page. */
static bool add_cors(struct api_reply *reply)
{
    struct slice origin = http_request_header(&reply->exchange->request, SLICE("Origin"));
    struct slice list = reply->api->options.cors_origins;
    if (!slice_present(origin))
        return true;
    if (slice_equal(list, SLICE("*")))
        origin = list;
    else if (!origin_allowed(list, origin))
        return true;
    return add(reply, SLICE("Access-Control-Allow-Origin"), origin) &&
           add(reply, SLICE("Access-Control-Expose-Headers"),
               SLICE("x-amzn-RequestId,x-amz-crc32,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"));
}

static bool add_request_id(struct api_reply *reply)
{
    struct slice id;
    return arena_copy(&reply->exchange->arena, api_reply_request_id(reply), &id) &&
           add(reply, SLICE("x-amzn-RequestId"), id);
}

static bool add_crc(struct api_reply *reply, struct slice body)
{
    enum { DIGITS = 10 };
    uint32_t crc = crc32_of(body);
    if (!reply->has_checksum)
        return true;
    uint8_t *text = arena_alloc_bytes(&reply->exchange->arena, DIGITS);
    if (text == NULL)
        return false;
    size_t at = DIGITS;
    do {
        text[--at] = (uint8_t)('0' + crc % 10);
        crc /= 10;
    } while (crc > 0);
    return add(reply, SLICE("x-amz-crc32"), slice_of(text + at, DIGITS - at));
}

static bool compress(struct api_reply *reply, struct slice *body)
{
    struct http_exchange *exchange = reply->exchange;
    if (body->size <= COMPRESS_BEYOND_BYTES)
        return true;
    if (exchange->arena.is_secret) /* the compressor's own memory would keep a copy */
        return true;
    struct slice accepted = http_request_header(&exchange->request, SLICE("Accept-Encoding"));
    if (!http_accepts_gzip(accepted) || !http_content_gzip(&exchange->arena, *body, body))
        return true;
    return add(reply, SLICE("Content-Encoding"), SLICE("gzip"));
}

/* There is not even room for an error's body. */
static void reply_bare(struct api_reply *reply)
{
    struct http_exchange *exchange = reply->exchange;
    exchange->response = (struct http_response){.status = exchange->arena.is_short ? 503 : 500};
}

void api_reply_send(struct api_reply *reply, int status, struct slice body)
{
    struct http_response *response = &reply->exchange->response;
    response->status = status;
    bool complete =
        compress(reply, &body) && add_request_id(reply) && add_crc(reply, body) && add_cors(reply);
    if (complete && slice_present(reply->content_type))
        complete = add(reply, SLICE("Content-Type"), reply->content_type);
    response->body = body;
    if (!complete)
        reply_bare(reply);
}

/* What ran out was not this request's own limit but what all of them share. */
static const struct error *busy(void)
{
    static const char words[] = "The server has no memory left for this request. Try again";
    static const struct error busy = {
        .kind = ERROR_SERVICE_UNAVAILABLE,
        .message = {(const uint8_t *)words, sizeof(words) - 1},
    };
    return &busy;
}

static void log_internal(const struct api_reply *reply, const struct error *error)
{
    log_write(LOG_ERROR, "request %.*s failed: %.*s", SLICE_PRINT(api_reply_request_id(reply)),
              SLICE_PRINT(error->message));
}

const struct error *api_reply_public_error(const struct api_reply *reply, const struct error *error)
{
    static const struct error internal = {
        .kind = ERROR_INTERNAL,
        .message = {(const uint8_t *)"Internal server error", 21},
    };
    if (error == error_exhausted() && reply->exchange->arena.is_short)
        error = busy();
    if (error->kind == ERROR_INTERNAL) {
        log_internal(reply, error);
        error = &internal;
    }
    return error;
}

void api_reply_error(struct api_reply *reply, const struct error *error)
{
    error = api_reply_public_error(reply, error);
    reply->event.error = error_kind_name(error->kind);
    struct buf body;
    buf_init(&body, &reply->exchange->arena, ERROR_BODY_BYTES_MAX);
    struct json_writer writer;
    json_writer_init(&writer, &body);
    model_encode_error(reply->service, error, &writer);
    if (body.failed)
        reply_bare(reply);
    else
        api_reply_send(reply, error_kind_http_status(error->kind), buf_slice(&body));
}

void api_reply_preflight(struct api_reply *reply)
{
    const struct http_request *request = &reply->exchange->request;
    struct slice headers = http_request_header(request, SLICE("Access-Control-Request-Headers"));
    struct slice method = http_request_header(request, SLICE("Access-Control-Request-Method"));
    bool complete = add_request_id(reply) && add_cors(reply);
    if (complete && slice_present(headers))
        complete = add(reply, SLICE("Access-Control-Allow-Headers"), headers);
    if (complete && slice_present(method))
        complete = add(reply, SLICE("Access-Control-Allow-Methods"), method);
    if (complete)
        complete = add(reply, SLICE("Access-Control-Max-Age"), SLICE("172800"));
    reply->exchange->response.status = 200;
    if (!complete)
        reply_bare(reply);
}

/* A name is told, of an ARN as well. */
static struct slice table_of(struct slice text)
{
    struct slice mark = SLICE(":table/");
    const uint8_t *at = text.size == 0 ? NULL : memmem(text.data, text.size, mark.data, mark.size);
    if (!slice_starts_with(text, SLICE("arn:")) || at == NULL)
        return text;
    return slice_after(text, (size_t)(at - text.data) + mark.size);
}

void api_reply_observe(const struct api_reply *reply)
{
    const struct api_observer *observer = &reply->api->options.observer;
    if (observer->observe == NULL || reply->event.service == NULL)
        return;
    const struct http_exchange *exchange = reply->exchange;
    int64_t now_ns = clock_monotonic_ns();
    int64_t ended_ns = reply->ended_ns != 0 ? reply->ended_ns : now_ns;
    int64_t received_ns = exchange->request.received_ns;
    struct api_event event = reply->event;
    event.table = table_of(event.table);
    event.request_id = slice_of(reply->request_id, reply->request_id_chars);
    event.status = exchange->response.status;
    event.waited_ns = received_ns != 0 ? reply->begun_ns - received_ns : 0;
    event.worked_ns = ended_ns - reply->begun_ns;
    event.answered_ns = now_ns - ended_ns;
    event.request_bytes = exchange->request.body.size;
    event.response_bytes = exchange->response.body.size;
    observer->observe(observer->context, &event);
}
