/*
 * DeleteItem of 2011-12-05:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/API_DeleteItem_v20111205.html
 */

#include "v2011/request.h"
#include "v2011/values.h"

const struct error *v2011_delete_item_input(struct v2011_request *request, void *asked,
                                            void **ret_input)
{
    struct model_v2011_delete_item_input *delete = asked;
    struct arena *arena = request->call->arena;
    struct model_delete_item_input *input = ARENA_NEW(arena, struct model_delete_item_input);
    const struct error *error = input == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = v2011_find_table(request, delete->table_name);
    if (error == NULL)
        error = v2011_read_key(request, request->tables, delete->key, &input->key);
    if (error == NULL)
        error = v2011_expected_translate(arena, &delete->expected, &input->expected);
    if (error != NULL)
        return error;
    input->table_name = delete->table_name;
    input->return_values = delete->return_values;
    input->return_consumed_capacity = V2011_CAPACITY_WANTED;
    *ret_input = input;
    return NULL;
}

const struct error *v2011_delete_item_output(const struct v2011_request *request,
                                             const void *output, void **ret_answer)
{
    const struct model_delete_item_output *deleted = output;
    struct model_v2011_delete_item_output *answer =
        ARENA_NEW(request->call->arena, struct model_v2011_delete_item_output);
    if (answer == NULL)
        return error_exhausted();
    answer->attributes = deleted->attributes;
    answer->consumed_capacity_units = v2011_units(deleted->consumed_capacity);
    *ret_answer = answer;
    return NULL;
}
