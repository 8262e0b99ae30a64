/*
 * UpdateItem of 2011-12-05:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/API_UpdateItem_v20111205.html
 */

#include "v2011/request.h"
#include "v2011/values.h"

const struct error *v2011_update_item_input(struct v2011_request *request, void *asked,
                                            void **ret_input)
{
    struct model_v2011_update_item_input *update = asked;
    struct arena *arena = request->call->arena;
    struct model_update_item_input *input = ARENA_NEW(arena, struct model_update_item_input);
    const struct error *error = input == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = v2011_find_table(request, update->table_name);
    if (error == NULL)
        error = v2011_read_key(request, request->tables, update->key, &input->key);
    if (error == NULL)
        error = v2011_expected_translate(arena, &update->expected, &input->expected);
    if (error != NULL)
        return error;
    for (size_t i = 0; i < update->attribute_updates.count; i++)
        v2011_value_check(&update->attribute_updates.entries[i].value.value);
    input->table_name = update->table_name;
    input->attribute_updates = update->attribute_updates;
    input->return_values = update->return_values;
    input->return_consumed_capacity = V2011_CAPACITY_WANTED;
    *ret_input = input;
    return NULL;
}

const struct error *v2011_update_item_output(const struct v2011_request *request,
                                             const void *output, void **ret_answer)
{
    const struct model_update_item_output *updated = output;
    struct model_v2011_update_item_output *answer =
        ARENA_NEW(request->call->arena, struct model_v2011_update_item_output);
    if (answer == NULL)
        return error_exhausted();
    answer->attributes = updated->attributes;
    answer->consumed_capacity_units = v2011_units(updated->consumed_capacity);
    *ret_answer = answer;
    return NULL;
}
