/*
 * DescribeEndpoints:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeEndpoints.html
 */

#include "ops/operation.h"

enum { CACHE_PERIOD_MINUTES = 1440 };

void op_describe_endpoints(struct op_call *call)
{
    struct model_describe_endpoints_output *output =
        ARENA_NEW(call->arena, struct model_describe_endpoints_output);
    struct model_endpoint *endpoint = ARENA_NEW(call->arena, struct model_endpoint);
    if (output == NULL || endpoint == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    endpoint->address = call->environment->endpoint;
    endpoint->cache_period_in_minutes = (struct model_integer){true, CACHE_PERIOD_MINUTES};
    output->endpoints.present = true;
    output->endpoints.count = 1;
    output->endpoints.items = endpoint;
    op_succeed(call, output);
}
