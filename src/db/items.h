#ifndef HASHRANGE_DB_ITEMS_H
#define HASHRANGE_DB_ITEMS_H

/*
 * Items: point reads, atomic conditional writes with their indexes, ordered reads.
 * Items and keys are map bodies (item/value.h).
 */

#include "db/catalog.h"
#include "db/token.h"

/* --- reads --- */
struct db_get {
    const struct db_table *table;
    struct slice key;  /* checked with db_table_check_key */
    struct slice item; /* out: SLICE_ABSENT when there is none; in arena */
    bool conflicts;    /* out of db_get_settled */
};
/* All from one committed state. */
MUST_USE const struct error *db_get(struct db *db, struct arena *arena, struct db_get *gets,
                                    size_t count);

/* For TransactGetItems: as db_get, unless a write of one of the items, or a transaction with it, is
 * under way. Then `conflicts` is set where it is, and nothing is read. */
MUST_USE const struct error *db_get_settled(struct db *db, struct arena *arena, struct db_get *gets,
                                            size_t count);

/* --- writes --- */
enum db_action {
    DB_KEEP, /* leave it as it is (a ConditionCheck, an update that changed nothing) */
    DB_PUT,  /* new_item is the whole item */
    DB_DELETE,
};

/* What a write cost: the larger of the entry before and after, per arm. 0: arm not touched. */
struct db_index_effect {
    const struct db_index *index;
    /* Bytes of the entry deleted and of the entry written. When the key did not move there is one
     * write of the larger; when it moved there are two. */
    size_t deleted_bytes;
    size_t written_bytes;
    bool key_moved;
};

struct db_write {
    /* in */
    const struct db_table *table;
    struct slice key; /* primary key as an item */
    /* given to decide */
    struct slice old_item; /* SLICE_ABSENT when there is none */
    bool conflicts;        /* a transaction with this item is under way */
    /* set by decide */
    enum db_action action;
    struct slice new_item; /* DB_PUT: lives until done */
    /* out. item_size_bytes; 0 when there is none. old_bytes is there when decide is called. */
    size_t old_bytes;
    size_t new_bytes;
    /* filled after decide said commit */
    struct db_index_effect *index_effects; /* touched indexes only; in the set's arena */
    size_t index_effect_count;
    /* private: */
    size_t mark_key; /* places among the transaction's keys; 0: none */
    size_t collection_key;
    int64_t collection_delta;
};

struct db_write_set;
/* Looks at every old_item and sets every action. true: commit all of them atomically; false:
 * nothing is written. A pure function; may be called again. Must not wait or call the db. old_items
 * live during the call only. Everything it makes goes into set->arena. */
typedef bool db_decide(void *context, struct db_write_set *set);
enum db_admission {
    DB_ADMIT,
    DB_REFUSE,       /* nothing is written */
    DB_DECIDE_AGAIN, /* decide is called once more, which will leave something out */
};
/* Asked, when there is one, after decide said commit and all effects are known. As decide, but it
 * may be told apart which call of it was the first. problem: NULL, or ITEM_COLLECTION_SIZE_LIMIT,
 * which cannot be admitted. */
typedef enum db_admission db_admit(void *context, struct db_write_set *set,
                                   const struct error *problem);
/* As store_done: once, any thread, quick. ITEM_COLLECTION_SIZE_LIMIT: an item collection would be
 * larger than it may be; nothing was written. */
typedef void db_done(void *context, const struct error *error);

/* What a write does that meets an item of a transaction that is under way: decided, but not durable
 * yet (developer guide, "Transaction conflict handling in DynamoDB"). */
enum db_conflicts {
    DB_CONFLICTS_FAIL, /* done gets TRANSACTION_CONFLICT, decide is not called */
    DB_CONFLICTS_TELL, /* decide looks at every write's `conflicts` and leaves those items alone */
};

enum { DB_WRITES_MAX = 128 };

struct db_write_set {
    struct arena *arena;     /* used during db_write_items only, not by other threads later */
    struct db_write *writes; /* distinct items */
    size_t count;            /* 1 to DB_WRITES_MAX */
    db_decide *decide;
    db_admit *admit; /* NULL: everything is admitted */
    db_done *done;
    void *context;
    size_t refused; /* out, with ITEM_COLLECTION_SIZE_LIMIT: the last write that adds to it */
    enum db_conflicts conflicts;
    bool is_transaction;    /* others that meet its items conflict with it */
    struct db_token *token; /* of a transaction, or NULL. When decide commits, it is used */
    bool is_expiry;         /* deletions are by time to live: streams say so */
    /* private: */
    int64_t now_ms;
    struct store_transaction transaction;
    struct db *db;
    const struct error *error; /* found while deciding, e.g. an index key beyond its size */
};
/* set lives until done. Serializable among all writes. */
void db_write_items(struct db *db, struct db_write_set *set);

