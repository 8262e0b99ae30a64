#ifndef HASHRANGE_STORE_ROCKSDB_DATABASE_H
#define HASHRANGE_STORE_ROCKSDB_DATABASE_H

/*
 * One RocksDB database: how it is opened and tuned, its format version, and how it is opened again
 * after its log has failed.
 *
 * Threads: any thread reads through database_acquire/_release. database_recover may be called from
 * one thread at a time, which meanwhile is the only one to write; it waits for acquired handles.
 */

#include "store/rocksdb/library.h"
#include <pthread.h>
#include <stdatomic.h>

#include "store/rocksdb/rocksdb_store.h"

struct database {
    char *folder;
    pthread_rwlock_t handle_lock; /* shared: use of rocksdb; alone: closing and opening it again */
    rocksdb_t *rocksdb;           /* NULL when it could not be opened again */
    atomic_bool has_failed;       /* since a write has failed, until recovery */
    rocksdb_options_t *options;
    rocksdb_block_based_table_options_t *table_options;
    rocksdb_cache_t *cache;
    rocksdb_readoptions_t *read_options;
    rocksdb_writeoptions_t *write_options; /* as the durability says */
    rocksdb_writeoptions_t *sync_write_options;
};

/* cache_bytes: for uncompressed blocks, indexes and filters. *database is zeroed, and is so again
 * after an error. It must not be moved. */
MUST_USE const struct error *database_open(struct arena *arena,
                                           const struct rocksdb_store_options *options,
                                           size_t cache_bytes, struct database *database);
/* Accepts a zeroed one. */
void database_close(struct database *database);

/* The handle, or NULL with nothing to release when the database is closed after a failure. */
MUST_USE rocksdb_t *database_acquire(struct database *database);
void database_release(struct database *database);

/* For the only writer: the handle without a lock. */
MUST_USE rocksdb_t *database_for_writer(struct database *database);

/* A write has failed: nothing but recovery may touch the log from now on. Builds of RocksDB with
 * assertions, as Debian's, abort when a log that has failed is synced. */
void database_note_failure(struct database *database);

/* Writes the log to the disk; does nothing after a failure. NULL, or RocksDB's words, for
 * rocksdb_free.
 */
MUST_USE char *database_sync_log(struct database *database);

/* Tries to become able to write, if need be by closing and opening again. true: a synced write has
 * succeeded. */
MUST_USE bool database_recover(struct database *database);

/* INTERNAL with RocksDB's words, which are freed. */
MUST_USE const struct error *database_read_error(const struct database *database,
                                                 struct arena *arena, char *rocksdb_words);
/* SERVICE_UNAVAILABLE, for when database_acquire gave NULL. */
MUST_USE const struct error *database_closed_error(const struct database *database,
                                                   struct arena *arena);

#endif
