/*
 * UpdateTable: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
 */

#include "ops/encryption.h"
#include "ops/index_change.h"
#include "ops/table_change.h"
#include "ops/table_rules.h"
#include "ops/table_settings.h"
#include "ops/throughput_change.h"
#include "ops/validation_error.h"

struct update_table {
    struct table_change *change;
    const struct model_update_table_input *input;
    struct db_table table; /* as it will be */
};

static const struct error *check_something_to_do(const struct op_call *call,
                                                 const struct model_update_table_input *input)
{
    bool on_demand = input->on_demand_throughput != NULL &&
                     (input->on_demand_throughput->max_read_request_units.present ||
                      input->on_demand_throughput->max_write_request_units.present);
    if (input->provisioned_throughput != NULL || input->billing_mode.value != 0 ||
        input->stream_specification != NULL || input->sse_specification != NULL ||
        input->global_secondary_index_updates.count > 0 || input->table_class.value != 0 ||
        input->deletion_protection_enabled.present || on_demand || input->warm_throughput != NULL)
        return NULL;
    return op_validation_error(call, "At least one of ProvisionedThroughput, BillingMode, "
                                     "UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
                                     "SSESpecification or ReplicaUpdates is required");
}

static const struct error *check_built(const struct op_call *call,
                                       const struct model_update_table_input *input)
{
    if (input->replica_updates.present)
        return op_not_built(call, "ReplicaUpdates");
    if (input->multi_region_consistency.value != 0)
        return op_not_built(call, "MultiRegionConsistency");
    if (input->global_table_witness_updates.present)
        return op_not_built(call, "GlobalTableWitnessUpdates");
    if (input->global_table_settings_replication_mode.value != 0)
        return op_not_built(call, "GlobalTableSettingsReplicationMode");
    if (input->vector_index_updates.count > 0)
        return op_not_built(call, "VectorIndexUpdates");
    return NULL;
}

/* Everything that needs no data. */
static const struct error *check(const struct op_call *call,
                                 const struct model_update_table_input *input)
{
    const struct error *error = check_built(call, input);
    if (error == NULL)
        error = check_something_to_do(call, input);
    if (error != NULL)
        return error;
    if (input->billing_mode.value == MODEL_BILLING_MODE_PAY_PER_REQUEST &&
        input->provisioned_throughput != NULL)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: Neither "
                                   "ReadCapacityUnits nor WriteCapacityUnits can be specified "
                                   "when BillingMode is PAY_PER_REQUEST");
    if (input->billing_mode.value == MODEL_BILLING_MODE_PROVISIONED &&
        input->provisioned_throughput == NULL)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: "
                                   "ProvisionedThroughput must be specified when BillingMode is "
                                   "PROVISIONED");
    error = op_stream_check(call, input->stream_specification, true);
    if (error == NULL)
        error = op_sse_check(call, input->sse_specification);
    if (error == NULL)
        error = op_throughput_check(call, input->provisioned_throughput);
    if (error == NULL)
        error = op_index_updates_check(call, input);
    return error;
}

static const struct error *apply_stream(const struct op_call *call, struct update_table *update)
{
    const struct model_stream_specification *stream = update->input->stream_specification;
    if (stream == NULL)
        return NULL;
    if (stream->stream_enabled.value && update->table.stream_enabled)
        return op_validation_error(call, "Table already has an enabled stream: TableName: %.*s",
                                   SLICE_PRINT(update->table.name));
    if (!stream->stream_enabled.value && !update->table.stream_enabled)
        return op_validation_error(call, "Table has no stream to disable: TableName: %.*s",
                                   SLICE_PRINT(update->table.name));
    op_stream_apply(stream, &update->table);
    return NULL;
}

static void apply_class(const struct op_call *call, struct update_table *update)
{
    int given = update->input->table_class.value;
    if (given == 0)
        return;
    enum db_table_class table_class =
        given == MODEL_TABLE_CLASS_STANDARD ? DB_CLASS_STANDARD : DB_CLASS_INFREQUENT_ACCESS;
    if (table_class != update->table.table_class)
        update->table.table_class_changed_ms = call->now_ms;
    update->table.table_class = table_class;
}

