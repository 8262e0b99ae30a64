#ifndef HASHRANGE_DB_DATABASE_H
#define HASHRANGE_DB_DATABASE_H

/*
 * What the files of db/ share about one open database: its tables in memory and the drops that are
 * still to be done. Private to db/.
 *
 * The registry is a sorted array of table snapshots under a reader-writer lock. A request takes the
 * lock for reading, once, for a binary search; changes are rare. Everything that could
 * fail is done before a change is made durable, so that applying it to the registry cannot.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "db/catalog.h"
#include "db/stream.h"

enum { DB_SNAPSHOT_BYTES_MAX = 8 * 1024 * 1024 };

/* A stream in memory. Its facts are constant but for what the atomics below say instead. */
struct db_stream {
    struct db_stream_facts facts;
    char label[DB_STREAM_LABEL_BYTES];
    atomic_size_t references;
    _Atomic int64_t opened_ms;
    _Atomic int64_t closed_ms;
    int64_t next_trim_ms;   /* this and the next for db_stream_work alone */
    int64_t not_before_ms;  /* after a failure */
    struct db_stream *next; /* in the life of its table */
    struct arena arena;
};

/*
 * What all snapshots of one table id have in common. It knows which of them are alive, so that work
 * that must not begin while an older state of the table is in use can wait for it. Its references
 * are those snapshots and whoever waits for them.
 *
 * The stream is here so that every write sees it enabled or disabled at the same moment, also one
 * that works with an older snapshot: else changes of an item could be in the stream with one
 * missing in between.
 */
struct db_life {
    atomic_size_t references;
    pthread_mutex_t lock; /* guards the snapshots, and the links in them */
    struct db_snapshot *snapshots;
    _Atomic uint64_t filled_id; /* the index whose filling is known to be complete; see db/fill.h */
    struct db_stream *_Atomic stream;  /* NULL: none is enabled */
    struct db_stream *streams;         /* all that it ever was, with references, as writes may still
                                        * look at them; guarded by the registry's lock */
    _Atomic int64_t expiry_settled_ms; /* the change of time to live that has been settled */
};

struct db_snapshot {
    struct db_table table; /* first: a db_table pointer that was handed out is this */
    atomic_size_t references;
    struct db_life *life;
    struct db_snapshot *next; /* in life */
    struct db_snapshot **link;
    struct arena arena; /* all that table points to */
};

/* A table whose data is to be deleted. */
struct db_drop {
    struct db_drop *next;
    uint64_t table_id;
    int64_t not_before_ms;
    struct slice account;
    struct slice namespace;
    struct slice name;
    const uint64_t *global_ids;
    size_t global_count;
    struct db_life *life; /* NULL: found at open, no snapshot can be alive */
    bool is_running;
    bool has_failed; /* and that was logged */
    struct arena arena;
};

/* The marks that the filling of an index has left (db/fill.h), to be deleted when no snapshot older
 * than the revision is left. */
struct db_sweep {
    struct db_sweep *next;
    uint64_t index_id;
    uint64_t table_id;
    struct db_life *life; /* NULL: found at open, no snapshot can be alive */
    uint64_t revision;
};

struct db {
    struct store *store;
    bool shared_namespace;
    int64_t transient_ms;
    int64_t collection_bytes_max;
    pthread_mutex_t work_lock; /* guards work and work_context */
    db_work *work;
    void *work_context;
    size_t fill_items;
    pthread_mutex_t fill_lock; /* held by the thread that works on indexes; guards what follows */
    bool fill_has_failed;      /* and that was logged */
    struct db_sweep *sweeps;
    pthread_rwlock_t lock;       /* guards what follows */
    struct db_snapshot **tables; /* sorted by account, namespace, name */
    size_t count;
    size_t reserved; /* room promised: one place for each change under way */
    size_t capacity;
    uint64_t generation; /* counts what was put in and taken out */
    struct db_drop *drops;
    uint64_t tokens_swept; /* period up to which expired tokens are gone; of the job's thread */
    struct db_stream **streams; /* sorted by account, namespace, table name, creation */
    size_t stream_count;
    size_t stream_capacity; /* room for one for each change under way as well */
    /* constant */
    unsigned stream_shards;
    int64_t stream_roll_ms;
    uint8_t iterator_key[DB_STREAM_ITERATOR_KEY_BYTES];
    struct db_expiry_work *expiry; /* the background's own */
};

