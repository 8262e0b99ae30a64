/*
 * DescribeTable of 2011-12-05:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/API_DescribeTables_v20111205.html
 */

#include "v2011/request.h"
#include "v2011/table_description.h"

const struct error *v2011_describe_table_input(struct v2011_request *request, void *asked,
                                               void **ret_input)
{
    const struct model_v2011_describe_table_input *describe = asked;
    struct model_describe_table_input *input =
        ARENA_NEW(request->call->arena, struct model_describe_table_input);
    if (input == NULL)
        return error_exhausted();
    input->table_name = describe->table_name;
    *ret_input = input;
    return NULL;
}

const struct error *v2011_describe_table_output(const struct v2011_request *request,
                                                const void *output, void **ret_answer)
{
    const struct model_describe_table_output *described = output;
    struct arena *arena = request->call->arena;
    struct model_v2011_describe_table_output *answer =
        ARENA_NEW(arena, struct model_v2011_describe_table_output);
    if (answer == NULL)
        return error_exhausted();
    const struct error *error =
        v2011_table_describe(arena, described->table, true, NULL, &answer->table);
    if (error == NULL)
        *ret_answer = answer;
    return error;
}
