/*
 * PutItem: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html
 */

#include "item/value_size.h"
#include "ops/expressions.h"
#include "ops/item_write.h"
#include "ops/key_paths.h"
#include "ops/legacy_parameters.h"
#include "ops/validation_error.h"

static const struct error *plan(struct item_write *write, struct slice old,
                                enum db_action *ret_action, struct slice *ret_new)
{
    (void)old;
    *ret_action = DB_PUT;
    *ret_new = write->item;
    return NULL;
}

static void *respond(struct arena *arena, struct item_reading attributes,
                     struct model_consumed_capacity *consumed,
                     struct model_item_collection_metrics *metrics)
{
    struct model_put_item_output *output = ARENA_NEW(arena, struct model_put_item_output);
    if (output == NULL)
        return NULL;
    output->attributes = attributes;
    output->consumed_capacity = consumed;
    output->item_collection_metrics = metrics;
    return output;
}

static const struct error *check_values(const struct op_call *call,
                                        const struct model_put_item_input *input)
{
    const struct error *error = op_values_check(call, &input->item);
    if (error == NULL)
        error = op_expected_check_values(call, &input->expected);
    return error;
}

/* Everything that needs no data. */
static const struct error *check(const struct op_call *call,
                                 const struct model_put_item_input *input, struct item_write *write)
{
    const struct op_expressions expressions = {
        (const struct op_parameter[]){
            {"ConditionExpression", slice_present(input->condition_expression)}, {NULL, false}},
        (const struct op_parameter[]){{"Expected", input->expected.present}, {NULL, false}},
        &input->expression_attribute_names,
        &input->expression_attribute_values,
    };
    const struct error *error = NULL;
    if (op_is_new_wording(call)) {
        error = check_values(call, input);
        if (error == NULL)
            error = op_values_check_early(call, &expressions);
    }
    if (error == NULL)
        error = op_expressions_check(call, &expressions);
    if (error == NULL)
        error = check_values(call, input);
    if (error == NULL)
        error = item_write_check_return_values(call, input->return_values);
    if (error != NULL)
        return error;
    if (item_size_bytes(input->item.item) > ITEM_SIZE_MAX)
        return op_validation_error(call, "Item size has exceeded the maximum allowed size");
    error =
        op_expected_parse(call, &input->expected, input->conditional_operator, &write->condition);
    if (error != NULL)
        return error;
    return op_condition_parse(call, &expressions, input->condition_expression, &write->condition);
}

static const struct error *find(const struct op_call *call, struct item_write *write)
{
    const struct error *error = op_table_for_items(call, &write->name, &write->table);
    if (error != NULL)
        return error;
    error = db_table_check_item(write->table, call->arena, write->item);
    if (error == NULL)
        error = db_table_key_of_item(write->table, call->arena, write->item, &write->key);
    if (error == NULL)
        error = op_key_paths_check_condition(call, write->table, write->condition);
    if (error != NULL)
        op_table_release(call, write->table);
    return error;
}

void op_put_item(struct op_call *call)
{
    const struct model_put_item_input *input = call->input;
    struct item_write *write = item_write_new(call);
    if (write == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    write->plan = plan;
    write->respond = respond;
    write->item = input->item.item;
    write->return_values = input->return_values;
    write->return_consumed_capacity = input->return_consumed_capacity;
    write->return_item_collection_metrics = input->return_item_collection_metrics;
    write->return_values_on_condition_check_failure =
        input->return_values_on_condition_check_failure;
    const struct error *error = op_table_name_read(call, input->table_name, &write->name);
    if (error == NULL)
        error = check(call, input, write);
    if (error == NULL)
        error = find(call, write);
    if (error != NULL)
        op_fail(call, error);
    else
        item_write_run(write);
}
