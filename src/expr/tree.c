#include "expr/tree.h"

static const struct function_row {
    const char *name;
    enum function_use use;
    uint32_t operand_count;
} functions[] = {{"", FUNCTION_CONDITION, 0},
#define FUNCTION_ROW(id, name, use, operands) {name, FUNCTION_##use, operands},
                 FUNCTIONS(FUNCTION_ROW)
#undef FUNCTION_ROW
};

enum function_use function_use(enum function function)
{
    return functions[function].use;
}

uint32_t function_operand_count(enum function function)
{
    return functions[function].operand_count;
}

const char *function_name(enum function function)
{
    return functions[function].name;
}

enum function function_of_name(struct slice name)
{
    for (size_t i = 1; i < COUNT_OF(functions); i++)
        if (slice_equal(name, slice_of_cstring(functions[i].name)))
            return (enum function)i;
    return FUNCTION_UNKNOWN;
}

struct node *node_new(struct arena *arena, enum node_kind kind)
{
    struct node *node = ARENA_NEW(arena, struct node);
    if (node != NULL)
        node->kind = kind;
    return node;
}

struct node *node_new_over(struct arena *arena, enum node_kind kind, uint32_t operand_count)
{
    struct node *node = node_new(arena, kind);
    if (node == NULL)
        return NULL;
    node->operands = ARENA_NEW_ARRAY(arena, struct node *, operand_count);
    node->operand_count = operand_count;
    return node->operands == NULL ? NULL : node;
}

enum value_type node_static_type(const struct node *node)
{
    switch (node->kind) {
    case NODE_VALUE:
        return value_is_boolean(node->value) ? VALUE_TRUE : node->value.type;
    case NODE_CALL:
        if (node->function == FUNCTION_SIZE)
            return VALUE_NUMBER;
        return function_use(node->function) == FUNCTION_CONDITION ? VALUE_TRUE : VALUE_ABSENT;
    case NODE_PATH:
    case NODE_PLUS:
    case NODE_MINUS:
        return VALUE_ABSENT;
    default:
        return VALUE_TRUE;
    }
}

bool node_visit_paths(const struct node *node, visit_path *visit, void *context)
{
    if (node->kind == NODE_PATH)
        return visit(context, node->path);
    for (uint32_t i = 0; i < node->operand_count; i++)
        if (!node_visit_paths(node->operands[i], visit, context))
            return false;
    return true;
}
