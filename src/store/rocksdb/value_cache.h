#ifndef HASHRANGE_STORE_ROCKSDB_VALUE_CACHE_H
#define HASHRANGE_STORE_ROCKSDB_VALUE_CACHE_H

/*
 * What was read and is read again and again: a hash table in front of RocksDB, whose memtable is a
 * skip list that has every version of a key. The engine has two: of the values of keys, and of
 * whole ranges (cached_range.h).
 *
 * It never tells what is not the committed state, whichever way a read takes. So while something is
 * written, from before RocksDB gets it until after it has it, nothing of the same hash is in the
 * table (value_cache_begin_write, _end_write), and what a reader offers is taken only if nothing
 * was written to its bucket since it began to read. When a write has failed, or a range is dropped,
 * the cache is closed: it then finds nothing and takes nothing.
 *
 * While there is room every key that is read gets in. When there is none, a key gets in when it
 * comes a second time while its bucket still remembers it: uniform access to far more than there is
 * room for pushes little out. Reading the old value and writing the new one are two times.
 *
 * Threads: any for finding and offering; the committer alone writes, closes and opens.
 */

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>

#include "base/attributes.h"
#include "base/slice.h"

enum {
    VALUE_CACHE_SHARDS = 64,
    VALUE_CACHE_VALUE_BYTES_MAX = 16 * 1024,
};

struct cached_value {
    struct cached_value *next;    /* in its bucket */
    struct cached_value *younger; /* in its shard: the ring in which the hand goes round */
    struct cached_value *older;
    uint64_t hash;
    atomic_uint references; /* the cache's, and of those who look at it */
    bool used;              /* since the hand was here */
    uint16_t key_size;
    uint32_t value_size;
    uint8_t bytes[]; /* the key, then the value */
};

struct value_bucket {
    struct cached_value *first;
    uint32_t writes;     /* that have ended, of keys in this bucket */
    uint32_t writing;    /* writes of keys in this bucket that are under way */
    uint64_t remembered; /* the hash that was not found last */
};

struct value_shard {
    alignas(64) pthread_mutex_t lock;
    struct value_bucket *buckets;
    struct cached_value *hand; /* the next to be looked at when room is needed; NULL: empty */
    size_t bytes;
    uint64_t hits;
    uint64_t misses;
    bool closed;
    uint64_t closings;
};

struct value_cache {
    struct value_bucket *buckets; /* of all shards */
    size_t shard_buckets;         /* a power of two */
    atomic_size_t shard_bytes_max;
    atomic_size_t bytes_put_in; /* ever */
    struct value_shard shards[VALUE_CACHE_SHARDS];
};

struct value_cache_figures {
    size_t bytes;
    size_t bytes_allowed;
    uint64_t hits;
    uint64_t misses;
};

/* When a reader began to read. */
struct value_cache_moment {
    bool may_offer;
    uint32_t writes;
    uint64_t closings;
};

/* bytes_max is what it may ever be allowed to keep, and is at first; 0: nothing. false: no memory.
 */
MUST_USE bool value_cache_init(struct value_cache *cache, size_t bytes_max);
/* What it may keep from now on. What is too much goes when something else gets in. Any thread. */
void value_cache_allow(struct value_cache *cache, size_t bytes_max);
/* Accepts a zeroed one. */
void value_cache_fini(struct value_cache *cache);

/* The value, to be released; or NULL: read it from the database, and offer what was there. `hash`
 * is of the key, by a function that clients cannot know. */
MUST_USE struct cached_value *value_cache_find(struct value_cache *cache, uint64_t hash,
                                               struct slice key,
                                               struct value_cache_moment *ret_moment);
static inline struct slice cached_value_bytes(const struct cached_value *value)
{
    return slice_of(value->bytes + value->key_size, value->value_size);
}
/* Accepts NULL. */
void value_cache_release(struct cached_value *value);
/* Copies. Taken or not: it is a cache. */
void value_cache_offer(struct value_cache *cache, uint64_t hash, struct slice key,
                       struct slice value, struct value_cache_moment moment);

/* The committer: before the database is given a write of what has this hash. */
void value_cache_begin_write(struct value_cache *cache, uint64_t hash);
/* And after. `value` is what is now there under the key, or absent: then nothing is put in. */
void value_cache_end_write(struct value_cache *cache, uint64_t hash, struct slice key,
                           struct slice value);
/* Forgets everything. */
void value_cache_close(struct value_cache *cache);
void value_cache_open(struct value_cache *cache);

void value_cache_read_figures(struct value_cache *cache, struct value_cache_figures *ret_figures);

#endif
