/* Update expressions before there is an item: parsing, the checks in the service's order, and what
 * callers want to know of one. Developer guide, "Update expressions". */

#include "expr/checks.h"

static const char *const clause_names[ACTION_KIND_COUNT] = {
    [ACTION_SET] = "SET",
    [ACTION_REMOVE] = "REMOVE",
    [ACTION_ADD] = "ADD",
    [ACTION_DELETE] = "DELETE",
};

/* All clauses of one kind, then whether there is more than one. */
static const struct error *check_clause_form(const struct source *source,
                                             const struct expr_update *update, int kind,
                                             unsigned *operators)
{
    bool repeated = false;
    const struct action *first = NULL;
    for (size_t i = 0; i < update->action_count; i++) {
        const struct action *action = &update->actions[i];
        if ((int)action->kind != kind)
            continue;
        first = first == NULL ? action : first;
        repeated = repeated || action->clause != first->clause;
        const struct error *error = check_form_of_operand(source, action->path, operators);
        if (error == NULL && action->operand != NULL)
            error = check_form_of_operand(source, action->operand, operators);
        if (error != NULL)
            return error;
    }
    if (!repeated)
        return NULL;
    return source_error(source, "The \"%s\" section can only be used once in an update expression;",
                        clause_names[kind]);
}

/* In the order in which each kind of clause first appears. */
static const struct error *check_form(const struct source *source, const struct expr_update *update)
{
    bool seen[ACTION_KIND_COUNT] = {false};
    unsigned operators = 0;
    for (size_t i = 0; i < update->action_count; i++) {
        int kind = (int)update->actions[i].kind;
        if (seen[kind])
            continue;
        seen[kind] = true;
        const struct error *error = check_clause_form(source, update, kind, &operators);
        if (error != NULL)
            return error;
    }
    return NULL;
}

static const struct error *resolve_targets(const struct source *source, struct expr_update *update)
{
    update->paths = ARENA_NEW_ARRAY(source->scope->arena, struct path, update->action_count);
    if (update->paths == NULL)
        return error_exhausted();
    for (size_t i = 0; i < update->action_count; i++) {
        struct node *path = update->actions[i].path;
        const struct error *error = resolve(source, path, RESOLVE_NAMES);
        if (error != NULL)
            return error;
        update->paths[i] = path->path;
    }
    return check_apart(source, update->paths, update->action_count);
}

/* The long names of types that only these errors use. */
static const char *type_word(enum value_type type)
{
    switch (type) {
    case VALUE_STRING:
        return "STRING";
    case VALUE_NUMBER:
        return "NUMBER";
    case VALUE_BINARY:
        return "BINARY";
    case VALUE_NULL:
        return "NULL";
    case VALUE_LIST:
        return "LIST";
    case VALUE_MAP:
        return "MAP";
    default:
        return "BOOLEAN";
    }
}

static const struct error *check_added_type(const struct source *source,
                                            const struct action *action)
{
    struct value value = action->operand->value;
    if (value_is_set(value) || (action->kind == ACTION_ADD && value.type == VALUE_NUMBER))
        return NULL;
    return source_error(source,
                        "Incorrect operand type for operator or function; operator: %s, operand "
                        "type: %s, typeSet: ALLOWED_FOR_%s_OPERAND",
                        clause_names[action->kind], type_word(value.type),
                        clause_names[action->kind]);
}

static const struct error *check_action(const struct source *source, const struct action *action)
{
    const struct error *error = check_operands(source, action->path);
    if (error != NULL || action->operand == NULL)
        return error;
    error = resolve(source, action->operand, RESOLVE_VALUES);
    if (error == NULL)
        error = check_operands(source, action->operand);
    if (error != NULL || action->kind == ACTION_SET)
        return error;
    return check_added_type(source, action);
}

/* The service goes from the last action to the first, once for names, once for the rest (observed).
 */
static const struct error *check_actions(const struct source *source,
                                         const struct expr_update *update)
{
    const struct error *error = NULL;
    for (size_t i = update->action_count; i-- > 0 && error == NULL;)
        if (update->actions[i].operand != NULL)
            error = resolve(source, update->actions[i].operand, RESOLVE_NAMES);
    for (size_t i = update->action_count; error == NULL && i-- > 0;)
        error = check_action(source, &update->actions[i]);
    return error;
}

const struct error *expr_update_parse(struct expr_scope *scope, struct slice text,
                                      const struct expr_update **ret_update)
{
    const struct source source = {scope, EXPR_UPDATE_EXPRESSION};
    struct expr_update *update = ARENA_NEW(scope->arena, struct expr_update);
    if (update == NULL)
        return error_exhausted();
    const struct error *error = parse_update(&source, text, update);
    if (error == NULL)
        error = check_form(&source, update);
    if (error == NULL)
        error = resolve_targets(&source, update);
    if (error == NULL)
        error = check_actions(&source, update);
    if (error == NULL)
        *ret_update = update;
    return error;
}

void expr_update_paths(const struct expr_update *update, const struct path **ret_paths,
                       size_t *ret_count)
{
    *ret_paths = update->paths;
    *ret_count = update->action_count;
}

static enum value_type known_type(const struct node *operand)
{
    switch (operand->kind) {
    case NODE_VALUE:
        return operand->value.type;
    case NODE_PLUS:
    case NODE_MINUS:
        return VALUE_NUMBER;
    case NODE_CALL:
        return operand->function == FUNCTION_LIST_APPEND ? VALUE_LIST : VALUE_ABSENT;
    default:
        return VALUE_ABSENT;
    }
}

enum value_type expr_update_known_type(const struct expr_update *update, struct slice name)
{
    for (size_t i = 0; i < update->action_count; i++) {
        const struct action *action = &update->actions[i];
        const struct path *path = &update->paths[i];
        bool writes = action->kind == ACTION_SET || action->kind == ACTION_ADD;
        if (writes && path->count == 1 && slice_equal(path->elements[0].name, name))
            return known_type(action->operand);
    }
    return VALUE_ABSENT;
}

void expr_update_visit_paths(const struct expr_update *update, expr_visit_path *visit,
                             void *context)
{
    for (size_t i = 0; i < update->action_count; i++) {
        const struct node *operand = update->actions[i].operand;
        if (operand != NULL && !node_visit_paths(operand, visit, context))
            return;
    }
}

bool expr_update_only_clears(const struct expr_update *update)
{
    for (size_t i = 0; i < update->action_count; i++)
        if (!action_clears(&update->actions[i]))
            return false;
    return update->action_count > 0;
}
