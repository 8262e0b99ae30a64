#ifndef HASHRANGE_DB_STREAM_H
#define HASHRANGE_DB_STREAM_H

/*
 * Streams: what has happened to the items of a table, in order, for 24 hours.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 *
 * A stream belongs to the table it was enabled on; enabling it again makes another one. A stream
 * that was disabled, or whose table was deleted, can be read for 24 hours more.
 *
 * A stream has shard_count open shards at any time, each for an equal range of the hashes of
 * partition keys. Every range has a log: the CHANGE records of its items, numbered by the store in
 * the order of commit, in the same atomic batch as the item. A shard is a piece of a log: it begins
 * with the number of its SHARD record and ends with that of the next one. SHARD records are
 * appended like changes, so that there is never a doubt on which side of the border a change is,
 * whatever is in flight when shards are rolled.
 *
 *   log of a range      v v v u v v v v v u v v
 *                             |           |
 *   shards        ----A-----> | ----B---> | ----C--->      A is the parent of B, B of C
 *
 * Shards are rolled every few hours. Their number grows, and each splits into equal parts, when the
 * database is opened with an option for more.
 *
 * Which changes: those, and only those, that commit between the SHARD records that open and close
 * the stream; for each item all of them, and in their order.
 *
 * Threads: everything here may be called from any thread, but db_stream_work from one only.
 */

#include "db/table.h"
#include "store/store.h"

struct db;
struct db_stream;

enum {
    DB_SHARDS_MAX = 1024,               /* open ones of one stream */
    DB_STREAM_LABEL_BYTES = 23,         /* "2015-05-11T21:21:33.291" */
    DB_STREAM_RECORDS_MAX = 1000,       /* API reference, GetRecords */
    DB_STREAM_READ_BYTES = 1024 * 1024, /* likewise */
    DB_STREAM_ITERATOR_KEY_BYTES = 16,
};
#define DB_STREAM_RETENTION_MS ((int64_t)24 * 60 * 60 * 1000)
#define DB_STREAM_ROLL_MS_DEFAULT ((int64_t)4 * 60 * 60 * 1000)

/* Stored; never reused. */
enum db_stream_view {
    DB_STREAM_KEYS_ONLY = 1,
    DB_STREAM_NEW_IMAGE = 2,
    DB_STREAM_OLD_IMAGE = 3,
    DB_STREAM_NEW_AND_OLD_IMAGES = 4,
};
/* 0 when it is none of them. */
enum db_stream_view db_stream_view_of(struct slice text);

struct db_stream_facts {
    uint64_t table_id;
    int64_t created_ms; /* with the table's id the stream's name */
    struct slice account;
    struct slice region;
    struct slice table_name;
    enum db_stream_view view;
    struct db_key_schema key;
    uint64_t shard_count;
    int64_t opened_ms; /* when the shards that are open now were opened */
    int64_t closed_ms; /* when it was disabled; 0: it is enabled */
};

/* ---- Streams by name -------------------------------------------------------------------------
 */

/* Writes what the API calls the label of a stream created then. */
void db_stream_label(int64_t created_ms, char ret_label[DB_STREAM_LABEL_BYTES]);

/* A stream with a reference, or NULL. */
struct db_stream *db_stream_acquire(struct db *db, struct slice account, struct slice region,
                                    struct slice table_name, struct slice label);
struct db_stream *db_stream_acquire_by_id(struct db *db, uint64_t table_id, int64_t created_ms);
/* Accepts NULL. */
void db_stream_release(struct db_stream *stream);

/* As they are now; texts live as long as the stream. */
struct db_stream_facts db_stream_facts(const struct db_stream *stream);

enum db_stream_status {
    DB_STREAM_ENABLING,
    DB_STREAM_ENABLED,
    DB_STREAM_DISABLING,
    DB_STREAM_DISABLED,
};
enum db_stream_status db_stream_status(const struct db *db, const struct db_stream *stream,
                                       int64_t now_ms);

