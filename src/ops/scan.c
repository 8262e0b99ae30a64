/*
 * Scan: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
 */

#include "ops/expressions.h"
#include "ops/key_paths.h"
#include "ops/legacy_parameters.h"
#include "ops/page.h"
#include "ops/validation_error.h"

struct scan {
    const struct op_call *call;
    const struct model_scan_input *input;
    struct op_page_request request;
    struct op_page page;
};

static const struct error *check_segments(const struct scan *scan)
{
    struct model_integer segment = scan->input->segment;
    struct model_integer total = scan->input->total_segments;
    if (segment.present && !total.present)
        return op_validation_error(scan->call,
                                   "The TotalSegments parameter is required but was not present "
                                   "in the request when Segment parameter is present");
    if (total.present && !segment.present)
        return op_validation_error(scan->call,
                                   "The Segment parameter is required but was not present in the "
                                   "request when parameter TotalSegments is present");
    if (total.present && segment.value >= total.value)
        return op_validation_error(scan->call,
                                   "The Segment parameter is zero-based and must be less than "
                                   "parameter TotalSegments: Segment: %lld is not less than "
                                   "TotalSegments: %lld",
                                   (long long)segment.value, (long long)total.value);
    return NULL;
}

static const struct error *parse_expressions(struct scan *scan,
                                             const struct op_expressions *expressions)
{
    const struct model_scan_input *input = scan->input;
    struct expr_scope scope;
    const struct error *error = op_expressions_scope(scan->call, expressions, &scope);
    if (error == NULL && slice_present(input->filter_expression))
        error = expr_condition_parse(&scope, EXPR_FILTER_EXPRESSION, input->filter_expression,
                                     &scan->page.filter);
    if (error == NULL)
        error = op_projection_parse(scan->call, &scope, input->projection_expression,
                                    &input->attributes_to_get, &scan->page.projection);
    if (error == NULL)
        error = expr_scope_check_all_used(&scope);
    return error;
}

/* Everything that needs no data. */
static const struct error *check(struct scan *scan)
{
    const struct op_call *call = scan->call;
    const struct model_scan_input *input = scan->input;
    const struct op_expressions expressions = {
        (const struct op_parameter[]){
            {"ProjectionExpression", slice_present(input->projection_expression)},
            {"FilterExpression", slice_present(input->filter_expression)},
            {NULL, false}},
        (const struct op_parameter[]){
            {"AttributesToGet", input->attributes_to_get.present},
            {"ScanFilter", input->scan_filter.present},
            {"ConditionalOperator", input->conditional_operator.value != 0},
            {NULL, false}},
        &input->expression_attribute_names,
        &input->expression_attribute_values,
    };
    const struct error *error = op_expressions_check(call, &expressions);
    if (error == NULL)
        error = op_attributes_to_get_check(call, &input->attributes_to_get);
    if (error == NULL)
        error = op_filter_parse(call, &input->scan_filter, input->conditional_operator,
                                &scan->page.filter);
    if (error == NULL)
        error = op_page_check_start_values(&scan->page);
    if (error == NULL)
        error = check_segments(scan);
    if (error == NULL)
        error = parse_expressions(scan, &expressions);
    if (error == NULL)
        error = op_page_check_select(&scan->page);
    return error;
}

static const struct error *read(struct scan *scan)
{
    struct op_page *page = &scan->page;
    bool has_start = slice_present(page->read.exclusive_start);
    const struct error *error = op_page_choose_index(page);
    if (error == NULL && has_start)
        error = db_read_check_start_shape(&page->read, scan->call->arena);
    if (error == NULL)
        error = op_page_check_projected(page);
    if (error == NULL && has_start)
        error = db_read_check_start(&page->read, scan->call->arena);
    if (error == NULL)
        error = op_key_paths_check_projection(scan->call, page->table, &page->projection);
    if (error == NULL)
        error = op_key_paths_check_condition(scan->call, page->table, page->filter);
    if (error == NULL)
        error = op_page_read(page);
    return error;
}

static void *answer(const struct scan *scan)
{
    struct model_scan_output *output = ARENA_NEW(scan->call->arena, struct model_scan_output);
    if (output == NULL)
        return NULL;
    struct op_page_output page;
    op_page_answer(&scan->page, &page);
    output->items = page.items;
    output->count = page.count;
    output->scanned_count = page.scanned_count;
    output->last_evaluated_key = page.last_evaluated_key;
    output->consumed_capacity = scan->page.consumed;
    return output;
}

static void init(struct scan *scan, const struct op_call *call)
{
    const struct model_scan_input *input = call->input;
    scan->call = call;
    scan->input = input;
    scan->request = (struct op_page_request){
        .index_name = input->index_name,
        .select = input->select,
        .attributes_to_get = &input->attributes_to_get,
        .projection_expression = input->projection_expression,
        .consistent = input->consistent_read.value,
        .limit = input->limit,
        .exclusive_start_key = &input->exclusive_start_key,
        .return_consumed_capacity = input->return_consumed_capacity,
    };
    scan->page.call = call;
    scan->page.request = &scan->request;
    scan->page.read.whole = true;
    scan->page.read.segment = (uint32_t)input->segment.value;
    scan->page.read.total_segments = (uint32_t)input->total_segments.value;
    scan->page.read.exclusive_start = input->exclusive_start_key.item;
}

void op_scan(struct op_call *call)
{
    struct scan *scan = ARENA_NEW(call->arena, struct scan);
    if (scan == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    init(scan, call);
    const struct error *error = op_table_name_read(call, scan->input->table_name, &scan->page.name);
    if (error == NULL)
        error = check(scan);
    if (error == NULL)
        error = op_table_for_items(call, &scan->page.name, &scan->page.table);
    void *output = NULL;
    if (error == NULL) {
        error = read(scan);
        if (error == NULL) {
            output = answer(scan);
            error = output == NULL ? error_exhausted() : NULL;
        }
        op_table_release(call, scan->page.table);
    }
    op_finish(call, error, output);
}
