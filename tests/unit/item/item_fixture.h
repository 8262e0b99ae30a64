#ifndef HASHRANGE_TESTS_UNIT_ITEM_ITEM_FIXTURE_H
#define HASHRANGE_TESTS_UNIT_ITEM_ITEM_FIXTURE_H

/* Items from and to JSON text, for tests that are easier to read that way. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "item/path.h"
#include "item/value.h"
#include "item/value_json.h"

enum { FIXTURE_ARENA_BYTES = 64 * 1024 * 1024 };

/* One arena for each test, made by setup. */
static struct arena fixture_arena;

static int fixture_setup(void **state)
{
    (void)state;
    arena_init(&fixture_arena, FIXTURE_ARENA_BYTES);
    return 0;
}

static int fixture_teardown(void **state)
{
    (void)state;
    arena_fini(&fixture_arena);
    return 0;
}

#define ITEM_TEST(function)                                                                        \
    cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

/* The item must be sound. */
static inline struct slice item_of_text(struct slice text)
{
    struct json_reader reader;
    struct item_reading reading;
    json_reader_init(&reader, text, &fixture_arena);
    const struct error *error = item_from_json(&reader, &fixture_arena, &reading);
    if (error != NULL)
        fail_msg("%.*s: %.*s", SLICE_PRINT(text), SLICE_PRINT(error->message));
    if (reading.problem != NULL)
        fail_msg("%.*s: %.*s", SLICE_PRINT(text), SLICE_PRINT(reading.problem->message));
    assert_true(value_check(value_of_item(reading.item)));
    return reading.item;
}

static inline struct slice item_of(const char *json)
{
    return item_of_text(slice_of_cstring(json));
}

/* The value of {"v": <json>}. */
static inline struct value value_of(const char *json)
{
    struct buf text;
    buf_init(&text, &fixture_arena, FIXTURE_ARENA_BYTES);
    buf_append_format(&text, "{\"v\":%s}", json);
    return value_map_find(value_of_item(item_of_text(buf_slice(&text))), SLICE("v"));
}

static inline const char *text_of_item(struct slice item)
{
    struct buf text;
    struct json_writer writer;
    buf_init(&text, &fixture_arena, FIXTURE_ARENA_BYTES);
    json_writer_init(&writer, &text);
    item_to_json(&writer, item);
    buf_append_byte(&text, '\0');
    assert_false(text.failed);
    return (const char *)text.data;
}

static inline void assert_slice(struct slice actual, struct slice expected)
{
    if (!slice_equal(actual, expected))
        fail_msg("is '%.*s', not '%.*s'", SLICE_PRINT(actual), SLICE_PRINT(expected));
}

/* Do two items' texts mean the same stored bytes? */
static inline void assert_item(struct slice actual, const char *expected_json)
{
    struct slice expected = item_of(expected_json);
    if (!slice_equal(actual, expected))
        fail_msg("is %s, not %s", text_of_item(actual), text_of_item(expected));
    assert_true(value_check(value_of_item(actual)));
}

#endif