/* Streams of an account and region in the order of table name and creation. table_name absent: of
 * all tables. Those behind (after_name, after_label), when after_name is present; at most limit.
 * With references. true in *ret_more when there are more. */
MUST_USE const struct error *
db_streams_list(struct db *db, struct arena *arena, struct slice account, struct slice region,
                struct slice table_name, struct slice after_name, struct slice after_label,
                size_t limit, struct db_stream ***ret_streams, size_t *ret_count, bool *ret_more);

/* ---- Shards ----------------------------------------------------------------------------------
 */

/* The ranges of hashes that a stream's shards are for: equal ones, numbered from 0. */
uint64_t db_stream_range_of_hash(uint64_t hash, uint64_t shard_count);
uint64_t db_stream_range_first(uint64_t range, uint64_t shard_count);

/* What names a shard of a stream. Those of a stream are ordered by time, then hash. */
struct db_shard_id {
    int64_t created_ms;
    uint64_t first_hash;
};
struct db_shard {
    struct db_shard_id id;
    bool has_parent;
    struct db_shard_id parent; /* which may be gone */
    uint64_t start;            /* the number of its SHARD record; its changes lie behind it */
    uint64_t end;              /* that of the next one, behind all its changes; 0: it is open */
};
/* All there are, by id. */
MUST_USE const struct error *db_stream_shards(struct db *db, struct arena *arena,
                                              const struct db_stream *stream,
                                              const struct db_shard **ret_shards,
                                              size_t *ret_count);
/* One of them, and the least number that has not been trimmed. *ret_found: is there such a shard?
 */
MUST_USE const struct error *db_stream_shard(struct db *db, struct arena *arena,
                                             const struct db_stream *stream, struct db_shard_id id,
                                             bool *ret_found, struct db_shard *ret_shard,
                                             uint64_t *ret_horizon);
/* Just behind the newest change of the shard. */
MUST_USE const struct error *db_stream_latest(struct db *db, struct arena *arena,
                                              const struct db_stream *stream,
                                              const struct db_shard *shard, uint64_t horizon,
                                              uint64_t *ret_sequence);

/* ---- Changes ---------------------------------------------------------------------------------
 */

/* Stored; never reused. */
enum db_change_kind { DB_CHANGE_INSERT = 1, DB_CHANGE_MODIFY = 2, DB_CHANGE_REMOVE = 3 };

struct db_change {
    uint64_t sequence;
    enum db_change_kind kind;
    bool is_expiry; /* a deletion by time to live */
    int64_t created_ms;
    struct slice keys;
    struct slice new_image; /* SLICE_ABSENT: there is none, or the view does not show it */
    struct slice old_image;
};
/* Bytes as DynamoDB counts them: the sizes of keys and images as items. */
size_t db_change_size_bytes(const struct db_change *change);

/* The slices are in the arena of the read. false stops. Must not call the db. */
typedef bool db_visit_change(void *context, const struct db_change *change);

struct db_stream_read {
    /* in */
    const struct db_stream *stream;
    struct db_shard_id shard;
    uint64_t sequence; /* the first that may be read; 0: from the oldest there is */
    size_t limit;      /* 1 to DB_STREAM_RECORDS_MAX */
    db_visit_change *visit;
    void *context;
    /* out */
    uint64_t next_sequence; /* where to go on; 0: nothing was read and nothing was asked for */
    bool is_finished;       /* the shard is closed and has no more */
};
/* TRIMMED_DATA_ACCESS when changes from `sequence` on have been deleted, or the shard is gone. */
MUST_USE const struct error *db_stream_read(struct db *db, struct arena *arena,
                                            struct db_stream_read *read);

/* A secret of the database, the same after a restart. */
const uint8_t *db_iterator_key(const struct db *db);

/* ---- Background ------------------------------------------------------------------------------
 */

/* Rolls shards, deletes changes, shards and streams that are older than they may be; a bounded
 * piece of it. true: there is more to do at once. */
bool db_stream_work(struct db *db, int64_t now_ms);

#endif
