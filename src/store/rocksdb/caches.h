#ifndef HASHRANGE_STORE_ROCKSDB_CACHES_H
#define HASHRANGE_STORE_ROCKSDB_CACHES_H

/*
 * The two caches of the engine as the committer keeps them true: of the values of keys, and of
 * short ranges; and how memory is divided between them and the database's blocks.
 *
 * Threads: the functions here are the committer's, but for init and fini.
 */

#include "store/rocksdb/cache_balance.h"
#include "store/rocksdb/flights.h"
#include "store/rocksdb/value_cache.h"

struct caches {
    struct value_cache values;
    struct value_cache ranges;
    struct cache_balance balance;
};

/* Of so many bytes for all caches: what blocks begin with. */
size_t caches_blocks_bytes(size_t cache_bytes);
/* The database's cache has caches_blocks_bytes. */
MUST_USE bool caches_init(struct caches *caches, struct database *database, size_t cache_bytes);
/* Accepts a zeroed one. */
void caches_fini(struct caches *caches);

/* Before the database is given the group's writes. */
void caches_begin_writes(struct caches *caches, const struct flights *flights,
                         const struct flight_list *group);
/* And after. written false: nobody knows which values stand; the caches are closed until writing
 * works again. */
void caches_end_writes(struct caches *caches, const struct flights *flights,
                       const struct flight_list *group, bool written);
/* Writing works again. */
void caches_open(struct caches *caches);

#endif
