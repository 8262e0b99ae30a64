#ifndef HASHRANGE_ITEM_PATH_H
#define HASHRANGE_ITEM_PATH_H

/* Document paths: a.b[3].c. The first element is always a name. */

#include "item/value.h"

enum { PATH_DEPTH_MAX = 32 };

struct path_element {
    bool is_index;
    uint32_t index;
    struct slice name;
};

struct path {
    const struct path_element *elements;
    uint32_t count;
};

/* The value at the path; VALUE_NONE when any step is missing or of the wrong type. */
struct value item_find(struct slice item, struct path path);

/* Negative, 0, positive; names before indexes, names by bytes, indexes by number; prefix first. */
int path_compare(struct path left, struct path right);

enum path_relation {
    PATHS_APART,
    PATHS_OVERLAP,  /* equal, or one is a prefix of the other */
    PATHS_CONFLICT, /* the same prefix continued once by a name and once by an index */
};
enum path_relation path_relate(struct path left, struct path right);

/* Paths in the order of path_compare, made once for any number of items. The elements stay where
 * they are. */
struct path_set {
    const struct path *sorted;
    size_t count;
};
/* false: arena exhausted. */
MUST_USE bool path_set_make(struct arena *arena, const struct path *paths, size_t count,
                            struct path_set *ret_set);

/* The attributes at the paths, nested as they were; list elements close up. An item (map body). The
 * work grows with the item, not with the paths that are not in it. false: arena exhausted. */
MUST_USE bool item_project(struct arena *arena, struct slice item, struct path_set paths,
                           struct slice *ret_item);

/*
 * Edits of one update expression, all applied to the item as it was before any of them:
 * list indexes mean positions in the old list; SET past the end appends in order of index;
 * REMOVE of elements closes the gaps; removing what is not there does nothing.
 */
struct path_edit {
    struct path path;
    struct value value; /* VALUE_NONE: remove */
};
enum item_edit_status {
    ITEM_EDIT_OK,
    ITEM_EDIT_INVALID_PATH, /* a parent is missing or not a map/list as the path needs */
    ITEM_EDIT_EXHAUSTED,
};
/* The paths must be pairwise PATHS_APART. */
MUST_USE enum item_edit_status item_edit(struct arena *arena, struct slice item,
                                         const struct path_edit *edits, size_t count,
                                         struct slice *ret_item);

#endif
