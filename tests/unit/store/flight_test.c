/*
 * Writes in flight on the durable engine: what may be seen of them, by whom, and what happens when
 * their commit fails. The committer is held or made to fail at a chosen moment, so nothing here
 * depends on timing.
 */

#include "store/engines.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/clock.h"

/* Between the engine and its log. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool closed;
    bool waiting; /* a commit stands at the closed gate */
    const char *failure;
};

static struct gate gate;
static struct engine engine;
static struct store *store;

static const char *pass_gate(void *context)
{
    (void)context;
    pthread_mutex_lock(&gate.lock);
    while (gate.closed) {
        gate.waiting = true;
        pthread_cond_broadcast(&gate.changed);
        pthread_cond_wait(&gate.changed, &gate.lock);
    }
    gate.waiting = false;
    const char *failure = gate.failure;
    pthread_mutex_unlock(&gate.lock);
    return failure;
}

static void set_gate(bool closed, const char *failure)
{
    pthread_mutex_lock(&gate.lock);
    gate.closed = closed;
    gate.failure = failure;
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
}

static void wait_for_commit_at_gate(void)
{
    pthread_mutex_lock(&gate.lock);
    while (!gate.waiting)
        pthread_cond_wait(&gate.changed, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
}

static void open_with(size_t flight_bytes_max)
{
    gate = (struct gate){0};
    pthread_mutex_init(&gate.lock, NULL);
    pthread_cond_init(&gate.changed, NULL);
    engine = (struct engine){.kind = ENGINE_ROCKSDB,
                             .options = {.cache_bytes = 8 * 1024 * 1024,
                                         .flight_bytes_max = flight_bytes_max,
                                         .retry_ms = 5,
                                         .before_commit = pass_gate}};
    folder_make(engine.folder);
    engine_reopen(&engine);
    store = engine.store;
}

static int open_engine(void **state)
{
    (void)state;
    open_with(0);
    return 0;
}

static int close_engine(void **state)
{
    (void)state;
    set_gate(false, NULL);
    engine_close(&engine);
    return 0;
}

static const struct change put_a1[] = {PUT("a", "1")};
static const struct change put_a2[] = {PUT("a", "2"), ADD("n", 1)};
static const struct change put_b[] = {PUT("b", "1"), ADD("n", 10)};

/* --- seeing --- */

static void reads_see_nothing_that_could_still_be_lost(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"), ADD("n", 7));
    set_gate(true, NULL);
    struct attempt write;
    attempt_begin(&write, store, "a", STORE_COMMIT, put_a2, COUNT_OF(put_a2));
    wait_for_commit_at_gate();
    assert_value(store, "a", "1");
    assert_scan(store, SLICE_ABSENT, SLICE_ABSENT, STORE_FORWARD, 10, "a=1 ");
    assert_int_equal(7, read_counter(store, "n"));
    assert_false(attempt_is_done(&write));
    set_gate(false, NULL);
    attempt_wait_success(&write);
    assert_value(store, "a", "2");
    assert_int_equal(8, read_counter(store, "n"));
}

static void an_abort_that_saw_a_flight_waits_for_it(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"), PUT("b", "0"));
    set_gate(true, NULL);
    struct attempt write;
    attempt_begin(&write, store, "a", STORE_COMMIT, put_a2, COUNT_OF(put_a2));
    wait_for_commit_at_gate();

    struct attempt saw_it;
    struct attempt saw_it_and_kept;
    struct attempt saw_other;
    attempt_begin(&saw_it, store, "b a", STORE_ABORT, NULL, 0);
    attempt_begin(&saw_it_and_kept, store, "a", STORE_COMMIT, NULL, 0);
    attempt_begin(&saw_other, store, "b c", STORE_ABORT, NULL, 0);
    assert_string_equal("2", saw_it.seen[1]);
    assert_false(attempt_is_done(&saw_it));
    assert_string_equal("2", saw_it_and_kept.seen[0]);
    assert_false(attempt_is_done(&saw_it_and_kept));
    /* Nothing in flight was seen: the answer is there at once. */
    assert_true(attempt_is_done(&saw_other));

    set_gate(false, NULL);
    attempt_wait_success(&saw_it);
    assert_true(attempt_is_done(&write));
    attempt_wait_success(&saw_it_and_kept);
    attempt_wait_success(&write);
    attempt_wait_success(&saw_other);
}

static void an_abort_that_saw_a_deletion_in_flight_waits_for_it(void **state)
{
    (void)state;
    static const struct change delete_a[] = {DELETE("a")};
    COMMIT(store, "a", PUT("a", "1"));
    set_gate(true, NULL);
    struct attempt write;
    struct attempt abort;
    attempt_begin(&write, store, "a", STORE_COMMIT, delete_a, 1);
    attempt_begin(&abort, store, "a", STORE_ABORT, NULL, 0);
    assert_string_equal("-", abort.seen[0]);
    assert_false(attempt_is_done(&abort));
    assert_value(store, "a", "1");
    set_gate(false, NULL);
    attempt_wait_success(&write);
    attempt_wait_success(&abort);
}

static void a_committer_held_by_fault_shows_the_same(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct store *fault;
    assert_success(fault_store_open(&arena, store, &fault));
    engine.store = fault;
    static const struct change put_c[] = {PUT("c", "1")};
    struct fault_rule rule = {.call = FAULT_TRANSACT, .effect = FAULT_HOLD_COMMITTER, .first = 1};
    fault_store_add_rule(fault, &rule);
    struct attempt holding;
    struct attempt write;
    struct attempt abort;
    attempt_begin(&holding, fault, "c", STORE_COMMIT, put_c, 1);
    attempt_begin(&write, fault, "a", STORE_COMMIT, put_a2, COUNT_OF(put_a2));
    attempt_begin(&abort, fault, "a", STORE_ABORT, NULL, 0);
    assert_string_equal("2", abort.seen[0]);
    assert_false(attempt_is_done(&holding));
    assert_false(attempt_is_done(&abort));
    fault_store_release(fault);
    attempt_wait_success(&holding);
    attempt_wait_success(&write);
    attempt_wait_success(&abort);
    assert_int_equal(3, fault_store_calls(fault, FAULT_TRANSACT));
    arena_fini(&arena);
}

/* --- holding --- */

static void a_holder_is_seen_by_those_who_ask_until_it_has_landed(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "0"), PUT("c", "3"));
    set_gate(true, NULL);
    struct attempt holder;
    attempt_begin_holding(&holder, store, "a c", STORE_COMMIT, put_a1, COUNT_OF(put_a1));
    wait_for_commit_at_gate();
    assert_false(holder.held[0] || holder.held[1]);
    assert_in_flight(store, "a b c", "a c ");

    /* c is held though it is not written: the abort that was told so waits. */
    struct attempt told;
    attempt_begin_asking(&told, store, "b c", STORE_ABORT, NULL, 0);
    assert_false(told.held[0]);
    assert_true(told.held[1]);
    assert_string_equal("3", told.seen[1]);
    assert_false(attempt_is_done(&told));
    struct attempt written;
    attempt_begin_asking(&written, store, "a", STORE_ABORT, NULL, 0);
    assert_true(written.held[0]);
    assert_string_equal("1", written.seen[0]);
    /* Nobody is kept out, and who does not ask does not wait for what was not written. */
    struct attempt silent;
    attempt_begin(&silent, store, "c", STORE_ABORT, NULL, 0);
    assert_true(attempt_is_done(&silent));
    struct attempt write;
    attempt_begin(&write, store, "a", STORE_COMMIT, put_a2, COUNT_OF(put_a2));

    set_gate(false, NULL);
    attempt_wait_success(&holder);
    attempt_wait_success(&told);
    attempt_wait_success(&written);
    attempt_wait_success(&silent);
    attempt_wait_success(&write);
    assert_value(store, "a", "2");
    attempt_begin_asking(&told, store, "a c", STORE_ABORT, NULL, 0);
    assert_false(told.held[0] || told.held[1]);
    attempt_wait_success(&told);
    assert_in_flight(store, "a b c", "");
}

