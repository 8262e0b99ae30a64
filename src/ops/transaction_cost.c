#include "ops/transaction_cost.h"

#include "ops/item_collection.h"
#include "ops/throttle.h"

/* The table's own units in a transaction: one to prepare and one to commit. */
enum { TRANSACTION_FACTOR = 2 };

/* The number of a table that is not there. */
static const size_t NO_TABLE = SIZE_MAX;

/* What the actions on one table come to. */
struct op_transaction_table {
    const struct db_table *table;
    struct slice name; /* as it was written first */
    struct model_item_collection_metrics *metrics;
    size_t metric_count;
};

uint32_t op_transaction_read_units(size_t bytes)
{
    return (uint32_t)op_read_units(bytes, true);
}

double op_transaction_units(double units)
{
    return TRANSACTION_FACTOR * units;
}

/* --- before --- */

static size_t table_number(struct op_transaction *transaction, const struct op_action *action)
{
    for (size_t i = 0; i < transaction->table_count; i++)
        if (transaction->tables[i].table->id == action->table->id)
            return i;
    transaction->tables[transaction->table_count] =
        (struct op_transaction_table){.table = action->table, .name = action->table_name};
    return transaction->table_count++;
}

static struct value partition_of(const struct op_action *action)
{
    return value_map_find(value_of_item(action->key), action->table->key.partition[0].name);
}

static bool is_writing(const struct op_action *action)
{
    return action->problem == NULL && action->plan != NULL;
}

/* Has an action before this one written to the same collection? */
static bool is_measured(const struct op_transaction *transaction, const struct op_action *action)
{
    for (const struct op_action *other = transaction->actions; other < action; other++)
        if (is_writing(other) && other->table_number == action->table_number &&
            value_equal(partition_of(other), partition_of(action)))
            return true;
    return false;
}

static const struct error *measure(struct op_transaction *transaction,
                                   const struct op_action *action)
{
    if (!is_writing(action) || is_measured(transaction, action))
        return NULL;
    struct op_transaction_table *table = &transaction->tables[action->table_number];
    struct model_item_collection_metrics *metrics = NULL;
    const struct error *error =
        op_item_collection_measure(transaction->call, action->table, action->key, &metrics);
    if (error != NULL || metrics == NULL)
        return error;
    if (table->metrics == NULL)
        table->metrics = ARENA_NEW_ARRAY(transaction->call->arena,
                                         struct model_item_collection_metrics, transaction->count);
    if (table->metrics == NULL)
        return error_exhausted();
    table->metrics[table->metric_count++] = *metrics;
    return NULL;
}

const struct error *op_transaction_prepare_cost(struct op_transaction *transaction)
{
    transaction->tables =
        ARENA_NEW_ARRAY(transaction->call->arena, struct op_transaction_table, transaction->count);
    if (transaction->tables == NULL)
        return error_exhausted();
    for (size_t i = 0; i < transaction->count; i++) {
        struct op_action *action = &transaction->actions[i];
        action->table_number = action->table != NULL ? table_number(transaction, action) : NO_TABLE;
    }
    const struct error *error = NULL;
    if (transaction->return_item_collection_metrics.value ==
        MODEL_RETURN_ITEM_COLLECTION_METRICS_SIZE)
        for (size_t i = 0; error == NULL && i < transaction->count; i++)
            error = measure(transaction, &transaction->actions[i]);
    return error;
}

/* --- after --- */

static void mirror(struct model_capacity *capacity, enum op_axis axis)
{
    if (axis == OP_AXIS_READ)
        capacity->read_capacity_units = capacity->capacity_units;
    else
        capacity->write_capacity_units = capacity->capacity_units;
}

const struct error *op_transaction_fill_capacity(const struct op_capacity *capacity,
                                                 struct arena *arena, struct model_enum mode,
                                                 enum op_axis axis,
                                                 struct model_consumed_capacity *ret)
{
    const struct error *error = op_capacity_fill(
        capacity, arena, mode.value == MODEL_RETURN_CONSUMED_CAPACITY_INDEXES, ret);
    if (error != NULL)
        return error;
    if (axis == OP_AXIS_READ)
        ret->read_capacity_units = ret->capacity_units;
    else
        ret->write_capacity_units = ret->capacity_units;
    if (ret->table != NULL)
        mirror(ret->table, axis);
    for (size_t i = 0; i < ret->local_secondary_indexes.count; i++)
        mirror(&ret->local_secondary_indexes.entries[i].value, axis);
    for (size_t i = 0; i < ret->global_secondary_indexes.count; i++)
        mirror(&ret->global_secondary_indexes.entries[i].value, axis);
    return NULL;
}

