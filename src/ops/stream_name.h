#ifndef HASHRANGE_OPS_STREAM_NAME_H
#define HASHRANGE_OPS_STREAM_NAME_H

/*
 * How the API names streams, shards and places in them (API reference, "Amazon DynamoDB Streams"):
 *
 *   StreamArn       arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>
 *   ShardId         shardId-<20 digits: milliseconds since 1970>-<8 hex digits: where its range of
 *                   hashes begins>; sorted as texts they are in the order of creation, parents
 *                   before children
 *   SequenceNumber  21 digits
 *   ShardIterator   a place in a shard, for 15 minutes; opaque, and refused when it is not ours
 */

#include "ops/operation.h"
#include "ops/table_name.h"

enum {
    OP_SHARD_ID_BYTES = 8 + 20 + 1 + 8,
    OP_SEQUENCE_NUMBER_BYTES = 21,
    OP_ITERATOR_BYTES_MAX = 128,
};
#define OP_ITERATOR_MS ((int64_t)15 * 60 * 1000)

struct op_stream_name {
    struct op_table_name table;
    struct slice label;
};

/* "Invalid StreamArn" */
MUST_USE const struct error *op_stream_name_read(const struct op_call *call, struct slice arn,
                                                 struct op_stream_name *ret_name);
/* With a reference. "Requested resource not found: Stream: ... not found" */
MUST_USE const struct error *op_stream_find(const struct op_call *call, struct slice arn,
                                            struct db_stream **ret_stream);
/* SLICE_ABSENT: arena exhausted, here and below. */
struct slice op_stream_arn(struct arena *arena, const struct db_stream_facts *stream);
struct slice op_stream_label(struct arena *arena, const struct db_stream_facts *stream);

struct slice op_shard_id(struct arena *arena, struct db_shard_id id);
/* false: the stream cannot have such a shard. */
MUST_USE bool op_shard_id_read(const struct db_stream_facts *stream, struct slice text,
                               struct db_shard_id *ret_id);

struct slice op_sequence_number(struct arena *arena, uint64_t sequence);
/* false: it is none of ours. */
MUST_USE bool op_sequence_number_read(struct slice text, uint64_t *ret_sequence);

struct op_iterator {
    uint64_t table_id; /* this and the next: the stream */
    int64_t stream_created_ms;
    struct db_shard_id shard;
    uint64_t sequence; /* the first to read; 0: the oldest */
    int64_t issued_ms;
};
struct slice op_iterator(struct arena *arena, const uint8_t key[DB_STREAM_ITERATOR_KEY_BYTES],
                         const struct op_iterator *iterator);
/* false: this database has not made it. */
MUST_USE bool op_iterator_read(const uint8_t key[DB_STREAM_ITERATOR_KEY_BYTES], struct slice text,
                               struct op_iterator *ret_iterator);
/* "Invalid ShardIterator", ExpiredIteratorException. */
MUST_USE const struct error *op_iterator_check(const struct op_call *call, struct slice text,
                                               struct op_iterator *ret_iterator);
/* The stream that an iterator is in, with a reference. */
MUST_USE const struct error *op_iterator_stream(const struct op_call *call,
                                                const struct op_iterator *iterator,
                                                struct db_stream **ret_stream);

#endif
