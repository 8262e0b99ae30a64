/*
 * PutResourcePolicy:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html
 */

#include "ops/policy_change.h"

static void *respond(struct arena *arena, struct slice revision)
{
    struct model_put_resource_policy_output *output =
        ARENA_NEW(arena, struct model_put_resource_policy_output);
    if (output != NULL)
        output->revision_id = revision;
    return output;
}

void op_put_resource_policy(struct op_call *call)
{
    const struct model_put_resource_policy_input *input = call->input;
    const struct op_policy_change change = {
        .call = call,
        .arn = input->resource_arn,
        .expected = input->expected_revision_id,
        .text = input->policy,
        .confirmed = input->confirm_remove_self_resource_access.value,
        .respond = respond,
    };
    op_policy_change_run(&change);
}
