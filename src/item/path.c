/*
 * Reading, projecting and editing items along document paths.
 *
 * Projection and editing walk the item once beside the sorted paths: at each level the paths that
 * go through one member lie together in a run. What no path touches is copied as bytes. The
 * recursion is as deep as the longest path, which the parser of expressions bounds by
 * PATH_DEPTH_MAX.
 */

#include "item/path.h"

#include <stdlib.h>

#include "base/check.h"
#include "item/container.h"

struct value item_find(struct slice item, struct path path)
{
    struct value value = value_of_item(item);
    for (uint32_t i = 0; i < path.count && value_present(value); i++) {
        const struct path_element *step = &path.elements[i];
        value =
            step->is_index ? value_list_at(value, step->index) : value_map_find(value, step->name);
    }
    return value;
}

static int compare_elements(const struct path_element *left, const struct path_element *right)
{
    if (left->is_index != right->is_index)
        return left->is_index ? 1 : -1;
    if (!left->is_index)
        return slice_compare(left->name, right->name);
    return left->index < right->index ? -1 : left->index > right->index;
}

int path_compare(struct path left, struct path right)
{
    for (uint32_t i = 0; i < left.count && i < right.count; i++) {
        int order = compare_elements(&left.elements[i], &right.elements[i]);
        if (order != 0)
            return order;
    }
    return left.count < right.count ? -1 : left.count > right.count;
}

enum path_relation path_relate(struct path left, struct path right)
{
    for (uint32_t i = 0; i < left.count && i < right.count; i++) {
        if (left.elements[i].is_index != right.elements[i].is_index)
            return PATHS_CONFLICT;
        if (compare_elements(&left.elements[i], &right.elements[i]) != 0)
            return PATHS_APART;
    }
    return PATHS_OVERLAP;
}

/* --- runs of sorted edits --- */

/* Sorted edits that agree in their elements before `depth`. */
struct run {
    const struct path_edit *const *edits;
    size_t count;
    uint32_t depth;
};

static const struct path_element *run_element(struct run run, size_t i)
{
    CHECK(run.edits[i]->path.count > run.depth);
    return &run.edits[i]->path.elements[run.depth];
}

/* Takes the edits that also agree in the element at depth from the front of *run. */
static struct run run_take(struct run *run)
{
    size_t count = 1;
    while (count < run->count &&
           compare_elements(run_element(*run, 0), run_element(*run, count)) == 0)
        count++;
    struct run taken = {run->edits, count, run->depth + 1};
    run->edits += count;
    run->count -= count;
    return taken;
}

/* Does the first path of the run end at the element it agrees in? It sorts before longer ones. */
static bool run_ends_here(struct run run)
{
    return run.edits[0]->path.count == run.depth;
}

static int compare_edits(const void *left, const void *right)
{
    return path_compare((*(const struct path_edit *const *)left)->path,
                        (*(const struct path_edit *const *)right)->path);
}

static bool sorted_run(struct arena *arena, const struct path_edit *edits, size_t count,
                       struct run *ret_run)
{
    const struct path_edit **sorted = ARENA_NEW_ARRAY(arena, const struct path_edit *, count);
    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &edits[i];
    if (count > 1)
        qsort(sorted, count, sizeof(const struct path_edit *), compare_edits);
    *ret_run = (struct run){sorted, count, 0};
    return true;
}

static void write_name(struct buf *out, struct slice name)
{
    buf_append_varint(out, name.size);
    buf_append(out, name);
}

/* Writes what an iterator has passed since `before` as it was. */
static void copy_passed(struct buf *out, struct slice before, struct slice after)
{
    buf_append(out, slice_of(before.data, before.size - after.size));
}

/* --- projection --- */

static int compare_paths(const void *left, const void *right)
{
    return path_compare(*(const struct path *)left, *(const struct path *)right);
}

bool path_set_make(struct arena *arena, const struct path *paths, size_t count,
                   struct path_set *ret_set)
{
    struct path *sorted = ARENA_NEW_ARRAY(arena, struct path, count);
    if (sorted == NULL)
        return false;
    if (count > 0)
        memcpy(sorted, paths, count * sizeof(*sorted));
    if (count > 1)
        qsort(sorted, count, sizeof(*sorted), compare_paths);
    *ret_set = (struct path_set){sorted, count};
    return true;
}

