#include "iam/session_request.h"

#include "iam/directory.h"

enum { POLICY_CHARS_MAX = 2048, POLICY_ARNS_MAX = 10, TAGS_MAX = 50 };

/* Constraints: STS API reference, AssumeRole. */
static const struct query_member policy_member =
    QUERY_TEXT_MEMBER(struct iam_session_request, policy, "Policy", QUERY_OPTIONAL, 1,
                      POLICY_CHARS_MAX, &query_pattern_policy);
static const struct query_member policy_arn_member = QUERY_TEXT_MEMBER(
    struct iam_session_text, text, "arn", QUERY_REQUIRED, 20, 2048, &query_pattern_text);
static const struct query_member tag_members[] = {
    QUERY_TEXT_MEMBER(struct auth_tag, key, "Key", QUERY_REQUIRED, 1, 128, &query_pattern_tag),
    QUERY_TEXT_MEMBER(struct auth_tag, value, "Value", QUERY_REQUIRED, 0, 256, &query_pattern_tag),
};
static const struct query_member transitive_key = {
    "TransitiveTagKeys", QUERY_TEXT, QUERY_REQUIRED, 1, 128, &query_pattern_tag, NULL, 0};
static const struct query_member source_identity_member =
    QUERY_TEXT_MEMBER(struct iam_session_request, source_identity, "SourceIdentity", QUERY_OPTIONAL,
                      2, 64, &query_pattern_name);

void iam_session_request_read(struct query_reader *reader, unsigned members, int64_t seconds_max,
                              struct iam_session_request *request)
{
    const struct query_member seconds =
        QUERY_INTEGER_MEMBER(struct iam_session_request, seconds, "DurationSeconds", QUERY_OPTIONAL,
                             IAM_SESSION_SECONDS_MIN, seconds_max);
    query_read(reader, QUERY_TOP, &seconds, 1, request);
    if (members & IAM_SESSION_POLICIES) {
        query_read(reader, QUERY_TOP, &policy_member, 1, request);
        request->policy_arns =
            query_read_list(reader, QUERY_TOP, "PolicyArns", POLICY_ARNS_MAX, &policy_arn_member, 1,
                            sizeof(struct iam_session_text), &request->policy_arn_count);
    }
    if (members & IAM_SESSION_TAGS)
        request->tags =
            query_read_list(reader, QUERY_TOP, "Tags", TAGS_MAX, tag_members, COUNT_OF(tag_members),
                            sizeof(struct auth_tag), &request->tag_count);
    if (members & IAM_SESSION_TRANSITIVE_TAGS)
        request->transitive_keys = query_read_texts(reader, QUERY_TOP, &transitive_key, TAGS_MAX,
                                                    &request->transitive_count);
    if (members & IAM_SESSION_SOURCE_IDENTITY)
        query_read(reader, QUERY_TOP, &source_identity_member, 1, request);
}

/* --- what no table says --- */

static const struct error *invalid(const struct iam_call *call, const char *words)
{
    return error_make(call->arena, ERROR_QUERY_VALIDATION, "%s", words);
}

static const struct error *check_policies(const struct iam_call *call,
                                          const struct iam_session_request *request)
{
    const struct auth_policy *policy;
    const struct error *error = NULL;
    if (slice_present(request->policy))
        error = auth_policy_read(call->arena, AUTH_POLICY_MANAGED, request->policy, &policy);
    for (size_t i = 0; error == NULL && i < request->policy_arn_count; i++) {
        struct slice arn = request->policy_arns[i].text;
        struct slice document;
        bool found = false;
        error = iam_directory_policy(call->iam->directory, call->arena, arn, &document, &found);
        if (error == NULL && !found)
            error =
                error_make(call->arena, ERROR_QUERY_VALIDATION,
                           "Policy %.*s does not exist or is not attachable.", SLICE_PRINT(arn));
    }
    return error;
}

static bool has_tag(const struct auth_tag *tags, size_t count, struct slice key)
{
    for (size_t i = 0; i < count; i++) {
        if (http_name_equal(tags[i].key, key))
            return true;
    }
    return false;
}

