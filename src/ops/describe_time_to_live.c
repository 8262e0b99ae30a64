/*
 * DescribeTimeToLive:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html
 */

#include "ops/table_name.h"
#include "ops/validation_error.h"

static const struct error *show(const struct op_call *call, const struct db_table *table,
                                struct model_time_to_live_description *description)
{
    bool is_changing =
        table->expiry_changed_ms != 0 &&
        call->now_ms < table->expiry_changed_ms + db_transient_ms(call->environment->db);
    if (table->expiry_enabled)
        description->time_to_live_status.value =
            is_changing ? MODEL_TIME_TO_LIVE_STATUS_ENABLING : MODEL_TIME_TO_LIVE_STATUS_ENABLED;
    else
        description->time_to_live_status.value =
            is_changing ? MODEL_TIME_TO_LIVE_STATUS_DISABLING : MODEL_TIME_TO_LIVE_STATUS_DISABLED;
    /* Once it is off the attribute is not told any more (observed). */
    if (!table->expiry_enabled && !is_changing)
        return NULL;
    return arena_copy(call->arena, table->expiry_attribute, &description->attribute_name)
               ? NULL
               : error_exhausted();
}

static const struct error *describe(const struct op_call *call,
                                    struct model_time_to_live_description *description)
{
    const struct model_describe_time_to_live_input *input = call->input;
    struct op_table_name name;
    const struct db_table *table;
    const struct error *error = op_table_name_read(call, input->table_name, &name);
    if (error == NULL)
        error = op_table_for_control(call, &name, &table);
    if (error != NULL)
        return error;
    if (table->status == DB_STATUS_CREATING || table->status == DB_STATUS_DELETING) {
        const char *state = table->status == DB_STATUS_CREATING ? "CREATING" : "DELETING";
        error = op_validation_error(call,
                                    "Cannot describe time to live while table is in %s state: "
                                    "Current table state is %s",
                                    state, state);
    } else {
        error = show(call, table, description);
    }
    op_table_release(call, table);
    return error;
}

void op_describe_time_to_live(struct op_call *call)
{
    struct model_describe_time_to_live_output *output =
        ARENA_NEW(call->arena, struct model_describe_time_to_live_output);
    struct model_time_to_live_description *description =
        ARENA_NEW(call->arena, struct model_time_to_live_description);
    if (output == NULL || description == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    output->time_to_live_description = description;
    op_finish(call, describe(call, description), output);
}
