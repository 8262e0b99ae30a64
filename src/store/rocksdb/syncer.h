#ifndef HASHRANGE_STORE_ROCKSDB_SYNCER_H
#define HASHRANGE_STORE_ROCKSDB_SYNCER_H

/*
 * ROCKSDB_STORE_INTERVAL: a thread that syncs the log every so many milliseconds. A sync that fails
 * makes RocksDB fail the next commit, which says so.
 */

#include "store/rocksdb/database.h"

struct syncer {
    struct database *database;
    int64_t interval_ms;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool stopping;
    bool running;
    pthread_t thread;
};

MUST_USE bool syncer_start(struct syncer *syncer, struct database *database, int64_t interval_ms);
/* Accepts a zeroed one. */
void syncer_stop(struct syncer *syncer);

#endif
