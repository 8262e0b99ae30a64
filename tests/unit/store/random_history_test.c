/*
 * Random transactions, gets, scans, drops and restarts, done alike to the engine under test and to
 * mem, the model, which must agree in all that can be seen: old values that decisions get, values,
 * scans, counters, outcomes. Up to many transactions are in flight; the model does each at once, in
 * the order they are handed in.
 *
 * A failure prints its seed: random_history_test <seed> runs that history alone.
 */

#include "store/engines.h"

#include "base/clock.h"
#include "base/rand.h"

enum {
    STEPS = 400,
    FLIGHTS_MAX = 64,
    KEYS = 40,
    COUNTERS = 5,
    HISTORY_MS = 1500, /* how long new histories are begun for, for each engine */
};

static const char *current_engine;
static unsigned current_seed;

#define AGREE(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("%s disagrees with the model, seed %u: %s", current_engine, current_seed,     \
                     #condition);                                                                  \
    } while (0)

static unsigned draw(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % below;
}

struct key_name {
    char bytes[32];
};

/* Keys of several lengths, some prefixes of others; half of them long enough to have a placement,
 * which they share. */
static struct slice name_key(struct key_name *name, unsigned number)
{
    char letter = (char)('a' + number % 5);
    int size =
        snprintf(name->bytes, sizeof(name->bytes), "%c%s%.*s", letter,
                 letter <= 'b' ? "placement-" : "", (int)(number / 5), "\x01z\xfe\xff\xffqqq");
    return slice_of(name->bytes, (size_t)size);
}

/* --- one transaction, the same for both stores --- */

struct plan {
    unsigned seed; /* what it does follows from this and the old values alone */
    struct key_name names[6];
    struct slice keys[6];
    size_t key_count;
};

struct run {
    struct attempt attempt; /* first: attempt_done gets the whole as its context */
    const struct plan *plan;
    uint64_t seen_hash; /* of the old values in the last call of decide */
};

static uint64_t mix(uint64_t hash, struct slice bytes)
{
    hash = (hash ^ (slice_present(bytes) ? 1 + bytes.size : 0)) * 1099511628211u;
    for (size_t i = 0; i < bytes.size; i++)
        hash = (hash ^ bytes.data[i]) * 1099511628211u;
    return hash;
}

static void add_mutation(struct store_batch *batch, unsigned *seed, struct slice key,
                         uint64_t seen_hash)
{
    char value[256];
    switch (draw(seed, 6)) {
    case 0:
        store_batch_delete(batch, STORE_ATOMIC, key);
        break;
    case 1: {
        struct key_name name;
        store_batch_add(batch, name_key(&name, draw(seed, COUNTERS)),
                        (int64_t)draw(seed, 1000) - 300);
        break;
    }
    default: {
        int size = snprintf(value, sizeof(value), "%llx%*s", (unsigned long long)seen_hash,
                            (int)draw(seed, 100), "");
        store_batch_put(batch, draw(seed, 2) == 0 ? STORE_ATOMIC : STORE_EVENTUAL, key,
                        slice_of(value, (size_t)size));
        break;
    }
    }
}

static enum store_decision decide_run(void *context, const struct slice *old_values,
                                      struct store_batch *batch)
{
    struct run *run = context;
    unsigned seed = run->plan->seed;
    uint64_t hash = seed;
    for (size_t i = 0; i < run->plan->key_count; i++)
        hash = mix(hash, old_values[i]);
    run->seen_hash = hash;
    unsigned mutations = draw(&seed, 5);
    for (unsigned i = 0; i < mutations; i++)
        add_mutation(batch, &seed, run->plan->keys[draw(&seed, (unsigned)run->plan->key_count)],
                     hash);
    return draw(&seed, 4) == 0 || hash % 7 == 0 ? STORE_ABORT : STORE_COMMIT;
}

static void begin_run(struct run *run, struct store *store, const struct plan *plan)
{
    *run = (struct run){.plan = plan};
    sem_init(&run->attempt.done, 0, 0);
    run->attempt.transaction = (struct store_transaction){.keys = plan->keys,
                                                          .key_count = plan->key_count,
                                                          .decide = decide_run,
                                                          .done = attempt_done,
                                                          .context = run};
    store_transact(store, &run->attempt.transaction);
}

static void draw_plan(struct plan *plan, unsigned *seed)
{
    plan->key_count = 1 + draw(seed, COUNT_OF(plan->keys));
    unsigned first = draw(seed, KEYS);
    unsigned step = 1 + draw(seed, 6); /* six steps stay within KEYS: the keys are distinct */
    for (size_t i = 0; i < plan->key_count; i++)
        plan->keys[i] = name_key(&plan->names[i], (first + step * (unsigned)i) % KEYS);
    plan->seed = draw(seed, 1u << 24);
}

