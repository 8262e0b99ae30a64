#include "store/mem/key_index.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/check.h"

enum { BUCKETS_MIN = 64 };

void key_index_fini(struct key_index *index)
{
    free(index->buckets);
    *index = (struct key_index){0};
}

/* Buckets are split in order. Those that have been split in this round, and those that came of
 * it, are addressed by one bit more than the rest. */
static size_t address(const struct key_index *index, uint32_t hash)
{
    size_t round = (size_t)1 << (63 - __builtin_clzll(index->bucket_count));
    size_t at = hash & (2 * round - 1);
    return at < index->bucket_count ? at : at - round;
}

static struct key_link **bucket_of(struct key_index *index, uint32_t hash)
{
    return index->buckets == NULL ? &index->only_bucket : &index->buckets[address(index, hash)];
}

struct key_link *key_index_find(const struct key_index *index, uint32_t hash)
{
    return index->buckets == NULL ? index->only_bucket : index->buckets[address(index, hash)];
}

static void push(struct key_link **bucket, struct key_link *link)
{
    link->next = *bucket;
    *bucket = link;
}

/* A large piece of memory grows without being copied, where the system can do that. */
static bool reserve(struct key_index *index)
{
    if (index->bucket_count < index->bucket_capacity)
        return true;
    size_t capacity = index->bucket_capacity == 0 ? BUCKETS_MIN : 2 * index->bucket_capacity;
    struct key_link **buckets = realloc(index->buckets, capacity * sizeof(struct key_link *));
    if (buckets == NULL)
        return false;
    if (index->buckets == NULL) {
        buckets[0] = index->only_bucket;
        index->bucket_count = 1;
    }
    index->buckets = buckets;
    index->bucket_capacity = capacity;
    return true;
}

/* One bucket more: some links of an older one go there. */
static void grow(struct key_index *index)
{
    if (!reserve(index))
        return;
    size_t added = index->bucket_count;
    size_t split = added - ((size_t)1 << (63 - __builtin_clzll(added)));
    struct key_link *link = index->buckets[split];
    index->buckets[split] = NULL;
    index->buckets[added] = NULL;
    index->bucket_count++;
    while (link != NULL) {
        struct key_link *next = link->next;
        push(bucket_of(index, link->hash), link);
        link = next;
    }
}

void key_index_add(struct key_index *index, struct key_link *link)
{
    if (index->link_count >= index->bucket_count)
        grow(index);
    push(bucket_of(index, link->hash), link);
    index->link_count++;
}

void key_index_remove(struct key_index *index, struct key_link *link)
{
    struct key_link **at = bucket_of(index, link->hash);
    while (*at != link) {
        CHECK(*at != NULL);
        at = &(*at)->next;
    }
    *at = link->next;
    index->link_count--;
}
