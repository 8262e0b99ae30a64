#ifndef HASHRANGE_STORE_STORE_H
#define HASHRANGE_STORE_STORE_H

/*
 * The engine contract: ordered bytes with atomic, durable, conditional writes. Engines live in
 * store/<name>/; store/mem is the reference that the others are compared with.
 *
 * Keys. Non-empty, at most STORE_KEY_BYTES_MAX, free of NUL bytes, ordered by slice_compare. Keys
 * that begin with a NUL byte are the engine's own. The db layer builds keys (db/keyspace.h). The
 * bytes [1, 1 + STORE_PLACEMENT_BYTES) of a key are its placement: keys that must change atomically
 * with each other across item, local index and stream families have the same placement, or one that
 * is kept in the same place (see store_batch_append). Engines on one machine ignore it; an engine
 * that spreads data over many shards by it.
 *
 * Every write names its keys up front, so there are no open-ended transactions: see
 * store_transact.
 *
 * Visibility. store_get and store_scan see committed state only: never a write that could still be
 * lost. A write whose `done` has been called is seen by every read that starts afterwards.
 *
 * Counters live in a key space of their own: store_get and store_scan never see one, and the same
 * bytes may be the key of a counter and of a value.
 *
 * Threads. Every function may be called from any thread, many at once, except open and close.
 * Reads may block for I/O; store_transact does not wait for I/O of a commit. Writes in flight take
 * memory, which is bounded: beyond an engine's limit store_transact refuses at once with
 * REQUEST_LIMIT_EXCEEDED, which clients retry, instead of making an event loop wait.
 */

#include "base/buf.h"
#include "base/error.h"

enum {
    STORE_KEY_BYTES_MAX = 16384,
    STORE_BOUND_BYTES_MAX = STORE_KEY_BYTES_MAX + 1,
    STORE_PLACEMENT_BYTES = 10,
    STORE_FRONT_BYTES = 1 + STORE_PLACEMENT_BYTES, /* of a key, up to the end of its placement */
    STORE_SEQUENCE_BYTES = 9,
    STORE_VALUE_BYTES_MAX = 16 * 1024 * 1024,
    STORE_TRANSACT_KEYS_MAX = 512,
    STORE_SKIPS_MAX = 1000,
    STORE_BATCH_BYTES_MAX = 256 * 1024 * 1024, /* keys and values of one batch, as encoded */
};

struct store;

/* The values of keys[0..count), all from one committed state; SLICE_ABSENT where there is none.
 * Copied into arena. Errors of this and all other reads: INTERNAL when the disk fails or is
 * damaged, SERVICE_UNAVAILABLE when the engine could not open its files again after a failed
 * commit. */
MUST_USE const struct error *store_get(struct store *store, struct arena *arena,
                                       const struct slice *keys, size_t count,
                                       struct slice *ret_values);

/* Keys in [first, end). end absent: no upper bound. first absent: from the start. Bounds may be any
 * bytes, also NUL, up to STORE_BOUND_BYTES_MAX: a key with a NUL byte behind it is what comes right
 * after that key. */
struct store_range {
    struct slice first;
    struct slice end;
    /* Not NULL: the caller must not be kept waiting. An engine that would have to step over more
     * than STORE_SKIPS_MAX deleted keys in a row ends the scan there; whether it did so is told
     * here. */
    bool *ret_gave_up;
};
enum store_direction { STORE_FORWARD, STORE_BACKWARD };

/* key and value are valid during the call only. false stops the scan. Must not call the store. */
typedef bool store_visit(void *context, struct slice key, struct slice value);

/* Visits a range in key order (or against it) as one committed state. A scan is resumed by giving a
 * new range: no snapshot outlives the call. An error may come after some visits. */
MUST_USE const struct error *store_scan(struct store *store, struct arena *arena,
                                        struct store_range range, enum store_direction direction,
                                        store_visit *visit, void *context);

/*
 * What a decision wants written. Filled by decide through the functions below; bytes are copied.
 */
struct store_batch;

enum store_atomicity {
    STORE_ATOMIC,   /* with every other atomic mutation of the batch */
    STORE_EVENTUAL, /* may become visible a little later (global index entries); never lost */
};
void store_batch_put(struct store_batch *batch, enum store_atomicity atomicity, struct slice key,
                     struct slice value);
