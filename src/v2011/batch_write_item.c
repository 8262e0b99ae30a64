/*
 * BatchWriteItem of 2011-12-05:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/API_BatchWriteItem_v20111205.html
 */

#include "v2011/request.h"
#include "v2011/values.h"

static const struct error *read_write(struct v2011_request *request,
                                      const struct v2011_table *table,
                                      const struct model_v2011_write_request *write,
                                      struct model_write_request *ret_write)
{
    ret_write->put_request = write->put_request;
    if (write->put_request != NULL)
        v2011_item_check(&write->put_request->item);
    if (write->delete_request == NULL)
        return NULL;
    ret_write->delete_request = ARENA_NEW(request->call->arena, struct model_delete_request);
    if (ret_write->delete_request == NULL)
        return error_exhausted();
    return v2011_read_key(request, table, write->delete_request->key,
                          &ret_write->delete_request->key);
}

static const struct error *read_writes(struct v2011_request *request,
                                       const struct v2011_table *table,
                                       const struct model_list_v2011_write_requests *writes,
                                       struct model_list_write_requests *ret_writes)
{
    struct model_write_request *items =
        ARENA_NEW_ARRAY(request->call->arena, struct model_write_request, writes->count);
    if (items == NULL)
        return error_exhausted();
    for (size_t i = 0; i < writes->count; i++) {
        const struct error *error = read_write(request, table, &writes->items[i], &items[i]);
        if (error != NULL)
            return error;
    }
    *ret_writes = (struct model_list_write_requests){writes->present, writes->count, items};
    return NULL;
}

const struct error *v2011_batch_write_item_input(struct v2011_request *request, void *asked,
                                                 void **ret_input)
{
    struct model_v2011_batch_write_item_input *batch = asked;
    struct model_map_v2011_batch_write_item_request_map *tables = &batch->request_items;
    struct arena *arena = request->call->arena;
    struct model_batch_write_item_input *input =
        ARENA_NEW(arena, struct model_batch_write_item_input);
    struct model_entry_batch_write_item_request_map *entries =
        ARENA_NEW_ARRAY(arena, struct model_entry_batch_write_item_request_map, tables->count);
    if (input == NULL || entries == NULL)
        return error_exhausted();
    const struct error *error = v2011_make_tables(request, tables->count);
    for (size_t i = 0; error == NULL && i < tables->count; i++) {
        struct v2011_table *table = &request->tables[i];
        entries[i].key = tables->entries[i].key;
        error = v2011_table_look_up(request->call, entries[i].key, table);
        if (error == NULL)
            error = read_writes(request, table, &tables->entries[i].value, &entries[i].value);
    }
    if (error != NULL)
        return error;
    input->request_items =
        (struct model_map_batch_write_item_request_map){tables->present, tables->count, entries};
    input->return_consumed_capacity = V2011_CAPACITY_WANTED;
    *ret_input = input;
    return NULL;
}

static const struct error *
answer_responses(const struct v2011_request *request,
                 const struct model_list_consumed_capacity_multiple *consumed,
                 struct model_map_v2011_batch_write_response_map *ret_map)
{
    struct model_entry_v2011_batch_write_response_map *entries = ARENA_NEW_ARRAY(
        request->call->arena, struct model_entry_v2011_batch_write_response_map, consumed->count);
    if (entries == NULL)
        return error_exhausted();
    for (size_t i = 0; i < consumed->count; i++) {
        entries[i].key = consumed->items[i].table_name;
        entries[i].value.consumed_capacity_units = consumed->items[i].capacity_units;
    }
    *ret_map = (struct model_map_v2011_batch_write_response_map){true, consumed->count, entries};
    return NULL;
}

static const struct error *answer_write(const struct v2011_request *request,
                                        const struct v2011_table *table,
                                        const struct model_write_request *write,
                                        struct model_v2011_write_request *ret_write)
{
    struct arena *arena = request->call->arena;
    ret_write->put_request = write->put_request;
    if (write->delete_request == NULL)
        return NULL;
    struct model_v2011_delete_request *delete = ARENA_NEW(arena, struct model_v2011_delete_request);
    struct model_v2011_key *key = ARENA_NEW(arena, struct model_v2011_key);
    if (delete == NULL || key == NULL)
        return error_exhausted();
    v2011_key_of_item(table, write->delete_request->key.item, key);
    delete->key = key;
    ret_write->delete_request = delete;
    return NULL;
}

static const struct error *
answer_unprocessed(const struct v2011_request *request,
                   const struct model_entry_batch_write_item_request_map *left,
                   struct model_entry_v2011_batch_write_item_request_map *ret_left)
{
    const struct v2011_table *table = v2011_table_of_name(request, left->key);
    size_t count = left->value.count;
    struct model_v2011_write_request *writes =
        ARENA_NEW_ARRAY(request->call->arena, struct model_v2011_write_request, count);
    if (writes == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++) {
        const struct error *error = answer_write(request, table, &left->value.items[i], &writes[i]);
        if (error != NULL)
            return error;
    }
    ret_left->key = left->key;
    ret_left->value = (struct model_list_v2011_write_requests){true, count, writes};
    return NULL;
}

const struct error *v2011_batch_write_item_output(const struct v2011_request *request,
                                                  const void *output, void **ret_answer)
{
    const struct model_batch_write_item_output *written = output;
    const struct model_map_batch_write_item_request_map *left = &written->unprocessed_items;
    struct arena *arena = request->call->arena;
    struct model_v2011_batch_write_item_output *answer =
        ARENA_NEW(arena, struct model_v2011_batch_write_item_output);
    struct model_entry_v2011_batch_write_item_request_map *entries =
        ARENA_NEW_ARRAY(arena, struct model_entry_v2011_batch_write_item_request_map, left->count);
    if (answer == NULL || entries == NULL)
        return error_exhausted();
    const struct error *error =
        answer_responses(request, &written->consumed_capacity, &answer->responses);
    for (size_t i = 0; error == NULL && i < left->count; i++)
        error = answer_unprocessed(request, &left->entries[i], &entries[i]);
    answer->unprocessed_items =
        (struct model_map_v2011_batch_write_item_request_map){true, left->count, entries};
    if (error == NULL)
        *ret_answer = answer;
    return error;
}
