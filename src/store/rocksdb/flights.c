#include "store/rocksdb/flights.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/rand.h"

/* What the free list may keep. */
enum { FREE_FLIGHTS_MAX = 256, FREE_BATCH_BYTES_MAX = 16 * 1024, FREE_ENTRIES_MAX = 128 };

static void lock(struct flights *flights)
{
    CHECK(pthread_mutex_lock(&flights->lock) == 0);
}

static void unlock(struct flights *flights)
{
    CHECK(pthread_mutex_unlock(&flights->lock) == 0);
}

bool flights_init(struct flights *flights, size_t bytes_max)
{
    *flights = (struct flights){.bytes_max = bytes_max};
    flights->buckets = calloc(OVERLAY_BUCKETS, sizeof(struct overlay_entry *));
    if (flights->buckets == NULL)
        return false;
    rand_bytes(flights->hash_key, sizeof(flights->hash_key));
    CHECK(pthread_mutex_init(&flights->lock, NULL) == 0);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    CHECK(pthread_cond_init(&flights->work, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
    return true;
}

static void free_flight(struct flight *flight)
{
    store_batch_fini(&flight->batch);
    free(flight->entries);
    free(flight);
}

void flights_fini(struct flights *flights)
{
    CHECK(flights->queue.first == NULL && flights->bytes == 0 && flights->holders == 0);
    while (flights->free != NULL) {
        struct flight *flight = flights->free;
        flights->free = flight->next;
        free_flight(flight);
    }
    free(flights->buckets);
    pthread_mutex_destroy(&flights->lock);
    pthread_cond_destroy(&flights->work);
}

uint64_t flights_hash(const struct flights *flights, struct slice key)
{
    return hash_bytes_keyed(flights->hash_key, key);
}

uint64_t flights_front_hash(const struct flights *flights, struct slice key)
{
    if (key.size < STORE_FRONT_BYTES)
        return 0;
    uint64_t hash = flights_hash(flights, slice_of(key.data, STORE_FRONT_BYTES));
    return hash != 0 ? hash : 1;
}

static void append(struct flight_list *list, struct flight *flight)
{
    flight->next = NULL;
    if (list->last == NULL)
        list->first = flight;
    else
        list->last->next = flight;
    list->last = flight;
}

struct flight *flights_make(struct flights *flights, struct store_transaction *transaction)
{
    lock(flights);
    struct flight *flight = flights->free;
    if (flight != NULL) {
        flights->free = flight->next;
        flights->free_count--;
    }
    unlock(flights);
    if (flight == NULL) {
        flight = calloc(1, sizeof(*flight));
        if (flight == NULL)
            return NULL;
        store_batch_init(&flight->batch, NULL, STORE_BATCH_BYTES_MAX);
    }
    flight->next = NULL;
    flight->transaction = transaction;
    flight->references = 1;
    return flight;
}

static bool worth_keeping(const struct flights *flights, const struct flight *flight)
{
    return flights->free_count < FREE_FLIGHTS_MAX &&
           flight->batch.encoded.capacity <= FREE_BATCH_BYTES_MAX &&
           flight->entry_capacity <= FREE_ENTRIES_MAX;
}

/* Under the lock. The last reference ends the flight. */
static void drop_reference(struct flights *flights, struct flight *flight)
{
    CHECK(flight->references > 0);
    if (--flight->references > 0)
        return;
    if (!worth_keeping(flights, flight)) {
        free_flight(flight);
        return;
    }
    store_batch_clear(&flight->batch);
    *flight = (struct flight){.batch = flight->batch,
                              .entries = flight->entries,
                              .entry_capacity = flight->entry_capacity,
                              .next = flights->free};
    flights->free = flight;
    flights->free_count++;
}

void flights_discard(struct flights *flights, struct flight *flight)
{
    lock(flights);
    CHECK(flight->references == 1);
    drop_reference(flights, flight);
    unlock(flights);
}

static struct overlay_entry *find(const struct flights *flights, enum overlay_kind kind,
                                  uint64_t hash, struct slice key)
{
    struct overlay_entry *entry = flights->buckets[hash % OVERLAY_BUCKETS];
    while (entry != NULL &&
           (entry->hash != hash || entry->kind != kind || !slice_equal(entry->key, key)))
        entry = entry->next;
    return entry;
}

/* Under the lock. What is decided on this flight waits for it to land. */
static void see_ticket(struct flights_view *view, const struct flight *flight)
{
    if (flight->ticket > view->seen_ticket)
        view->seen_ticket = flight->ticket;
}

/* Under the lock. */
static void look_for_holders(const struct flights *flights, const struct slice *keys,
                             const uint64_t *hashes, size_t count, bool *ret_held,
                             struct flights_view *view)
{
    for (size_t i = 0; i < count; i++) {
        const struct overlay_entry *hold =
            flights->holders > 0 ? find(flights, OVERLAY_HOLD, hashes[i], keys[i]) : NULL;
        ret_held[i] = hold != NULL;
        if (hold != NULL)
            see_ticket(view, hold->flight);
    }
}

enum flights_look flights_look(struct flights *flights, const struct slice *keys,
                               const uint64_t *hashes, size_t count, struct slice *ret_values,
                               bool *ret_found, bool *ret_held, struct flights_view *ret_view,
                               char ret_failure[FLIGHTS_FAILURE_BYTES])
{
    lock(flights);
    if (flights->refusing || flights->bytes >= flights->bytes_max) {
        enum flights_look refused = flights->refusing ? FLIGHTS_REFUSING : FLIGHTS_FULL;
        memcpy(ret_failure, flights->failure, FLIGHTS_FAILURE_BYTES);
        unlock(flights);
        return refused;
    }
    ret_view->epoch = flights->epoch;
    ret_view->seen_ticket = 0;
    ret_view->source_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct overlay_entry *entry = find(flights, OVERLAY_VALUE, hashes[i], keys[i]);
        ret_found[i] = entry != NULL;
        if (entry == NULL)
            continue;
        ret_values[i] = entry->value;
        entry->flight->references++;
        ret_view->sources[ret_view->source_count++] = entry->flight;
        see_ticket(ret_view, entry->flight);
    }
    if (ret_held != NULL)
        look_for_holders(flights, keys, hashes, count, ret_held, ret_view);
    unlock(flights);
    return FLIGHTS_LOOKED;
}

void flights_have(struct flights *flights, const struct slice *keys, const uint64_t *hashes,
                  size_t count, bool *ret_have)
{
    lock(flights);
    for (size_t i = 0; i < count; i++)
        ret_have[i] = find(flights, OVERLAY_VALUE, hashes[i], keys[i]) != NULL ||
                      find(flights, OVERLAY_HOLD, hashes[i], keys[i]) != NULL;
    unlock(flights);
}

/* Under the lock. */
static void end_view(struct flights *flights, struct flights_view *view)
{
    for (size_t i = 0; i < view->source_count; i++)
        drop_reference(flights, view->sources[i]);
    view->source_count = 0;
}

void flights_forget(struct flights *flights, struct flights_view *view)
{
    if (view->source_count == 0)
        return;
    lock(flights);
    end_view(flights, view);
    unlock(flights);
}

/* An aborted transaction, whose batch is empty, holds nothing. */
static bool is_holder(const struct flight *flight)
{
    return flight->batch.count > 0 && flight->transaction->holds;
}

static bool reserve_entries(struct flight *flight, size_t count)
{
    if (count <= flight->entry_capacity)
        return true;
    free(flight->entries);
    flight->entry_capacity = 0;
    flight->entries = calloc(count, sizeof(*flight->entries));
    if (flight->entries == NULL)
        return false;
    flight->entry_capacity = count;
    return true;
}

static void add_entry(const struct flights *flights, struct flight *flight, enum overlay_kind kind,
                      struct slice key, struct slice value)
{
    flight->entries[flight->entry_count++] = (struct overlay_entry){
        .hash = flights_hash(flights, key),
        .kind = kind,
        .key = key,
        .value = value,
        .flight = flight,
        .front_hash = kind == OVERLAY_VALUE ? flights_front_hash(flights, key) : 0,
    };
}

/* The entries that will stand in the overlay, made before the lock is taken. Counters and what is
 * appended are not in it: no decision reads them. */
static bool make_entries(const struct flights *flights, struct flight *flight)
{
    const struct store_transaction *transaction = flight->transaction;
    size_t held = is_holder(flight) ? transaction->key_count : 0;
    flight->entry_count = 0;
    if (!reserve_entries(flight, flight->batch.count + held))
        return false;
    struct slice at = buf_slice(&flight->batch.encoded);
    struct store_mutation mutation;
    while (store_batch_next(&at, &mutation)) {
        flight->appends = flight->appends || mutation.kind == STORE_APPEND;
        if (mutation.kind != STORE_ADD && mutation.kind != STORE_APPEND)
            add_entry(flights, flight, OVERLAY_VALUE, mutation.key,
                      mutation.kind == STORE_PUT ? mutation.value : SLICE_ABSENT);
    }
    for (size_t i = 0; i < held; i++)
        add_entry(flights, flight, OVERLAY_HOLD, transaction->keys[i], SLICE_ABSENT);
    return true;
}

static void unlink_entry(struct overlay_entry *entry)
{
    if (entry->link == NULL)
        return;
    *entry->link = entry->next;
    if (entry->next != NULL)
        entry->next->link = entry->link;
    entry->link = NULL;
}

/* The newest takes the place of the one before it. */
static void link_entry(struct flights *flights, struct overlay_entry *entry)
{
    struct overlay_entry *older = find(flights, entry->kind, entry->hash, entry->key);
    if (older != NULL)
        unlink_entry(older);
    struct overlay_entry **link = &flights->buckets[entry->hash % OVERLAY_BUCKETS];
    entry->next = *link;
    entry->link = link;
    if (entry->next != NULL)
        entry->next->link = &entry->next;
    *link = entry;
}

/* Under the lock; returns whether the committer may be asleep. */
static bool enqueue(struct flights *flights, struct flight *flight)
{
    bool was_empty = flights->queue.first == NULL;
    flight->ticket = ++flights->last_ticket;
    for (size_t i = 0; i < flight->entry_count; i++)
        link_entry(flights, &flight->entries[i]);
    flight->bytes = sizeof(*flight) + flight->batch.encoded.size +
                    flight->entry_count * sizeof(*flight->entries);
    flights->bytes += flight->bytes;
    flights->holders += is_holder(flight);
    append(&flights->queue, flight);
    return was_empty;
}

/* Under the lock: does it write nothing, and has landed what it has seen? */
static bool is_settled(const struct flights *flights, const struct flight *flight)
{
    return flight->batch.count == 0 && !flight->drops &&
           flight->seen_ticket <= flights->landed_ticket;
}

enum flights_publish flights_publish(struct flights *flights, struct flight *flight,
                                     struct flights_view *view)
{
    if (!make_entries(flights, flight)) {
        flights_forget(flights, view);
        return FLIGHTS_NO_MEMORY;
    }
    enum flights_publish outcome;
    bool wake = false;
    flight->seen_ticket = view->seen_ticket;
    lock(flights);
    CHECK(!flights->closing);
    end_view(flights, view);
    if (view->epoch != flights->epoch || flights->refusing) {
        outcome = FLIGHTS_LOST;
    } else if (is_settled(flights, flight)) {
        outcome = FLIGHTS_SETTLED;
    } else {
        wake = enqueue(flights, flight);
        outcome = FLIGHTS_QUEUED;
    }
    unlock(flights);
    if (wake)
        pthread_cond_signal(&flights->work);
    return outcome;
}

static struct timespec from_now(int64_t timeout_ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += timeout_ms / 1000;
    at.tv_nsec += timeout_ms % 1000 * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* Under the lock. */
static void wait_for_work(struct flights *flights, int64_t timeout_ms)
{
    if (timeout_ms < 0) {
        while (flights->queue.first == NULL && !flights->closing)
            pthread_cond_wait(&flights->work, &flights->lock);
        return;
    }
    struct timespec until = from_now(timeout_ms);
    while (flights->queue.first == NULL && !flights->closing) {
        if (pthread_cond_timedwait(&flights->work, &flights->lock, &until) != 0)
            return;
    }
}

static struct flight *take_first(struct flight_list *list)
{
    struct flight *flight = list->first;
    list->first = flight->next;
    if (list->first == NULL)
        list->last = NULL;
    return flight;
}

/* Under the lock: the flight is in flight no more, however it ended. */
static void end_flight(struct flights *flights, struct flight *flight)
{
    for (size_t i = 0; i < flight->entry_count; i++)
        unlink_entry(&flight->entries[i]);
    CHECK(flights->bytes >= flight->bytes);
    flights->bytes -= flight->bytes;
    CHECK(flights->holders >= is_holder(flight));
    flights->holders -= is_holder(flight);
}

enum flights_wait flights_take_group(struct flights *flights, size_t bytes_max, int64_t timeout_ms,
                                     struct flight_list *ret_group, struct flight_list *ret_settled)
{
    *ret_group = (struct flight_list){0};
    *ret_settled = (struct flight_list){0};
    lock(flights);
    wait_for_work(flights, timeout_ms);
    enum flights_wait outcome = flights->queue.first != NULL ? FLIGHTS_GROUP
                                : flights->closing           ? FLIGHTS_CLOSED
                                                             : FLIGHTS_TIMEOUT;
    size_t bytes = 0;
    while (flights->queue.first != NULL && bytes < bytes_max) {
        struct flight *flight = take_first(&flights->queue);
        bytes += flight->bytes;
        if (is_settled(flights, flight)) {
            end_flight(flights, flight);
            append(ret_settled, flight);
        } else {
            append(ret_group, flight);
        }
    }
    unlock(flights);
    return outcome;
}

void flights_land(struct flights *flights, const struct flight_list *group)
{
    lock(flights);
    for (struct flight *flight = group->first; flight != NULL; flight = flight->next)
        end_flight(flights, flight);
    flights->landed_ticket = group->last->ticket;
    unlock(flights);
}

void flights_fail(struct flights *flights, struct flight_list *group, const char *why)
{
    lock(flights);
    while (flights->queue.first != NULL)
        append(group, take_first(&flights->queue));
    for (struct flight *flight = group->first; flight != NULL; flight = flight->next)
        end_flight(flights, flight);
    flights->landed_ticket = flights->last_ticket;
    flights->epoch++;
    flights->refusing = true;
    snprintf(flights->failure, sizeof(flights->failure), "%s", why);
    unlock(flights);
}

void flights_recycle(struct flights *flights, struct flight_list *list)
{
    if (list->first == NULL)
        return;
    lock(flights);
    while (list->first != NULL)
        drop_reference(flights, take_first(list));
    unlock(flights);
}

void flights_accept_again(struct flights *flights)
{
    lock(flights);
    flights->refusing = false;
    unlock(flights);
}

void flights_begin_close(struct flights *flights)
{
    lock(flights);
    flights->closing = true;
    unlock(flights);
    pthread_cond_signal(&flights->work);
}

bool flights_refusing(struct flights *flights, size_t *ret_bytes)
{
    lock(flights);
    bool refusing = flights->refusing;
    *ret_bytes = flights->bytes;
    unlock(flights);
    return refusing;
}
