#ifndef HASHRANGE_DB_STREAM_LOG_H
#define HASHRANGE_DB_STREAM_LOG_H

/*
 * What the files about streams share: ranges of hashes, SHARD and CHANGE records.
 * docs/format/stream.md has the records byte by byte. Private to db/.
 */

#include "db/database.h"

/* --- SHARD records --- */

enum db_shard_kind {
    DB_SHARD_OPEN = 1,    /* a shard begins, and the one before it ends */
    DB_SHARD_CLOSE = 2,   /* the shard before it ends, and with it the stream */
    DB_SHARD_TRIMMED = 3, /* always under number 0: what lies below `horizon` has been deleted */
};
struct db_shard_record {
    enum db_shard_kind kind;
    int64_t created_ms; /* but of DB_SHARD_TRIMMED */
    /* DB_SHARD_OPEN */
    bool has_parent;
    struct db_shard_id parent;
    /* DB_SHARD_TRIMMED */
    uint64_t horizon;
};
void db_shard_record_write(struct buf *out, const struct db_shard_record *record);
/* false: it is none. */
MUST_USE bool db_shard_record_read(struct slice body, struct db_shard_record *ret_record);

/* Appends one to the log of a range; false: arena exhausted. */
MUST_USE bool db_shard_append(struct arena *arena, struct store_batch *batch,
                              const struct db_stream_facts *stream, uint64_t first_hash,
                              const struct db_shard_record *record);

/* The SHARD records of one range, oldest first, and its horizon. */
struct db_shard_entry {
    uint64_t sequence;
    struct db_shard_record record;
};
struct db_shard_index {
    uint64_t first_hash;
    uint64_t horizon; /* 0: nothing was ever trimmed */
    struct db_shard_entry *entries;
    size_t count;
};
MUST_USE const struct error *db_shard_index_read(struct db *db, struct arena *arena,
                                                 const struct db_stream *stream,
                                                 uint64_t first_hash,
                                                 struct db_shard_index *ret_index);
/* The shard that the entry opens. It is one of DB_SHARD_OPEN. */
struct db_shard db_shard_of(const struct db_shard_index *index, size_t entry);

/* --- CHANGE records --- */

void db_change_write(struct buf *out, const struct db_change *change);
/* All but the sequence, borrowed from body. false: it is none. */
MUST_USE bool db_change_read(struct slice body, struct db_change *ret_change);

/* Appends a change to the log of its item. false: arena exhausted. */
MUST_USE bool db_change_append(struct arena *arena, struct store_batch *batch,
                               const struct db_stream *stream, uint64_t hash,
                               const struct db_change *change);
/* What a stream of that view shows of a change. */
void db_change_project(enum db_stream_view view, struct db_change *change);

/* --- what is written when a stream begins, goes on and ends --- */

/* The first shards of a stream. */
MUST_USE bool db_shards_open(struct arena *arena, struct store_batch *batch,
                             const struct db_stream_facts *stream);
/* New shards in the place of those of `old`, whose shard count the new one is a multiple of. */
MUST_USE bool db_shards_roll(struct arena *arena, struct store_batch *batch,
                             const struct db_stream_facts *old, const struct db_stream_facts *new);
MUST_USE bool db_shards_close(struct arena *arena, struct store_batch *batch,
                              const struct db_stream_facts *stream, int64_t now_ms);
/* The stream record in its form for the store; SLICE_ABSENT: arena exhausted. */
struct slice db_stream_record_make(struct arena *arena, const struct db_stream_facts *stream);
struct slice db_stream_record_key(const struct db *db, struct arena *arena,
                                  const struct db_stream_facts *stream);

/* Splits the shards of every enabled stream that has fewer than the database's number, each into as
 * many, so that there may be more. Before anybody writes: a write that still knew the old ranges
 * could come behind one of the same item that knows the new ones, in another shard. */
MUST_USE const struct error *db_stream_split(struct db *db, struct arena *arena, int64_t now_ms);

/* Rolls the shards of an enabled stream, to that many; nothing when it has been disabled meanwhile.
 * Waits. */
MUST_USE const struct error *db_stream_roll(struct db *db, struct arena *arena,
                                            struct db_stream *stream, uint64_t shard_count,
                                            int64_t now_ms);

#endif