static void add_actions(const struct op_transaction *transaction, size_t number,
                        struct op_capacity *capacity)
{
    for (size_t i = 0; i < transaction->count; i++) {
        const struct op_action *action = &transaction->actions[i];
        if (action->table_number != number)
            continue;
        if (transaction->is_replay)
            capacity->table_units +=
                i < transaction->token.unit_count ? transaction->token.units[i] : 0;
        else
            op_capacity_add_write(capacity, action->write);
    }
    capacity->table_units = op_transaction_units(capacity->table_units);
}

const struct error *op_transaction_take_throughput(const struct op_transaction *transaction)
{
    struct arena *arena = transaction->call->arena;
    size_t count = transaction->count;
    struct op_capacity *parts = ARENA_NEW_ARRAY(arena, struct op_capacity, count);
    const struct error **reasons = ARENA_NEW_ARRAY(arena, const struct error *, count);
    if (parts == NULL || reasons == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++) {
        const struct op_action *action = &transaction->actions[i];
        const struct error *error =
            op_capacity_init(&parts[i], arena, action->table_name, action->table);
        if (error != NULL)
            return error;
        op_capacity_add_write(&parts[i], action->write);
        parts[i].table_units = op_transaction_units(parts[i].table_units);
    }
    bool is_refused;
    op_throttle_write_parts(transaction->call, parts, count, reasons, &is_refused);
    return is_refused ? op_transaction_cancelled(arena, reasons, count) : NULL;
}

static const struct error *show_capacity(const struct op_transaction *transaction,
                                         struct model_list_consumed_capacity_multiple *ret_consumed)
{
    struct arena *arena = transaction->call->arena;
    struct model_enum mode = transaction->return_consumed_capacity;
    if (!op_capacity_wanted(mode))
        return NULL;
    struct model_consumed_capacity *consumed =
        ARENA_NEW_ARRAY(arena, struct model_consumed_capacity, transaction->table_count);
    if (consumed == NULL)
        return error_exhausted();
    for (size_t i = 0; i < transaction->table_count; i++) {
        const struct op_transaction_table *table = &transaction->tables[i];
        struct op_capacity capacity;
        const struct error *error = op_capacity_init(&capacity, arena, table->name, table->table);
        if (error != NULL)
            return error;
        add_actions(transaction, i, &capacity);
        error = op_transaction_fill_capacity(&capacity, arena, mode,
                                             transaction->is_replay ? OP_AXIS_READ : OP_AXIS_WRITE,
                                             &consumed[i]);
        if (error != NULL)
            return error;
    }
    ret_consumed->present = true;
    ret_consumed->count = transaction->table_count;
    ret_consumed->items = consumed;
    return NULL;
}

static const struct error *
show_metrics(const struct op_transaction *transaction,
             struct model_map_item_collection_metrics_per_table *ret_metrics)
{
    struct model_entry_item_collection_metrics_per_table *entries = ARENA_NEW_ARRAY(
        transaction->call->arena, struct model_entry_item_collection_metrics_per_table,
        transaction->table_count);
    if (entries == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < transaction->table_count; i++) {
        const struct op_transaction_table *table = &transaction->tables[i];
        if (table->metric_count == 0)
            continue;
        entries[count].key = table->name;
        entries[count].value.present = true;
        entries[count].value.count = table->metric_count;
        entries[count].value.items = table->metrics;
        count++;
    }
    ret_metrics->present = count > 0;
    ret_metrics->count = count;
    ret_metrics->entries = entries;
    return NULL;
}

const struct error *
op_transaction_show_cost(const struct op_transaction *transaction,
                         struct model_list_consumed_capacity_multiple *ret_consumed,
                         struct model_map_item_collection_metrics_per_table *ret_metrics)
{
    const struct error *error = show_capacity(transaction, ret_consumed);
    if (error == NULL)
        error = show_metrics(transaction, ret_metrics);
    return error;
}
