#ifndef MODEL_CASES_H
#define MODEL_CASES_H

/* What the tests of the model layer share: an arena per program, JSON in, words out. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "model/model.h"
#include "json/json_reader.h"

static struct arena arena;

static inline struct slice text_of(const char *string)
{
    return slice_of_cstring(string);
}

static inline const char *message_of(const struct error *error)
{
    static char text[8192];
    if (error == NULL)
        return "(accepted)";
    snprintf(text, sizeof(text), "%.*s", SLICE_PRINT(error->message));
    return text;
}

/* The decoded input; fails the test when it cannot be decoded. */
static inline void *decoded(enum model_operation operation, const char *json)
{
    void *input = NULL;
    assert_true(json_check(text_of(json), 64));
    const struct error *error = model_decode_input(&arena, operation, text_of(json), &input);
    assert_string_equal(message_of(error), "(accepted)");
    assert_non_null(input);
    return input;
}

static inline int arena_setup(void **state)
{
    (void)state;
    arena_init(&arena, 64 * 1024 * 1024);
    return 0;
}

static inline int arena_teardown(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, arena_setup, arena_teardown)

#endif
