/*
 * Query: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
 */

#include "ops/expressions.h"
#include "ops/key_condition.h"
#include "ops/key_paths.h"
#include "ops/legacy_parameters.h"
#include "ops/page.h"
#include "ops/validation_error.h"

/* Most queries read less than this, and are answered where they came in; the others begin again on
 * a worker, and have lost the time that reading so much takes. */
enum { SHORT_BYTES = 64 * 1024 };

struct query {
    const struct op_call *call;
    const struct model_query_input *input;
    struct op_page_request request;
    struct op_page page;
    struct expr_key_condition key_condition;
};

static const struct error *parse_expressions(struct query *query,
                                             const struct op_expressions *expressions)
{
    const struct model_query_input *input = query->input;
    const struct expr_condition *key = NULL;
    struct expr_scope scope;
    const struct error *error = op_expressions_scope(query->call, expressions, &scope);
    if (error == NULL && slice_present(input->key_condition_expression))
        error = op_key_condition_error(query->call,
                                       expr_condition_parse(&scope, EXPR_KEY_CONDITION_EXPRESSION,
                                                            input->key_condition_expression, &key));
    if (error == NULL && slice_present(input->filter_expression))
        error = expr_condition_parse(&scope, EXPR_FILTER_EXPRESSION, input->filter_expression,
                                     &query->page.filter);
    if (error == NULL)
        error = op_projection_parse(query->call, &scope, input->projection_expression,
                                    &input->attributes_to_get, &query->page.projection);
    if (error == NULL)
        error = expr_scope_check_all_used(&scope);
    if (error == NULL && key != NULL)
        error = op_key_condition_error(
            query->call, expr_key_condition_of(query->call->arena, key, &query->key_condition));
    if (error == NULL && key == NULL)
        error = op_key_conditions_parse(query->call, &input->key_conditions, &query->key_condition);
    if (error == NULL && query->key_condition.count == 0)
        error = op_validation_error(query->call, "Conditions can be of length 1 or 2 only");
    return error;
}

/* Everything that needs no data. */
static const struct error *check(struct query *query)
{
    const struct op_call *call = query->call;
    const struct model_query_input *input = query->input;
    bool key_expression = slice_present(input->key_condition_expression);
    const struct op_expressions expressions = {
        (const struct op_parameter[]){
            {"ProjectionExpression", slice_present(input->projection_expression)},
            {"FilterExpression", slice_present(input->filter_expression)},
            {"KeyConditionExpression", key_expression},
            {NULL, false}},
        /* KeyConditions may stand beside other expressions when it is the only key condition. */
        (const struct op_parameter[]){
            {"AttributesToGet", input->attributes_to_get.present},
            {"QueryFilter", input->query_filter.present},
            {"ConditionalOperator", input->conditional_operator.value != 0},
            {"KeyConditions", input->key_conditions.present && key_expression},
            {NULL, false}},
        &input->expression_attribute_names,
        &input->expression_attribute_values,
    };
    const struct error *error = op_values_check_early(call, &expressions);
    if (error == NULL)
        error = op_expressions_check(call, &expressions);
    if (error == NULL)
        error = op_filter_parse(call, &input->query_filter, input->conditional_operator,
                                &query->page.filter);
    if (error == NULL)
        error = op_attributes_to_get_check(call, &input->attributes_to_get);
    if (error == NULL)
        error = op_page_check_start_values(&query->page);
    if (error != NULL)
        return error;
    if (!input->key_conditions.present && !key_expression)
        return op_validation_error(call, "Either the KeyConditions or KeyConditionExpression "
                                         "parameter must be specified in the request.");
    error = parse_expressions(query, &expressions);
    if (error == NULL)
        error = op_page_check_select(&query->page);
    return error;
}

/* The start key is then held against the key condition. */
static const struct error *match_keys(struct query *query)
{
    struct db_read *read = &query->page.read;
    const struct error *error =
        op_key_condition_match(query->call, &query->key_condition,
                               !slice_present(query->input->key_condition_expression), read);
    if (error == NULL && slice_present(read->exclusive_start))
        error = db_read_check_start(read, query->call->arena);
    return error;
}

static const struct error *read(struct query *query)
{
    struct op_page *page = &query->page;
    const struct error *error = op_page_choose_index(page);
    if (error == NULL)
        error = match_keys(query);
    if (error == NULL)
        error = op_key_paths_check_projection(query->call, page->table, &page->projection);
    if (error == NULL)
        error = op_key_paths_check_query_filter(
            query->call, page->read.index != NULL ? &page->read.index->key : &page->table->key,
            page->filter, query->input->query_filter.present);
    if (error == NULL)
        error = op_page_check_projected(page);
    if (error == NULL)
        error = op_key_paths_check_condition(query->call, page->table, page->filter);
    if (error != NULL)
        return error;
    page->read.is_cut = query->call->run_again != NULL && page->read.fetch_items;
    page->read.short_bytes = query->call->run_again != NULL ? SHORT_BYTES : 0;
    return page->read.is_cut ? NULL : op_page_read(page);
}

static void *answer(const struct query *query)
{
    struct model_query_output *output = ARENA_NEW(query->call->arena, struct model_query_output);
    if (output == NULL)
        return NULL;
    struct op_page_output page;
    op_page_answer(&query->page, &page);
    output->items = page.items;
    output->count = page.count;
    output->scanned_count = page.scanned_count;
    output->last_evaluated_key = page.last_evaluated_key;
    output->consumed_capacity = query->page.consumed;
    return output;
}

static void init(struct query *query, const struct op_call *call)
{
    const struct model_query_input *input = call->input;
    query->call = call;
    query->input = input;
    query->request = (struct op_page_request){
        .index_name = input->index_name,
        .select = input->select,
        .attributes_to_get = &input->attributes_to_get,
        .projection_expression = input->projection_expression,
        .consistent = input->consistent_read.value,
        .limit = input->limit,
        .exclusive_start_key = &input->exclusive_start_key,
        .return_consumed_capacity = input->return_consumed_capacity,
    };
    query->page.call = call;
    query->page.request = &query->request;
    query->page.read.backward =
        input->scan_index_forward.present && !input->scan_index_forward.value;
    query->page.read.exclusive_start = input->exclusive_start_key.item;
}

void op_query(struct op_call *call)
{
    struct query *query = ARENA_NEW(call->arena, struct query);
    if (query == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    init(query, call);
    const struct error *error =
        op_table_name_read(call, query->input->table_name, &query->page.name);
    if (error == NULL)
        error = check(query);
    if (error == NULL)
        error = op_table_for_items(call, &query->page.name, &query->page.table);
    void *output = NULL;
    if (error == NULL) {
        error = read(query);
        bool is_cut = error == NULL && query->page.read.is_cut;
        if (error == NULL && !is_cut) {
            output = answer(query);
            error = output == NULL ? error_exhausted() : NULL;
        }
        op_table_release(call, query->page.table);
        if (is_cut) {
            call->run_again(call);
            return;
        }
    }
    op_finish(call, error, output);
}
