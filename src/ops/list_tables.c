/*
 * ListTables: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html
 */

#include "ops/operation.h"

enum { LIMIT_DEFAULT = 100 };

static const struct error *list(const struct op_call *call, struct model_list_tables_output *output)
{
    const struct model_list_tables_input *input = call->input;
    size_t limit = input->limit.present ? (size_t)input->limit.value : LIMIT_DEFAULT;
    const struct slice *names;
    size_t count;
    bool more;
    const struct error *error =
        db_table_names(call->environment->db, call->arena, call->environment->account, call->region,
                       input->exclusive_start_table_name, limit, &names, &count, &more);
    if (error != NULL)
        return error;
    struct slice *items = ARENA_NEW_ARRAY(call->arena, struct slice, count);
    if (items == NULL)
        return error_exhausted();
    if (count > 0)
        memcpy(items, names, count * sizeof(*items));
    output->table_names.present = true;
    output->table_names.count = count;
    output->table_names.items = items;
    if (more && count > 0)
        output->last_evaluated_table_name = items[count - 1];
    return NULL;
}

void op_list_tables(struct op_call *call)
{
    struct model_list_tables_output *output =
        ARENA_NEW(call->arena, struct model_list_tables_output);
    op_finish(call, output == NULL ? error_exhausted() : list(call, output), output);
}
