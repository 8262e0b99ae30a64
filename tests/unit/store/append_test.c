/* What store/store.h promises about store_batch_append, over every engine. */

#include "store/every_engine.h"

#include <pthread.h>

#include "base/clock.h"

/* --- a log as a reader sees it --- */

enum { ENTRIES_MAX = 8192 };

struct log {
    size_t prefix_size;
    size_t count;
    uint64_t sequences[ENTRIES_MAX];
    char values[ENTRIES_MAX][16];
};

static bool log_visit(void *context, struct slice key, struct slice value)
{
    struct log *log = context;
    assert_true(log->count < ENTRIES_MAX);
    assert_int_equal(log->prefix_size + STORE_SEQUENCE_BYTES, key.size);
    assert_true(store_sequence_read(key, &log->sequences[log->count]));
    snprintf(log->values[log->count], sizeof(log->values[0]), "%.*s", SLICE_PRINT(value));
    log->count++;
    return true;
}

/* Adds what has come behind the log's last number, as a reader does who comes back. */
static void read_on(struct log *log, const char *prefix)
{
    uint8_t first[64];
    uint8_t end[64];
    size_t size = strlen(prefix);
    log->prefix_size = size;
    memcpy(first, prefix, size);
    memcpy(end, prefix, size);
    store_sequence_write(first + size, log->count == 0 ? 0 : log->sequences[log->count - 1] + 1);
    store_sequence_write(end + size, STORE_SEQUENCE_MAX);
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct store_range range = {.first = slice_of(first, size + STORE_SEQUENCE_BYTES),
                                .end = slice_of(end, size + STORE_SEQUENCE_BYTES)};
    assert_success(store_scan(store, &arena, range, STORE_FORWARD, log_visit, log));
    arena_fini(&arena);
}

static struct log *read_log(const char *prefix)
{
    static struct log log;
    log.count = 0;
    read_on(&log, prefix);
    return &log;
}

static void assert_log(const char *prefix, const char *expected)
{
    const struct log *log = read_log(prefix);
    char text[4096] = "";
    size_t size = 0;
    for (size_t i = 0; i < log->count; i++)
        size += (size_t)snprintf(text + size, sizeof(text) - size, "%s ", log->values[i]);
    assert_string_equal(expected, text);
}

/* --- tests --- */

static void sequence_bytes_keep_the_order(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {0,
                                       1,
                                       127,
                                       128,
                                       16383,
                                       16384,
                                       UINT64_C(0x0123456789),
                                       UINT64_C(1) << 56,
                                       STORE_SEQUENCE_MAX - 1,
                                       STORE_SEQUENCE_MAX};
    static const uint8_t documented[] = {0x80, 0x80, 0x80, 0x80, 0x92, 0x9a, 0x95, 0xcf, 0x89};
    uint8_t before[STORE_SEQUENCE_BYTES] = {0};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        uint8_t bytes[STORE_SEQUENCE_BYTES];
        uint64_t back = 7;
        store_sequence_write(bytes, numbers[i]);
        assert_true(store_sequence_read(slice_of(bytes, sizeof(bytes)), &back));
        assert_true(back == numbers[i]);
        assert_true(memcmp(before, bytes, sizeof(bytes)) < 0);
        memcpy(before, bytes, sizeof(bytes));
        if (numbers[i] == UINT64_C(0x0123456789))
            assert_memory_equal(documented, bytes, sizeof(bytes));
    }
    uint64_t kept = 7;
    assert_false(store_sequence_read(SLICE("\x80\x80\x80\x80\x80\x80\x80\x80"), &kept));
    assert_false(store_sequence_read(SLICE("x\x80\x80\x80\x80\x80\x80\x80\x7f\x80"), &kept));
    assert_int_equal(7, kept);
    assert_true(store_sequence_read(SLICE("x\x80\x80\x80\x80\x80\x80\x80\x80\x81\x81"), &kept));
    assert_int_equal(129, kept);
}

static void numbers_follow_time_and_never_stand_still(void **state)
{
    (void)state;
    uint64_t now_us = (uint64_t)clock_now_ms() * 1000;
    uint64_t first = store_sequence_after(0);
    assert_true(first >= now_us);
    /* A clock that went back. */
    uint64_t later = now_us + UINT64_C(1000000000000);
    assert_true(store_sequence_after(later) == later + 1);
    assert_true(store_sequence_after(STORE_SEQUENCE_MAX - 1) == STORE_SEQUENCE_MAX);
}

static void appends_are_read_in_their_order(void **state)
{
    (void)state;
    COMMIT(store, "a", APPEND("log", "1"), PUT("a", "x"), APPEND("log", "2"), APPEND("other", "o"));
    COMMIT(store, "a", APPEND("log", "3"), APPEND("log", ""));
    COMMIT(store, "a", APPEND("log", "4"));
    assert_log("log", "1 2 3  4 ");
    assert_log("other", "o ");
    assert_log("lo", "");
    assert_value(store, "a", "x");
    assert_value(store, "log", "-");
}

