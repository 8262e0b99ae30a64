#include "ops/table_rules.h"

#include "ops/encryption.h"
#include "ops/tags.h"
#include "ops/validation_error.h"

static const int64_t UNITS_MAX = INT64_C(1000000000000);

#define WORDS_ON_DEMAND_START                                                                      \
    "initial throughput for OnDemand. See: "                                                       \
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"                            \
    "on-demand-capacity-mode.html#on-demand-capacity-mode-initial"

const struct error *op_not_built(const struct op_call *call, const char *what)
{
    return op_validation_error(call, "%s is not supported by this version of the server", what);
}

const struct error *op_throughput_check(const struct op_call *call,
                                        const struct model_provisioned_throughput *throughput)
{
    if (throughput == NULL)
        return NULL;
    if (throughput->read_capacity_units.value > UNITS_MAX)
        return op_validation_error(call, "Given value %lld for ReadCapacityUnits is out of bounds",
                                   (long long)throughput->read_capacity_units.value);
    if (throughput->write_capacity_units.value > UNITS_MAX)
        return op_validation_error(call, "Given value %lld for WriteCapacityUnits is out of bounds",
                                   (long long)throughput->write_capacity_units.value);
    return NULL;
}

static const struct error *on_demand_range(const struct op_call *call, const char *member,
                                           struct model_integer units, bool is_update)
{
    if (!units.present || units.value >= 1 || (is_update && units.value == -1))
        return NULL;
    return op_validation_error(call,
                               "One or more parameter values were invalid: Requested %s for "
                               "OnDemandThroughput for table is outside of valid range",
                               member);
}

const struct error *op_on_demand_check(const struct op_call *call,
                                       const struct model_on_demand_throughput *on_demand,
                                       bool is_provisioned, bool is_update)
{
    if (on_demand == NULL)
        return NULL;
    bool reads = on_demand->max_read_request_units.present;
    if (is_provisioned && (reads || on_demand->max_write_request_units.present))
        return op_validation_error(
            call,
            "One or more parameter values were invalid: %s for OnDemandThroughput cannot be "
            "specified when %stable BillingMode is PROVISIONED%s",
            reads ? "MaxReadRequestUnits" : "MaxWriteRequestUnits", is_update ? "the " : "",
            is_update ? "" : ".");
    const struct error *error =
        on_demand_range(call, "MaxReadRequestUnits", on_demand->max_read_request_units, is_update);
    if (error == NULL)
        error = on_demand_range(call, "MaxWriteRequestUnits", on_demand->max_write_request_units,
                                is_update);
    return error;
}

static const struct error *warm_floor(const struct op_call *call, const char *member,
                                      struct model_integer units, int64_t floor, const char *why)
{
    if (!units.present || units.value >= floor)
        return NULL;
    return op_validation_error(call,
                               "One or more parameter values were invalid: Requested %s for "
                               "WarmThroughput for table is lower than %s",
                               member, why);
}

/* What a table can do from its first moment on cannot be less than it can do anyway (observed). */
static const struct error *check_warm(const struct op_call *call,
                                      const struct model_create_table_input *input)
{
    const struct model_warm_throughput *warm = input->warm_throughput;
    if (warm == NULL)
        return NULL;
    int64_t reads = OP_ON_DEMAND_READ_UNITS, writes = OP_ON_DEMAND_WRITE_UNITS;
    const char *why_reads = WORDS_ON_DEMAND_START, *why_writes = WORDS_ON_DEMAND_START;
    if (input->billing_mode.value != MODEL_BILLING_MODE_PAY_PER_REQUEST) {
        reads = input->provisioned_throughput->read_capacity_units.value;
        writes = input->provisioned_throughput->write_capacity_units.value;
        why_reads = "ReadCapacityUnits of ProvisionedThroughput";
        why_writes = "WriteCapacityUnits of ProvisionedThroughput";
    }
    const struct error *error =
        warm_floor(call, "ReadUnitsPerSecond", warm->read_units_per_second, reads, why_reads);
    if (error == NULL)
        error = warm_floor(call, "WriteUnitsPerSecond", warm->write_units_per_second, writes,
                           why_writes);
    return error;
}

const struct error *op_warm_change_check(const struct op_call *call,
                                         const struct model_warm_throughput *warm,
                                         const struct db_warm_throughput *current)
{
    static const char why[] = "current WarmThroughput, decreasing WarmThroughput is not supported";
    if (warm == NULL)
        return NULL;
    const struct error *error = warm_floor(call, "ReadUnitsPerSecond", warm->read_units_per_second,
                                           current->read_units, why);
    if (error == NULL)
        error = warm_floor(call, "WriteUnitsPerSecond", warm->write_units_per_second,
                           current->write_units, why);
    return error;
}

