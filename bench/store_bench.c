/*
 * Measures an engine alone: store_bench <mem | rocksdb | rocksdb-none> <folder> [seconds] [threads]
 *
 * Puts: that many threads, each waiting for its write to be done before it begins the next; then
 * puts kept in flight by few threads, as event loops keep them; then gets of what was written.
 */

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "store/mem/mem_store.h"
#include "store/rocksdb/rocksdb_store.h"

enum { VALUE_BYTES = 1024, KEYS = 1000000, THREADS_MAX = 256, IN_FLIGHT_PER_THREAD = 64 };

static struct store *store;
static int64_t end_ms;

struct put {
    struct store_transaction transaction;
    struct slice key;
    char key_bytes[32];
    sem_t *done;
    uint64_t *failures;
};

struct worker {
    pthread_t thread;
    unsigned seed;
    unsigned in_flight;
    uint64_t count;
    uint64_t failures;
};

static const uint8_t value[VALUE_BYTES];

static enum store_decision decide(void *context, const struct slice *old_values,
                                  struct store_batch *batch)
{
    (void)old_values;
    const struct put *put = context;
    store_batch_put(batch, STORE_ATOMIC, put->key, slice_of(value, sizeof(value)));
    store_batch_add(batch, SLICE("items"), 1);
    return STORE_COMMIT;
}

static void done(void *context, const struct error *error)
{
    struct put *put = context;
    if (error != NULL)
        __atomic_fetch_add(put->failures, 1, __ATOMIC_RELAXED);
    sem_post(put->done);
}

static struct slice draw_key(unsigned *seed, char bytes[32])
{
    *seed = *seed * 1664525 + 1013904223;
    int size = snprintf(bytes, 32, "k%09u", (*seed >> 4) % KEYS);
    return slice_of(bytes, (size_t)size);
}

/* A ring of puts: the oldest is waited for before its place is used again. */
static void *run_puts(void *context)
{
    struct worker *worker = context;
    struct put *puts = calloc(worker->in_flight, sizeof(*puts));
    sem_t *dones = calloc(worker->in_flight, sizeof(*dones));
    CHECK(puts != NULL && dones != NULL);
    for (unsigned i = 0; i < worker->in_flight; i++)
        sem_init(&dones[i], 0, 1);
    for (unsigned i = 0; clock_monotonic_ms() < end_ms; i = (i + 1) % worker->in_flight) {
        struct put *put = &puts[i];
        while (sem_wait(&dones[i]) != 0)
            ;
        put->key = draw_key(&worker->seed, put->key_bytes);
        put->done = &dones[i];
        put->failures = &worker->failures;
        put->transaction = (struct store_transaction){
            .keys = &put->key, .key_count = 1, .decide = decide, .done = done, .context = put};
        store_transact(store, &put->transaction);
        worker->count++;
    }
    for (unsigned i = 0; i < worker->in_flight; i++)
        while (sem_wait(&dones[i]) != 0)
            ;
    free(puts);
    free(dones);
    return NULL;
}

static void *run_gets(void *context)
{
    struct worker *worker = context;
    struct arena arena;
    arena_init(&arena, 16 * 1024 * 1024);
    while (clock_monotonic_ms() < end_ms) {
        char bytes[32];
        struct slice key = draw_key(&worker->seed, bytes);
        struct slice found;
        worker->failures += store_get(store, &arena, &key, 1, &found) != NULL;
        worker->count++;
        arena_reset(&arena);
    }
    arena_fini(&arena);
    return NULL;
}

static void measure(const char *name, void *(*run)(void *), unsigned threads, unsigned in_flight,
                    int64_t seconds)
{
    static struct worker workers[THREADS_MAX];
    struct store_statistics before;
    struct store_statistics after;
    store_read_statistics(store, &before);
    int64_t start_ms = clock_monotonic_ms();
    end_ms = start_ms + seconds * 1000;
    for (unsigned i = 0; i < threads; i++) {
        workers[i] = (struct worker){.seed = 7919 * (i + 1), .in_flight = in_flight};
        CHECK(pthread_create(&workers[i].thread, NULL, run, &workers[i]) == 0);
    }
    uint64_t count = 0;
    uint64_t failures = 0;
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        count += workers[i].count;
        failures += workers[i].failures;
    }
    double elapsed = (double)(clock_monotonic_ms() - start_ms) / 1000;
    store_read_statistics(store, &after);
    uint64_t groups = after.commit_groups - before.commit_groups;
    printf("%-28s %3u threads x %2u: %9.0f /s, %llu failed", name, threads, in_flight,
           (double)count / elapsed, (unsigned long long)failures);
    if (groups > 0)
        printf(", %.1f in a commit", (double)(after.commits - before.commits) / (double)groups);
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s <mem | rocksdb | rocksdb-none> <folder> [seconds] [threads]\n",
                argv[0]);
        return 2;
    }
    int64_t seconds = argc > 3 ? strtol(argv[3], NULL, 10) : 5;
    unsigned threads = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 64;
    CHECK(threads > 0 && threads <= THREADS_MAX);
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct rocksdb_store_options options = {
        .folder = argv[2],
        .durability = strcmp(argv[1], "rocksdb") == 0 ? ROCKSDB_STORE_SYNC : ROCKSDB_STORE_NONE,
    };
    const struct error *error = strcmp(argv[1], "mem") == 0
                                    ? mem_store_open(&arena, &store)
                                    : rocksdb_store_open(&arena, &options, &store);
    if (error != NULL) {
        fprintf(stderr, "%.*s\n", SLICE_PRINT(error->message));
        return 1;
    }
    measure("puts of 1 KiB, waiting", run_puts, threads, 1, seconds);
    measure("puts of 1 KiB, in flight", run_puts, 2, IN_FLIGHT_PER_THREAD, seconds);
    measure("gets", run_gets, 2, 1, seconds);
    store_close(store);
    arena_fini(&arena);
    return 0;
}
