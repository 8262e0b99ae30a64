#ifndef HASHRANGE_STORE_ROCKSDB_ROCKSDB_STORE_H
#define HASHRANGE_STORE_ROCKSDB_ROCKSDB_STORE_H

/*
 * The durable engine for one machine, on RocksDB (7.8 or later) through its C interface.
 *
 * A transaction decides on the caller's thread under the locks of its keys, leaves its writes in
 * memory (flights.h) and returns; one committer thread carries all waiting writes to the log with
 * one sync and then calls their `done`. Order in the log is the order of decisions.
 *
 * When a commit fails, every write in it and behind it fails with it. The engine then refuses
 * writes, goes on serving reads, and tries again every retry_ms until it can write; it logs the
 * beginning and the end of that state.
 *
 * What it writes is described in docs/format/store.md.
 */

#include "store/store.h"

enum rocksdb_store_durability {
    ROCKSDB_STORE_SYNC,     /* done is called when the disk has it: survives power loss */
    ROCKSDB_STORE_INTERVAL, /* survives a killed process; power loss may take sync_interval_ms */
    ROCKSDB_STORE_NONE,     /* survives a killed process; the rest is up to the operating system */
};

struct rocksdb_store_options {
    const char *folder; /* made when its parent exists; must be empty or hashrange's own */
    enum rocksdb_store_durability durability;
    int64_t sync_interval_ms; /* ROCKSDB_STORE_INTERVAL only; 0: 1000 */
    /* An eighth for values and one for short ranges that are read again and again, the rest for
     * uncompressed blocks, indexes and filters. 0: 256 MiB */
    size_t cache_bytes;
    /* Writes in flight beyond this are refused; one batch may reach over it. 0: 64 MiB */
    size_t flight_bytes_max;
    int64_t retry_ms; /* between attempts to write again; 0: 1000 */
    /* For tests; may be NULL. Called on the committer thread before each log write. Words it
     * returns fail that write as if RocksDB had said them. */
    const char *(*before_commit)(void *context);
    void *before_commit_context;
};

/* Errors say what is wrong with the folder and what to do: it cannot be made, read or written, is
 * in use by another process, holds something else, holds data of a newer format, is damaged.
 * Nothing in the folder is changed then. Options are copied. */
MUST_USE const struct error *rocksdb_store_open(struct arena *arena,
                                                const struct rocksdb_store_options *options,
                                                struct store **ret_store);

#endif
