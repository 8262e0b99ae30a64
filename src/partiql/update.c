/* SET and REMOVE. */

#include "partiql/builder.h"
#include "partiql/problem.h"

static const struct error *build_operand(const struct builder *builder, const struct syntax *syntax,
                                         struct node **ret_node);

static const struct error *build_pair(const struct builder *builder, const struct syntax *first,
                                      struct node *ret_nodes[2])
{
    const struct error *error = build_operand(builder, first, &ret_nodes[0]);
    return error != NULL ? error : build_operand(builder, first->next, &ret_nodes[1]);
}

static const struct error *done(struct node *node, struct node **ret_node)
{
    if (node == NULL)
        return error_exhausted();
    *ret_node = node;
    return NULL;
}

static const struct error *build_sum(const struct builder *builder, const struct syntax *syntax,
                                     struct node **ret_node)
{
    struct node *operands[2];
    const struct error *error = build_pair(builder, syntax->first, operands);
    if (error != NULL)
        return error;
    enum node_kind kind = syntax->word == WORD_PLUS ? NODE_PLUS : NODE_MINUS;
    return done(expr_build_over(builder->arena, kind, operands, 2), ret_node);
}

static const struct error *build_append(const struct builder *builder, const struct syntax *call,
                                        struct node **ret_node)
{
    if (call->count != 2)
        return problem(builder->arena,
                       "Incorrect number of operands for operator or function; operator or "
                       "function: list_append, number of operands: %u",
                       call->count);
    struct node *operands[2];
    const struct error *error = build_pair(builder, call->first, operands);
    if (error != NULL)
        return error;
    return done(expr_build_call(builder->arena, FUNCTION_LIST_APPEND, operands, 2), ret_node);
}

static const struct error *build_operand(const struct builder *builder, const struct syntax *syntax,
                                         struct node **ret_node)
{
    const struct error *error;
    if (is_path(syntax)) {
        struct path path;
        error = build_path(builder, syntax, &path);
        return error != NULL ? error : done(expr_build_path(builder->arena, path), ret_node);
    }
    bool sums =
        syntax->kind == SYNTAX_BINARY && (syntax->word == WORD_PLUS || syntax->word == WORD_MINUS);
    if (sums)
        return build_sum(builder, syntax, ret_node);
    if (syntax->kind == SYNTAX_CALL) {
        struct slice name = problem_lower_case(builder->arena, syntax->value);
        if (slice_equal(name, SLICE("list_append")))
            return build_append(builder, syntax, ret_node);
        return unsupported_function(builder, syntax);
    }
    if (!is_value(syntax))
        return unsupported_operation(builder, syntax);
    struct value value;
    error = build_value(builder, syntax, &value);
    return error != NULL ? error : done(expr_build_value(builder->arena, value), ret_node);
}

/* --- set_add and set_delete: a = set_add(a, <<...>>) --- */

static const char *set_function(const struct builder *builder, const struct syntax *value)
{
    if (value->kind != SYNTAX_CALL)
        return NULL;
    struct slice name = problem_lower_case(builder->arena, value->value);
    if (slice_equal(name, SLICE("set_add")))
        return "SET_ADD";
    return slice_equal(name, SLICE("set_delete")) ? "SET_DELETE" : NULL;
}

static const struct error *check_target(const struct builder *builder, const struct syntax *call,
                                        const char *function, struct path target)
{
    struct path first;
    if (is_path(call->first)) {
        const struct error *error = build_path(builder, call->first, &first);
        if (error != NULL || path_compare(first, target) == 0)
            return error;
    }
    return problem_at(builder->arena, builder->text, call->token->text,
                      "The first argument to %s must equal the assignment value", function);
}

static const struct error *build_set_change(const struct builder *builder,
                                            const struct syntax *call, const char *function,
                                            struct action *action)
{
    if (call->count != 2)
        return problem_at(builder->arena, builder->text, call->token->text,
                          "%s must have exactly two arguments", function);
    const struct error *error = check_target(builder, call, function, action->path->path);
    if (error != NULL)
        return error;
    struct value value = VALUE_NONE;
    if (is_value(call->last))
        error = build_value(builder, call->last, &value);
    if (error != NULL)
        return error;
    if (!value_is_set(value))
        return problem_at(builder->arena, builder->text, call->first->token->text,
                          "The second argument to %s must be a value with type SET", function);
    action->kind = strcmp(function, "SET_ADD") == 0 ? ACTION_ADD : ACTION_DELETE;
    return done(expr_build_value(builder->arena, value), &action->operand);
}

/* --- all --- */

static const struct error *build_action(const struct builder *builder,
                                        const struct syntax_action *syntax, struct action *action)
{
    struct path path;
    const struct error *error = build_path(builder, syntax->path, &path);
    if (error == NULL)
        error = done(expr_build_path(builder->arena, path), &action->path);
    if (error != NULL)
        return error;
    action->kind = syntax->removes ? ACTION_REMOVE : ACTION_SET;
    if (syntax->removes)
        return NULL;
    const char *function = set_function(builder, syntax->value);
    if (function != NULL)
        return build_set_change(builder, syntax->value, function, action);
    return build_operand(builder, syntax->value, &action->operand);
}

const struct error *build_update(const struct builder *builder, const struct syntax_action *actions,
                                 const struct expr_update **ret_update)
{
    size_t count = 0;
    for (const struct syntax_action *at = actions; at != NULL; at = at->next)
        count++;
    struct action *built = ARENA_NEW_ARRAY(builder->arena, struct action, count);
    if (built == NULL)
        return error_exhausted();
    size_t filled = 0;
    for (const struct syntax_action *at = actions; at != NULL; at = at->next) {
        const struct error *error = build_action(builder, at, &built[filled++]);
        if (error != NULL)
            return error;
    }
    return expr_update_build(builder->arena, built, count, ret_update);
}
