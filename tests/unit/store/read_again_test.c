/* What was read again and again, so that an engine may have kept it, is still what is there after
 * every kind of change, over every engine. */

#include "store/every_engine.h"

/* Longer than what ranges of one placement have in common. */
#define FRONT "Iplacement-"

static const char *commit_failure; /* what the durable engine's next commits fail with */

static const char *fail_commit(void *context)
{
    (void)context;
    return commit_failure;
}

static int open_with_failing_commits(void **state)
{
    commit_failure = NULL;
    engine = (struct engine){
        .kind = *(const enum engine_kind *)*state,
        .options = {.cache_bytes = 8 * 1024 * 1024, .retry_ms = 1, .before_commit = fail_commit}};
    if (engine_is_durable(&engine))
        folder_make(engine.folder);
    engine_reopen(&engine);
    store = engine.store;
    return 0;
}

static void commit(const char *key, struct change change)
{
    struct attempt attempt;
    attempt_begin(&attempt, store, key, STORE_COMMIT, &change, 1);
    attempt_wait_success(&attempt);
}

static void put(const char *key, const char *value)
{
    commit(key, (struct change)PUT(key, value));
}

static bool list_visit(void *context, struct slice key, struct slice value)
{
    char *text = context;
    bool is_appended = store_sequence_read(key, &(uint64_t){0});
    size_t at = strlen(text);
    snprintf(text + at, 256 - at, "%.*s=%.*s ", is_appended ? 0 : (int)key.size,
             (const char *)key.data, SLICE_PRINT(value));
    return true;
}

/* "key=value " for all between the bounds; what was appended without its key. */
static void assert_range(const char *first, const char *end, const char *expected)
{
    for (int time = 0; time < 4; time++) {
        char text[256] = "";
        struct arena arena;
        arena_init(&arena, 1024 * 1024);
        struct store_range range = {slice_of_cstring(first), slice_of_cstring(end), NULL};
        assert_success(store_scan(store, &arena, range, STORE_FORWARD, list_visit, text));
        assert_string_equal(expected, text);
        arena_fini(&arena);
    }
}

static void assert_kept(const char *key, const char *expected)
{
    for (int time = 0; time < 4; time++) {
        struct arena arena;
        struct slice value;
        struct slice name = slice_of_cstring(key);
        arena_init(&arena, 1024 * 1024);
        assert_success(store_get(store, &arena, &name, 1, &value));
        assert_int_equal(expected != NULL, slice_present(value));
        if (expected != NULL)
            assert_true(slice_equal(value, slice_of_cstring(expected)));
        arena_fini(&arena);
    }
}

static void values_that_are_written_change(void **state)
{
    (void)state;
    assert_kept("k", NULL);
    put("k", "1");
    assert_kept("k", "1");
    put("k", "2");
    put("k", "");
    assert_kept("k", "");
    commit("k", (struct change)DELETE("k"));
    assert_kept("k", NULL);
    put("k", "3");
    assert_kept("k", "3");
}

static void ranges_change_with_every_key_in_them(void **state)
{
    (void)state;
    assert_range(FRONT "a", FRONT "z", "");
    put(FRONT "b", "1");
    assert_range(FRONT "a", FRONT "z", FRONT "b=1 ");
    assert_range(FRONT "b", FRONT "c", FRONT "b=1 ");
    put(FRONT "c", "2");
    assert_range(FRONT "a", FRONT "z", FRONT "b=1 " FRONT "c=2 ");
    assert_range(FRONT "b", FRONT "c", FRONT "b=1 ");
    put(FRONT "b", "");
    assert_range(FRONT "a", FRONT "z", FRONT "b= " FRONT "c=2 ");
    commit(FRONT "b", (struct change)DELETE(FRONT "b"));
    assert_range(FRONT "a", FRONT "z", FRONT "c=2 ");
    put("Jplacement-b", "elsewhere");
    assert_range(FRONT "a", FRONT "z", FRONT "c=2 ");
}

