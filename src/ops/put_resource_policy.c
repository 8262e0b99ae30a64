/*
 * PutResourcePolicy:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html
 */

#include "ops/resource_policy.h"
#include "ops/validation_error.h"

struct put_resource_policy {
    struct op_call *call;
    const struct model_put_resource_policy_input *input;
    struct op_policy_resource resource;
    struct slice text;
    const struct db_table *table; /* with a reference */
};

static const struct error *put(void *context, struct arena *arena, struct db_table *table)
{
    const struct put_resource_policy *change = context;
    struct op_policy old = op_policy_of(table, &change->resource);
    const struct error *error = op_policy_check_revision(arena, &change->resource, old,
                                                         change->input->expected_revision_id);
    if (error != NULL || (slice_present(old.text) && slice_equal(old.text, change->text)))
        return error;
    int64_t now_ms = change->call->now_ms;
    struct op_policy new = {
        .text = change->text,
        .revision_ms = now_ms > old.revision_ms ? now_ms : old.revision_ms + 1,
    };
    op_policy_set(table, &change->resource, new);
    return NULL;
}

static void done(void *context, const struct error *error, const struct db_table *table)
{
    struct put_resource_policy *change = context;
    struct op_call *call = change->call;
    struct model_put_resource_policy_output *output = NULL;
    if (error != NULL) {
        error = op_error_copy(call, error);
    } else {
        output = ARENA_NEW(call->arena, struct model_put_resource_policy_output);
        if (output != NULL)
            output->revision_id =
                op_policy_revision(call->arena, op_policy_of(table, &change->resource).revision_ms);
        if (output == NULL || !slice_present(output->revision_id))
            error = error_exhausted();
        op_table_release(call, table);
    }
    op_table_release(call, change->table);
    op_finish(call, error, output);
}

void op_put_resource_policy(struct op_call *call)
{
    const struct model_put_resource_policy_input *input = call->input;
    struct put_resource_policy *change = ARENA_NEW(call->arena, struct put_resource_policy);
    const struct error *error = change == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = op_policy_resource_read(call, input->resource_arn, &change->resource);
    if (error == NULL)
        error = op_policy_resource_find(call, &change->resource, &change->table);
    if (error == NULL && change->table == NULL)
        error = op_policy_not_found(call, input->resource_arn);
    if (error == NULL)
        error = op_policy_make(call, input->resource_arn, input->policy,
                               input->confirm_remove_self_resource_access.value, &change->text);
    if (error != NULL) {
        if (change != NULL && change->table != NULL)
            op_table_release(call, change->table);
        op_fail(call, error);
        return;
    }
    change->call = call;
    change->input = input;
    db_table_alter(call->environment->db, change->table, call->now_ms, put, change, done, change);
}
