#ifndef HASHRANGE_STORE_ROCKSDB_OWN_LOG_H
#define HASHRANGE_STORE_ROCKSDB_OWN_LOG_H

/*
 * Where RocksDB writes its own log, LOG: into memory, not beside the data. There it fails when the
 * data's disk does, and builds of RocksDB with assertions, as Debian's, abort at the next line.
 * RocksDB opens no database without that log, and its C interface takes none of ours before
 * version 8.
 *
 * The file is made in a folder of its own in /dev/shm, and both are removed as soon as RocksDB has
 * opened it: what it holds is never read, and nothing is left by a process that is killed. Where
 * there is no such place it lies beside the data.
 */

struct own_log {
    char folder[32]; /* for the option db_log_dir; "": beside the data */
};

/* Before RocksDB is opened on the database's folder, each time. */
void own_log_begin(struct own_log *log, const char *database_folder);
/* When it has been opened, or not. */
void own_log_end(struct own_log *log);

#endif
