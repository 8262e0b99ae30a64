/*
 * DescribeLimits:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeLimits.html
 *
 * The initial quotas of an account. Nothing is throttled here; the figures are what clients that
 * size tables by them expect.
 */

#include "ops/operation.h"

enum { ACCOUNT_UNITS_MAX = 80000, TABLE_UNITS_MAX = 40000 };

void op_describe_limits(struct op_call *call)
{
    struct model_describe_limits_output *output =
        ARENA_NEW(call->arena, struct model_describe_limits_output);
    if (output == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    output->account_max_read_capacity_units = (struct model_integer){true, ACCOUNT_UNITS_MAX};
    output->account_max_write_capacity_units = (struct model_integer){true, ACCOUNT_UNITS_MAX};
    output->table_max_read_capacity_units = (struct model_integer){true, TABLE_UNITS_MAX};
    output->table_max_write_capacity_units = (struct model_integer){true, TABLE_UNITS_MAX};
    op_succeed(call, output);
}