/* --- a history --- */

struct flight {
    struct plan plan;
    struct run run;
};

struct history {
    struct engine engine;
    struct store *model;
    unsigned seed;
    struct flight flights[FLIGHTS_MAX];
    size_t flight_count;
    int transactions;
};

static void settle(struct history *history)
{
    for (size_t i = 0; i < history->flight_count; i++) {
        attempt_wait(&history->flights[i].run.attempt);
        AGREE(!history->flights[i].run.attempt.failed);
    }
    history->flight_count = 0;
}

static void step_transact(struct history *history)
{
    if (history->flight_count == FLIGHTS_MAX)
        settle(history);
    struct flight *flight = &history->flights[history->flight_count];
    draw_plan(&flight->plan, &history->seed);
    begin_run(&flight->run, history->engine.store, &flight->plan);
    history->transactions++;
    /* Faults answer at once; whatever else is in flight will succeed. */
    if (attempt_is_done(&flight->run.attempt) && flight->run.attempt.failed) {
        AGREE(engine_is_fault(&history->engine));
        AGREE(flight->run.attempt.error_kind == ERROR_PROVISIONED_THROUGHPUT);
        return;
    }
    struct run model;
    begin_run(&model, history->model, &flight->plan);
    attempt_wait_success(&model.attempt);
    AGREE(model.seen_hash == flight->run.seen_hash);
    history->flight_count++;
}

static void step_get(struct history *history)
{
    struct plan plan;
    draw_plan(&plan, &history->seed);
    settle(history);
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct slice expected[COUNT_OF(plan.keys)];
    struct slice found[COUNT_OF(plan.keys)];
    assert_success(store_get(history->model, &arena, plan.keys, plan.key_count, expected));
    assert_success(store_get(history->engine.store, &arena, plan.keys, plan.key_count, found));
    for (size_t i = 0; i < plan.key_count; i++) {
        AGREE(slice_present(expected[i]) == slice_present(found[i]));
        AGREE(slice_equal(expected[i], found[i]));
    }
    arena_fini(&arena);
}

struct scan_hash {
    uint64_t hash;
    unsigned visits_left;
};

static bool hash_visit(void *context, struct slice key, struct slice value)
{
    struct scan_hash *scan = context;
    scan->hash = mix(mix(scan->hash, key), value);
    return --scan->visits_left > 0;
}

static uint64_t scan_hash(struct store *store, struct store_range range,
                          enum store_direction direction, unsigned limit)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct scan_hash scan = {.visits_left = limit};
    assert_success(store_scan(store, &arena, range, direction, hash_visit, &scan));
    arena_fini(&arena);
    return scan.hash;
}

static struct slice draw_bound(struct key_name *name, unsigned *seed)
{
    return draw(seed, 6) == 0 ? SLICE_ABSENT : name_key(name, draw(seed, KEYS));
}

static void step_scan(struct history *history)
{
    struct key_name first;
    struct key_name end;
    struct store_range range = {.first = draw_bound(&first, &history->seed),
                                .end = draw_bound(&end, &history->seed)};
    enum store_direction direction = draw(&history->seed, 2) == 0 ? STORE_FORWARD : STORE_BACKWARD;
    unsigned limit = 1 + draw(&history->seed, KEYS);
    settle(history);
    /* Again and again: an engine may keep what is read often. */
    unsigned times = 1 + draw(&history->seed, 4);
    for (unsigned i = 0; i < times; i++)
        AGREE(scan_hash(history->model, range, direction, limit) ==
              scan_hash(history->engine.store, range, direction, limit));
}

/* The same few ranges over and over, and each of their keys. */
static void step_read_again(struct history *history)
{
    unsigned letter = draw(&history->seed, 2);
    struct key_name first;
    struct key_name end;
    struct store_range range = {.first = name_key(&first, letter),
                                .end = name_key(&end, letter + 5 * (KEYS / 5 - 1))};
    settle(history);
    AGREE(scan_hash(history->model, range, STORE_FORWARD, KEYS) ==
          scan_hash(history->engine.store, range, STORE_FORWARD, KEYS));
    for (unsigned number = letter; number < KEYS; number += 5) {
        struct arena arena;
        arena_init(&arena, 1024 * 1024);
        struct key_name name;
        struct slice key = name_key(&name, number);
        struct slice expected;
        struct slice found;
        assert_success(store_get(history->model, &arena, &key, 1, &expected));
        assert_success(store_get(history->engine.store, &arena, &key, 1, &found));
        AGREE(slice_present(expected) == slice_present(found) && slice_equal(expected, found));
        arena_fini(&arena);
    }
}

