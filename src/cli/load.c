#include "cli/load.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/rand.h"

enum {
    EVENTS_AT_ONCE = 256,
    BODY_BYTES_MAX = 32 * 1024 * 1024,
    RECONNECT_MAX = 1000, /* attempts in a row */
};

#define NANOSECONDS UINT64_C(1000000000)
#define IDLE_NS (50 * (NANOSECONDS / 1000)) /* how long to wait when nothing is due */

struct worker;

struct lane { /* a connection and its request */
    struct client_connection connection;
    uint64_t begun_ns; /* open loop: when it was due */
    unsigned kind;
    uint32_t watched; /* events asked of epoll; 0: not in it */
    bool idle;
};

struct worker {
    const struct load_options *options;
    pthread_t thread;
    struct lane *lanes;
    unsigned lane_count;
    int epoll;
    struct key_chance chance;
    struct buf body;
    double interval_ns; /* open loop */
    double due_ns;
    uint64_t start_ns; /* of measuring */
    uint64_t end_ns;   /* UINT64_MAX: when the source ends */
    uint64_t last_ns;
    unsigned active;
    unsigned failed_connects;
    bool drained; /* the source has ended */
    _Atomic uint64_t answered;
    struct load_kind kinds[LOAD_KINDS_MAX];
    uint64_t lost;
    uint32_t *per_second;
    size_t second_count;
    char first_error[LOAD_ERROR_BYTES];
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec;
}

static void note_error(struct worker *worker, const char *text, size_t size)
{
    if (worker->first_error[0] == '\0')
        snprintf(worker->first_error, sizeof(worker->first_error), "%.*s", (int)size, text);
}

/* --- watching --- */

static void watch(struct worker *worker, struct lane *lane)
{
    uint32_t wanted = (lane->connection.wants_read ? EPOLLIN : 0U) |
                      (lane->connection.wants_write ? EPOLLOUT : 0U);
    if (wanted == lane->watched)
        return;
    struct epoll_event event = {.events = wanted, .data.ptr = lane};
    CHECK(epoll_ctl(worker->epoll, lane->watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
                    lane->connection.file, &event) == 0);
    lane->watched = wanted;
}

static void connect_lane(struct worker *worker, struct lane *lane)
{
    lane->watched = 0; /* closing a file takes it out of the epoll */
    lane->idle = true;
    client_connection_close(&lane->connection);
    if (worker->failed_connects++ > RECONNECT_MAX ||
        !client_connection_open(&lane->connection, worker->options->endpoint,
                                worker->options->tls)) {
        const char *words = strerror(errno);
        note_error(worker, words, strlen(words));
        worker->drained = true;
        return;
    }
    watch(worker, lane);
}

/* --- requests --- */

static void count_answer(struct worker *worker, const struct lane *lane, uint64_t now)
{
    const struct client_response *response = &lane->connection.response;
    atomic_fetch_add_explicit(&worker->answered, 1, memory_order_relaxed);
    worker->failed_connects = 0;
    if (response->status != 200)
        note_error(worker, (const char *)response->body, response->kept);
    if (now < worker->start_ns || now > worker->end_ns)
        return;
    struct load_kind *kind = &worker->kinds[lane->kind];
    histogram_add(&kind->latency, now > lane->begun_ns ? now - lane->begun_ns : 0);
    kind->failed += response->status != 200;
    kind->bytes += response->body_bytes;
    worker->last_ns = now;
    size_t second = (size_t)((now - worker->start_ns) / NANOSECONDS);
    if (second < worker->second_count)
        worker->per_second[second]++;
}

static void finish(struct worker *worker, struct lane *lane, enum client_progress progress)
{
    if (progress == CLIENT_WAITS) {
        watch(worker, lane);
        return;
    }
    worker->active--;
    if (progress == CLIENT_ANSWERED) {
        lane->idle = true;
        count_answer(worker, lane, now_ns());
        if (lane->connection.response.close)
            connect_lane(worker, lane);
        return;
    }
    worker->lost++;
    if (worker->first_error[0] == '\0')
        note_error(worker, "a connection was lost", 21);
    connect_lane(worker, lane);
}

