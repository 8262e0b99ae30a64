/*
 * WHERE. Its operators and functions are those of condition expressions, with IS beside them, names
 * of functions in any case, and conditions as booleans: attribute_exists(a) = true (observed).
 */

#include "partiql/builder.h"
#include "partiql/problem.h"

static const struct error *build_node(const struct builder *builder, const struct syntax *syntax,
                                      struct node **ret_node);

/* --- what is not supported --- */

const struct error *unsupported_function(const struct builder *builder, const struct syntax *node)
{
    struct slice name = problem_lower_case(builder->arena, node->value);
    return problem_at(builder->arena, builder->text, node->token->text,
                      "Unrecognized function: %.*s", SLICE_PRINT(name));
}

static const char *name_of(const struct syntax *node)
{
    switch (node->kind) {
    case SYNTAX_SELECT:
        return "Select";
    case SYNTAX_CHANGE:
        return "DataManipulation";
    case SYNTAX_IS:
        return "IsType";
    case SYNTAX_NAME:
        return "VariableReference";
    case SYNTAX_PATH:
        return "Path";
    case SYNTAX_CALL:
        return "Call";
    case SYNTAX_MISSING:
        return "MISSING";
    case SYNTAX_STRING:
    case SYNTAX_NUMBER:
    case SYNTAX_TRUE:
    case SYNTAX_FALSE:
    case SYNTAX_NULL:
        return "Literal";
    default:
        return NULL;
    }
}

const struct error *unsupported_operation(const struct builder *builder, const struct syntax *node)
{
    const char *name = name_of(node);
    if (name != NULL)
        return problem(builder->arena, "Unsupported operation: %s", name);
    return problem(builder->arena, "Unsupported operation: %.*s", SLICE_PRINT(node->token->text));
}

/* --- leaves --- */

static const struct error *done(struct node *node, struct node **ret_node)
{
    if (node == NULL)
        return error_exhausted();
    *ret_node = node;
    return NULL;
}

static const struct error *build_leaf(const struct builder *builder, const struct syntax *syntax,
                                      struct node **ret_node)
{
    if (is_path(syntax)) {
        struct path path;
        const struct error *error = build_path(builder, syntax, &path);
        return error != NULL ? error : done(expr_build_path(builder->arena, path), ret_node);
    }
    struct value value;
    const struct error *error = build_value(builder, syntax, &value);
    return error != NULL ? error : done(expr_build_value(builder->arena, value), ret_node);
}

/* --- over several parts --- */

/* The parts from first on, as nodes. */
static const struct error *build_parts(const struct builder *builder, const struct syntax *first,
                                       size_t count, struct node **ret_nodes)
{
    for (size_t i = 0; i < count; i++, first = first->next) {
        const struct error *error = build_node(builder, first, &ret_nodes[i]);
        if (error != NULL)
            return error;
    }
    return NULL;
}

static const struct error *negate(const struct builder *builder, bool negated, struct node *node,
                                  struct node **ret_node)
{
    if (negated)
        node = expr_build_over(builder->arena, NODE_NOT, &node, 1);
    return done(node, ret_node);
}

static const struct error *build_over(const struct builder *builder, const struct syntax *syntax,
                                      enum node_kind kind, struct node **ret_node)
{
    struct node **parts = ARENA_NEW_ARRAY(builder->arena, struct node *, syntax->count);
    if (parts == NULL)
        return error_exhausted();
    const struct error *error = build_parts(builder, syntax->first, syntax->count, parts);
    if (error != NULL)
        return error;
    return negate(builder, syntax->negated,
                  expr_build_over(builder->arena, kind, parts, syntax->count), ret_node);
}

/* a IN [b, c] or a IN (b, c). */
static const struct error *build_in(const struct builder *builder, const struct syntax *syntax,
                                    struct node **ret_node)
{
    const struct syntax *list = syntax->last;
    if (list->kind != SYNTAX_LIST)
        return unsupported_operation(builder, syntax);
    if (list->count == 0)
        return problem(builder->arena, "The IN operator is provided with too few operands; number "
                                       "of operands: 0");
    struct node **parts = ARENA_NEW_ARRAY(builder->arena, struct node *, list->count + 1);
    if (parts == NULL)
        return error_exhausted();
    const struct error *error = build_node(builder, syntax->first, &parts[0]);
    if (error == NULL)
        error = build_parts(builder, list->first, list->count, &parts[1]);
    if (error != NULL)
        return error;
    return negate(builder, syntax->negated,
                  expr_build_over(builder->arena, NODE_IN, parts, list->count + 1), ret_node);
}

/* --- IS --- */

/* The code of the type that a word after IS names; absent: none that an attribute can have. */
static struct slice code_of_type(enum word word)
{
    switch (word) {
    case WORD_NULL:
        return SLICE("NULL");
    case WORD_BOOL:
    case WORD_BOOLEAN:
        return SLICE("BOOL");
    case WORD_STRING:
        return SLICE("S");
    case WORD_NUMERIC:
    case WORD_DEC:
    case WORD_DECIMAL:
        return SLICE("N");
    case WORD_BLOB:
        return SLICE("B");
    case WORD_LIST:
        return SLICE("L");
    case WORD_STRUCT:
    case WORD_TUPLE:
        return SLICE("M");
    default:
        return SLICE_ABSENT;
    }
}