/* Also keys that the transaction does not name. */
static void a_transaction_changes_all_that_it_writes(void **state)
{
    (void)state;
    put(FRONT "b", "1");
    put("Jplacement-b", "1");
    assert_range(FRONT "a", FRONT "z", FRONT "b=1 ");
    assert_range("Jplacement-a", "Jplacement-z", "Jplacement-b=1 ");
    const struct change changes[] = {PUT(FRONT "b", "2"), PUT("Jplacement-c", "2"),
                                     DELETE("Jplacement-b")};
    struct attempt attempt;
    attempt_begin(&attempt, store, FRONT "b", STORE_COMMIT, changes, COUNT_OF(changes));
    attempt_wait_success(&attempt);
    assert_range(FRONT "a", FRONT "z", FRONT "b=2 ");
    assert_range("Jplacement-a", "Jplacement-z", "Jplacement-c=2 ");
    assert_kept("Jplacement-b", NULL);
}

static void ranges_show_what_is_appended(void **state)
{
    (void)state;
    static const char first[] = FRONT "log";
    static const char end[] = FRONT "log\xff\xff\xff\xff\xff\xff\xff\xff\xff";
    assert_range(first, end, "");
    commit("k", (struct change)APPEND(first, "1"));
    assert_range(first, end, "=1 ");
    commit("k", (struct change)APPEND(first, "2"));
    assert_range(first, end, "=1 =2 ");
}

static void dropped_ranges_are_empty(void **state)
{
    (void)state;
    put(FRONT "b", "1");
    assert_range(FRONT "a", FRONT "z", FRONT "b=1 ");
    assert_kept(FRONT "b", "1");
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct store_range range = {SLICE("I"), SLICE("J"), NULL};
    assert_success(store_drop_range(store, &arena, range));
    arena_fini(&arena);
    assert_range(FRONT "a", FRONT "z", "");
    assert_kept(FRONT "b", NULL);
    put(FRONT "b", "2");
    assert_range(FRONT "a", FRONT "z", FRONT "b=2 ");
    assert_kept(FRONT "b", "2");
}

static void long_ranges_are_read_in_full(void **state)
{
    (void)state;
    static char value[9000];
    memset(value, 'v', sizeof(value) - 1);
    put(FRONT "b", value);
    put(FRONT "c", value);
    put(FRONT "d", "1");
    for (int time = 0; time < 4; time++) {
        struct arena arena;
        arena_init(&arena, 1024 * 1024);
        char text[256] = "";
        struct store_range range = {SLICE(FRONT "c\x01"), SLICE(FRONT "z"), NULL};
        assert_success(store_scan(store, &arena, range, STORE_FORWARD, list_visit, text));
        assert_string_equal(FRONT "d=1 ", text);
        arena_fini(&arena);
    }
    assert_kept(FRONT "c", value);
}

static void a_failed_commit_leaves_what_was_there(void **state)
{
    (void)state;
    if (!engine_is_durable(&engine))
        skip();
    put(FRONT "b", "1");
    assert_range(FRONT "a", FRONT "z", FRONT "b=1 ");
    assert_kept(FRONT "b", "1");
    commit_failure = "the disk is gone";
    struct attempt attempt;
    const struct change change = PUT(FRONT "b", "2");
    attempt_begin(&attempt, store, FRONT "b", STORE_COMMIT, &change, 1);
    attempt_wait(&attempt);
    assert_true(attempt.failed);
    assert_range(FRONT "a", FRONT "z", FRONT "b=1 ");
    assert_kept(FRONT "b", "1");
    commit_failure = NULL;
    do { /* until writing works again */
        attempt_begin(&attempt, store, FRONT "b", STORE_COMMIT, &change, 1);
        attempt_wait(&attempt);
    } while (attempt.failed);
    assert_range(FRONT "a", FRONT "z", FRONT "b=2 ");
    assert_kept(FRONT "b", "2");
}

int main(void)
{
    static const struct CMUnitTest suite[] = {
        EACH_AS(values_that_are_written_change, open_with_failing_commits),
        EACH_AS(ranges_change_with_every_key_in_them, open_with_failing_commits),
        EACH_AS(a_transaction_changes_all_that_it_writes, open_with_failing_commits),
        EACH_AS(ranges_show_what_is_appended, open_with_failing_commits),
        EACH_AS(dropped_ranges_are_empty, open_with_failing_commits),
        EACH_AS(long_ranges_are_read_in_full, open_with_failing_commits),
        EACH_AS(a_failed_commit_leaves_what_was_there, open_with_failing_commits),
    };
    return run_on_every_engine(suite, COUNT_OF(suite));
}
