#include "ops/legacy_parameters.h"

#include "ops/validation_error.h"

static enum legacy_joint joint_of(struct model_enum conditional_operator)
{
    return conditional_operator.value == MODEL_CONDITIONAL_OPERATOR_OR ? LEGACY_OR : LEGACY_AND;
}

static bool reading_given(const struct value_reading *reading)
{
    return value_present(reading->value) || reading->problem != NULL;
}

static const struct error *check_list(const struct op_call *call,
                                      const struct model_list_attribute_value_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].problem != NULL)
            return op_parameter_error(call, op_value_problem(call, &list->items[i]));
    return NULL;
}

static const struct error *copy_list(struct arena *arena,
                                     const struct model_list_attribute_value_list *list,
                                     struct legacy_condition *condition)
{
    struct value *values = ARENA_NEW_ARRAY(arena, struct value, list->count);
    if (values == NULL)
        return error_exhausted();
    for (size_t i = 0; i < list->count; i++)
        values[i] = list->items[i].value;
    condition->arguments = values;
    condition->argument_count = list->count;
    condition->has_arguments = list->present;
    return NULL;
}

static const struct error *read_expected(const struct op_call *call, struct slice name,
                                         const struct model_expected_attribute_value *expected,
                                         struct legacy_condition *ret_condition)
{
    *ret_condition = (struct legacy_condition){
        .name = name,
        .comparison_operator = expected->comparison_operator.text,
        .expected = true,
        .has_exists = expected->exists.present,
        .exists = expected->exists.value,
        .has_value = reading_given(&expected->value),
    };
    const struct error *error =
        copy_list(call->arena, &expected->attribute_value_list, ret_condition);
    if (error != NULL || !ret_condition->has_value)
        return error;
    struct value *value = ARENA_NEW(call->arena, struct value);
    if (value == NULL)
        return error_exhausted();
    *value = expected->value.value;
    ret_condition->arguments = value;
    ret_condition->argument_count = 1;
    return NULL;
}

const struct error *
op_expected_check_values(const struct op_call *call,
                         const struct model_map_expected_attribute_map *expected)
{
    for (size_t i = 0; i < expected->count; i++) {
        const struct model_expected_attribute_value *entry = &expected->entries[i].value;
        if (entry->value.problem != NULL)
            return op_parameter_error(call, op_value_problem(call, &entry->value));
        const struct error *error = check_list(call, &entry->attribute_value_list);
        if (error != NULL)
            return error;
    }
    return NULL;
}

const struct error *op_expected_parse(const struct op_call *call,
                                      const struct model_map_expected_attribute_map *expected,
                                      struct model_enum conditional_operator,
                                      const struct expr_condition **ret_condition)
{
    *ret_condition = NULL;
    if (expected->count == 0)
        return NULL;
    struct legacy_condition *conditions =
        ARENA_NEW_ARRAY(call->arena, struct legacy_condition, expected->count);
    if (conditions == NULL)
        return error_exhausted();
    for (size_t i = 0; i < expected->count; i++) {
        const struct error *error = read_expected(call, expected->entries[i].key,
                                                  &expected->entries[i].value, &conditions[i]);
        if (error != NULL)
            return error;
    }
    return op_parameter_error(
        call, legacy_conditions_build(call->arena, conditions, expected->count,
                                      joint_of(conditional_operator), ret_condition));
}

static const struct error *read_condition(const struct op_call *call, struct slice name,
                                          const struct model_condition *condition,
                                          struct legacy_condition *ret_condition)
{
    const struct error *error = check_list(call, &condition->attribute_value_list);
    if (error != NULL)
        return error;
    *ret_condition = (struct legacy_condition){
        .name = name,
        .comparison_operator = condition->comparison_operator.text,
    };
    return copy_list(call->arena, &condition->attribute_value_list, ret_condition);
}

const struct error *op_filter_parse(const struct op_call *call,
                                    const struct model_map_filter_condition_map *filter,
                                    struct model_enum conditional_operator,
                                    const struct expr_condition **ret_condition)
{
    *ret_condition = NULL;
    if (filter->count == 0)
        return NULL;
    struct legacy_condition *conditions =
        ARENA_NEW_ARRAY(call->arena, struct legacy_condition, filter->count);
    if (conditions == NULL)
        return error_exhausted();
    for (size_t i = 0; i < filter->count; i++) {
        const struct error *error =
            read_condition(call, filter->entries[i].key, &filter->entries[i].value, &conditions[i]);
        if (error != NULL)
            return error;
    }
    return legacy_conditions_build(call->arena, conditions, filter->count,
                                   joint_of(conditional_operator), ret_condition);
}

const struct error *op_key_conditions_parse(const struct op_call *call,
                                            const struct model_map_key_conditions *map,
                                            struct expr_key_condition *ret_condition)
{
    *ret_condition = (struct expr_key_condition){NULL, 0};
    struct legacy_condition *conditions =
        ARENA_NEW_ARRAY(call->arena, struct legacy_condition, map->count);
    if (conditions == NULL)
        return error_exhausted();
    for (size_t i = 0; i < map->count; i++) {
        const struct error *error =
            read_condition(call, map->entries[i].key, &map->entries[i].value, &conditions[i]);
        if (error != NULL)
            return error;
    }
    return legacy_key_conditions_build(call->arena, conditions, map->count, ret_condition);
}

const struct error *
op_attribute_updates_check_values(const struct op_call *call,
                                  const struct model_map_attribute_updates *updates)
{
    for (size_t i = 0; i < updates->count; i++)
        if (updates->entries[i].value.value.problem != NULL)
            return op_parameter_error(call,
                                      op_value_problem(call, &updates->entries[i].value.value));
    return NULL;
}

const struct error *op_attribute_updates_parse(const struct op_call *call,
                                               const struct model_map_attribute_updates *map,
                                               const struct expr_update **ret_update)
{
    *ret_update = NULL;
    if (map->count == 0)
        return NULL;
    struct legacy_update *updates = ARENA_NEW_ARRAY(call->arena, struct legacy_update, map->count);
    if (updates == NULL)
        return error_exhausted();
    for (size_t i = 0; i < map->count; i++) {
        const struct model_attribute_value_update *entry = &map->entries[i].value;
        updates[i] =
            (struct legacy_update){map->entries[i].key, entry->action.text, entry->value.value};
    }
    return op_parameter_error(call,
                              legacy_updates_build(call->arena, updates, map->count, ret_update));
}
