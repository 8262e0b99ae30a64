/*
 * Query of 2011-12-05:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/API_Query_v20111205.html
 */

#include "v2011/request.h"
#include "v2011/values.h"

/* HashKeyValue is a condition, too: EQ. */
static const struct error *make_key_conditions(struct v2011_request *request,
                                               struct model_v2011_query_input *query,
                                               struct model_map_key_conditions *ret_conditions)
{
    struct arena *arena = request->call->arena;
    struct model_entry_key_conditions *entries =
        ARENA_NEW_ARRAY(arena, struct model_entry_key_conditions, 2);
    struct value_reading *hash = ARENA_NEW(arena, struct value_reading);
    if (entries == NULL || hash == NULL)
        return error_exhausted();
    v2011_value_check(&query->hash_key_value);
    *hash = query->hash_key_value;
    entries[0].key = request->tables->hash_name;
    entries[0].value.comparison_operator =
        (struct model_enum){MODEL_COMPARISON_OPERATOR_EQ, SLICE("EQ")};
    entries[0].value.attribute_value_list = (struct model_list_attribute_value_list){true, 1, hash};
    *ret_conditions = (struct model_map_key_conditions){true, 1, entries};
    if (query->range_key_condition == NULL)
        return NULL;
    v2011_condition_check(query->range_key_condition);
    entries[1].key = request->tables->range_name;
    entries[1].value = *query->range_key_condition;
    ret_conditions->count = 2;
    return NULL;
}

const struct error *v2011_query_input(struct v2011_request *request, void *asked, void **ret_input)
{
    struct model_v2011_query_input *query = asked;
    struct arena *arena = request->call->arena;
    struct model_query_input *input = ARENA_NEW(arena, struct model_query_input);
    const struct error *error = input == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = v2011_find_table(request, query->table_name);
    if (error == NULL)
        error = make_key_conditions(request, query, &input->key_conditions);
    if (error == NULL)
        error = v2011_key_to_item(arena, request->tables, query->exclusive_start_key,
                                  &input->exclusive_start_key);
    if (error != NULL)
        return error;
    input->table_name = query->table_name;
    input->attributes_to_get = query->attributes_to_get;
    input->limit = query->limit;
    input->consistent_read = query->consistent_read;
    input->scan_index_forward = query->scan_index_forward;
    if (query->count.value)
        input->select = V2011_SELECT_COUNT;
    input->return_consumed_capacity = V2011_CAPACITY_WANTED;
    *ret_input = input;
    return NULL;
}

/* "Query is only available for hash-and-range primary key tables"; the words are DynamoDB Local's.
 * A value that is no value is told before. */
const struct error *v2011_query_check(const struct v2011_request *request)
{
    const struct model_v2011_query_input *query = request->asked;
    if (!request->tables->is_there || request->tables->has_range ||
        query->hash_key_value.problem != NULL)
        return NULL;
    return error_make(request->call->arena, ERROR_VALIDATION,
                      "Query can be performed only on a table with a HASH,RANGE key schema");
}

const struct error *v2011_query_output(const struct v2011_request *request, const void *output,
                                       void **ret_answer)
{
    const struct model_query_output *page = output;
    struct arena *arena = request->call->arena;
    struct model_v2011_query_output *answer = ARENA_NEW(arena, struct model_v2011_query_output);
    if (answer == NULL)
        return error_exhausted();
    answer->items = page->items;
    answer->count = page->count;
    answer->consumed_capacity_units = v2011_units(page->consumed_capacity);
    const struct error *error = v2011_start_key_of_item(
        arena, request->tables, page->last_evaluated_key.item, &answer->last_evaluated_key);
    if (error == NULL)
        *ret_answer = answer;
    return error;
}