static void a_plain_write_in_flight_holds_nothing(void **state)
{
    (void)state;
    set_gate(true, NULL);
    struct attempt plain;
    struct attempt aborted;
    struct attempt asking;
    attempt_begin(&plain, store, "a b", STORE_COMMIT, put_a1, COUNT_OF(put_a1));
    wait_for_commit_at_gate();
    assert_in_flight(store, "a b", "a ");
    attempt_begin_holding(&aborted, store, "a b", STORE_ABORT, NULL, 0);
    attempt_begin_asking(&asking, store, "a b", STORE_COMMIT, put_b, COUNT_OF(put_b));
    assert_false(asking.held[0] || asking.held[1]);
    assert_in_flight(store, "a b", "a b ");
    set_gate(false, NULL);
    attempt_wait_success(&plain);
    attempt_wait_success(&aborted);
    attempt_wait_success(&asking);
}

static void of_two_holders_the_later_one_counts(void **state)
{
    (void)state;
    set_gate(true, NULL);
    struct attempt first;
    struct attempt second;
    attempt_begin_holding(&first, store, "a k", STORE_COMMIT, put_a1, COUNT_OF(put_a1));
    wait_for_commit_at_gate();
    attempt_begin_holding(&second, store, "b k", STORE_COMMIT, put_b, COUNT_OF(put_b));
    assert_false(second.held[0]);
    assert_true(second.held[1]);
    struct attempt asking;
    attempt_begin_asking(&asking, store, "k", STORE_ABORT, NULL, 0);
    assert_true(asking.held[0]);
    set_gate(false, NULL);
    attempt_wait_success(&first);
    attempt_wait_success(&asking);
    assert_true(attempt_is_done(&second));
    attempt_wait_success(&second);
    assert_in_flight(store, "a b k", "");
}

