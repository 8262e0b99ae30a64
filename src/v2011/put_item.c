/*
 * PutItem of 2011-12-05:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/API_PutItem_v20111205.html
 */

#include "v2011/request.h"
#include "v2011/values.h"

const struct error *v2011_put_item_input(struct v2011_request *request, void *asked,
                                         void **ret_input)
{
    struct model_v2011_put_item_input *put = asked;
    struct model_put_item_input *input =
        ARENA_NEW(request->call->arena, struct model_put_item_input);
    const struct error *error = input == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = v2011_expected_translate(request->call->arena, &put->expected, &input->expected);
    if (error != NULL)
        return error;
    v2011_item_check(&put->item);
    input->table_name = put->table_name;
    input->item = put->item;
    input->return_values = put->return_values;
    input->return_consumed_capacity = V2011_CAPACITY_WANTED;
    *ret_input = input;
    return NULL;
}

const struct error *v2011_put_item_output(const struct v2011_request *request, const void *output,
                                          void **ret_answer)
{
    const struct model_put_item_output *put = output;
    struct model_v2011_put_item_output *answer =
        ARENA_NEW(request->call->arena, struct model_v2011_put_item_output);
    if (answer == NULL)
        return error_exhausted();
    answer->attributes = put->attributes;
    answer->consumed_capacity_units = v2011_units(put->consumed_capacity);
    *ret_answer = answer;
    return NULL;
}
