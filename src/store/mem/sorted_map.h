#ifndef HASHRANGE_STORE_MEM_SORTED_MAP_H
#define HASHRANGE_STORE_MEM_SORTED_MAP_H

/*
 * A map from bytes to bytes in slice_compare order: a skip list (Pugh, "Skip Lists: A Probabilistic
 * Alternative to Balanced Trees", 1990) whose lowest level is linked both ways, with an index of
 * its keys beside it. Every entry is one allocation. Finding a key takes O(1), all else O(log n).
 *
 * Threads: readers may share it; whoever changes it must be alone.
 */

#include "base/attributes.h"
#include "base/hash.h"
#include "base/slice.h"
#include "store/mem/key_index.h"

enum { SORTED_MAP_HEIGHT_MAX = 16 };

struct sorted_entry;

struct sorted_map {
    struct sorted_entry *first[SORTED_MAP_HEIGHT_MAX]; /* of each level */
    struct sorted_entry *last;
    uint64_t random; /* state that entry heights come from */
    uint8_t hash_key[HASH_KEY_BYTES];
    struct key_index index; /* of all entries */
};

struct slice sorted_entry_key(const struct sorted_entry *entry);
struct slice sorted_entry_value(const struct sorted_entry *entry);
/* To change a value in place, within its size. */
uint8_t *sorted_entry_value_bytes(struct sorted_entry *entry);
struct sorted_entry *sorted_entry_next(const struct sorted_entry *entry);
struct sorted_entry *sorted_entry_previous(const struct sorted_entry *entry);

void sorted_map_init(struct sorted_map *map);
/* Accepts a zeroed map. */
void sorted_map_fini(struct sorted_map *map);

/* NULL when there is none. */
struct sorted_entry *sorted_map_find(const struct sorted_map *map, struct slice key);
/* The first entry with a key >= key, or NULL. */
struct sorted_entry *sorted_map_seek(const struct sorted_map *map, struct slice key);
/* The last entry with a key < key, or NULL. */
struct sorted_entry *sorted_map_seek_below(const struct sorted_map *map, struct slice key);

/* An entry that is not in the map yet, so that all memory can be taken before anything changes;
 * NULL when there is none. Give it to sorted_map_link or sorted_entry_free. */
MUST_USE struct sorted_entry *sorted_map_make_entry(struct sorted_map *map, struct slice key,
                                                    struct slice value);
void sorted_entry_free(struct sorted_entry *entry);
/* Puts the entry in, in the place of one with the same key, which is freed. */
void sorted_map_link(struct sorted_map *map, struct sorted_entry *entry);
/* Does nothing when there is none. */
void sorted_map_remove(struct sorted_map *map, struct slice key);

#endif
