/*
 * Conditions against stored items, in place and without memory of their own.
 * Developer guide, "Condition and filter expressions, operators, and functions".
 */

#include "expr/expr.h"
#include "expr/tree.h"
#include "num/num.h"

/* The value of an operand, with room for one that is not stored anywhere: size(). */
struct operand {
    struct value value; /* VALUE_NONE: there is none */
    uint8_t number[NUM_ENCODED_BYTES_MAX];
};

/* Strings are as long as their UTF-16 form (observed): the bytes that begin a character, twice for
 * those beyond the first plane. */
static uint32_t string_length(struct slice text)
{
    uint32_t length = 0;
    for (size_t i = 0; i < text.size; i++)
        length += (uint32_t)((text.data[i] & 0xc0) != 0x80) + (uint32_t)(text.data[i] >= 0xf0);
    return length;
}

static bool value_length(struct value value, uint32_t *ret_length)
{
    switch (value.type) {
    case VALUE_STRING:
        *ret_length = string_length(value.body);
        return true;
    case VALUE_BINARY:
        *ret_length = (uint32_t)value.body.size;
        return true;
    case VALUE_LIST:
    case VALUE_MAP:
    case VALUE_NUMBER_SET:
    case VALUE_STRING_SET:
    case VALUE_BINARY_SET:
        *ret_length = value_count(value);
        return true;
    default:
        return false;
    }
}

static void evaluate_operand(const struct node *node, struct slice item,
                             struct operand *ret_operand);

static void evaluate_size(const struct node *node, struct slice item, struct operand *ret_operand)
{
    struct operand measured;
    uint32_t length;
    evaluate_operand(node->operands[0], item, &measured);
    ret_operand->value = VALUE_NONE;
    if (!value_length(measured.value, &length))
        return;
    struct num num;
    num_from_int64(length, &num);
    size_t size = num_encode(&num, ret_operand->number);
    ret_operand->value = (struct value){VALUE_NUMBER, slice_of(ret_operand->number, size)};
}

static bool node_holds(const struct node *node, struct slice item);

static void evaluate_operand(const struct node *node, struct slice item,
                             struct operand *ret_operand)
{
    if (node->kind == NODE_PATH)
        ret_operand->value = item_find(item, node->path);
    else if (node->kind == NODE_VALUE)
        ret_operand->value = node->value;
    else if (node->kind == NODE_CALL && node->function == FUNCTION_SIZE)
        evaluate_size(node, item, ret_operand);
    else
        ret_operand->value =
            (struct value){node_holds(node, item) ? VALUE_TRUE : VALUE_FALSE, SLICE("")};
}

static struct value value_of(const struct node *node, struct slice item, struct operand *room)
{
    evaluate_operand(node, item, room);
    return room->value;
}

/* --- comparisons --- */

static bool is_ordered(struct value value)
{
    return value.type == VALUE_STRING || value.type == VALUE_NUMBER || value.type == VALUE_BINARY;
}

/* Values of different types, and those without an order, are neither less nor greater. */
static bool have_order(struct value left, struct value right)
{
    return left.type == right.type && is_ordered(left);
}

static bool are_equal(struct value left, struct value right)
{
    return value_present(left) && value_present(right) && value_equal(left, right);
}

static bool compare_holds(enum node_kind kind, struct value left, struct value right)
{
    if (kind == NODE_EQUAL)
        return are_equal(left, right);
    if (kind == NODE_NOT_EQUAL)
        return !are_equal(left, right);
    if (!have_order(left, right))
        return false;
    int order = value_compare(left, right);
    switch (kind) {
    case NODE_LESS:
        return order < 0;
    case NODE_LESS_OR_EQUAL:
        return order <= 0;
    case NODE_GREATER:
        return order > 0;
    default:
        return order >= 0;
    }
}

