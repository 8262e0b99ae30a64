/*
 * Key conditions: a condition whose shape is then checked. Errors of the shape carry no prefix
 * (observed). Developer guide, "Key condition expressions for the Query operation".
 */

#include "expr/checks.h"

struct terms {
    struct arena *arena;
    struct expr_key_term *terms;
    size_t count;
};

static const struct error *fail(const struct terms *terms, const char *format, ...)
    PRINTF_LIKE(2, 3);

static const struct error *fail(const struct terms *terms, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const struct error *error = error_make_va(terms->arena, ERROR_VALIDATION, format, arguments);
    va_end(arguments);
    return error;
}

static const struct error *check_operator(const struct terms *terms, const struct node *node)
{
    bool unusable = node->kind == NODE_OR || node->kind == NODE_NOT || node->kind == NODE_IN ||
                    node->kind == NODE_NOT_EQUAL ||
                    (node->kind == NODE_CALL && node->function != FUNCTION_BEGINS_WITH);
    if (unusable)
        return fail(terms, "Invalid operator used in KeyConditionExpression: %.*s",
                    SLICE_PRINT(node->text));
    if ((node->kind == NODE_BETWEEN || node->kind == NODE_CALL) &&
        node->operands[0]->kind != NODE_PATH)
        return fail(terms,
                    "Invalid condition in KeyConditionExpression: %.*s operator must have the key "
                    "attribute as its first operand",
                    SLICE_PRINT(node->text));
    return NULL;
}

/* Exactly one operand is a plain attribute, the others are values. */
static const struct error *find_attribute(const struct terms *terms, const struct node *node,
                                          uint32_t *ret_at)
{
    bool found = false;
    for (uint32_t i = 0; i < node->operand_count; i++) {
        const struct node *operand = node->operands[i];
        if (operand->kind == NODE_CALL)
            return fail(terms, "KeyConditionExpressions cannot contain nested operations");
        if (operand->kind != NODE_PATH)
            continue;
        if (found)
            return fail(terms, "Invalid condition in KeyConditionExpression: Multiple attribute "
                               "names used in one condition");
        if (operand->path.count > 1)
            return fail(terms,
                        "KeyConditionExpressions cannot have conditions on nested attributes");
        found = true;
        *ret_at = i;
    }
    if (!found)
        return fail(terms,
                    "Invalid condition in KeyConditionExpression: No key attribute specified");
    return NULL;
}

static enum expr_key_operator operator_of(enum node_kind kind)
{
    switch (kind) {
    case NODE_LESS:
        return EXPR_KEY_LESS;
    case NODE_LESS_OR_EQUAL:
        return EXPR_KEY_LESS_OR_EQUAL;
    case NODE_GREATER:
        return EXPR_KEY_GREATER;
    case NODE_GREATER_OR_EQUAL:
        return EXPR_KEY_GREATER_OR_EQUAL;
    case NODE_BETWEEN:
        return EXPR_KEY_BETWEEN;
    case NODE_CALL:
        return EXPR_KEY_BEGINS_WITH;
    default:
        return EXPR_KEY_EQUAL;
    }
}

/* :v < a says a > :v. */
static enum expr_key_operator turned_around(enum expr_key_operator operator)
{
    switch (operator) {
    case EXPR_KEY_LESS:
        return EXPR_KEY_GREATER;
    case EXPR_KEY_LESS_OR_EQUAL:
        return EXPR_KEY_GREATER_OR_EQUAL;
    case EXPR_KEY_GREATER:
        return EXPR_KEY_LESS;
    case EXPR_KEY_GREATER_OR_EQUAL:
        return EXPR_KEY_LESS_OR_EQUAL;
    default:
        return operator;
    }
}

static const struct error *add_term(struct terms *terms, const struct node *node)
{
    const struct error *error = check_operator(terms, node);
    uint32_t at = 0;
    if (error == NULL)
        error = find_attribute(terms, node, &at);
    if (error != NULL)
        return error;
    struct slice name = node->operands[at]->path.elements[0].name;
    for (size_t i = 0; i < terms->count; i++)
        if (slice_equal(terms->terms[i].name, name))
            return fail(terms, "KeyConditionExpressions must only contain one condition per key");
    struct expr_key_term *term = &terms->terms[terms->count++];
    term->name = name;
    term->operator= operator_of(node->kind);
    if (at > 0)
        term->operator= turned_around(term->operator);
    uint32_t filled = 0;
    for (uint32_t i = 0; i < node->operand_count; i++)
        if (i != at)
            term->operand[filled++] = node->operands[i]->value;
    return NULL;
}

static const struct error *add_terms(struct terms *terms, const struct node *node)
{
    if (node->kind != NODE_AND)
        return add_term(terms, node);
    const struct error *error = add_terms(terms, node->operands[0]);
    return error != NULL ? error : add_terms(terms, node->operands[1]);
}

static size_t count_terms(const struct node *node)
{
    if (node->kind != NODE_AND)
        return 1;
    return count_terms(node->operands[0]) + count_terms(node->operands[1]);
}

const struct error *expr_key_condition_of(struct arena *arena,
                                          const struct expr_condition *condition,
                                          struct expr_key_condition *ret_condition)
{
    size_t count = count_terms(condition->root);
    struct terms terms = {
        .arena = arena,
        .terms = ARENA_NEW_ARRAY(arena, struct expr_key_term, count),
    };
    if (terms.terms == NULL)
        return error_exhausted();
    const struct error *error = add_terms(&terms, condition->root);
    if (error == NULL)
        *ret_condition = (struct expr_key_condition){terms.terms, terms.count};
    return error;
}

const struct error *expr_key_condition_parse(struct expr_scope *scope, struct slice text,
                                             struct expr_key_condition *ret_condition)
{
    const struct expr_condition *condition;
    const struct error *error =
        expr_condition_parse(scope, EXPR_KEY_CONDITION_EXPRESSION, text, &condition);
    return error != NULL ? error : expr_key_condition_of(scope->arena, condition, ret_condition);
}
