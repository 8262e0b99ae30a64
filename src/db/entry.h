#ifndef HASHRANGE_DB_ENTRY_H
#define HASHRANGE_DB_ENTRY_H

/*
 * What an item looks like in an index: whether it is in it, under which key, with which attributes.
 * Developer guide, "Attribute projections" and "Take advantage of sparse indexes".
 */

#include "db/keyspace.h"

/*
 * The key parts of the item in the index (NULL: in the table, where the primary key is present and
 * checked). Borrowed from item. false: the item is not in the index, because one of the index's key
 * attributes is missing, or is not what it may be as a key (such items were there before the
 * index).
 */
MUST_USE bool db_entry_parts(const struct db_table *table, const struct db_index *index,
                             struct slice item, struct db_key_parts *ret_parts);

/* The key of the item in the table or index; SLICE_ABSENT when the arena is exhausted. The item is
 * in it (CHECKed). */
struct slice db_entry_key(struct arena *arena, const struct db_table *table,
                          const struct db_index *index, struct slice item);

/* The projected item; for DB_PROJECT_ALL the item itself. SLICE_ABSENT when the arena is exhausted.
 */
struct slice db_entry_project(struct arena *arena, const struct db_table *table,
                              const struct db_index *index, struct slice item);

/* The key attributes of table and index, of an item or entry, as LastEvaluatedKey has them.
 * SLICE_ABSENT when the arena is exhausted. */
struct slice db_entry_start_key(struct arena *arena, const struct db_table *table,
                                const struct db_index *index, struct slice item);

#endif
