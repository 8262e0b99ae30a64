/*
 * DescribeTable:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
 */

#include "ops/table_description.h"
#include "ops/table_name.h"

void op_describe_table(struct op_call *call)
{
    const struct model_describe_table_input *input = call->input;
    struct model_describe_table_output *output =
        ARENA_NEW(call->arena, struct model_describe_table_output);
    const struct db_table *table = NULL;
    struct op_table_name name;
    const struct error *error = output == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = op_table_name_read(call, input->table_name, &name);
    if (error == NULL)
        error = op_table_for_control(call, &name, &table);
    if (error == NULL) {
        struct op_table_totals totals;
        error = op_table_totals_read(call, table, &totals);
        if (error == NULL)
            error = op_table_describe(call, table, &totals, &output->table);
        op_table_release(call, table);
    }
    op_finish(call, error, output);
}
