#ifndef HASHRANGE_TESTS_UNIT_IAM_ONE_DIRECTORY_H
#define HASHRANGE_TESTS_UNIT_IAM_ONE_DIRECTORY_H

/* An empty directory for each test of a program, and short words for what tests do with it. */

#include "iam/iam_fixture.h"

static struct iam_fixture fixture;

static inline int set_up(void **state)
{
    (void)state;
    iam_fixture_open(&fixture);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    iam_fixture_close(&fixture);
    return 0;
}

/* A request that succeeds. */
static inline void ask(const char *action, const char *parameters)
{
    iam_fixture_do(&fixture, slice_of_cstring(action), slice_of_cstring(parameters));
    assert_ok(fixture.error);
}

/* The text of an element of the last answer, until the end of the test. */
static inline struct slice keep(const char *element)
{
    struct slice copy;
    assert_true(arena_copy(&fixture.process, iam_fixture_text(&fixture, element), &copy));
    return copy;
}

#endif
