/* fuzz: hr_db hr_item hr_base */
/* about: db/identity.c */

/* The input as the record of an identity: what is taken for one comes back as it was when it is
 * written again. */

#include "base/check.h"
#include "db/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct db_identity identity, again;
    struct buf first, second;
    arena_init(&arena, ARENA_BYTES);
    if (db_identity_record_read(&arena, slice_of(data, size), &identity) == NULL) {
        CHECK(identity.kind > 0 && (unsigned)identity.kind <= DB_IDENTITY_KIND_MAX &&
              identity.id.size > 0);
        buf_init(&first, &arena, ARENA_BYTES);
        buf_init(&second, &arena, ARENA_BYTES);
        db_identity_record_write(&first, &identity);
        CHECK(!first.failed);
        CHECK(db_identity_record_read(&arena, buf_slice(&first), &again) == NULL);
        db_identity_record_write(&second, &again);
        CHECK(slice_equal(buf_slice(&first), buf_slice(&second)));
    }
    arena_fini(&arena);
    return 0;
}
