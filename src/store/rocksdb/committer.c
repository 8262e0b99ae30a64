#include "store/rocksdb/committer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/log.h"
#include "store/rocksdb/records.h"

/* A group: large enough that a sync is well used, small enough that nobody waits long for it. */
enum {
    GROUP_BYTES = 4 * 1024 * 1024,
    BATCH_BYTES_KEPT = 4 * GROUP_BYTES,
    RETRY_MS_DEFAULT = 1000,
};

static void delete_range(rocksdb_writebatch_t *batch, struct slice first, struct slice end)
{
    librocksdb.writebatch_delete_range(batch, (const char *)first.data, first.size,
                                       (const char *)end.data, end.size);
}

/* The values of the range and, in their own key space, its counters. */
static void append_drop(struct committer *committer, struct store_range range)
{
    struct slice first = range.first;
    struct slice end = range.end;
    if (slice_compare(first, RECORD_FIRST_CLIENT_KEY) < 0)
        first = RECORD_FIRST_CLIENT_KEY;
    uint8_t above_all_keys[STORE_BOUND_BYTES_MAX];
    if (!slice_present(end)) {
        memset(above_all_keys, 0xff, sizeof(above_all_keys));
        end = slice_of(above_all_keys, sizeof(above_all_keys));
    }
    if (slice_compare(first, end) < 0)
        delete_range(committer->batch, first, end);

    uint8_t first_bytes[RECORD_KEY_BYTES_MAX];
    uint8_t end_bytes[RECORD_KEY_BYTES_MAX];
    delete_range(committer->batch, record_counter_key(first_bytes, range.first),
                 slice_present(range.end) ? record_counter_key(end_bytes, range.end)
                                          : RECORD_COUNTER_KEYS_END);
}

static void append_numbered(struct committer *committer, const struct store_mutation *mutation,
                            uint64_t sequence)
{
    uint8_t key[STORE_KEY_BYTES_MAX];
    memcpy(key, mutation->key.data, mutation->key.size);
    store_sequence_write(key + mutation->key.size, sequence);
    librocksdb.writebatch_put(committer->batch, (const char *)key,
                              mutation->key.size + STORE_SEQUENCE_BYTES,
                              (const char *)mutation->value.data, mutation->value.size);
}

/* *sequence: for the next append. */
static bool append_mutations(struct committer *committer, const struct store_batch *mutations,
                             uint64_t *sequence, char **ret_words)
{
    struct slice at = buf_slice(&mutations->encoded);
    struct store_mutation mutation;
    while (store_batch_next(&at, &mutation)) {
        switch (mutation.kind) {
        case STORE_PUT:
            librocksdb.writebatch_put(committer->batch, (const char *)mutation.key.data,
                                      mutation.key.size, (const char *)mutation.value.data,
                                      mutation.value.size);
            break;
        case STORE_DELETE:
            librocksdb.writebatch_delete(committer->batch, (const char *)mutation.key.data,
                                         mutation.key.size);
            break;
        case STORE_APPEND:
            append_numbered(committer, &mutation, (*sequence)++);
            break;
        case STORE_ADD:
            if (!counters_add(&committer->counters, database_for_writer(committer->database),
                              committer->database->read_options, mutation.key, mutation.delta,
                              ret_words))
                return false;
            break;
        }
    }
    return true;
}

static void write_sequence(struct committer *committer, uint64_t sequence)
{
    uint8_t record[RECORD_SEQUENCE_BYTES];
    committer->sequence = sequence;
    record_sequence_write(record, sequence);
    librocksdb.writebatch_put(committer->batch, (const char *)RECORD_SEQUENCE_KEY.data,
                              RECORD_SEQUENCE_KEY.size, (const char *)record, sizeof(record));
}

/* *ret_words may be NULL when there was no memory for them. */
static bool write_group(struct committer *committer, const struct flight_list *group,
                        char **ret_words)
{
    bool drops = false;
    const uint64_t first_sequence = store_sequence_after(committer->sequence);
    uint64_t sequence = first_sequence;
    librocksdb.writebatch_clear(committer->batch);
    for (const struct flight *flight = group->first; flight != NULL; flight = flight->next) {
        if (flight->drops)
            append_drop(committer, flight->range);
        else if (!append_mutations(committer, &flight->batch, &sequence, ret_words))
            return false;
        drops = drops || flight->drops;
    }
    counters_write(&committer->counters, committer->batch);
    if (sequence != first_sequence)
        write_sequence(committer, sequence - 1);
    if (librocksdb.writebatch_count(committer->batch) == 0)
        return true;
    if (committer->before_commit != NULL) {
        const char *words = committer->before_commit(committer->before_commit_context);
        if (words != NULL) {
            *ret_words = strdup(words);
            return false;
        }
    }
    char *words = NULL;
    librocksdb.write(database_for_writer(committer->database), committer->database->write_options,
                     committer->batch, &words);
    if (words != NULL) {
        database_note_failure(committer->database);
        *ret_words = words;
        return false;
    }
    if (drops)
        counters_forget(&committer->counters);
    counters_trim(&committer->counters);
    return true;
}

