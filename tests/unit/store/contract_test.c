/* One suite over every engine: what store/store.h promises. */

#include "store/every_engine.h"

#define WITH_LIMIT 1000

/* --- get --- */

static void gets_nothing_where_nothing_is(void **state)
{
    (void)state;
    assert_value(store, "a", "-");
    assert_int_equal(0, read_counter(store, "a"));
    assert_scan(store, SLICE_ABSENT, SLICE_ABSENT, STORE_FORWARD, WITH_LIMIT, "");
    assert_success(store_get(store, NULL, NULL, 0, NULL));
}

static void gets_what_was_put(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"), PUT("b", ""));
    COMMIT(store, "a", PUT("a", "2"));
    assert_value(store, "a", "2");
    assert_value(store, "b", "");
    assert_value(store, "ab", "-");
    assert_value(store, "B", "-");
}

static void gets_several_keys_at_once(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"), PUT("c", "3"), PUT("e", ""));
    struct slice keys[] = {SLICE("c"), SLICE("b"), SLICE("a"), SLICE("c"), SLICE("e")};
    struct slice values[COUNT_OF(keys)];
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    assert_success(store_get(store, &arena, keys, COUNT_OF(keys), values));
    assert_true(slice_equal(values[0], SLICE("3")) && slice_equal(values[3], SLICE("3")));
    assert_false(slice_present(values[1]));
    assert_true(slice_equal(values[2], SLICE("1")));
    assert_true(slice_present(values[4]) && values[4].size == 0);
    arena_fini(&arena);
}

static void a_get_without_memory_fails_and_leaves_the_outputs(void **state)
{
    (void)state;
    static char large[100001];
    memset(large, 'x', sizeof(large) - 1);
    COMMIT(store, "a", PUT("a", large), PUT("b", "1"));
    struct slice keys[] = {SLICE("b"), SLICE("a")};
    struct slice values[] = {SLICE("kept"), SLICE("kept")};
    struct arena arena;
    arena_init(&arena, 50000);
    const struct error *error = store_get(store, &arena, keys, 2, values);
    assert_non_null(error);
    assert_true(slice_equal(values[0], SLICE("kept")) && slice_equal(values[1], SLICE("kept")));
    arena_fini(&arena);
}

static void deletes(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"), PUT("b", "2"));
    COMMIT(store, "a", DELETE("a"), DELETE("never-there"));
    assert_value(store, "a", "-");
    assert_value(store, "b", "2");
}

/* --- scan --- */

static void scans_ranges_both_ways(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("b", "2"), PUT("a", "1"), PUT("d", "4"), PUT("c", "3"), PUT("ab", "x"));
    struct slice none = SLICE_ABSENT;
    assert_scan(store, none, none, STORE_FORWARD, WITH_LIMIT, "a=1 ab=x b=2 c=3 d=4 ");
    assert_scan(store, none, none, STORE_BACKWARD, WITH_LIMIT, "d=4 c=3 b=2 ab=x a=1 ");
    assert_scan(store, SLICE("ab"), SLICE("c"), STORE_FORWARD, WITH_LIMIT, "ab=x b=2 ");
    assert_scan(store, SLICE("ab"), SLICE("c"), STORE_BACKWARD, WITH_LIMIT, "b=2 ab=x ");
    assert_scan(store, SLICE("aa"), SLICE("bb"), STORE_FORWARD, WITH_LIMIT, "ab=x b=2 ");
    assert_scan(store, SLICE("aa"), SLICE("bb"), STORE_BACKWARD, WITH_LIMIT, "b=2 ab=x ");
    assert_scan(store, SLICE("c"), none, STORE_FORWARD, WITH_LIMIT, "c=3 d=4 ");
    assert_scan(store, SLICE("c"), none, STORE_BACKWARD, WITH_LIMIT, "d=4 c=3 ");
    assert_scan(store, SLICE("e"), none, STORE_FORWARD, WITH_LIMIT, "");
    assert_scan(store, SLICE("e"), none, STORE_BACKWARD, WITH_LIMIT, "");
    assert_scan(store, none, SLICE("a"), STORE_FORWARD, WITH_LIMIT, "");
    assert_scan(store, none, SLICE("a"), STORE_BACKWARD, WITH_LIMIT, "");
}

