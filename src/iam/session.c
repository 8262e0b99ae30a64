#include "iam/session.h"

#include "base/base64.h"
#include "base/buf.h"
#include "base/rand.h"
#include "db/record_shape.h"

enum {
    RECORD_BYTES_MAX = 64 * 1024,
    TOKEN_BYTES_MAX = 8192, /* AUTH_SESSION_TOKEN_BYTES_MAX: what requests can carry */
    KEY_ID_PREFIX_BYTES = 4,
};

/* --- the record, docs/format/session.md --- */

#define OWNER struct iam_session_text
static const struct field text_fields[] = {{1, TEXT, AT(text)}};
SHAPE(text, OWNER);
#undef OWNER

#define OWNER struct auth_tag
static const struct field tag_fields[] = {{1, TEXT, AT(key)}, {2, TEXT, AT(value)}};
SHAPE(tag, OWNER);
#undef OWNER

#define OWNER struct iam_session
static const struct field session_fields[] = {
    {1, ENUM, AT(kind), .max = IAM_SESSION_KIND_MAX},
    {2, TEXT, AT(access_key_id)},
    {3, TEXT, AT(secret)},
    {4, SIGNED, AT(issued_ms)},
    {5, SIGNED, AT(expires_ms)},
    {6, TEXT, AT(account)},
    {7, TEXT, AT(subject_id)},
    {8, TEXT, AT(name)},
    {9, TEXT, AT(policy)},
    {10, LIST, AT(policy_arns), COUNT_AT(policy_arn_count), .shape = &text_shape},
    {11, LIST, AT(tags), COUNT_AT(tag_count), .shape = &tag_shape},
    {12, LIST, AT(transitive_keys), COUNT_AT(transitive_count), .shape = &text_shape},
    {13, TEXT, AT(source_identity)},
    {14, TEXT, AT(federated_provider)},
    {15, FLAG, AT(is_chained)},
};
SHAPE(session, OWNER);
#undef OWNER

/* --- making one --- */

static void random_text(uint8_t *out, size_t size, const char *letters, unsigned letter_count)
{
    rand_bytes(out, size);
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)letters[out[i] % letter_count];
}

const struct error *iam_session_begin(struct arena *arena, int64_t now_ms, int64_t seconds,
                                      struct iam_session *session)
{
    static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    arena_hold_secret(arena);
    uint8_t *id = arena_alloc_bytes(arena, IAM_SESSION_ACCESS_KEY_BYTES);
    uint8_t *secret = arena_alloc_bytes(arena, IAM_SESSION_SECRET_BYTES);
    if (id == NULL || secret == NULL)
        return error_exhausted();
    memcpy(id, "ASIA", KEY_ID_PREFIX_BYTES);
    random_text(id + KEY_ID_PREFIX_BYTES, IAM_SESSION_ACCESS_KEY_BYTES - KEY_ID_PREFIX_BYTES,
                base32, 32);
    random_text(secret, IAM_SESSION_SECRET_BYTES, base64, 64);
    session->access_key_id = slice_of(id, IAM_SESSION_ACCESS_KEY_BYTES);
    session->secret = slice_of(secret, IAM_SESSION_SECRET_BYTES);
    /* Tokens and Expiration tell whole seconds, and both must mean the same moment. */
    session->issued_ms = now_ms - now_ms % 1000;
    session->expires_ms = session->issued_ms + seconds * 1000;
    return NULL;
}

int64_t iam_session_packed_percent(const struct iam_session *session)
{
    size_t bytes = session->policy.size;
    for (size_t i = 0; i < session->policy_arn_count; i++)
        bytes += session->policy_arns[i].text.size;
    for (size_t i = 0; i < session->tag_count; i++)
        bytes += session->tags[i].key.size + session->tags[i].value.size;
    for (size_t i = 0; i < session->transitive_count; i++)
        bytes += session->transitive_keys[i].text.size;
    return (int64_t)((bytes * 100 + IAM_SESSION_PACKED_BYTES_MAX - 1) /
                     IAM_SESSION_PACKED_BYTES_MAX);
}

/* --- tokens --- */

const struct error *iam_session_seal(struct arena *arena, const struct auth_seal_key *key,
                                     const struct iam_session *session, struct slice *ret_token)
{
    int64_t percent = iam_session_packed_percent(session);
    if (percent > 100)
        return error_make(arena, ERROR_PACKED_POLICY_TOO_LARGE,
                          "Packed policy consumes %d%% of allotted space, please use smaller "
                          "policy.",
                          (int)percent);
    struct buf record;
    struct slice sealed;
    buf_init(&record, arena, RECORD_BYTES_MAX);
    shape_write(&record, &session_shape, session);
    if (record.failed)
        return error_exhausted();
    const struct error *error =
        auth_seal(arena, key, AUTH_SEAL_SESSION, SLICE_ABSENT, buf_slice(&record), &sealed);
    explicit_bzero(record.data, record.size);
    if (error != NULL)
        return error;
    size_t size = base64_encoded_size(sealed.size);
    uint8_t *token = arena_alloc_bytes(arena, size);
    if (token == NULL)
        return error_exhausted();
    base64_encode(sealed, token);
    *ret_token = slice_of(token, size);
    return NULL;
}

const struct error *iam_session_unseal(struct arena *arena, const struct auth_seal_key *key,
                                       struct slice token, struct iam_session *ret_session,
                                       bool *ret_valid)
{
    size_t size;
    struct slice record;
    if (token.size > TOKEN_BYTES_MAX) {
        *ret_valid = false;
        return NULL;
    }
    uint8_t *sealed = arena_alloc_bytes(arena, base64_decoded_size_max(token.size));
    if (sealed == NULL)
        return error_exhausted();
    if (!base64_decode(token, sealed, &size)) {
        *ret_valid = false;
        return NULL;
    }
    bool valid = false;
    const struct error *error = auth_unseal(arena, key, AUTH_SEAL_SESSION, SLICE_ABSENT,
                                            slice_of(sealed, size), &record, &valid);
    if (error != NULL)
        return error;
    struct iam_session session = {.issued_ms = 0};
    enum shape_status status = SHAPE_CORRUPT;
    if (valid) {
        status = shape_read(arena, record, &session_shape, &session);
        explicit_bzero((void *)(uintptr_t)record.data, record.size);
    }
    if (status == SHAPE_EXHAUSTED)
        return error_exhausted();
    *ret_valid = status == SHAPE_READ && session.kind != 0;
    if (*ret_valid)
        *ret_session = session;
    return NULL;
}
