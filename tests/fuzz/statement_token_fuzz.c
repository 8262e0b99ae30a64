/* fuzz: hr_ops hr_item hr_base */
/* about: ops/statement_token.c */

/* The bytes of a NextToken before they are base64, with and without a checksum that is right. What
 * is taken makes the same token again. */

#include <stdint.h>

#include "base/base64.h"
#include "base/check.h"
#include "base/hash.h"
#include "ops/statement_token.h"

enum { ARENA_BYTES = 1024 * 1024, CHECKSUM_BYTES = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint64_t FINGERPRINT = UINT64_C(0x6162636465666768); /* "abcdefgh" */

static void run(struct arena *arena, struct slice bytes)
{
    uint8_t *token = arena_alloc_bytes(arena, base64_encoded_size(bytes.size));
    CHECK(token != NULL);
    base64_encode(bytes, token);
    struct slice text = slice_of(token, base64_encoded_size(bytes.size));
    struct op_statement_position position;
    const struct error *error = op_statement_token_read(arena, text, FINGERPRINT, &position);
    if (error != NULL) {
        CHECK(error->message.size > 0);
        return;
    }
    if (slice_present(position.start))
        CHECK(value_check(value_of_item(position.start)));
    struct op_statement_position again;
    struct slice made = op_statement_token_make(arena, FINGERPRINT, &position);
    CHECK(op_statement_token_read(arena, made, FINGERPRINT, &again) == NULL);
    CHECK(again.range == position.range);
    CHECK(slice_present(again.start) == slice_present(position.start));
    if (slice_present(again.start))
        CHECK(slice_equal(again.start, position.start));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct slice bytes = slice_of(data, size);
    struct buf sealed;
    arena_init(&arena, ARENA_BYTES);
    struct op_statement_position position;
    const struct error *error =
        op_statement_token_read(&arena, bytes, FINGERPRINT, &position); /* no base64 */
    CHECK(error == NULL || error->message.size > 0);
    if (size <= ARENA_BYTES / 16) {
        run(&arena, bytes);
        buf_init(&sealed, &arena, SIZE_MAX);
        buf_append(&sealed, bytes);
        uint64_t checksum = hash_bytes(bytes);
        for (int shift = 8 * (CHECKSUM_BYTES - 1); shift >= 0; shift -= 8)
            buf_append_byte(&sealed, (uint8_t)(checksum >> shift));
        CHECK(!sealed.failed);
        run(&arena, buf_slice(&sealed));
    }
    arena_fini(&arena);
    return 0;
}
