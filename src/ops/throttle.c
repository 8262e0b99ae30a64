#include "ops/throttle.h"

#include <pthread.h>
#include <stdlib.h>

#include "ops/table_name.h"

enum {
    BURST_SECONDS = 300,
    FIRST_SECONDS = 1, /* what the bucket of a table that was made just now holds */
    BUCKETS_FIRST = 64,
    THROTTLES_MAX = 16, /* named in one error */
};
static const double MS = 1000;

/* The bucket of one table or global index: their ids come from one sequence. id 0: a free place. */
struct bucket {
    uint64_t id;
    bool is_write;
    double units; /* negative: a debt */
    int64_t filled_ms;
};

/* A hash table with open addressing; at most half full. */
struct op_throttle {
    pthread_mutex_t lock;
    int64_t started_ms;
    struct bucket *buckets;
    size_t capacity; /* a power of two */
    size_t count;
};

const struct error *op_throttle_open(int64_t now_ms, struct op_throttle **ret_throttle)
{
    struct op_throttle *throttle = calloc(1, sizeof(*throttle));
    struct bucket *buckets = calloc(BUCKETS_FIRST, sizeof(*buckets));
    if (throttle == NULL || buckets == NULL) {
        free(throttle);
        free(buckets);
        return error_exhausted();
    }
    pthread_mutex_init(&throttle->lock, NULL);
    throttle->started_ms = now_ms;
    throttle->buckets = buckets;
    throttle->capacity = BUCKETS_FIRST;
    *ret_throttle = throttle;
    return NULL;
}

void op_throttle_close(struct op_throttle *throttle)
{
    if (throttle == NULL)
        return;
    pthread_mutex_destroy(&throttle->lock);
    free(throttle->buckets);
    free(throttle);
}

/* --- what may be used --- */

/* What a charge is about: a table, or a global index of it. */
struct arm {
    const struct db_table *table;
    const struct db_index *index; /* NULL: the table */
    bool is_write;
};

static struct arm arm_of(const struct db_table *table, const struct db_index *index, bool is_write)
{
    return (struct arm){table, index != NULL && index->global ? index : NULL, is_write};
}

/* Units per second; negative: no limit. */
static double rate_of(const struct arm *arm)
{
    const struct db_throughput *provisioned =
        arm->index != NULL ? &arm->index->throughput : &arm->table->throughput;
    const struct db_on_demand *on_demand =
        arm->index != NULL ? &arm->index->on_demand : &arm->table->on_demand;
    if (arm->table->billing == DB_PROVISIONED)
        return (double)(arm->is_write ? provisioned->write_units : provisioned->read_units);
    if (!on_demand->present)
        return -1;
    return (double)(arm->is_write ? on_demand->max_write_units : on_demand->max_read_units);
}

/* --- buckets; the lock is held --- */

static size_t place_of(const struct bucket *buckets, size_t capacity, uint64_t id, bool is_write)
{
    size_t at = (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32 ^ (uint64_t)is_write);
    for (at &= capacity - 1; buckets[at].id != 0; at = (at + 1) & (capacity - 1)) {
        if (buckets[at].id == id && buckets[at].is_write == is_write)
            break;
    }
    return at;
}

/* Makes room for one more. Buckets that must be full by now are forgotten: they begin full. */
static bool reserve(struct op_throttle *throttle, int64_t now_ms)
{
    if (2 * (throttle->count + 1) <= throttle->capacity)
        return true;
    struct bucket *buckets = calloc(2 * throttle->capacity, sizeof(*buckets));
    if (buckets == NULL)
        return false;
    size_t count = 0;
    for (size_t i = 0; i < throttle->capacity; i++) {
        const struct bucket *old = &throttle->buckets[i];
        bool is_full = old->units >= 0 && now_ms - old->filled_ms > BURST_SECONDS * (int64_t)MS;
        if (old->id == 0 || is_full)
            continue;
        buckets[place_of(buckets, 2 * throttle->capacity, old->id, old->is_write)] = *old;
        count++;
    }
    free(throttle->buckets);
    throttle->buckets = buckets;
    throttle->capacity *= 2;
    throttle->count = count;
    return true;
}

static double first_units(const struct op_throttle *throttle, const struct arm *arm, double rate,
                          int64_t now_ms)
{
    int64_t since_ms = arm->table->created_ms > throttle->started_ms ? arm->table->created_ms
                                                                     : throttle->started_ms;
    double seconds = (double)(now_ms - since_ms) / MS;
    seconds = seconds < FIRST_SECONDS ? FIRST_SECONDS : seconds;
    return rate * (seconds > BURST_SECONDS ? BURST_SECONDS : seconds);
}