void store_batch_delete(struct store_batch *batch, enum store_atomicity atomicity,
                        struct slice key);
/* Adds to the counter at key (store_counter_read reads its value; a missing one is 0). Counters are
 * for totals such as item counts: always applied with the batch, exact also after a crash, never
 * part of what a decision reads. They wrap around at 64 bits. */
void store_batch_add(struct store_batch *batch, struct slice key, int64_t delta);
/*
 * Puts value under a key that the engine completes: prefix, then a sequence number in
 * STORE_SEQUENCE_BYTES bytes (store_sequence_write). Atomic with the batch. For logs, read by
 * store_scan in the order of the numbers.
 *
 *   - Of two appends with the same placement the one that commits later has the greater number,
 *     whatever their prefixes. So what decides on the outcome of another decision comes behind it,
 *     and whoever sees number n sees every smaller one there will ever be, unless it was deleted.
 *   - The appends of a batch are numbered in the order in which they were added, without a gap.
 *   - No number is given twice, also after a crash or after commits that were lost with the power.
 *
 * Numbers are from 1 to STORE_SEQUENCE_MAX, grow by any amount, and are unknown before the commit.
 * A decision cannot read what was appended; a batch must not otherwise write keys with the prefix.
 * The prefix's placement may be that of a range of placements that the named keys lie in; an engine
 * that spreads data keeps such a range together, because one sequence has to come from one place.
 */
void store_batch_append(struct store_batch *batch, struct slice prefix, struct slice value);

/* 63 bits, most significant first, 7 bits in a byte, the high bit of each byte set. */
#define STORE_SEQUENCE_MAX (((uint64_t)1 << 63) - 1)
void store_sequence_write(uint8_t out[STORE_SEQUENCE_BYTES], uint64_t sequence);
/* Of a key that was appended. false: it does not end with a sequence number. */
MUST_USE bool store_sequence_read(struct slice key, uint64_t *ret_sequence);

enum store_decision {
    STORE_COMMIT, /* apply the batch, then done */
    STORE_ABORT,  /* apply nothing; done once what decide has seen is durable */
};

/*
 * A pure function of its request and the old values (SLICE_ABSENT where there is none): an engine
 * may call it again with newer values, and only the last call counts. Old values are valid during
 * the call only. Runs under the locks of its keys: no I/O, no waiting, no call into the store.
 */
typedef enum store_decision store_decide(void *context, const struct slice *old_values,
                                         struct store_batch *batch);

/*
 * Called exactly once, on any thread, possibly before store_transact returns. Must be quick and
 * must not call the store: hand over to another thread for anything more. The error lives until
 * done returns and says why.
 *
 *   NULL                    committed and durable as configured (or aborted as decided)
 *   REQUEST_LIMIT_EXCEEDED  refused: too many bytes are in flight. Nothing was or will be written.
 *   SERVICE_UNAVAILABLE     refused: an earlier commit failed and the engine cannot write yet.
 *                           Nothing was or will be written.
 *   INTERNAL                a read failed or the batch outgrew its limit: nothing was written. Or
 * the commit failed: nothing of it is visible; but when it was the disk that reported an error, the
 * log may hold the batch all the same, so that it may appear, whole, when the engine has reopened
 * its files. That is what InternalServerError means to a client: the outcome is unknown.
 */
typedef void store_done(void *context, const struct error *error);

struct store_transaction {
    const struct slice *keys; /* the keys that decide reads; distinct, any order */
    size_t key_count;
    store_decide *decide;
    store_done *done;
    void *context;
    /* It holds all its keys, written or not, from its decision to commit until that commit has
     * landed or failed. Nobody is kept out by that: decisions that ask are told. */
    bool holds;
    /* NULL, or room for key_count, set before every call of decide: true where a transaction that
     * holds this key has been decided and has not landed yet. An abort that was told so is done
     * when that one has landed. */
    bool *held;
};

/*
 * The transaction and all it points to must live until done. Per key, decisions are serial, each on
 * the outcome of the one before it; decisions on several keys are atomic among each other
 * (serializable). A batch may write keys that are not named (index entries) when every writer of
 * such a key holds a named key that determines it.
 */