/* There is something to do in the background. */
void db_wake(struct db *db);

/* The namespace that a region's names lie in. */
struct slice db_namespace(const struct db *db, struct slice region);

/* --- snapshots --- */

/* A deep copy with one reference. life NULL: a new one. */
MUST_USE const struct error *db_snapshot_make(struct arena *arena, const struct db_table *table,
                                              struct db_life *life,
                                              struct db_snapshot **ret_snapshot);
/* From a record's body. */
MUST_USE const struct error *db_snapshot_read(struct arena *arena, struct slice body,
                                              struct db_snapshot **ret_snapshot);
void db_snapshot_retain(struct db_snapshot *snapshot);
/* Accepts NULL. */
void db_snapshot_release(struct db_snapshot *snapshot);
static inline struct db_snapshot *db_snapshot_of(const struct db_table *table)
{
    return (struct db_snapshot *)table;
}

void db_life_retain(struct db_life *life);
void db_life_release(struct db_life *life);
/* Of the snapshots that are alive; UINT64_MAX when there is none. Older ones than what it returns
 * can never appear again once the registry has a newer one. */
uint64_t db_life_oldest_revision(struct db_life *life);

/* --- the registry; each call takes the lock itself --- */

/* Begins a change: promises room for one more table. false: out of memory. */
MUST_USE bool db_registry_reserve(struct db *db, uint64_t *ret_generation);
/* Ends it. */
void db_registry_unreserve(struct db *db);
/* Puts a snapshot in, with the caller's reference, unless the registry has a newer state of that
 * name already. A new name needs room that was reserved. stream: the one that the table has
 * enabled, if the registry may not have it yet; else NULL. A new one needs the same room. */
void db_registry_put(struct db *db, struct db_snapshot *snapshot, struct db_stream *stream);
/* As db_registry_put, for a state that a change came upon in the store. Only if the registry has
 * stayed as it was since the change began, and no other change is under way: what was found may be
 * another one's that has not been told yet, or be deleted by now. Takes the reference anyway. */
void db_registry_learn(struct db *db, struct db_snapshot *snapshot, struct db_stream *stream,
                       uint64_t generation);
/* Takes the table out if it is still the one with that id. */
void db_registry_remove(struct db *db, struct slice account, struct slice namespace,
                        struct slice name, uint64_t table_id);
/* The snapshot of that name with a reference, or NULL, as it was last changed: status not moved on.
 */
struct db_snapshot *db_registry_find(struct db *db, struct slice account, struct slice namespace,
                                     struct slice name);
/* The tables with an index that is being created or deleted, at most max, each with a reference. */
size_t db_registry_find_busy(struct db *db, struct db_snapshot **ret_snapshots, size_t max);
/* Takes out every table that is gone by now. */
void db_registry_expire(struct db *db, int64_t now_ms);
/* Snapshots, with references, of the tables that the test is true for, at most limit of them and
 * with a greater id than `after`, by id. */
typedef bool db_registry_test(const struct db_table *table);
size_t db_registry_select(struct db *db, db_registry_test *test, uint64_t after,
                          struct db_snapshot **ret_snapshots, size_t limit);

/* --- streams --- */

/* A deep copy with one reference, or NULL: out of memory. */
MUST_USE struct db_stream *db_stream_make(const struct db_stream_facts *facts);
/* The facts about the stream that a table has enabled, when it has just been. */
struct db_stream_facts db_stream_of_table(const struct db *db, const struct db_table *table);
/* Puts a stream that was found in the store into the registry, with the caller's reference. false:
 * out of memory. */
MUST_USE bool db_stream_add(struct db *db, struct db_stream *stream);
/* Takes it out. */
void db_stream_remove(struct db *db, const struct db_stream *stream);
/* The time of creation for a new stream of that table: now, but later than any other's. */
int64_t db_stream_time(struct db *db, const struct db_table *table, int64_t now_ms);
/* Under the registry's lock: lets a life have the stream that its newest snapshot says. */
void db_stream_follow(struct db *db, const struct db_snapshot *snapshot, struct db_stream *stream);
/* Under the registry's lock: the table is gone. */
void db_stream_unfollow(struct db_life *life);
/* Under the registry's lock: room for `more` new streams. */
MUST_USE bool db_stream_reserve(struct db *db, size_t more);

#endif
