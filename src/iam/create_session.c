#include "iam/create_session.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "auth/x509_claim.h"
#include "base/hash.h"
#include "iam/action.h"
#include "iam/assume.h"
#include "iam/trusted.h"
#include "json/json_reader.h"

enum {
    BODY_DEPTH_MAX = 8,
    SOURCE_IDENTITY_BYTES_MAX = 64,
    VALUE_BYTES_MAX = 256,
    SECONDS_MIN = 900,
    SECONDS_MAX = 43200,
};

struct input {
    struct slice profile_arn;
    struct slice role_arn;
    struct slice trust_anchor_arn;
    struct slice session_name;
    int64_t seconds; /* 0: the profile's */
};

static const struct {
    const char *name;
    size_t at;
    bool required;
} texts[] = {
    {"profileArn", offsetof(struct input, profile_arn), true},
    {"roleArn", offsetof(struct input, role_arn), true},
    {"trustAnchorArn", offsetof(struct input, trust_anchor_arn), true},
    {"roleSessionName", offsetof(struct input, session_name), false},
};

static const struct error *invalid(const struct iam_call *call, const char *name,
                                   const char *constraint)
{
    return error_make(call->arena, ERROR_VALIDATION,
                      "1 validation error detected: Value at '%s' failed to satisfy constraint: "
                      "Member must %s",
                      name, constraint);
}

/* --- parameters --- */

static struct slice *text_member(struct input *input, size_t i)
{
    return (struct slice *)((char *)input + texts[i].at);
}

/* 0: no whole number, or one that is too large. */
static int64_t whole_number(struct slice digits)
{
    int64_t number = 0;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9' || number > SECONDS_MAX)
            return 0;
        number = number * 10 + (digits.data[i] - '0');
    }
    return number;
}

static void read_body_member(struct json_reader *reader, struct slice name, struct input *input)
{
    enum json_type type = json_peek(reader);
    for (size_t i = 0; type == JSON_STRING && i < COUNT_OF(texts); i++) {
        if (slice_equal(name, slice_of_cstring(texts[i].name))) {
            *text_member(input, i) = json_read_string(reader);
            return;
        }
    }
    if (type == JSON_NUMBER && slice_equal(name, SLICE("durationSeconds"))) {
        input->seconds = whole_number(json_read_number(reader));
        if (input->seconds == 0)
            input->seconds = -1;
        return;
    }
    json_skip(reader);
}

static const struct error *read_input(const struct iam_call *call, struct input *input)
{
    struct slice body = call->request->body;
    struct slice name;
    struct json_reader reader;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        *text_member(input, i) = http_form_value(call->form, slice_of_cstring(texts[i].name));
    if (body.size > 0) {
        json_reader_init(&reader, body, call->arena);
        if (!json_check(body, BODY_DEPTH_MAX) || json_peek(&reader) != JSON_OBJECT)
            return error_make(call->arena, ERROR_VALIDATION, "The request body is no JSON object");
        json_enter_object(&reader);
        while (json_next_member(&reader, &name))
            read_body_member(&reader, name, input);
        if (reader.failed)
            return error_exhausted();
    }
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (texts[i].required && text_member(input, i)->size == 0)
            return invalid(call, texts[i].name, "not be null");
    }
    if (input->seconds != 0 && (input->seconds < SECONDS_MIN || input->seconds > SECONDS_MAX))
        return invalid(call, "durationSeconds", "have value between 900 and 43200");
    return NULL;
}

/* --- who it is --- */

struct certified {
    struct iam_call *call;
    const struct iam_anywhere *anywhere; /* NULL: there is nothing to trust */
    struct auth_x509_identity x509;
    struct slice anchor_arn;
    struct slice source_identity;
    struct slice session_name;
};

