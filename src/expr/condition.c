#include "expr/checks.h"

const struct error *expr_condition_parse(struct expr_scope *scope, enum expr_parameter parameter,
                                         struct slice text,
                                         const struct expr_condition **ret_condition)
{
    const struct source source = {scope, parameter};
    struct node *root = NULL;
    unsigned operators = 0;
    const struct error *error = parse_condition(&source, text, &root);
    if (error == NULL)
        error = check_form_of_condition(&source, root, &operators);
    if (error == NULL)
        error = check_condition(&source, root);
    if (error != NULL)
        return error;
    struct expr_condition *condition = ARENA_NEW(scope->arena, struct expr_condition);
    if (condition == NULL)
        return error_exhausted();
    condition->root = root;
    *ret_condition = condition;
    return NULL;
}

void expr_condition_visit_paths(const struct expr_condition *condition, expr_visit_path *visit,
                                void *context)
{
    if (condition != NULL)
        (void)node_visit_paths(condition->root, visit, context);
}

const struct error *expr_projection_parse(struct expr_scope *scope, struct slice text,
                                          struct expr_projection *ret_projection)
{
    const struct source source = {scope, EXPR_PROJECTION_EXPRESSION};
    struct node **nodes = NULL;
    size_t count = 0;
    unsigned operators = 0;
    const struct error *error = parse_projection(&source, text, &nodes, &count);
    for (size_t i = 0; i < count && error == NULL; i++)
        error = check_form_of_operand(&source, nodes[i], &operators);
    for (size_t i = 0; i < count && error == NULL; i++) {
        error = resolve(&source, nodes[i], RESOLVE_NAMES);
        if (error == NULL)
            error = check_operands(&source, nodes[i]);
    }
    if (error != NULL)
        return error;
    struct path *paths = ARENA_NEW_ARRAY(scope->arena, struct path, count);
    if (paths == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++)
        paths[i] = nodes[i]->path;
    error = check_apart(&source, paths, count);
    if (error != NULL)
        return error;
    struct path_set set;
    if (!path_set_make(scope->arena, paths, count, &set))
        return error_exhausted();
    *ret_projection = (struct expr_projection){paths, count, set};
    return NULL;
}
