/* fuzz: hr_iam */
/* about: iam/session.c auth/seal.c */

/* The input as a session token, and sealed as the record of one, as if another program had written
 * it with the same key: what is taken for a session comes back as it was when it is sealed again.
 */

#include "base/base64.h"
#include "base/check.h"
#include "iam/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 16 * 1024 * 1024, INPUT_BYTES_MAX = 16 * 1024 };

static const struct auth_seal_key key = {{1}};

static void check_again(struct arena *arena, const struct iam_session *session)
{
    struct slice token;
    struct iam_session again;
    bool valid = false;
    if (iam_session_packed_percent(session) > 100)
        return;
    CHECK(iam_session_seal(arena, &key, session, &token) == NULL);
    if (token.size > 8192)
        return;
    CHECK(iam_session_unseal(arena, &key, token, &again, &valid) == NULL && valid);
    CHECK(again.kind == session->kind && again.issued_ms == session->issued_ms);
    CHECK(slice_equal(again.subject_id, session->subject_id));
    CHECK(again.tag_count == session->tag_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = slice_of(data, size);
    struct arena arena;
    struct iam_session session;
    struct slice sealed;
    bool valid = true;
    if (size > INPUT_BYTES_MAX)
        return 0;
    arena_init(&arena, ARENA_BYTES);
    CHECK(iam_session_unseal(&arena, &key, input, &session, &valid) == NULL && !valid);
    CHECK(auth_seal(&arena, &key, AUTH_SEAL_SESSION, SLICE_ABSENT, input, &sealed) == NULL);
    uint8_t *token = arena_alloc_bytes(&arena, base64_encoded_size(sealed.size));
    CHECK(token != NULL);
    base64_encode(sealed, token);
    if (iam_session_unseal(&arena, &key, slice_of(token, base64_encoded_size(sealed.size)),
                           &session, &valid) == NULL &&
        valid)
        check_again(&arena, &session);
    arena_fini(&arena);
    return 0;
}
