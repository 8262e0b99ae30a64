/* fuzz: hr_db hr_item hr_base */
/* about: db/token.c */

/* The input as the record of a client request token: what is taken for one comes back as it was
 * when it is written again with the same time. */

#include "base/check.h"
#include "db/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct db_token token = {0};
    int64_t until_ms;
    if (!db_token_read(slice_of(data, size), &until_ms, &token) || until_ms < DB_TOKEN_LIFE_MS)
        return 0;
    CHECK(token.unit_count <= DB_TOKEN_UNITS_MAX);
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    token.now_ms = until_ms - DB_TOKEN_LIFE_MS;
    struct slice record = db_token_record(&arena, &token);
    struct db_token again = {0};
    int64_t again_until_ms;
    CHECK(slice_present(record));
    CHECK(db_token_read(slice_after(record, 1), &again_until_ms, &again));
    CHECK(again_until_ms == until_ms && again.unit_count == token.unit_count);
    CHECK(memcmp(again.digest, token.digest, sizeof(token.digest)) == 0);
    CHECK(memcmp(again.units, token.units, sizeof(token.units)) == 0);
    arena_fini(&arena);
    return 0;
}
