#ifndef HASHRANGE_OPS_TABLE_CHANGE_H
#define HASHRANGE_OPS_TABLE_CHANGE_H

/* The common end of CreateTable, UpdateTable and DeleteTable: describe what has become of the
 * table. */

#include "ops/table_description.h"

struct table_change;

/* The operation's output with the description, which it may adjust; NULL when memory is exhausted.
 */
typedef void *table_change_respond(struct table_change *change,
                                   struct model_table_description *description);

struct table_change {
    struct op_call *call;
    table_change_respond *respond;
    const struct db_table *old; /* with a reference, given up at the end; NULL for a new table */
    bool has_totals;
    struct op_table_totals totals;
};

/* Zeroed; NULL when memory is exhausted. */
struct table_change *table_change_new(struct op_call *call, table_change_respond *respond);
/* Finds the table of UpdateTable and DeleteTable and its totals. */
MUST_USE const struct error *table_change_find(struct table_change *change, struct slice given);
/* Sets memory aside for the answer about the table as it will be: after the commit there must be
 * enough to say that it was done. */
MUST_USE const struct error *table_change_reserve(const struct table_change *change,
                                                  const struct db_table *table);
/* Ends the call with an error. */
void table_change_fail(struct table_change *change, const struct error *error);
/* A db_table_done: ends the call. */
void table_change_done(void *context, const struct error *error, const struct db_table *table);

#endif
