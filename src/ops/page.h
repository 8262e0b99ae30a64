#ifndef HASHRANGE_OPS_PAGE_H
#define HASHRANGE_OPS_PAGE_H

/*
 * One page of a Query or Scan: the rules of Select, the index, the filter, the projection and the
 * cost. API reference, Query and Scan, "Select", "IndexName", "ConsistentRead".
 */

#include "expr/expr.h"
#include "ops/capacity.h"
#include "ops/table_name.h"

/* The members that Query and Scan share, from the input. */
struct op_page_request {
    struct slice index_name;
    struct model_enum select;
    const struct model_list_attribute_name_list *attributes_to_get;
    struct slice projection_expression;
    bool consistent;
    struct model_integer limit;
    const struct item_reading *exclusive_start_key;
    struct model_enum return_consumed_capacity;
};

/* Working state and outcome. */
struct op_page {
    const struct op_call *call;
    const struct op_page_request *request;
    struct op_table_name name;
    const struct db_table *table;
    struct db_read read;
    const struct expr_condition *filter; /* NULL: all pass */
    struct expr_projection projection;   /* count 0: whole items */
    /* out */
    struct item_reading *items;
    size_t item_count;
    size_t item_capacity;
    bool exhausted;
    struct model_consumed_capacity *consumed;
};

/* What Select says about the other parameters. */
MUST_USE const struct error *op_page_check_select(const struct op_page *page);
/* The values of ExclusiveStartKey. */
MUST_USE const struct error *op_page_check_start_values(const struct op_page *page);

/* With page->table set: finds the index and holds ConsistentRead against it. */
MUST_USE const struct error *op_page_choose_index(struct op_page *page);
/* Holds Select and the projection against what the index has. The service does so late, behind the
 * checks of keys. */
MUST_USE const struct error *op_page_check_projected(struct op_page *page);

/* Reads the page into items; page->read is complete but for what this fills in: limit, start,
 * fetch_items and the visitor. */
MUST_USE const struct error *op_page_read(struct op_page *page);

/* The answer's members, shared by both outputs. */
struct op_page_output {
    struct model_list_item_list items;
    struct model_integer count;
    struct model_integer scanned_count;
    struct item_reading last_evaluated_key;
};
void op_page_answer(const struct op_page *page, struct op_page_output *ret_output);

#endif
