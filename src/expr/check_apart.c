/*
 * Do the paths of one update or projection keep out of each other's way? See expr/checks.h.
 *
 * Sorted, the paths form a tree: those that begin alike stand together. One look at neighbours
 * tells whether all are apart, which they nearly always are. If not, the service reports the pair
 * it meets first walking that tree, the branch with the newest first path first (observed).
 */

#include <stdlib.h>

#include "base/buf.h"
#include "base/check.h"
#include "expr/checks.h"

struct entry {
    struct path path;
    size_t order; /* of writing */
};

/* What follows the shared beginning: the end of one path, or an element some go on with. */
struct branch {
    const struct entry *entries;
    size_t count;
    size_t newest; /* the order of the first path that came here */
    bool is_end;
    bool is_index;
};

struct clash {
    bool found;
    bool is_conflict;
    size_t one, other; /* orders */
};

static int compare_entries(const void *left, const void *right)
{
    const struct entry *one = left;
    const struct entry *other = right;
    int order = path_compare(one->path, other->path);
    if (order != 0)
        return order;
    return one->order < other->order ? -1 : 1;
}

static bool same_element(const struct entry *left, const struct entry *right, uint32_t depth)
{
    struct path one = {&left->path.elements[depth], 1};
    struct path other = {&right->path.elements[depth], 1};
    return path_compare(one, other) == 0;
}

/* Takes the next branch of entries that agree in their elements before depth. */
static struct branch next_branch(const struct entry *entries, size_t count, uint32_t depth)
{
    struct branch branch = {entries, 1, entries[0].order, entries[0].path.count == depth, false};
    if (branch.is_end)
        return branch;
    branch.is_index = entries[0].path.elements[depth].is_index;
    while (branch.count < count && same_element(entries, &entries[branch.count], depth)) {
        if (entries[branch.count].order < branch.newest)
            branch.newest = entries[branch.count].order;
        branch.count++;
    }
    return branch;
}

/* A path that ends in the branch: always down the newest one. */
static size_t newest_end(struct branch branch, uint32_t depth)
{
    while (!branch.is_end) {
        depth++;
        struct branch newest = next_branch(branch.entries, branch.count, depth);
        for (size_t at = newest.count; at < branch.count;) {
            struct branch next = next_branch(&branch.entries[at], branch.count - at, depth);
            if (next.newest > newest.newest)
                newest = next;
            at += next.count;
        }
        branch = newest;
    }
    return branch.entries[0].order;
}

static int compare_branches(const void *left, const void *right)
{
    const struct branch *one = left;
    const struct branch *other = right;
    return one->newest > other->newest ? -1 : one->newest < other->newest;
}

static struct clash clash_of(const struct branch *branches, size_t count, size_t at, uint32_t depth)
{
    const struct branch *branch = &branches[at];
    for (size_t i = 0; i < count; i++) {
        const struct branch *other = &branches[i];
        bool overlap = branch->is_end || other->is_end;
        if (i == at || (!overlap && branch->is_index == other->is_index))
            continue;
        return (struct clash){true, !overlap, newest_end(*other, depth),
                              newest_end(*branch, depth)};
    }
    return (struct clash){0};
}

/* The depth of the recursion is that of places where paths part, each of which costs the expression
 * another path as long: below 64 within EXPR_TEXT_BYTES_MAX. */
static const struct error *find_clash(struct arena *arena, const struct entry *entries,
                                      size_t count, uint32_t depth, struct clash *ret_clash)
{
    struct branch first = next_branch(entries, count, depth);
    while (first.count == count && !first.is_end)
        first = next_branch(entries, count, ++depth);
    if (first.count == count)
        return NULL;
    struct branch *branches = ARENA_NEW_ARRAY(arena, struct branch, count);
    if (branches == NULL)
        return error_exhausted();
    size_t branch_count = 0;
    for (size_t at = 0; at < count; at += branches[branch_count++].count)
        branches[branch_count] = next_branch(&entries[at], count - at, depth);
    qsort(branches, branch_count, sizeof(*branches), compare_branches);
    for (size_t i = 0; i < branch_count && !ret_clash->found; i++) {
        if (branches[i].count > 1) {
            const struct error *error =
                find_clash(arena, branches[i].entries, branches[i].count, depth + 1, ret_clash);
            if (error != NULL)
                return error;
        }
        if (!ret_clash->found)
            *ret_clash = clash_of(branches, branch_count, i, depth);
    }
    return NULL;
}

static const struct error *clash_error(const struct source *source, const struct path *paths,
                                       struct clash clash)
{
    size_t one = clash.one < clash.other ? clash.one : clash.other;
    size_t other = clash.one < clash.other ? clash.other : clash.one;
    struct buf message;
    buf_init(&message, source->scope->arena, SIZE_MAX);
    buf_append_format(&message,
                      "Invalid %s: Two document paths %s with each other; must remove or rewrite "
                      "one of these paths; path one: ",
                      expr_parameter_name(source->parameter),
                      clash.is_conflict ? "conflict" : "overlap");
    path_write_text(&message, paths[one]);
    buf_append(&message, SLICE(", path two: "));
    path_write_text(&message, paths[other]);
    if (message.failed)
        return error_exhausted();
    return error_make_slice(source->scope->arena, ERROR_VALIDATION, buf_slice(&message));
}

const struct error *check_apart(const struct source *source, const struct path *paths, size_t count)
{
    if (count < 2)
        return NULL;
    struct arena *arena = source->scope->arena;
    struct entry *entries = ARENA_NEW_ARRAY(arena, struct entry, count);
    if (entries == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct entry){paths[i], i};
    qsort(entries, count, sizeof(*entries), compare_entries);
    bool apart = true;
    for (size_t i = 1; i < count && apart; i++)
        apart = path_relate(entries[i - 1].path, entries[i].path) == PATHS_APART;
    if (apart)
        return NULL;
    struct clash clash = {0};
    const struct error *error = find_clash(arena, entries, count, 0, &clash);
    if (error != NULL)
        return error;
    CHECK(clash.found);
    return clash_error(source, paths, clash);
}
