/*
 * Signature Version 2 of the Query protocol, which old clients still sign calls of STS and IAM
 * with: AWSAccessKeyId, SignatureMethod, SignatureVersion, Timestamp or Expires, Signature and
 * perhaps SecurityToken are parameters like the others, in the body or in the query ("Signature
 * Version 2 signing process" of the AWS general reference, as it was until 2020).
 *
 * String to sign: METHOD \n host \n path \n all parameters but Signature, encoded and sorted. The
 * words of errors that Signature Version 4 has as well are the same; the others are ours.
 */

#include "auth/canonical_request.h"
#include "auth/claim.h"
#include "auth/moment.h"
#include "auth/scheme.h"
#include "base/base64.h"

/* A form is encoded anew for each name of the host, before anything is proven. The largest that a
 * client signs holds a policy. */
enum { MESSAGE_BYTES_MAX = 4096, SIGNATURE_CHARS_MAX = 64, FORM_BYTES_MAX = 1024 * 1024 };

/* Names under which these services are reached at AWS. */
static const struct slice own_names[] = {
    [AUTH_DYNAMODB] = {NULL, 0},
    [AUTH_STS] = SLICE_INIT("sts.amazonaws.com"),
    [AUTH_IAM] = SLICE_INIT("iam.amazonaws.com"),
};

struct candidate {
    const struct auth_attempt *attempt;
    struct http_form form; /* of query and body together, as the service reads it: a signed
                            * parameter that is moved from one to the other stays what it was */
};

static const struct error *read_form(const struct auth_attempt *attempt, struct http_form *ret_form)
{
    switch (http_form_read_both(attempt->arena, auth_query_of(attempt->request),
                                attempt->request->body, ret_form)) {
    case HTTP_FORM_READ:
        return NULL;
    case HTTP_FORM_TOO_MANY:
        return error_make(attempt->arena, ERROR_INVALID_SIGNATURE,
                          "A signed request must not have more than %d parameters.",
                          HTTP_FORM_PAIRS_MAX);
    case HTTP_FORM_EXHAUSTED:
        break;
    }
    return error_exhausted();
}

const struct error *auth_v2_is_claimed(const struct auth_attempt *attempt, bool *ret_claimed)
{
    struct http_form form = {NULL, 0};
    const struct error *error = read_form(attempt, &form);
    if (error == NULL)
        *ret_claimed = slice_present(http_form_value(&form, SLICE("AWSAccessKeyId")));
    return error;
}

static struct slice value_of(const struct candidate *candidate, const char *name)
{
    return http_form_value(&candidate->form, slice_of_cstring(name));
}

static const struct error *check_size(struct candidate *candidate)
{
    const struct http_request *request = candidate->attempt->request;
    if (request->body.size <= FORM_BYTES_MAX)
        return NULL;
    return error_make(candidate->attempt->arena, ERROR_INVALID_SIGNATURE,
                      "A form with Signature Version 2 must not be larger than %d bytes.",
                      FORM_BYTES_MAX);
}

/* All that are missing, in one message. */
static const struct error *check_parts(struct candidate *candidate)
{
    static const char *const names[] = {"AWSAccessKeyId", "Signature", "SignatureMethod",
                                        "SignatureVersion"};
    struct buf message;
    buf_init(&message, candidate->attempt->arena, MESSAGE_BYTES_MAX);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (value_of(candidate, names[i]).size == 0)
            buf_append_format(&message, "AWS query-string parameters must include '%s'. ",
                              names[i]);
    }
    if (value_of(candidate, "Timestamp").size == 0 && value_of(candidate, "Expires").size == 0)
        buf_append(&message, SLICE("AWS query-string parameters must include either 'Timestamp' or "
                                   "'Expires'. "));
    if (message.failed)
        return error_exhausted();
    if (message.size == 0)
        return NULL;
    buf_append(&message, SLICE("Re-examine the query-string parameters."));
    return error_make_slice(candidate->attempt->arena, ERROR_INCOMPLETE_SIGNATURE,
                            buf_slice(&message));
}

static const struct error *read_moment(struct candidate *candidate, const char *name,
                                       int64_t *ret_ms)
{
    struct slice text;
    if (!auth_copy_ascii(candidate->attempt->arena, value_of(candidate, name), &text))
        return error_exhausted();
    if (auth_moment_of_extended(text, ret_ms) || auth_moment_of_basic(text, ret_ms))
        return NULL;
    return error_make(candidate->attempt->arena, ERROR_INCOMPLETE_SIGNATURE,
                      "%s must be in ISO-8601 format. Got '%.*s'. "
                      "See http://en.wikipedia.org/wiki/ISO_8601",
                      name, SLICE_PRINT(text));
}

