#ifndef HASHRANGE_OPS_STATEMENT_WRITE_H
#define HASHRANGE_OPS_STATEMENT_WRITE_H

/*
 * INSERT, UPDATE and DELETE: which item, and what becomes of it. The decision is a pure function of
 * the item as it was, so that it can stand alone, in a batch or in a transaction.
 *
 * INSERT refuses an item that is there. UPDATE refuses one that is not. Both UPDATE and DELETE
 * refuse one for which the rest of the WHERE does not hold; DELETE of nothing succeeds. All refuse
 * one that a transaction holds, where the set asks to be told (db/items.h).
 */

#include "ops/statement.h"

struct op_statement_write {
    /* set by prepare */
    const struct op_statement *statement;
    struct slice key; /* the primary key, as an item */
    struct model_enum return_values_on_condition_check_failure;
    /* set by decide */
    const struct error *error; /* why nothing is written */
    struct slice returned;     /* what RETURNING asks for; SLICE_ABSENT: nothing */
};

enum op_statement_words {
    OP_STATEMENT_ALONE,
    OP_STATEMENT_IN_TRANSACTION, /* a WHERE that names no one item is a wrong key (observed) */
};

MUST_USE const struct error *op_statement_write_prepare(const struct op_statement *statement,
                                                        enum op_statement_words words,
                                                        struct model_enum return_values_on_failure,
                                                        struct op_statement_write *ret_write);

/* Sets error, returned, and the action and new item of *write, whose old item is set. May be called
 * again. */
void op_statement_write_decide(struct op_statement_write *self, struct arena *arena,
                               struct db_write *write);
/* The same for a write that is not to be done, for a reason of its caller's. */
void op_statement_write_leave_out(struct op_statement_write *self, const struct error *reason,
                                  struct db_write *write);

#endif
