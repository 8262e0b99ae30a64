#ifndef HASHRANGE_OPS_THROUGHPUT_CHANGE_H
#define HASHRANGE_OPS_THROUGHPUT_CHANGE_H

/* UpdateTable's ProvisionedThroughput, BillingMode and updates of global indexes. */

#include "ops/operation.h"

/* Everything about the updates of indexes that needs no data. */
MUST_USE const struct error *
op_index_updates_check(const struct op_call *call,
                       const struct model_list_global_secondary_index_update_list *updates);

/* table: a copy of the table as it is, which becomes the table as it will be. */
MUST_USE const struct error *op_throughput_apply(const struct op_call *call,
                                                 const struct model_update_table_input *input,
                                                 struct db_table *table);

#endif
