/*
 * UpdateTable of 2011-12-05:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/API_UpdateTable_v20111205.html
 */

#include "v2011/request.h"
#include "v2011/table_description.h"

const struct error *v2011_update_table_input(struct v2011_request *request, void *asked,
                                             void **ret_input)
{
    const struct model_v2011_update_table_input *update = asked;
    struct arena *arena = request->call->arena;
    struct model_update_table_input *input = ARENA_NEW(arena, struct model_update_table_input);
    if (input == NULL)
        return error_exhausted();
    input->table_name = update->table_name;
    const struct error *error = v2011_throughput_translate(arena, update->provisioned_throughput,
                                                           &input->provisioned_throughput);
    if (error == NULL)
        *ret_input = input;
    return error;
}

const struct error *v2011_update_table_output(const struct v2011_request *request,
                                              const void *output, void **ret_answer)
{
    const struct model_update_table_output *updated = output;
    struct arena *arena = request->call->arena;
    struct model_v2011_update_table_output *answer =
        ARENA_NEW(arena, struct model_v2011_update_table_output);
    if (answer == NULL)
        return error_exhausted();
    const struct error *error = v2011_table_describe(arena, updated->table_description, false, NULL,
                                                     &answer->table_description);
    if (error == NULL)
        *ret_answer = answer;
    return error;
}