static void scans_stop_when_told(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"), PUT("b", "2"), PUT("c", "3"));
    assert_scan(store, SLICE("a"), SLICE("z"), STORE_FORWARD, 1, "a=1 ");
    assert_scan(store, SLICE("a"), SLICE("z"), STORE_BACKWARD, 2, "c=3 b=2 ");
}

static bool count_visit(void *context, struct slice key, struct slice value)
{
    (void)key;
    (void)value;
    ++*(int *)context;
    return true;
}

static int count_scan(enum store_direction direction, bool *ret_gave_up)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    int count = 0;
    struct store_range range = {.first = SLICE("k"), .end = SLICE("l"), .ret_gave_up = ret_gave_up};
    assert_success(store_scan(store, &arena, range, direction, count_visit, &count));
    arena_fini(&arena);
    return count;
}

/* Whoever must not be kept waiting is told instead; everybody else waits, and sees all. */
static void scans_over_many_deleted_keys(void **state)
{
    (void)state;
    char key[16];
    COMMIT(store, "k", PUT("k", "first"), PUT("kz", "last"));
    bool gave_up = false;
    assert_int_equal(2, count_scan(STORE_FORWARD, &gave_up));
    assert_false(gave_up);
    for (int i = 0; i < 2 * STORE_SKIPS_MAX; i++) {
        snprintf(key, sizeof(key), "k%06d", i);
        COMMIT(store, key, PUT(key, "x"));
        COMMIT(store, key, DELETE(key));
    }
    for (int direction = STORE_FORWARD; direction <= STORE_BACKWARD; direction++) {
        gave_up = false;
        int count = count_scan((enum store_direction)direction, &gave_up);
        assert_int_equal(gave_up ? 1 : 2, count);
        assert_int_equal(engine_is_durable(&engine), gave_up);
        assert_int_equal(2, count_scan((enum store_direction)direction, NULL));
    }
}

static void scans_empty_and_turned_ranges(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"), PUT("b", "2"));
    assert_scan(store, SLICE("b"), SLICE("b"), STORE_FORWARD, WITH_LIMIT, "");
    assert_scan(store, SLICE("b"), SLICE("a"), STORE_FORWARD, WITH_LIMIT, "");
    assert_scan(store, SLICE("b"), SLICE("a"), STORE_BACKWARD, WITH_LIMIT, "");
}

/* Engines may look only where keys of a placement are known to be; from each of several places. */
static void scans_within_and_across_placements(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        COMMIT(store, "i0000000001aa", PUT("i0000000001aa", "1"), PUT("i0000000001ab", "2"));
        COMMIT(store, "i0000000002aa", PUT("i0000000002aa", "3"), PUT("i00000000020", "4"));
        assert_scan(store, SLICE("i0000000001a"), SLICE("i0000000001b"), STORE_FORWARD, WITH_LIMIT,
                    "i0000000001aa=1 i0000000001ab=2 ");
        assert_scan(store, SLICE("i0000000001a"), SLICE("i0000000001b"), STORE_BACKWARD, WITH_LIMIT,
                    "i0000000001ab=2 i0000000001aa=1 ");
        assert_scan(store, SLICE("i0000000001"), SLICE("i0000000002"), STORE_FORWARD, WITH_LIMIT,
                    "i0000000001aa=1 i0000000001ab=2 ");
        assert_scan(store, SLICE("i0000000001"), SLICE("i0000000002"), STORE_BACKWARD, WITH_LIMIT,
                    "i0000000001ab=2 i0000000001aa=1 ");
        assert_scan(store, SLICE("i0000000001ab"), SLICE("i0000000002b"), STORE_FORWARD, WITH_LIMIT,
                    "i0000000001ab=2 i00000000020=4 i0000000002aa=3 ");
        assert_scan(store, SLICE("i0000000000a"), SLICE("i0000000001ab"), STORE_FORWARD, WITH_LIMIT,
                    "i0000000001aa=1 ");
        assert_scan(store, SLICE("i0000000002b"), SLICE("i0000000003a"), STORE_BACKWARD, WITH_LIMIT,
                    "");
        assert_scan(store, SLICE("i0000000001b"), SLICE("i0000000003a"), STORE_BACKWARD, WITH_LIMIT,
                    "i0000000002aa=3 i00000000020=4 ");
        assert_scan(store, SLICE("i0000000003a"), SLICE("i0000000003b"), STORE_FORWARD, WITH_LIMIT,
                    "");
        assert_scan(store, SLICE("h"), SLICE("j"), STORE_BACKWARD, WITH_LIMIT,
                    "i0000000002aa=3 i00000000020=4 i0000000001ab=2 i0000000001aa=1 ");
        if (!engine_is_durable(&engine))
            return;
        engine_reopen(&engine); /* what was in the log goes into a table of its own */
        store = engine.store;
    }
}

