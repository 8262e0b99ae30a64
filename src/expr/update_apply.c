/*
 * An update on an item. Everything it reads is the item as it was. What can go wrong is reported in
 * the service's order (observed):
 *   1. a path into something that is there but is no map or list,
 *   2. a value of the wrong type, in any action,
 *   3. clause by clause from the last one: a path into nothing, then a SET that reads nothing,
 *   4. numbers out of range.
 */

#include "expr/expr.h"
#include "expr/tree.h"
#include "num/num.h"

/* What an action comes to. */
struct effect {
    struct value value; /* VALUE_NONE: remove, or leave alone */
    bool leaves_alone;
    const struct error *missing; /* reads an attribute that is not there */
    const struct error *range;   /* a number out of range */
};

struct application {
    const struct expr_update *update;
    struct arena *arena;
    struct slice item;
    struct effect *effects; /* one for each action */
};

/* --- errors --- */

static const struct error *fail(const struct application *application, const char *message)
{
    return error_make(application->arena, ERROR_VALIDATION, "%s", message);
}

static const struct error *fail_path(const struct application *application)
{
    return fail(application,
                "The document path provided in the update expression is invalid for update");
}

static const struct error *fail_type(const struct application *application)
{
    return fail(application,
                application->update->legacy
                    ? "Type mismatch for attribute to update"
                    : "An operand in the update expression has an incorrect data type");
}

static const struct error *fail_number(const struct application *application,
                                       enum num_status status)
{
    return fail(application, status == NUM_UNDERFLOW
                                 ? "Number underflow. Attempting to store a number with magnitude "
                                   "smaller than supported range"
                                 : "Number overflow. Attempting to store a number with magnitude "
                                   "larger than supported range");
}

/* --- values of SET --- */

/* Takes the type error back; what is missing or out of range goes into the effect, and the value is
 * VALUE_NONE then. */
static const struct error *evaluate(const struct application *application, const struct node *node,
                                    struct effect *effect, struct value *ret_value);

static const struct error *add_numbers(const struct application *application, bool subtract,
                                       struct value left, struct value right, struct effect *effect,
                                       struct value *ret_value)
{
    struct num one, other, sum;
    if (!value_to_num(left, &one) || !value_to_num(right, &other))
        return fail_type(application);
    enum num_status status =
        subtract ? num_subtract(&one, &other, &sum) : num_add(&one, &other, &sum);
    if (status != NUM_OK) {
        effect->range = fail_number(application, status);
        *ret_value = VALUE_NONE;
        return NULL;
    }
    return value_build_number(application->arena, &sum, ret_value) ? NULL : error_exhausted();
}

static void copy_elements(struct value list, struct value *elements)
{
    struct value_iter iter;
    struct slice name;
    value_iter_begin(&iter, list);
    for (size_t i = 0; value_iter_next(&iter, &name, &elements[i]); i++)
        ;
}

static const struct error *append_list(const struct application *application, struct value left,
                                       struct value right, struct value *ret_value)
{
    struct arena *arena = application->arena;
    size_t left_count = value_count(left);
    size_t count = left_count + value_count(right);
    struct value *elements = ARENA_NEW_ARRAY(arena, struct value, count);
    if (elements == NULL)
        return error_exhausted();
    copy_elements(left, elements);
    copy_elements(right, elements + left_count);
    return value_build_list(arena, elements, count, ret_value) ? NULL : error_exhausted();
}

/* Both operands, which must be of that type if they are there. */
static const struct error *evaluate_pair(const struct application *application,
                                         const struct node *node, enum value_type type,
                                         struct effect *effect, struct value ret_values[2])
{
    for (uint32_t i = 0; i < 2; i++) {
        const struct error *error =
            evaluate(application, node->operands[i], effect, &ret_values[i]);
        if (error != NULL)
            return error;
        if (!value_present(ret_values[i]))
            return NULL;
        if (ret_values[i].type != type)
            return fail_type(application);
    }
    return NULL;
}

