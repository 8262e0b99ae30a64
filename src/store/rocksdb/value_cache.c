#include "store/rocksdb/value_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum {
    ALLOCATION_BYTES = 16,    /* what malloc adds, about */
    BYTES_OF_A_BUCKET = 1024, /* a bucket for so much of what may be kept */
    SHARD_BUCKETS_MIN = 16,
};

static size_t size_of(const struct cached_value *value)
{
    return sizeof(*value) + value->key_size + value->value_size + ALLOCATION_BYTES;
}

bool value_cache_init(struct value_cache *cache, size_t bytes_max)
{
    memset(cache, 0, sizeof(*cache));
    size_t shard_bytes_max = bytes_max / VALUE_CACHE_SHARDS;
    atomic_init(&cache->shard_bytes_max, shard_bytes_max);
    cache->shard_buckets = SHARD_BUCKETS_MIN;
    while (cache->shard_buckets < shard_bytes_max / BYTES_OF_A_BUCKET)
        cache->shard_buckets *= 2;
    /* In one piece, which the system gives out page by page when they are used. */
    cache->buckets = calloc(VALUE_CACHE_SHARDS * cache->shard_buckets, sizeof(*cache->buckets));
    if (cache->buckets == NULL)
        return false;
    for (size_t i = 0; i < VALUE_CACHE_SHARDS; i++) {
        struct value_shard *shard = &cache->shards[i];
        shard->buckets = cache->buckets + i * cache->shard_buckets;
        CHECK(pthread_mutex_init(&shard->lock, NULL) == 0);
    }
    return true;
}

void value_cache_allow(struct value_cache *cache, size_t bytes_max)
{
    atomic_store_explicit(&cache->shard_bytes_max, bytes_max / VALUE_CACHE_SHARDS,
                          memory_order_relaxed);
}

/* --- a shard, under its lock --- */

static size_t bytes_allowed(struct value_cache *cache)
{
    return atomic_load_explicit(&cache->shard_bytes_max, memory_order_relaxed);
}

static struct value_shard *lock_shard(struct value_cache *cache, uint64_t hash)
{
    struct value_shard *shard = &cache->shards[hash % VALUE_CACHE_SHARDS];
    CHECK(pthread_mutex_lock(&shard->lock) == 0);
    return shard;
}

static void unlock_shard(struct value_shard *shard)
{
    CHECK(pthread_mutex_unlock(&shard->lock) == 0);
}

static struct value_bucket *bucket_of(const struct value_cache *cache,
                                      const struct value_shard *shard, uint64_t hash)
{
    return &shard->buckets[hash / VALUE_CACHE_SHARDS & (cache->shard_buckets - 1)];
}

/* Where the pointer to it is, or to NULL at the bucket's end. */
static struct cached_value **find(struct value_bucket *bucket, uint64_t hash, struct slice key)
{
    struct cached_value **link = &bucket->first;
    while (*link != NULL && ((*link)->hash != hash ||
                             !slice_equal(slice_of((*link)->bytes, (*link)->key_size), key)))
        link = &(*link)->next;
    return link;
}

static void take_out(struct value_shard *shard, struct cached_value **link)
{
    struct cached_value *value = *link;
    *link = value->next;
    value->younger->older = value->older;
    value->older->younger = value->younger;
    if (shard->hand == value)
        shard->hand = value->younger == value ? NULL : value->younger;
    shard->bytes -= size_of(value);
    value_cache_release(value);
}

/* Behind the hand: it comes to what is new last. */
static void put_in(struct value_shard *shard, struct value_bucket *bucket,
                   struct cached_value *value)
{
    if (shard->hand == NULL) {
        value->younger = value->older = value;
        shard->hand = value;
    } else {
        value->younger = shard->hand;
        value->older = shard->hand->older;
        value->older->younger = value;
        value->younger->older = value;
    }
    value->next = bucket->first;
    bucket->first = value;
    shard->bytes += size_of(value);
}

/* The hand passes over what was used since it came by last ("second chance"). */
static void make_room(struct value_cache *cache, struct value_shard *shard, size_t bytes)
{
    size_t allowed = bytes_allowed(cache);
    while (shard->hand != NULL && shard->bytes + bytes > allowed) {
        struct cached_value *value = shard->hand;
        if (value->used) {
            value->used = false;
            shard->hand = value->younger;
            continue;
        }
        take_out(shard, find(bucket_of(cache, shard, value->hash), value->hash,
                             slice_of(value->bytes, value->key_size)));
    }
}

/* true the second time, if nothing else of the bucket came in between. */
static bool is_remembered(struct value_bucket *bucket, uint64_t hash)
{
    bool remembered = bucket->remembered == hash;
    bucket->remembered = hash;
    return remembered;
}

/* For what is usual. A larger value may still push others out. */
static bool has_room(struct value_cache *cache, const struct value_shard *shard)
{
    return shard->bytes + VALUE_CACHE_VALUE_BYTES_MAX / 4 <= bytes_allowed(cache);
}

