/* The fault engine does what its rules say, and nothing else. */

#include "store/engines.h"

static struct engine engine;
static struct store *store;

static int open_engine(void **state)
{
    (void)state;
    engine_open(&engine, ENGINE_FAULT_MEM);
    store = engine.store;
    return 0;
}

static int close_engine(void **state)
{
    (void)state;
    engine_close(&engine);
    return 0;
}

static void add_rule(struct fault_rule rule)
{
    fault_store_add_rule(store, &rule);
}

static const struct change put_a[] = {PUT("a", "1")};

static void fails_the_calls_that_a_rule_names(void **state)
{
    (void)state;
    add_rule((struct fault_rule){.call = FAULT_TRANSACT,
                                 .effect = FAULT_FAIL,
                                 .first = 2,
                                 .every = 3,
                                 .error_kind = ERROR_PROVISIONED_THROUGHPUT});
    for (int call = 1; call <= 9; call++) {
        struct attempt attempt;
        attempt_begin(&attempt, store, "a", STORE_COMMIT, put_a, 1);
        attempt_wait(&attempt);
        assert_int_equal(call == 2 || call == 5 || call == 8, attempt.failed);
        if (!attempt.failed)
            continue;
        assert_int_equal(ERROR_PROVISIONED_THROUGHPUT, attempt.error_kind);
        assert_string_equal("", attempt.seen[0]);
    }
    assert_int_equal(9, fault_store_calls(store, FAULT_TRANSACT));
}

static void fails_reads(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"), ADD("n", 1));
    for (int call = 0; call < FAULT_ANY; call++) {
        if (call != FAULT_TRANSACT)
            add_rule((struct fault_rule){.call = (enum fault_call)call,
                                         .effect = FAULT_FAIL,
                                         .first = 1,
                                         .error_kind = ERROR_INTERNAL});
    }
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct slice key = SLICE("a");
    struct slice value;
    int64_t number;
    struct scan_text scan = {.visits_left = 10};
    struct store_range all = {.first = SLICE_ABSENT, .end = SLICE_ABSENT};
    assert_non_null(store_get(store, &arena, &key, 1, &value));
    assert_non_null(store_scan(store, &arena, all, STORE_FORWARD, append_visit, &scan));
    assert_string_equal("", scan.text);
    assert_non_null(store_counter_read(store, &arena, SLICE("n"), &number));
    assert_non_null(store_drop_range(store, &arena, all));
    arena_fini(&arena);
    /* Once, as the rules say. */
    assert_value(store, "a", "1");
    assert_int_equal(1, read_counter(store, "n"));
    assert_scan(store, SLICE_ABSENT, SLICE_ABSENT, STORE_FORWARD, 10, "a=1 ");
}

static void counts_the_calls_of_all_kinds(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct slice key = SLICE("a");
    struct slice value;
    int64_t number;
    COMMIT(store, "a", PUT("a", "1"));
    add_rule((struct fault_rule){
        .call = FAULT_ANY, .effect = FAULT_FAIL, .first = 3, .error_kind = ERROR_INTERNAL});
    assert_null(store_get(store, &arena, &key, 1, &value));
    COMMIT(store, "a", PUT("a", "2"));
    assert_non_null(store_counter_read(store, &arena, SLICE("n"), &number));
    assert_null(store_counter_read(store, &arena, SLICE("n"), &number));
    assert_value(store, "a", "2");
    assert_int_equal(6, fault_store_calls(store, FAULT_ANY));
    arena_fini(&arena);
}

static void fails_a_commit_after_its_decision(void **state)
{
    (void)state;
    add_rule((struct fault_rule){.call = FAULT_TRANSACT,
                                 .effect = FAULT_FAIL_COMMIT,
                                 .first = 1,
                                 .every = 1,
                                 .error_kind = ERROR_INTERNAL});
    struct attempt attempt;
    attempt_begin(&attempt, store, "a", STORE_COMMIT, put_a, 1);
    attempt_wait(&attempt);
    assert_true(attempt.failed);
    assert_string_equal("-", attempt.seen[0]);
    assert_value(store, "a", "-");
    attempt_begin(&attempt, store, "a", STORE_ABORT, put_a, 1);
    attempt_wait_success(&attempt);
    fault_store_clear_rules(store);
    attempt_begin(&attempt, store, "a", STORE_COMMIT, put_a, 1);
    attempt_wait_success(&attempt);
    assert_value(store, "a", "1");
}

struct recalled {
    struct attempt attempt; /* first: attempt_done gets the whole as its context */
    char seen[64];
};

