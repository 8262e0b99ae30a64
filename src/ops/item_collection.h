#ifndef HASHRANGE_OPS_ITEM_COLLECTION_H
#define HASHRANGE_OPS_ITEM_COLLECTION_H

/*
 * ItemCollectionMetrics: an estimate of how large the items of one partition key are, table and
 * local indexes together (API reference, "ReturnItemCollectionMetrics"). Only tables with local
 * indexes have it.
 */

#include "ops/operation.h"

/* key: the primary key of an item, or the item. *ret_metrics stays as it is (absent) when the table
 * has no local index. The write that is about to happen is not in the estimate. */
MUST_USE const struct error *
op_item_collection_measure(const struct op_call *call, const struct db_table *table,
                           struct slice key, struct model_item_collection_metrics **ret_metrics);

#endif