/* The bucket with what it has gained by now; NULL when there is no memory for it, which admits. */
static struct bucket *fill(struct op_throttle *throttle, const struct arm *arm, double rate,
                           int64_t now_ms)
{
    if (!reserve(throttle, now_ms))
        return NULL;
    uint64_t id = arm->index != NULL ? arm->index->id : arm->table->id;
    struct bucket *bucket =
        &throttle->buckets[place_of(throttle->buckets, throttle->capacity, id, arm->is_write)];
    if (bucket->id == 0) {
        *bucket =
            (struct bucket){id, arm->is_write, first_units(throttle, arm, rate, now_ms), now_ms};
        throttle->count++;
        return bucket;
    }
    if (now_ms > bucket->filled_ms) {
        bucket->units += rate * (double)(now_ms - bucket->filled_ms) / MS;
        bucket->filled_ms = now_ms;
    }
    if (bucket->units > rate * BURST_SECONDS)
        bucket->units = rate * BURST_SECONDS;
    return bucket;
}

static bool is_empty(struct op_throttle *throttle, const struct arm *arm, int64_t now_ms)
{
    double rate = rate_of(arm);
    if (rate < 0)
        return false;
    const struct bucket *bucket = fill(throttle, arm, rate, now_ms);
    return bucket != NULL && bucket->units <= 0;
}

static void take(struct op_throttle *throttle, const struct arm *arm, double units, int64_t now_ms)
{
    double rate = rate_of(arm);
    struct bucket *bucket = rate < 0 || units == 0 ? NULL : fill(throttle, arm, rate, now_ms);
    if (bucket != NULL)
        bucket->units -= units;
}

/* --- refusing --- */

static const struct error *make_throttle(const struct op_call *call, const struct arm *arm,
                                         struct error_throttle *ret_throttle)
{
    struct buf reason;
    buf_init(&reason, call->arena, 128);
    buf_append_format(&reason, "%s%s%s", arm->index != NULL ? "Index" : "Table",
                      arm->is_write ? "Write" : "Read",
                      arm->table->billing == DB_PROVISIONED ? "ProvisionedThroughputExceeded"
                                                            : "MaxOnDemandThroughputExceeded");
    bool has_arn = op_table_arn_make(call->arena, arm->table, arm->index != NULL ? "index" : NULL,
                                     arm->index != NULL ? arm->index->name : SLICE_ABSENT,
                                     &ret_throttle->resource);
    if (reason.failed || !has_arn)
        return error_exhausted();
    ret_throttle->reason = buf_slice(&reason);
    return NULL;
}

/* Words: API reference and developer guide, "Error handling with DynamoDB" and "Diagnosing
 * throttling". */
static const struct error *refuse(const struct op_call *call, const struct arm *arms, size_t count)
{
    struct error *error = ARENA_NEW(call->arena, struct error);
    struct error_throttle *throttles = ARENA_NEW_ARRAY(call->arena, struct error_throttle, count);
    if (error == NULL || throttles == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++) {
        const struct error *problem = make_throttle(call, &arms[i], &throttles[i]);
        if (problem != NULL)
            return problem;
    }
    error->throttles = throttles;
    error->throttle_count = count;
    if (arms[0].table->billing != DB_PROVISIONED) {
        error->kind = ERROR_THROTTLING;
        error->message =
            SLICE("Throughput exceeds the maximum OnDemandThroughput configured on table or index");
        return error;
    }
    error->kind = ERROR_PROVISIONED_THROUGHPUT;
    error->message =
        arms[0].index == NULL
            ? SLICE("The level of configured provisioned throughput for the table was exceeded. "
                    "Consider increasing your provisioning level with the UpdateTable API.")
            : SLICE("The level of configured provisioned throughput for one or more global "
                    "secondary indexes of the table was exceeded. Consider increasing your "
                    "provisioning level for the under-provisioned global secondary indexes with "
                    "the UpdateTable API");
    return error;
}

const struct error *op_throttle_check(const struct op_call *call, const struct db_table *table,
                                      const struct db_index *index, bool is_write)
{
    struct op_throttle *throttle = call->environment->throttle;
    if (throttle == NULL)
        return NULL;
    struct arm arm = arm_of(table, index, is_write);
    pthread_mutex_lock(&throttle->lock);
    bool is_refused = is_empty(throttle, &arm, call->now_ms);
    pthread_mutex_unlock(&throttle->lock);
    return is_refused ? refuse(call, &arm, 1) : NULL;
}