static void the_appends_of_a_batch_are_numbered_without_a_gap(void **state)
{
    (void)state;
    COMMIT(store, "a", APPEND("l", "1"), PUT("a", "x"), APPEND("m", "2"), ADD("n", 1),
           APPEND("l", "3"));
    const struct log *log = read_log("l");
    assert_int_equal(2, log->count);
    uint64_t first = log->sequences[0];
    assert_true(log->sequences[1] == first + 2);
    assert_true(first >= 1);
    log = read_log("m");
    assert_true(log->sequences[0] == first + 1);
}

/* Whatever the prefixes. */
static void later_commits_have_greater_numbers(void **state)
{
    (void)state;
    uint64_t last = 0;
    for (int i = 0; i < 20; i++) {
        char prefix[] = {'l', (char)('a' + i % 3), '\0'};
        COMMIT(store, "k", APPEND(prefix, "v"));
        const struct log *log = read_log(prefix);
        assert_true(log->sequences[log->count - 1] > last);
        last = log->sequences[log->count - 1];
    }
}

static void an_abort_appends_nothing(void **state)
{
    (void)state;
    const struct change changes[] = {APPEND("log", "1")};
    struct attempt attempt;
    attempt_begin(&attempt, store, "a", STORE_ABORT, changes, COUNT_OF(changes));
    attempt_wait_success(&attempt);
    assert_log("log", "");
}

static void a_batch_of_appends_alone_commits(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    static struct attempt attempts[COUNT];
    static char values[COUNT][16];
    static struct change changes[COUNT];
    /* In flight together: the order is that of the decisions, which one key makes that of the
     * calls. */
    for (int i = 0; i < COUNT; i++) {
        snprintf(values[i], sizeof(values[i]), "%d", i);
        changes[i] = (struct change)APPEND("log", values[i]);
        attempt_begin(&attempts[i], store, "a", STORE_COMMIT, &changes[i], 1);
    }
    for (int i = 0; i < COUNT; i++)
        attempt_wait_success(&attempts[i]);
    const struct log *log = read_log("log");
    assert_int_equal(COUNT, log->count);
    for (int i = 0; i < COUNT; i++)
        assert_string_equal(values[i], log->values[i]);
}

static void what_was_appended_can_be_deleted_and_dropped(void **state)
{
    (void)state;
    COMMIT(store, "a", APPEND("log", "1"), APPEND("log", "2"), APPEND("log", "3"));
    uint8_t key[64] = "log";
    store_sequence_write(key + 3, read_log("log")->sequences[1]);
    drop(store, SLICE("log"), slice_of(key, 3 + STORE_SEQUENCE_BYTES));
    assert_log("log", "2 3 ");
    COMMIT(store, "a", APPEND("log", "4"));
    assert_log("log", "2 3 4 ");
    drop(store, SLICE("log"), SLICE("loh"));
    assert_log("log", "");
    COMMIT(store, "a", APPEND("log", "5"));
    assert_log("log", "5 ");
}

struct large_append {
    struct attempt attempt; /* first: attempt_done gets the whole as its context */
    size_t value_size;
};

static enum store_decision append_large(void *context, const struct slice *old_values,
                                        struct store_batch *batch)
{
    static uint8_t prefix[STORE_KEY_BYTES_MAX - STORE_SEQUENCE_BYTES];
    const struct large_append *large = context;
    (void)old_values;
    memset(prefix, 'x', sizeof(prefix));
    uint8_t *value = calloc(1, large->value_size);
    assert_non_null(value);
    store_batch_append(batch, slice_of(prefix, sizeof(prefix)), slice_of(value, large->value_size));
    free(value);
    return STORE_COMMIT;
}

static void append_of_size(struct large_append *large, size_t value_size)
{
    *large = (struct large_append){.value_size = value_size};
    sem_init(&large->attempt.done, 0, 0);
    large->attempt.transaction =
        (struct store_transaction){.decide = append_large, .done = attempt_done, .context = large};
    store_transact(store, &large->attempt.transaction);
    attempt_wait(&large->attempt);
}

static bool measure_visit(void *context, struct slice key, struct slice value)
{
    assert_int_equal(STORE_KEY_BYTES_MAX, key.size);
    *(size_t *)context += value.size;
    return true;
}

