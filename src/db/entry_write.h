#ifndef HASHRANGE_DB_ENTRY_WRITE_H
#define HASHRANGE_DB_ENTRY_WRITE_H

/*
 * Items and index entries on their way into a batch, with the totals that count them. Used within
 * decisions: no I/O. Private to db/.
 *
 * Functions that return bool return false when memory is exhausted; the decision must then abort.
 */

#include "db/items.h"
#include "db/keyspace.h"

struct db_entry_writer {
    struct arena *arena;
    const struct db_table *table;
    struct store_batch *batch;
    bool is_writing;   /* the batch has got something */
    int64_t colocated; /* bytes that the item collection has gained: table and local indexes */
};

/* An entry's or item's part in the totals. */
struct db_share {
    bool present;
    size_t bytes;
};

MUST_USE bool db_write_record(struct db_entry_writer *writer, enum store_atomicity atomicity,
                              enum db_family family, struct slice key, struct slice body);
void db_delete_record(struct db_entry_writer *writer, enum store_atomicity atomicity,
                      struct slice key);

/* index NULL: of the table. */
MUST_USE bool db_add_totals(struct db_entry_writer *writer, const struct db_index *index,
                            struct db_share before, struct db_share after);

/*
 * The item's entry in the index, from what it is with the item `before` to what it is with `after`
 * (each SLICE_ABSENT when there is none, or when its entry is not in the index). *ret_effect is
 * what it came to; its index is NULL when nothing changed. *ret_has_entry: there is one now.
 */
MUST_USE bool db_write_entry(struct db_entry_writer *writer, const struct db_index *index,
                             struct slice before, struct slice after,
                             struct db_index_effect *ret_effect, bool *ret_has_entry);

#endif
