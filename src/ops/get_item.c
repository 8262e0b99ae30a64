/*
 * GetItem: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
 */

#include "item/value_size.h"
#include "ops/capacity.h"
#include "ops/expressions.h"
#include "ops/key_paths.h"
#include "ops/table_name.h"
#include "ops/throttle.h"
#include "ops/validation_error.h"

/* Everything that needs no data. */
static const struct error *check(const struct op_call *call,
                                 const struct model_get_item_input *input,
                                 struct expr_projection *ret_projection)
{
    const struct op_expressions expressions = {
        (const struct op_parameter[]){
            {"ProjectionExpression", slice_present(input->projection_expression)}, {NULL, false}},
        (const struct op_parameter[]){{"AttributesToGet", input->attributes_to_get.present},
                                      {NULL, false}},
        &input->expression_attribute_names,
        NULL,
    };
    const struct error *error = NULL;
    if (op_is_new_wording(call))
        error = op_values_check(call, &input->key);
    if (error == NULL)
        error = op_expressions_check(call, &expressions);
    if (error == NULL)
        error = op_values_check(call, &input->key);
    if (error == NULL)
        error = op_attributes_to_get_check(call, &input->attributes_to_get);
    if (error != NULL)
        return error;
    struct expr_scope scope;
    error = op_expressions_scope(call, &expressions, &scope);
    if (error == NULL)
        error = op_projection_parse(call, &scope, input->projection_expression,
                                    &input->attributes_to_get, ret_projection);
    if (error == NULL)
        error = expr_scope_check_all_used(&scope);
    return error;
}

static const struct error *read(const struct op_call *call,
                                const struct model_get_item_input *input,
                                const struct op_table_name *name, const struct db_table *table,
                                const struct expr_projection *projection,
                                struct model_get_item_output *output)
{
    struct db_get get = {.table = table, .key = input->key.item};
    const struct error *error = db_table_check_key(table, call->arena, get.key);
    if (error == NULL)
        error = op_key_paths_check_projection(call, table, projection);
    if (error == NULL)
        error = op_throttle_check(call, table, NULL, false);
    if (error == NULL)
        error = db_get(call->environment->db, call->arena, &get, 1);
    if (error != NULL)
        return error;
    size_t bytes = slice_present(get.item) ? item_size_bytes(get.item) : 0;
    double units = op_read_units(bytes, input->consistent_read.value);
    op_throttle_charge_read(call, table, NULL, units);
    output->item.item = get.item;
    if (slice_present(get.item) && projection->count > 0 &&
        !item_project(call->arena, get.item, projection->set, &output->item.item))
        return error_exhausted();
    if (!op_capacity_wanted(input->return_consumed_capacity))
        return NULL;
    struct op_capacity capacity;
    error = op_capacity_init(&capacity, call->arena, name->given, table);
    if (error != NULL)
        return error;
    capacity.table_units = units;
    return op_capacity_show(&capacity, call->arena, input->return_consumed_capacity,
                            &output->consumed_capacity);
}

void op_get_item(struct op_call *call)
{
    const struct model_get_item_input *input = call->input;
    struct model_get_item_output *output = ARENA_NEW(call->arena, struct model_get_item_output);
    struct op_table_name name;
    struct expr_projection projection;
    const struct db_table *table = NULL;
    const struct error *error = output == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = op_table_name_read(call, input->table_name, &name);
    if (error == NULL)
        error = check(call, input, &projection);
    if (error == NULL)
        error = op_table_for_items(call, &name, &table);
    if (error == NULL) {
        error = read(call, input, &name, table, &projection, output);
        op_table_release(call, table);
    }
    op_finish(call, error, output);
}
