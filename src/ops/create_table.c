/*
 * CreateTable: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
 */

#include "ops/resource_policy.h"
#include "ops/table_change.h"
#include "ops/table_rules.h"
#include "ops/table_settings.h"

/* A policy that would lock its creator out is refused: there is no parameter to confirm it. */
static const struct error *set_policy(struct op_call *call, const struct op_table_name *name,
                                      struct slice text, struct db_table *table)
{
    if (!slice_present(text))
        return NULL;
    struct slice arn;
    if (!op_table_arn_make(call->arena, table, NULL, name->name, &arn))
        return error_exhausted();
    table->policy_revision_ms = call->now_ms;
    return op_policy_make(call, arn, text, false, &table->policy);
}

/* The table is on its way, however fast it will be there. */
static void *respond(struct table_change *change, struct model_table_description *description)
{
    struct model_create_table_output *output =
        ARENA_NEW(change->call->arena, struct model_create_table_output);
    if (output == NULL)
        return NULL;
    description->table_status.value = MODEL_TABLE_STATUS_CREATING;
    for (size_t i = 0; i < description->global_secondary_indexes.count; i++)
        description->global_secondary_indexes.items[i].index_status.value =
            MODEL_INDEX_STATUS_CREATING;
    if (description->billing_mode_summary != NULL)
        description->billing_mode_summary->last_update_to_pay_per_request_date_time.present = false;
    output->table_description = description;
    return output;
}

void op_create_table(struct op_call *call)
{
    const struct model_create_table_input *input = call->input;
    struct table_change *change = table_change_new(call, respond);
    struct op_table_name name;
    struct db_table table;
    const struct error *error = change == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = op_table_name_read(call, input->table_name, &name);
    if (error == NULL)
        error = op_create_table_check(call, input);
    if (error == NULL)
        error = op_table_settings_make(call, &name, input, &table);
    if (error == NULL)
        error = set_policy(call, &name, input->resource_policy, &table);
    if (error == NULL)
        error = table_change_reserve(change, &table);
    if (error != NULL)
        op_fail(call, error);
    else
        db_table_create(call->environment->db, &table, call->now_ms, table_change_done, change);
}
