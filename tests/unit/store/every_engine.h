#ifndef HASHRANGE_TESTS_UNIT_STORE_EVERY_ENGINE_H
#define HASHRANGE_TESTS_UNIT_STORE_EVERY_ENGINE_H

/*
 * Tests that every engine must pass: each of them runs on a new one of every kind, `store`. main
 * hands them to run_on_every_engine.
 */

#include "store/engines.h"

static struct engine engine;
static struct store *store;

static inline int open_engine(void **state)
{
    engine_open(&engine, *(const enum engine_kind *)*state);
    store = engine.store;
    return 0;
}

static inline int close_engine(void **state)
{
    (void)state;
    engine_close(&engine);
    return 0;
}

#define EACH_AS(test, open)                                                                        \
    {                                                                                              \
#test, test, open, close_engine, NULL                                                      \
    }
#define EACH(test) EACH_AS(test, open_engine)

enum { SUITE_TESTS_MAX = 64 };

/* How many failed. */
static inline int run_on_every_engine(const struct CMUnitTest *suite, size_t count)
{
    int failures = 0;
    for (int kind = 0; kind < ENGINES && count <= SUITE_TESTS_MAX; kind++) {
        enum engine_kind engine_kind = (enum engine_kind)kind;
        struct CMUnitTest tests[SUITE_TESTS_MAX];
        memcpy(tests, suite, count * sizeof(*suite));
        for (size_t i = 0; i < count; i++)
            tests[i].initial_state = &engine_kind;
        failures += _cmocka_run_group_tests(engine_name(engine_kind), tests, count, NULL, NULL);
    }
    return count <= SUITE_TESTS_MAX ? failures : -1;
}

#endif