static void a_failed_commit_lets_go_of_what_it_held(void **state)
{
    (void)state;
    set_gate(true, NULL);
    struct attempt holder;
    attempt_begin_holding(&holder, store, "a c", STORE_COMMIT, put_a1, COUNT_OF(put_a1));
    wait_for_commit_at_gate();
    set_gate(false, "IO error: the disk is gone");
    attempt_wait(&holder);
    assert_true(holder.failed);
    assert_in_flight(store, "a c", "");
    set_gate(false, NULL);
}

/* --- bounded memory --- */

static void writes_beyond_the_limit_are_refused_and_nothing_else(void **state)
{
    (void)state;
    set_gate(false, NULL);
    engine_close(&engine);
    open_with(20000);
    set_gate(true, NULL);
    enum { COUNT = 1000 };
    static struct attempt attempts[COUNT];
    int taken = 0;
    do {
        assert_int_not_equal(COUNT, taken);
        attempt_begin(&attempts[taken], store, "a", STORE_COMMIT, put_a2, COUNT_OF(put_a2));
        taken++;
    } while (!attempt_is_done(&attempts[taken - 1]));
    struct attempt *refused = &attempts[taken - 1];
    attempt_wait(refused);
    assert_true(refused->failed);
    assert_int_equal(ERROR_REQUEST_LIMIT_EXCEEDED, refused->error_kind);
    assert_string_equal("", refused->seen[0]);
    assert_in_range(taken, 10, 500);
    assert_value(store, "a", "-");
    struct store_statistics statistics;
    store_read_statistics(store, &statistics);
    assert_in_range(statistics.flight_bytes, 20000, 21000);

    set_gate(false, NULL);
    for (int i = 0; i < taken - 1; i++)
        attempt_wait_success(&attempts[i]);
    COMMIT(store, "a", PUT("a", "3"));
    assert_int_equal(taken - 1, read_counter(store, "n"));
    store_read_statistics(store, &statistics);
    assert_int_equal(0, statistics.flight_bytes);
}

