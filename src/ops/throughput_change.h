#ifndef HASHRANGE_OPS_THROUGHPUT_CHANGE_H
#define HASHRANGE_OPS_THROUGHPUT_CHANGE_H

/* UpdateTable's ProvisionedThroughput, BillingMode and updates of global indexes. */

#include "ops/operation.h"

/* After op_index_changes_check. table: a copy of the table as it is, which becomes the table as it
 * will be. */
MUST_USE const struct error *op_throughput_apply(const struct op_call *call,
                                                 const struct model_update_table_input *input,
                                                 struct db_table *table);

#endif
