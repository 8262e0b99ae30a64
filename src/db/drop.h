#ifndef HASHRANGE_DB_DROP_H
#define HASHRANGE_DB_DROP_H

/*
 * Deleting the data of a deleted table. The drop record is written in the same transaction that
 * deletes the table or moves it to DELETING, and goes when the data is gone: a crash in between
 * leaves it there and the next start takes the work up again.
 *
 * What its streams have lives longer: see db_stream_work.
 *
 *   body = table id (varint), not before (epoch ms, varint), account, namespace and name (each:
 * size varint, bytes), number of global indexes (varint), their ids (varints)
 */

#include "db/database.h"
#include "db/keyspace.h"

/* For a table that is to be deleted. Shares its life. Nothing is recorded yet. */
MUST_USE const struct error *db_drop_make(const struct db *db, const struct db_snapshot *snapshot,
                                          int64_t not_before_ms, struct db_drop **ret_drop);
void db_drop_write(struct buf *out, const struct db_drop *drop);
/* life is NULL. */
MUST_USE const struct error *db_drop_read(struct arena *arena, struct slice body,
                                          struct db_drop **ret_drop);
/* Accepts NULL. */
void db_drop_free(struct db_drop *drop);

/* Hands a recorded drop over to the background. */
void db_drop_add(struct db *db, struct db_drop *drop);
/* Deletes all keys of a family in a space, for background work. */
MUST_USE const struct error *db_drop_space(struct db *db, struct arena *arena,
                                           enum db_family family, uint64_t space);

/* Does the next drop that is due. true: there is another one that is due. */
bool db_drop_work(struct db *db, int64_t now_ms);

#endif
