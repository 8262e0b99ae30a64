#include "store/mem/mem_store.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/check.h"
#include "store/mem/sorted_map.h"

struct mem_store {
    struct store store;
    pthread_rwlock_t lock;
    struct sorted_map values;
    struct sorted_map counters; /* values are int64_t in this machine's order */
    struct store_batch batch;   /* of the transaction that holds the lock */
    uint64_t sequence;          /* the last given out */
    uint64_t commits;
};

enum { BATCH_BYTES_KEPT = 1024 * 1024 };

static struct mem_store *mem_of(struct store *store)
{
    return (struct mem_store *)store;
}

static void lock_shared(struct mem_store *mem)
{
    CHECK(pthread_rwlock_rdlock(&mem->lock) == 0);
}

static void lock_alone(struct mem_store *mem)
{
    CHECK(pthread_rwlock_wrlock(&mem->lock) == 0);
}

static void unlock(struct mem_store *mem)
{
    CHECK(pthread_rwlock_unlock(&mem->lock) == 0);
}

static bool copy_value(const struct mem_store *mem, struct arena *arena, struct slice key,
                       struct slice *ret_value)
{
    const struct sorted_entry *entry = sorted_map_find(&mem->values, key);
    if (entry != NULL)
        return arena_copy(arena, sorted_entry_value(entry), ret_value);
    *ret_value = SLICE_ABSENT;
    return true;
}

static const struct error *mem_get(struct store *store, struct arena *arena,
                                   const struct slice *keys, size_t count, struct slice *ret_values)
{
    struct mem_store *mem = mem_of(store);
    struct slice *values = ARENA_NEW_ARRAY(arena, struct slice, count);
    if (values == NULL)
        return error_exhausted();
    bool copied = true;
    lock_shared(mem);
    for (size_t i = 0; i < count && copied; i++)
        copied = copy_value(mem, arena, keys[i], &values[i]);
    unlock(mem);
    if (!copied)
        return error_exhausted();
    memcpy(ret_values, values, count * sizeof(*values));
    return NULL;
}

static bool below_end(const struct sorted_entry *entry, struct store_range range)
{
    return !slice_present(range.end) || slice_compare(sorted_entry_key(entry), range.end) < 0;
}

static void scan_forward(const struct mem_store *mem, struct store_range range, store_visit *visit,
                         void *context)
{
    const struct sorted_entry *entry = sorted_map_seek(&mem->values, range.first);
    while (entry != NULL && below_end(entry, range) &&
           visit(context, sorted_entry_key(entry), sorted_entry_value(entry)))
        entry = sorted_entry_next(entry);
}

static void scan_backward(const struct mem_store *mem, struct store_range range, store_visit *visit,
                          void *context)
{
    const struct sorted_entry *entry = slice_present(range.end)
                                           ? sorted_map_seek_below(&mem->values, range.end)
                                           : mem->values.last;
    while (entry != NULL && slice_compare(sorted_entry_key(entry), range.first) >= 0 &&
           visit(context, sorted_entry_key(entry), sorted_entry_value(entry)))
        entry = sorted_entry_previous(entry);
}

static const struct error *mem_scan(struct store *store, struct arena *arena,
                                    struct store_range range, enum store_direction direction,
                                    store_visit *visit, void *context)
{
    (void)arena;
    struct mem_store *mem = mem_of(store);
    lock_shared(mem);
    if (direction == STORE_FORWARD)
        scan_forward(mem, range, visit, context);
    else
        scan_backward(mem, range, visit, context);
    unlock(mem);
    return NULL;
}

static struct sorted_entry *make_appended(struct mem_store *mem,
                                          const struct store_mutation *mutation, uint64_t sequence)
{
    uint8_t key[STORE_KEY_BYTES_MAX];
    memcpy(key, mutation->key.data, mutation->key.size);
    store_sequence_write(key + mutation->key.size, sequence);
    return sorted_map_make_entry(
        &mem->values, slice_of(key, mutation->key.size + STORE_SEQUENCE_BYTES), mutation->value);
}

