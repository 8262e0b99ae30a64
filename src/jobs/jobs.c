#include "jobs/jobs.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "db/items.h"
#include "db/stream.h"

enum { ROUND_MS = 1000 };

/* Does a piece of work. true: there is more to do at once. */
typedef bool job_run(struct db *db, int64_t now_ms);

/* One row for each job, in the order of a round. */
static job_run *const rows[] = {
    db_catalog_work, /* status changes that are due, data of deleted tables, indexes that come
                        and go */
    db_token_work,   /* client request tokens that have expired */
    db_stream_work,  /* shards that are due to be rolled, changes older than 24 hours */
    db_expiry_work,  /* items whose time to live is over */
};

struct jobs {
    struct db *db;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    bool is_woken;
    bool is_stopping;
};

static bool run_round(struct jobs *jobs)
{
    bool is_more = false;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        is_more = rows[i](jobs->db, clock_now_ms()) || is_more;
    return is_more;
}

/* Returns when the next round is to begin; false: there is to be none. */
static bool wait_for_round(struct jobs *jobs, bool is_more)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ROUND_MS / 1000;
    pthread_mutex_lock(&jobs->lock);
    int status = 0;
    while (!is_more && !jobs->is_woken && !jobs->is_stopping && status == 0)
        status = pthread_cond_timedwait(&jobs->changed, &jobs->lock, &until);
    jobs->is_woken = false;
    bool is_going_on = !jobs->is_stopping;
    pthread_mutex_unlock(&jobs->lock);
    return is_going_on;
}

static void *run_jobs(void *context)
{
    struct jobs *jobs = context;
    bool is_more;
    do {
        is_more = run_round(jobs);
    } while (wait_for_round(jobs, is_more));
    return NULL;
}

static void wake(void *context)
{
    jobs_wake(context);
}

static void jobs_free(struct jobs *jobs)
{
    db_on_work(jobs->db, NULL, NULL);
    pthread_cond_destroy(&jobs->changed);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs);
}

const struct error *jobs_start(struct arena *arena, struct db *db, struct jobs **ret_jobs)
{
    struct jobs *jobs = calloc(1, sizeof(*jobs));
    if (jobs == NULL)
        return error_exhausted();
    jobs->db = db;
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&jobs->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    db_on_work(db, wake, jobs);
    int status = pthread_create(&jobs->thread, NULL, run_jobs, jobs);
    if (status != 0) {
        jobs_free(jobs);
        return error_make(arena, ERROR_INTERNAL, "The thread for background jobs cannot start: %s",
                          strerror(status));
    }
    *ret_jobs = jobs;
    return NULL;
}

void jobs_wake(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    jobs->is_woken = true;
    pthread_cond_signal(&jobs->changed);
    pthread_mutex_unlock(&jobs->lock);
}

void jobs_stop(struct jobs *jobs)
{
    if (jobs == NULL)
        return;
    pthread_mutex_lock(&jobs->lock);
    jobs->is_stopping = true;
    pthread_cond_signal(&jobs->changed);
    pthread_mutex_unlock(&jobs->lock);
    pthread_join(jobs->thread, NULL);
    jobs_free(jobs);
}