static void call_done(const struct flight_list *list, const struct error *error)
{
    for (struct flight *flight = list->first; flight != NULL; flight = flight->next)
        flight->transaction->done(flight->transaction->context, error);
}

static void finish(struct committer *committer, struct flight_list *list, const struct error *error)
{
    call_done(list, error);
    flights_recycle(committer->flights, list);
}

static size_t count_commits(const struct flight_list *group)
{
    size_t count = 0;
    for (const struct flight *flight = group->first; flight != NULL; flight = flight->next)
        count += flight->batch.count > 0;
    return count;
}

static void fail_group(struct committer *committer, struct flight_list *group, char *words)
{
    const char *why = words == NULL ? "out of memory" : words;
    counters_forget(&committer->counters);
    flights_fail(committer->flights, group, why);
    log_write(LOG_ERROR, "A commit to %s failed, writes are refused until it works again: %s",
              committer->database->folder, why);
    struct arena arena;
    arena_init(&arena, 64 * 1024);
    finish(committer, group,
           error_make(&arena, ERROR_INTERNAL, "The write to %s failed: %s",
                      committer->database->folder, why));
    arena_fini(&arena);
    librocksdb.free(words);
}

static void release_large_batch(struct committer *committer)
{
    size_t size;
    librocksdb.writebatch_data(committer->batch, &size);
    if (size <= BATCH_BYTES_KEPT)
        return;
    librocksdb.writebatch_destroy(committer->batch);
    committer->batch = librocksdb.writebatch_create();
}

/* false: the group has failed. */
static bool commit(struct committer *committer, struct flight_list *group)
{
    char *words = NULL;
    caches_begin_writes(committer->caches, committer->flights, group);
    bool written = write_group(committer, group, &words);
    release_large_batch(committer);
    if (!written) {
        caches_end_writes(committer->caches, committer->flights, group, false);
        fail_group(committer, group, words);
        return false;
    }
    atomic_fetch_add(&committer->commits, count_commits(group));
    atomic_fetch_add(&committer->groups, 1);
    flights_land(committer->flights, group);
    call_done(group, NULL);
    /* Until then reads find these keys in RocksDB; nobody who waits for an answer waits for it. */
    caches_end_writes(committer->caches, committer->flights, group, true);
    flights_recycle(committer->flights, group);
    return true;
}

/* true: writes are accepted again. */
static bool try_again(struct committer *committer)
{
    if (committer->before_commit != NULL &&
        committer->before_commit(committer->before_commit_context) != NULL)
        return false;
    if (!database_recover(committer->database))
        return false;
    caches_open(committer->caches);
    flights_accept_again(committer->flights);
    log_write(LOG_INFO, "Writes to %s work again", committer->database->folder);
    return true;
}

static void *run(void *context)
{
    struct committer *committer = context;
    bool working = true;
    for (;;) {
        struct flight_list group;
        struct flight_list settled;
        enum flights_wait outcome = flights_take_group(
            committer->flights, GROUP_BYTES, working ? -1 : committer->retry_ms, &group, &settled);
        if (outcome == FLIGHTS_CLOSED)
            return NULL;
        finish(committer, &settled, NULL);
        if (group.first != NULL)
            working = commit(committer, &group);
        else if (!working)
            working = try_again(committer);
    }
}

bool committer_start(struct committer *committer, struct database *database,
                     struct flights *flights, struct caches *caches, uint64_t last_sequence,
                     const struct rocksdb_store_options *options)
{
    *committer = (struct committer){
        .database = database,
        .flights = flights,
        .caches = caches,
        .sequence = last_sequence,
        .before_commit = options->before_commit,
        .before_commit_context = options->before_commit_context,
        .retry_ms = options->retry_ms != 0 ? options->retry_ms : RETRY_MS_DEFAULT,
    };
    if (!counters_init(&committer->counters))
        return false;
    committer->batch = librocksdb.writebatch_create();
    if (pthread_create(&committer->thread, NULL, run, committer) == 0)
        return true;
    librocksdb.writebatch_destroy(committer->batch);
    counters_fini(&committer->counters);
    return false;
}

void committer_stop(struct committer *committer)
{
    flights_begin_close(committer->flights);
    CHECK(pthread_join(committer->thread, NULL) == 0);
    librocksdb.writebatch_destroy(committer->batch);
    counters_fini(&committer->counters);
}
