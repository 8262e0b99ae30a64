#include "auth/v4_candidate.h"

#include <stdio.h>

#include "auth/canonical_request.h"

enum { EXPIRES_SECONDS_MAX = 604800, MESSAGE_BYTES_MAX = 64 * 1024 };

const struct error *auth_v4_check_date(struct auth_v4_candidate *candidate)
{
    struct slice date = candidate->claim.date;
    bool is_header = !candidate->claim.presigned;
    if (auth_moment_of_basic(date, &candidate->signed_at_ms) ||
        (is_header && auth_moment_of_http(date, &candidate->signed_at_ms))) {
        auth_moment_format(candidate->signed_at_ms, candidate->signed_at);
        return NULL;
    }
    return error_make(candidate->attempt->arena, ERROR_INCOMPLETE_SIGNATURE,
                      "Date must be in ISO-8601 'basic format'. Got '%.*s'. "
                      "See http://en.wikipedia.org/wiki/ISO_8601",
                      SLICE_PRINT(date));
}

/* What X-Amz-Expires may be is written in the API reference of S3, "Authenticating Requests: Using
 * Query Parameters"; the words are S3's. */
static const struct error *read_expires(struct auth_v4_candidate *candidate, int64_t *ret_seconds)
{
    struct slice text = candidate->claim.expires;
    struct arena *arena = candidate->attempt->arena;
    bool is_negative = slice_starts_with(text, SLICE("-"));
    size_t begin = is_negative ? 1 : 0;
    bool is_number = text.size > begin;
    int64_t seconds = 0;
    for (size_t i = begin; is_number && i < text.size; i++) {
        is_number = text.data[i] >= '0' && text.data[i] <= '9';
        if (is_number && seconds <= EXPIRES_SECONDS_MAX)
            seconds = seconds * 10 + (text.data[i] - '0');
    }
    if (!is_number)
        return error_make(arena, ERROR_INCOMPLETE_SIGNATURE, "X-Amz-Expires should be a number");
    if (is_negative || seconds == 0)
        return error_make(arena, ERROR_INCOMPLETE_SIGNATURE, "X-Amz-Expires must be non-negative");
    if (seconds > EXPIRES_SECONDS_MAX)
        return error_make(arena, ERROR_INCOMPLETE_SIGNATURE,
                          "X-Amz-Expires must be less than a week (in seconds); that is, the given "
                          "X-Amz-Expires must be less than 604800 seconds");
    *ret_seconds = seconds;
    return NULL;
}

const struct error *auth_v4_check_skew(struct auth_v4_candidate *candidate)
{
    if (!slice_present(candidate->claim.expires))
        return auth_check_skew(candidate->attempt, candidate->signed_at_ms);
    int64_t seconds = 0;
    const struct error *error = read_expires(candidate, &seconds);
    if (error != NULL)
        return error;
    char lifetime[32];
    (void)snprintf(lifetime, sizeof(lifetime), "%d sec.", (int)seconds);
    error =
        auth_check_not_late(candidate->attempt, candidate->signed_at_ms, seconds * 1000, lifetime);
    return error != NULL ? error
                         : auth_check_not_early(candidate->attempt, candidate->signed_at_ms);
}

static const struct error *unsigned_header(struct auth_v4_candidate *candidate, struct slice name)
{
    return error_make(candidate->attempt->arena, ERROR_INVALID_SIGNATURE,
                      "'%.*s' must be a 'SignedHeader' in the AWS Authorization.",
                      SLICE_PRINT(name));
}

const struct error *auth_v4_check_signed(struct auth_v4_candidate *candidate, struct slice name)
{
    if (!slice_present(http_request_header(candidate->attempt->request, name)) ||
        auth_is_signed(candidate->claim.signed_headers, name))
        return NULL;
    return unsigned_header(candidate, name);
}

const struct error *auth_v4_check_host_signed(struct auth_v4_candidate *candidate)
{
    if (auth_is_signed(candidate->claim.signed_headers, SLICE("host")))
        return NULL;
    return unsigned_header(candidate, SLICE("Host"));
}

const struct error *auth_v4_check_algorithm(struct auth_v4_candidate *candidate)
{
    if (slice_equal(candidate->claim.algorithm, candidate->algorithm))
        return NULL;
    return error_make(candidate->attempt->arena, ERROR_INCOMPLETE_SIGNATURE,
                      "Unsupported AWS 'algorithm': '%.*s' (only %.*s for now). ",
                      SLICE_PRINT(candidate->claim.algorithm), SLICE_PRINT(candidate->algorithm));
}

const struct error *auth_v4_check_scope_shape(struct auth_v4_candidate *candidate)
{
    struct slice rest = candidate->claim.credential;
    while (rest.size > 0 && rest.data[rest.size - 1] == '/')
        rest.size--; /* the service ignores trailing slashes */
    size_t count = 0;
    for (size_t start = 0, i = 0; i <= rest.size; i++) {
        if (i < rest.size && rest.data[i] != '/')
            continue;
        if (count < AUTH_SCOPE_PARTS)
            candidate->scope[count] = slice_of(rest.data + start, i - start);
        count++;
        start = i + 1;
    }
    if (count == AUTH_SCOPE_PARTS)
        return NULL;
    return error_make(candidate->attempt->arena, ERROR_INCOMPLETE_SIGNATURE,
                      "Credential must have exactly 5 slash-delimited elements, e.g. "
                      "keyid/date/region/service/term, got '%.*s'",
                      SLICE_PRINT(candidate->claim.credential));
}

