/* fuzz: hr_iam */
/* about: iam/roles_anywhere.c */

/* The input as a file of trust anchors and profiles, whose certificates are what follows the first
 * NUL. What is accepted can be found again and is within its limits. */

#include "base/check.h"
#include "iam/roles_anywhere.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 32 * 1024 * 1024, INPUT_BYTES_MAX = 64 * 1024 };

static const struct error *read_file(void *context, struct arena *arena, struct slice name,
                                     struct slice *ret_text)
{
    CHECK(name.size > 0);
    return arena_copy(arena, *(struct slice *)context, ret_text) ? NULL : error_exhausted();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct iam_anywhere *anywhere = NULL;
    if (size > INPUT_BYTES_MAX)
        return 0;
    arena_init(&arena, ARENA_BYTES);
    const uint8_t *end = size == 0 ? NULL : memchr(data, '\0', size);
    struct slice json = slice_of(data, end == NULL ? size : (size_t)(end - data));
    struct slice certificates =
        end == NULL ? SLICE("") : slice_after(slice_of(data, size), json.size + 1);
    const struct error *error =
        iam_anywhere_open(&arena, json, read_file, &certificates, &anywhere);
    CHECK((error == NULL) == (anywhere != NULL));
    CHECK(error == NULL || error->message.size > 0);
    const struct iam_profile *profile = iam_anywhere_profile(anywhere, SLICE("p"));
    CHECK(profile == NULL ||
          (profile->role_arn_count > 0 && profile->seconds >= 900 && profile->seconds <= 43200));
    const struct iam_anchor *anchor = iam_anywhere_anchor(anywhere, SLICE("a"));
    CHECK(anchor == NULL || anchor->certificates.size > 0);
    arena_fini(&arena);
    return 0;
}
