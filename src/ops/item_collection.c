#include "ops/item_collection.h"

static const int64_t GIGABYTE = INT64_C(1024) * 1024 * 1024;

const struct error *op_item_collection_measure(const struct op_call *call,
                                               const struct db_table *table, struct slice key,
                                               struct model_item_collection_metrics **ret_metrics)
{
    if (!db_table_has_local_index(table))
        return NULL;
    struct slice name = table->key.partition[0].name;
    struct value partition = value_map_find(value_of_item(key), name);
    int64_t bytes = 0;
    const struct error *error =
        db_collection_bytes(call->environment->db, call->arena, table, key, &bytes);
    if (error != NULL)
        return error;
    struct model_item_collection_metrics *metrics =
        ARENA_NEW(call->arena, struct model_item_collection_metrics);
    struct model_double *range = ARENA_NEW_ARRAY(call->arena, struct model_double, 2);
    struct value_member member = {name, partition};
    struct value collection_key;
    if (metrics == NULL || range == NULL ||
        !value_build_map(call->arena, &member, 1, &collection_key))
        return error_exhausted();
    range[0] = (struct model_double){true, (double)(bytes / GIGABYTE)};
    range[1] = (struct model_double){true, (double)(bytes / GIGABYTE + 1)};
    metrics->item_collection_key.item = collection_key.body;
    metrics->size_estimate_range_gb.present = true;
    metrics->size_estimate_range_gb.count = 2;
    metrics->size_estimate_range_gb.items = range;
    *ret_metrics = metrics;
    return NULL;
}
