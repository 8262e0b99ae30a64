/*
 * What an update expression is charged for, in bytes: not the item it makes, but what it says.
 * Each of the numbers is observed (public captures, October 2026); they look like the size of a
 * record in which the service keeps the expression.
 */

#include "expr/expr.h"
#include "expr/tree.h"
#include "item/value_size.h"

enum {
    UPDATE_BYTES = 3,
    WRITING_ACTION_BYTES = 19, /* SET, ADD */
    CLEARING_ACTION_BYTES = 1, /* REMOVE, DELETE */
    TARGET_STEP_BYTES = 4,     /* each element of a written path but the first */
    OPERAND_PATH_BYTES = 1,
    OPERAND_STEP_BYTES = 14, /* each element of a path that is read */
    PLUS_BYTES = 34,
    MINUS_BYTES = 37,
    LIST_APPEND_BYTES = 37,
    IF_NOT_EXISTS_BYTES = 39,
};

/* A name's bytes, an index's digits. */
static size_t element_charge(const struct path_element *element)
{
    if (!element->is_index)
        return element->name.size;
    size_t digits = 1;
    for (uint32_t rest = element->index; rest >= 10; rest /= 10)
        digits++;
    return digits;
}

static size_t elements_charge(struct path path, size_t each)
{
    size_t bytes = path.count * each;
    for (uint32_t i = 0; i < path.count; i++)
        bytes += element_charge(&path.elements[i]);
    return bytes;
}

static size_t target_charge(struct path path)
{
    return elements_charge(path, TARGET_STEP_BYTES) - TARGET_STEP_BYTES;
}

static size_t operator_charge(const struct node *node)
{
    switch (node->kind) {
    case NODE_PLUS:
        return PLUS_BYTES;
    case NODE_MINUS:
        return MINUS_BYTES;
    default:
        return node->function == FUNCTION_LIST_APPEND ? LIST_APPEND_BYTES : IF_NOT_EXISTS_BYTES;
    }
}

/* As deep as the parser lets operands nest. */
static size_t operand_charge(const struct node *node)
{
    if (node->kind == NODE_VALUE)
        return value_size_bytes(node->value);
    if (node->kind == NODE_PATH)
        return OPERAND_PATH_BYTES + elements_charge(node->path, OPERAND_STEP_BYTES);
    size_t bytes = operator_charge(node);
    for (uint32_t i = 0; i < node->operand_count; i++)
        bytes += operand_charge(node->operands[i]);
    return bytes;
}

size_t expr_update_charge_bytes(const struct expr_update *update)
{
    size_t bytes = UPDATE_BYTES;
    for (size_t i = 0; i < update->action_count; i++) {
        const struct action *action = &update->actions[i];
        bytes += target_charge(update->paths[i]);
        if (action_clears(action))
            bytes += CLEARING_ACTION_BYTES;
        else
            bytes += WRITING_ACTION_BYTES + operand_charge(action->operand);
    }
    return bytes;
}
