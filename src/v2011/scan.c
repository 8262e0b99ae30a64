/*
 * Scan of 2011-12-05:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/API_Scan_v20111205.html
 */

#include "v2011/request.h"
#include "v2011/values.h"

const struct error *v2011_scan_input(struct v2011_request *request, void *asked, void **ret_input)
{
    struct model_v2011_scan_input *scan = asked;
    struct arena *arena = request->call->arena;
    struct model_scan_input *input = ARENA_NEW(arena, struct model_scan_input);
    const struct error *error = input == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = v2011_find_table(request, scan->table_name);
    if (error == NULL)
        error = v2011_key_to_item(arena, request->tables, scan->exclusive_start_key,
                                  &input->exclusive_start_key);
    if (error != NULL)
        return error;
    for (size_t i = 0; i < scan->scan_filter.count; i++)
        v2011_condition_check(&scan->scan_filter.entries[i].value);
    input->table_name = scan->table_name;
    input->attributes_to_get = scan->attributes_to_get;
    input->limit = scan->limit;
    input->scan_filter = scan->scan_filter;
    if (scan->count.value)
        input->select = V2011_SELECT_COUNT;
    input->return_consumed_capacity = V2011_CAPACITY_WANTED;
    *ret_input = input;
    return NULL;
}

const struct error *v2011_scan_output(const struct v2011_request *request, const void *output,
                                      void **ret_answer)
{
    const struct model_scan_output *page = output;
    struct arena *arena = request->call->arena;
    struct model_v2011_scan_output *answer = ARENA_NEW(arena, struct model_v2011_scan_output);
    if (answer == NULL)
        return error_exhausted();
    answer->items = page->items;
    answer->count = page->count;
    answer->scanned_count = page->scanned_count;
    answer->consumed_capacity_units = v2011_units(page->consumed_capacity);
    const struct error *error = v2011_start_key_of_item(
        arena, request->tables, page->last_evaluated_key.item, &answer->last_evaluated_key);
    if (error == NULL)
        *ret_answer = answer;
    return error;
}