static struct sorted_entry *make_entry(struct mem_store *mem, const struct store_mutation *mutation,
                                       uint64_t *sequence)
{
    switch (mutation->kind) {
    case STORE_PUT:
        return sorted_map_make_entry(&mem->values, mutation->key, mutation->value);
    case STORE_ADD:
        return sorted_map_make_entry(&mem->counters, mutation->key,
                                     slice_of(&mutation->delta, sizeof(mutation->delta)));
    case STORE_APPEND:
        return make_appended(mem, mutation, (*sequence)++);
    case STORE_DELETE:
        break;
    }
    return NULL;
}

/* One entry for every mutation of the batch but deletions, in order. Takes all memory that applying
 * the batch needs. NULL when there is none. */
static struct sorted_entry **make_entries(struct mem_store *mem, const struct store_batch *batch)
{
    struct sorted_entry **entries = calloc(batch->count, sizeof(*entries));
    if (entries == NULL)
        return NULL;
    struct slice at = buf_slice(&batch->encoded);
    struct store_mutation mutation;
    uint64_t sequence = store_sequence_after(mem->sequence);
    for (size_t i = 0; store_batch_next(&at, &mutation); i++) {
        if (mutation.kind == STORE_DELETE)
            continue;
        entries[i] = make_entry(mem, &mutation, &sequence);
        if (entries[i] == NULL) {
            while (i-- > 0)
                sorted_entry_free(entries[i]);
            free(entries);
            return NULL;
        }
    }
    mem->sequence = sequence - 1;
    return entries;
}

static int64_t counter_value(const struct sorted_entry *entry)
{
    int64_t value;
    struct slice bytes = sorted_entry_value(entry);
    CHECK(bytes.size == sizeof(value));
    memcpy(&value, bytes.data, sizeof(value));
    return value;
}

static void add_to_counter(struct sorted_map *counters, struct sorted_entry *addend)
{
    struct sorted_entry *entry = sorted_map_find(counters, sorted_entry_key(addend));
    if (entry == NULL) {
        sorted_map_link(counters, addend);
        return;
    }
    uint64_t sum = (uint64_t)counter_value(entry) + (uint64_t)counter_value(addend);
    memcpy(sorted_entry_value_bytes(entry), &sum, sizeof(sum));
    sorted_entry_free(addend);
}

static const struct error *apply(struct mem_store *mem, const struct store_batch *batch)
{
    if (store_batch_failed(batch))
        return error_exhausted();
    if (batch->count == 0)
        return NULL;
    struct sorted_entry **entries = make_entries(mem, batch);
    if (entries == NULL)
        return error_exhausted();
    struct slice at = buf_slice(&batch->encoded);
    struct store_mutation mutation;
    for (size_t i = 0; store_batch_next(&at, &mutation); i++) {
        switch (mutation.kind) {
        case STORE_PUT:
        case STORE_APPEND:
            sorted_map_link(&mem->values, entries[i]);
            break;
        case STORE_DELETE:
            sorted_map_remove(&mem->values, mutation.key);
            break;
        case STORE_ADD:
            add_to_counter(&mem->counters, entries[i]);
            break;
        }
    }
    free(entries);
    return NULL;
}