static void insert(struct value_cache *cache, struct value_shard *shard,
                   struct value_bucket *bucket, uint64_t hash, struct slice key, struct slice value)
{
    struct cached_value *cached = malloc(sizeof(*cached) + key.size + value.size);
    if (cached == NULL)
        return;
    *cached = (struct cached_value){
        .hash = hash, .key_size = (uint16_t)key.size, .value_size = (uint32_t)value.size};
    atomic_init(&cached->references, 1);
    memcpy(cached->bytes, key.data, key.size);
    memcpy(cached->bytes + key.size, value.data, value.size);
    if (size_of(cached) > bytes_allowed(cache)) {
        free(cached);
        return;
    }
    make_room(cache, shard, size_of(cached));
    put_in(shard, bucket, cached);
    atomic_fetch_add_explicit(&cache->bytes_put_in, size_of(cached), memory_order_relaxed);
}

static bool is_cacheable(struct slice value)
{
    return slice_present(value) && value.size <= VALUE_CACHE_VALUE_BYTES_MAX;
}

/* --- readers --- */

struct cached_value *value_cache_find(struct value_cache *cache, uint64_t hash, struct slice key,
                                      struct value_cache_moment *ret_moment)
{
    struct value_shard *shard = lock_shard(cache, hash);
    struct value_bucket *bucket = bucket_of(cache, shard, hash);
    struct cached_value *value = *find(bucket, hash, key);
    if (value != NULL) {
        value->used = true;
        atomic_fetch_add_explicit(&value->references, 1, memory_order_relaxed);
    }
    shard->hits += value != NULL;
    shard->misses += value == NULL;
    *ret_moment = (struct value_cache_moment){
        .may_offer = value == NULL && bucket->writing == 0 && !shard->closed &&
                     (is_remembered(bucket, hash) || has_room(cache, shard)),
        .writes = bucket->writes,
        .closings = shard->closings,
    };
    unlock_shard(shard);
    return value;
}

void value_cache_release(struct cached_value *value)
{
    if (value != NULL &&
        atomic_fetch_sub_explicit(&value->references, 1, memory_order_acq_rel) == 1)
        free(value);
}

void value_cache_offer(struct value_cache *cache, uint64_t hash, struct slice key,
                       struct slice value, struct value_cache_moment moment)
{
    if (!moment.may_offer || !is_cacheable(value))
        return;
    struct value_shard *shard = lock_shard(cache, hash);
    struct value_bucket *bucket = bucket_of(cache, shard, hash);
    bool is_current = bucket->writing == 0 && bucket->writes == moment.writes && !shard->closed &&
                      shard->closings == moment.closings;
    if (is_current && *find(bucket, hash, key) == NULL)
        insert(cache, shard, bucket, hash, key, value);
    unlock_shard(shard);
}

/* --- the committer --- */

void value_cache_begin_write(struct value_cache *cache, uint64_t hash)
{
    struct value_shard *shard = lock_shard(cache, hash);
    struct value_bucket *bucket = bucket_of(cache, shard, hash);
    bucket->writing++;
    for (struct cached_value **link = &bucket->first; *link != NULL;) {
        if ((*link)->hash != hash) {
            link = &(*link)->next;
            continue;
        }
        take_out(shard, link);
        bucket->remembered = hash;
    }
    unlock_shard(shard);
}

void value_cache_end_write(struct value_cache *cache, uint64_t hash, struct slice key,
                           struct slice value)
{
    struct value_shard *shard = lock_shard(cache, hash);
    struct value_bucket *bucket = bucket_of(cache, shard, hash);
    CHECK(bucket->writing > 0);
    bucket->writing--;
    bucket->writes++;
    /* Another write of the bucket may be of the same key, and later. */
    if (bucket->writing == 0 && is_cacheable(value) && !shard->closed &&
        is_remembered(bucket, hash))
        insert(cache, shard, bucket, hash, key, value);
    unlock_shard(shard);
}

static void empty(const struct value_cache *cache, struct value_shard *shard)
{
    while (shard->hand != NULL) {
        struct cached_value *value = shard->hand;
        take_out(shard, find(bucket_of(cache, shard, value->hash), value->hash,
                             slice_of(value->bytes, value->key_size)));
    }
}

void value_cache_close(struct value_cache *cache)
{
    for (size_t i = 0; i < VALUE_CACHE_SHARDS; i++) {
        struct value_shard *shard = lock_shard(cache, i);
        empty(cache, shard);
        shard->closed = true;
        shard->closings++;
        unlock_shard(shard);
    }
}

void value_cache_open(struct value_cache *cache)
{
    for (size_t i = 0; i < VALUE_CACHE_SHARDS; i++) {
        struct value_shard *shard = lock_shard(cache, i);
        shard->closed = false;
        unlock_shard(shard);
    }
}

void value_cache_read_figures(struct value_cache *cache, struct value_cache_figures *ret_figures)
{
    *ret_figures =
        (struct value_cache_figures){.bytes_allowed = VALUE_CACHE_SHARDS * bytes_allowed(cache)};
    for (size_t i = 0; i < VALUE_CACHE_SHARDS; i++) {
        struct value_shard *shard = lock_shard(cache, i);
        ret_figures->bytes += shard->bytes;
        ret_figures->hits += shard->hits;
        ret_figures->misses += shard->misses;
        unlock_shard(shard);
    }
}

void value_cache_fini(struct value_cache *cache)
{
    if (cache->buckets == NULL)
        return;
    for (size_t i = 0; i < VALUE_CACHE_SHARDS; i++) {
        empty(cache, &cache->shards[i]);
        pthread_mutex_destroy(&cache->shards[i].lock);
    }
    free(cache->buckets);
    memset(cache, 0, sizeof(*cache));
}
