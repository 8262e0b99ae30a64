#ifndef HASHRANGE_TESTS_UNIT_PARTIQL_FIXTURE_H
#define HASHRANGE_TESTS_UNIT_PARTIQL_FIXTURE_H

/* An arena for a program's tests, and statements in it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h needs the first four */
#include <cmocka.h>

#include "partiql/key_plan.h"

static struct arena fixture_arena;

static inline int fixture_open(void **state)
{
    (void)state;
    arena_init(&fixture_arena, (size_t)64 * 1024 * 1024);
    return 0;
}

static inline int fixture_close(void **state)
{
    (void)state;
    arena_fini(&fixture_arena);
    return 0;
}

/* Both steps. */
static inline const struct error *statement_of(const char *text, struct partiql_parsed *ret_parsed,
                                               struct partiql_statement *ret_statement)
{
    const struct error *error = partiql_parse(&fixture_arena, slice_of_cstring(text), ret_parsed);
    return error != NULL ? error
                         : partiql_build(&fixture_arena, ret_parsed, NULL, 0, ret_statement);
}

/* What was expected to be right. */
static inline struct partiql_statement sound_statement(const char *text)
{
    struct partiql_parsed parsed;
    struct partiql_statement statement;
    const struct error *error = statement_of(text, &parsed, &statement);
    if (error != NULL)
        fail_msg("%s: %.*s", text, SLICE_PRINT(error->message));
    return statement;
}

#endif