static void bounds_may_hold_nul_bytes(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"), PUT("a\x01", "2"), PUT("b", "3"));
    /* A key with NUL behind it comes right after that key. */
    assert_scan(store, SLICE("a\0"), SLICE("b\0"), STORE_FORWARD, WITH_LIMIT, "a\x01=2 b=3 ");
    assert_scan(store, SLICE("\0"), SLICE("a\0"), STORE_BACKWARD, WITH_LIMIT, "a=1 ");
    assert_scan(store, SLICE("\0"), SLICE("\0\xff"), STORE_FORWARD, WITH_LIMIT, "");
    assert_scan(store, SLICE_ABSENT, SLICE("\0\xff"), STORE_BACKWARD, WITH_LIMIT, "");
}

static void keys_are_ordered_as_unsigned_bytes(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("\x7f", "1"), PUT("\xff\xff\xff", "3"), PUT("\x80", "2"),
           PUT("\x01", "0"));
    assert_scan(store, SLICE_ABSENT, SLICE_ABSENT, STORE_FORWARD, WITH_LIMIT,
                "\x01=0 \x7f=1 \x80=2 \xff\xff\xff=3 ");
}

/* --- transact --- */

static void decisions_see_the_old_values_in_the_order_of_their_keys(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"), PUT("c", ""));
    const struct change changes[] = {PUT("b", "2")};
    struct attempt attempt;
    attempt_begin(&attempt, store, "c b a", STORE_COMMIT, changes, 1);
    attempt_wait_success(&attempt);
    assert_string_equal("", attempt.seen[0]);
    assert_string_equal("-", attempt.seen[1]);
    assert_string_equal("1", attempt.seen[2]);
    attempt_begin(&attempt, store, "b", STORE_COMMIT, NULL, 0);
    attempt_wait_success(&attempt);
    assert_string_equal("2", attempt.seen[0]);
}

static void each_decision_sees_the_outcome_of_the_one_before(void **state)
{
    (void)state;
    /* Without waiting: the engine may have all of them in flight. */
    enum { COUNT = 50 };
    static struct attempt attempts[COUNT];
    static char values[COUNT][16];
    static struct change changes[COUNT];
    for (int i = 0; i < COUNT; i++) {
        snprintf(values[i], sizeof(values[i]), "%d", i);
        changes[i] = i % 7 == 3 ? (struct change)DELETE("a") : (struct change)PUT("a", values[i]);
        attempt_begin(&attempts[i], store, "a", STORE_COMMIT, &changes[i], 1);
    }
    for (int i = 0; i < COUNT; i++) {
        attempt_wait_success(&attempts[i]);
        const char *expected = i == 0 || (i - 1) % 7 == 3 ? "-" : values[i - 1];
        assert_string_equal(expected, attempts[i].seen[0]);
    }
    assert_value(store, "a", values[COUNT - 1]);
}

static void an_abort_writes_nothing(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"));
    const struct change changes[] = {PUT("a", "2"), PUT("b", "2"), ADD("n", 5)};
    struct attempt attempt;
    attempt_begin(&attempt, store, "a", STORE_ABORT, changes, COUNT_OF(changes));
    attempt_wait_success(&attempt);
    assert_string_equal("1", attempt.seen[0]);
    assert_value(store, "a", "1");
    assert_value(store, "b", "-");
    assert_int_equal(0, read_counter(store, "n"));
}

