#ifndef HASHRANGE_BASE_FILE_H
#define HASHRANGE_BASE_FILE_H

/* Small files that somebody named on the command line: read whole, once. */

#include "base/error.h"

/* All bytes of the file, in the arena. VALIDATION, with the path and the system's words: it cannot
 * be read, or is larger than bytes_max. */
MUST_USE const struct error *file_read(struct arena *arena, const char *path, size_t bytes_max,
                                       struct slice *ret_bytes);

#endif
