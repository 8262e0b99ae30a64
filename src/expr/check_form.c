/* The first look at a tree: see expr/checks.h. */

#include "expr/checks.h"

enum { INDEX_MAX = INT32_MAX };

static const struct error *check_path_form(const struct source *source, const struct node *node)
{
    for (uint32_t i = 0; i < node->path.count; i++) {
        const struct path_element *element = &node->path.elements[i];
        if (element->is_index && element->index > INDEX_MAX)
            return source_error(source,
                                "List index is not within the allowable range; index: [%.*s]",
                                SLICE_PRINT(element->name));
        if (!element->is_index && expr_is_reserved_word(element->name))
            return source_error(source,
                                "Attribute name is a reserved keyword; reserved keyword: %.*s",
                                SLICE_PRINT(element->name));
    }
    return NULL;
}

/* The sign = of a SET is no operator; everything else with a sign or a name is one. */
static const struct error *count_operator(const struct source *source, unsigned *operators)
{
    if (++*operators <= EXPR_OPERATORS_MAX)
        return NULL;
    return source_error(source, "The expression contains too many operators; operator count: %u",
                        *operators);
}

static const struct error *check_operands_form(const struct source *source, const struct node *node,
                                               unsigned *operators)
{
    for (uint32_t i = 0; i < node->operand_count; i++) {
        const struct error *error = check_form_of_operand(source, node->operands[i], operators);
        if (error != NULL)
            return error;
    }
    return NULL;
}

static const struct error *check_call_place(const struct source *source, const struct node *node,
                                            bool is_condition)
{
    int size = (int)node->text.size;
    const char *name = (const char *)node->text.data;
    if (node->function == FUNCTION_UNKNOWN)
        return source_error(source, "Invalid function name; function: %.*s", size, name);
    enum function_use use = function_use(node->function);
    if (source->parameter == EXPR_UPDATE_EXPRESSION)
        return use == FUNCTION_UPDATE
                   ? NULL
                   : source_error(source,
                                  "The function is not allowed in an update expression; "
                                  "function: %.*s",
                                  size, name);
    if (use == FUNCTION_UPDATE)
        return source_error(source,
                            "The function is not allowed in a condition expression; "
                            "function: %.*s",
                            size, name);
    if (is_condition != (use == FUNCTION_CONDITION))
        return source_error(source,
                            "The function is not allowed to be used this way in an expression; "
                            "function: %.*s",
                            size, name);
    return NULL;
}

static const struct error *check_call_form(const struct source *source, const struct node *node,
                                           bool is_condition, unsigned *operators)
{
    const struct error *error = check_call_place(source, node, is_condition);
    if (error == NULL)
        error = count_operator(source, operators);
    return error != NULL ? error : check_operands_form(source, node, operators);
}

const struct error *check_form_of_operand(const struct source *source, const struct node *node,
                                          unsigned *operators)
{
    const struct error *error;
    switch (node->kind) {
    case NODE_PATH:
        return check_path_form(source, node);
    case NODE_VALUE:
        return NULL;
    case NODE_CALL:
        return check_call_form(source, node, false, operators);
    default:
        error = count_operator(source, operators);
        return error != NULL ? error : check_operands_form(source, node, operators);
    }
}

const struct error *check_form_of_condition(const struct source *source, const struct node *node,
                                            unsigned *operators)
{
    if (node->kind == NODE_CALL)
        return check_call_form(source, node, true, operators);
    const struct error *error = count_operator(source, operators);
    if (error != NULL)
        return error;
    if (node->kind < NODE_NOT)
        return check_operands_form(source, node, operators);
    for (uint32_t i = 0; i < node->operand_count; i++) {
        error = check_form_of_condition(source, node->operands[i], operators);
        if (error != NULL)
            return error;
    }
    return NULL;
}