static void what_has_landed_is_neither_held_nor_in_flight(void **state)
{
    (void)state;
    static const struct change changes[] = {PUT("a", "1"), ADD("n", 1)};
    for (int i = 0; i < 3; i++) {
        struct attempt holder;
        attempt_begin_holding(&holder, store, "a b", STORE_COMMIT, changes, COUNT_OF(changes));
        attempt_wait_success(&holder);
        assert_false(holder.held[0] || holder.held[1]);
        struct attempt asking;
        attempt_begin_asking(&asking, store, "b a", STORE_COMMIT, changes, COUNT_OF(changes));
        assert_false(asking.held[0] || asking.held[1]);
        attempt_wait_success(&asking);
        assert_in_flight(store, "a b c", "");
    }
    store_in_flight(store, NULL, 0, NULL);
}

static void the_last_mutation_of_a_key_wins(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"), DELETE("a"), PUT("a", "2"), PUT("b", "1"), PUT("b", "2"),
           DELETE("b"), PUT("c", "1"), PUT("c", "2"));
    assert_scan(store, SLICE_ABSENT, SLICE_ABSENT, STORE_FORWARD, WITH_LIMIT, "a=2 c=2 ");
}

static void transactions_without_keys_or_without_changes_are_done(void **state)
{
    (void)state;
    struct attempt attempt;
    attempt_begin(&attempt, store, "", STORE_COMMIT, NULL, 0);
    attempt_wait_success(&attempt);
    COMMIT(store, "", PUT("a", "1"));
    assert_value(store, "a", "1");
}

static struct slice numbered_key(char bytes[16], int number)
{
    return slice_of(bytes, (size_t)snprintf(bytes, 16, "k%05d", number));
}

static enum store_decision put_all(void *context, const struct slice *old_values,
                                   struct store_batch *batch)
{
    (void)context;
    for (int i = 0; i < STORE_TRANSACT_KEYS_MAX; i++) {
        char bytes[16];
        assert_false(slice_present(old_values[i]));
        store_batch_put(batch, STORE_EVENTUAL, numbered_key(bytes, i), SLICE("v"));
    }
    return STORE_COMMIT;
}

static void transacts_as_many_keys_as_promised(void **state)
{
    (void)state;
    static char bytes[STORE_TRANSACT_KEYS_MAX][16];
    static struct slice keys[STORE_TRANSACT_KEYS_MAX];
    for (int i = 0; i < STORE_TRANSACT_KEYS_MAX; i++)
        keys[i] = numbered_key(bytes[i], i);
    struct attempt attempt = {.transaction = {.keys = keys,
                                              .key_count = STORE_TRANSACT_KEYS_MAX,
                                              .decide = put_all,
                                              .done = attempt_done,
                                              .context = &attempt}};
    sem_init(&attempt.done, 0, 0);
    store_transact(store, &attempt.transaction);
    attempt_wait_success(&attempt);
    int count = 0;
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    assert_success(store_scan(store, &arena,
                              (struct store_range){.first = SLICE("k"), .end = SLICE("l")},
                              STORE_FORWARD, count_visit, &count));
    assert_int_equal(STORE_TRANSACT_KEYS_MAX, count);
    arena_fini(&arena);
}

struct large {
    struct attempt attempt; /* first: attempt_done gets the whole as its context */
    struct slice key;
    size_t value_size;
    const uint8_t *value;
};

static enum store_decision put_large(void *context, const struct slice *old_values,
                                     struct store_batch *batch)
{
    (void)old_values;
    const struct large *large = context;
    store_batch_put(batch, STORE_ATOMIC, SLICE("small"), SLICE("1"));
    store_batch_put(batch, STORE_ATOMIC, large->key, slice_of(large->value, large->value_size));
    return STORE_COMMIT;
}

static void put_of_size(struct large *large, struct slice key, size_t value_size)
{
    *large = (struct large){.key = key, .value_size = value_size};
    large->value = calloc(1, value_size);
    assert_non_null(large->value);
    sem_init(&large->attempt.done, 0, 0);
    large->attempt.transaction = (struct store_transaction){.keys = &large->key,
                                                            .key_count = 1,
                                                            .decide = put_large,
                                                            .done = attempt_done,
                                                            .context = large};
    store_transact(store, &large->attempt.transaction);
    attempt_wait(&large->attempt);
    free((void *)large->value);
}

