#ifndef HASHRANGE_OPS_STATEMENT_SELECT_H
#define HASHRANGE_OPS_STATEMENT_SELECT_H

/*
 * One page of a SELECT: a Query for each value of the partition key that its WHERE names, else a
 * Scan, each with the WHERE as its filter.
 */

#include "ops/statement.h"

struct op_select {
    /* in */
    const struct op_statement *statement;
    bool consistent;
    struct model_integer limit;
    struct slice next_token;
    struct model_enum return_consumed_capacity;
    /* out */
    struct model_list_item_list items;
    struct slice continuation;   /* the next page's NextToken; SLICE_ABSENT: there is none */
    struct slice last_evaluated; /* the key this page ended at; SLICE_ABSENT */
    struct model_consumed_capacity *consumed;
};

MUST_USE const struct error *op_select_page(struct op_select *select);

#endif
