/*
 * GetResourcePolicy:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetResourcePolicy.html
 */

#include "ops/resource_policy.h"

static const struct error *show(struct op_call *call, const struct db_table *table,
                                const struct op_policy_resource *resource,
                                struct model_get_resource_policy_output *output)
{
    struct op_policy policy = op_policy_of(table, resource);
    if (!slice_present(policy.text))
        return op_policy_not_found(call, resource->table.given);
    output->revision_id = op_policy_revision(call->arena, policy.revision_ms);
    if (!slice_present(output->revision_id) ||
        !arena_copy(call->arena, policy.text, &output->policy))
        return error_exhausted();
    return call->show_policy(call, output->policy, &output->policy);
}

void op_get_resource_policy(struct op_call *call)
{
    const struct model_get_resource_policy_input *input = call->input;
    struct model_get_resource_policy_output *output =
        ARENA_NEW(call->arena, struct model_get_resource_policy_output);
    struct op_policy_resource resource;
    const struct db_table *table = NULL;
    const struct error *error = output == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = op_policy_resource_read(call, input->resource_arn, &resource);
    if (error == NULL)
        error = op_policy_resource_find(call, &resource, &table);
    if (error == NULL && table == NULL)
        error = op_policy_not_found(call, input->resource_arn);
    if (error == NULL)
        error = show(call, table, &resource, output);
    if (table != NULL)
        op_table_release(call, table);
    op_finish(call, error, output);
}
