#ifndef HASHRANGE_OPS_INDEX_CHANGE_H
#define HASHRANGE_OPS_INDEX_CHANGE_H

/*
 * UpdateTable's GlobalSecondaryIndexUpdates: which of them may be, and what creating and deleting
 * an index makes of a table. Developer guide, "Managing Global Secondary Indexes in DynamoDB"; what
 * may go on at the same time and the words come from public measurements of
 * the service (October 2026).
 */

#include "ops/operation.h"

/* Everything that needs no data: each update alone, and what stands beside it
 * (ops/update_combination.h). */
MUST_USE const struct error *op_index_updates_check(const struct op_call *call,
                                                    const struct model_update_table_input *input);

/* Whether the indexes of the table allow them now, and whether what is going on with an index
 * allows the rest of the update. */
MUST_USE const struct error *op_index_changes_check(const struct op_call *call,
                                                    const struct model_update_table_input *input,
                                                    const struct db_table *table);

/* Creates and deletes on table, which has its new billing mode already. Its indexes are a copy. */
MUST_USE const struct error *op_index_changes_apply(const struct op_call *call,
                                                    const struct model_update_table_input *input,
                                                    struct db_table *table);

#endif
