/*
 * sts:GetFederationToken: temporary credentials for somebody that the caller knows by name, who may
 * do what both the caller and the session policies of the request allow.
 */

#include "iam/action.h"
#include "iam/session_request.h"

enum { NAME_BYTES_MAX = 256 };

struct input {
    struct slice name;
};

static const struct query_member members[] = {
    QUERY_TEXT_MEMBER(struct input, name, "Name", QUERY_REQUIRED, 2, 32, &query_pattern_name),
};

static const struct error *write_user(struct iam_call *call, const struct iam_session *session)
{
    struct buf arn;
    struct buf id;
    buf_init(&arn, call->arena, NAME_BYTES_MAX);
    buf_init(&id, call->arena, NAME_BYTES_MAX);
    buf_append_format(&arn, "arn:aws:sts::%.*s:federated-user/%.*s", SLICE_PRINT(session->account),
                      SLICE_PRINT(session->name));
    buf_append_format(&id, "%.*s:%.*s", SLICE_PRINT(session->account), SLICE_PRINT(session->name));
    if (arn.failed || id.failed)
        return error_exhausted();
    xml_begin(call->out, "FederatedUser");
    xml_text(call->out, "FederatedUserId", buf_slice(&id));
    xml_text(call->out, "Arn", buf_slice(&arn));
    xml_end(call->out, "FederatedUser");
    return NULL;
}

const struct error *iam_get_federation_token(struct iam_call *call)
{
    struct input input = {.name = SLICE_ABSENT};
    struct iam_session_request request = {.seconds = IAM_TOKEN_SECONDS_DEFAULT};
    struct query_reader reader;
    query_reader_init(&reader, call->arena, call->form);
    query_read(&reader, QUERY_TOP, members, COUNT_OF(members), &input);
    iam_session_request_read(&reader, IAM_SESSION_POLICIES | IAM_SESSION_TAGS,
                             IAM_TOKEN_SECONDS_MAX, &request);
    const struct error *error = query_reader_end(&reader);
    struct iam_session session = {.kind = IAM_SESSION_FEDERATED, .name = input.name};
    if (error == NULL)
        error = iam_session_request_apply(call, &request, &session);
    if (error == NULL && session.tag_count > 0)
        error = iam_authorize(call, SLICE("sts:TagSession"), call->resource);
    if (error != NULL)
        return error;
    iam_session_set_owner(call, &session, &request);
    error = iam_session_begin(call->arena, call->now_ms, request.seconds, &session);
    if (error == NULL)
        error = write_user(call, &session);
    return error != NULL ? error : iam_session_write(call, &session);
}
