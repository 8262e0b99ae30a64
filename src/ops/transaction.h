#ifndef HASHRANGE_OPS_TRANSACTION_H
#define HASHRANGE_OPS_TRANSACTION_H

/*
 * What the operations on transactions share, TransactWriteItems and TransactGetItems as well as
 * PartiQL's ExecuteTransaction: actions that are done together or not at all, the reasons when they
 * are not, conflicts, client request tokens, and what all of it costs.
 *
 * Developer guide, "Amazon DynamoDB Transactions: How it works"; API reference, TransactWriteItems.
 * Why conflicts are what they are: docs/decisions/0011-transactions.md.
 */

#include "expr/expr.h"
#include "ops/operation.h"

enum {
    OP_TRANSACTION_ACTIONS_MAX = 100,
    OP_TRANSACTION_BYTES_MAX = 4 * 1024 * 1024, /* of all items */
};

/* --- writing --- */

struct op_action;

/* What becomes of the item whose condition holds. old is SLICE_ABSENT when there is none. A pure
 * function; all it makes lives in the call's arena. An error is the reason why the transaction is
 * cancelled. */
typedef const struct error *op_action_plan(const struct op_call *call,
                                           const struct op_action *action, struct slice old,
                                           enum db_action *ret_action, struct slice *ret_new);

struct op_action {
    /* filled by the operation */
    /* With a reference, given up at the end. NULL: there is none, and a problem. */
    const struct db_table *table;
    struct slice table_name; /* as the client wrote it */
    struct slice key;
    /* Why it cannot be done, whatever is stored (a key of the wrong type): the transaction is
     * cancelled with that reason, and key is not looked at. NULL: it can. */
    const struct error *problem;
    size_t bytes;         /* its part of OP_TRANSACTION_BYTES_MAX, as far as the request tells */
    op_action_plan *plan; /* NULL: it only checks */
    const struct expr_condition *condition; /* NULL: none */
    struct model_enum return_values_on_condition_check_failure;
    struct slice item;                /* for op_action_put */
    const struct expr_update *update; /* for op_action_update */
    const void *context;              /* for plans of the operation's own */
    /* private */
    struct db_write *write; /* NULL: there is a problem */
    size_t table_number;
};

op_action_plan op_action_put;
op_action_plan op_action_update;
op_action_plan op_action_delete;

struct op_transaction;

/* The operation's output; NULL when memory is exhausted. Any thread; quick. */
typedef void *op_transaction_respond(struct op_transaction *transaction,
                                     struct model_list_consumed_capacity_multiple consumed,
                                     struct model_map_item_collection_metrics_per_table metrics);

struct op_transaction {
    /* filled by the operation */
    struct op_call *call;
    struct op_action *actions;
    size_t count;
    /* text is SLICE_ABSENT when the request has none; else scope, text and digest */
    struct db_token token;
    struct model_enum return_consumed_capacity;
    struct model_enum return_item_collection_metrics;
    op_transaction_respond *respond;
    /* private */
    struct op_transaction_table *tables;
    size_t table_count;
    struct db_write *writes;
    struct db_write_set set;
    const struct error *error; /* why nothing was written */
    bool is_replay;
    bool is_admitted; /* its throughput is taken */
};

/* Checks what the actions are together (no item twice, the size of all), writes and answers. Ends
 * the call, sooner or later, and releases the tables of all actions. */
void op_transaction_run(struct op_transaction *transaction);
/* The same end, with an error that the operation has found. */
void op_transaction_fail(struct op_transaction *transaction, const struct error *error);

/* Whether an error that a check of the schema has found ends the request as it is; else it is the
 * reason of the one action. */
bool op_transaction_ends_request(const struct error *error);

/* TransactionCanceledException; reasons[i] NULL: action i is not to blame. */
MUST_USE const struct error *
op_transaction_cancelled(struct arena *arena, const struct error *const *reasons, size_t count);

/* What is wrong with several actions together. */
MUST_USE const struct error *op_transaction_same_item(const struct op_call *call);
MUST_USE const struct error *op_transaction_too_large(const struct op_call *call);

/* --- reading --- */

struct op_transaction_get {
    /* in; the table stays the caller's */
    const struct db_table *table;
    struct slice table_name;
    struct slice key;
    const struct error *problem;       /* as of an action */
    struct expr_projection projection; /* count 0: everything */
    /* out: SLICE_ABSENT when there is none, or nothing of it was asked for */
    struct slice item;
};

/* All from one state. TRANSACTION_CANCELED when an item is being written. *ret_consumed stays as it
 * is unless the mode asks for it. */
MUST_USE const struct error *
op_transaction_read(const struct op_call *call, struct op_transaction_get *gets, size_t count,
                    struct model_enum return_consumed_capacity,
                    struct model_list_consumed_capacity_multiple *ret_consumed);

#endif
