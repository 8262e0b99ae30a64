#include "auth/auth.h"

#include <time.h>

#include "auth/claim.h"

/* A claim with its credential taken apart; what the checks look at and fill in. */
struct candidate {
    struct arena *arena;
    struct auth_claim claim;
    struct slice scope[AUTH_SCOPE_PARTS];
};

enum { SCOPE_KEY_ID, SCOPE_DATE, SCOPE_REGION, SCOPE_SERVICE, SCOPE_TERMINATOR };

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* 20130609T095204Z */
static bool is_basic_date(struct slice date)
{
    struct slice pattern = SLICE("ddddddddTddddddZ");
    if (date.size != pattern.size)
        return false;
    for (size_t i = 0; i < date.size; i++) {
        if (pattern.data[i] == 'd' ? !is_digit(date.data[i]) : date.data[i] != pattern.data[i])
            return false;
    }
    return true;
}

/* Sun, 09 Jun 2013 09:52:04 GMT: what a Date header holds. */
static bool is_http_date(struct slice date)
{
    char text[64];
    if (date.size >= sizeof(text))
        return false;
    memcpy(text, date.data, date.size);
    text[date.size] = '\0';
    struct tm moment;
    const char *end = strptime(text, "%a, %d %b %Y %H:%M:%S", &moment);
    return end != NULL && (strcmp(end, " GMT") == 0 || strcmp(end, " +0000") == 0);
}

static const struct error *check_date(struct candidate *candidate)
{
    struct slice date = candidate->claim.date;
    if (is_basic_date(date) || (!candidate->claim.presigned && is_http_date(date)))
        return NULL;
    return error_make(candidate->arena, ERROR_INCOMPLETE_SIGNATURE,
                      "Date must be in ISO-8601 'basic format'. Got '%.*s'. "
                      "See http://en.wikipedia.org/wiki/ISO_8601",
                      SLICE_PRINT(date));
}

static const struct error *check_algorithm(struct candidate *candidate)
{
    if (slice_equal(candidate->claim.algorithm, SLICE("AWS4-HMAC-SHA256")))
        return NULL;
    return error_make(candidate->arena, ERROR_INCOMPLETE_SIGNATURE,
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
    return error_make(candidate->arena, ERROR_INCOMPLETE_SIGNATURE,
                      "Credential must have exactly 5 slash-delimited elements, e.g. "
                      "keyid/date/region/service/term, got '%.*s'",
                      SLICE_PRINT(candidate->claim.credential));
}

/* The region becomes part of table ARNs and of the tables' namespace: any name will do, but it must
 * be one. */
static const struct error *check_region(struct candidate *candidate)
{
    struct slice region = candidate->scope[SCOPE_REGION];
    bool valid = region.size > 0 && region.size <= AUTH_REGION_BYTES_MAX;
    for (size_t i = 0; valid && i < region.size; i++) {
        uint8_t letter = region.data[i] | 0x20;
        valid =
            is_digit(region.data[i]) || region.data[i] == '-' || (letter >= 'a' && letter <= 'z');
    }
    if (valid)
        return NULL;
    return error_make(candidate->arena, ERROR_INVALID_SIGNATURE,
                      "Credential should be scoped to a valid region, not '%.*s'. ",
                      SLICE_PRINT(region));
}

/*
 * In the service's order. Left out here, because they hold a request against keys or clocks that
 * development mode does not have: skew (after date), host signed (after that), the rest of the
 * scope, key id, signature and session token (at the end).
 */
static const struct error *(*const checks[])(struct candidate *candidate) = {
    check_date,
    check_algorithm,
    check_scope_shape,
    check_region,
};

const struct error *auth_identify(const struct auth_options *options, struct arena *arena,
                                  const struct http_request *request, enum auth_service service,
                                  int64_t now_ms, struct auth_identity *ret_identity)
{
    (void)options;
    (void)service;
    (void)now_ms;
    struct candidate candidate = {.arena = arena};
    const struct error *error = auth_claim_read(arena, request, &candidate.claim);
    for (size_t i = 0; error == NULL && i < COUNT_OF(checks); i++)
        error = checks[i](&candidate);
    if (error != NULL)
        return error;
    *ret_identity = (struct auth_identity){
        .access_key_id = candidate.scope[SCOPE_KEY_ID],
        .region = candidate.scope[SCOPE_REGION],
    };
    return NULL;
}

void auth_identity_release(const struct auth_options *options, const struct auth_identity *identity)
{
    if (identity->credential != NULL)
        options->keyring->release(options->keyring->context, identity->credential);
}
