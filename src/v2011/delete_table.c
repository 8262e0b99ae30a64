/*
 * DeleteTable of 2011-12-05:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/API_DeleteTable_v20111205.html
 */

#include "v2011/request.h"
#include "v2011/table_description.h"

const struct error *v2011_delete_table_input(struct v2011_request *request, void *asked,
                                             void **ret_input)
{
    const struct model_v2011_delete_table_input *delete = asked;
    const struct error *error = v2011_find_table(request, delete->table_name);
    struct model_delete_table_input *input =
        ARENA_NEW(request->call->arena, struct model_delete_table_input);
    if (error == NULL && input == NULL)
        error = error_exhausted();
    if (error != NULL)
        return error;
    input->table_name = delete->table_name;
    *ret_input = input;
    return NULL;
}

const struct error *v2011_delete_table_output(const struct v2011_request *request,
                                              const void *output, void **ret_answer)
{
    const struct model_delete_table_output *deleted = output;
    struct arena *arena = request->call->arena;
    struct model_v2011_delete_table_output *answer =
        ARENA_NEW(arena, struct model_v2011_delete_table_output);
    if (answer == NULL)
        return error_exhausted();
    const struct error *error = v2011_table_describe(arena, deleted->table_description, false,
                                                     request->tables, &answer->table_description);
    if (error == NULL)
        *ret_answer = answer;
    return error;
}
