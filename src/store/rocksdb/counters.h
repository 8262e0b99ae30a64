#ifndef HASHRANGE_STORE_ROCKSDB_COUNTERS_H
#define HASHRANGE_STORE_ROCKSDB_COUNTERS_H

/*
 * The totals of counters as the committer knows them: loaded when first added to, written as
 * records in the same batch as the additions, forgotten when that batch fails. Readers read the
 * records.
 *
 * Threads: the committer only.
 */

#include "store/rocksdb/library.h"

#include "store/store.h"

struct counter;

struct counters {
    struct counter **buckets;
    struct counter *changed; /* since the last counters_write */
    size_t count;
    uint8_t hash_key[16];
};

MUST_USE bool counters_init(struct counters *counters);
/* Accepts a zeroed one. */
void counters_fini(struct counters *counters);

/* false: the total could not be loaded; *ret_words, to be freed, says why, if there is memory for
 * it. */
MUST_USE bool counters_add(struct counters *counters, rocksdb_t *rocksdb,
                           const rocksdb_readoptions_t *read_options, struct slice key,
                           int64_t delta, char **ret_words);
/* Appends a record for every counter changed. */
void counters_write(struct counters *counters, rocksdb_writebatch_t *batch);
/* The next addition loads the record again. */
void counters_forget(struct counters *counters);
/* To be called when a batch has been committed: keeps the memory within bounds. */
void counters_trim(struct counters *counters);

/* The committed total of one counter, 0 when there is none. false: as above. */
MUST_USE bool counters_load(rocksdb_t *rocksdb, const rocksdb_readoptions_t *read_options,
                            struct slice record_key, int64_t *ret_total, char **ret_words);

#endif
