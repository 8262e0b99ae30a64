/*
 * UpdateTimeToLive:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
 */

#include "ops/table_name.h"
#include "ops/validation_error.h"

/* Before the interval, as observed. */
static const struct error *check_setting(const struct op_call *call,
                                         const struct model_time_to_live_specification *wanted,
                                         const struct db_table *table)
{
    if (!table->expiry_enabled)
        return wanted->enabled.value ? NULL
                                     : op_validation_error(call, "TimeToLive is already disabled");
    if (!slice_equal(table->expiry_attribute, wanted->attribute_name))
        return op_validation_error(call,
                                   "TimeToLive is active on a different AttributeName: current "
                                   "AttributeName is %.*s",
                                   SLICE_PRINT(table->expiry_attribute));
    return wanted->enabled.value ? op_validation_error(call, "TimeToLive is already enabled")
                                 : NULL;
}

static const struct error *check(const struct op_call *call,
                                 const struct model_time_to_live_specification *wanted,
                                 const struct db_table *table)
{
    const struct error *error = check_setting(call, wanted, table);
    if (error == NULL && table->expiry_changed_ms != 0 &&
        call->now_ms < table->expiry_changed_ms + call->environment->ttl_change_ms)
        error = op_validation_error(
            call, "Time to live has been modified multiple times within a fixed interval");
    return error;
}

static const struct error *find(const struct op_call *call, const struct db_table **ret_table)
{
    const struct model_update_time_to_live_input *input = call->input;
    struct op_table_name name;
    const struct db_table *table;
    const struct error *error = op_table_name_read(call, input->table_name, &name);
    if (error == NULL)
        error = op_table_for_control(call, &name, &table);
    if (error != NULL)
        return error;
    if (table->status == DB_STATUS_DELETING)
        error = error_make(call->arena, ERROR_RESOURCE_NOT_FOUND,
                           "Requested resource not found: Table: %.*s not found",
                           SLICE_PRINT(name.name));
    else if (table->status == DB_STATUS_CREATING)
        error = error_make(call->arena, ERROR_RESOURCE_IN_USE,
                           "Attempt to change a resource which is still in use: Table %.*s is "
                           "being created",
                           SLICE_PRINT(name.name));
    else
        error = check(call, input->time_to_live_specification, table);
    /* after the commit there must be enough to say that it was done */
    if (error == NULL && !arena_reserve(call->arena, OP_ANSWER_BYTES))
        error = error_exhausted();
    if (error != NULL)
        op_table_release(call, table);
    else
        *ret_table = table;
    return error;
}

static void done(void *context, const struct error *error, const struct db_table *table)
{
    struct op_call *call = context;
    const struct model_update_time_to_live_input *input = call->input;
    struct model_update_time_to_live_output *output = NULL;
    op_table_release(call, call->private);
    if (error != NULL) {
        op_fail(call, op_error_copy(call, error));
        return;
    }
    op_table_release(call, table);
    output = ARENA_NEW(call->arena, struct model_update_time_to_live_output);
    if (output != NULL)
        output->time_to_live_specification = input->time_to_live_specification;
    op_finish(call, output == NULL ? error_exhausted() : NULL, output);
}

void op_update_time_to_live(struct op_call *call)
{
    const struct model_update_time_to_live_input *input = call->input;
    const struct model_time_to_live_specification *wanted = input->time_to_live_specification;
    const struct db_table *table;
    const struct error *error = find(call, &table);
    if (error != NULL) {
        op_fail(call, error);
        return;
    }
    call->private = (void *)table;
    db_table_set_expiry(call->environment->db, table,
                        wanted->enabled.value ? wanted->attribute_name : SLICE_ABSENT, call->now_ms,
                        done, call);
}
