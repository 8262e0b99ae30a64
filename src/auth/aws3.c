/*
 * AWS3, what DynamoDB's first clients signed with, in the header
 *
 *     X-Amzn-Authorization: AWS3 AWSAccessKeyId=..., Algorithm=HmacSHA256, SignedHeaders=a;b,
 *         Signature=...
 *
 * (DynamoDB developer guide for API version 2011-12-05, "Making HTTP Requests"; observed of aws2js
 * and boto). Signed is the SHA-256 of
 *
 *     METHOD \n path \n query \n name:value \n ... \n body
 *
 * with an empty line before the body. Without SignedHeaders these are date, host and every x-amz-*
 * header. AWS3-HTTPS signs the date alone and leaves all else to TLS: over anything less it is no
 * proof. The words of errors that Signature Version 4 has as well are the same; the others are
 * ours.
 */

#include "auth/canonical_request.h"
#include "auth/claim.h"
#include "auth/moment.h"
#include "auth/scheme.h"
#include "base/base64.h"

enum { MESSAGE_BYTES_MAX = 64 * 1024, SIGNATURE_CHARS = 44 };

struct candidate {
    const struct auth_attempt *attempt;
    struct slice header; /* all of it, in ASCII */
    struct slice scheme; /* AWS3, AWS3-HTTPS */
    struct slice access_key_id;
    struct slice algorithm;
    struct slice signed_headers; /* never empty: what is signed when nothing is said */
    struct slice signature;
    struct slice date;
    struct slice date_name; /* of the header it is from */
};

static struct slice header_of(const struct auth_attempt *attempt)
{
    return auth_trim(http_request_header(attempt->request, SLICE("X-Amzn-Authorization")));
}

bool auth_aws3_is_claimed(const struct auth_attempt *attempt)
{
    return slice_starts_with(header_of(attempt), SLICE("AWS3"));
}

/* date;host;x-amz-... as far as they were sent. */
static const struct error *name_default_headers(struct candidate *candidate)
{
    const struct http_request *request = candidate->attempt->request;
    struct buf names;
    buf_init(&names, candidate->attempt->arena, MESSAGE_BYTES_MAX);
    buf_append(&names, SLICE("host"));
    for (size_t i = 0; i < request->header_count; i++) {
        struct slice name = request->headers[i].name;
        struct slice prefix = name;
        if (prefix.size > strlen("x-amz-"))
            prefix.size = strlen("x-amz-");
        if (!http_name_equal(name, SLICE("date")) && !http_name_equal(prefix, SLICE("x-amz-")))
            continue;
        buf_append_byte(&names, ';');
        buf_append(&names, name);
    }
    if (names.failed)
        return error_exhausted();
    candidate->signed_headers = buf_slice(&names);
    return NULL;
}

static const struct error *read_date(struct candidate *candidate)
{
    static const char *const names[] = {"X-Amz-Date", "Date"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct slice name = slice_of_cstring(names[i]);
        struct slice date = http_request_header(candidate->attempt->request, name);
        if (!slice_present(date))
            continue;
        candidate->date_name = name;
        bool is_copied =
            auth_copy_ascii(candidate->attempt->arena, auth_trim(date), &candidate->date);
        return is_copied ? NULL : error_exhausted();
    }
    return NULL;
}

static const struct error *read_claim(struct candidate *candidate)
{
    struct slice *const parts[] = {&candidate->access_key_id, &candidate->algorithm,
                                   &candidate->signature, &candidate->signed_headers};
    static const char *const names[] = {"AWSAccessKeyId", "Algorithm", "Signature",
                                        "SignedHeaders"};
    if (!auth_copy_ascii(candidate->attempt->arena, header_of(candidate->attempt),
                         &candidate->header))
        return error_exhausted();
    struct slice rest = candidate->header;
    candidate->scheme = auth_take_part(&rest, SLICE(", "));
    while (rest.size > 0) {
        struct slice pair = auth_take_part(&rest, SLICE(", "));
        struct slice name;
        struct slice value;
        if (!auth_split_pair(pair, &name, &value))
            continue;
        for (size_t i = 0; i < COUNT_OF(parts); i++) {
            if (slice_equal(name, slice_of_cstring(names[i])))
                *parts[i] = value;
        }
    }
    const struct error *error = read_date(candidate);
    if (error == NULL && candidate->signed_headers.size == 0)
        error = name_default_headers(candidate);
    return error;
}

