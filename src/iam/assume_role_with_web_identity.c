/*
 * sts:AssumeRoleWithWebIdentity: a token of an OpenID Connect issuer takes the place of a
 * signature.
 */

#include "auth/jwt.h"
#include "iam/action.h"
#include "iam/assume.h"
#include "iam/web_identity.h"

struct input {
    struct slice role_arn;
    struct slice session_name;
    struct slice token;
    struct slice provider_id;
};

static const struct query_member members[] = {
    QUERY_TEXT_MEMBER(struct input, role_arn, "RoleArn", QUERY_REQUIRED, 20, 2048,
                      &query_pattern_text),
    QUERY_TEXT_MEMBER(struct input, session_name, "RoleSessionName", QUERY_REQUIRED, 2, 64,
                      &query_pattern_name),
    QUERY_TEXT_MEMBER(struct input, token, "WebIdentityToken", QUERY_REQUIRED, 4,
                      AUTH_JWT_BYTES_MAX, NULL),
    QUERY_TEXT_MEMBER(struct input, provider_id, "ProviderId", QUERY_OPTIONAL, 4, 2048, NULL),
};

static const struct error *read_input(struct iam_call *call, struct input *input,
                                      struct iam_session_request *request)
{
    struct query_reader reader;
    query_reader_init(&reader, call->arena, call->form);
    query_read(&reader, QUERY_TOP, members, COUNT_OF(members), input);
    iam_session_request_read(&reader, IAM_SESSION_POLICIES, IAM_ROLE_SECONDS_MAX, request);
    const struct error *error = query_reader_end(&reader);
    if (error == NULL && slice_present(input->provider_id))
        error = error_make(call->arena, ERROR_QUERY_VALIDATION,
                           "ProviderId must not be specified for OpenID Connect ID tokens");
    return error;
}

const struct error *iam_assume_role_with_web_identity(struct iam_call *call)
{
    struct input input = {.role_arn = SLICE_ABSENT};
    struct iam_web_identity identity;
    struct iam_assumption assumption = {
        .action = "sts:AssumeRoleWithWebIdentity",
        .request.seconds = IAM_ROLE_SECONDS_DEFAULT,
        .extra = iam_web_identity_look_up,
        .extra_context = &identity,
    };
    const struct error *error = read_input(call, &input, &assumption.request);
    if (error == NULL)
        error = iam_web_identity_verify(call, input.token, &identity);
    if (error != NULL)
        return error;
    assumption.role_arn = input.role_arn;
    assumption.session_name = input.session_name;
    assumption.federated = identity.provider.arn;
    assumption.request.source_identity = identity.source_identity;
    assumption.request.tags = identity.tags;
    assumption.request.tag_count = identity.tag_count;
    assumption.request.transitive_keys = identity.transitive_keys;
    assumption.request.transitive_count = identity.transitive_count;
    struct iam_session session = {.federated_provider = identity.provider.arn};
    struct iam_role role;
    error = iam_assume(call, &assumption, &role, &session);
    if (error != NULL)
        return error;
    xml_text(call->out, "SubjectFromWebIdentityToken", identity.subject);
    xml_text(call->out, "Audience", identity.audience);
    xml_text(call->out, "Provider", identity.provider.arn);
    xml_text(call->out, "SourceIdentity", session.source_identity);
    error = iam_assumed_write(call, &role, &session);
    return error != NULL ? error : iam_session_write(call, &session);
}
