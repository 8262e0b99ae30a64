#ifndef HASHRANGE_STORE_ROCKSDB_RECORDS_H
#define HASHRANGE_STORE_ROCKSDB_RECORDS_H

/*
 * The records that the engine itself writes, byte by byte in docs/format/store.md. Their keys begin
 * with a NUL byte and then one of these tags, which are never reused.
 */

#include "base/attributes.h"
#include "base/slice.h"
#include "store/store.h"

enum {
    RECORD_TAG_COUNTER = 'c',
    RECORD_TAG_SEQUENCE = 's',
    RECORD_TAG_VERSION = 'v',
};

enum {
    RECORD_FORMAT_VERSION =
        1, /* of everything in the folder; raised when older programs cannot read it */
    RECORD_KEY_BYTES_MAX = 2 + STORE_BOUND_BYTES_MAX,
    RECORD_VERSION_BYTES_MAX = 9 + 10,
    RECORD_COUNTER_BYTES = 8,
    RECORD_SEQUENCE_BYTES = 8,
};

/* The first key that is not the engine's own. */
#define RECORD_FIRST_CLIENT_KEY SLICE("\x01")
#define RECORD_VERSION_KEY SLICE("\0v")
#define RECORD_SEQUENCE_KEY SLICE("\0s")
/* Where the keys of counters end. */
#define RECORD_COUNTER_KEYS_END SLICE("\0d")

/* Returns the size. */
size_t record_version_write(uint8_t out[RECORD_VERSION_BYTES_MAX], uint64_t version);
/* false: not a version record. */
MUST_USE bool record_version_read(struct slice value, uint64_t *ret_version);

/* key may be empty here: the start of all counters. */
struct slice record_counter_key(uint8_t out[RECORD_KEY_BYTES_MAX], struct slice key);
void record_counter_write(uint8_t out[RECORD_COUNTER_BYTES], int64_t total);
/* false: not a counter record. */
MUST_USE bool record_counter_read(struct slice value, int64_t *ret_total);

void record_sequence_write(uint8_t out[RECORD_SEQUENCE_BYTES], uint64_t sequence);
/* false: not a sequence record. */
MUST_USE bool record_sequence_read(struct slice value, uint64_t *ret_sequence);

#endif
