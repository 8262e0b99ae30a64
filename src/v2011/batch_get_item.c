/*
 * BatchGetItem of 2011-12-05:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/API_BatchGetItem_v20111205.html
 */

#include "v2011/request.h"

static const struct error *read_keys(struct v2011_request *request, const struct v2011_table *table,
                                     const struct model_list_v2011_key_list *keys,
                                     struct model_list_key_list *ret_keys)
{
    struct item_reading *items =
        ARENA_NEW_ARRAY(request->call->arena, struct item_reading, keys->count);
    if (items == NULL)
        return error_exhausted();
    for (size_t i = 0; i < keys->count; i++) {
        const struct error *error = v2011_read_key(request, table, &keys->items[i], &items[i]);
        if (error != NULL)
            return error;
    }
    *ret_keys = (struct model_list_key_list){true, keys->count, items};
    return NULL;
}

const struct error *v2011_batch_get_item_input(struct v2011_request *request, void *asked,
                                               void **ret_input)
{
    struct model_v2011_batch_get_item_input *batch = asked;
    struct model_map_v2011_batch_get_request_map *tables = &batch->request_items;
    struct arena *arena = request->call->arena;
    struct model_batch_get_item_input *input = ARENA_NEW(arena, struct model_batch_get_item_input);
    struct model_entry_batch_get_request_map *entries =
        ARENA_NEW_ARRAY(arena, struct model_entry_batch_get_request_map, tables->count);
    if (input == NULL || entries == NULL)
        return error_exhausted();
    const struct error *error = v2011_make_tables(request, tables->count);
    for (size_t i = 0; error == NULL && i < tables->count; i++) {
        const struct model_v2011_keys_and_attributes *wanted = &tables->entries[i].value;
        struct v2011_table *table = &request->tables[i];
        entries[i].key = tables->entries[i].key;
        entries[i].value.attributes_to_get = wanted->attributes_to_get;
        entries[i].value.consistent_read = wanted->consistent_read;
        error = v2011_table_look_up(request->call, entries[i].key, table);
        if (error == NULL)
            error = read_keys(request, table, &wanted->keys, &entries[i].value.keys);
    }
    if (error != NULL)
        return error;
    input->request_items =
        (struct model_map_batch_get_request_map){tables->present, tables->count, entries};
    input->return_consumed_capacity = V2011_CAPACITY_WANTED;
    *ret_input = input;
    return NULL;
}

static const struct error *answer_responses(const struct v2011_request *request,
                                            const struct model_batch_get_item_output *got,
                                            struct model_map_v2011_batch_get_response_map *ret_map)
{
    size_t count = got->responses.count;
    struct model_entry_v2011_batch_get_response_map *entries = ARENA_NEW_ARRAY(
        request->call->arena, struct model_entry_v2011_batch_get_response_map, count);
    if (entries == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++) {
        entries[i].key = got->responses.entries[i].key;
        entries[i].value.items = got->responses.entries[i].value;
        entries[i].value.consumed_capacity_units =
            v2011_units_of_table(&got->consumed_capacity, entries[i].key);
    }
    *ret_map = (struct model_map_v2011_batch_get_response_map){true, count, entries};
    return NULL;
}

static const struct error *answer_keys(const struct v2011_request *request,
                                       const struct v2011_table *table,
                                       const struct model_list_key_list *items,
                                       struct model_list_v2011_key_list *ret_keys)
{
    struct model_v2011_key *keys =
        ARENA_NEW_ARRAY(request->call->arena, struct model_v2011_key, items->count);
    if (keys == NULL)
        return error_exhausted();
    for (size_t i = 0; i < items->count; i++)
        v2011_key_of_item(table, items->items[i].item, &keys[i]);
    *ret_keys = (struct model_list_v2011_key_list){true, items->count, keys};
    return NULL;
}

static const struct error *answer_unprocessed(const struct v2011_request *request,
                                              const struct model_map_batch_get_request_map *left,
                                              struct model_map_v2011_batch_get_request_map *ret_map)
{
    struct model_entry_v2011_batch_get_request_map *entries = ARENA_NEW_ARRAY(
        request->call->arena, struct model_entry_v2011_batch_get_request_map, left->count);
    if (entries == NULL)
        return error_exhausted();
    for (size_t i = 0; i < left->count; i++) {
        const struct model_keys_and_attributes *wanted = &left->entries[i].value;
        entries[i].key = left->entries[i].key;
        entries[i].value.attributes_to_get = wanted->attributes_to_get;
        entries[i].value.consistent_read = wanted->consistent_read;
        const struct error *error =
            answer_keys(request, v2011_table_of_name(request, entries[i].key), &wanted->keys,
                        &entries[i].value.keys);
        if (error != NULL)
            return error;
    }
    *ret_map = (struct model_map_v2011_batch_get_request_map){true, left->count, entries};
    return NULL;
}

const struct error *v2011_batch_get_item_output(const struct v2011_request *request,
                                                const void *output, void **ret_answer)
{
    const struct model_batch_get_item_output *got = output;
    struct model_v2011_batch_get_item_output *answer =
        ARENA_NEW(request->call->arena, struct model_v2011_batch_get_item_output);
    const struct error *error = answer == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = answer_responses(request, got, &answer->responses);
    if (error == NULL)
        error = answer_unprocessed(request, &got->unprocessed_keys, &answer->unprocessed_keys);
    if (error == NULL)
        *ret_answer = answer;
    return error;
}
