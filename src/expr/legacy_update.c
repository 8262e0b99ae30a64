/* AttributeUpdates and AttributesToGet: see expr/legacy.h. */

#include "expr/legacy.h"

#include <stdlib.h>

#include "expr/tree.h"

#define INVALID "One or more parameter values were invalid: "

enum { ACTION_UNKNOWN = ACTION_KIND_COUNT };

static int kind_of_action(struct slice action)
{
    if (!slice_present(action) || slice_equal(action, SLICE("PUT")))
        return ACTION_SET;
    if (slice_equal(action, SLICE("ADD")))
        return ACTION_ADD;
    return slice_equal(action, SLICE("DELETE")) ? ACTION_DELETE : ACTION_UNKNOWN;
}

static bool takes_type(int kind, struct value value)
{
    bool added = value.type == VALUE_NUMBER || value.type == VALUE_LIST;
    return kind == ACTION_SET || value_is_set(value) || (kind == ACTION_ADD && added);
}

static const struct error *check(struct arena *arena, const struct legacy_update *update, int kind)
{
    struct slice type = value_type_code(update->value.type);
    if (kind == ACTION_UNKNOWN)
        return error_make(arena, ERROR_VALIDATION, INVALID "Action %.*s is not known",
                          SLICE_PRINT(update->action));
    if (!value_present(update->value))
        return kind == ACTION_DELETE
                   ? NULL
                   : error_make(arena, ERROR_VALIDATION,
                                INVALID "Only DELETE action is allowed when no attribute value is "
                                        "specified");
    if (takes_type(kind, update->value))
        return NULL;
    return error_make(arena, ERROR_VALIDATION,
                      kind == ACTION_ADD ? INVALID "ADD action is not supported for the type %.*s"
                                         : INVALID
                          "DELETE action with value is not supported for the type %.*s",
                      SLICE_PRINT(type));
}

static bool build(struct arena *arena, const struct legacy_update *update, int kind,
                  struct action *action, struct path *ret_path)
{
    struct path_element *element = ARENA_NEW(arena, struct path_element);
    struct node *path = node_new(arena, NODE_PATH);
    struct node *operand = node_new(arena, NODE_VALUE);
    if (element == NULL || path == NULL || operand == NULL)
        return false;
    element->name = update->name;
    path->elements = element;
    path->path = (struct path){element, 1};
    operand->value = update->value;
    bool removes = !value_present(update->value);
    action->kind = removes ? ACTION_REMOVE : kind;
    action->path = path;
    action->operand = removes ? NULL : operand;
    *ret_path = path->path;
    return true;
}

static int compare_names(const void *left, const void *right)
{
    return slice_compare(((const struct path *)left)->elements[0].name,
                         ((const struct path *)right)->elements[0].name);
}

/* Edits of one item must be of different attributes. */
static const struct error *check_distinct(struct arena *arena, const struct path *paths,
                                          size_t count)
{
    struct path *sorted = ARENA_NEW_ARRAY(arena, struct path, count);
    if (sorted == NULL)
        return error_exhausted();
    memcpy(sorted, paths, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare_names);
    for (size_t i = 1; i < count; i++)
        if (compare_names(&sorted[i - 1], &sorted[i]) == 0)
            return error_make(arena, ERROR_VALIDATION,
                              INVALID "Duplicate value in attribute name: %.*s",
                              SLICE_PRINT(sorted[i].elements[0].name));
    return NULL;
}

const struct error *legacy_updates_build(struct arena *arena, const struct legacy_update *updates,
                                         size_t count, const struct expr_update **ret_update)
{
    struct expr_update *update = ARENA_NEW(arena, struct expr_update);
    if (update == NULL)
        return error_exhausted();
    update->actions = ARENA_NEW_ARRAY(arena, struct action, count);
    update->paths = ARENA_NEW_ARRAY(arena, struct path, count);
    if (update->actions == NULL || update->paths == NULL)
        return error_exhausted();
    update->action_count = count;
    update->clause_count = 1;
    update->legacy = true;
    for (size_t i = 0; i < count; i++) {
        int kind = kind_of_action(updates[i].action);
        const struct error *error = check(arena, &updates[i], kind);
        if (error != NULL)
            return error;
        if (!build(arena, &updates[i], kind, &update->actions[i], &update->paths[i]))
            return error_exhausted();
    }
    const struct error *error = check_distinct(arena, update->paths, count);
    if (error == NULL)
        *ret_update = update;
    return error;
}

const struct error *legacy_projection_build(struct arena *arena, const struct slice *names,
                                            size_t count, struct expr_projection *ret_projection)
{
    struct path_element *elements = ARENA_NEW_ARRAY(arena, struct path_element, count);
    struct path *paths = ARENA_NEW_ARRAY(arena, struct path, count);
    if (elements == NULL || paths == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++) {
        elements[i].name = names[i];
        paths[i] = (struct path){&elements[i], 1};
    }
    struct path_set set;
    if (!path_set_make(arena, paths, count, &set))
        return error_exhausted();
    *ret_projection = (struct expr_projection){paths, count, set};
    return NULL;
}
