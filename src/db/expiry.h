#ifndef HASHRANGE_DB_EXPIRY_H
#define HASHRANGE_DB_EXPIRY_H

/*
 * Time to live: items whose TTL attribute lies in the past are deleted in the background.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 *
 * Every item with a time to live has an EXPIRY record, written with the item, under a key that
 * begins with the second in which it ends. What has expired is therefore the beginning of one range
 * of keys: a sweep reads as many records as there are items to delete, however large the table is.
 * docs/decisions/0013-streams-and-time-to-live.md says what else was considered.
 *
 * The records are a hint. Who sweeps looks at the item again, in the decision that deletes it; a
 * record that does not agree with its item is deleted instead. So records may be left over (TTL
 * was switched off, to another attribute) without harm. None may be missing: when TTL is switched
 * on, all items are gone through, once all writes that do not know of it have ended. When it is
 * switched off all records are deleted. That this has been done is a record, too (db_settled_key).
 *
 * Threads: db_expiry_work from one only.
 */

#include "db/database.h"

/* Not a second in which anything expires. */
#define DB_EXPIRY_NEVER ((int64_t)-1)

/* The second since 1970 in which the item's time to live ends, or DB_EXPIRY_NEVER: TTL is off,
 * there is no item (SLICE_ABSENT), no such attribute, it is not a number, is negative, or lies
 * centuries ahead. Of a number with a fraction the whole second counts. */
int64_t db_expiry_of(const struct db_table *table, struct slice item);

/* The key of the EXPIRY record for that second; key: the item's primary key, as an item, which is
 * also the record's body. SLICE_ABSENT: arena exhausted. */
struct slice db_expiry_key(struct arena *arena, const struct db_table *table, int64_t second,
                           struct slice key);

/* The key of a record that says which change of a table's time to live has been settled: its body
 * is expiry_changed_ms as a varint. It lies behind all other EXPIRY records. */
struct slice db_settled_key(struct arena *arena, const struct db_table *table);

/* The background's own state. sweep_ms 0: the default. */
MUST_USE const struct error *db_expiry_open(struct db *db, int64_t sweep_ms);
void db_expiry_close(struct db *db);

#endif
