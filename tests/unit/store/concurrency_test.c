/* Many threads on every engine: no update is lost, reads are of one state, aborts and drops mix in.
 */

#include "store/every_engine.h"

#include <pthread.h>

enum { THREADS = 8, HOT_KEYS = 4, INCREMENTS = 400 };

static unsigned draw(unsigned *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static const struct slice hot_keys[HOT_KEYS] = {{(const uint8_t *)"h0", 2},
                                                {(const uint8_t *)"h1", 2},
                                                {(const uint8_t *)"h2", 2},
                                                {(const uint8_t *)"h3", 2}};

/* --- increments --- */

struct increment {
    struct attempt attempt; /* first: attempt_done gets the whole as its context */
    struct slice keys[2];
    bool aborts;
};

static uint32_t number_of(struct slice value)
{
    uint32_t number = 0;
    if (slice_present(value)) {
        assert_int_equal(sizeof(number), value.size);
        memcpy(&number, value.data, sizeof(number));
    }
    return number;
}

/* A key that is not named, but whose writers all name the key it follows from. */
static struct slice mirror_of(struct slice key, uint8_t bytes[2])
{
    bytes[0] = 'm';
    bytes[1] = key.data[1];
    return slice_of(bytes, 2);
}

/* Adds 1 to both keys and keeps their mirrors the same. */
static enum store_decision decide_increment(void *context, const struct slice *old_values,
                                            struct store_batch *batch)
{
    const struct increment *increment = context;
    for (int i = 0; i < 2; i++) {
        uint8_t mirror[2];
        uint32_t number = number_of(old_values[i]) + 1;
        struct slice value = slice_of(&number, sizeof(number));
        store_batch_put(batch, STORE_ATOMIC, increment->keys[i], value);
        store_batch_put(batch, STORE_EVENTUAL, mirror_of(increment->keys[i], mirror), value);
    }
    store_batch_add(batch, SLICE("total"), 2);
    return increment->aborts ? STORE_ABORT : STORE_COMMIT;
}

struct worker {
    pthread_t thread;
    unsigned seed;
    uint32_t added[HOT_KEYS];
};

static void *run_increments(void *context)
{
    struct worker *worker = context;
    for (int i = 0; i < INCREMENTS; i++) {
        unsigned first = draw(&worker->seed) % HOT_KEYS;
        unsigned second = (first + 1 + draw(&worker->seed) % (HOT_KEYS - 1)) % HOT_KEYS;
        struct increment increment = {
            .keys = {hot_keys[first], hot_keys[second]},
            .aborts = draw(&worker->seed) % 5 == 0,
        };
        increment.attempt.transaction = (struct store_transaction){.keys = increment.keys,
                                                                   .key_count = 2,
                                                                   .decide = decide_increment,
                                                                   .done = attempt_done,
                                                                   .context = &increment};
        sem_init(&increment.attempt.done, 0, 0);
        store_transact(store, &increment.attempt.transaction);
        attempt_wait_success(&increment.attempt);
        if (!increment.aborts) {
            worker->added[first]++;
            worker->added[second]++;
        }
    }
    return NULL;
}

static uint32_t stored_number(struct slice key)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct slice value;
    assert_success(store_get(store, &arena, &key, 1, &value));
    uint32_t number = number_of(value);
    arena_fini(&arena);
    return number;
}

static void no_increment_is_lost(void **state)
{
    (void)state;
    struct worker workers[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.seed = i + 1};
        assert_int_equal(0, pthread_create(&workers[i].thread, NULL, run_increments, &workers[i]));
    }
    uint32_t added[HOT_KEYS] = {0};
    int64_t total = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        for (int k = 0; k < HOT_KEYS; k++) {
            added[k] += workers[i].added[k];
            total += workers[i].added[k];
        }
    }
    for (int k = 0; k < HOT_KEYS; k++) {
        uint8_t mirror[2];
        assert_int_equal(added[k], stored_number(hot_keys[k]));
        assert_int_equal(added[k], stored_number(mirror_of(hot_keys[k], mirror)));
    }
    assert_int_equal(total, read_counter(store, "total"));
}

/* --- reads of one state --- */

/* Both keys always get the same value, together with one more of a growing row of keys. */
static atomic_bool stop_reading;

