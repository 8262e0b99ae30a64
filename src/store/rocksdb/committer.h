#ifndef HASHRANGE_STORE_ROCKSDB_COMMITTER_H
#define HASHRANGE_STORE_ROCKSDB_COMMITTER_H

/*
 * The one thread that writes: takes the flights that wait, makes them one RocksDB batch with the
 * totals of their counters, writes it with one sync, and calls their `done`. After a failure it is
 * also the thread that tries to get the database to write again.
 */

#include <stdatomic.h>

#include "store/rocksdb/counters.h"
#include "store/rocksdb/database.h"
#include "store/rocksdb/flights.h"

struct committer {
    struct database *database;
    struct flights *flights;
    struct counters counters;
    rocksdb_writebatch_t *batch;
    const char *(*before_commit)(void *context);
    void *before_commit_context;
    int64_t retry_ms;
    pthread_t thread;
    atomic_uint_fast64_t commits;
    atomic_uint_fast64_t groups;
};

/* false: no memory or no thread. */
MUST_USE bool committer_start(struct committer *committer, struct database *database,
                              struct flights *flights, const struct rocksdb_store_options *options);
/* Works the queue off and ends. */
void committer_stop(struct committer *committer);

#endif
