#include "item/value_size.h"

#include "num/num.h"

static size_t number_size(struct slice body)
{
    struct num num;
    return num_decode(body, &num) ? num_size_bytes(&num) : 0;
}

static size_t size_within(struct value value, unsigned levels);

static size_t set_size(struct value set)
{
    struct value_iter iter;
    struct value element;
    size_t size = 0;
    value_iter_begin(&iter, set);
    while (value_iter_next(&iter, NULL, &element))
        size += element.type == VALUE_NUMBER ? number_size(element.body) : element.body.size;
    return size;
}

/* levels: how many more are looked into. Recursion ends with them. */
static size_t contents_size(struct value container, unsigned levels, size_t each)
{
    struct value_iter iter;
    struct slice name;
    struct value member;
    size_t size = 0;
    value_iter_begin(&iter, container);
    while (levels > 0 && value_iter_next(&iter, &name, &member))
        size += each + name.size + size_within(member, levels - 1);
    return size;
}

static size_t size_within(struct value value, unsigned levels)
{
    switch (value.type) {
    case VALUE_NULL:
    case VALUE_FALSE:
    case VALUE_TRUE:
        return 1;
    case VALUE_NUMBER:
        return number_size(value.body);
    case VALUE_STRING:
    case VALUE_BINARY:
        return value.body.size;
    case VALUE_LIST:
    case VALUE_MAP:
        return 3 + contents_size(value, levels, 1);
    case VALUE_NUMBER_SET:
    case VALUE_STRING_SET:
    case VALUE_BINARY_SET:
        return set_size(value);
    case VALUE_ABSENT:
        break;
    }
    return 0;
}

size_t value_size_bytes(struct value value)
{
    return size_within(value, VALUE_NESTING_MAX);
}

size_t item_size_bytes(struct slice item)
{
    return contents_size(value_of_item(item), VALUE_NESTING_MAX, 0);
}
