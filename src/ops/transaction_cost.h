#ifndef HASHRANGE_OPS_TRANSACTION_COST_H
#define HASHRANGE_OPS_TRANSACTION_COST_H

/*
 * ConsumedCapacity and ItemCollectionMetrics of transactions (developer guide, "Capacity management
 * for transactions"; observed): the table's own units count twice, those of indexes once; a replay
 * of a token is charged as the reading of its items. Private to the files of transactions.
 */

#include "ops/capacity.h"
#include "ops/transaction.h"

/* Read units for one item, before they count twice. */
uint32_t op_transaction_read_units(size_t bytes);
/* Twice. */
double op_transaction_units(double units);

/* Sorts the actions by table and, when asked for, measures their collections. */
MUST_USE const struct error *op_transaction_prepare_cost(struct op_transaction *transaction);
/* With throughput enforced: takes what the writes cost, or says who lacks it: the transaction is
 * cancelled, with the reasons of its actions (API reference, "TransactionCanceledException"). */
MUST_USE const struct error *
op_transaction_take_throughput(const struct op_transaction *transaction);
/* What a transaction that was written, or a replay, has to tell. */
MUST_USE const struct error *
op_transaction_show_cost(const struct op_transaction *transaction,
                         struct model_list_consumed_capacity_multiple *ret_consumed,
                         struct model_map_item_collection_metrics_per_table *ret_metrics);

/* One table's capacity, as a list shows it: also as ReadCapacityUnits or WriteCapacityUnits, on
 * every level. */
enum op_axis { OP_AXIS_READ, OP_AXIS_WRITE };
MUST_USE const struct error *op_transaction_fill_capacity(const struct op_capacity *capacity,
                                                          struct arena *arena,
                                                          struct model_enum mode, enum op_axis axis,
                                                          struct model_consumed_capacity *ret);

#endif
