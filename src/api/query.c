#include "api/query.h"

#include "api/target.h"
#include "base/clock.h"
#include "iam/directory.h"
#include "iam/service.h"

enum { ANSWER_BYTES_MAX = 16 * 1024 * 1024 };

static bool is_at_start(struct slice text, size_t at)
{
    return at == 0 || text.data[at - 1] == '&';
}

static bool names_action(struct slice query)
{
    struct slice name = SLICE("Action=");
    for (size_t at = 0; at + name.size <= query.size; at++) {
        if (is_at_start(query, at) && slice_starts_with(slice_after(query, at), name))
            return true;
    }
    return false;
}

bool api_query_is_meant(const struct http_request *request)
{
    if (slice_equal(request->method, SLICE("GET")))
        return names_action(api_query_string(request->target));
    return slice_equal(request->method, SLICE("POST")) &&
           http_name_equal(http_request_media_type(request),
                           SLICE("application/x-www-form-urlencoded"));
}

/* Whose errors: the version says it, or else the service that the request is signed for. */
static const struct query_service *guess_service(const struct http_request *request,
                                                 const struct http_form *form)
{
    struct slice version = http_form_value(form, SLICE("Version"));
    struct slice signature = http_request_header(request, SLICE("Authorization"));
    struct slice scope = SLICE("/iam/aws4_request");
    if (slice_equal(version, slice_of_cstring(query_iam.version)))
        return &query_iam;
    if (!slice_present(version) && slice_present(signature) &&
        memmem(signature.data, signature.size, scope.data, scope.size) != NULL)
        return &query_iam;
    return &query_sts;
}

/* Parameters count wherever they stand: Signature Version 2 does not tell query and body apart. */
static const struct error *read_form(struct arena *arena, const struct http_request *request,
                                     struct http_form *ret_form)
{
    switch (
        http_form_read_both(arena, api_query_string(request->target), request->body, ret_form)) {
    case HTTP_FORM_READ:
        return NULL;
    case HTTP_FORM_TOO_MANY:
        return error_make_slice(arena, ERROR_MALFORMED_INPUT, SLICE_ABSENT);
    case HTTP_FORM_EXHAUSTED:
        break;
    }
    return error_exhausted();
}

static const struct error *run(struct iam_call *call, const struct auth_options *auth,
                               const struct iam_action *action)
{
    struct auth_identity identity = {.credential = NULL};
    const struct error *error = NULL;
    if (!iam_action_is_unsigned(action))
        error = auth_identify(auth, call->arena, call->request, iam_action_auth_service(action),
                              call->now_ms, &identity);
    if (error != NULL) {
        iam_audit_unproven(call, error);
        return error;
    }
    call->identity = &identity;
    error = iam_run(call, action);
    auth_identity_release(auth, &identity);
    return error;
}

static void answer_error(struct api_reply *reply, const struct query_service *service,
                         const struct error *error)
{
    struct buf body;
    struct xml_writer writer;
    error = api_reply_public_error(reply, error);
    reply->event.error = query_failure_of(error->kind).code;
    buf_init(&body, &reply->exchange->arena, ANSWER_BYTES_MAX);
    xml_writer_init(&writer, &body);
    query_answer_error(&writer, service, error, api_reply_request_id(reply));
    api_reply_send(reply, query_failure_of(error->kind).status, buf_slice(&body));
}

void api_query_handle(struct api_reply *reply)
{
    const struct api_options *options = &reply->api->options;
    struct http_exchange *exchange = reply->exchange;
    struct arena *arena = &exchange->arena;
    struct http_form form = {.count = 0};
    struct buf body;
    struct xml_writer writer;
    api_reply_make_plain(reply);
    reply->content_type = SLICE("text/xml");
    buf_init(&body, arena, ANSWER_BYTES_MAX);
    xml_writer_init(&writer, &body);
    struct iam_call call = {
        .iam = options->iam,
        .arena = arena,
        .request = &exchange->request,
        .form = &form,
        .now_ms = clock_now_ms(),
        .request_id = api_reply_request_id(reply),
        .out = &writer,
        .audit = options->audit,
    };
    const struct iam_action *action = NULL;
    const struct query_service *service = &query_sts;
    const struct error *error = read_form(arena, &exchange->request, &form);
    if (error == NULL) {
        service = guess_service(&exchange->request, &form);
        error = iam_action_find(arena, &form, &action);
    }
    if (error == NULL) {
        reply->event.operation = http_form_value(&form, SLICE("Action"));
        error = run(&call, &options->auth, action);
    }
    if (error == NULL)
        api_reply_send(reply, 200, buf_slice(&body));
    else
        answer_error(reply, service, error);
    reply->event.service = service->name;
    api_reply_observe(reply);
}
