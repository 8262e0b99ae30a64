#include "store/rocksdb/cache_balance.h"

enum {
    VALUES_LEAST_SHARE = 8, /* an eighth */
    BLOCKS_LEAST_SHARE = 8,
    /* Indexes and filters take up to a sixtieth of the tables of small items; twice that leaves
     * room for the data that is being read. */
    METADATA_SHARE = 30,
    STEPS = 256, /* in the budget */
    STEP_BYTES_MAX = 16 * 1024 * 1024,
    SCANS_OF_A_STEP = 4096,
    EARNS_NOTHING = 8, /* fewer than one of so many reads is answered */
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

size_t cache_balance_values_least(size_t budget)
{
    return budget / VALUES_LEAST_SHARE;
}

size_t cache_balance_values_most(size_t budget)
{
    return budget - budget / BLOCKS_LEAST_SHARE;
}

/* --- the decision --- */

/* What values may have at most, now that tables are so large. */
static size_t most(const struct cache_shares *shares, size_t table_bytes)
{
    size_t blocks = larger(shares->blocks_least, table_bytes / METADATA_SHARE);
    size_t rest = shares->budget - smaller(blocks, shares->budget);
    return larger(rest, shares->values_least);
}

size_t cache_balance_decide(const struct cache_shares *shares, const struct cache_use *use)
{
    size_t allowed = use->values_allowed;
    size_t upper = most(shares, use->table_bytes);
    if (allowed > upper)
        return allowed - smaller(allowed - upper, 2 * shares->step);
    bool is_full = use->values_bytes + shares->step >= allowed;
    bool is_room = use->blocks_bytes + allowed + shares->step <= shares->budget;
    if (is_full && (is_room || use->hits > use->misses))
        return smaller(allowed + shares->step, upper);
    bool earns_nothing = use->hits < use->misses / EARNS_NOTHING;
    if (!is_room && earns_nothing)
        return larger(allowed - smaller(allowed, shares->step), shares->values_least);
    return allowed;
}

/* --- carrying it out --- */

void cache_balance_init(struct cache_balance *balance, struct value_cache *values,
                        struct database *database, size_t budget)
{
    *balance = (struct cache_balance){
        .values = values,
        .database = database,
        .values_allowed = cache_balance_values_least(budget),
        .shares = {.budget = budget,
                   .values_least = cache_balance_values_least(budget),
                   .blocks_least = budget / BLOCKS_LEAST_SHARE,
                   .step = larger(smaller(budget / STEPS, STEP_BYTES_MAX), 1)},
    };
    value_cache_allow(values, balance->values_allowed);
    atomic_init(&balance->due_at, balance->shares.step);
}

/* false: the database is closed. */
static bool look(struct cache_balance *balance, struct cache_use *ret_use)
{
    struct value_cache_figures figures;
    uint64_t table_bytes = 0;
    rocksdb_t *rocksdb = database_acquire(balance->database);
    if (rocksdb == NULL)
        return false;
    (void)librocksdb.property_int(rocksdb, "rocksdb.live-sst-files-size", &table_bytes);
    database_release(balance->database);
    value_cache_read_figures(balance->values, &figures);
    uint64_t scans = atomic_load_explicit(&balance->scans, memory_order_relaxed);
    *ret_use = (struct cache_use){
        .values_allowed = balance->values_allowed,
        .values_bytes = figures.bytes,
        .blocks_bytes = librocksdb.cache_get_usage(balance->database->cache),
        .table_bytes = table_bytes,
        .hits = figures.hits - balance->hits,
        .misses = figures.misses - balance->misses + scans - balance->scans_seen,
    };
    balance->hits = figures.hits;
    balance->misses = figures.misses;
    balance->scans_seen = scans;
    return true;
}

static void divide(struct cache_balance *balance)
{
    struct cache_use use;
    if (!look(balance, &use))
        return;
    size_t allowed = cache_balance_decide(&balance->shares, &use);
    if (allowed == balance->values_allowed)
        return;
    balance->values_allowed = allowed;
    value_cache_allow(balance->values, allowed);
    librocksdb.cache_set_capacity(balance->database->cache, balance->shares.budget - allowed);
}

/* A step of bytes that were put in, or a great many scans. */
static size_t happened(struct cache_balance *balance)
{
    uint64_t scans = atomic_load_explicit(&balance->scans, memory_order_relaxed);
    size_t put_in = atomic_load_explicit(&balance->values->bytes_put_in, memory_order_relaxed);
    return put_in + scans * (balance->shares.step / SCANS_OF_A_STEP + 1);
}

void cache_balance_note_scan(struct cache_balance *balance)
{
    atomic_fetch_add_explicit(&balance->scans, 1, memory_order_relaxed);
}

void cache_balance_consider(struct cache_balance *balance)
{
    size_t so_much = happened(balance);
    if (so_much < atomic_load_explicit(&balance->due_at, memory_order_relaxed) ||
        atomic_exchange(&balance->is_under_way, true))
        return;
    atomic_store_explicit(&balance->due_at, so_much + balance->shares.step, memory_order_relaxed);
    divide(balance);
    atomic_store(&balance->is_under_way, false);
}