static enum store_decision decide_recalled(void *context, const struct slice *old_values,
                                           struct store_batch *batch)
{
    struct recalled *recalled = context;
    size_t size = strlen(recalled->seen);
    struct slice old = slice_present(old_values[0]) ? old_values[0] : SLICE("-");
    snprintf(recalled->seen + size, sizeof(recalled->seen) - size, "%.*s ", SLICE_PRINT(old));
    store_batch_put(batch, STORE_ATOMIC, SLICE("b"), old);
    store_batch_put(batch, STORE_ATOMIC, old.data[0] == '-' ? SLICE("c") : SLICE("d"), old);
    return STORE_COMMIT;
}

static void transact_recalled(struct recalled *recalled)
{
    static const struct slice key = {(const uint8_t *)"a", 1};
    *recalled = (struct recalled){0};
    sem_init(&recalled->attempt.done, 0, 0);
    recalled->attempt.transaction = (struct store_transaction){.keys = &key,
                                                               .key_count = 1,
                                                               .decide = decide_recalled,
                                                               .done = attempt_done,
                                                               .context = recalled};
    store_transact(store, &recalled->attempt.transaction);
    attempt_wait_success(&recalled->attempt);
}

static void recalls_a_decision_of_which_only_the_last_counts(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"));
    add_rule((struct fault_rule){.call = FAULT_TRANSACT, .effect = FAULT_RECALL, .first = 1});
    struct recalled recalled;
    transact_recalled(&recalled);
    assert_string_equal("- 1 ", recalled.seen);
    assert_scan(store, SLICE_ABSENT, SLICE_ABSENT, STORE_FORWARD, 10, "a=1 b=1 d=1 ");

    const struct slice other[] = {SLICE("other")};
    add_rule((struct fault_rule){
        .call = FAULT_TRANSACT, .effect = FAULT_RECALL, .first = 1, .recall_values = other});
    transact_recalled(&recalled);
    assert_string_equal("other 1 ", recalled.seen);
    transact_recalled(&recalled);
    assert_string_equal("1 ", recalled.seen);
}

static void holds_an_answer_until_released(void **state)
{
    (void)state;
    add_rule((struct fault_rule){.call = FAULT_TRANSACT, .effect = FAULT_HOLD_DONE, .first = 1});
    struct attempt held;
    attempt_begin(&held, store, "a", STORE_COMMIT, put_a, 1);
    assert_false(attempt_is_done(&held));
    COMMIT(store, "b", PUT("b", "2"));
    fault_store_release(store);
    attempt_wait_success(&held);
    assert_value(store, "a", "1");
}

static void what_is_kept_back_is_in_flight(void **state)
{
    (void)state;
    for (int holds = 0; holds < 2; holds++) {
        add_rule(
            (struct fault_rule){.call = FAULT_TRANSACT, .effect = FAULT_HOLD_DONE, .first = 1});
        struct attempt kept;
        attempt_begin_as(&kept, store, "a c", STORE_COMMIT, put_a, 1,
                         (struct store_transaction){.holds = holds == 1});
        struct attempt asking;
        attempt_begin_asking(&asking, store, "c b a", STORE_ABORT, NULL, 0);
        assert_int_equal(holds, asking.held[0]);
        assert_false(asking.held[1]);
        assert_int_equal(holds, asking.held[2]);
        attempt_wait_success(&asking);
        assert_in_flight(store, "a b c", "a c ");
        fault_store_release(store);
        attempt_wait_success(&kept);
        assert_in_flight(store, "a b c", "");
    }
}

static void a_kept_abort_is_not_in_flight(void **state)
{
    (void)state;
    add_rule((struct fault_rule){.call = FAULT_TRANSACT, .effect = FAULT_HOLD_DONE, .first = 1});
    struct attempt kept;
    attempt_begin_holding(&kept, store, "a", STORE_ABORT, NULL, 0);
    assert_in_flight(store, "a", "");
    fault_store_release(store);
    attempt_wait_success(&kept);
}

static void close_releases(void **state)
{
    (void)state;
    add_rule((struct fault_rule){.call = FAULT_TRANSACT, .effect = FAULT_HOLD_DONE, .first = 1});
    struct attempt held;
    attempt_begin(&held, store, "a", STORE_COMMIT, put_a, 1);
    store_close(store);
    engine.store = NULL;
    attempt_wait_success(&held);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, open_engine, close_engine)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(fails_the_calls_that_a_rule_names),
        EACH(fails_reads),
        EACH(counts_the_calls_of_all_kinds),
        EACH(fails_a_commit_after_its_decision),
        EACH(recalls_a_decision_of_which_only_the_last_counts),
        EACH(holds_an_answer_until_released),
        EACH(what_is_kept_back_is_in_flight),
        EACH(a_kept_abort_is_not_in_flight),
        EACH(close_releases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
