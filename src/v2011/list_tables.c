/*
 * ListTables of 2011-12-05:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/API_ListTables_v20111205.html
 */

#include "v2011/request.h"

const struct error *v2011_list_tables_input(struct v2011_request *request, void *asked,
                                            void **ret_input)
{
    const struct model_v2011_list_tables_input *list = asked;
    struct model_list_tables_input *input =
        ARENA_NEW(request->call->arena, struct model_list_tables_input);
    if (input == NULL)
        return error_exhausted();
    input->exclusive_start_table_name = list->exclusive_start_table_name;
    input->limit = list->limit;
    *ret_input = input;
    return NULL;
}

const struct error *v2011_list_tables_output(const struct v2011_request *request,
                                             const void *output, void **ret_answer)
{
    const struct model_list_tables_output *listed = output;
    struct model_v2011_list_tables_output *answer =
        ARENA_NEW(request->call->arena, struct model_v2011_list_tables_output);
    if (answer == NULL)
        return error_exhausted();
    answer->table_names = listed->table_names;
    answer->last_evaluated_table_name = listed->last_evaluated_table_name;
    *ret_answer = answer;
    return NULL;
}