/* --- ordered reads --- */

enum db_sort_operator {
    DB_SORT_ANY,
    DB_SORT_EQUAL,
    DB_SORT_LESS,
    DB_SORT_LESS_OR_EQUAL,
    DB_SORT_GREATER,
    DB_SORT_GREATER_OR_EQUAL,
    DB_SORT_BETWEEN,
    DB_SORT_BEGINS_WITH,
};

/* Called for every entry in order. item is the stored item (or the projected index entry), valid
 * during the call. Must not call the db. false: stop with an error that the visitor has kept (a
 * page that outgrew its arena); db_read_items then returns NULL and what it put out means nothing.
 */
typedef bool db_visit(void *context, struct slice item);

/* A page ends with the entry that reaches this (observed: full pages of the service are a little
 * over a megabyte) or with the one that reaches the limit. Then there is a last_evaluated, also
 * when nothing follows; a page that ends because there is no more has none. */
enum { DB_PAGE_BYTES = 1024 * 1024 };

struct db_read {
    /* in */
    const struct db_table *table;
    const struct db_index *index; /* NULL: the table */
    bool whole;                   /* a Scan; else a Query of one partition key */
    struct value partition[DB_KEY_PARTS_MAX];
    /* Query: values for the first sort_equal_count sort attributes, then one operator on the next.
     */
    uint8_t sort_equal_count;
    struct value sort_equal[DB_KEY_PARTS_MAX];
    enum db_sort_operator sort_operator;
    struct value sort_operand[2];
    bool backward;
    uint32_t segment; /* Scan: slice of the hash space; total_segments 0 or 1: all of it */
    uint32_t total_segments;
    uint32_t limit;               /* entries evaluated; 0: none but DB_PAGE_BYTES */
    struct slice exclusive_start; /* key attributes of table and index, or SLICE_ABSENT */
    /* Local index: visit the whole item from the table instead of the entry. The items count
     * for the end of the page, too. */
    bool fetch_items;
    /* Not 0: the reading stops (is_cut) with the entry that takes more than so many bytes, if the
     * page does not end with it, and before more than STORE_SKIPS_MAX deleted entries. Then nothing
     * else of what is put out means anything. Not with fetch_items. */
    size_t short_bytes;
    db_visit *visit;
    void *context;
    /* out */
    uint32_t scanned;           /* entries evaluated */
    size_t scanned_bytes;       /* their item_size_bytes, the index entries' for an index */
    size_t fetched_units_bytes; /* fetch_items: each item's size rounded up to 4096, summed */
    bool is_cut;
    struct slice last_evaluated; /* key attributes of table and index, or SLICE_ABSENT at the end;
                                    in arena */
};
MUST_USE const struct error *db_read_items(struct db *db, struct arena *arena,
                                           struct db_read *read);

/*
 * Checks of an exclusive start key; ValidationExceptions with the words of the service. It looks at
 * the key in two steps, with checks of other parameters between them:
 *  - has it as many attributes as it must, and those of the table's or index's own key? Before key
 * conditions.
 *  - is its primary key right, and does it lie within the range? After key conditions and Select.
 * db_read_check_start does both. Uses table, index, whole, segments, exclusive_start, and for the
 * second step the conditions. exclusive_start is present.
 *
 * A Query takes the first step in three, to look at its conditions on the partition key and then at
 * those on the sort key when it has looked at that part of the start key.
 */
MUST_USE const struct error *db_read_check_start_count(const struct db_read *read,
                                                       struct arena *arena);
MUST_USE const struct error *db_read_check_start_partition(const struct db_read *read,
                                                           struct arena *arena);
MUST_USE const struct error *db_read_check_start_sort(const struct db_read *read,
                                                      struct arena *arena);
MUST_USE const struct error *db_read_check_start_shape(const struct db_read *read,
                                                       struct arena *arena);
MUST_USE const struct error *db_read_check_start(const struct db_read *read, struct arena *arena);

/* ---- Time to live ----------------------------------------------------------------------------
 */

/* Deletes items whose time to live is over, and gives the items of tables where it was switched on
 * what is needed for that; a bounded piece of work, with no more than one write at a time. Waits.
 * One thread only. true: there is more to do at once. */
bool db_expiry_work(struct db *db, int64_t now_ms);

#endif