static bool between_holds(const struct node *node, struct slice item)
{
    struct operand rooms[3];
    struct value value = value_of(node->operands[0], item, &rooms[0]);
    struct value low = value_of(node->operands[1], item, &rooms[1]);
    struct value high = value_of(node->operands[2], item, &rooms[2]);
    return compare_holds(NODE_GREATER_OR_EQUAL, value, low) &&
           compare_holds(NODE_LESS_OR_EQUAL, value, high);
}

static bool is_among(struct value value, struct node *const *ascending, uint32_t count)
{
    while (count > 0) {
        uint32_t middle = count / 2;
        struct value other = ascending[middle]->value;
        if (value.type != other.type)
            return false;
        int order = value_compare(value, other);
        if (order == 0)
            return true;
        ascending += order > 0 ? middle + 1 : 0;
        count = order > 0 ? count - middle - 1 : middle;
    }
    return false;
}

static bool in_holds(const struct node *node, struct slice item)
{
    struct operand room, other;
    struct value value = value_of(node->operands[0], item, &room);
    if (node->ascending)
        return is_among(value, node->operands + 1, node->operand_count - 1);
    for (uint32_t i = 1; i < node->operand_count; i++)
        if (are_equal(value, value_of(node->operands[i], item, &other)))
            return true;
    return false;
}

/* --- functions --- */

static bool begins_with_holds(struct value value, struct value prefix)
{
    return value.type == prefix.type &&
           (value.type == VALUE_STRING || value.type == VALUE_BINARY) &&
           slice_starts_with(value.body, prefix.body);
}

static bool list_contains(struct value list, struct value element)
{
    struct value_iter iter;
    struct slice name;
    struct value member;
    value_iter_begin(&iter, list);
    while (value_iter_next(&iter, &name, &member))
        if (are_equal(member, element))
            return true;
    return false;
}

static bool contains_holds(struct value value, struct value part)
{
    if (value.type == VALUE_LIST)
        return list_contains(value, part);
    if (value_is_set(value))
        return value_set_element_type(value.type) == part.type && value_set_contains(value, part);
    return value.type == part.type && (value.type == VALUE_STRING || value.type == VALUE_BINARY) &&
           memmem(value.body.data, value.body.size, part.body.data, part.body.size) != NULL;
}

static bool attribute_type_holds(struct value value, struct value code)
{
    return value_present(value) && code.type == VALUE_STRING &&
           slice_equal(value_type_code(value.type), code.body);
}

static bool call_holds(const struct node *node, struct slice item)
{
    struct operand rooms[2];
    struct value first = value_of(node->operands[0], item, &rooms[0]);
    struct value second =
        node->operand_count > 1 ? value_of(node->operands[1], item, &rooms[1]) : VALUE_NONE;
    switch (node->function) {
    case FUNCTION_ATTRIBUTE_EXISTS:
        return value_present(first);
    case FUNCTION_ATTRIBUTE_NOT_EXISTS:
        return !value_present(first);
    case FUNCTION_ATTRIBUTE_TYPE:
        return attribute_type_holds(first, second);
    case FUNCTION_BEGINS_WITH:
        return begins_with_holds(first, second);
    case FUNCTION_CONTAINS:
        return contains_holds(first, second);
    default:
        return false;
    }
}

/* --- the tree --- */

static bool node_holds(const struct node *node, struct slice item)
{
    struct operand rooms[2];
    switch (node->kind) {
    case NODE_AND:
    case NODE_OR:
        for (uint32_t i = 0; i < node->operand_count; i++)
            if (node_holds(node->operands[i], item) == (node->kind == NODE_OR))
                return node->kind == NODE_OR;
        return node->kind == NODE_AND;
    case NODE_NOT:
        return !node_holds(node->operands[0], item);
    case NODE_BETWEEN:
        return between_holds(node, item);
    case NODE_IN:
        return in_holds(node, item);
    case NODE_CALL:
        return call_holds(node, item);
    default:
        return compare_holds(node->kind, value_of(node->operands[0], item, &rooms[0]),
                             value_of(node->operands[1], item, &rooms[1]));
    }
}

bool expr_condition_holds(const struct expr_condition *condition, struct slice item)
{
    return condition == NULL || node_holds(condition->root, item);
}