/* --- a failed commit --- */

static void wait_until_writes_work(void)
{
    static const struct change changes[] = {PUT("works", "yes")};
    for (;;) {
        struct attempt attempt;
        attempt_begin(&attempt, store, "works", STORE_COMMIT, changes, 1);
        attempt_wait(&attempt);
        if (!attempt.failed)
            return;
        assert_true(attempt.error_kind == ERROR_SERVICE_UNAVAILABLE ||
                    attempt.error_kind == ERROR_INTERNAL);
        usleep(1000);
    }
}

static void assert_failed(struct attempt *attempt, enum error_kind kind, const char *words)
{
    attempt_wait(attempt);
    assert_true(attempt->failed);
    assert_int_equal(kind, attempt->error_kind);
    if (strstr(attempt->message, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", attempt->message, words);
}

static void a_failed_commit_fails_all_behind_it(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "0"), ADD("n", 100));
    set_gate(true, NULL);
    struct attempt in_it;
    struct attempt behind_it;
    struct attempt unrelated;
    struct attempt abort;
    attempt_begin(&in_it, store, "a", STORE_COMMIT, put_a1, COUNT_OF(put_a1));
    wait_for_commit_at_gate();
    attempt_begin(&behind_it, store, "a", STORE_COMMIT, put_a2, COUNT_OF(put_a2));
    attempt_begin(&unrelated, store, "b", STORE_COMMIT, put_b, COUNT_OF(put_b));
    attempt_begin(&abort, store, "a", STORE_ABORT, NULL, 0);
    assert_string_equal("2", abort.seen[0]);
    set_gate(false, "IO error: the disk is gone");
    assert_failed(&in_it, ERROR_INTERNAL, "the disk is gone");
    assert_failed(&behind_it, ERROR_INTERNAL, "the disk is gone");
    assert_failed(&unrelated, ERROR_INTERNAL, "the disk is gone");
    assert_failed(&abort, ERROR_INTERNAL, "the disk is gone");

    /* Reads go on; writes are refused without a decision, and say why. */
    assert_value(store, "a", "0");
    assert_value(store, "b", "-");
    assert_int_equal(100, read_counter(store, "n"));
    struct attempt refused;
    attempt_begin(&refused, store, "a", STORE_COMMIT, put_a1, COUNT_OF(put_a1));
    assert_failed(&refused, ERROR_SERVICE_UNAVAILABLE, "the disk is gone");
    assert_string_equal("", refused.seen[0]);
    struct store_statistics statistics;
    store_read_statistics(store, &statistics);
    assert_true(statistics.read_only);

    set_gate(false, NULL);
    wait_until_writes_work();
    store_read_statistics(store, &statistics);
    assert_false(statistics.read_only);
    attempt_begin(&refused, store, "a b", STORE_COMMIT, put_a2, COUNT_OF(put_a2));
    attempt_wait_success(&refused);
    assert_string_equal("0", refused.seen[0]);
    assert_string_equal("-", refused.seen[1]);
    /* The totals that had been added to in vain are gone. */
    assert_int_equal(101, read_counter(store, "n"));
    engine_reopen(&engine);
    store = engine.store;
    assert_value(store, "a", "2");
    assert_value(store, "b", "-");
    assert_int_equal(101, read_counter(store, "n"));
}

/* A decision that takes its time. */
struct slow {
    struct attempt attempt; /* first: attempt_done gets the whole as its context */
    struct slice key;
    char saw[16];
    sem_t deciding;
    sem_t go_on;
};