static const char bad_region[] = "Credential should be scoped to a valid region, not '%.*s'. ";

const struct error *auth_v4_check_region(struct auth_v4_candidate *candidate)
{
    struct slice region = candidate->scope[AUTH_SCOPE_REGION];
    if (auth_is_region(region))
        return NULL;
    return error_make(candidate->attempt->arena, ERROR_INVALID_SIGNATURE, bad_region,
                      SLICE_PRINT(region));
}

/* All that is wrong, in one message. */
const struct error *auth_v4_check_scope(struct auth_v4_candidate *candidate)
{
    const struct slice *scope = candidate->scope;
    struct slice service = candidate->service;
    struct slice day = slice_of(candidate->signed_at, strlen("YYYYMMDD"));
    struct buf message;
    buf_init(&message, candidate->attempt->arena, MESSAGE_BYTES_MAX);
    if (!auth_is_region(scope[AUTH_SCOPE_REGION]))
        buf_append_format(&message, bad_region, SLICE_PRINT(scope[AUTH_SCOPE_REGION]));
    if (!slice_equal(scope[AUTH_SCOPE_SERVICE], service))
        buf_append_format(&message, "Credential should be scoped to correct service: '%.*s'. ",
                          SLICE_PRINT(service));
    if (!slice_equal(scope[AUTH_SCOPE_TERMINATOR], SLICE("aws4_request")))
        buf_append_format(&message,
                          "Credential should be scoped with a valid terminator: 'aws4_request', "
                          "not '%.*s'. ",
                          SLICE_PRINT(scope[AUTH_SCOPE_TERMINATOR]));
    if (!slice_equal(scope[AUTH_SCOPE_DATE], day))
        buf_append_format(&message,
                          "Date in Credential scope does not match YYYYMMDD from ISO-8601 version "
                          "of date from HTTP: '%.*s' != '%.*s', from '%.*s'.",
                          SLICE_PRINT(scope[AUTH_SCOPE_DATE]), SLICE_PRINT(day), AUTH_MOMENT_BYTES,
                          candidate->signed_at);
    if (message.failed)
        return error_exhausted();
    if (message.size == 0)
        return NULL;
    return error_make_slice(candidate->attempt->arena, ERROR_INVALID_SIGNATURE,
                            buf_slice(&message));
}

/*
 * What the canonical request says of the body. UNSIGNED-PAYLOAD is a claim that something else
 * keeps the body whole: TLS. A hash that is not the body's is wrong whatever was signed.
 */
static const struct error *payload_hash(const struct auth_v4_candidate *candidate,
                                        char hex[AUTH_HEX_DIGEST_BYTES], struct slice *ret_hash,
                                        bool *ret_holds)
{
    const struct http_request *request = candidate->attempt->request;
    struct slice said = candidate->claim.content_hash;
    if (request->secure && slice_equal(said, SLICE("UNSIGNED-PAYLOAD"))) {
        *ret_hash = said;
        *ret_holds = true;
        return NULL;
    }
    if (!auth_sha256_hex(request->body, hex))
        return error_exhausted();
    *ret_hash = slice_of(hex, AUTH_HEX_DIGEST_BYTES);
    *ret_holds = !slice_present(said) || slice_equal(said, *ret_hash);
    return NULL;
}

static const struct error *text_of_stages(const struct auth_v4_candidate *candidate,
                                          struct slice canonical, struct slice *ret_text)
{
    char hex[AUTH_HEX_DIGEST_BYTES];
    const struct slice *scope = candidate->scope;
    struct buf text;
    if (!auth_sha256_hex(canonical, hex))
        return error_exhausted();
    buf_init(&text, candidate->attempt->arena, MESSAGE_BYTES_MAX);
    buf_append(&text, candidate->algorithm);
    buf_append_byte(&text, '\n');
    buf_append(&text, slice_of(candidate->signed_at, AUTH_MOMENT_BYTES));
    buf_append_byte(&text, '\n');
    for (int i = AUTH_SCOPE_DATE; i < AUTH_SCOPE_TERMINATOR; i++) {
        buf_append(&text, scope[i]);
        buf_append_byte(&text, '/');
    }
    buf_append(&text, SLICE("aws4_request\n"));
    buf_append(&text, slice_of(hex, sizeof(hex)));
    if (text.failed)
        return error_exhausted();
    *ret_text = buf_slice(&text);
    return NULL;
}

const struct error *auth_v4_string_to_sign(const struct auth_v4_candidate *candidate,
                                           struct auth_v4_stages *ret_stages)
{
    const struct auth_attempt *attempt = candidate->attempt;
    struct auth_canonical_parts parts = {
        .signed_headers = candidate->claim.signed_headers,
        .left_out = candidate->claim.presigned ? SLICE("X-Amz-Signature") : SLICE_ABSENT,
    };
    char body_hex[AUTH_HEX_DIGEST_BYTES];
    struct auth_v4_stages stages = {.payload_holds = false};
    const struct error *error =
        payload_hash(candidate, body_hex, &parts.payload_hash, &stages.payload_holds);
    if (error == NULL)
        error = auth_canonical_request(attempt->arena, attempt->request, &parts,
                                       &stages.canonical_request);
    if (error == NULL)
        error = text_of_stages(candidate, stages.canonical_request, &stages.string_to_sign);
    if (error != NULL)
        return error;
    *ret_stages = stages;
    return NULL;
}
