#include "ops/throughput_change.h"

#include "base/check.h"
#include "ops/table_rules.h"
#include "ops/table_settings.h"
#include "ops/throughput_decrease.h"
#include "ops/validation_error.h"

static const struct error *no_change(const struct op_call *call, const char *what, const char *who,
                                     struct slice name, const struct db_throughput *throughput)
{
    long long reads = (long long)throughput->read_units;
    long long writes = (long long)throughput->write_units;
    return op_validation_error(
        call,
        "The provisioned throughput for the %s%.*s will not change. The requested value equals "
        "the current value. Current ReadCapacityUnits provisioned for %s%.*s: %lld. Requested "
        "ReadCapacityUnits: %lld. Current WriteCapacityUnits provisioned for %s%.*s: %lld. "
        "Requested WriteCapacityUnits: %lld. Refer to the Amazon DynamoDB Developer Guide for "
        "current limits and how to request higher limits.",
        what, SLICE_PRINT(name), who, SLICE_PRINT(name), reads, reads, who, SLICE_PRINT(name),
        writes, writes);
}

/* index: its name; SLICE_ABSENT: the table's. */
static const struct error *change_units(const struct op_call *call,
                                        const struct model_provisioned_throughput *given,
                                        bool may_stay, struct slice index,
                                        struct db_throughput *throughput)
{
    int64_t reads = given->read_capacity_units.value;
    int64_t writes = given->write_capacity_units.value;
    if (reads == throughput->read_units && writes == throughput->write_units) {
        if (may_stay)
            return NULL;
        return slice_present(index) ? no_change(call, "index ", "index ", index, throughput)
                                    : no_change(call, "table", "the table", SLICE(""), throughput);
    }
    const struct error *error = NULL;
    if (reads > throughput->read_units || writes > throughput->write_units)
        throughput->last_increase_ms = call->now_ms;
    if (reads < throughput->read_units || writes < throughput->write_units)
        error = op_throughput_count_decrease(call, throughput);
    throughput->read_units = reads;
    throughput->write_units = writes;
    return error;
}

static struct db_index *find_global(struct db_index *indexes, size_t count, struct slice name)
{
    for (size_t i = 0; i < count; i++)
        if (indexes[i].global && slice_equal(indexes[i].name, name))
            return &indexes[i];
    return NULL;
}

/* An update of an index has to say what is to be changed. */
static const struct error *
check_any_change(const struct op_call *call,
                 const struct model_update_global_secondary_index_action *update,
                 enum db_billing billing)
{
    const struct model_on_demand_throughput *on_demand = update->on_demand_throughput;
    bool is_any = update->provisioned_throughput != NULL || update->warm_throughput != NULL ||
                  (on_demand != NULL && (on_demand->max_read_request_units.present ||
                                         on_demand->max_write_request_units.present));
    if (is_any)
        return NULL;
    if (billing == DB_PROVISIONED)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: Both "
                                   "ReadCapacityUnits and WriteCapacityUnits must be specified for "
                                   "index: %.*s",
                                   SLICE_PRINT(update->index_name));
    return op_validation_error(call,
                               "One or more parameter values were invalid: The only Updates for "
                               "index: %.*s when TableThroughputMode is PAY_PER_REQUEST can be to "
                               "OnDemandThroughput, WarmThroughput",
                               SLICE_PRINT(update->index_name));
}

static const struct error *
update_index(const struct op_call *call,
             const struct model_update_global_secondary_index_action *update, bool switching,
             enum db_billing billing, struct db_index *index)
{
    const struct error *error = check_any_change(call, update, billing);
    if (error != NULL)
        return error;
    if (update->provisioned_throughput != NULL) {
        if (billing == DB_PAY_PER_REQUEST)
            return op_validation_error(call,
                                       "One or more parameter values were invalid: "
                                       "ProvisionedThroughput should not be specified for index: "
                                       "%.*s when BillingMode is PAY_PER_REQUEST",
                                       SLICE_PRINT(index->name));
        error = change_units(call, update->provisioned_throughput, switching, index->name,
                             &index->throughput);
    }
    if (error == NULL)
        error =
            op_on_demand_check(call, update->on_demand_throughput, billing == DB_PROVISIONED, true);
    if (error != NULL)
        return error;
    op_on_demand_apply(update->on_demand_throughput, &index->on_demand);
    op_warm_apply(update->warm_throughput, &index->warm);
    return NULL;
}

