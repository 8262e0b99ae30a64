/*
 * sts:GetSessionToken: temporary credentials that may do what the user may. No policy can forbid it
 * (STS API reference, GetSessionToken, "Permissions"); those of root last an hour at most.
 */

#include "iam/action.h"
#include "iam/session_request.h"

struct input {
    struct slice serial_number;
    struct slice token_code;
};

static const struct query_member members[] = {
    QUERY_TEXT_MEMBER(struct input, serial_number, "SerialNumber", QUERY_OPTIONAL, 9, 256,
                      &query_pattern_token),
    QUERY_TEXT_MEMBER(struct input, token_code, "TokenCode", QUERY_OPTIONAL, 6, 6,
                      &query_pattern_digits),
};

const struct error *iam_get_session_token(struct iam_call *call)
{
    struct input input = {.serial_number = SLICE_ABSENT};
    struct iam_session_request request = {.seconds = IAM_TOKEN_SECONDS_DEFAULT};
    struct query_reader reader;
    query_reader_init(&reader, call->arena, call->form);
    query_read(&reader, QUERY_TOP, members, COUNT_OF(members), &input);
    iam_session_request_read(&reader, 0, IAM_TOKEN_SECONDS_MAX, &request);
    const struct error *error = query_reader_end(&reader);
    if (error == NULL)
        error = iam_check_mfa(call, input.serial_number, input.token_code);
    if (error != NULL)
        return error;
    struct iam_session session = {.kind = IAM_SESSION_USER};
    iam_session_set_owner(call, &session, &request);
    error = iam_session_begin(call->arena, call->now_ms, request.seconds, &session);
    return error != NULL ? error : iam_session_write(call, &session);
}