static void compare_counters(struct history *history)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    for (unsigned i = 0; i < COUNTERS; i++) {
        struct key_name name;
        struct slice key = name_key(&name, i);
        int64_t expected = 1;
        int64_t found = 2;
        assert_success(store_counter_read(history->model, &arena, key, &expected));
        assert_success(store_counter_read(history->engine.store, &arena, key, &found));
        AGREE(expected == found);
    }
    arena_fini(&arena);
}

static void compare_all(struct history *history)
{
    struct store_range all = {.first = SLICE_ABSENT, .end = SLICE_ABSENT};
    settle(history);
    AGREE(scan_hash(history->model, all, STORE_FORWARD, 1000) ==
          scan_hash(history->engine.store, all, STORE_FORWARD, 1000));
    compare_counters(history);
}

static void step_drop(struct history *history)
{
    struct key_name first;
    struct key_name end;
    struct slice bounds[] = {draw_bound(&first, &history->seed), draw_bound(&end, &history->seed)};
    settle(history);
    drop(history->model, bounds[0], bounds[1]);
    drop(history->engine.store, bounds[0], bounds[1]);
    compare_all(history);
}

static void add_faults(struct history *history)
{
    if (!engine_is_fault(&history->engine))
        return;
    const struct fault_rule rules[] = {
        {.call = FAULT_TRANSACT, .effect = FAULT_RECALL, .first = 1, .every = 3},
        {.call = FAULT_TRANSACT,
         .effect = FAULT_FAIL,
         .first = 2,
         .every = 10,
         .error_kind = ERROR_PROVISIONED_THROUGHPUT},
        {.call = FAULT_TRANSACT, .effect = FAULT_DELAY, .first = 3, .every = 20, .delay_us = 50},
        {.call = FAULT_GET, .effect = FAULT_DELAY, .first = 1, .every = 3, .delay_us = 20},
        {.call = FAULT_SCAN, .effect = FAULT_DELAY, .first = 2, .every = 3, .delay_us = 20},
    };
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        fault_store_add_rule(history->engine.store, &rules[i]);
}

static void step_reopen(struct history *history)
{
    settle(history);
    if (!engine_is_durable(&history->engine))
        return;
    engine_reopen(&history->engine);
    add_faults(history);
    compare_all(history);
}

static void step(struct history *history)
{
    unsigned what = draw(&history->seed, 1000);
    if (what < 850)
        step_transact(history);
    else if (what < 910)
        step_get(history);
    else if (what < 950)
        step_scan(history);
    else if (what < 975)
        step_read_again(history);
    else if (what < 995)
        step_drop(history);
    else
        step_reopen(history);
}

static int run_history(enum engine_kind kind, unsigned seed)
{
    static struct history history;
    history = (struct history){.seed = seed};
    current_engine = engine_name(kind);
    current_seed = seed;
    engine_open(&history.engine, kind);
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    assert_success(mem_store_open(&arena, &history.model));
    add_faults(&history);
    for (int i = 0; i < STEPS; i++)
        step(&history);
    compare_all(&history);
    store_close(history.model);
    engine_close(&history.engine);
    arena_fini(&arena);
    return history.transactions;
}

static void engines_agree_with_the_model(void **state)
{
    const unsigned *given_seed = *state;
    for (int kind = 0; kind < ENGINES; kind++) {
        int64_t end_ms = clock_monotonic_ms() + HISTORY_MS;
        int histories = 0;
        int transactions = 0;
        unsigned first_seed = 0;
        do {
            unsigned seed = given_seed == NULL ? 0 : *given_seed;
            if (given_seed == NULL)
                rand_bytes(&seed, sizeof(seed));
            first_seed = histories == 0 ? seed : first_seed;
            transactions += run_history((enum engine_kind)kind, seed);
            histories++;
        } while (given_seed == NULL && clock_monotonic_ms() < end_ms);
        assert_true(transactions > STEPS / 2);
        print_message("%s: %d histories, %d transactions, first seed %u\n",
                      engine_name((enum engine_kind)kind), histories, transactions, first_seed);
    }
}

int main(int argc, char **argv)
{
    unsigned seed = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(engines_agree_with_the_model, argc > 1 ? &seed : NULL),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
