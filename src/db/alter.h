#ifndef HASHRANGE_DB_ALTER_H
#define HASHRANGE_DB_ALTER_H

/* Changes of the newest state of a table, for background work. Private to db/. */

#include "db/database.h"

/* A record that is written (value present) or deleted in the same transaction. */
struct db_side_record {
    struct slice key;
    struct slice value;
};

/* db_table_alter with a waiting caller. side may be NULL. *ret_table has a reference. The error is
 * in arena. */
MUST_USE const struct error *db_table_alter_wait(struct db *db, struct arena *arena,
                                                 const struct db_table *table, int64_t now_ms,
                                                 db_alteration *alteration, void *context,
                                                 const struct db_side_record *side,
                                                 const struct db_table **ret_table);

#endif
