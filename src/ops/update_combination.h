#ifndef HASHRANGE_OPS_UPDATE_COMBINATION_H
#define HASHRANGE_OPS_UPDATE_COMBINATION_H

/*
 * Which changes one UpdateTable may make together. The developer guide says of most that they are
 * made one at a time; the pairs, the words and which words come first are from public measurements
 * of the service with every pair of parameters (October 2026). Allowed together are BillingMode
 * with throughput and updates of indexes, with an index to be created or deleted, and
 * PAY_PER_REQUEST with OnDemandThroughput or StreamSpecification. Updates of indexes beside
 * WarmThroughput are the developer guide's own example ("Increase your existing DynamoDB table's
 * warm throughput"), and beside OnDemandThroughput not measured.
 */

#include "ops/operation.h"

MUST_USE const struct error *
op_update_combination_check(const struct op_call *call,
                            const struct model_update_table_input *input);

#endif
