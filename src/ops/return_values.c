#include "ops/return_values.h"

bool op_return_values_need_old(struct model_enum return_values)
{
    return return_values.value == MODEL_RETURN_VALUE_ALL_OLD ||
           return_values.value == MODEL_RETURN_VALUE_UPDATED_OLD;
}

static const struct error *pick_updated(struct arena *arena, const struct expr_update *update,
                                        struct slice item, struct slice *ret_attributes)
{
    if (!slice_present(item) || update == NULL)
        return NULL;
    const struct path *paths;
    size_t count;
    expr_update_paths(update, &paths, &count);
    struct path_set set;
    struct slice picked;
    if (!path_set_make(arena, paths, count, &set) || !item_project(arena, item, set, &picked))
        return error_exhausted();
    if (value_count(value_of_item(picked)) > 0)
        *ret_attributes = picked;
    return NULL;
}

const struct error *op_return_values_pick(struct arena *arena, struct model_enum return_values,
                                          const struct expr_update *update, struct slice old,
                                          struct slice new, struct slice *ret_attributes)
{
    *ret_attributes = SLICE_ABSENT;
    switch (return_values.value) {
    case MODEL_RETURN_VALUE_ALL_OLD:
        *ret_attributes = old;
        return NULL;
    case MODEL_RETURN_VALUE_ALL_NEW:
        *ret_attributes = new;
        return NULL;
    case MODEL_RETURN_VALUE_UPDATED_OLD:
        return pick_updated(arena, update, old, ret_attributes);
    case MODEL_RETURN_VALUE_UPDATED_NEW:
        return pick_updated(arena, update, new, ret_attributes);
    default:
        return NULL;
    }
}