static void *write_twins(void *context)
{
    (void)context;
    for (int i = 0; i < INCREMENTS; i++) {
        char number[16];
        char row_key[16];
        snprintf(number, sizeof(number), "%05d", i);
        snprintf(row_key, sizeof(row_key), "r%05d", i);
        const struct change changes[] = {PUT("twin-a", number), PUT(row_key, number),
                                         PUT("twin-b", number), PUT("z", number)};
        struct attempt attempt;
        attempt_begin(&attempt, store, "twin-a twin-b", STORE_COMMIT, changes, COUNT_OF(changes));
        attempt_wait_success(&attempt);
    }
    atomic_store(&stop_reading, true);
    return NULL;
}

struct twins_seen {
    char numbers[3][8]; /* of twin-a, twin-b, z */
    char last_row[8];
    int rows;
};

static bool see_twin(void *context, struct slice key, struct slice value)
{
    struct twins_seen *seen = context;
    char *number = seen->last_row;
    if (slice_equal(key, SLICE("twin-a")))
        number = seen->numbers[0];
    else if (slice_equal(key, SLICE("twin-b")))
        number = seen->numbers[1];
    else if (slice_equal(key, SLICE("z")))
        number = seen->numbers[2];
    else
        seen->rows++;
    snprintf(number, 8, "%.*s", SLICE_PRINT(value));
    return true;
}

static void check_scan(enum store_direction direction)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    struct twins_seen seen = {0};
    assert_success(store_scan(store, &arena,
                              (struct store_range){.first = SLICE("a"), .end = SLICE("zz")},
                              direction, see_twin, &seen));
    if (seen.rows > 0) {
        assert_string_equal(seen.numbers[0], seen.numbers[1]);
        assert_string_equal(seen.numbers[0], seen.numbers[2]);
        assert_int_equal(seen.rows, strtol(seen.numbers[0], NULL, 10) + 1);
    }
    arena_fini(&arena);
}

static void *read_twins(void *context)
{
    (void)context;
    while (!atomic_load(&stop_reading)) {
        struct arena arena;
        arena_init(&arena, 1024 * 1024);
        const struct slice keys[] = {SLICE("twin-a"), SLICE("twin-b")};
        struct slice values[2];
        assert_success(store_get(store, &arena, keys, 2, values));
        assert_true(slice_present(values[0]) == slice_present(values[1]));
        assert_true(slice_equal(values[0], values[1]));
        arena_fini(&arena);
        check_scan(STORE_FORWARD);
        check_scan(STORE_BACKWARD);
    }
    return NULL;
}

static void reads_are_of_one_committed_state(void **state)
{
    (void)state;
    atomic_store(&stop_reading, false);
    pthread_t writer;
    pthread_t readers[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(0, pthread_create(&readers[i], NULL, read_twins, NULL));
    assert_int_equal(0, pthread_create(&writer, NULL, write_twins, NULL));
    pthread_join(writer, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(readers[i], NULL);
    check_scan(STORE_FORWARD);
}

/* --- drops beside writes elsewhere --- */

static void *drop_often(void *context)
{
    (void)context;
    for (int i = 0; i < 20; i++) {
        COMMIT(store, "d1", PUT("d1", "x"), PUT("d2", "x"), ADD("d-count", 2));
        assert_int_equal(2, read_counter(store, "d-count"));
        drop(store, SLICE("d"), SLICE("e"));
        assert_value(store, "d1", "-");
        assert_int_equal(0, read_counter(store, "d-count"));
    }
    return NULL;
}

static void drops_leave_the_neighbours_and_their_counters(void **state)
{
    (void)state;
    pthread_t dropper;
    struct worker worker = {.seed = 99};
    assert_int_equal(0, pthread_create(&dropper, NULL, drop_often, NULL));
    assert_int_equal(0, pthread_create(&worker.thread, NULL, run_increments, &worker));
    pthread_join(dropper, NULL);
    pthread_join(worker.thread, NULL);
    int64_t total = 0;
    for (int k = 0; k < HOT_KEYS; k++) {
        assert_int_equal(worker.added[k], stored_number(hot_keys[k]));
        total += worker.added[k];
    }
    assert_int_equal(total, read_counter(store, "total"));
}

int main(void)
{
    static const struct CMUnitTest suite[] = {
        EACH(no_increment_is_lost),
        EACH(reads_are_of_one_committed_state),
        EACH(drops_leave_the_neighbours_and_their_counters),
    };
    return run_on_every_engine(suite, COUNT_OF(suite));
}