static void takes_the_largest_keys_and_values(void **state)
{
    (void)state;
    static uint8_t key[STORE_KEY_BYTES_MAX];
    memset(key, 0xff, sizeof(key));
    struct large large;
    put_of_size(&large, slice_of(key, sizeof(key)), STORE_VALUE_BYTES_MAX);
    assert_false(large.attempt.failed);
    struct arena arena;
    arena_init(&arena, (size_t)64 * 1024 * 1024);
    struct slice value;
    assert_success(store_get(store, &arena, &large.key, 1, &value));
    assert_int_equal(STORE_VALUE_BYTES_MAX, value.size);
    arena_fini(&arena);
    int count = 0;
    arena_init(&arena, 1024 * 1024);
    assert_success(store_scan(store, &arena,
                              (struct store_range){.first = SLICE("\xff"), .end = SLICE_ABSENT},
                              STORE_BACKWARD, count_visit, &count));
    assert_int_equal(1, count);
    arena_fini(&arena);
    drop(store, SLICE("\xff"), SLICE_ABSENT);
    assert_scan(store, SLICE_ABSENT, SLICE_ABSENT, STORE_FORWARD, WITH_LIMIT, "small=1 ");
}

static void a_batch_beyond_its_limit_fails_whole(void **state)
{
    (void)state;
    struct large large;
    put_of_size(&large, SLICE("large"), STORE_VALUE_BYTES_MAX + 1);
    assert_true(large.attempt.failed);
    assert_int_equal(ERROR_INTERNAL, large.attempt.error_kind);
    assert_value(store, "small", "-");
    assert_value(store, "large", "-");
    COMMIT(store, "small", PUT("small", "2"));
    assert_value(store, "small", "2");
}

/* --- counters --- */

static void counters_add_up(void **state)
{
    (void)state;
    COMMIT(store, "a", ADD("n", 5), ADD("m", -3), ADD("n", 7));
    assert_int_equal(12, read_counter(store, "n"));
    assert_int_equal(-3, read_counter(store, "m"));
    COMMIT(store, "a", ADD("n", -20), PUT("a", "1"));
    assert_int_equal(-8, read_counter(store, "n"));
    COMMIT(store, "a", ADD("n", INT64_MAX), ADD("m", INT64_MIN));
    assert_true(read_counter(store, "n") == INT64_MAX - 8);
    assert_true(read_counter(store, "m") == INT64_MAX - 2);
}

static void counters_are_not_among_the_values(void **state)
{
    (void)state;
    COMMIT(store, "a", ADD("a", 5), ADD("x", 6), PUT("a", "1"));
    assert_value(store, "a", "1");
    assert_value(store, "x", "-");
    assert_scan(store, SLICE_ABSENT, SLICE_ABSENT, STORE_FORWARD, WITH_LIMIT, "a=1 ");
    COMMIT(store, "a", DELETE("a"), DELETE("x"));
    assert_int_equal(5, read_counter(store, "a"));
    assert_int_equal(6, read_counter(store, "x"));
}

/* --- drop_range --- */

static void drops_ranges_with_their_counters(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"), PUT("b", "2"), PUT("ba", "3"), PUT("c", "4"), ADD("a", 1),
           ADD("b", 2), ADD("bz", 3), ADD("c", 4));
    drop(store, SLICE("b"), SLICE("c"));
    assert_scan(store, SLICE_ABSENT, SLICE_ABSENT, STORE_FORWARD, WITH_LIMIT, "a=1 c=4 ");
    assert_int_equal(1, read_counter(store, "a"));
    assert_int_equal(0, read_counter(store, "b"));
    assert_int_equal(0, read_counter(store, "bz"));
    assert_int_equal(4, read_counter(store, "c"));
    /* What comes after begins anew. */
    COMMIT(store, "b", PUT("b", "5"), ADD("b", 10), ADD("a", 10));
    assert_scan(store, SLICE_ABSENT, SLICE_ABSENT, STORE_BACKWARD, WITH_LIMIT, "c=4 b=5 a=1 ");
    assert_int_equal(10, read_counter(store, "b"));
    assert_int_equal(11, read_counter(store, "a"));
    const struct change changes[] = {PUT("b", "6")};
    struct attempt attempt;
    attempt_begin(&attempt, store, "b ba", STORE_COMMIT, changes, 1);
    attempt_wait_success(&attempt);
    assert_string_equal("5", attempt.seen[0]);
    assert_string_equal("-", attempt.seen[1]);
}

