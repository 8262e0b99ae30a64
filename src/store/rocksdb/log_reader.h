#ifndef HASHRANGE_STORE_ROCKSDB_LOG_READER_H
#define HASHRANGE_STORE_ROCKSDB_LOG_READER_H

/*
 * Reads the frames of RocksDB's log files, which its write-ahead logs and its manifest are, to tell
 * an end that was torn by a loss of power from damage in the middle. The format:
 * https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format
 *
 * What is behind a damaged frame is looked for only where RocksDB would have put it: after the
 * frame, or at the next block. Nothing that a client has written can be taken for a frame.
 *
 * Every byte is as from outside: any file is read to its end.
 */

#include "base/attributes.h"
#include "base/slice.h"

enum { LOG_BLOCK_BYTES = 32 * 1024, LOG_HEAD_BYTES = 64 };

/* head: the first bytes of an undamaged record, at most LOG_HEAD_BYTES. */
typedef void log_record(void *context, struct slice head);

struct log_reader {
    log_record *record; /* called for each undamaged record before the damage; may be NULL */
    void *context;
    uint8_t head[LOG_HEAD_BYTES];
    size_t head_size;
    uint32_t log_number;  /* of the file: frames of recycled files name another */
    uint64_t block_start; /* of the next block */
    bool in_record;       /* between its first frame and its last */
    bool is_damaged;
    uint64_t whole_bytes; /* the undamaged records from the start take so many */
    /* Behind the damage begins another record. RocksDB wrote it later; with a sync after each
     * record, what is damaged had been on the disk by then. */
    bool goes_on;
};

/* The file's blocks, in order; all but the last have LOG_BLOCK_BYTES. */
void log_reader_take(struct log_reader *reader, struct slice block);

/* CRC-32C (Castagnoli), of the bytes of crc so far and then these; 0 to begin with. */
MUST_USE uint32_t log_crc32c(uint32_t crc, struct slice bytes);

#endif
