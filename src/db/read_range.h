#ifndef HASHRANGE_DB_READ_RANGE_H
#define HASHRANGE_DB_READ_RANGE_H

/* From what a read asks for to the range of keys that has it. Private to db/. */

#include "db/items.h"

/* The range of the read, cut at its exclusive start (which db_read_check_start has passed).
 * *ret_is_empty: no key can be in it, there is no range. */
MUST_USE const struct error *db_read_range(const struct db_read *read, struct arena *arena,
                                           struct store_range *ret_range, bool *ret_is_empty);

/* The same without the exclusive start. */
MUST_USE const struct error *db_read_whole_range(const struct db_read *read, struct arena *arena,
                                                 struct store_range *ret_range, bool *ret_is_empty);

/* What comes behind the key in the direction of reading. false: arena exhausted. */
MUST_USE bool db_range_continue(struct arena *arena, struct store_range *range, struct slice key,
                                bool backward);

#endif
