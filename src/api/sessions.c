#include "api/sessions.h"

#include "api/target.h"
#include "base/clock.h"
#include "iam/create_session.h"

enum { ANSWER_BYTES_MAX = 256 * 1024 };

bool api_sessions_is_meant(const struct http_request *request)
{
    struct slice path = SLICE("/sessions");
    struct slice target = request->target;
    return slice_equal(request->method, SLICE("POST")) && slice_starts_with(target, path) &&
           (target.size == path.size || target.data[path.size] == '?');
}

static void answer_error(struct api_reply *reply, const struct error *error)
{
    struct buf body;
    struct json_writer writer;
    int status;
    error = api_reply_public_error(reply, error);
    const char *code = iam_create_session_error(error, &status);
    struct slice name = slice_of_cstring(code);
    reply->event.error = code;
    buf_init(&body, &reply->exchange->arena, ANSWER_BYTES_MAX);
    json_writer_init(&writer, &body);
    json_object_begin(&writer);
    json_name(&writer, SLICE("message"));
    json_string(&writer, slice_present(error->message) ? error->message : SLICE(""));
    json_object_end(&writer);
    if (!http_response_add_header(reply->exchange, SLICE("x-amzn-ErrorType"), name))
        status = 500;
    api_reply_send(reply, status, buf_slice(&body));
}

static const struct error *run(struct api_reply *reply, struct buf *body)
{
    const struct api_options *options = &reply->api->options;
    struct http_exchange *exchange = reply->exchange;
    const struct auth_identity nobody = {.credential = NULL};
    struct http_form form;
    struct json_writer writer;
    json_writer_init(&writer, body);
    enum http_form_status status =
        http_form_read(&exchange->arena, api_query_string(exchange->request.target), &form);
    if (status == HTTP_FORM_TOO_MANY)
        return error_make(&exchange->arena, ERROR_VALIDATION, "There are too many parameters");
    if (status == HTTP_FORM_EXHAUSTED)
        return error_exhausted();
    struct iam_call call = {
        .iam = options->iam,
        .arena = &exchange->arena,
        .request = &exchange->request,
        .form = &form,
        .identity = &nobody,
        .now_ms = clock_now_ms(),
        .request_id = api_reply_request_id(reply),
        .audit = options->audit,
    };
    return iam_create_session(&call, &writer);
}

void api_sessions_handle(struct api_reply *reply)
{
    struct buf body;
    api_reply_make_plain(reply);
    reply->content_type = SLICE("application/json");
    buf_init(&body, &reply->exchange->arena, ANSWER_BYTES_MAX);
    const struct error *error = run(reply, &body);
    if (error == NULL)
        api_reply_send(reply, 201, buf_slice(&body));
    else
        answer_error(reply, error);
    reply->event.service = "rolesanywhere";
    reply->event.operation = SLICE("CreateSession");
    api_reply_observe(reply);
}
