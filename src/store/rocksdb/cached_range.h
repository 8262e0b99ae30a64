#ifndef HASHRANGE_STORE_ROCKSDB_CACHED_RANGE_H
#define HASHRANGE_STORE_ROCKSDB_CACHED_RANGE_H

/*
 * Short ranges in a value_cache: all that lies between two bounds with the same front, such as an
 * item collection. Their hash is that of the front, a placement and what stands before it, so that
 * a write of any key there takes out every range that it may lie in.
 */

#include "store/rocksdb/value_cache.h"
#include "store/store.h"

enum { CACHED_RANGE_KEY_BYTES_MAX = 1024 };

/* The cache's key of a range. false: its bounds are too long to be worth it. */
MUST_USE bool cached_range_key(struct store_range range,
                               uint8_t ret_bytes[CACHED_RANGE_KEY_BYTES_MAX],
                               struct slice *ret_key);

/* A visitor that collects what another one is shown. */
struct cached_range_collector {
    store_visit *visit;
    void *context;
    struct buf entries; /* heap; fails when there is more than a cache takes */
    bool stopped;       /* by the other visitor: not all of the range was seen */
};
void cached_range_collect(struct cached_range_collector *collector, store_visit *visit,
                          void *context);
void cached_range_forget(struct cached_range_collector *collector);
bool cached_range_visit(void *collector, struct slice key, struct slice value);

/* Shows what was collected, in the order of keys. */
void cached_range_show(struct slice entries, store_visit *visit, void *context);

#endif