static void takes_the_largest_prefixes_and_values(void **state)
{
    (void)state;
    struct large_append large;
    append_of_size(&large, STORE_VALUE_BYTES_MAX);
    assert_false(large.attempt.failed);
    size_t bytes = 0;
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    assert_success(store_scan(store, &arena,
                              (struct store_range){.first = SLICE("x"), .end = SLICE_ABSENT},
                              STORE_FORWARD, measure_visit, &bytes));
    assert_int_equal(STORE_VALUE_BYTES_MAX, bytes);
    arena_fini(&arena);
    append_of_size(&large, STORE_VALUE_BYTES_MAX + 1);
    assert_true(large.attempt.failed);
}

static void numbers_go_on_after_opening_again(void **state)
{
    (void)state;
    if (!engine_is_durable(&engine))
        skip();
    uint64_t last = 0;
    for (int i = 0; i < 3; i++) {
        COMMIT(store, "a", APPEND("log", "v"), APPEND("log", "w"));
        const struct log *log = read_log("log");
        assert_int_equal(2 * (i + 1), log->count);
        assert_true(log->sequences[log->count - 2] > last);
        last = log->sequences[log->count - 1];
        engine_reopen(&engine);
        store = engine.store;
    }
}

static void a_failed_commit_appends_nothing_and_its_numbers_are_gone(void **state)
{
    (void)state;
    if (!engine_is_fault(&engine))
        skip();
    COMMIT(store, "a", APPEND("log", "1"));
    fault_store_add_rule(store, &(struct fault_rule){.call = FAULT_TRANSACT,
                                                     .effect = FAULT_FAIL_COMMIT,
                                                     .first = 1,
                                                     .error_kind = ERROR_INTERNAL});
    const struct change changes[] = {APPEND("log", "lost")};
    struct attempt attempt;
    attempt_begin(&attempt, store, "a", STORE_COMMIT, changes, 1);
    attempt_wait(&attempt);
    assert_true(attempt.failed);
    fault_store_add_rule(
        store, &(struct fault_rule){.call = FAULT_TRANSACT, .effect = FAULT_RECALL, .first = 1});
    COMMIT(store, "a", APPEND("log", "2"));
    assert_log("log", "1 2 ");
}

/* --- many writers, readers who come back --- */

enum { WRITERS = 6, PER_WRITER = 300 };

static atomic_int writers_left;

static void *append_often(void *context)
{
    int writer = *(const int *)context;
    for (int i = 0; i < PER_WRITER; i++) {
        char value[16];
        char key[16];
        snprintf(value, sizeof(value), "%d-%d", writer, i);
        snprintf(key, sizeof(key), "k%d", writer);
        COMMIT(store, key, PUT(key, value), APPEND("log", value), APPEND("log", value));
    }
    atomic_fetch_sub(&writers_left, 1);
    return NULL;
}

/* Nothing comes up behind a number that was seen: reading on from it, one gets everything, each
 * writer's in its order. */
static void *follow(void *context)
{
    struct log *log = context;
    bool last = false;
    while (!last) {
        last = atomic_load(&writers_left) == 0;
        read_on(log, "log");
    }
    assert_int_equal(WRITERS * PER_WRITER * 2, log->count);
    int next[WRITERS] = {0};
    for (size_t i = 0; i < log->count; i++) {
        int writer, number;
        assert_int_equal(2, sscanf(log->values[i], "%d-%d", &writer, &number));
        assert_int_equal(next[writer] / 2, number);
        next[writer]++;
        assert_true(i == 0 || log->sequences[i] > log->sequences[i - 1]);
    }
    return NULL;
}

static void who_reads_on_misses_nothing(void **state)
{
    (void)state;
    static struct log logs[2];
    pthread_t writers[WRITERS];
    pthread_t readers[2];
    int numbers[WRITERS];
    atomic_store(&writers_left, WRITERS);
    for (int i = 0; i < 2; i++) {
        logs[i].count = 0;
        assert_int_equal(0, pthread_create(&readers[i], NULL, follow, &logs[i]));
    }
    for (int i = 0; i < WRITERS; i++) {
        numbers[i] = i;
        assert_int_equal(0, pthread_create(&writers[i], NULL, append_often, &numbers[i]));
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i], NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
}

int main(void)
{
    static const struct CMUnitTest suite[] = {
        EACH(sequence_bytes_keep_the_order),
        EACH(numbers_follow_time_and_never_stand_still),
        EACH(appends_are_read_in_their_order),
        EACH(the_appends_of_a_batch_are_numbered_without_a_gap),
        EACH(later_commits_have_greater_numbers),
        EACH(an_abort_appends_nothing),
        EACH(a_batch_of_appends_alone_commits),
        EACH(what_was_appended_can_be_deleted_and_dropped),
        EACH(takes_the_largest_prefixes_and_values),
        EACH(numbers_go_on_after_opening_again),
        EACH(a_failed_commit_appends_nothing_and_its_numbers_are_gone),
        EACH(who_reads_on_misses_nothing),
    };
    return run_on_every_engine(suite, COUNT_OF(suite));
}