static const struct error *stream_update_check(const struct op_call *call,
                                               const struct model_stream_specification *stream)
{
    bool has_view = stream->stream_view_type.value != 0;
    if (stream->stream_enabled.value && !has_view)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: If stream is being "
                                   "enabled then UpdateViewType is required");
    if (!stream->stream_enabled.value && has_view)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: If stream is being "
                                   "disabled, then UpdateViewType must not be specified");
    return NULL;
}

const struct error *op_stream_check(const struct op_call *call,
                                    const struct model_stream_specification *stream, bool is_update)
{
    if (stream == NULL)
        return NULL;
    if (is_update)
        return stream_update_check(call, stream);
    bool has_view = stream->stream_view_type.value != 0;
    if (!stream->stream_enabled.value && has_view)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: Table is being "
                                   "created with a stream disabled, UpdateViewType should not be "
                                   "specified");
    if (stream->stream_enabled.value && !has_view)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: Table is being "
                                   "created with a stream enabled, UpdateViewType is required");
    return NULL;
}

static const struct error *check_billing(const struct op_call *call,
                                         const struct model_create_table_input *input)
{
    bool throughput = input->provisioned_throughput != NULL;
    if (input->billing_mode.value == MODEL_BILLING_MODE_PAY_PER_REQUEST) {
        if (throughput)
            return op_validation_error(call,
                                       "One or more parameter values were invalid: Neither "
                                       "ReadCapacityUnits nor WriteCapacityUnits can be specified "
                                       "when BillingMode is PAY_PER_REQUEST");
        return NULL;
    }
    if (!throughput)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: ReadCapacityUnits "
                                   "and WriteCapacityUnits must both be specified when "
                                   "BillingMode is PROVISIONED");
    return op_throughput_check(call, input->provisioned_throughput);
}

/* In the words of the checks of single members, but only after the throughput (observed). */
static const struct error *check_key_length(const struct op_call *call,
                                            const struct model_list_key_schema *keys)
{
    if (keys->count <= 2)
        return NULL;
    struct buf message;
    buf_init(&message, call->arena, SIZE_MAX);
    buf_append(&message, SLICE("1 validation error detected: Value '["));
    for (size_t i = 0; i < keys->count; i++) {
        buf_append(&message, i > 0 ? SLICE(", KeySchemaElement(attributeName=")
                                   : SLICE("KeySchemaElement(attributeName="));
        buf_append(&message, keys->items[i].attribute_name);
        buf_append(&message, SLICE(", keyType="));
        buf_append(&message, keys->items[i].key_type.text);
        buf_append(&message, SLICE(")"));
    }
    buf_append(&message, SLICE("]' at 'keySchema' failed to satisfy constraint: Member must have "
                               "length less than or equal to 2"));
    if (message.failed)
        return error_exhausted();
    return error_make_slice(call->arena, ERROR_VALIDATION, buf_slice(&message));
}

static const struct error *check_built(const struct op_call *call,
                                       const struct model_create_table_input *input)
{
    if (input->vector_indexes.count > 0)
        return op_not_built(call, "VectorIndexes");
    if (slice_present(input->global_table_source_arn))
        return op_not_built(call, "GlobalTableSourceArn");
    if (input->global_table_settings_replication_mode.value != 0)
        return op_not_built(call, "GlobalTableSettingsReplicationMode");
    return NULL;
}

const struct error *op_create_table_check(const struct op_call *call,
                                          const struct model_create_table_input *input)
{
    const struct error *error = check_billing(call, input);
    if (error == NULL)
        error = check_key_length(call, &input->key_schema);
    if (error == NULL)
        error = op_index_rules_check(call, input);
    if (error == NULL)
        error = op_stream_check(call, input->stream_specification, false);
    if (error == NULL)
        error = op_on_demand_check(call, input->on_demand_throughput,
                                   input->billing_mode.value != MODEL_BILLING_MODE_PAY_PER_REQUEST,
                                   false);
    if (error == NULL)
        error = check_warm(call, input);
    if (error == NULL)
        error = op_sse_check(call, input->sse_specification);
    if (error == NULL)
        error = op_tags_check(call, &input->tags);
    if (error == NULL)
        error = check_built(call, input);
    return error;
}
