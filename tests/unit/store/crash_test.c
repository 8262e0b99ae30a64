/*
 * SIGKILL under load: a writing process is killed at a random moment; whatever it had been told was
 * done must be there afterwards, no batch in part, and counters must agree with what is there.
 */

#include "store/engines.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/rand.h"

enum { WRITERS = 8, ROUNDS = 3 };

static char folder[PATH_MAX];

static struct store *open_store(enum rocksdb_store_durability durability)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct rocksdb_store_options options = {.folder = folder,
                                            .durability = durability,
                                            .sync_interval_ms = 2,
                                            .cache_bytes = 8 * 1024 * 1024};
    struct store *store = NULL;
    assert_success(rocksdb_store_open(&arena, &options, &store));
    arena_fini(&arena);
    return store;
}

/* --- the process that is killed: writes pairs, reports each to standard output once it is done ---
 */

struct writer {
    pthread_t thread;
    struct store *store;
    unsigned number;
    unsigned round;
};

struct report {
    uint32_t writer;
    uint32_t round;
    uint32_t pair;
};

static void name_pair(struct report pair, char ret_names[2][32])
{
    for (int half = 0; half < 2; half++)
        snprintf(ret_names[half], sizeof(ret_names[half]), "%c-%u-%u-%06u", "ab"[half], pair.round,
                 pair.writer, pair.pair);
}

static void *write_pairs(void *context)
{
    struct writer *writer = context;
    for (uint32_t i = 0;; i++) {
        struct report report = {writer->number, writer->round, i};
        char names[2][32];
        name_pair(report, names);
        const struct change changes[] = {PUT(names[0], "first"), PUT(names[1], "second"),
                                         ADD("pairs", 1)};
        struct attempt attempt;
        attempt_begin(&attempt, writer->store, names[0], STORE_COMMIT, changes, COUNT_OF(changes));
        attempt_wait(&attempt);
        if (attempt.failed || write(STDOUT_FILENO, &report, sizeof(report)) != sizeof(report))
            _exit(4);
    }
}

static int run_writers(enum rocksdb_store_durability durability, unsigned round)
{
    struct store *store = open_store(durability);
    struct writer writers[WRITERS];
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.store = store, .number = i, .round = round};
        if (pthread_create(&writers[i].thread, NULL, write_pairs, &writers[i]) != 0)
            return 5;
    }
    for (;;)
        pause();
}

/* --- the process that kills it --- */

static pid_t start_writers(enum rocksdb_store_durability durability, unsigned round,
                           int *ret_reports)
{
    int ends[2];
    assert_int_equal(0, pipe(ends));
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char durability_text[8];
        char round_text[8];
        snprintf(durability_text, sizeof(durability_text), "%d", (int)durability);
        snprintf(round_text, sizeof(round_text), "%u", round);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execl("/proc/self/exe", "crash_test", "write", folder, durability_text, round_text,
              (char *)NULL);
        _exit(3);
    }
    close(ends[1]);
    *ret_reports = ends[0];
    return child;
}

static bool read_report(int fd, struct report *ret_report)
{
    size_t size = 0;
    while (size < sizeof(*ret_report)) {
        ssize_t got = read(fd, (uint8_t *)ret_report + size, sizeof(*ret_report) - size);
        if (got <= 0)
            return false;
        size += (size_t)got;
    }
    return true;
}

enum { REPORTS_MAX = 200000 };

static struct report reports[REPORTS_MAX];
static size_t report_count;

static void run_until_killed(enum rocksdb_store_durability durability, unsigned round,
                             unsigned kill_after)
{
    int fd;
    pid_t child = start_writers(durability, round, &fd);
    struct report report;
    for (unsigned i = 0; read_report(fd, &report) && report_count < REPORTS_MAX; i++) {
        reports[report_count++] = report;
        if (i == kill_after)
            kill(child, SIGKILL);
    }
    close(fd);
    int status;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(SIGKILL, WTERMSIG(status));
}

struct census {
    int64_t firsts;
    int64_t seconds;
};

static bool count_visit(void *context, struct slice key, struct slice value)
{
    struct census *census = context;
    (void)value;
    if (key.data[0] == 'a')
        census->firsts++;
    else
        census->seconds++;
    return true;
}

static void check(enum rocksdb_store_durability durability)
{
    struct store *store = open_store(durability);
    for (size_t i = 0; i < report_count; i++) {
        char names[2][32];
        name_pair(reports[i], names);
        assert_value(store, names[0], "first");
        assert_value(store, names[1], "second");
    }
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct census census = {0};
    assert_success(store_scan(store, &arena,
                              (struct store_range){.first = SLICE("a"), .end = SLICE("c")},
                              STORE_FORWARD, count_visit, &census));
    arena_fini(&arena);
    assert_true(census.firsts == census.seconds);
    assert_true(census.firsts >= (int64_t)report_count);
    assert_true(census.firsts == read_counter(store, "pairs"));
    store_close(store);
}

static void nothing_acknowledged_is_lost(void **state)
{
    const enum rocksdb_store_durability *durability = *state;
    folder_make(folder);
    report_count = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint16_t random;
        rand_bytes(&random, sizeof(random));
        run_until_killed(*durability, round, 100 + random % 3000);
        check(*durability);
    }
    assert_true(report_count >= ROUNDS * 100);
    folder_remove(folder);
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "write") == 0) {
        snprintf(folder, sizeof(folder), "%s", argv[2]);
        return run_writers((enum rocksdb_store_durability)strtol(argv[3], NULL, 10),
                           (unsigned)strtoul(argv[4], NULL, 10));
    }
    static enum rocksdb_store_durability durabilities[] = {
        ROCKSDB_STORE_SYNC, ROCKSDB_STORE_INTERVAL, ROCKSDB_STORE_NONE};
    const struct CMUnitTest tests[] = {
        {"synced", nothing_acknowledged_is_lost, NULL, NULL, &durabilities[0]},
        {"synced in intervals", nothing_acknowledged_is_lost, NULL, NULL, &durabilities[1]},
        {"not synced", nothing_acknowledged_is_lost, NULL, NULL, &durabilities[2]},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
