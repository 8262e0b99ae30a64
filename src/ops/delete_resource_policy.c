/*
 * DeleteResourcePolicy:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteResourcePolicy.html
 *
 * That there is none is no error, unless a certain one is expected.
 */

#include "ops/policy_change.h"

static void *respond(struct arena *arena, struct slice revision)
{
    struct model_delete_resource_policy_output *output =
        ARENA_NEW(arena, struct model_delete_resource_policy_output);
    if (output != NULL)
        output->revision_id = revision;
    return output;
}

void op_delete_resource_policy(struct op_call *call)
{
    const struct model_delete_resource_policy_input *input = call->input;
    const struct op_policy_change change = {
        .call = call,
        .arn = input->resource_arn,
        .expected = input->expected_revision_id,
        .text = SLICE_ABSENT,
        .respond = respond,
    };
    op_policy_change_run(&change);
}
