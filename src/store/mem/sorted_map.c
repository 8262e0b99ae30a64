#include "store/mem/sorted_map.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/rand.h"

/* Behind next[] lie the key's bytes, then the value's. */
struct sorted_entry {
    struct key_link link; /* first: a link is found as its entry */
    struct sorted_entry *previous;
    uint32_t key_size;
    uint32_t value_size;
    uint32_t height;
    struct sorted_entry *next[];
};

/* The entries before a place, one for each level; NULL stands for the map's own `first`. */
struct path {
    struct sorted_entry *before[SORTED_MAP_HEIGHT_MAX];
};

static uint8_t *key_bytes(const struct sorted_entry *entry)
{
    return (uint8_t *)(entry->next + entry->height);
}

struct slice sorted_entry_key(const struct sorted_entry *entry)
{
    return slice_of(key_bytes(entry), entry->key_size);
}

uint8_t *sorted_entry_value_bytes(struct sorted_entry *entry)
{
    return key_bytes(entry) + entry->key_size;
}

struct slice sorted_entry_value(const struct sorted_entry *entry)
{
    return slice_of(key_bytes(entry) + entry->key_size, entry->value_size);
}

struct sorted_entry *sorted_entry_next(const struct sorted_entry *entry)
{
    return entry->next[0];
}

struct sorted_entry *sorted_entry_previous(const struct sorted_entry *entry)
{
    return entry->previous;
}

void sorted_map_init(struct sorted_map *map)
{
    /* Any odd start will do: heights need no secrecy from those who cannot see them. */
    *map = (struct sorted_map){.random = 0x9e3779b97f4a7c15u};
    rand_bytes(map->hash_key, sizeof(map->hash_key));
}

void sorted_map_fini(struct sorted_map *map)
{
    struct sorted_entry *entry = map->first[0];
    while (entry != NULL) {
        struct sorted_entry *next = entry->next[0];
        free(entry);
        entry = next;
    }
    key_index_fini(&map->index);
    *map = (struct sorted_map){0};
}

/* The last entry whose key is < key, or NULL; with path, on every level. */
static struct sorted_entry *find_below(const struct sorted_map *map, struct slice key,
                                       struct path *path)
{
    struct sorted_entry *before = NULL;
    struct sorted_entry *compared =
        NULL; /* known to be >= key: not compared again one level down */
    for (int level = SORTED_MAP_HEIGHT_MAX - 1; level >= 0; level--) {
        for (;;) {
            struct sorted_entry *next = before == NULL ? map->first[level] : before->next[level];
            if (next == NULL || next == compared)
                break;
            if (slice_compare(sorted_entry_key(next), key) >= 0) {
                compared = next;
                break;
            }
            before = next;
        }
        if (path != NULL)
            path->before[level] = before;
    }
    return before;
}

static struct sorted_entry *after(const struct sorted_map *map, const struct sorted_entry *before)
{
    return before == NULL ? map->first[0] : before->next[0];
}

struct sorted_entry *sorted_map_seek(const struct sorted_map *map, struct slice key)
{
    return after(map, find_below(map, key, NULL));
}

struct sorted_entry *sorted_map_seek_below(const struct sorted_map *map, struct slice key)
{
    return find_below(map, key, NULL);
}

static uint32_t hash_key(const struct sorted_map *map, struct slice key)
{
    return (uint32_t)hash_bytes_keyed(map->hash_key, key);
}

struct sorted_entry *sorted_map_find(const struct sorted_map *map, struct slice key)
{
    uint32_t hash = hash_key(map, key);
    for (struct key_link *link = key_index_find(&map->index, hash); link != NULL;
         link = link->next) {
        struct sorted_entry *entry = (struct sorted_entry *)link;
        if (link->hash == hash && slice_equal(sorted_entry_key(entry), key))
            return entry;
    }
    return NULL;
}

/* Each level holds a quarter of the one below it. */
static uint32_t draw_height(struct sorted_map *map)
{
    map->random ^= map->random << 13;
    map->random ^= map->random >> 7;
    map->random ^= map->random << 17;
    uint32_t height = 1;
    for (uint64_t bits = map->random >> 16; (bits & 3) == 0 && height < SORTED_MAP_HEIGHT_MAX;
         bits >>= 2)
        height++;
    return height;
}

struct sorted_entry *sorted_map_make_entry(struct sorted_map *map, struct slice key,
                                           struct slice value)
{
    CHECK(key.size <= UINT32_MAX && value.size <= UINT32_MAX);
    uint32_t height = draw_height(map);
    struct sorted_entry *entry =
        malloc(sizeof(*entry) + height * sizeof(entry->next[0]) + key.size + value.size);
    if (entry == NULL)
        return NULL;
    entry->link.hash = hash_key(map, key);
    entry->height = height;
    entry->key_size = (uint32_t)key.size;
    entry->value_size = (uint32_t)value.size;
    if (key.size > 0)
        memcpy(key_bytes(entry), key.data, key.size);
    if (value.size > 0)
        memcpy(sorted_entry_value_bytes(entry), value.data, value.size);
    return entry;
}

void sorted_entry_free(struct sorted_entry *entry)
{
    free(entry);
}

static struct sorted_entry **link_behind(struct sorted_map *map, const struct path *path,
                                         uint32_t level)
{
    struct sorted_entry *before = path->before[level];
    return before == NULL ? &map->first[level] : &before->next[level];
}

/* Takes out the entry that stands right behind the path. */
static void unlink_behind(struct sorted_map *map, const struct path *path,
                          struct sorted_entry *entry)
{
    for (uint32_t level = 0; level < entry->height; level++) {
        struct sorted_entry **link = link_behind(map, path, level);
        CHECK(*link == entry);
        *link = entry->next[level];
    }
    if (entry->next[0] != NULL)
        entry->next[0]->previous = entry->previous;
    else
        map->last = entry->previous;
    key_index_remove(&map->index, &entry->link);
    free(entry);
}

void sorted_map_link(struct sorted_map *map, struct sorted_entry *entry)
{
    struct path path;
    struct sorted_entry *next = after(map, find_below(map, sorted_entry_key(entry), &path));
    if (next != NULL && slice_equal(sorted_entry_key(next), sorted_entry_key(entry)))
        unlink_behind(map, &path, next);
    for (uint32_t level = 0; level < entry->height; level++) {
        struct sorted_entry **link = link_behind(map, &path, level);
        entry->next[level] = *link;
        *link = entry;
    }
    entry->previous = path.before[0];
    if (entry->next[0] != NULL)
        entry->next[0]->previous = entry;
    else
        map->last = entry;
    key_index_add(&map->index, &entry->link);
}

void sorted_map_remove(struct sorted_map *map, struct slice key)
{
    struct path path;
    struct sorted_entry *entry = after(map, find_below(map, key, &path));
    if (entry != NULL && slice_equal(sorted_entry_key(entry), key))
        unlink_behind(map, &path, entry);
}
