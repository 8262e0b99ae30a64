#ifndef HASHRANGE_OPS_ITEM_WRITE_H
#define HASHRANGE_OPS_ITEM_WRITE_H

/*
 * The one write of PutItem, UpdateItem and DeleteItem: look at the condition, decide, write,
 * answer. The operation checks its parameters, fills a struct item_write and hands it over; from
 * then on the flow here owns the call and ends it.
 */

#include "expr/expr.h"
#include "ops/capacity.h"
#include "ops/table_name.h"

struct item_write;

/* What becomes of the item. old is SLICE_ABSENT when there is none. A pure function; *ret_new lives
 * in the call's arena. */
typedef const struct error *item_write_plan(struct item_write *write, struct slice old,
                                            enum db_action *ret_action, struct slice *ret_new);
/* The operation's output from its parts; NULL when memory is exhausted. */
typedef void *item_write_respond(struct arena *arena, struct item_reading attributes,
                                 struct model_consumed_capacity *consumed,
                                 struct model_item_collection_metrics *metrics);

struct item_write {
    /* filled by the operation */
    struct op_call *call;
    struct op_table_name name;
    const struct db_table *table; /* with a reference, given up at the end */
    struct slice key;
    item_write_plan *plan;
    item_write_respond *respond;
    const struct expr_condition *condition; /* NULL: none */
    struct slice item;                      /* PutItem's */
    const struct expr_update *update;       /* UpdateItem's, NULL: none */
    struct model_enum return_values;
    struct model_enum return_consumed_capacity;
    struct model_enum return_item_collection_metrics;
    struct model_enum return_values_on_condition_check_failure;
    /* private */
    struct db_write write;
    struct db_write_set set;
    struct slice old_copy;     /* what ReturnValues needs of the old item; SLICE_ABSENT: nothing */
    const struct error *error; /* why it was decided not to write */
    bool is_admitted;          /* its throughput is taken */
    struct model_item_collection_metrics *metrics;
};

/* Zeroed; NULL when memory is exhausted. */
struct item_write *item_write_new(struct op_call *call);
/* Ends the call, sooner or later. */
void item_write_run(struct item_write *write);

/* "ReturnValues can only be ALL_OLD or NONE", for PutItem and DeleteItem. */
MUST_USE const struct error *item_write_check_return_values(const struct op_call *call,
                                                            struct model_enum return_values);

/* ConditionalCheckFailedException with the item when it was asked for. */
MUST_USE const struct error *item_write_condition_failed(struct arena *arena, struct slice old,
                                                         struct model_enum return_values);

#endif
