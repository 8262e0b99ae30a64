#include "store/rocksdb/syncer.h"

#include <time.h>

#include "base/check.h"
#include "base/log.h"

static void sync_log(struct syncer *syncer)
{
    char *words = database_sync_log(syncer->database);
    if (words != NULL)
        log_write(LOG_DEBUG, "syncing the log of %s failed: %s", syncer->database->folder, words);
    librocksdb.free(words);
}

/* true: stop. */
static bool wait(struct syncer *syncer)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += syncer->interval_ms / 1000;
    until.tv_nsec += syncer->interval_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    CHECK(pthread_mutex_lock(&syncer->lock) == 0);
    int waited = 0;
    while (!syncer->stopping && waited == 0)
        waited = pthread_cond_timedwait(&syncer->stop, &syncer->lock, &until);
    bool stopping = syncer->stopping;
    CHECK(pthread_mutex_unlock(&syncer->lock) == 0);
    return stopping;
}

static void *run(void *context)
{
    struct syncer *syncer = context;
    while (!wait(syncer))
        sync_log(syncer);
    return NULL;
}

bool syncer_start(struct syncer *syncer, struct database *database, int64_t interval_ms)
{
    *syncer = (struct syncer){.database = database, .interval_ms = interval_ms};
    CHECK(pthread_mutex_init(&syncer->lock, NULL) == 0);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    CHECK(pthread_cond_init(&syncer->stop, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
    syncer->running = pthread_create(&syncer->thread, NULL, run, syncer) == 0;
    return syncer->running;
}

void syncer_stop(struct syncer *syncer)
{
    if (!syncer->running)
        return;
    CHECK(pthread_mutex_lock(&syncer->lock) == 0);
    syncer->stopping = true;
    CHECK(pthread_mutex_unlock(&syncer->lock) == 0);
    pthread_cond_signal(&syncer->stop);
    CHECK(pthread_join(syncer->thread, NULL) == 0);
    pthread_mutex_destroy(&syncer->lock);
    pthread_cond_destroy(&syncer->stop);
    *syncer = (struct syncer){0};
}