/* Fills and sends the next request; false: there is none. */
static bool send_next(struct worker *worker, struct lane *lane, uint64_t begun_ns)
{
    const struct load_options *options = worker->options;
    struct slice target;
    buf_clear(&worker->body);
    buf_clear(&lane->connection.out);
    if (!options->source(options->context, &worker->chance, &worker->body, &target, &lane->kind)) {
        worker->drained = true;
        return false;
    }
    client_sign(options->signer, target, buf_slice(&worker->body), clock_now_ms(),
                &lane->connection.out);
    CHECK(!worker->body.failed && !lane->connection.out.failed);
    lane->idle = false;
    lane->begun_ns = begun_ns;
    worker->active++;
    finish(worker, lane, client_connection_send(&lane->connection));
    return true;
}

/* Gives idle connections what is due. */
static void feed(struct worker *worker)
{
    bool open_loop = worker->interval_ns > 0;
    for (unsigned i = 0; i < worker->lane_count && !worker->drained; i++) {
        struct lane *lane = &worker->lanes[i];
        if (!lane->idle || lane->connection.file < 0)
            continue;
        uint64_t now = now_ns();
        if (now >= worker->end_ns) {
            worker->drained = true;
            return;
        }
        if (open_loop && worker->due_ns > (double)now)
            return;
        if (!send_next(worker, lane, open_loop ? (uint64_t)worker->due_ns : now))
            return;
        worker->due_ns += worker->interval_ns;
    }
}

static void wait_for_events(struct worker *worker)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    uint64_t wait_ns = IDLE_NS;
    if (worker->interval_ns > 0 && !worker->drained) {
        double rest = worker->due_ns - (double)now_ns();
        wait_ns = rest <= 0 ? 0 : (uint64_t)rest;
        if (worker->active == worker->lane_count)
            wait_ns = IDLE_NS; /* nothing could be sent anyhow */
    }
    /* An answer that was there at once has left its connection idle: it is not to wait for others.
     */
    if (worker->interval_ns <= 0 && !worker->drained && worker->active < worker->lane_count)
        wait_ns = 0;
    if (wait_ns > IDLE_NS && worker->active > 0)
        wait_ns = wait_ns < NANOSECONDS ? wait_ns : NANOSECONDS;
    struct timespec timeout = {.tv_sec = (time_t)(wait_ns / NANOSECONDS),
                               .tv_nsec = (long)(wait_ns % NANOSECONDS)};
    int count = epoll_pwait2(worker->epoll, events, EVENTS_AT_ONCE, &timeout, NULL);
    for (int i = 0; i < count; i++) {
        struct lane *lane = events[i].data.ptr;
        enum client_progress progress = client_connection_go_on(&lane->connection);
        if (!lane->idle)
            finish(worker, lane, progress);
        else if (progress == CLIENT_LOST)
            connect_lane(worker, lane);
        else
            watch(worker, lane);
    }
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    for (unsigned i = 0; i < worker->lane_count; i++)
        connect_lane(worker, &worker->lanes[i]);
    worker->failed_connects = 0;
    uint64_t patience =
        worker->end_ns == UINT64_MAX ? UINT64_MAX : worker->end_ns + 5 * NANOSECONDS;
    while (!worker->drained || (worker->active > 0 && now_ns() < patience)) {
        feed(worker);
        if (worker->drained && worker->active == 0)
            break;
        wait_for_events(worker);
    }
    return NULL;
}

/* --- all threads --- */

