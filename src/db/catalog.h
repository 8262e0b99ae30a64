#ifndef HASHRANGE_DB_CATALOG_H
#define HASHRANGE_DB_CATALOG_H

/*
 * The database and its tables by name. All catalog changes are durable before they are
 * acknowledged.
 *
 * Threads: everything here may be called from any thread.
 */

#include "db/table.h"
#include "store/store.h"

struct db;

struct db_options {
    struct store *store;   /* owned by the caller, outlives the db */
    bool shared_namespace; /* --shared-db: one namespace for all regions */
    int64_t transient_ms;  /* how long CREATING, UPDATING and DELETING last; 0: at once */
    /* What the items of one partition key may have in a table with local indexes, entries
     * included; 0: 10 GB, as in the service. */
    int64_t collection_bytes_max;
    /* A new index is filled with so many items before other work has its turn; 0: with what a short
     * while allows. */
    size_t fill_items;
    unsigned stream_shards;  /* open shards of a stream, to DB_SHARDS_MAX; 0: 1. Streams that are
                              * there get a multiple of what they have, or stay as they are. */
    int64_t stream_roll_ms;  /* 0: DB_STREAM_ROLL_MS_DEFAULT */
    int64_t expiry_sweep_ms; /* from one sweep for expired items to the next; 0: the default */
};

/* Loads the catalog; an unknown format version is a clear error. Drops that a crash interrupted are
 * taken up again by db_catalog_work. */
MUST_USE const struct error *db_open(struct arena *arena, const struct db_options *options,
                                     struct db **ret_db);
/* Every table must be released. Accepts NULL. */
void db_close(struct db *db);
struct store *db_store(struct db *db);
/* As in the options. */
int64_t db_transient_ms(const struct db *db);

/* Whether the tables of one region are those of the other, too. */
bool db_regions_share(const struct db *db, struct slice region, struct slice other);

/* The table of that name, with a reference, or NULL. now_ms moves its status on. A table in
 * DELETING is found too. */
const struct db_table *db_table_acquire(struct db *db, struct slice account, struct slice region,
                                        struct slice name, int64_t now_ms);
/* A further reference. */
void db_table_retain(const struct db_table *table);
void db_table_release(struct db *db, const struct db_table *table);

/* Names in byte order after `after` (absent: from the start), at most limit; true in *ret_more when
 * there are more. */
MUST_USE const struct error *db_table_names(struct db *db, struct arena *arena,
                                            struct slice account, struct slice region,
                                            struct slice after, size_t limit,
                                            const struct slice **ret_names, size_t *ret_count,
                                            bool *ret_more);
size_t db_table_count(struct db *db);

/* Called once, when the change is durable (error == NULL, table is the new snapshot with a
 * reference that the callee owns) or has failed. Any thread; quick. */
typedef void db_table_done(void *context, const struct error *error, const struct db_table *table);

/* Creates a table as described; id, revision, uuid, created_ms, status, index ids and statuses are
 * filled in, and of an enabled stream when it was created and its label. RESOURCE_IN_USE "Table
 * already exists: X" when the name is taken. description is
 * copied before the call returns. The snapshot given to done is CREATING, also when transient_ms is
 * 0: that is what the response shows, and the next db_table_acquire finds it ACTIVE. */
void db_table_create(struct db *db, const struct db_table *description, int64_t now_ms,
                     db_table_done *done, void *context);
/*
 * Replaces the snapshot `old` by one with the settings of `new`: same id, name and keys.
 * Global indexes whose throughput changes are UPDATING with their table. An index that is in `new`
 * alone is created: behind the others, CREATING and online, and `new` has the attributes that it
 * needs. One that is DELETING in `new` goes, and in the end the attributes that it alone had. Both
 * happen in the background (db/fill.h). RESOURCE_IN_USE when the table is not ACTIVE, or when
 * somebody else has changed it since `old` was acquired: the caller acquires, checks and tries
 * again. Both are copied before the call returns.
 */
void db_table_update(struct db *db, const struct db_table *old, const struct db_table *new,
                     int64_t now_ms, db_table_done *done, void *context);
/*
 * Changes the newest state of the table, whatever that is at now_ms, except for its keys, indexes
 * and status. alteration is a pure function that may be called again; it changes *table, whose
 * memory is its own as far as it comes from arena, or refuses. RESOURCE_NOT_FOUND when the table is
 * gone.
 */
typedef const struct error *db_alteration(void *context, struct arena *arena,
                                          struct db_table *table);
void db_table_alter(struct db *db, const struct db_table *table, int64_t now_ms,
                    db_alteration *alteration, void *alteration_context, db_table_done *done,
                    void *context);
/* For alterations that are settings: RESOURCE_IN_USE when the table is CREATING or DELETING. */
MUST_USE const struct error *db_table_check_setting(struct arena *arena,
                                                    const struct db_table *table);
/* As db_table_update, for settings that take effect at once: keys, indexes, stream and status stay,
 * also UPDATING. RESOURCE_IN_USE only when it is CREATING or DELETING, or somebody else has changed
 * it. */
void db_table_set(struct db *db, const struct db_table *old, const struct db_table *new,
                  int64_t now_ms, db_table_done *done, void *context);
/* Switches time to live on, for that attribute, or off (SLICE_ABSENT). Otherwise db_table_set. */
void db_table_set_expiry(struct db *db, const struct db_table *old, struct slice attribute,
                         int64_t now_ms, db_table_done *done, void *context);
/* Moves it to DELETING; its name is free when transient_ms is over (0: when done is called), its
 * data goes in the background as soon as the last snapshot of it is released. RESOURCE_IN_USE as
 * for db_table_update; RESOURCE_NOT_FOUND when it is gone. */
void db_table_delete(struct db *db, const struct db_table *table, int64_t now_ms,
                     db_table_done *done, void *context);

/* Live totals: items and bytes (with 100 bytes of overhead each) of a table, entries and bytes of
 * an index (index == NULL: the table itself). */
struct db_totals {
    int64_t items;
    int64_t bytes;
};
MUST_USE const struct error *db_table_totals(struct db *db, struct arena *arena,
                                             const struct db_table *table,
                                             const struct db_index *index,
                                             struct db_totals *ret_totals);

/* The bytes of all items with the partition key of `key`, entries in local indexes included (with
 * 100 bytes of overhead each). The table has a local index. */
MUST_USE const struct error *db_collection_bytes(struct db *db, struct arena *arena,
                                                 const struct db_table *table, struct slice key,
                                                 int64_t *ret_bytes);

/* Background work that is due: tables whose time in DELETING is over, the next drop of data, which
 * may take long, and a piece of what creating and deleting indexes needs. Called by jobs/ about
 * once a second and whenever the db asks for it. Returns true when there is more to do at once:
 * also while it waits for requests that still work with an older state of a table. What fails is
 * tried again by a later call. Of several threads that call it at once, one works on indexes. */
bool db_catalog_work(struct db *db, int64_t now_ms);

/* Background work, too: deletes client request tokens that have expired. */
bool db_token_work(struct db *db, int64_t now_ms);

/* work is called, on any thread, when there is something to do for db_catalog_work; quick. NULL:
 * nobody wants to know any more, and no call is under way when this returns. */
typedef void db_work(void *context);
void db_on_work(struct db *db, db_work *work, void *context);

#endif
