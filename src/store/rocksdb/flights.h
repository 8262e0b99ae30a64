#ifndef HASHRANGE_STORE_ROCKSDB_FLIGHTS_H
#define HASHRANGE_STORE_ROCKSDB_FLIGHTS_H

/*
 * Writes in flight: decided, not yet committed. A flight is one transaction's batch on its way
 * through the committer's queue. The overlay, a hash table over the keys of all flights, gives
 * later decisions the values that are in flight.
 *
 *     decided ──publish──> queued ──take_group──> being written ──land──> done, recycled
 *                             └───────────────────────┴──────────fail──> done with an error,
 * recycled
 *
 * Tickets number the flights in queue order, which is the order of decision for every key, because
 * who publishes holds the locks of its keys. A failure fails all flights there are and begins a new
 * epoch: whoever has looked in an older epoch may have seen a lost value and can publish no more.
 *
 * A flight whose transaction holds its keys has an entry of another kind for each of them, written
 * or not. Of two holders of one key the later one's entry stands: it lands last.
 *
 * A flight that writes nothing (an abort, an empty batch) queues only when it has seen a value
 * whose ticket has not landed yet.
 *
 * Memory: the bytes of all flights are counted; at the limit looking is refused, so that a decision
 * is not even begun. Flights are reused, with their buffers.
 *
 * Threads: any; one lock, held for moments, inside which nothing else is locked.
 */

#include <pthread.h>
#include <stdatomic.h>

#include "base/hash.h"
#include "store/store.h"

struct flight;

enum overlay_kind { OVERLAY_VALUE, OVERLAY_HOLD };

/* A key's newest value in flight, or that a flight holds the key. */
struct overlay_entry {
    struct overlay_entry *next;  /* in its bucket */
    struct overlay_entry **link; /* what points here; NULL: not in the overlay (any more) */
    uint64_t hash;
    enum overlay_kind kind;
    struct slice key;   /* into the flight's batch, as value; of a hold: the transaction's */
    struct slice value; /* absent: deleted, or a hold */
    struct flight *flight;
    /* Of the first STORE_FRONT_BYTES of the key; 0: it is shorter, or it is a hold. */
    uint64_t front_hash;
};

struct flight {
    struct flight *next; /* in the queue, a group or the free list */
    struct store_transaction *transaction;
    struct store_batch batch;
    struct overlay_entry *entries;
    size_t entry_count;
    size_t entry_capacity;
    bool appends; /* there are STORE_APPEND in its batch */
    bool drops;   /* deletes `range` instead of carrying a batch */
    struct store_range range;
    uint64_t ticket;
    uint64_t seen_ticket; /* the last that its decision has read from; 0: none */
    size_t bytes;
    unsigned references; /* the queue's, and of those who look at its values */
};

struct flight_list {
    struct flight *first;
    struct flight *last;
};

enum {
    OVERLAY_BUCKETS = 16 * 1024,
    FLIGHTS_FAILURE_BYTES = 512,
};

struct flights {
    pthread_mutex_t lock;
    pthread_cond_t work; /* the queue is not empty any more, or closing */
    struct overlay_entry **buckets;
    struct flight_list queue;
    struct flight *free;
    size_t free_count;
    uint64_t last_ticket;   /* given out */
    uint64_t landed_ticket; /* and all before it */
    uint64_t epoch;
    size_t bytes;
    size_t bytes_max;
    size_t holders; /* flights that hold keys: mostly none, and then nobody need look */
    bool closing;
    bool refusing;
    char failure[FLIGHTS_FAILURE_BYTES]; /* why it refuses */
    uint8_t hash_key[HASH_KEY_BYTES];
};

/* What a decision has seen of the flights. */
struct flights_view {
    uint64_t epoch;
    uint64_t seen_ticket;
    size_t source_count;
    struct flight *sources[STORE_TRANSACT_KEYS_MAX]; /* values in the view point into them */
};

MUST_USE bool flights_init(struct flights *flights, size_t bytes_max);
void flights_fini(struct flights *flights);

uint64_t flights_hash(const struct flights *flights, struct slice key);
/* Of the front of a key, or of what keys that are appended begin with; 0: it is too short. */
uint64_t flights_front_hash(const struct flights *flights, struct slice key);

/* An empty flight for a transaction; NULL when memory is exhausted. */
MUST_USE struct flight *flights_make(struct flights *flights,
                                     struct store_transaction *transaction);
/* For a flight that was not published. */
void flights_discard(struct flights *flights, struct flight *flight);

enum flights_look {
    FLIGHTS_LOOKED,
    FLIGHTS_FULL,     /* the limit is reached */
    FLIGHTS_REFUSING, /* a commit has failed; ret_failure says why */
};
/* For each key its value in flight and true in ret_found, or false; and in ret_held, unless it is
 * NULL, whether a flight holds it. Unless refused, must be followed by flights_forget or
 * flights_publish. */
MUST_USE enum flights_look flights_look(struct flights *flights, const struct slice *keys,
                                        const uint64_t *hashes, size_t count,
                                        struct slice *ret_values, bool *ret_found, bool *ret_held,
                                        struct flights_view *ret_view,
                                        char ret_failure[FLIGHTS_FAILURE_BYTES]);
void flights_forget(struct flights *flights, struct flights_view *view);
/* Whether each key has a value in flight or is held. */
void flights_have(struct flights *flights, const struct slice *keys, const uint64_t *hashes,
                  size_t count, bool *ret_have);

enum flights_publish {
    FLIGHTS_QUEUED,  /* the committer will call done */
    FLIGHTS_SETTLED, /* nothing to write or wait for: the caller calls done and discards the flight
                      */
    FLIGHTS_LOST,    /* a commit has failed since the look: the caller fails done and discards it */
    FLIGHTS_NO_MEMORY, /* likewise */
};
/* Ends the view. The values of the batch are what the next look at their keys finds. */
MUST_USE enum flights_publish flights_publish(struct flights *flights, struct flight *flight,
                                              struct flights_view *view);

/* --- for the committer --- */

enum flights_wait { FLIGHTS_GROUP, FLIGHTS_TIMEOUT, FLIGHTS_CLOSED };
/* Waits for flights, timeout_ms at most (below 0: for ever), and takes about bytes_max of them in
 * queue order. Of those, the ones that only waited for what has landed come in ret_settled.
 * FLIGHTS_CLOSED: the queue is empty and will stay so. */
MUST_USE enum flights_wait flights_take_group(struct flights *flights, size_t bytes_max,
                                              int64_t timeout_ms, struct flight_list *ret_group,
                                              struct flight_list *ret_settled);
/* The group is committed: its values leave the overlay. Call done for each, then recycle it. */
void flights_land(struct flights *flights, const struct flight_list *group);
/* Refuses from now on; empties the overlay; moves all that is queued behind the group's end. */
void flights_fail(struct flights *flights, struct flight_list *group, const char *why);
void flights_recycle(struct flights *flights, struct flight_list *list);
void flights_accept_again(struct flights *flights);
/* No flight may be published any more; the queue is still worked off. */
void flights_begin_close(struct flights *flights);

MUST_USE bool flights_refusing(struct flights *flights, size_t *ret_bytes);

#endif