static bool open_worker(struct worker *worker, const struct load_options *options, unsigned index,
                        uint64_t begin_ns)
{
    *worker = (struct worker){.options = options, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    rand_bytes(&worker->chance.state, sizeof(worker->chance.state));
    worker->chance.state |= 1;
    buf_init(&worker->body, NULL, BODY_BYTES_MAX);
    worker->lane_count =
        options->connections / options->threads + (index < options->connections % options->threads);
    worker->lanes = calloc(worker->lane_count + 1, sizeof(*worker->lanes));
    worker->start_ns = begin_ns + (uint64_t)(options->warmup * 1e9);
    worker->end_ns =
        options->seconds > 0 ? worker->start_ns + (uint64_t)(options->seconds * 1e9) : UINT64_MAX;
    worker->second_count =
        options->seconds > 0 && options->seconds < LOAD_SECONDS_MAX ? (size_t)options->seconds : 0;
    worker->per_second = calloc(worker->second_count + 1, sizeof(*worker->per_second));
    if (options->rate > 0) {
        worker->interval_ns = 1e9 * options->threads / options->rate;
        worker->due_ns = (double)begin_ns + worker->interval_ns * index / options->threads;
    }
    if (worker->lanes == NULL || worker->per_second == NULL || worker->epoll < 0)
        return false;
    for (unsigned i = 0; i < worker->lane_count; i++)
        client_connection_init(&worker->lanes[i].connection);
    return true;
}

static void close_worker(struct worker *worker)
{
    for (unsigned i = 0; worker->lanes != NULL && i < worker->lane_count; i++)
        client_connection_fini(&worker->lanes[i].connection);
    free(worker->lanes);
    free(worker->per_second);
    buf_fini(&worker->body);
    if (worker->epoll >= 0)
        close(worker->epoll);
}

static void add_up(struct load_result *result, const struct worker *worker)
{
    for (unsigned i = 0; i < LOAD_KINDS_MAX; i++) {
        histogram_merge(&result->kinds[i].latency, &worker->kinds[i].latency);
        result->kinds[i].failed += worker->kinds[i].failed;
        result->kinds[i].bytes += worker->kinds[i].bytes;
    }
    for (size_t i = 0; i < result->second_count; i++)
        result->per_second[i] += worker->per_second[i];
    result->lost += worker->lost;
    if (result->first_error[0] == '\0')
        memcpy(result->first_error, worker->first_error, sizeof(result->first_error));
    double seconds =
        worker->last_ns > worker->start_ns ? (double)(worker->last_ns - worker->start_ns) / 1e9 : 0;
    if (seconds > result->seconds)
        result->seconds = seconds;
}

static void show_progress(const struct worker *workers, unsigned count, uint64_t *before,
                          unsigned second)
{
    uint64_t answered = 0;
    for (unsigned i = 0; i < count; i++)
        answered += atomic_load_explicit(&workers[i].answered, memory_order_relaxed);
    fprintf(stderr, "\r%6us  %10llu requests/s  %12llu in all ", second,
            (unsigned long long)(answered - *before), (unsigned long long)answered);
    *before = answered;
}

static void watch_over(const struct load_options *options, struct worker *workers)
{
    uint64_t before = 0;
    unsigned seconds = (unsigned)(options->seconds + options->warmup);
    for (unsigned second = 1; options->progress && second <= seconds; second++) {
        sleep(1);
        show_progress(workers, options->threads, &before, second);
    }
    for (unsigned i = 0; i < options->threads; i++)
        pthread_join(workers[i].thread, NULL);
    if (options->progress && seconds > 0)
        fputc('\n', stderr);
}

struct load_result *load_run(const struct load_options *options)
{
    struct worker *workers = calloc(options->threads, sizeof(*workers));
    struct load_result *result = calloc(1, sizeof(*result));
    bool ready = workers != NULL && result != NULL;
    uint64_t begin_ns = now_ns();
    for (unsigned i = 0; ready && i < options->threads; i++)
        ready = open_worker(&workers[i], options, i, begin_ns);
    if (ready) {
        result->second_count = workers[0].second_count;
        result->per_second = calloc(result->second_count + 1, sizeof(*result->per_second));
        ready = result->per_second != NULL;
    }
    for (unsigned i = 0; ready && i < options->threads; i++)
        CHECK(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    if (ready)
        watch_over(options, workers);
    for (unsigned i = 0; workers != NULL && i < options->threads; i++) {
        if (ready)
            add_up(result, &workers[i]);
        if (workers[i].options != NULL)
            close_worker(&workers[i]);
    }
    free(workers);
    if (ready)
        return result;
    load_result_free(result);
    return NULL;
}

void load_result_free(struct load_result *result)
{
    if (result == NULL)
        return;
    free(result->per_second);
    free(result);
}