/* A Timestamp is held against the clock, Expires is a promise of the client's. */
static const struct error *check_dates(struct candidate *candidate)
{
    int64_t ms = 0;
    bool has_timestamp = value_of(candidate, "Timestamp").size > 0;
    const struct error *error =
        read_moment(candidate, has_timestamp ? "Timestamp" : "Expires", &ms);
    if (error != NULL || candidate->attempt->options->keyring == NULL)
        return error;
    return has_timestamp ? auth_check_skew(candidate->attempt, ms)
                         : auth_check_not_late(candidate->attempt, ms, 0, "0 min.");
}

static const struct error *check_method(struct candidate *candidate)
{
    struct slice method = value_of(candidate, "SignatureMethod");
    struct slice version = value_of(candidate, "SignatureVersion");
    if ((slice_equal(method, SLICE("HmacSHA256")) || slice_equal(method, SLICE("HmacSHA1"))) &&
        slice_equal(version, SLICE("2")))
        return NULL;
    struct slice shown;
    if (!auth_copy_ascii(candidate->attempt->arena, method, &shown))
        return error_exhausted();
    return error_make(candidate->attempt->arena, ERROR_INCOMPLETE_SIGNATURE,
                      "Unsupported AWS 'algorithm': '%.*s' (only HmacSHA256 and HmacSHA1, with "
                      "SignatureVersion 2). ",
                      SLICE_PRINT(shown));
}

/* The order is Signature Version 4's. */
static const struct error *(*const checks[])(struct candidate *candidate) = {
    check_size,
    check_parts,
    check_dates,
    check_method,
};

/* The signature under one of the names the host may have; *ret_size characters. */
static const struct error *sign(const struct candidate *candidate, struct slice host,
                                const struct auth_credential *credential,
                                uint8_t ret_chars[SIGNATURE_CHARS_MAX], size_t *ret_size)
{
    const struct auth_attempt *attempt = candidate->attempt;
    uint8_t digest[AUTH_DIGEST_BYTES];
    struct buf text;
    buf_init(&text, attempt->arena, AUTH_CANONICAL_BYTES_MAX);
    buf_append(&text, attempt->request->method);
    buf_append_byte(&text, '\n');
    buf_append(&text, host);
    buf_append_byte(&text, '\n');
    auth_append_path(&text, attempt->request);
    buf_append_byte(&text, '\n');
    if (!auth_append_sorted(&text, &candidate->form, SLICE("Signature")))
        return error_exhausted();
    bool is_sha1 = slice_equal(value_of(candidate, "SignatureMethod"), SLICE("HmacSHA1"));
    size_t size = is_sha1 ? AUTH_SHA1_BYTES : AUTH_DIGEST_BYTES;
    bool is_signed =
        is_sha1 ? auth_hmac_sha1(credential->secret, buf_slice(&text), digest)
                : auth_signing_keys_sign_plain(credential->signing, buf_slice(&text), digest);
    if (!is_signed)
        return error_exhausted();
    base64_encode(slice_of(digest, size), ret_chars);
    *ret_size = base64_encoded_size(size);
    return NULL;
}

static const struct error *check_signature(void *context, const struct auth_credential *credential)
{
    const struct candidate *candidate = context;
    struct slice given = value_of(candidate, "Signature");
    struct auth_hosts hosts = {.count = 0};
    const struct error *error =
        auth_hosts_of(candidate->attempt, own_names[candidate->attempt->service], &hosts);
    for (size_t i = 0; error == NULL && i < hosts.count; i++) {
        uint8_t chars[SIGNATURE_CHARS_MAX];
        size_t size = 0;
        struct arena_mark mark = arena_mark(candidate->attempt->arena);
        error = sign(candidate, hosts.names[i], credential, chars, &size);
        if (error == NULL && auth_equal_secretly(slice_of(chars, size), given))
            return NULL;
        if (error == NULL)
            arena_rewind(candidate->attempt->arena, mark);
    }
    return error != NULL ? error : auth_mismatch(candidate->attempt, SLICE_ABSENT, SLICE_ABSENT);
}

const struct error *auth_v2_identify(const struct auth_attempt *attempt,
                                     struct auth_identity *ret_identity)
{
    struct candidate candidate = {.attempt = attempt};
    const struct error *error = read_form(attempt, &candidate.form);
    for (size_t i = 0; error == NULL && i < COUNT_OF(checks); i++)
        error = checks[i](&candidate);
    struct auth_identity identity = {
        .access_key_id = value_of(&candidate, "AWSAccessKeyId"),
        .session_token = value_of(&candidate, "SecurityToken"),
        .region = AUTH_DEFAULT_REGION,
    };
    if (error == NULL && attempt->options->keyring != NULL)
        error = auth_prove(attempt, identity.access_key_id, identity.session_token, check_signature,
                           &candidate, &identity.credential);
    if (error != NULL)
        return error;
    *ret_identity = identity;
    return NULL;
}
