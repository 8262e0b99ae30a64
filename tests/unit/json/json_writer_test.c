#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "json/json_reader.h"
#include "json/json_writer.h"

static struct buf out;

static struct json_writer start(void)
{
    struct json_writer writer;
    buf_clear(&out);
    json_writer_init(&writer, &out);
    return writer;
}

static void expect_text(struct slice wanted)
{
    assert_false(out.failed);
    if (!slice_equal(buf_slice(&out), wanted))
        fail_msg("wrote %.*s", SLICE_PRINT(buf_slice(&out)));
}

static void commas_stand_where_they_belong(void **state)
{
    (void)state;
    struct json_writer w = start();
    json_object_begin(&w);
    json_name(&w, SLICE("Items"));
    json_array_begin(&w);
    json_object_begin(&w);
    json_object_end(&w);
    json_object_begin(&w);
    json_name(&w, SLICE("a"));
    json_array_begin(&w);
    json_array_end(&w);
    json_name(&w, SLICE("b"));
    json_null(&w);
    json_object_end(&w);
    json_boolean(&w, true);
    json_boolean(&w, false);
    json_array_begin(&w);
    json_string(&w, SLICE("x"));
    json_base64(&w, SLICE("foob"));
    json_array_end(&w);
    json_number_text(&w, SLICE("1e5"));
    json_array_end(&w);
    json_name(&w, SLICE("Count"));
    json_integer(&w, 3);
    json_name(&w, SLICE("Units"));
    json_double(&w, 0.5);
    json_object_end(&w);
    expect_text(SLICE("{\"Items\":[{},{\"a\":[],\"b\":null},true,false,[\"x\",\"Zm9vYg==\"],1e5],"
                      "\"Count\":3,\"Units\":0.5}"));
}

static void only_what_must_be_is_escaped(void **state)
{
    (void)state;
    struct json_writer w = start();
    json_array_begin(&w);
    json_string(&w, SLICE("\"\\/\b\f\n\r\t"));
    json_string(&w, SLICE("\0\x01\x1f\x20\x7f"));
    json_string(&w, SLICE("\xc3\xa9\xf0\x9f\x98\x80"));
    json_string(&w, SLICE(""));
    json_string(&w, SLICE_ABSENT);
    json_string(&w, SLICE("more than sixteen plain bytes, then \" and\nmore again, and \\"));
    json_array_end(&w);
    expect_text(SLICE("[\"\\\"\\\\/\\b\\f\\n\\r\\t\",\"\\u0000\\u0001\\u001f \x7f\","
                      "\"\xc3\xa9\xf0\x9f\x98\x80\",\"\",\"\","
                      "\"more than sixteen plain bytes, then \\\" and\\nmore again, and \\\\\"]"));
    w = start();
    json_object_begin(&w);
    json_name(&w, SLICE("a\"b"));
    json_integer(&w, 1);
    json_object_end(&w);
    expect_text(SLICE("{\"a\\\"b\":1}"));
}

/* Each character at each place of a string, on both sides of the wide scan's steps. */
static void every_character_comes_back_from_every_place(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t size = 1; size < 100; size += size < 40 ? 1 : 13) {
        for (size_t place = 0; place < size; place++) {
            for (unsigned character = 0; character < 128; character++) {
                uint8_t *text = malloc(size);
                memset(text, 'x', size);
                text[place] = (uint8_t)character;
                struct json_writer w = start();
                json_string(&w, slice_of(text, size));
                assert_true(json_check(buf_slice(&out), 0));
                struct json_reader reader;
                json_reader_init(&reader, buf_slice(&out), &arena);
                assert_true(slice_equal(json_read_string(&reader), slice_of(text, size)));
                free(text);
                arena_reset(&arena);
            }
        }
    }
    arena_fini(&arena);
}

static void integers(void **state)
{
    (void)state;
    struct json_writer w = start();
    json_array_begin(&w);
    json_integer(&w, 0);
    json_integer(&w, -1);
    json_integer(&w, 1234567890);
    json_integer(&w, INT64_MAX);
    json_integer(&w, INT64_MIN);
    json_array_end(&w);
    expect_text(SLICE("[0,-1,1234567890,9223372036854775807,-9223372036854775808]"));
}

static void doubles_are_short(void **state)
{
    (void)state;
    static const struct {
        double value;
        struct slice text;
    } doubles[] = {
        {0, SLICE_INIT("0")},
        {-0.0, SLICE_INIT("-0")},
        {5, SLICE_INIT("5")},
        {-5, SLICE_INIT("-5")},
        {0.5, SLICE_INIT("0.5")},
        {0.1, SLICE_INIT("0.1")},
        {2.5, SLICE_INIT("2.5")},
        {0.1 + 0.2, SLICE_INIT("0.30000000000000004")},
        {1.0 / 3, SLICE_INIT("0.3333333333333333")},
        {1728291000.123, SLICE_INIT("1728291000.123")},
        {1e15, SLICE_INIT("1000000000000000")},
        {9007199254740992.0, SLICE_INIT("9007199254740992")},
        {1e300, SLICE_INIT("1e+300")},
        {5e-324, SLICE_INIT("5e-324")},
        {DBL_MAX, SLICE_INIT("1.7976931348623157e+308")},
    };
    for (size_t i = 0; i < COUNT_OF(doubles); i++) {
        struct json_writer w = start();
        json_double(&w, doubles[i].value);
        expect_text(doubles[i].text);
    }
}

static void doubles_come_back(void **state)
{
    (void)state;
    uint64_t bits = 1;
    for (int round = 0; round < 100000; round++) {
        bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        double value;
        memcpy(&value, &bits, sizeof(value));
        if (!isfinite(value))
            continue;
        struct json_writer w = start();
        json_double(&w, value);
        assert_true(json_check(buf_slice(&out), 0));
        buf_append_byte(&out, '\0');
        double back = strtod((const char *)out.data, NULL);
        assert_memory_equal(&back, &value, sizeof(value));
    }
}

static void a_full_buffer_fails_and_stays_within_its_limit(void **state)
{
    (void)state;
    for (size_t limit = 0; limit < 30; limit++) {
        struct buf small;
        struct json_writer w;
        buf_init(&small, NULL, limit);
        json_writer_init(&w, &small);
        json_array_begin(&w);
        json_string(&w, SLICE("ab\n"));
        json_base64(&w, SLICE("abc"));
        json_integer(&w, 12345);
        json_boolean(&w, false);
        json_array_end(&w);
        /* ["ab\n","YWJj",12345,false] */
        assert_int_equal(small.failed, limit < 27);
        assert_true(small.size <= limit);
        buf_fini(&small);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_where_they_belong),
        cmocka_unit_test(only_what_must_be_is_escaped),
        cmocka_unit_test(every_character_comes_back_from_every_place),
        cmocka_unit_test(integers),
        cmocka_unit_test(doubles_are_short),
        cmocka_unit_test(doubles_come_back),
        cmocka_unit_test(a_full_buffer_fails_and_stays_within_its_limit),
    };
    buf_init(&out, NULL, 1 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_fini(&out);
    return failed;
}
