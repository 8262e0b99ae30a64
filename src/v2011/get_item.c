/*
 * GetItem of 2011-12-05:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/API_GetItem_v20111205.html
 */

#include "v2011/request.h"

const struct error *v2011_get_item_input(struct v2011_request *request, void *asked,
                                         void **ret_input)
{
    struct model_v2011_get_item_input *get = asked;
    struct model_get_item_input *input =
        ARENA_NEW(request->call->arena, struct model_get_item_input);
    const struct error *error = input == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = v2011_find_table(request, get->table_name);
    if (error == NULL)
        error = v2011_read_key(request, request->tables, get->key, &input->key);
    if (error != NULL)
        return error;
    input->table_name = get->table_name;
    input->attributes_to_get = get->attributes_to_get;
    input->consistent_read = get->consistent_read;
    input->return_consumed_capacity = V2011_CAPACITY_WANTED;
    *ret_input = input;
    return NULL;
}

const struct error *v2011_get_item_output(const struct v2011_request *request, const void *output,
                                          void **ret_answer)
{
    const struct model_get_item_output *got = output;
    struct model_v2011_get_item_output *answer =
        ARENA_NEW(request->call->arena, struct model_v2011_get_item_output);
    if (answer == NULL)
        return error_exhausted();
    answer->item = got->item;
    answer->consumed_capacity_units = v2011_units(got->consumed_capacity);
    *ret_answer = answer;
    return NULL;
}
