/*
 * sts:AssumeRole. A session that assumes another role (role chaining) hands on its transitive tags
 * and its source identity, and lasts an hour at most (IAM user guide, "Roles terms and concepts",
 * "Chaining roles with session tags").
 */

#include "iam/action.h"
#include "iam/assume.h"

struct input {
    struct slice role_arn;
    struct slice session_name;
    struct slice external_id; /* read for its constraints; conditions find it in the form */
    struct slice serial_number;
    struct slice token_code;
};

static const struct query_member members[] = {
    QUERY_TEXT_MEMBER(struct input, role_arn, "RoleArn", QUERY_REQUIRED, 20, 2048,
                      &query_pattern_text),
    QUERY_TEXT_MEMBER(struct input, session_name, "RoleSessionName", QUERY_REQUIRED, 2, 64,
                      &query_pattern_name),
    QUERY_TEXT_MEMBER(struct input, external_id, "ExternalId", QUERY_OPTIONAL, 2, 1224,
                      &query_pattern_token),
    QUERY_TEXT_MEMBER(struct input, serial_number, "SerialNumber", QUERY_OPTIONAL, 9, 256,
                      &query_pattern_token),
    QUERY_TEXT_MEMBER(struct input, token_code, "TokenCode", QUERY_OPTIONAL, 6, 6,
                      &query_pattern_digits),
};

/* What the session takes over from the caller's. */
static const struct error *inherit(const struct iam_call *call, struct iam_session *session)
{
    const struct auth_principal *principal = call->principal;
    struct iam_session caller;
    bool valid = false;
    if (principal == NULL || principal->kind != AUTH_ROLE_SESSION)
        return NULL;
    const struct error *error = iam_session_unseal(call->arena, call->iam->key,
                                                   call->identity->session_token, &caller, &valid);
    if (error != NULL)
        return error;
    if (!valid) /* verification has opened it a moment ago */
        return error_make(call->arena, ERROR_INTERNAL, "a session's token cannot be opened again");
    explicit_bzero((void *)(uintptr_t)caller.secret.data, caller.secret.size);
    session->is_chained = true;
    session->source_identity = caller.source_identity;
    session->transitive_keys = caller.transitive_keys;
    session->transitive_count = caller.transitive_count;
    session->tags = caller.tags;
    for (size_t i = 0; i < caller.tag_count; i++) {
        for (size_t j = 0; j < caller.transitive_count; j++) {
            if (slice_equal(caller.tags[i].key, caller.transitive_keys[j].text))
                session->tags[session->tag_count++] = caller.tags[i];
        }
    }
    return NULL;
}

static const struct error *check(const struct iam_call *call, const struct input *input)
{
    if (call->principal == NULL || call->principal->kind != AUTH_ROOT)
        return iam_check_mfa(call, input->serial_number, input->token_code);
    const struct error *error =
        error_make(call->arena, ERROR_ACCESS_DENIED, "Roles may not be assumed by root accounts.");
    iam_audit_refused(call, error);
    return error;
}

const struct error *iam_assume_role(struct iam_call *call)
{
    struct input input = {.role_arn = SLICE_ABSENT};
    struct iam_assumption assumption = {
        .action = "sts:AssumeRole",
        .request.seconds = IAM_ROLE_SECONDS_DEFAULT,
    };
    struct query_reader reader;
    query_reader_init(&reader, call->arena, call->form);
    query_read(&reader, QUERY_TOP, members, COUNT_OF(members), &input);
    iam_session_request_read(&reader,
                             IAM_SESSION_POLICIES | IAM_SESSION_TAGS | IAM_SESSION_TRANSITIVE_TAGS |
                                 IAM_SESSION_SOURCE_IDENTITY,
                             IAM_ROLE_SECONDS_MAX, &assumption.request);
    const struct error *error = query_reader_end(&reader);
    if (error == NULL)
        error = check(call, &input);
    struct iam_session session = {.kind = IAM_SESSION_ROLE};
    struct iam_role role;
    if (error == NULL)
        error = inherit(call, &session);
    assumption.role_arn = input.role_arn;
    assumption.session_name = input.session_name;
    if (error == NULL)
        error = iam_assume(call, &assumption, &role, &session);
    if (error != NULL)
        return error;
    xml_text(call->out, "SourceIdentity", session.source_identity);
    error = iam_assumed_write(call, &role, &session);
    return error != NULL ? error : iam_session_write(call, &session);
}
