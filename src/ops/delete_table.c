/*
 * DeleteTable: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html
 */

#include "ops/table_change.h"
#include "ops/table_name.h"
#include "ops/validation_error.h"

/* The service leaves out what describes the schema of a table that is going (observed). */
static void *respond(struct table_change *change, struct model_table_description *description)
{
    struct model_delete_table_output *output =
        ARENA_NEW(change->call->arena, struct model_delete_table_output);
    if (output == NULL)
        return NULL;
    description->table_status.value = MODEL_TABLE_STATUS_DELETING;
    description->attribute_definitions.present = false;
    description->key_schema.present = false;
    description->creation_date_time.present = false;
    description->local_secondary_indexes.present = false;
    description->global_secondary_indexes.present = false;
    description->warm_throughput = NULL;
    output->table_description = description;
    return output;
}

static const struct error *check_indexes(const struct op_call *call, const struct db_table *table)
{
    if (table->status == DB_STATUS_CREATING || table->status == DB_STATUS_DELETING)
        return NULL; /* the table itself has the word */
    for (size_t i = 0; i < table->index_count; i++)
        if (table->indexes[i].global && table->indexes[i].status != DB_STATUS_ACTIVE)
            return error_make(call->arena, ERROR_RESOURCE_IN_USE,
                              "Attempt to change a resource which is still in use: Cannot delete "
                              "table while indexes are being created, updated, or deleted.");
    return NULL;
}

void op_delete_table(struct op_call *call)
{
    const struct model_delete_table_input *input = call->input;
    struct table_change *change = table_change_new(call, respond);
    if (change == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    const struct error *error = table_change_find(change, input->table_name);
    if (error == NULL)
        error = check_indexes(call, change->old);
    if (error == NULL && change->old->deletion_protection)
        error = op_validation_error(call, "Resource cannot be deleted as it is currently protected "
                                          "against deletion. Disable deletion protection first.");
    if (error == NULL)
        error = table_change_reserve(change, change->old);
    if (error != NULL)
        table_change_fail(change, error);
    else
        db_table_delete(call->environment->db, change->old, call->now_ms, table_change_done,
                        change);
}
