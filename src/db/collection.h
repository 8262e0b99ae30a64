#ifndef HASHRANGE_DB_COLLECTION_H
#define HASHRANGE_DB_COLLECTION_H

/*
 * The sizes of item collections: for each partition key of a table with local indexes, the bytes of
 * its items and of their entries in the local indexes (developer guide, "Item collections in Local
 * Secondary Indexes"). Every write to such a table names the record of its collection, so that the
 * size is exact when the limit is held against it; tables without local indexes have no records.
 *
 *   body = bytes (varint); no record: 0
 */

#include "db/database.h"

#define DB_COLLECTION_BYTES_MAX (INT64_C(10) * 1024 * 1024 * 1024)

/* record absent: 0. false: it is corrupt. */
MUST_USE bool db_collection_read(struct slice record, int64_t *ret_bytes);
/* Puts, or with 0 bytes deletes, the record. false: the arena is exhausted. */
MUST_USE bool db_collection_write(struct arena *arena, struct store_batch *batch, struct slice key,
                                  int64_t bytes);

#endif
