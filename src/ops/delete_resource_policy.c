/*
 * DeleteResourcePolicy:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteResourcePolicy.html
 */

#include "ops/resource_policy.h"
#include "ops/validation_error.h"

struct delete_resource_policy {
    struct op_call *call;
    const struct model_delete_resource_policy_input *input;
    struct op_policy_resource resource;
    int64_t revision_ms; /* of what was deleted; 0: there was none, which is no error */
    const struct db_table *table;
};

static const struct error *delete (void *context, struct arena *arena, struct db_table *table)
{
    struct delete_resource_policy *change = context;
    struct op_policy old = op_policy_of(table, &change->resource);
    const struct error *error = op_policy_check_revision(arena, &change->resource, old,
                                                         change->input->expected_revision_id);
    change->revision_ms = slice_present(old.text) ? old.revision_ms : 0;
    /* The revision stays, so that the next one is greater. */
    if (error == NULL)
        op_policy_set(table, &change->resource, (struct op_policy){SLICE_ABSENT, old.revision_ms});
    return error;
}

static void done(void *context, const struct error *error, const struct db_table *table)
{
    struct delete_resource_policy *change = context;
    struct op_call *call = change->call;
    struct model_delete_resource_policy_output *output = NULL;
    if (error != NULL) {
        error = op_error_copy(call, error);
    } else {
        output = ARENA_NEW(call->arena, struct model_delete_resource_policy_output);
        if (output != NULL)
            output->revision_id = change->revision_ms == 0
                                      ? SLICE("")
                                      : op_policy_revision(call->arena, change->revision_ms);
        if (output == NULL || !slice_present(output->revision_id))
            error = error_exhausted();
        op_table_release(call, table);
    }
    op_table_release(call, change->table);
    op_finish(call, error, output);
}

void op_delete_resource_policy(struct op_call *call)
{
    const struct model_delete_resource_policy_input *input = call->input;
    struct delete_resource_policy *change = ARENA_NEW(call->arena, struct delete_resource_policy);
    const struct error *error = change == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = op_policy_resource_read(call, input->resource_arn, &change->resource);
    if (error == NULL)
        error = op_policy_resource_find(call, &change->resource, &change->table);
    if (error == NULL && change->table == NULL)
        error = op_policy_not_found(call, input->resource_arn);
    if (error != NULL) {
        op_fail(call, error);
        return;
    }
    change->call = call;
    change->input = input;
    db_table_alter(call->environment->db, change->table, call->now_ms, delete, change, done,
                   change);
}