static const struct error *check_parts(struct candidate *candidate)
{
    const struct auth_header_part parts[] = {{"AWSAccessKeyId", candidate->access_key_id},
                                             {"Algorithm", candidate->algorithm},
                                             {"Signature", candidate->signature}};
    return auth_check_header_parts(candidate->attempt->arena, candidate->header, parts,
                                   COUNT_OF(parts), candidate->date);
}

static const struct error *check_date(struct candidate *candidate)
{
    int64_t ms = 0;
    struct slice date = candidate->date;
    if (!auth_moment_of_http(date, &ms) && !auth_moment_of_basic(date, &ms) &&
        !auth_moment_of_extended(date, &ms))
        return error_make(candidate->attempt->arena, ERROR_INCOMPLETE_SIGNATURE,
                          "Date must be in ISO-8601 'basic format'. Got '%.*s'. "
                          "See http://en.wikipedia.org/wiki/ISO_8601",
                          SLICE_PRINT(date));
    bool proves = candidate->attempt->options->keyring != NULL;
    return proves ? auth_check_skew(candidate->attempt, ms) : NULL;
}

/* What decides about host, time and operation. */
static const struct error *check_signed(struct candidate *candidate)
{
    const struct slice names[] = {SLICE("Host"), candidate->date_name, SLICE("X-Amz-Target")};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (slice_present(http_request_header(candidate->attempt->request, names[i])) &&
            !auth_is_signed(candidate->signed_headers, names[i]))
            return error_make(candidate->attempt->arena, ERROR_INVALID_SIGNATURE,
                              "'%.*s' must be a 'SignedHeader' in the AWS Authorization.",
                              SLICE_PRINT(names[i]));
    }
    return NULL;
}

static const struct error *check_algorithm(struct candidate *candidate)
{
    bool is_whole = slice_equal(candidate->scheme, SLICE("AWS3"));
    bool is_date = slice_equal(candidate->scheme, SLICE("AWS3-HTTPS"));
    if (slice_equal(candidate->algorithm, SLICE("HmacSHA256")) &&
        (is_whole || (is_date && candidate->attempt->request->secure)))
        return NULL;
    return error_make(candidate->attempt->arena, ERROR_INCOMPLETE_SIGNATURE,
                      "Unsupported AWS 'algorithm': '%.*s' with '%.*s' (only HmacSHA256 with AWS3, "
                      "or with AWS3-HTTPS over TLS). ",
                      SLICE_PRINT(candidate->algorithm), SLICE_PRINT(candidate->scheme));
}

/* The order is Signature Version 4's. */
static const struct error *(*const checks[])(struct candidate *candidate) = {
    read_claim, check_parts, check_date, check_signed, check_algorithm,
};

/* The request with another Host. */
static bool with_host(struct arena *arena, const struct http_request *request, struct slice host,
                      struct http_request *ret_request)
{
    struct http_header *headers = ARENA_NEW_ARRAY(arena, struct http_header, request->header_count);
    if (headers == NULL)
        return false;
    for (size_t i = 0; i < request->header_count; i++) {
        headers[i] = request->headers[i];
        if (http_name_equal(headers[i].name, SLICE("Host")))
            headers[i].value = host;
    }
    *ret_request = *request;
    ret_request->headers = headers;
    return true;
}