/* --- taking --- */

static void charge(const struct op_call *call, const struct arm *arm, double units)
{
    struct op_throttle *throttle = call->environment->throttle;
    if (throttle == NULL)
        return;
    pthread_mutex_lock(&throttle->lock);
    take(throttle, arm, units, call->now_ms);
    pthread_mutex_unlock(&throttle->lock);
}

void op_throttle_charge_read(const struct op_call *call, const struct db_table *table,
                             const struct db_index *index, double units)
{
    struct arm arm = arm_of(table, index, false);
    charge(call, &arm, units);
}

void op_throttle_charge_table(const struct op_call *call, const struct db_table *table,
                              double units)
{
    struct arm arm = arm_of(table, NULL, true);
    charge(call, &arm, units);
}

/* The table's part, with that of its local indexes. */
static double table_units(const struct op_capacity *capacity)
{
    double units = capacity->table_units;
    for (size_t i = 0; i < capacity->table->index_count; i++)
        units += capacity->table->indexes[i].global ? 0 : capacity->index_units[i];
    return units;
}

static void take_all(struct op_throttle *throttle, const struct op_capacity *capacity,
                     bool is_write, int64_t now_ms)
{
    struct arm arm = arm_of(capacity->table, NULL, is_write);
    take(throttle, &arm, table_units(capacity), now_ms);
    for (size_t i = 0; i < capacity->table->index_count; i++) {
        if (!capacity->table->indexes[i].global)
            continue;
        arm = arm_of(capacity->table, &capacity->table->indexes[i], is_write);
        take(throttle, &arm, capacity->index_units[i], now_ms);
    }
}

void op_throttle_charge_reads(const struct op_call *call, const struct op_capacity *capacity)
{
    struct op_throttle *throttle = call->environment->throttle;
    if (throttle == NULL)
        return;
    pthread_mutex_lock(&throttle->lock);
    take_all(throttle, capacity, false, call->now_ms);
    pthread_mutex_unlock(&throttle->lock);
}

static void add_empty(struct op_throttle *throttle, const struct arm *arm, int64_t now_ms,
                      struct arm *empty, size_t *count)
{
    if (*count < THROTTLES_MAX && is_empty(throttle, arm, now_ms))
        empty[(*count)++] = *arm;
}

/* The arms of the capacity that have nothing left, the table's first. */
static void find_empty(struct op_throttle *throttle, const struct op_capacity *capacity,
                       int64_t now_ms, struct arm *empty, size_t *count)
{
    struct arm arm = arm_of(capacity->table, NULL, true);
    add_empty(throttle, &arm, now_ms, empty, count);
    for (size_t i = 0; i < capacity->table->index_count; i++) {
        arm = arm_of(capacity->table, &capacity->table->indexes[i], true);
        if (arm.index != NULL && capacity->index_units[i] > 0)
            add_empty(throttle, &arm, now_ms, empty, count);
    }
}

const struct error *op_throttle_write(const struct op_call *call,
                                      const struct op_capacity *capacities, size_t count)
{
    struct op_throttle *throttle = call->environment->throttle;
    if (throttle == NULL)
        return NULL;
    struct arm empty[THROTTLES_MAX];
    size_t empty_count = 0;
    pthread_mutex_lock(&throttle->lock);
    for (size_t i = 0; i < count; i++)
        find_empty(throttle, &capacities[i], call->now_ms, empty, &empty_count);
    for (size_t i = 0; empty_count == 0 && i < count; i++)
        take_all(throttle, &capacities[i], true, call->now_ms);
    pthread_mutex_unlock(&throttle->lock);
    return empty_count == 0 ? NULL : refuse(call, empty, empty_count);
}

void op_throttle_write_parts(const struct op_call *call, const struct op_capacity *parts,
                             size_t count, const struct error **ret_refusals, bool *ret_refused)
{
    struct op_throttle *throttle = call->environment->throttle;
    *ret_refused = false;
    if (throttle == NULL)
        return;
    pthread_mutex_lock(&throttle->lock);
    for (size_t i = 0; i < count; i++) {
        struct arm empty[THROTTLES_MAX];
        size_t empty_count = 0;
        find_empty(throttle, &parts[i], call->now_ms, empty, &empty_count);
        ret_refusals[i] = empty_count == 0 ? NULL : refuse(call, empty, empty_count);
        *ret_refused = *ret_refused || empty_count > 0;
    }
    for (size_t i = 0; !*ret_refused && i < count; i++)
        take_all(throttle, &parts[i], true, call->now_ms);
    pthread_mutex_unlock(&throttle->lock);
}
