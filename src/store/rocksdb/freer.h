#ifndef HASHRANGE_STORE_ROCKSDB_FREER_H
#define HASHRANGE_STORE_ROCKSDB_FREER_H

/*
 * Gives the space of deleted files back bit by bit.
 *
 * RocksDB removes logs and tables of 64 MB and more at once. A file system frees such a file in one
 * transaction of its journal, and every sync of the log waits for that: 20 ms and more on ext4 that
 * discards freed blocks. So each log and table gets a second name, in the subfolder "freeing", when
 * it appears. When RocksDB has removed the first one the file is still there; it is cut shorter in
 * small steps, then removed.
 *
 * A file is cut only when the second name is its last one: copies by hard links are left alone.
 * What is in the subfolder at a start was left there, and is dealt with likewise. None of this is
 * needed for anything but even latency: whatever fails, files are removed as RocksDB does it.
 *
 * Threads: one of its own, which sleeps until the folder changes.
 */

#include <pthread.h>

#include "base/attributes.h"
#include "base/slice.h"

#define FREER_SUBFOLDER "freeing"

enum { FREER_NAME_BYTES = 32 };

/* A file without its first name. */
struct freer_file {
    char name[FREER_NAME_BYTES];
    int64_t bytes;
};

struct freer {
    char *folder;
    int folder_fd;
    int freeing_fd;
    int watch_fd;
    int stop_fd;
    pthread_t thread;
    bool running;
    struct freer_file *queue; /* ring */
    size_t queue_first;
    size_t queue_count;
    size_t queue_capacity;
    int64_t queue_bytes;
};

/* The folder is copied. Without the subfolder, the watch or the thread it does nothing. */
void freer_start(struct freer *freer, const char *folder);
/* What it has not freed yet is freed after the next start. Accepts a zeroed one. */
void freer_stop(struct freer *freer);

#endif
