#include "client/signer.h"

#include <stdio.h>

#include "auth/digest.h"
#include "auth/moment.h"

enum {
    CANONICAL_BYTES_MAX = 16 * 1024,
    SCOPE_BYTES_MAX = 256,
    DATE_BYTES = 8, /* of the moment: YYYYMMDD */
};

#define SIGNED_HEADERS "content-type;host;x-amz-date;x-amz-target"
#define SIGNED_HEADERS_WITH_TOKEN "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"

bool client_signer_open(struct client_signer *signer, const struct client_credentials *credentials,
                        struct slice region, const struct client_endpoint *endpoint)
{
    *signer = (struct client_signer){
        .credentials = *credentials, .region = region, .host = endpoint->header};
    signer->keys = auth_signing_keys_open(credentials->secret);
    return signer->keys != NULL;
}

void client_signer_close(struct client_signer *signer)
{
    auth_signing_keys_close(signer->keys);
    signer->keys = NULL;
}

static const char *signed_headers(const struct client_signer *signer)
{
    return slice_present(signer->credentials.session_token) ? SIGNED_HEADERS_WITH_TOKEN
                                                            : SIGNED_HEADERS;
}

/* The hash of the canonical request. false: memory is exhausted. */
static bool hash_request(const struct client_signer *signer, struct slice target,
                         struct slice moment, struct slice body,
                         char ret_hex[AUTH_HEX_DIGEST_BYTES])
{
    char text[CANONICAL_BYTES_MAX];
    char body_hash[AUTH_HEX_DIGEST_BYTES];
    struct slice token = signer->credentials.session_token;
    if (!auth_sha256_hex(body, body_hash))
        return false;
    int size = snprintf(text, sizeof(text),
                        "POST\n/\n\ncontent-type:application/x-amz-json-1.0\nhost:%.*s\n"
                        "x-amz-date:%.*s\n%s%.*s%sx-amz-target:%.*s\n\n%s\n%.*s",
                        SLICE_PRINT(signer->host), SLICE_PRINT(moment),
                        slice_present(token) ? "x-amz-security-token:" : "",
                        slice_present(token) ? (int)token.size : 0, (const char *)token.data,
                        slice_present(token) ? "\n" : "", SLICE_PRINT(target),
                        signed_headers(signer), AUTH_HEX_DIGEST_BYTES, body_hash);
    return size > 0 && (size_t)size < sizeof(text) &&
           auth_sha256_hex(slice_of(text, (size_t)size), ret_hex);
}

static bool sign(const struct client_signer *signer, struct slice moment, struct slice scope,
                 const char request_hash[AUTH_HEX_DIGEST_BYTES],
                 char ret_signature[AUTH_HEX_DIGEST_BYTES])
{
    char text[SCOPE_BYTES_MAX + 256];
    uint8_t digest[AUTH_DIGEST_BYTES];
    int size =
        snprintf(text, sizeof(text), "AWS4-HMAC-SHA256\n%.*s\n%.*s\n%.*s", SLICE_PRINT(moment),
                 SLICE_PRINT(scope), AUTH_HEX_DIGEST_BYTES, request_hash);
    if (size < 0 || (size_t)size >= sizeof(text) ||
        !auth_signing_keys_sign(signer->keys, slice_of(moment.data, DATE_BYTES), signer->region,
                                SLICE("dynamodb"), slice_of(text, (size_t)size), digest))
        return false;
    auth_hex(digest, ret_signature);
    return true;
}

void client_sign(const struct client_signer *signer, struct slice target, struct slice body,
                 int64_t now_ms, struct buf *out)
{
    char moment_text[AUTH_MOMENT_BYTES];
    char scope_text[SCOPE_BYTES_MAX];
    char request_hash[AUTH_HEX_DIGEST_BYTES], signature[AUTH_HEX_DIGEST_BYTES];
    auth_moment_format(now_ms, moment_text);
    struct slice moment = slice_of(moment_text, sizeof(moment_text));
    int size = snprintf(scope_text, sizeof(scope_text), "%.*s/%.*s/dynamodb/aws4_request",
                        DATE_BYTES, moment_text, SLICE_PRINT(signer->region));
    struct slice scope = slice_of(scope_text, (size_t)size);
    if ((size_t)size >= sizeof(scope_text) ||
        !hash_request(signer, target, moment, body, request_hash) ||
        !sign(signer, moment, scope, request_hash, signature)) {
        out->failed = true;
        return;
    }
    buf_append_format(
        out,
        "POST / HTTP/1.1\r\nHost: %.*s\r\nContent-Type: application/x-amz-json-1.0\r\n"
        "X-Amz-Date: %.*s\r\nX-Amz-Target: %.*s\r\nAuthorization: AWS4-HMAC-SHA256 "
        "Credential=%.*s/%.*s, SignedHeaders=%s, Signature=%.*s\r\n",
        SLICE_PRINT(signer->host), SLICE_PRINT(moment), SLICE_PRINT(target),
        SLICE_PRINT(signer->credentials.access_key_id), SLICE_PRINT(scope), signed_headers(signer),
        AUTH_HEX_DIGEST_BYTES, signature);
    if (slice_present(signer->credentials.session_token))
        buf_append_format(out, "X-Amz-Security-Token: %.*s\r\n",
                          SLICE_PRINT(signer->credentials.session_token));
    buf_append_format(out, "Content-Length: %zu\r\n\r\n", body.size);
    buf_append(out, body);
}
