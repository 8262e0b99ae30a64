#ifndef HASHRANGE_STORE_ROCKSDB_CACHE_BALANCE_H
#define HASHRANGE_STORE_ROCKSDB_CACHE_BALANCE_H

/*
 * How one budget is divided between the cache of values and RocksDB's cache of blocks.
 *
 * A value in the cache of values is found several times as fast as in a block, but only by its key;
 * blocks serve every read, and hold the indexes and filters, without which every read goes to the
 * disk. So values begin with a small share and get more of it, step by step, where blocks do not
 * need it or where values answer most of what they are asked. What they do not earn any more goes
 * back.
 *
 * Threads: any.
 */

#include <stdatomic.h>
#include <stdbool.h>

#include "store/rocksdb/database.h"
#include "store/rocksdb/value_cache.h"

/* What does not change. */
struct cache_shares {
    size_t budget; /* of both, in bytes */
    size_t values_least;
    size_t blocks_least;
    size_t step;
};

/* What was seen. */
struct cache_use {
    size_t values_allowed;
    size_t values_bytes;
    size_t blocks_bytes;
    size_t table_bytes; /* of all table files */
    uint64_t hits;      /* of values, since the last time */
    uint64_t misses;    /* and what went to blocks */
};

/* What values may take from now on; the rest of the budget is for blocks. */
size_t cache_balance_decide(const struct cache_shares *shares, const struct cache_use *use);

struct cache_balance {
    struct value_cache *values;
    struct database *database;
    struct cache_shares shares;
    atomic_uint_fast64_t scans; /* that went to RocksDB */
    atomic_size_t due_at;       /* how much must have happened before it is time to look again */
    atomic_bool is_under_way;   /* whoever has set it has what follows to itself */
    size_t values_allowed;
    uint64_t hits; /* the last time, as is what follows */
    uint64_t misses;
    uint64_t scans_seen;
};

/* Of a budget in bytes: what values begin with, and the most that they may ever have. */
size_t cache_balance_values_least(size_t budget);
size_t cache_balance_values_most(size_t budget);

/* values was made for cache_balance_values_most, the database's cache for the rest of the budget
 * beside cache_balance_values_least. */
void cache_balance_init(struct cache_balance *balance, struct value_cache *values,
                        struct database *database, size_t budget);

/* A scan goes to RocksDB. */
void cache_balance_note_scan(struct cache_balance *balance);
/* Looks whether it is time, which is cheap, and then divides anew. The caller holds neither the
 * database's handle nor a lock. */
void cache_balance_consider(struct cache_balance *balance);

#endif