/* Sorted paths that agree in their elements before `depth`, as a run of edits does. */
struct choice {
    const struct path *paths;
    size_t count;
    uint32_t depth;
};

static const struct path_element *choice_element(struct choice choice, size_t i)
{
    CHECK(choice.paths[i].count > choice.depth);
    return &choice.paths[i].elements[choice.depth];
}

/* Takes all up to the first that is not less than the element, and those that go through it: these
 * are returned. count 0: none. */
static struct choice choice_take(struct choice *choice, const struct path_element *element)
{
    size_t low = 0;
    for (size_t high = choice->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (compare_elements(choice_element(*choice, middle), element) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < choice->count && compare_elements(choice_element(*choice, end), element) == 0)
        end++;
    struct choice taken = {choice->paths + low, end - low, choice->depth + 1};
    choice->paths += end;
    choice->count -= end;
    return taken;
}

static size_t project_members(struct buf *out, struct value map, struct choice choice);
static size_t project_elements(struct buf *out, struct value list, struct choice choice);

/* Writes the part of a value that the paths choose; false when there is none. The bytes between
 * `from` and the value (its name) are taken back then. */
static bool project_value(struct buf *out, size_t from, struct value value, struct choice choice)
{
    /* The first path ends here? It sorts before longer ones. */
    if (choice.paths[0].count == choice.depth) {
        value_write(out, value);
        return true;
    }
    bool by_index = choice_element(choice, 0)->is_index;
    if (value.type != (by_index ? VALUE_LIST : VALUE_MAP)) {
        out->size = from;
        return false;
    }
    struct container container = container_begin(out, value.type);
    size_t count =
        by_index ? project_elements(out, value, choice) : project_members(out, value, choice);
    if (count == 0) {
        out->size = from;
        return false;
    }
    container_end(out, container, count);
    return true;
}

static size_t project_members(struct buf *out, struct value map, struct choice choice)
{
    struct value_iter iter;
    struct path_element element = {.is_index = false};
    struct value member;
    size_t count = 0;
    value_iter_begin(&iter, map);
    while (choice.count > 0 && value_iter_next(&iter, &element.name, &member)) {
        struct choice taken = choice_take(&choice, &element);
        if (taken.count == 0)
            continue;
        size_t from = out->size;
        write_name(out, element.name);
        if (project_value(out, from, member, taken))
            count++;
    }
    return count;
}

static size_t project_elements(struct buf *out, struct value list, struct choice choice)
{
    struct value_iter iter;
    struct path_element element = {.is_index = true};
    struct value value;
    size_t count = 0;
    value_iter_begin(&iter, list);
    for (; choice.count > 0 && value_iter_next(&iter, NULL, &value); element.index++) {
        struct choice taken = choice_take(&choice, &element);
        if (taken.count > 0 && project_value(out, out->size, value, taken))
            count++;
    }
    return count;
}

bool item_project(struct arena *arena, struct slice item, struct path_set paths,
                  struct slice *ret_item)
{
    struct buf out = container_buf(arena, item.size);
    struct container container = item_begin(&out);
    struct choice choice = {paths.sorted, paths.count, 0};
    container_end(&out, container, project_members(&out, value_of_item(item), choice));
    if (out.failed)
        return false;
    *ret_item = buf_slice(&out);
    return true;
}

/* --- editing --- */

static bool edit_members(struct buf *out, struct value map, struct run run, size_t *ret_count);
static bool edit_elements(struct buf *out, struct value list, struct run run, size_t *ret_count);

/* Writes what a member becomes; *ret_kept tells whether it still exists. The bytes between `from`
 * and the value (its name) are taken back when not. false: a path does not fit the item. */
static bool edit_value(struct buf *out, size_t from, struct value value, struct run run,
                       bool *ret_kept)
{
    if (run_ends_here(run)) {
        CHECK(run.count == 1); /* pairwise apart */
        *ret_kept = value_present(run.edits[0]->value);
        if (*ret_kept)
            value_write(out, run.edits[0]->value);
        else
            out->size = from;
        return true;
    }
    bool by_index = run_element(run, 0)->is_index;
    CHECK(run_element(run, run.count - 1)->is_index == by_index); /* pairwise apart */
    if (value.type != (by_index ? VALUE_LIST : VALUE_MAP))
        return false;
    struct container container = container_begin(out, value.type);
    size_t count;
    bool fits =
        by_index ? edit_elements(out, value, run, &count) : edit_members(out, value, run, &count);
    if (fits)
        container_end(out, container, count);
    *ret_kept = fits;
    return fits;
}

/* A member that the old map has not. */
static bool edit_new_member(struct buf *out, struct run run, size_t *count)
{
    size_t from = out->size;
    bool kept;
    /* The run stands behind its element. */
    write_name(out, run.edits[0]->path.elements[run.depth - 1].name);
    if (!edit_value(out, from, VALUE_NONE, run, &kept))
        return false;
    *count += kept;
    return true;
}

static bool edit_members(struct buf *out, struct value map, struct run run, size_t *ret_count)
{
    struct value_iter iter;
    struct slice name;
    struct value member;
    size_t count = 0;
    value_iter_begin(&iter, map);
    for (struct slice before = iter.rest; value_iter_next(&iter, &name, &member);
         before = iter.rest) {
        int order = 1;
        while (run.count > 0 && (order = slice_compare(run_element(run, 0)->name, name)) < 0) {
            if (!edit_new_member(out, run_take(&run), &count))
                return false;
        }
        if (run.count == 0 || order != 0) {
            copy_passed(out, before, iter.rest);
            count++;
            continue;
        }
        size_t from = out->size;
        bool kept;
        write_name(out, name);
        if (!edit_value(out, from, member, run_take(&run), &kept))
            return false;
        count += kept;
    }
    while (run.count > 0) {
        if (!edit_new_member(out, run_take(&run), &count))
            return false;
    }
    *ret_count = count;
    return true;
}

static bool edit_elements(struct buf *out, struct value list, struct run run, size_t *ret_count)
{
    struct value_iter iter;
    struct value element;
    size_t count = 0;
    bool kept;
    value_iter_begin(&iter, list);
    struct slice before = iter.rest;
    for (uint32_t index = 0; value_iter_next(&iter, NULL, &element); index++) {
        if (run.count > 0 && run_element(run, 0)->index == index) {
            if (!edit_value(out, out->size, element, run_take(&run), &kept))
                return false;
            count += kept;
        } else {
            copy_passed(out, before, iter.rest);
            count++;
        }
        before = iter.rest;
    }
    /* Past the end: in order of index, whatever the gaps. */
    while (run.count > 0) {
        if (!edit_value(out, out->size, VALUE_NONE, run_take(&run), &kept))
            return false;
        count += kept;
    }
    *ret_count = count;
    return true;
}

/* Room for the item with all new values in it; removals and replacements make it less. */
static size_t edited_size_max(struct slice item, const struct path_edit *edits, size_t count)
{
    size_t size = item.size;
    for (size_t i = 0; i < count; i++) {
        const struct path *path = &edits[i].path;
        CHECK(path->count > 0 && !path->elements[0].is_index);
        if (value_present(edits[i].value))
            size += value_stored_bytes(edits[i].value);
        size += path->elements[path->count - 1].name.size + 10;
    }
    return size;
}

enum item_edit_status item_edit(struct arena *arena, struct slice item,
                                const struct path_edit *edits, size_t count, struct slice *ret_item)
{
    struct run run;
    size_t member_count;
    if (!sorted_run(arena, edits, count, &run))
        return ITEM_EDIT_EXHAUSTED;
    struct buf out = container_buf(arena, edited_size_max(item, edits, count));
    struct container container = item_begin(&out);
    if (out.failed)
        return ITEM_EDIT_EXHAUSTED;
    if (!edit_members(&out, value_of_item(item), run, &member_count))
        return ITEM_EDIT_INVALID_PATH;
    container_end(&out, container, member_count);
    if (out.failed)
        return ITEM_EDIT_EXHAUSTED;
    *ret_item = buf_slice(&out);
    return ITEM_EDIT_OK;
}