static void mem_transact(struct store *store, struct store_transaction *transaction)
{
    struct mem_store *mem = mem_of(store);
    struct slice old_values[STORE_TRANSACT_KEYS_MAX];
    const struct error *error = NULL;
    lock_alone(mem);
    /* What is decided has landed when the lock is given up: nobody ever sees a key held. */
    if (transaction->held != NULL)
        memset(transaction->held, 0, transaction->key_count * sizeof(*transaction->held));
    for (size_t i = 0; i < transaction->key_count; i++) {
        const struct sorted_entry *entry = sorted_map_find(&mem->values, transaction->keys[i]);
        old_values[i] = entry == NULL ? SLICE_ABSENT : sorted_entry_value(entry);
    }
    if (transaction->decide(transaction->context, old_values, &mem->batch) == STORE_COMMIT) {
        error = apply(mem, &mem->batch);
        mem->commits += error == NULL;
    }
    store_batch_clear(&mem->batch);
    if (mem->batch.encoded.capacity > BATCH_BYTES_KEPT)
        store_batch_fini(&mem->batch);
    unlock(mem);
    transaction->done(transaction->context, error);
}

static void mem_in_flight(struct store *store, const struct slice *keys, size_t count,
                          bool *ret_in_flight)
{
    (void)store;
    (void)keys;
    memset(ret_in_flight, 0, count * sizeof(*ret_in_flight));
}

static const struct error *mem_counter_read(struct store *store, struct arena *arena,
                                            struct slice key, int64_t *ret_value)
{
    (void)arena;
    struct mem_store *mem = mem_of(store);
    lock_shared(mem);
    const struct sorted_entry *entry = sorted_map_find(&mem->counters, key);
    *ret_value = entry == NULL ? 0 : counter_value(entry);
    unlock(mem);
    return NULL;
}

enum { DROP_ENTRIES_AT_ONCE = 1024 };

/* true when the whole range is gone; false when there is more to drop. */
static bool drop_some(struct sorted_map *map, struct store_range range)
{
    for (int i = 0; i < DROP_ENTRIES_AT_ONCE; i++) {
        const struct sorted_entry *entry = sorted_map_seek(map, range.first);
        if (entry == NULL || !below_end(entry, range))
            return true;
        sorted_map_remove(map, sorted_entry_key(entry));
    }
    return false;
}

static const struct error *mem_drop_range(struct store *store, struct arena *arena,
                                          struct store_range range)
{
    (void)arena;
    struct mem_store *mem = mem_of(store);
    /* The lock is given up now and then: dropping a large table must not make others wait. */
    for (bool dropped = false; !dropped;) {
        lock_alone(mem);
        dropped = drop_some(&mem->values, range) && drop_some(&mem->counters, range);
        unlock(mem);
    }
    return NULL;
}

static void mem_read_statistics(struct store *store, struct store_statistics *ret_statistics)
{
    struct mem_store *mem = mem_of(store);
    lock_shared(mem);
    ret_statistics->engine = "mem";
    ret_statistics->commits = mem->commits;
    ret_statistics->commit_groups = mem->commits;
    unlock(mem);
}

static void mem_close(struct store *store)
{
    struct mem_store *mem = mem_of(store);
    sorted_map_fini(&mem->values);
    sorted_map_fini(&mem->counters);
    store_batch_fini(&mem->batch);
    pthread_rwlock_destroy(&mem->lock);
    free(mem);
}

static const struct store_engine mem_engine = {
    .get = mem_get,
    .scan = mem_scan,
    .transact = mem_transact,
    .in_flight = mem_in_flight,
    .counter_read = mem_counter_read,
    .drop_range = mem_drop_range,
    .read_statistics = mem_read_statistics,
    .close = mem_close,
};

const struct error *mem_store_open(struct arena *arena, struct store **ret_store)
{
    (void)arena;
    struct mem_store *mem = calloc(1, sizeof(*mem));
    if (mem == NULL)
        return error_exhausted();
    mem->store.engine = &mem_engine;
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    /* Else a steady stream of reads keeps writers out for ever. */
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    CHECK(pthread_rwlock_init(&mem->lock, &attributes) == 0);
    pthread_rwlockattr_destroy(&attributes);
    sorted_map_init(&mem->values);
    sorted_map_init(&mem->counters);
    store_batch_init(&mem->batch, NULL, STORE_BATCH_BYTES_MAX);
    *ret_store = &mem->store;
    return NULL;
}
