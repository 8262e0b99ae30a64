#include "expr/build.h"

#include "expr/checks.h"

static const struct slice operator_texts[] = {
    [NODE_PLUS] = SLICE_INIT("+"),          [NODE_MINUS] = SLICE_INIT("-"),
    [NODE_EQUAL] = SLICE_INIT("="),         [NODE_NOT_EQUAL] = SLICE_INIT("<>"),
    [NODE_LESS] = SLICE_INIT("<"),          [NODE_LESS_OR_EQUAL] = SLICE_INIT("<="),
    [NODE_GREATER] = SLICE_INIT(">"),       [NODE_GREATER_OR_EQUAL] = SLICE_INIT(">="),
    [NODE_BETWEEN] = SLICE_INIT("BETWEEN"), [NODE_IN] = SLICE_INIT("IN"),
    [NODE_NOT] = SLICE_INIT("NOT"),         [NODE_AND] = SLICE_INIT("AND"),
    [NODE_OR] = SLICE_INIT("OR"),
};

struct node *expr_build_path(struct arena *arena, struct path path)
{
    struct node *node = node_new(arena, NODE_PATH);
    if (node == NULL)
        return NULL;
    node->path = path;
    node->resolved = true;
    return node;
}

struct node *expr_build_value(struct arena *arena, struct value value)
{
    struct node *node = node_new(arena, NODE_VALUE);
    if (node == NULL)
        return NULL;
    node->value = value;
    node->resolved = true;
    return node;
}

static struct node *build_over(struct arena *arena, enum node_kind kind,
                               struct node *const *operands, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (operands[i] == NULL)
            return NULL;
    struct node *node = node_new_over(arena, kind, (uint32_t)count);
    if (node != NULL && count > 0)
        memcpy(node->operands, operands, count * sizeof(*operands));
    return node;
}

struct node *expr_build_over(struct arena *arena, enum node_kind kind, struct node *const *operands,
                             size_t count)
{
    struct node *node = build_over(arena, kind, operands, count);
    if (node != NULL)
        node->text = operator_texts[kind];
    return node;
}

struct node *expr_build_call(struct arena *arena, enum function function,
                             struct node *const *operands, size_t count)
{
    struct node *node = build_over(arena, NODE_CALL, operands, count);
    if (node == NULL)
        return NULL;
    node->function = function;
    node->text = slice_of_cstring(function_name(function));
    return node;
}

/* A joint of n conditions is n - 1 operators. */
static size_t count_operators(const struct node *node)
{
    if (node->kind == NODE_PATH || node->kind == NODE_VALUE)
        return 0;
    bool joins = node->kind == NODE_AND || node->kind == NODE_OR;
    size_t count = joins && node->operand_count > 1 ? node->operand_count - 1 : 1;
    for (uint32_t i = 0; i < node->operand_count; i++)
        count += count_operators(node->operands[i]);
    return count;
}

const struct error *expr_condition_build(struct arena *arena, struct node *root,
                                         const struct expr_condition **ret_condition)
{
    struct expr_scope scope = {.arena = arena};
    const struct source source = {&scope, EXPR_STATEMENT};
    size_t operators = count_operators(root);
    if (operators > EXPR_OPERATORS_MAX)
        return source_error(
            &source, "The expression contains too many operators; operator count: %zu", operators);
    const struct error *error = check_operands(&source, root);
    if (error != NULL)
        return error;
    struct expr_condition *condition = ARENA_NEW(arena, struct expr_condition);
    if (condition == NULL)
        return error_exhausted();
    condition->root = root;
    *ret_condition = condition;
    return NULL;
}

static const struct error *check_actions(const struct source *source,
                                         const struct expr_update *update)
{
    for (size_t i = 0; i < update->action_count; i++) {
        const struct action *action = &update->actions[i];
        const struct error *error = check_operands(source, action->path);
        if (error == NULL && action->operand != NULL)
            error = check_operands(source, action->operand);
        if (error != NULL)
            return error;
    }
    return check_apart(source, update->paths, update->action_count);
}

const struct error *expr_update_build(struct arena *arena, struct action *actions, size_t count,
                                      const struct expr_update **ret_update)
{
    struct expr_scope scope = {.arena = arena};
    const struct source source = {&scope, EXPR_STATEMENT};
    struct expr_update *update = ARENA_NEW(arena, struct expr_update);
    if (update == NULL)
        return error_exhausted();
    update->actions = actions;
    update->action_count = count;
    update->clause_count = (uint32_t)count;
    update->paths = ARENA_NEW_ARRAY(arena, struct path, count);
    if (update->paths == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++) {
        actions[i].clause = (uint32_t)i;
        update->paths[i] = actions[i].path->path;
    }
    const struct error *error = check_actions(&source, update);
    if (error == NULL)
        *ret_update = update;
    return error;
}