static const struct error *
update_indexes(const struct op_call *call,
               const struct model_list_global_secondary_index_update_list *updates, bool switching,
               struct db_table *table)
{
    struct db_index *indexes = ARENA_NEW_ARRAY(call->arena, struct db_index, table->index_count);
    if (indexes == NULL)
        return error_exhausted();
    if (table->index_count > 0)
        memcpy(indexes, table->indexes, table->index_count * sizeof(*indexes));
    table->indexes = indexes;
    for (size_t i = 0; i < updates->count; i++) {
        const struct model_update_global_secondary_index_action *update = updates->items[i].update;
        if (update == NULL)
            continue;
        struct db_index *index = find_global(indexes, table->index_count, update->index_name);
        CHECK(index != NULL); /* op_index_changes_check */
        const struct error *error = update_index(call, update, switching, table->billing, index);
        if (error != NULL)
            return error;
    }
    return NULL;
}

/* Provisioned again: every global index needs a throughput of its own. */
static const struct error *
check_all_provisioned(const struct op_call *call,
                      const struct model_list_global_secondary_index_update_list *updates,
                      const struct db_table *table)
{
    struct buf missing;
    buf_init(&missing, call->arena, SIZE_MAX);
    for (size_t i = 0; i < table->index_count; i++) {
        bool given = !table->indexes[i].global;
        for (size_t j = 0; j < updates->count && !given; j++)
            given = updates->items[j].update != NULL &&
                    updates->items[j].update->provisioned_throughput != NULL &&
                    slice_equal(updates->items[j].update->index_name, table->indexes[i].name);
        if (given)
            continue;
        if (missing.size > 0)
            buf_append_byte(&missing, ',');
        buf_append(&missing, table->indexes[i].name);
    }
    if (missing.failed)
        return error_exhausted();
    if (missing.size == 0)
        return NULL;
    return op_validation_error(call,
                               "One or more parameter values were invalid: ProvisionedThroughput "
                               "must be specified for index: %.*s",
                               SLICE_PRINT(buf_slice(&missing)));
}

static void clear_throughput(const struct op_call *call, struct db_throughput *throughput)
{
    if (throughput->read_units > 0 || throughput->write_units > 0)
        throughput->last_decrease_ms = call->now_ms;
    throughput->read_units = 0;
    throughput->write_units = 0;
}

/* Runs on the copy of the indexes that update_indexes made. */
static void to_on_demand(const struct op_call *call, struct db_table *table)
{
    clear_throughput(call, &table->throughput);
    table->billing_summary = true;
    table->on_demand_since_ms = call->now_ms;
    struct db_index *indexes = (struct db_index *)table->indexes;
    for (size_t i = 0; i < table->index_count; i++)
        if (indexes[i].global)
            clear_throughput(call, &indexes[i].throughput);
}

static void to_provisioned(struct db_table *table)
{
    table->billing_summary = true;
    table->on_demand.present = false;
    struct db_index *indexes = (struct db_index *)table->indexes;
    for (size_t i = 0; i < table->index_count; i++)
        indexes[i].on_demand.present = false;
}

const struct error *op_throughput_apply(const struct op_call *call,
                                        const struct model_update_table_input *input,
                                        struct db_table *table)
{
    enum db_billing old_billing = table->billing;
    if (input->billing_mode.value != 0)
        table->billing = input->billing_mode.value == MODEL_BILLING_MODE_PAY_PER_REQUEST
                             ? DB_PAY_PER_REQUEST
                             : DB_PROVISIONED;
    bool switching = table->billing != old_billing;
    if (table->billing == DB_PAY_PER_REQUEST && input->provisioned_throughput != NULL)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: Neither "
                                   "ReadCapacityUnits nor WriteCapacityUnits can be specified "
                                   "when BillingMode is PAY_PER_REQUEST");
    const struct error *error = NULL;
    if (switching && table->billing == DB_PROVISIONED)
        error = check_all_provisioned(call, &input->global_secondary_index_updates, table);
    if (error == NULL && input->provisioned_throughput != NULL)
        error = change_units(call, input->provisioned_throughput, switching, SLICE_ABSENT,
                             &table->throughput);
    if (error == NULL)
        error = update_indexes(call, &input->global_secondary_index_updates, switching, table);
    if (error != NULL || !switching)
        return error;
    if (table->billing == DB_PAY_PER_REQUEST)
        to_on_demand(call, table);
    else
        to_provisioned(table);
    return NULL;
}
