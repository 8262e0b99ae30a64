#include "store/rocksdb/counters.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/rand.h"
#include "store/rocksdb/records.h"

/* A table has two counters, and two for each index: this many cover thousands of tables. */
enum { BUCKETS = 4096, COUNTERS_MAX = 64 * 1024 };

struct counter {
    struct counter *next; /* in its bucket */
    struct counter *next_changed;
    bool changed;
    int64_t total;
    size_t key_size;
    uint8_t key[]; /* of the record */
};

bool counters_init(struct counters *counters)
{
    *counters = (struct counters){.buckets = calloc(BUCKETS, sizeof(struct counter *))};
    rand_bytes(counters->hash_key, sizeof(counters->hash_key));
    return counters->buckets != NULL;
}

void counters_forget(struct counters *counters)
{
    for (size_t i = 0; i < BUCKETS && counters->count > 0; i++) {
        for (struct counter *counter = counters->buckets[i], *next; counter != NULL;
             counter = next) {
            next = counter->next;
            free(counter);
            counters->count--;
        }
        counters->buckets[i] = NULL;
    }
    counters->changed = NULL;
}

void counters_fini(struct counters *counters)
{
    if (counters->buckets == NULL)
        return;
    counters_forget(counters);
    free(counters->buckets);
    *counters = (struct counters){0};
}

bool counters_load(rocksdb_t *rocksdb, const rocksdb_readoptions_t *read_options,
                   struct slice record_key, int64_t *ret_total, char **ret_words)
{
    char *words = NULL;
    rocksdb_pinnableslice_t *pinned = librocksdb.get_pinned(
        rocksdb, read_options, (const char *)record_key.data, record_key.size, &words);
    if (words != NULL) {
        *ret_words = words;
        return false;
    }
    if (pinned == NULL) {
        *ret_total = 0;
        return true;
    }
    size_t size;
    const char *value = librocksdb.pinnableslice_value(pinned, &size);
    bool read = record_counter_read(slice_of(value, size), ret_total);
    librocksdb.pinnableslice_destroy(pinned);
    if (!read)
        *ret_words = strdup("Corruption: a counter record has the wrong size");
    return read;
}

static struct counter **bucket_of(struct counters *counters, struct slice key)
{
    return &counters->buckets[hash_bytes_keyed(counters->hash_key, key) % BUCKETS];
}

bool counters_add(struct counters *counters, rocksdb_t *rocksdb,
                  const rocksdb_readoptions_t *read_options, struct slice key, int64_t delta,
                  char **ret_words)
{
    uint8_t bytes[RECORD_KEY_BYTES_MAX];
    struct slice record_key = record_counter_key(bytes, key);
    struct counter **bucket = bucket_of(counters, record_key);
    struct counter *counter = *bucket;
    while (counter != NULL && !slice_equal(slice_of(counter->key, counter->key_size), record_key))
        counter = counter->next;
    if (counter == NULL) {
        int64_t total;
        if (!counters_load(rocksdb, read_options, record_key, &total, ret_words))
            return false;
        counter = malloc(sizeof(*counter) + record_key.size);
        if (counter == NULL) {
            *ret_words = NULL;
            return false;
        }
        *counter = (struct counter){.next = *bucket, .total = total, .key_size = record_key.size};
        memcpy(counter->key, record_key.data, record_key.size);
        *bucket = counter;
        counters->count++;
    }
    counter->total = (int64_t)((uint64_t)counter->total + (uint64_t)delta);
    if (!counter->changed) {
        counter->changed = true;
        counter->next_changed = counters->changed;
        counters->changed = counter;
    }
    return true;
}

void counters_write(struct counters *counters, rocksdb_writebatch_t *batch)
{
    while (counters->changed != NULL) {
        struct counter *counter = counters->changed;
        uint8_t record[RECORD_COUNTER_BYTES];
        record_counter_write(record, counter->total);
        librocksdb.writebatch_put(batch, (const char *)counter->key, counter->key_size,
                                  (const char *)record, sizeof(record));
        counters->changed = counter->next_changed;
        counter->changed = false;
        counter->next_changed = NULL;
    }
}

void counters_trim(struct counters *counters)
{
    CHECK(counters->changed == NULL);
    if (counters->count > COUNTERS_MAX)
        counters_forget(counters);
}