static void drops_all_and_nothing(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"), PUT("\xff\xff\xff", "2"), ADD("a", 1), ADD("\xff\xff", 2));
    drop(store, SLICE("a"), SLICE("a"));
    drop(store, SLICE("b"), SLICE("a"));
    drop(store, SLICE("b"), SLICE("c"));
    assert_value(store, "a", "1");
    assert_value(store, "\xff\xff\xff", "2");
    drop(store, SLICE_ABSENT, SLICE_ABSENT);
    assert_scan(store, SLICE_ABSENT, SLICE_ABSENT, STORE_FORWARD, WITH_LIMIT, "");
    assert_int_equal(0, read_counter(store, "a"));
    assert_int_equal(0, read_counter(store, "\xff\xff"));
    if (engine_is_durable(&engine)) {
        /* The engine's own records are not part of it. */
        engine_reopen(&engine);
        store = engine.store;
    }
    COMMIT(store, "a", PUT("a", "3"));
    assert_value(store, "a", "3");
}

/* --- the rest --- */

static void counts_commits(void **state)
{
    (void)state;
    COMMIT(store, "a", PUT("a", "1"));
    COMMIT(store, "a", PUT("a", "2"));
    struct store_statistics statistics;
    store_read_statistics(store, &statistics);
    assert_int_equal(2, statistics.commits);
    assert_in_range(statistics.commit_groups, 1, 2);
    assert_string_equal(engine_is_durable(&engine) ? "rocksdb" : "mem", statistics.engine);
    assert_false(statistics.read_only);
}

static void close_waits_for_what_is_in_flight(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    static struct attempt attempts[COUNT];
    static const struct change changes[] = {ADD("n", 1)};
    for (int i = 0; i < COUNT; i++)
        attempt_begin(&attempts[i], store, "a", STORE_COMMIT, changes, 1);
    if (engine_is_durable(&engine)) {
        engine_reopen(&engine);
        store = engine.store;
        assert_int_equal(COUNT, read_counter(store, "n"));
    } else {
        store_close(engine.store);
        engine.store = NULL;
    }
    for (int i = 0; i < COUNT; i++) {
        assert_true(attempt_is_done(&attempts[i]));
        attempt_wait_success(&attempts[i]);
    }
    store_close(NULL);
}

int main(void)
{
    static const struct CMUnitTest suite[] = {
        EACH(gets_nothing_where_nothing_is),
        EACH(gets_what_was_put),
        EACH(gets_several_keys_at_once),
        EACH(a_get_without_memory_fails_and_leaves_the_outputs),
        EACH(deletes),
        EACH(scans_ranges_both_ways),
        EACH(scans_stop_when_told),
        EACH(scans_over_many_deleted_keys),
        EACH(scans_empty_and_turned_ranges),
        EACH(scans_within_and_across_placements),
        EACH(bounds_may_hold_nul_bytes),
        EACH(keys_are_ordered_as_unsigned_bytes),
        EACH(decisions_see_the_old_values_in_the_order_of_their_keys),
        EACH(each_decision_sees_the_outcome_of_the_one_before),
        EACH(an_abort_writes_nothing),
        EACH(what_has_landed_is_neither_held_nor_in_flight),
        EACH(the_last_mutation_of_a_key_wins),
        EACH(transactions_without_keys_or_without_changes_are_done),
        EACH(transacts_as_many_keys_as_promised),
        EACH(takes_the_largest_keys_and_values),
        EACH(a_batch_beyond_its_limit_fails_whole),
        EACH(counters_add_up),
        EACH(counters_are_not_among_the_values),
        EACH(drops_ranges_with_their_counters),
        EACH(drops_all_and_nothing),
        EACH(counts_commits),
        EACH(close_waits_for_what_is_in_flight),
    };
    return run_on_every_engine(suite, COUNT_OF(suite));
}
