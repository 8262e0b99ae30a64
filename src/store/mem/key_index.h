#ifndef HASHRANGE_STORE_MEM_KEY_INDEX_H
#define HASHRANGE_STORE_MEM_KEY_INDEX_H

/*
 * Which entries have a hash: a table that grows by one bucket at a time, so that no write ever
 * waits for all entries to be moved (Litwin, "Linear Hashing: A New Tool for File and Table
 * Addressing", 1980). The links lie in the entries, which their owner makes and frees.
 *
 * Threads: readers may share it; whoever changes it must be alone.
 */

#include <stddef.h>
#include <stdint.h>

struct key_link {
    struct key_link *next;
    uint32_t hash; /* set by its owner before it is added */
};

/* A zeroed one is empty. */
struct key_index {
    struct key_link **buckets; /* NULL: there is only one */
    struct key_link *only_bucket;
    size_t bucket_count;
    size_t bucket_capacity;
    size_t link_count;
};

/* Forgets the links, which may have been freed already. */
void key_index_fini(struct key_index *index);

/* The links of the bucket that those with this hash are in, chained by `next`; NULL: none. */
struct key_link *key_index_find(const struct key_index *index, uint32_t hash);

/* Without memory for more buckets it is done all the same, and finding takes longer. */
void key_index_add(struct key_index *index, struct key_link *link);
/* The link is in the index. */
void key_index_remove(struct key_index *index, struct key_link *link);

#endif
