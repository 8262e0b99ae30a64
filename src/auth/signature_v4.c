/*
 * Signature Version 4 (IAM user guide, "AWS Signature Version 4 for API requests").
 *
 * The order of the checks, and their words, are those observed of DynamoDB.
 */

#include <stdio.h>

#include "auth/canonical_request.h"
#include "auth/claim.h"
#include "auth/moment.h"
#include "auth/scheme.h"

enum { EXPIRES_SECONDS_MAX = 604800, MESSAGE_BYTES_MAX = 64 * 1024 };

/* A claim with its date and credential taken apart; what the checks look at and fill in. */
struct candidate {
    const struct auth_attempt *attempt;
    struct auth_claim claim;
    int64_t signed_at_ms;
    char signed_at[AUTH_MOMENT_BYTES]; /* in the basic format, whatever was sent */
    struct slice scope[AUTH_SCOPE_PARTS];
};

enum { SCOPE_KEY_ID, SCOPE_DATE, SCOPE_REGION, SCOPE_SERVICE, SCOPE_TERMINATOR };

static const struct slice service_names[] = {
    [AUTH_DYNAMODB] = SLICE_INIT("dynamodb"),
    [AUTH_STS] = SLICE_INIT("sts"),
    [AUTH_IAM] = SLICE_INIT("iam"),
};

