#include "store/rocksdb/stripes.h"

#include <stdlib.h>

#include "base/check.h"

void stripes_init(struct stripes *stripes)
{
    for (size_t i = 0; i < STRIPES; i++)
        CHECK(pthread_mutex_init(&stripes->stripe[i].lock, NULL) == 0);
}

void stripes_fini(struct stripes *stripes)
{
    for (size_t i = 0; i < STRIPES; i++)
        CHECK(pthread_mutex_destroy(&stripes->stripe[i].lock) == 0);
}

static int compare(const void *left, const void *right)
{
    return (int)*(const uint16_t *)left - (int)*(const uint16_t *)right;
}

void stripes_lock(struct stripes *stripes, const uint64_t *hashes, size_t count,
                  struct stripes_held *ret_held)
{
    uint16_t *index = ret_held->index;
    for (size_t i = 0; i < count; i++)
        index[i] = (uint16_t)(hashes[i] % STRIPES);
    if (count > 1)
        qsort(index, count, sizeof(*index), compare);
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        if (distinct == 0 || index[i] != index[distinct - 1])
            index[distinct++] = index[i];
    }
    ret_held->count = distinct;
    for (size_t i = 0; i < distinct; i++)
        CHECK(pthread_mutex_lock(&stripes->stripe[index[i]].lock) == 0);
}

void stripes_unlock(struct stripes *stripes, const struct stripes_held *held)
{
    for (size_t i = held->count; i-- > 0;)
        CHECK(pthread_mutex_unlock(&stripes->stripe[held->index[i]].lock) == 0);
}