/* What becomes of the table as it is. */
static const struct error *apply(const struct op_call *call, struct update_table *update,
                                 const struct db_table *old)
{
    const struct model_update_table_input *input = update->input;
    update->table = *old;
    const struct error *error = op_index_changes_check(call, input, old);
    if (error == NULL)
        error = op_throughput_apply(call, input, &update->table);
    if (error == NULL)
        error = op_index_changes_apply(call, input, &update->table);
    if (error == NULL)
        error = op_on_demand_check(call, input->on_demand_throughput,
                                   update->table.billing == DB_PROVISIONED, true);
    struct db_warm_throughput warm =
        op_warm_units(old, &update->table.warm, &update->table.throughput);
    if (error == NULL)
        error = op_warm_change_check(call, input->warm_throughput, &warm);
    if (error != NULL)
        return error;
    op_on_demand_apply(input->on_demand_throughput, &update->table.on_demand);
    op_warm_apply(input->warm_throughput, &update->table.warm);
    apply_class(call, update);
    if (input->deletion_protection_enabled.present)
        update->table.deletion_protection = input->deletion_protection_enabled.value;
    error = op_sse_change_check(call, input->sse_specification, &update->table);
    if (error == NULL)
        error = op_sse_apply(call, input->sse_specification, &update->table);
    if (error == NULL)
        error = apply_stream(call, update);
    return error;
}

/*
 * What takes effect at once leaves the table ACTIVE, and all but the maximum of an on-demand table
 * may be set while something else makes it UPDATING (observed).
 */
static bool is_setting(const struct model_update_table_input *input, const struct db_table *old)
{
    if (input->provisioned_throughput != NULL || input->billing_mode.value != 0 ||
        input->stream_specification != NULL || input->global_secondary_index_updates.count > 0 ||
        input->table_class.value != 0)
        return false;
    return input->on_demand_throughput == NULL || old->status == DB_STATUS_ACTIVE;
}

/* A db_alteration. Settings may be made beside tags and other settings: each is applied to what the
 * others have left. */
static const struct error *set(void *context, struct arena *arena, struct db_table *table)
{
    struct update_table *update = context;
    const struct op_call *call = update->change->call;
    const struct error *error = db_table_check_setting(arena, table);
    if (error == NULL)
        error = apply(call, update, table);
    if (error == NULL)
        error = table_change_reserve(update->change, &update->table);
    if (error == NULL)
        *table = update->table;
    return error;
}

/* While a table is UPDATING it is described with the throughput it had. */
static void show_old_throughput(const struct db_throughput *old,
                                struct model_provisioned_throughput_description *description)
{
    description->read_capacity_units.value = old->read_units;
    description->write_capacity_units.value = old->write_units;
}

static void show_on_demand(const struct model_on_demand_throughput *given,
                           struct model_table_description *description,
                           struct model_on_demand_throughput *merged)
{
    if (given == NULL)
        return;
    if (description->on_demand_throughput != NULL)
        *merged = *description->on_demand_throughput;
    if (given->max_read_request_units.present)
        merged->max_read_request_units = given->max_read_request_units;
    if (given->max_write_request_units.present)
        merged->max_write_request_units = given->max_write_request_units;
    description->on_demand_throughput = merged;
}

static void *respond(struct table_change *change, struct model_table_description *description)
{
    struct arena *arena = change->call->arena;
    const struct model_update_table_input *input = change->call->input;
    struct model_update_table_output *output = ARENA_NEW(arena, struct model_update_table_output);
    struct model_on_demand_throughput *merged = ARENA_NEW(arena, struct model_on_demand_throughput);
    if (output == NULL || merged == NULL)
        return NULL;
    if (!is_setting(input, change->old))
        description->table_status.value = MODEL_TABLE_STATUS_UPDATING;
    if (input->warm_throughput != NULL)
        description->warm_throughput->status.value = MODEL_TABLE_STATUS_UPDATING;
    if (input->provisioned_throughput != NULL && change->old->billing == DB_PROVISIONED)
        show_old_throughput(&change->old->throughput, description->provisioned_throughput);
    show_on_demand(input->on_demand_throughput, description, merged);
    output->table_description = description;
    return output;
}

void op_update_table(struct op_call *call)
{
    const struct model_update_table_input *input = call->input;
    struct update_table *update = ARENA_NEW(call->arena, struct update_table);
    struct table_change *change = table_change_new(call, respond);
    if (update == NULL || change == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    update->change = change;
    update->input = input;
    struct op_table_name name;
    const struct error *error = op_table_name_read(call, input->table_name, &name);
    if (error == NULL)
        error = check(call, input);
    if (error == NULL)
        error = table_change_find(change, input->table_name);
    if (error == NULL)
        error = apply(call, update, change->old);
    if (error == NULL)
        error = table_change_reserve(change, &update->table);
    if (error != NULL)
        table_change_fail(change, error);
    else if (is_setting(input, change->old))
        db_table_alter(call->environment->db, change->old, call->now_ms, set, update,
                       table_change_done, change);
    else
        db_table_update(call->environment->db, change->old, &update->table, call->now_ms,
                        table_change_done, change);
}