static const struct error *check_date(struct candidate *candidate)
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
static const struct error *read_expires(struct candidate *candidate, int64_t *ret_seconds)
{
    struct slice text = candidate->claim.expires;
    struct arena *arena = candidate->attempt->arena;
    bool is_negative = slice_starts_with(text, SLICE("-"));
    size_t begin = is_negative ? 1 : 0;
    bool is_number = text.size > begin;
    int64_t seconds = 0;
    for (size_t i = begin; i < text.size; i++) {
        is_number = is_number && text.data[i] >= '0' && text.data[i] <= '9';
        if (seconds <= EXPIRES_SECONDS_MAX)
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

static const struct error *check_skew(struct candidate *candidate)
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

static const struct error *check_host_signed(struct candidate *candidate)
{
    if (auth_is_signed(candidate->claim.signed_headers, SLICE("host")))
        return NULL;
    return error_make(candidate->attempt->arena, ERROR_INVALID_SIGNATURE,
                      "'Host' must be a 'SignedHeader' in the AWS Authorization.");
}

/* X-Amz-* headers are to be signed ("Create a canonical request"). Of those only the target makes
 * another request of a signed body; the words are those for Host. */
static const struct error *check_target_signed(struct candidate *candidate)
{
    struct slice name = SLICE("X-Amz-Target");
    if (!slice_present(http_request_header(candidate->attempt->request, name)) ||
        auth_is_signed(candidate->claim.signed_headers, name))
        return NULL;
    return error_make(candidate->attempt->arena, ERROR_INVALID_SIGNATURE,
                      "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.");
}

static const struct error *check_algorithm(struct candidate *candidate)
{
    if (slice_equal(candidate->claim.algorithm, SLICE("AWS4-HMAC-SHA256")))
        return NULL;
    return error_make(candidate->attempt->arena, ERROR_INCOMPLETE_SIGNATURE,
                      "Unsupported AWS 'algorithm': '%.*s' (only AWS4-HMAC-SHA256 for now). ",
                      SLICE_PRINT(candidate->claim.algorithm));
}

static const struct error *check_scope_shape(struct candidate *candidate)
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

static const struct error *check_region(struct candidate *candidate)
{
    struct slice region = candidate->scope[SCOPE_REGION];
    if (auth_is_region(region))
        return NULL;
    return error_make(candidate->attempt->arena, ERROR_INVALID_SIGNATURE, bad_region,
                      SLICE_PRINT(region));
}

/* All that is wrong, in one message. */
static const struct error *check_scope(struct candidate *candidate)
{
    const struct slice *scope = candidate->scope;
    struct slice service = service_names[candidate->attempt->service];
    struct slice day = slice_of(candidate->signed_at, strlen("YYYYMMDD"));
    struct buf message;
    buf_init(&message, candidate->attempt->arena, MESSAGE_BYTES_MAX);
    if (!auth_is_region(scope[SCOPE_REGION]))
        buf_append_format(&message, bad_region, SLICE_PRINT(scope[SCOPE_REGION]));
    if (!slice_equal(scope[SCOPE_SERVICE], service))
        buf_append_format(&message, "Credential should be scoped to correct service: '%.*s'. ",
                          SLICE_PRINT(service));
    if (!slice_equal(scope[SCOPE_TERMINATOR], SLICE("aws4_request")))
        buf_append_format(&message,
                          "Credential should be scoped with a valid terminator: 'aws4_request', "
                          "not '%.*s'. ",
                          SLICE_PRINT(scope[SCOPE_TERMINATOR]));
    if (!slice_equal(scope[SCOPE_DATE], day))
        buf_append_format(&message,
                          "Date in Credential scope does not match YYYYMMDD from ISO-8601 version "
                          "of date from HTTP: '%.*s' != '%.*s', from '%.*s'.",
                          SLICE_PRINT(scope[SCOPE_DATE]), SLICE_PRINT(day), AUTH_MOMENT_BYTES,
                          candidate->signed_at);
    if (message.failed)
        return error_exhausted();
    if (message.size == 0)
        return NULL;
    return error_make_slice(candidate->attempt->arena, ERROR_INVALID_SIGNATURE,
                            buf_slice(&message));
}

typedef const struct error *check(struct candidate *candidate);

/* In the service's order. */
static check *const checks[] = {
    check_date,      check_skew,        check_host_signed, check_target_signed,
    check_algorithm, check_scope_shape, check_scope,
};
/* Those that hold a request against neither clock nor keys: development mode. */
static check *const checks_of_form[] = {check_date, check_algorithm, check_scope_shape,
                                        check_region};

/*
 * What the canonical request says of the body. UNSIGNED-PAYLOAD is a claim that something else
 * keeps the body whole: TLS. A hash that is not the body's is wrong whatever was signed.
 */
static const struct error *payload_hash(const struct candidate *candidate,
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

static const struct error *string_to_sign(const struct candidate *candidate, struct slice canonical,
                                          struct slice *ret_text)
{
    char hex[AUTH_HEX_DIGEST_BYTES];
    const struct slice *scope = candidate->scope;
    struct buf text;
    if (!auth_sha256_hex(canonical, hex))
        return error_exhausted();
    buf_init(&text, candidate->attempt->arena, MESSAGE_BYTES_MAX);
    buf_append_format(&text, "AWS4-HMAC-SHA256\n%.*s\n%.*s/%.*s/%.*s/aws4_request\n%.*s",
                      AUTH_MOMENT_BYTES, candidate->signed_at, SLICE_PRINT(scope[SCOPE_DATE]),
                      SLICE_PRINT(scope[SCOPE_REGION]), SLICE_PRINT(scope[SCOPE_SERVICE]),
                      AUTH_HEX_DIGEST_BYTES, hex);
    if (text.failed)
        return error_exhausted();
    *ret_text = buf_slice(&text);
    return NULL;
}

static const struct error *check_signature(void *context, const struct auth_credential *credential)
{
    const struct candidate *candidate = context;
    const struct auth_attempt *attempt = candidate->attempt;
    const struct auth_claim *claim = &candidate->claim;
    const struct slice *scope = candidate->scope;
    struct auth_canonical_parts parts = {
        .signed_headers = claim->signed_headers,
        .left_out = claim->presigned ? SLICE("X-Amz-Signature") : SLICE_ABSENT,
    };
    char body_hex[AUTH_HEX_DIGEST_BYTES];
    bool payload_holds = false;
    const struct error *error =
        payload_hash(candidate, body_hex, &parts.payload_hash, &payload_holds);
    struct slice canonical;
    if (error == NULL)
        error = auth_canonical_request(attempt->arena, attempt->request, &parts, &canonical);
    struct slice text;
    if (error == NULL)
        error = string_to_sign(candidate, canonical, &text);
    if (error != NULL)
        return error;
    uint8_t digest[AUTH_DIGEST_BYTES];
    char hex[AUTH_HEX_DIGEST_BYTES];
    if (!auth_signing_keys_sign(credential->signing, scope[SCOPE_DATE], scope[SCOPE_REGION],
                                scope[SCOPE_SERVICE], text, digest))
        return error_exhausted();
    auth_hex(digest, hex);
    if (auth_equal_secretly(slice_of(hex, sizeof(hex)), claim->signature) && payload_holds)
        return NULL;
    return auth_mismatch(attempt, canonical, text);
}

const struct error *auth_v4_identify(const struct auth_attempt *attempt,
                                     struct auth_identity *ret_identity)
{
    bool proves = attempt->options->keyring != NULL;
    check *const *list = proves ? checks : checks_of_form;
    size_t count = proves ? COUNT_OF(checks) : COUNT_OF(checks_of_form);
    struct candidate candidate = {.attempt = attempt};
    const struct error *error = auth_claim_read(attempt->arena, attempt->request, &candidate.claim);
    for (size_t i = 0; error == NULL && i < count; i++)
        error = list[i](&candidate);
    struct auth_identity identity = {
        .access_key_id = candidate.scope[SCOPE_KEY_ID],
        .region = candidate.scope[SCOPE_REGION],
    };
    if (error == NULL && proves)
        error = auth_prove(attempt, identity.access_key_id, candidate.claim.session_token,
                           check_signature, &candidate, &identity.credential);
    if (error != NULL)
        return error;
    *ret_identity = identity;
    return NULL;
}
