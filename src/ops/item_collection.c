#include "ops/item_collection.h"

static const int64_t GIGABYTE = INT64_C(1024) * 1024 * 1024;

static bool has_local_index(const struct db_table *table)
{
    for (size_t i = 0; i < table->index_count; i++)
        if (!table->indexes[i].global)
            return true;
    return false;
}

/* Table and local indexes together: no collection in them can be larger. */
static const struct error *upper_bound(const struct op_call *call, const struct db_table *table,
                                       int64_t *ret_bytes)
{
    struct db_totals totals;
    const struct error *error =
        db_table_totals(call->environment->db, call->arena, table, NULL, &totals);
    if (error != NULL)
        return error;
    int64_t bytes = totals.bytes;
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].global)
            continue;
        error =
            db_table_totals(call->environment->db, call->arena, table, &table->indexes[i], &totals);
        if (error != NULL)
            return error;
        bytes += totals.bytes;
    }
    *ret_bytes = bytes;
    return NULL;
}

static bool ignore_item(void *context, struct slice item)
{
    (void)context;
    (void)item;
    return true;
}

/* The bytes of one partition key in the table (index NULL) or in an index, page by page. */
static const struct error *walk(const struct op_call *call, const struct db_table *table,
                                const struct db_index *index, struct value partition,
                                int64_t *bytes)
{
    struct db_read read = {.table = table, .index = index, .visit = ignore_item};
    read.partition[0] = partition;
    do {
        const struct error *error = db_read_items(call->environment->db, call->arena, &read);
        if (error != NULL)
            return error;
        *bytes += (int64_t)read.scanned_bytes;
        read.exclusive_start = read.last_evaluated;
    } while (slice_present(read.exclusive_start));
    return NULL;
}

static const struct error *collection_bytes(const struct op_call *call,
                                            const struct db_table *table, struct value partition,
                                            int64_t *ret_bytes)
{
    const struct error *error = upper_bound(call, table, ret_bytes);
    if (error != NULL || *ret_bytes < GIGABYTE)
        return error;
    int64_t bytes = 0;
    error = walk(call, table, NULL, partition, &bytes);
    for (size_t i = 0; error == NULL && i < table->index_count; i++)
        if (!table->indexes[i].global)
            error = walk(call, table, &table->indexes[i], partition, &bytes);
    *ret_bytes = bytes;
    return error;
}

const struct error *op_item_collection_measure(const struct op_call *call,
                                               const struct db_table *table, struct slice key,
                                               struct model_item_collection_metrics **ret_metrics)
{
    if (!has_local_index(table))
        return NULL;
    struct slice name = table->key.partition[0].name;
    struct value partition = value_map_find(value_of_item(key), name);
    int64_t bytes = 0;
    const struct error *error = collection_bytes(call, table, partition, &bytes);
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