static const struct slice *tag_value(const struct certified *certified, struct slice key,
                                     struct slice prefix)
{
    if (key.size <= prefix.size || !http_name_equal(slice_of(key.data, prefix.size), prefix))
        return NULL;
    for (size_t i = 0; i < certified->x509.tag_count; i++) {
        if (http_name_equal(certified->x509.tags[i].key, slice_after(key, prefix.size)))
            return &certified->x509.tags[i].value;
    }
    return NULL;
}

/* The certificate's attributes are tags of the principal already while the trust policy is asked
 * (user guide, "Trust model"). */
static const struct error *look_up(void *context, struct arena *arena, struct slice key,
                                   struct auth_values *ret_values, bool *ret_present)
{
    (void)arena; /* all values are there already */
    const struct certified *certified = context;
    const struct slice *value = tag_value(certified, key, SLICE("aws:PrincipalTag/"));
    if (http_name_equal(key, SLICE("aws:SourceArn")))
        value = &certified->anchor_arn;
    else if (http_name_equal(key, SLICE("aws:SourceAccount")))
        value = &certified->call->iam->account;
    *ret_present = value != NULL;
    if (value != NULL)
        *ret_values = (struct auth_values){value, 1};
    return NULL;
}

/* "CN=" and the subject's common name, as in the service's own logs. */
static const struct error *name_source(struct certified *certified)
{
    struct buf text;
    struct slice key = SLICE("aws:PrincipalTag/x509Subject/CN");
    const struct slice *name = tag_value(certified, key, SLICE("aws:PrincipalTag/"));
    if (name == NULL)
        return NULL;
    buf_init(&text, certified->call->arena, VALUE_BYTES_MAX + name->size);
    buf_append(&text, SLICE("CN="));
    buf_append(&text, *name);
    if (text.failed)
        return error_exhausted();
    certified->source_identity = buf_slice(&text);
    if (certified->source_identity.size > SOURCE_IDENTITY_BYTES_MAX)
        certified->source_identity.size = SOURCE_IDENTITY_BYTES_MAX;
    return NULL;
}

static bool is_session_name(struct slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] >= 0x80 || !query_pattern_name.accepts(name.data[i]))
            return false;
    }
    return name.size >= 2 && name.size <= 64;
}

static const struct error *name_session(struct certified *certified, const struct input *input,
                                        const struct iam_profile *profile)
{
    const struct iam_call *call = certified->call;
    certified->session_name = certified->x509.serial_hex;
    if (!slice_present(input->session_name))
        return NULL;
    if (!profile->accepts_session_name)
        return error_make(call->arena, ERROR_ACCESS_DENIED,
                          "The profile does not accept role session names");
    if (!is_session_name(input->session_name))
        return invalid(call, "roleSessionName",
                       "satisfy regular expression pattern: "
                       "[a-zA-Z0-9+=,.@_-]{2,64}");
    certified->session_name = input->session_name;
    return NULL;
}

static const struct error *certify(struct certified *certified, const struct input *input,
                                   const struct iam_profile **ret_profile)
{
    const struct iam_call *call = certified->call;
    const struct iam_anchor *anchor =
        iam_anywhere_anchor(certified->anywhere, input->trust_anchor_arn);
    const struct iam_profile *profile =
        iam_anywhere_profile(certified->anywhere, input->profile_arn);
    if (anchor == NULL)
        return error_make(call->arena, ERROR_RESOURCE_NOT_FOUND, "Trust anchor %.*s not found",
                          SLICE_PRINT(input->trust_anchor_arn));
    struct auth_trust_anchor trusted = {.certificates = anchor->certificates};
    const struct error *error =
        auth_x509_verify(call->arena, call->request, &trusted, 1, call->now_ms, &certified->x509);
    if (error != NULL)
        return error;
    if (profile == NULL)
        return error_make(call->arena, ERROR_RESOURCE_NOT_FOUND, "Profile %.*s not found",
                          SLICE_PRINT(input->profile_arn));
    if (anchor->disabled || profile->disabled)
        return error_make(call->arena, ERROR_ACCESS_DENIED, "%s is disabled",
                          anchor->disabled ? "Trust anchor" : "Profile");
    certified->anchor_arn = anchor->arn;
    *ret_profile = profile;
    error = name_source(certified);
    return error != NULL ? error : name_session(certified, input, profile);
}