static const struct error *build_is(const struct builder *builder, const struct syntax *syntax,
                                    struct node **ret_node)
{
    struct node *operands[2] = {NULL, NULL};
    const struct error *error = build_node(builder, syntax->first, &operands[0]);
    if (error != NULL)
        return error;
    if (syntax->word == WORD_MISSING) {
        enum function function =
            syntax->negated ? FUNCTION_ATTRIBUTE_EXISTS : FUNCTION_ATTRIBUTE_NOT_EXISTS;
        return done(expr_build_call(builder->arena, function, operands, 1), ret_node);
    }
    struct slice code = code_of_type(syntax->word);
    if (!slice_present(code))
        return problem(builder->arena, "Unsupported data type for IS operator: %.*s",
                       SLICE_PRINT(syntax->token[1].text));
    operands[1] = expr_build_value(builder->arena, value_string(code));
    return negate(builder, syntax->negated,
                  expr_build_call(builder->arena, FUNCTION_ATTRIBUTE_TYPE, operands, 2), ret_node);
}

/* --- functions --- */

static const struct error *build_call(const struct builder *builder, const struct syntax *syntax,
                                      struct node **ret_node)
{
    enum function function = function_of_name(problem_lower_case(builder->arena, syntax->value));
    if (function == FUNCTION_UNKNOWN || function_use(function) == FUNCTION_UPDATE)
        return unsupported_function(builder, syntax);
    struct node **operands = ARENA_NEW_ARRAY(builder->arena, struct node *, syntax->count);
    if (operands == NULL)
        return error_exhausted();
    const struct error *error = build_parts(builder, syntax->first, syntax->count, operands);
    if (error != NULL)
        return error;
    return done(expr_build_call(builder->arena, function, operands, syntax->count), ret_node);
}

/* --- operators --- */

static const struct operator_row {
    enum word word;
    enum node_kind kind;
} operators[] = {
    {WORD_EQUAL, NODE_EQUAL},     {WORD_NOT_EQUAL, NODE_NOT_EQUAL},
    {WORD_LESS, NODE_LESS},       {WORD_LESS_OR_EQUAL, NODE_LESS_OR_EQUAL},
    {WORD_GREATER, NODE_GREATER}, {WORD_GREATER_OR_EQUAL, NODE_GREATER_OR_EQUAL},
};

static const struct error *build_binary(const struct builder *builder, const struct syntax *syntax,
                                        struct node **ret_node)
{
    for (size_t i = 0; i < COUNT_OF(operators); i++)
        if (operators[i].word == syntax->word)
            return build_over(builder, syntax, operators[i].kind, ret_node);
    return unsupported_operation(builder, syntax);
}

static const struct error *build_node(const struct builder *builder, const struct syntax *syntax,
                                      struct node **ret_node)
{
    if (is_path(syntax) || is_value(syntax))
        return build_leaf(builder, syntax, ret_node);
    switch (syntax->kind) {
    case SYNTAX_AND:
        return build_over(builder, syntax, NODE_AND, ret_node);
    case SYNTAX_OR:
        return build_over(builder, syntax, NODE_OR, ret_node);
    case SYNTAX_NOT:
        return build_over(builder, syntax, NODE_NOT, ret_node);
    case SYNTAX_BETWEEN:
        return build_over(builder, syntax, NODE_BETWEEN, ret_node);
    case SYNTAX_IN:
        return build_in(builder, syntax, ret_node);
    case SYNTAX_IS:
        return build_is(builder, syntax, ret_node);
    case SYNTAX_CALL:
        return build_call(builder, syntax, ret_node);
    case SYNTAX_BINARY:
        return build_binary(builder, syntax, ret_node);
    default:
        return unsupported_operation(builder, syntax);
    }
}

/* --- the whole --- */

static bool is_condition(const struct node *node)
{
    if (node->kind == NODE_CALL)
        return function_use(node->function) == FUNCTION_CONDITION;
    return !node_is_operand(node);
}

/* AND, OR and NOT join conditions only, wherever they stand: they may be operands themselves. */
static const struct error *check_conditions(const struct builder *builder, const struct node *node,
                                            bool wants_condition)
{
    if (wants_condition && !is_condition(node))
        return problem(builder->arena,
                       "A condition must be a comparison or a function that is one");
    for (uint32_t i = 0; i < node->operand_count; i++) {
        const struct error *error =
            check_conditions(builder, node->operands[i], node->kind >= NODE_NOT);
        if (error != NULL)
            return error;
    }
    return NULL;
}

const struct error *build_where(const struct builder *builder, const struct syntax *where,
                                const struct expr_condition **ret_condition)
{
    *ret_condition = NULL;
    if (where == NULL)
        return NULL;
    struct node *root;
    const struct error *error = build_node(builder, where, &root);
    if (error == NULL)
        error = check_conditions(builder, root, true);
    if (error != NULL)
        return error;
    return expr_condition_build(builder->arena, root, ret_condition);
}