/* All that is signed but the body. */
static const struct error *append_head(const struct candidate *candidate, struct slice host,
                                       struct buf *text)
{
    struct arena *arena = candidate->attempt->arena;
    struct http_request request;
    struct auth_header_names names = {.count = 0};
    struct buf query;
    if (!with_host(arena, candidate->attempt->request, host, &request))
        return error_exhausted();
    buf_init(&query, arena, AUTH_CANONICAL_BYTES_MAX);
    const struct error *error = auth_header_names_read(arena, candidate->signed_headers, &names);
    if (error == NULL)
        error = auth_append_query(&query, &request, SLICE_ABSENT);
    if (error != NULL)
        return error;
    buf_append(text, request.method);
    buf_append_byte(text, '\n');
    auth_append_path(text, &request);
    buf_append_byte(text, '\n');
    buf_append(text, buf_slice(&query));
    buf_append_byte(text, '\n');
    auth_append_headers(text, &request, &names);
    buf_append_byte(text, '\n');
    return text->failed ? error_exhausted() : NULL;
}

static const struct error *sign(const struct candidate *candidate, struct slice host,
                                const struct auth_credential *credential,
                                uint8_t ret_chars[SIGNATURE_CHARS])
{
    uint8_t digest[AUTH_DIGEST_BYTES];
    struct slice text = candidate->date;
    if (!slice_equal(candidate->scheme, SLICE("AWS3-HTTPS"))) {
        struct buf head;
        buf_init(&head, candidate->attempt->arena, AUTH_CANONICAL_BYTES_MAX);
        const struct error *error = append_head(candidate, host, &head);
        if (error != NULL)
            return error;
        if (!auth_sha256_joined(buf_slice(&head), candidate->attempt->request->body, digest))
            return error_exhausted();
        text = slice_of(digest, sizeof(digest));
    }
    if (!auth_signing_keys_sign_plain(credential->signing, text, digest))
        return error_exhausted();
    base64_encode(slice_of(digest, sizeof(digest)), ret_chars);
    return NULL;
}

static const struct error *check_signature(void *context, const struct auth_credential *credential)
{
    const struct candidate *candidate = context;
    struct auth_hosts hosts = {.count = 0};
    const struct error *error = auth_hosts_of(candidate->attempt, SLICE_ABSENT, &hosts);
    for (size_t i = 0; error == NULL && i < hosts.count; i++) {
        uint8_t chars[SIGNATURE_CHARS];
        error = sign(candidate, hosts.names[i], credential, chars);
        if (error == NULL &&
            auth_equal_secretly(slice_of(chars, sizeof(chars)), candidate->signature))
            return NULL;
    }
    return error != NULL ? error : auth_mismatch(candidate->attempt, SLICE_ABSENT, SLICE_ABSENT);
}

/* dynamodb.REGION.amazonaws.com: an old client names its region there only. */
static struct slice region_of(const struct http_request *request)
{
    struct slice prefix = SLICE("dynamodb.");
    struct slice suffix = SLICE(".amazonaws.com");
    struct slice host = auth_trim(http_request_header(request, SLICE("Host")));
    struct slice region = AUTH_DEFAULT_REGION;
    if (!slice_starts_with(host, prefix))
        return region;
    struct slice rest = slice_after(host, prefix.size);
    size_t size = 0;
    while (size < rest.size && rest.data[size] != '.')
        size++;
    if (slice_starts_with(slice_after(rest, size), suffix) &&
        auth_is_region(slice_of(rest.data, size)))
        region = slice_of(rest.data, size);
    return region;
}

const struct error *auth_aws3_identify(const struct auth_attempt *attempt,
                                       struct auth_identity *ret_identity)
{
    struct candidate candidate = {.attempt = attempt};
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < COUNT_OF(checks); i++)
        error = checks[i](&candidate);
    struct auth_identity identity = {
        .access_key_id = candidate.access_key_id,
        .session_token = http_request_header(attempt->request, SLICE("X-Amz-Security-Token")),
        .region = region_of(attempt->request),
    };
    if (error == NULL && attempt->options->keyring != NULL)
        error = auth_prove(attempt, identity.access_key_id, identity.session_token, check_signature,
                           &candidate, &identity.credential);
    if (error != NULL)
        return error;
    *ret_identity = identity;
    return NULL;
}
