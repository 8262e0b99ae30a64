#include "store/rocksdb/caches.h"

enum { RANGES_SHARE = 8 }; /* an eighth is for ranges; values and blocks divide the rest */

static size_t without_ranges(size_t cache_bytes)
{
    return cache_bytes - cache_bytes / RANGES_SHARE;
}

size_t caches_blocks_bytes(size_t cache_bytes)
{
    size_t budget = without_ranges(cache_bytes);
    return budget - cache_balance_values_least(budget);
}

bool caches_init(struct caches *caches, struct database *database, size_t cache_bytes)
{
    size_t budget = without_ranges(cache_bytes);
    if (!value_cache_init(&caches->values, cache_balance_values_most(budget)))
        return false;
    if (!value_cache_init(&caches->ranges, cache_bytes - budget)) {
        value_cache_fini(&caches->values);
        return false;
    }
    cache_balance_init(&caches->balance, &caches->values, database, budget);
    return true;
}

void caches_fini(struct caches *caches)
{
    value_cache_fini(&caches->values);
    value_cache_fini(&caches->ranges);
}

static void close_caches(struct caches *caches)
{
    value_cache_close(&caches->values);
    value_cache_close(&caches->ranges);
}

void caches_open(struct caches *caches)
{
    value_cache_open(&caches->values);
    value_cache_open(&caches->ranges);
}

/* The caches cannot tell what such a flight writes: a whole range, or keys whose front is not known
 * before the sequence number behind their prefix is. */
static bool is_unclear(const struct flight *flight)
{
    struct slice at = buf_slice(&flight->batch.encoded);
    struct store_mutation mutation;
    while (flight->appends && store_batch_next(&at, &mutation)) {
        if (mutation.kind == STORE_APPEND && mutation.key.size < STORE_FRONT_BYTES)
            return true;
    }
    return flight->drops;
}

static void begin_write(struct caches *caches, const struct overlay_entry *entry)
{
    if (entry->kind == OVERLAY_VALUE)
        value_cache_begin_write(&caches->values, entry->hash);
    if (entry->front_hash != 0)
        value_cache_begin_write(&caches->ranges, entry->front_hash);
}

static void end_write(struct caches *caches, const struct overlay_entry *entry)
{
    if (entry->kind == OVERLAY_VALUE)
        value_cache_end_write(&caches->values, entry->hash, entry->key, entry->value);
    if (entry->front_hash != 0)
        value_cache_end_write(&caches->ranges, entry->front_hash, entry->key, SLICE_ABSENT);
}

/* Appended keys are not among the entries of a flight: no decision reads them. Ranges do. */
static void each_write(struct caches *caches, const struct flights *flights,
                       const struct flight *flight,
                       void (*visit)(struct caches *, const struct overlay_entry *))
{
    for (size_t i = 0; i < flight->entry_count; i++)
        visit(caches, &flight->entries[i]);
    struct slice at = buf_slice(&flight->batch.encoded);
    struct store_mutation mutation;
    while (flight->appends && store_batch_next(&at, &mutation)) {
        if (mutation.kind != STORE_APPEND)
            continue;
        const struct overlay_entry appended = {
            .kind = OVERLAY_HOLD, /* of a front, and no value */
            .front_hash = flights_front_hash(flights, mutation.key),
        };
        visit(caches, &appended);
    }
}

void caches_begin_writes(struct caches *caches, const struct flights *flights,
                         const struct flight_list *group)
{
    for (const struct flight *flight = group->first; flight != NULL; flight = flight->next) {
        if (is_unclear(flight))
            close_caches(caches);
        each_write(caches, flights, flight, begin_write);
    }
}

void caches_end_writes(struct caches *caches, const struct flights *flights,
                       const struct flight_list *group, bool written)
{
    bool was_unclear = false;
    if (!written)
        close_caches(caches);
    for (const struct flight *flight = group->first; flight != NULL; flight = flight->next) {
        was_unclear = was_unclear || is_unclear(flight);
        each_write(caches, flights, flight, end_write);
    }
    if (written && was_unclear)
        caches_open(caches);
    cache_balance_consider(&caches->balance);
}