/* --- the role --- */

static const struct error *check_role(const struct iam_call *call, const struct input *input,
                                      const struct iam_profile *profile)
{
    for (size_t i = 0; i < profile->role_arn_count; i++) {
        if (slice_equal(profile->role_arns[i], input->role_arn))
            return NULL;
    }
    return error_make(call->arena, ERROR_ACCESS_DENIED, "Unable to assume role for %.*s",
                      SLICE_PRINT(input->role_arn));
}

static const struct error *narrow(const struct iam_call *call, const struct certified *certified,
                                  const struct iam_profile *profile,
                                  struct iam_session_request *request)
{
    size_t tag_count = certified->x509.tag_count;
    request->tags = ARENA_NEW_ARRAY(call->arena, struct auth_tag, tag_count);
    request->policy_arns =
        ARENA_NEW_ARRAY(call->arena, struct iam_session_text, profile->policy_arn_count);
    if (request->tags == NULL || request->policy_arns == NULL)
        return error_exhausted();
    memcpy(request->tags, certified->x509.tags, tag_count * sizeof(request->tags[0]));
    request->tag_count = tag_count;
    for (size_t i = 0; i < profile->policy_arn_count; i++)
        request->policy_arns[i].text = profile->policy_arns[i];
    request->policy_arn_count = profile->policy_arn_count;
    request->policy = profile->session_policy;
    request->source_identity = certified->source_identity;
    return NULL;
}

/* The errors of STS in the words of this service. */
static const struct error *translate(const struct iam_call *call, const struct input *input,
                                     const struct error *error)
{
    if (error->kind == ERROR_ACCESS_DENIED)
        return error_make(call->arena, ERROR_ACCESS_DENIED, "Unable to assume role for %.*s",
                          SLICE_PRINT(input->role_arn));
    if (error->kind == ERROR_QUERY_VALIDATION || error->kind == ERROR_PACKED_POLICY_TOO_LARGE ||
        error->kind == ERROR_MALFORMED_POLICY_DOCUMENT)
        return error_make_slice(call->arena, ERROR_VALIDATION, error->message);
    return error;
}

/* --- the answer --- */

static void write_text(struct json_writer *out, const char *name, struct slice text)
{
    if (!slice_present(text))
        return;
    json_name(out, slice_of_cstring(name));
    json_string(out, text);
}

static void write_date(struct json_writer *out, const char *name, int64_t epoch_ms)
{
    time_t seconds = (time_t)(epoch_ms / 1000);
    struct tm moment;
    char text[64];
    size_t size = 0;
    if (gmtime_r(&seconds, &moment) != NULL)
        size = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &moment);
    write_text(out, name, slice_of(text, size));
}

/* An ARN for the subject: the same each time for the same distinguished name. */
static void write_subject(struct json_writer *out, const struct certified *certified)
{
    static const uint8_t other[HASH_KEY_BYTES] = {1};
    struct slice region = certified->x509.region;
    uint64_t high = hash_bytes(certified->x509.subject);
    uint64_t low = hash_bytes_keyed(other, certified->x509.subject);
    char arn[256];
    int size = snprintf(arn, sizeof(arn),
                        "arn:aws:rolesanywhere:%.*s:%.*s:subject/%08" PRIx64 "-%04" PRIx64
                        "-4%03" PRIx64 "-a%03" PRIx64 "-%012" PRIx64,
                        SLICE_PRINT(region), SLICE_PRINT(certified->call->iam->account), high >> 32,
                        high >> 16 & 0xffff, high & 0xfff, low >> 48 & 0xfff,
                        low & UINT64_C(0xffffffffffff));
    if (size > 0 && (size_t)size < sizeof(arn))
        write_text(out, "subjectArn", slice_of(arn, (size_t)size));
}

