#include "ops/expressions.h"

#include <stdlib.h>

#include "expr/legacy.h"
#include "ops/validation_error.h"

static bool any_given(const struct op_parameter *parameters)
{
    for (; parameters->name != NULL; parameters++)
        if (parameters->given)
            return true;
    return false;
}

static void append_given(struct buf *out, const struct op_parameter *parameters)
{
    const char *separator = "";
    for (; parameters->name != NULL; parameters++) {
        if (!parameters->given)
            continue;
        buf_append_format(out, "%s%s", separator, parameters->name);
        separator = ", ";
    }
}

static bool takes_values(const struct op_parameter *parameter)
{
    return strcmp(parameter->name, "ProjectionExpression") != 0;
}

/* ": FilterExpression and KeyConditionExpression are null" */
static void append_null_list(struct buf *out, const struct op_parameter *parameters)
{
    size_t count = 0;
    for (; parameters->name != NULL; parameters++) {
        if (!takes_values(parameters))
            continue;
        buf_append_format(out, "%s%s", count > 0 ? " and " : ": ", parameters->name);
        count++;
    }
    buf_append_format(out, count > 1 ? " are null" : " is null");
}

static bool any_value_expression(const struct op_parameter *parameters)
{
    for (; parameters->name != NULL; parameters++)
        if (parameters->given && takes_values(parameters))
            return true;
    return false;
}

static const struct error *finish_message(const struct op_call *call, const struct buf *message)
{
    if (message->failed)
        return error_exhausted();
    return op_parameter_error(call,
                              error_make_slice(call->arena, ERROR_VALIDATION, buf_slice(message)));
}

static bool values_given(const struct op_expressions *expressions)
{
    return expressions->values != NULL &&
           (slice_present(expressions->values->item) || expressions->values->problem != NULL);
}

const struct error *op_expressions_check(const struct op_call *call,
                                         const struct op_expressions *expressions)
{
    struct buf message;
    buf_init(&message, call->arena, 4096);
    bool expression = any_given(expressions->expressions);
    if (expression && any_given(expressions->legacy)) {
        buf_append(&message, SLICE("Can not use both expression and non-expression parameters in "
                                   "the same request: Non-expression parameters: {"));
        append_given(&message, expressions->legacy);
        buf_append(&message, SLICE("} Expression parameters: {"));
        append_given(&message, expressions->expressions);
        buf_append(&message, SLICE("}"));
        return finish_message(call, &message);
    }
    if (expressions->names->present && !expression)
        return op_parameter_error(
            call, op_validation_error(call, "ExpressionAttributeNames can only be specified when "
                                            "using expressions"));
    if (values_given(expressions) && !any_value_expression(expressions->expressions)) {
        buf_append(&message, SLICE("ExpressionAttributeValues can only be specified when using "
                                   "expressions"));
        /* The newer front end does not say which (observed for writes). */
        if (!op_is_new_wording(call) || call->operation == MODEL_OPERATION_QUERY)
            append_null_list(&message, expressions->expressions);
        return finish_message(call, &message);
    }
    return NULL;
}

/* The placeholders themselves are checked by expr_scope_init. */
static const struct error *read_names(const struct op_call *call,
                                      const struct model_map_expression_attribute_name_map *map,
                                      const struct expr_name **ret_names)
{
    *ret_names = NULL;
    if (!map->present)
        return NULL;
    struct expr_name *names = ARENA_NEW_ARRAY(call->arena, struct expr_name, map->count);
    if (names == NULL)
        return error_exhausted();
    for (size_t i = 0; i < map->count; i++)
        names[i] = (struct expr_name){map->entries[i].key, map->entries[i].value};
    *ret_names = names;
    return NULL;
}

static const struct error *value_problem(const struct op_call *call,
                                         const struct item_reading *values)
{
    struct buf message;
    buf_init(&message, call->arena, SIZE_MAX);
    buf_append(&message, SLICE("ExpressionAttributeValues contains invalid value: "));
    buf_append(&message, op_item_problem(call, values)->message);
    buf_append(&message, SLICE(" for key "));
    buf_append(&message, values->problem_name);
    return finish_message(call, &message);
}

const struct error *op_expressions_scope(const struct op_call *call,
                                         const struct op_expressions *expressions,
                                         struct expr_scope *ret_scope)
{
    const struct expr_name *names;
    const struct error *error = read_names(call, expressions->names, &names);
    if (error != NULL)
        return error;
    struct value values = VALUE_NONE;
    if (values_given(expressions)) {
        if (expressions->values->problem != NULL)
            return value_problem(call, expressions->values);
        values = value_of_item(expressions->values->item);
    }
    error = expr_scope_init(ret_scope, call->arena, names, expressions->names->count, values);
    ret_scope->omits_text_size = op_is_new_wording(call);
    return op_parameter_error(call, error);
}

const struct error *op_values_check(const struct op_call *call, const struct item_reading *reading)
{
    return op_parameter_error(call, op_item_problem(call, reading));
}

const struct error *op_values_check_early(const struct op_call *call,
                                          const struct op_expressions *expressions)
{
    if (!op_is_new_wording(call) || expressions->values == NULL)
        return NULL;
    return op_parameter_error(call, op_item_problem(call, expressions->values));
}

const struct error *op_condition_parse(const struct op_call *call,
                                       const struct op_expressions *expressions, struct slice text,
                                       const struct expr_condition **ret_condition)
{
    if (!slice_present(text))
        return NULL;
    struct expr_scope scope;
    const struct error *error = op_expressions_scope(call, expressions, &scope);
    if (error != NULL)
        return error;
    error = expr_condition_parse(&scope, EXPR_CONDITION_EXPRESSION, text, ret_condition);
    if (error == NULL)
        error = expr_scope_check_all_used(&scope);
    return op_parameter_error(call, error);
}

static int compare_names(const void *left, const void *right)
{
    return slice_compare(*(const struct slice *)left, *(const struct slice *)right);
}

const struct error *
op_attributes_to_get_check(const struct op_call *call,
                           const struct model_list_attribute_name_list *attributes_to_get)
{
    size_t count = attributes_to_get->count;
    if (count < 2)
        return NULL;
    struct slice *names = ARENA_NEW_ARRAY(call->arena, struct slice, count);
    if (names == NULL)
        return error_exhausted();
    memcpy(names, attributes_to_get->items, count * sizeof(*names));
    qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 1; i < count; i++)
        if (slice_equal(names[i - 1], names[i]))
            return op_validation_error(call,
                                       "One or more parameter values were invalid: Duplicate value "
                                       "in attribute name: %.*s",
                                       SLICE_PRINT(names[i]));
    return NULL;
}

const struct error *
op_projection_parse(const struct op_call *call, struct expr_scope *scope, struct slice expression,
                    const struct model_list_attribute_name_list *attributes_to_get,
                    struct expr_projection *ret_projection)
{
    *ret_projection = (struct expr_projection){.count = 0};
    if (slice_present(expression))
        return op_parameter_error(call, expr_projection_parse(scope, expression, ret_projection));
    if (attributes_to_get->present)
        return legacy_projection_build(call->arena, attributes_to_get->items,
                                       attributes_to_get->count, ret_projection);
    return NULL;
}
