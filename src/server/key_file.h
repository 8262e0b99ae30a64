#ifndef HASHRANGE_SERVER_KEY_FILE_H
#define HASHRANGE_SERVER_KEY_FILE_H

/*
 * The key under which secrets are stored: KEY_FILE_BYTES random bytes in a file that is not in the
 * data folder, so that a copy of the data alone gives nothing away. Only its owner may read it.
 * Whoever loses it loses the secrets, not the items.
 *
 * Errors are for the one who started the program. The key itself is never part of one.
 */

#include "base/error.h"

enum { KEY_FILE_BYTES = 32 };

/* "<data>.key", beside the data folder; in the arena, NUL at its end. NULL when exhausted. */
MUST_USE const char *key_file_beside(struct arena *arena, const char *data);

/* Refuses a place in the data folder, which may not be there yet, also by way of links. */
MUST_USE const struct error *key_file_check_place(struct arena *arena, const char *path,
                                                  const char *data);

/* Reads the key; when there is no file and may_make is true, makes it first: whole or not at all,
 * mode 0600, on disk when this returns. A file that others may read is refused. The caller wipes
 * the key when it is done with it. */
MUST_USE const struct error *key_file_load(struct arena *arena, const char *path, bool may_make,
                                           uint8_t ret_key[KEY_FILE_BYTES]);

#endif
