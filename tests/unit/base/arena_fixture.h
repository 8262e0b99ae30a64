#ifndef HASHRANGE_TESTS_UNIT_BASE_ARENA_FIXTURE_H
#define HASHRANGE_TESTS_UNIT_BASE_ARENA_FIXTURE_H

/* An arena for each test of a program: what it allocates is gone after the test. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above */
#include <cmocka.h>

#include "base/arena.h"

enum { ARENA_BYTES = 8 * 1024 * 1024 };

static struct arena arena;

static inline int open_arena(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    return 0;
}

static inline int close_arena(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

#endif