static const struct error *check_tags(const struct iam_call *call,
                                      const struct iam_session_request *request,
                                      const struct iam_session *session)
{
    for (size_t i = 0; i < request->tag_count; i++) {
        struct slice key = request->tags[i].key;
        if (has_tag(request->tags, i, key))
            return invalid(call, "Duplicate tag keys found. Please note that Tag keys are case "
                                 "insensitive.");
        if (key.size >= 4 && http_name_equal(slice_of(key.data, 4), SLICE("aws:")))
            return invalid(call, "Tag keys that start with 'aws:' are reserved for system use.");
        if (has_tag(session->tags, session->tag_count, key))
            return invalid(call, "One of the specified transitive tag keys can't be set because it "
                                 "conflicts with a transitive tag key from the calling session.");
    }
    for (size_t i = 0; i < request->transitive_count; i++) {
        if (!has_tag(request->tags, request->tag_count, request->transitive_keys[i]))
            return invalid(call, "The specified transitive tag key must be included in the "
                                 "requested tags.");
    }
    return NULL;
}

static bool append_tags(const struct iam_call *call, const struct iam_session_request *request,
                        struct iam_session *session)
{
    size_t tag_count = session->tag_count + request->tag_count;
    size_t key_count = session->transitive_count + request->transitive_count;
    struct auth_tag *tags = ARENA_NEW_ARRAY(call->arena, struct auth_tag, tag_count);
    struct iam_session_text *keys =
        ARENA_NEW_ARRAY(call->arena, struct iam_session_text, key_count);
    if (tags == NULL || keys == NULL)
        return false;
    for (size_t i = 0; i < tag_count; i++)
        tags[i] = i < session->tag_count ? session->tags[i] : request->tags[i - session->tag_count];
    for (size_t i = 0; i < key_count; i++) {
        if (i < session->transitive_count)
            keys[i] = session->transitive_keys[i];
        else
            keys[i].text = request->transitive_keys[i - session->transitive_count];
    }
    session->tags = tags;
    session->tag_count = tag_count;
    session->transitive_keys = keys;
    session->transitive_count = key_count;
    return true;
}

const struct error *iam_session_request_apply(const struct iam_call *call,
                                              const struct iam_session_request *request,
                                              struct iam_session *session)
{
    const struct error *error = check_policies(call, request);
    if (error == NULL)
        error = check_tags(call, request, session);
    if (error == NULL && !append_tags(call, request, session))
        error = error_exhausted();
    if (error != NULL)
        return error;
    session->policy = request->policy;
    session->policy_arns = request->policy_arns;
    session->policy_arn_count = request->policy_arn_count;
    if (slice_present(request->source_identity))
        session->source_identity = request->source_identity;
    return NULL;
}

/* --- the caller --- */

void iam_session_set_owner(const struct iam_call *call, struct iam_session *session,
                           struct iam_session_request *request)
{
    const struct auth_principal *principal = call->principal;
    session->account = call->iam->account;
    session->subject_id = principal == NULL ? call->iam->account : principal->user_id;
    if (principal != NULL && principal->kind != AUTH_ROOT)
        return;
    session->kind =
        session->kind == IAM_SESSION_USER ? IAM_SESSION_ROOT : IAM_SESSION_ROOT_FEDERATED;
    if (request->seconds > IAM_ROOT_SECONDS_MAX && principal != NULL)
        request->seconds = IAM_ROOT_SECONDS_MAX;
}

const struct error *iam_check_mfa(const struct iam_call *call, struct slice serial_number,
                                  struct slice token_code)
{
    if (!slice_present(serial_number) && !slice_present(token_code))
        return NULL;
    return error_make(call->arena, ERROR_ACCESS_DENIED,
                      "MultiFactorAuthentication failed, unable to validate MFA code.  Please "
                      "verify your MFA serial number is valid and associated with this user.");
}

/* --- the answer --- */

const struct error *iam_session_write(const struct iam_call *call,
                                      const struct iam_session *session)
{
    struct slice token;
    struct xml_writer *out = call->out;
    const struct error *error = iam_session_seal(call->arena, call->iam->key, session, &token);
    if (error != NULL)
        return error;
    xml_begin(out, "Credentials");
    xml_text(out, "AccessKeyId", session->access_key_id);
    xml_text(out, "SecretAccessKey", session->secret);
    xml_text(out, "SessionToken", token);
    xml_date(out, "Expiration", session->expires_ms);
    xml_end(out, "Credentials");
    int64_t percent = iam_session_packed_percent(session);
    if (percent > 0)
        xml_integer(out, "PackedPolicySize", percent);
    return NULL;
}
