#ifndef HASHRANGE_DB_FILL_H
#define HASHRANGE_DB_FILL_H

/*
 * Creating and deleting a global index of a live table, without stopping writers.
 *
 *    allocating ──(1)──> filling ──(2)──> whole          status CREATING, CREATING, ACTIVE
 *                           │               │            online     yes     , yes     , no
 *                           └───deleting <──┘            backfilling no     , yes     , no
 *                                  │
 *                                 (3)──> gone            status DELETING
 *
 * Writers work with the snapshot of the table that they have acquired, so that two neighbouring
 * states are in use at once for a while. Every step waits until no snapshot from before the present
 * state is left (db_life_oldest_revision). That is why there is a state before filling: if some
 * writers kept the index and others had never heard of it, the latter would leave entries behind.
 * While it is allocating, writers remove entries and write none (DB_UPKEEP_REMOVE).
 *
 *  (1) The table's record says backfilling, and the index has a fill record.
 *  (2) Writers keep the index (DB_UPKEEP_FILLING). The items are read in the order of their keys
 * and visited in transactions that name them, so that a visit and a write to the same item are
 *      serial: it writes the entry of the item as it is then. When the last one is visited, the
 *      record says ACTIVE.
 *  (3) Entries, totals, marks and the fill record are deleted, then the index goes out of the
 *      table's record, with the attributes that it alone had.
 *
 * Marks. Entries are keyed by what the item holds, so a decision cannot name them beforehand, and
 * whether the entry of the old item is in the index yet decides what the totals are changed by. So
 * whoever puts an entry for an item that had none, writer or visit, marks the item:
 *
 *      an item's mark is there  =>  the entry of the item, if it calls for one, is there and
 * counted no mark, and the filling is not complete  =>  no entry of the item is there
 *
 * and entries and totals are exact at every moment. Once the fill record says complete, all items
 * count as marked and none is marked any more; the marks are swept away in the background when
 * nobody reads them any more.
 *
 *   fill record:  1 when complete, else 0 (1 byte); table id (varint); the key of the last item
 *                 visited (the rest; empty: none)
 *   mark:         index id (varint)
 *
 * A crash at any moment leaves the table's record in one of the states, and the fill record where
 * the filling has come to; the next start goes on from there.
 */

#include "db/database.h"
#include "db/entry_write.h"

struct db_fill_record {
    bool is_complete;
    uint64_t table_id;
    struct slice last_key;
};
void db_fill_record_write(struct buf *out, const struct db_fill_record *record);
/* last_key is borrowed from body. */
MUST_USE bool db_fill_record_read(struct slice body, struct db_fill_record *ret_record);

/* For decisions. */
bool db_fill_is_complete(const struct db_table *table, const struct db_index *index);
/* mark: the record at the item's mark key, SLICE_ABSENT when there is none. */
bool db_fill_is_marked(struct slice mark, const struct db_index *index);
MUST_USE bool db_fill_mark(struct db_entry_writer *writer, struct slice mark_key,
                           const struct db_index *index);

/* Takes up what the last process left. After the tables are loaded. */
MUST_USE const struct error *db_fill_open(struct db *db, struct arena *arena);
/* At the end: forgets what is still to be done. */
void db_fill_close(struct db *db);

/* Does a piece of work for every table that has some. true: there is more to do at once. */
bool db_fill_work(struct db *db, int64_t now_ms);

#endif