static const struct error *write_answer(const struct certified *certified,
                                        const struct iam_role *role,
                                        const struct iam_session *session, struct json_writer *out)
{
    const struct iam_call *call = certified->call;
    struct slice arn;
    struct slice id;
    struct slice token;
    const struct error *error = iam_session_seal(call->arena, call->iam->key, session, &token);
    if (error != NULL)
        return error;
    if (!iam_assumed_names(call, role, session, &arn, &id))
        return error_exhausted();
    json_object_begin(out);
    json_name(out, SLICE("credentialSet"));
    json_array_begin(out);
    json_object_begin(out);
    json_name(out, SLICE("assumedRoleUser"));
    json_object_begin(out);
    write_text(out, "arn", arn);
    write_text(out, "assumedRoleId", id);
    json_object_end(out);
    json_name(out, SLICE("credentials"));
    json_object_begin(out);
    write_text(out, "accessKeyId", session->access_key_id);
    write_date(out, "expiration", session->expires_ms);
    write_text(out, "secretAccessKey", session->secret);
    write_text(out, "sessionToken", token);
    json_object_end(out);
    json_name(out, SLICE("packedPolicySize"));
    json_integer(out, iam_session_packed_percent(session));
    write_text(out, "roleArn", role->arn);
    write_text(out, "sourceIdentity", session->source_identity);
    json_object_end(out);
    json_array_end(out);
    write_subject(out, certified);
    json_object_end(out);
    return out->out->failed ? error_exhausted() : NULL;
}

static const struct error *create(struct iam_call *call, const struct iam_anywhere *anywhere,
                                  struct json_writer *out)
{
    struct input input = {.seconds = 0};
    struct certified certified = {.call = call, .anywhere = anywhere};
    struct iam_session session = {.kind = IAM_SESSION_ROLE};
    struct iam_role role;
    const struct iam_profile *profile = NULL;
    const struct error *error = read_input(call, &input);
    if (error == NULL)
        error = certify(&certified, &input, &profile);
    if (error == NULL)
        error = check_role(call, &input, profile);
    struct iam_assumption assumption = {
        .role_arn = input.role_arn,
        .session_name = certified.session_name,
        .action = "sts:AssumeRole",
        .service = SLICE("rolesanywhere.amazonaws.com"),
        .extra = look_up,
        .extra_context = &certified,
    };
    if (error == NULL)
        error = narrow(call, &certified, profile, &assumption.request);
    if (error != NULL)
        return error;
    /* A request may ask for less than the profile gives, not for more. */
    bool is_less = input.seconds != 0 && input.seconds < profile->seconds;
    assumption.request.seconds = is_less ? input.seconds : profile->seconds;
    error = iam_assume(call, &assumption, &role, &session);
    return error != NULL ? translate(call, &input, error)
                         : write_answer(&certified, &role, &session, out);
}

const struct error *iam_create_session(struct iam_call *call, struct json_writer *out)
{
    struct iam_trusted *trusted = iam_trusted_take(call->iam->trusted);
    const struct error *error = create(call, trusted == NULL ? NULL : trusted->anywhere, out);
    iam_trusted_release(trusted);
    return error;
}

const char *iam_create_session_error(const struct error *error, int *ret_status)
{
    static const struct {
        enum error_kind kind;
        const char *name;
        int status;
    } rows[] = {
        {ERROR_VALIDATION, "ValidationException", 400},
        {ERROR_RESOURCE_NOT_FOUND, "ResourceNotFoundException", 404},
        {ERROR_INTERNAL, "InternalServerException", 500},
        {ERROR_SERVICE_UNAVAILABLE, "ServiceUnavailableException", 503},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].kind == error->kind) {
            *ret_status = rows[i].status;
            return rows[i].name;
        }
    }
    *ret_status = 403;
    return "AccessDeniedException"; /* also what is wrong with a signature */
}
