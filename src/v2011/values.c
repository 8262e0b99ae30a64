#include "v2011/values.h"

#define RULE(name, text)                                                                           \
    static const struct error name = {.kind = ERROR_VALIDATION, .message = SLICE_INIT(text)}

RULE(type_unknown, "Supplied AttributeValue is empty, must contain exactly one of the supported "
                   "datatypes");
RULE(string_empty, "One or more parameter values were invalid: An AttributeValue may not contain "
                   "an empty string");
RULE(binary_empty, "One or more parameter values were invalid: An AttributeValue may not contain "
                   "a null or empty binary type.");
RULE(string_in_set_empty, "One or more parameter values were invalid: An string set  may not have "
                          "a empty string as a member");
RULE(binary_in_set_empty, "One or more parameter values were invalid: Binary sets may not contain "
                          "null or empty values");

/* Sets are sorted by their bytes: an empty element comes first. */
static bool has_empty_element(struct value set)
{
    struct value_iter iter;
    struct slice name;
    struct value element;
    value_iter_begin(&iter, set);
    return value_iter_next(&iter, &name, &element) && element.body.size == 0;
}

/* NULL: none. */
static const struct error *broken_rule(struct value value)
{
    switch (value.type) {
    case VALUE_STRING:
        return value.body.size == 0 ? &string_empty : NULL;
    case VALUE_BINARY:
        return value.body.size == 0 ? &binary_empty : NULL;
    case VALUE_STRING_SET:
        return has_empty_element(value) ? &string_in_set_empty : NULL;
    case VALUE_BINARY_SET:
        return has_empty_element(value) ? &binary_in_set_empty : NULL;
    case VALUE_NULL:
    case VALUE_FALSE:
    case VALUE_TRUE:
    case VALUE_LIST:
    case VALUE_MAP:
        return &type_unknown;
    case VALUE_ABSENT:
    case VALUE_NUMBER:
    case VALUE_NUMBER_SET:
        break;
    }
    return NULL;
}

void v2011_value_check(struct value_reading *reading)
{
    const struct error *rule = broken_rule(reading->value);
    if (rule != NULL)
        *reading = (struct value_reading){VALUE_NONE, rule, rule};
}

void v2011_item_check(struct item_reading *reading)
{
    struct value_iter iter;
    struct slice name;
    struct value value;
    if (!slice_present(reading->item))
        return;
    value_iter_begin(&iter, value_of_item(reading->item));
    while (value_iter_next(&iter, &name, &value)) {
        const struct error *rule = broken_rule(value);
        if (rule == NULL)
            continue;
        *reading = (struct item_reading){SLICE_ABSENT, rule, rule, name};
        return;
    }
}

void v2011_condition_check(struct model_condition *condition)
{
    for (size_t i = 0; i < condition->attribute_value_list.count; i++)
        v2011_value_check(&condition->attribute_value_list.items[i]);
}

const struct error *v2011_expected_translate(struct arena *arena,
                                             struct model_map_v2011_expected_attribute_map *asked,
                                             struct model_map_expected_attribute_map *ret_expected)
{
    struct model_entry_expected_attribute_map *entries =
        ARENA_NEW_ARRAY(arena, struct model_entry_expected_attribute_map, asked->count);
    if (entries == NULL)
        return error_exhausted();
    for (size_t i = 0; i < asked->count; i++) {
        struct model_v2011_expected_attribute_value *value = &asked->entries[i].value;
        v2011_value_check(&value->value);
        entries[i].key = asked->entries[i].key;
        entries[i].value.value = value->value;
        entries[i].value.exists = value->exists;
    }
    *ret_expected =
        (struct model_map_expected_attribute_map){asked->present, asked->count, entries};
    return NULL;
}
