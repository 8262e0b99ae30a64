/*
 * UpdateItem: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
 */

#include "item/value_size.h"
#include "ops/expressions.h"
#include "ops/item_write.h"
#include "ops/key_paths.h"
#include "ops/legacy_parameters.h"
#include "ops/validation_error.h"

static const struct error *too_large(const struct op_call *call)
{
    return op_validation_error(call, "Item size to update has exceeded the maximum allowed size");
}

/* The newer front end measures what an UpdateExpression says, before it looks at the item, as if it
 * were one. The finished item is measured everywhere (observed). */
static const struct error *check_charge(const struct item_write *write, bool by_expression)
{
    if (!by_expression || !op_is_new_wording(write->call))
        return NULL;
    bool fits = expr_update_charge_bytes(write->update) <= ITEM_SIZE_MAX;
    return fits ? NULL : too_large(write->call);
}

static const struct error *plan(struct item_write *write, struct slice old,
                                enum db_action *ret_action, struct slice *ret_new)
{
    struct arena *arena = write->set.arena;
    if (!slice_present(old) && write->update != NULL && expr_update_only_clears(write->update)) {
        *ret_action = DB_KEEP;
        return NULL;
    }
    struct slice base = slice_present(old) ? old : write->key;
    struct slice new = base;
    if (write->update != NULL) {
        const struct error *error = expr_update_apply(write->update, arena, base, &new);
        if (error != NULL)
            return error;
        error = db_table_check_update(write->table, arena, old, new);
        if (error == NULL && item_size_bytes(new) > ITEM_SIZE_MAX)
            error = too_large(write->call);
        if (error != NULL)
            return error;
    }
    bool unchanged = slice_present(old) && slice_equal(old, new);
    /* The old item is only lent; what is to be returned must outlive it. */
    if (new.data == old.data && slice_present(old) && !arena_copy(arena, old, &new))
        return error_exhausted();
    *ret_action = unchanged ? DB_KEEP : DB_PUT;
    *ret_new = new;
    return NULL;
}

static void *respond(struct arena *arena, struct item_reading attributes,
                     struct model_consumed_capacity *consumed,
                     struct model_item_collection_metrics *metrics)
{
    struct model_update_item_output *output = ARENA_NEW(arena, struct model_update_item_output);
    if (output == NULL)
        return NULL;
    output->attributes = attributes;
    output->consumed_capacity = consumed;
    output->item_collection_metrics = metrics;
    return output;
}

static const struct error *check_values(const struct op_call *call,
                                        const struct model_update_item_input *input)
{
    const struct error *error = op_values_check(call, &input->key);
    if (error == NULL)
        error = op_attribute_updates_check_values(call, &input->attribute_updates);
    if (error == NULL)
        error = op_expected_check_values(call, &input->expected);
    return error;
}

static const struct error *parse(const struct op_call *call,
                                 const struct model_update_item_input *input,
                                 const struct op_expressions *expressions, struct item_write *write)
{
    const struct error *error =
        op_attribute_updates_parse(call, &input->attribute_updates, &write->update);
    if (error == NULL)
        error = op_expected_parse(call, &input->expected, input->conditional_operator,
                                  &write->condition);
    if (error != NULL)
        return error;
    struct expr_scope scope;
    error = op_expressions_scope(call, expressions, &scope);
    if (error != NULL)
        return error;
    if (slice_present(input->update_expression))
        error = expr_update_parse(&scope, input->update_expression, &write->update);
    if (error == NULL && slice_present(input->condition_expression))
        error = expr_condition_parse(&scope, EXPR_CONDITION_EXPRESSION, input->condition_expression,
                                     &write->condition);
    if (error == NULL)
        error = expr_scope_check_all_used(&scope);
    return op_parameter_error(call, error);
}

/* Everything that needs no data. */
static const struct error *check(const struct op_call *call,
                                 const struct model_update_item_input *input,
                                 struct item_write *write)
{
    const struct op_expressions expressions = {
        (const struct op_parameter[]){
            {"UpdateExpression", slice_present(input->update_expression)},
            {"ConditionExpression", slice_present(input->condition_expression)},
            {NULL, false}},
        (const struct op_parameter[]){{"AttributeUpdates", input->attribute_updates.present},
                                      {"Expected", input->expected.present},
                                      {NULL, false}},
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
        error = parse(call, input, &expressions, write);
    return error;
}

static const struct error *find(const struct op_call *call,
                                const struct model_update_item_input *input,
                                struct item_write *write)
{
    const struct error *error = op_table_for_items(call, &write->name, &write->table);
    if (error != NULL)
        return error;
    error = db_table_check_key(write->table, call->arena, write->key);
    if (error == NULL)
        error = op_key_paths_check_updated(call, write->table, write->update);
    if (error == NULL)
        error = op_key_paths_check_update(call, write->table, write->update);
    if (error == NULL)
        error = op_key_paths_check_condition(call, write->table, write->condition);
    if (error == NULL)
        error = check_charge(write, slice_present(input->update_expression));
    if (error != NULL)
        op_table_release(call, write->table);
    return error;
}

void op_update_item(struct op_call *call)
{
    const struct model_update_item_input *input = call->input;
    struct item_write *write = item_write_new(call);
    if (write == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    write->plan = plan;
    write->respond = respond;
    write->key = input->key.item;
    write->return_values = input->return_values;
    write->return_consumed_capacity = input->return_consumed_capacity;
    write->return_item_collection_metrics = input->return_item_collection_metrics;
    write->return_values_on_condition_check_failure =
        input->return_values_on_condition_check_failure;
    const struct error *error = op_table_name_read(call, input->table_name, &write->name);
    if (error == NULL)
        error = check(call, input, write);
    if (error == NULL)
        error = find(call, input, write);
    if (error != NULL)
        op_fail(call, error);
    else
        item_write_run(write);
}