void store_transact(struct store *store, struct store_transaction *transaction);

/* For each key whether there is a write of it that has been decided and has not landed yet, or a
 * transaction that holds it. What was true at one moment during the call: it keeps nothing from
 * changing, and a state that is read afterwards is as consistent without it. */
void store_in_flight(struct store *store, const struct slice *keys, size_t count,
                     bool *ret_in_flight);

/* Reads a counter that store_batch_add maintains: committed state. */
MUST_USE const struct error *store_counter_read(struct store *store, struct arena *arena,
                                                struct slice key, int64_t *ret_value);

/* Deletes every key of the range, counters included, durably, in time that may be long: for
 * background jobs. The caller guarantees that nobody writes there. Must not be called from done.
 * After an error or a crash some of the range may be gone, and some of what is left may be older
 * values: call it again. */
MUST_USE const struct error *store_drop_range(struct store *store, struct arena *arena,
                                              struct store_range range);

/* A figure of the engine's own. */
struct store_gauge {
    const char *name; /* static, "rocksdb_level0_files" */
    const char *help; /* static */
    uint64_t value;
};
enum { STORE_GAUGES_MAX = 32 };

/* A compact set of figures for logs and metrics. */
struct store_statistics {
    const char *engine;     /* "mem", "rocksdb", ... */
    uint64_t commits;       /* store_transact calls that committed */
    uint64_t commit_groups; /* log writes that carried them */
    uint64_t disk_bytes;    /* estimated, 0 when unknown */
    uint64_t flight_bytes;  /* decided and not yet committed */
    bool read_only;         /* a commit has failed and writes are refused until it can work again */
    struct store_gauge gauges[STORE_GAUGES_MAX];
    size_t gauge_count;
};
void store_read_statistics(struct store *store, struct store_statistics *ret_statistics);

/* Waits until every transaction handed in is done, syncs, releases all. Accepts NULL. */
void store_close(struct store *store);

/*
 * For engines: the function table behind the calls above, and the batch they are given. The calls
 * have checked sizes and answered empty ranges and empty key lists themselves.
 */
struct store_engine {
    const struct error *(*get)(struct store *, struct arena *, const struct slice *, size_t,
                               struct slice *);
    const struct error *(*scan)(struct store *, struct arena *, struct store_range,
                                enum store_direction, store_visit *, void *);
    void (*transact)(struct store *, struct store_transaction *);
    void (*in_flight)(struct store *, const struct slice *, size_t, bool *);
    const struct error *(*counter_read)(struct store *, struct arena *, struct slice, int64_t *);
    const struct error *(*drop_range)(struct store *, struct arena *, struct store_range);
    void (*read_statistics)(struct store *, struct store_statistics *);
    void (*close)(struct store *);
};
/* Every engine's struct begins with this. */
struct store {
    const struct store_engine *engine;
};

enum store_mutation_kind { STORE_PUT, STORE_DELETE, STORE_ADD, STORE_APPEND };
struct store_mutation {
    enum store_mutation_kind kind;
    enum store_atomicity atomicity;
    struct slice key;   /* into the batch; STORE_APPEND: the prefix */
    struct slice value; /* STORE_PUT, STORE_APPEND */
    int64_t delta;      /* STORE_ADD */
};
/* Mutations in the order they were added, encoded one behind another in `encoded`. */
struct store_batch {
    struct buf encoded;
    size_t count;
};
void store_batch_init(struct store_batch *batch, struct arena *arena, size_t limit_bytes);
void store_batch_fini(struct store_batch *batch);
void store_batch_clear(struct store_batch *batch);
/* Takes the next mutation from *at (start with buf_slice(&batch->encoded)); false at the end. The
 * slices point into the batch, which must not grow meanwhile. */
MUST_USE bool store_batch_next(struct slice *at, struct store_mutation *ret_mutation);
/* The number for the next append of an engine that has given out `last`: the time, so that a number
 * lost with the power is not given again, or the next one when the clock stands still or goes
 * back. */
uint64_t store_sequence_after(uint64_t last);
/* Sticky: the batch outgrew its limit or memory; an engine must fail the transaction. */
static inline bool store_batch_failed(const struct store_batch *batch)
{
    return batch->encoded.failed;
}

#endif