static enum store_decision decide_slowly(void *context, const struct slice *old_values,
                                         struct store_batch *batch)
{
    struct slow *slow = context;
    snprintf(slow->saw, sizeof(slow->saw), "%.*s", SLICE_PRINT(old_values[0]));
    sem_post(&slow->deciding);
    while (sem_wait(&slow->go_on) != 0)
        ;
    store_batch_put(batch, STORE_ATOMIC, SLICE("b"), old_values[0]);
    return STORE_COMMIT;
}

static void *run_slowly(void *context)
{
    struct slow *slow = context;
    store_transact(store, &slow->attempt.transaction);
    return NULL;
}

static void a_decision_on_a_lost_value_is_lost(void **state)
{
    (void)state;
    set_gate(true, NULL);
    struct attempt write;
    attempt_begin(&write, store, "a", STORE_COMMIT, put_a1, COUNT_OF(put_a1));
    wait_for_commit_at_gate();
    struct slow slow = {.key = SLICE("a")};
    slow.attempt.transaction = (struct store_transaction){.keys = &slow.key,
                                                          .key_count = 1,
                                                          .decide = decide_slowly,
                                                          .done = attempt_done,
                                                          .context = &slow};
    sem_init(&slow.attempt.done, 0, 0);
    sem_init(&slow.deciding, 0, 0);
    sem_init(&slow.go_on, 0, 0);
    pthread_t thread;
    assert_int_equal(0, pthread_create(&thread, NULL, run_slowly, &slow));
    while (sem_wait(&slow.deciding) != 0)
        ;
    assert_string_equal("1", slow.saw);
    set_gate(false, "IO error: gone");
    assert_failed(&write, ERROR_INTERNAL, "gone");
    set_gate(false, NULL);
    wait_until_writes_work();
    /* Writes work again, but this one rests on what never was. */
    sem_post(&slow.go_on);
    pthread_join(thread, NULL);
    assert_failed(&slow.attempt, ERROR_SERVICE_UNAVAILABLE, "before this one");
    assert_value(store, "a", "-");
    assert_value(store, "b", "-");
}

static void a_drop_that_fails_says_so(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"));
    set_gate(false, "IO error: gone");
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct store_range all = {.first = SLICE_ABSENT, .end = SLICE_ABSENT};
    const struct error *error = store_drop_range(store, &arena, all);
    assert_non_null(error);
    assert_int_equal(ERROR_INTERNAL, error->kind);
    error = store_drop_range(store, &arena, all);
    assert_non_null(error);
    assert_int_equal(ERROR_SERVICE_UNAVAILABLE, error->kind);
    arena_fini(&arena);
    assert_value(store, "a", "1");
    set_gate(false, NULL);
    wait_until_writes_work();
    drop(store, SLICE_ABSENT, SLICE_ABSENT);
    assert_value(store, "a", "-");
}

/* --- a disk that takes no more --- */

static void set_file_size_limit(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(0, getrlimit(RLIMIT_FSIZE, &limit));
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(0, setrlimit(RLIMIT_FSIZE, &limit));
}

static char pair_names[4000][2][16];

/* Puts a pair of keys; true when it was committed. */
static bool put_pair(int number)
{
    static char value[2048];
    memset(value, 'v', sizeof(value) - 1);
    for (int half = 0; half < 2; half++)
        snprintf(pair_names[number][half], sizeof(pair_names[number][half]), "%c%05d", "ab"[half],
                 number);
    const struct change changes[] = {PUT(pair_names[number][0], value),
                                     PUT(pair_names[number][1], value), ADD("n", 1)};
    struct attempt attempt;
    attempt_begin(&attempt, store, pair_names[number][0], STORE_COMMIT, changes, COUNT_OF(changes));
    attempt_wait(&attempt);
    return !attempt.failed;
}

static bool is_there(const char *key)
{
    char value[256];
    return strcmp("-", read_value(store, key, value)) != 0;
}

