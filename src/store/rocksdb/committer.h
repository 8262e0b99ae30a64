#ifndef HASHRANGE_STORE_ROCKSDB_COMMITTER_H
#define HASHRANGE_STORE_ROCKSDB_COMMITTER_H

/*
 * The one thread that writes: takes the flights that wait, makes them one RocksDB batch with the
 * totals of their counters, writes it with one sync, and calls their `done`. It numbers what is
 * appended, so that the order of the numbers is that of the log; the last number is a record in the
 * same batch. After a failure it is also the thread that tries to get the database to write again.
 */

#include <stdatomic.h>

#include "store/rocksdb/caches.h"
#include "store/rocksdb/counters.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/flights.h"

struct committer {
    struct database *database;
    struct flights *flights;
    struct caches *caches;
    struct counters counters;
    uint64_t sequence; /* the last given out, also to batches that failed: none is given twice */
    rocksdb_writebatch_t *batch;
    const char *(*before_commit)(void *context);
    void *before_commit_context;
    int64_t retry_ms;
    pthread_t thread;
    atomic_uint_fast64_t commits;
    atomic_uint_fast64_t groups;
};

/* last_sequence: the greatest that was given out before. false: no memory or no thread. */
MUST_USE bool committer_start(struct committer *committer, struct database *database,
                              struct flights *flights, struct caches *caches,
                              uint64_t last_sequence, const struct rocksdb_store_options *options);
/* Works the queue off and ends. */
void committer_stop(struct committer *committer);

#endif
