#include "client/signer.h"

#include "auth/digest.h"
#include "auth/moment.h"

enum { DATE_BYTES = 8 /* of the moment: YYYYMMDD */ };

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

static void append_text(struct buf *out, const char *text)
{
    buf_append(out, slice_of_cstring(text));
}

static void append_canonical_request(const struct client_signer *signer, struct slice target,
                                     struct slice moment, struct slice body_hash, struct buf *out)
{
    append_text(out, "POST\n/\n\ncontent-type:application/x-amz-json-1.0\nhost:");
    buf_append(out, signer->host);
    append_text(out, "\nx-amz-date:");
    buf_append(out, moment);
    if (slice_present(signer->credentials.session_token)) {
        append_text(out, "\nx-amz-security-token:");
        buf_append(out, signer->credentials.session_token);
    }
    append_text(out, "\nx-amz-target:");
    buf_append(out, target);
    append_text(out, "\n\n");
    append_text(out, signed_headers(signer));
    buf_append_byte(out, '\n');
    buf_append(out, body_hash);
}

static void append_scope(const struct client_signer *signer, struct slice moment, struct buf *out)
{
    buf_append(out, slice_of(moment.data, DATE_BYTES));
    buf_append_byte(out, '/');
    buf_append(out, signer->region);
    append_text(out, "/dynamodb/aws4_request");
}

static void append_string_to_sign(const struct client_signer *signer, struct slice moment,
                                  struct slice request_hash, struct buf *out)
{
    append_text(out, "AWS4-HMAC-SHA256\n");
    buf_append(out, moment);
    buf_append_byte(out, '\n');
    append_scope(signer, moment, out);
    buf_append_byte(out, '\n');
    buf_append(out, request_hash);
}

/* What was appended since then. */
static struct slice since(const struct buf *out, size_t begin)
{
    return slice_of(out->data + begin, out->size - begin);
}

/* The canonical request and the string to sign are written where the request will be. false: memory
 * is exhausted. */
static bool sign(const struct client_signer *signer, struct slice target, struct slice moment,
                 struct slice body, struct buf *out, char ret_signature[AUTH_HEX_DIGEST_BYTES])
{
    size_t begin = out->size;
    char hash[AUTH_HEX_DIGEST_BYTES];
    uint8_t digest[AUTH_DIGEST_BYTES];
    struct slice hash_text = slice_of(hash, sizeof(hash));
    if (!auth_sha256_hex(body, hash))
        return false;
    append_canonical_request(signer, target, moment, hash_text, out);
    if (out->failed || !auth_sha256_hex(since(out, begin), hash))
        return false;
    out->size = begin;
    append_string_to_sign(signer, moment, hash_text, out);
    if (out->failed ||
        !auth_signing_keys_sign(signer->keys, slice_of(moment.data, DATE_BYTES), signer->region,
                                SLICE("dynamodb"), since(out, begin), digest))
        return false;
    out->size = begin;
    auth_hex(digest, ret_signature);
    return true;
}

void client_sign(const struct client_signer *signer, struct slice target, struct slice body,
                 int64_t now_ms, struct buf *out)
{
    char moment_text[AUTH_MOMENT_BYTES];
    char signature[AUTH_HEX_DIGEST_BYTES];
    auth_moment_format(now_ms, moment_text);
    struct slice moment = slice_of(moment_text, sizeof(moment_text));
    if (!sign(signer, target, moment, body, out, signature)) {
        out->failed = true;
        return;
    }
    append_text(out, "POST / HTTP/1.1\r\nHost: ");
    buf_append(out, signer->host);
    append_text(out, "\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Date: ");
    buf_append(out, moment);
    append_text(out, "\r\nX-Amz-Target: ");
    buf_append(out, target);
    append_text(out, "\r\nAuthorization: AWS4-HMAC-SHA256 Credential=");
    buf_append(out, signer->credentials.access_key_id);
    buf_append_byte(out, '/');
    append_scope(signer, moment, out);
    append_text(out, ", SignedHeaders=");
    append_text(out, signed_headers(signer));
    append_text(out, ", Signature=");
    buf_append(out, slice_of(signature, sizeof(signature)));
    if (slice_present(signer->credentials.session_token)) {
        append_text(out, "\r\nX-Amz-Security-Token: ");
        buf_append(out, signer->credentials.session_token);
    }
    append_text(out, "\r\nContent-Length: ");
    buf_append_decimal(out, body.size, 1);
    append_text(out, "\r\n\r\n");
    buf_append(out, body);
}