static const struct error *evaluate_path(const struct application *application,
                                         const struct node *node, struct effect *effect,
                                         struct value *ret_value)
{
    *ret_value = item_find(application->item, node->path);
    if (!value_present(*ret_value))
        effect->missing = fail(application, "The provided expression refers to an attribute that "
                                            "does not exist in the item");
    return NULL;
}

static const struct error *evaluate_if_not_exists(const struct application *application,
                                                  const struct node *node, struct effect *effect,
                                                  struct value *ret_value)
{
    *ret_value = item_find(application->item, node->operands[0]->path);
    if (value_present(*ret_value))
        return NULL;
    return evaluate(application, node->operands[1], effect, ret_value);
}

static const struct error *evaluate(const struct application *application, const struct node *node,
                                    struct effect *effect, struct value *ret_value)
{
    if (node->kind == NODE_VALUE) {
        *ret_value = node->value;
        return NULL;
    }
    if (node->kind == NODE_PATH)
        return evaluate_path(application, node, effect, ret_value);
    if (node->kind == NODE_CALL && node->function == FUNCTION_IF_NOT_EXISTS)
        return evaluate_if_not_exists(application, node, effect, ret_value);
    bool is_list = node->kind == NODE_CALL;
    struct value pair[2] = {VALUE_NONE, VALUE_NONE};
    *ret_value = VALUE_NONE;
    const struct error *error =
        evaluate_pair(application, node, is_list ? VALUE_LIST : VALUE_NUMBER, effect, pair);
    if (error != NULL || !value_present(pair[0]) || !value_present(pair[1]))
        return error;
    if (is_list)
        return append_list(application, pair[0], pair[1], ret_value);
    return add_numbers(application, node->kind == NODE_MINUS, pair[0], pair[1], effect, ret_value);
}

/* --- ADD and DELETE --- */

static const struct error *unite_sets(const struct application *application, struct value left,
                                      struct value right, struct value *ret_set)
{
    struct arena *arena = application->arena;
    size_t left_count = value_count(left);
    size_t count = left_count + value_count(right);
    struct value *elements = ARENA_NEW_ARRAY(arena, struct value, count);
    if (elements == NULL)
        return error_exhausted();
    copy_elements(left, elements);
    copy_elements(right, elements + left_count);
    return value_build_set(arena, left.type, elements, count, ret_set) ? NULL : error_exhausted();
}

/* VALUE_NONE when nothing is left. Both sets are sorted: one walk beside the other. */
static const struct error *subtract_set(const struct application *application, struct value from,
                                        struct value taken, struct value *ret_set)
{
    struct arena *arena = application->arena;
    struct value *kept = ARENA_NEW_ARRAY(arena, struct value, value_count(from));
    if (kept == NULL)
        return error_exhausted();
    size_t count = 0;
    struct value_iter from_iter, taken_iter;
    struct slice name;
    struct value element, gone;
    value_iter_begin(&from_iter, from);
    value_iter_begin(&taken_iter, taken);
    bool more = value_iter_next(&taken_iter, &name, &gone);
    while (value_iter_next(&from_iter, &name, &element)) {
        while (more && slice_compare(gone.body, element.body) < 0)
            more = value_iter_next(&taken_iter, &name, &gone);
        if (!more || !slice_equal(gone.body, element.body))
            kept[count++] = element;
    }
    *ret_set = VALUE_NONE;
    if (count == 0)
        return NULL;
    return value_build_set(arena, from.type, kept, count, ret_set) ? NULL : error_exhausted();
}

/* Numbers add up, sets unite, and the legacy ADD appends to lists. */
static const struct error *apply_add(const struct application *application,
                                     const struct action *action, struct effect *effect)
{
    struct value added = action->operand->value;
    struct value old = item_find(application->item, action->path->path);
    effect->value = added;
    if (!value_present(old))
        return NULL;
    if (old.type != added.type)
        return fail_type(application);
    if (value_is_set(added))
        return unite_sets(application, old, added, &effect->value);
    if (added.type == VALUE_LIST)
        return append_list(application, old, added, &effect->value);
    const struct error *error = add_numbers(application, false, old, added, effect, &effect->value);
    return error != NULL ? error : effect->range;
}