/* All acknowledged pairs, no halves, and a counter that agrees with what is there. */
static void check_pairs(const bool *acknowledged, int count)
{
    int there = 0;
    for (int i = 0; i < count; i++) {
        bool first = is_there(pair_names[i][0]);
        assert_int_equal(first, is_there(pair_names[i][1]));
        if (acknowledged[i])
            assert_true(first);
        there += first;
    }
    assert_int_equal(there, read_counter(store, "n"));
}

static void a_disk_that_takes_no_more_loses_nothing(void **state)
{
    (void)state;
    static bool acknowledged[COUNT_OF(pair_names)];
    signal(SIGXFSZ, SIG_IGN);
    int count = 0;
    for (; count < 100; count++)
        assert_true(acknowledged[count] = put_pair(count));
    /* The log cannot grow any more: its writes fail as on a full disk. */
    set_file_size_limit(800 * 1024);
    bool failed = false;
    for (; count < 2000 && !failed; count++) {
        acknowledged[count] = put_pair(count);
        failed = !acknowledged[count];
    }
    assert_true(failed);
    /* While it lasts reads are served and no write gets through. */
    for (int i = 0; i < 20; i++, count++)
        assert_false(acknowledged[count] = put_pair(count));
    struct store_statistics statistics;
    store_read_statistics(store, &statistics);
    assert_true(statistics.read_only);
    check_pairs(acknowledged, count);

    set_file_size_limit(RLIM_INFINITY);
    wait_until_writes_work();
    for (int i = 0; i < 50; i++, count++)
        assert_true(acknowledged[count] = put_pair(count));
    check_pairs(acknowledged, count);
    engine_reopen(&engine);
    store = engine.store;
    check_pairs(acknowledged, count);
}

/* A log that has failed must not be synced: RocksDB's assertions are about that. */
static void a_log_that_has_failed_is_left_alone(void **state)
{
    (void)state;
    static const enum rocksdb_store_durability lazy[] = {ROCKSDB_STORE_INTERVAL,
                                                         ROCKSDB_STORE_NONE};
    static bool acknowledged[COUNT_OF(pair_names)];
    signal(SIGXFSZ, SIG_IGN);
    int count = 0;
    for (size_t i = 0; i < COUNT_OF(lazy); i++) {
        engine.options.durability = lazy[i];
        engine.options.sync_interval_ms = 60000; /* the first sync would be the one at the end */
        engine.options.retry_ms = 60000;
        engine_reopen(&engine);
        store = engine.store;
        set_file_size_limit(64 * 1024);
        bool failed = false;
        for (; count < (int)COUNT_OF(acknowledged) && !failed; count++) {
            acknowledged[count] = put_pair(count);
            failed = !acknowledged[count];
        }
        assert_true(failed);
        store_close(engine.store);
        engine.store = NULL;
        set_file_size_limit(RLIM_INFINITY);
        engine_reopen(&engine);
        store = engine.store;
        check_pairs(acknowledged, count);
    }
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, open_engine, close_engine)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(reads_see_nothing_that_could_still_be_lost),
        EACH(an_abort_that_saw_a_flight_waits_for_it),
        EACH(an_abort_that_saw_a_deletion_in_flight_waits_for_it),
        EACH(a_committer_held_by_fault_shows_the_same),
        EACH(a_holder_is_seen_by_those_who_ask_until_it_has_landed),
        EACH(a_plain_write_in_flight_holds_nothing),
        EACH(of_two_holders_the_later_one_counts),
        EACH(a_failed_commit_lets_go_of_what_it_held),
        EACH(writes_beyond_the_limit_are_refused_and_nothing_else),
        EACH(a_failed_commit_fails_all_behind_it),
        EACH(a_decision_on_a_lost_value_is_lost),
        EACH(a_drop_that_fails_says_so),
        EACH(a_disk_that_takes_no_more_loses_nothing),
        EACH(a_log_that_has_failed_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