static const struct error *apply_delete(const struct application *application,
                                        const struct action *action, struct effect *effect)
{
    struct value taken = action->operand->value;
    struct value old = item_find(application->item, action->path->path);
    effect->leaves_alone = !value_present(old);
    if (effect->leaves_alone)
        return NULL;
    if (old.type != taken.type)
        return fail_type(application);
    return subtract_set(application, old, taken, &effect->value);
}

static const struct error *apply_action(const struct application *application,
                                        const struct action *action, struct effect *effect)
{
    switch (action->kind) {
    case ACTION_SET:
        return evaluate(application, action->operand, effect, &effect->value);
    case ACTION_ADD:
        return apply_add(application, action, effect);
    case ACTION_DELETE:
        return apply_delete(application, action, effect);
    default:
        return NULL;
    }
}

/* --- paths --- */

enum place { PLACE_READY, PLACE_MISSING, PLACE_WRONG_TYPE };

/* Where the last step of the path goes. */
static enum place find_place(const struct application *application, struct path path)
{
    if (path.count == 1)
        return PLACE_READY;
    struct value parent =
        item_find(application->item, (struct path){path.elements, path.count - 1});
    if (!value_present(parent))
        return PLACE_MISSING;
    bool by_index = path.elements[path.count - 1].is_index;
    return parent.type == (by_index ? VALUE_LIST : VALUE_MAP) ? PLACE_READY : PLACE_WRONG_TYPE;
}

static const struct error *check_clause(const struct application *application, uint32_t clause)
{
    const struct expr_update *update = application->update;
    const struct error *missing = NULL;
    for (size_t i = 0; i < update->action_count; i++) {
        if (update->actions[i].clause != clause)
            continue;
        if (find_place(application, update->paths[i]) != PLACE_READY)
            return fail_path(application);
        if (missing == NULL)
            missing = application->effects[i].missing;
    }
    return missing;
}

/* --- all of it --- */

static const struct error *find_effects(const struct application *application)
{
    const struct expr_update *update = application->update;
    for (size_t i = 0; i < update->action_count; i++)
        if (find_place(application, update->paths[i]) == PLACE_WRONG_TYPE)
            return fail_path(application);
    for (size_t i = 0; i < update->action_count; i++) {
        const struct error *error =
            apply_action(application, &update->actions[i], &application->effects[i]);
        if (error != NULL)
            return error;
    }
    for (uint32_t clause = update->clause_count; clause-- > 0;) {
        const struct error *error = check_clause(application, clause);
        if (error != NULL)
            return error;
    }
    for (size_t i = 0; i < update->action_count; i++)
        if (application->effects[i].range != NULL)
            return application->effects[i].range;
    return NULL;
}

static const struct error *edit(const struct application *application, struct slice *ret_new)
{
    const struct expr_update *update = application->update;
    struct arena *arena = application->arena;
    struct path_edit *edits = ARENA_NEW_ARRAY(arena, struct path_edit, update->action_count);
    if (edits == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < update->action_count; i++)
        if (!application->effects[i].leaves_alone)
            edits[count++] = (struct path_edit){update->paths[i], application->effects[i].value};
    struct slice new;
    switch (item_edit(arena, application->item, edits, count, &new)) {
    case ITEM_EDIT_INVALID_PATH:
        return fail_path(application);
    case ITEM_EDIT_EXHAUSTED:
        return error_exhausted();
    case ITEM_EDIT_OK:
        break;
    }
    if (item_nests_too_deep(new))
        return fail(application, "Nesting Levels have exceeded supported limits");
    *ret_new = new;
    return NULL;
}

const struct error *expr_update_apply(const struct expr_update *update, struct arena *arena,
                                      struct slice old, struct slice *ret_new)
{
    struct application application = {
        .update = update,
        .arena = arena,
        .item = old,
        .effects = ARENA_NEW_ARRAY(arena, struct effect, update->action_count),
    };
    if (application.effects == NULL)
        return error_exhausted();
    const struct error *error = find_effects(&application);
    return error != NULL ? error : edit(&application, ret_new);
}
