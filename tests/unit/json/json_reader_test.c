#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "json/json_reader.h"

enum { DEPTH = 64 };

/* Takes everything from the reader; the sum of what it saw keeps the work from being idle. */
static size_t walk(struct json_reader *reader, unsigned depth)
{
    struct slice name;
    size_t seen = 1;
    if (depth > DEPTH)
        fail_msg("deeper than json_check lets through");
    switch (json_peek(reader)) {
    case JSON_NULL:
    case JSON_TRUE:
    case JSON_FALSE:
        json_read_literal(reader);
        return seen;
    case JSON_NUMBER:
        return seen + json_read_number(reader).size;
    case JSON_STRING:
        return seen + json_read_string(reader).size;
    case JSON_ARRAY:
        json_enter_array(reader);
        while (json_next_element(reader))
            seen += walk(reader, depth + 1);
        return seen;
    case JSON_OBJECT:
        json_enter_object(reader);
        while (json_next_member(reader, &name))
            seen += name.size + walk(reader, depth + 1);
        return seen;
    case JSON_END:
        break;
    }
    /* Where a value should be: whatever is taken now must fail. */
    (void)json_read_string(reader);
    return 0;
}

/* A value was taken and only space is left. */
static bool at_good_end(struct json_reader *reader)
{
    return json_peek(reader) == JSON_END && reader->at == reader->end && !reader->failed;
}

/* Is it one value to the pull functions? They are as strict as json_check. */
static bool walks(struct slice text)
{
    struct arena arena;
    struct json_reader reader;
    arena_init(&arena, 1 << 20);
    json_reader_init(&reader, text, &arena);
    (void)walk(&reader, 0);
    bool good = at_good_end(&reader);
    arena_fini(&arena);
    return good;
}

static bool skips(struct slice text)
{
    struct json_reader reader;
    json_reader_init(&reader, text, NULL);
    json_skip(&reader);
    return at_good_end(&reader);
}

/* All ways through a text agree. It is checked in exact memory and, so that both the wide and the
 * narrow scan see every byte, with 0 to 16 spaces before it. */
static bool accepts(struct slice text)
{
    bool first = json_check(text, DEPTH);
    for (size_t spaces = 0; spaces <= 16; spaces++) {
        uint8_t *memory = malloc(spaces + text.size + 1);
        memset(memory, ' ', spaces);
        if (text.size > 0)
            memcpy(memory + spaces, text.data, text.size);
        uint8_t *exact = malloc(spaces + text.size + (spaces + text.size == 0));
        memcpy(exact, memory, spaces + text.size);
        struct slice shifted = slice_of(exact, spaces + text.size);
        assert_int_equal(json_check(shifted, DEPTH), first);
        assert_int_equal(walks(shifted), first);
        assert_int_equal(skips(shifted), first);
        free(exact);
        free(memory);
    }
    return first;
}

static void json_is_accepted(void **state)
{
    (void)state;
    static const struct slice good[] = {
        SLICE_INIT("null"),
        SLICE_INIT("true"),
        SLICE_INIT("false"),
        SLICE_INIT("0"),
        SLICE_INIT("-0"),
        SLICE_INIT("-0.0e-0"),
        SLICE_INIT("123.456E+789"),
        SLICE_INIT("1e5"),
        SLICE_INIT("\"\""),
        SLICE_INIT("\"\x7f\""),
        SLICE_INIT("\"a longer string, longer than sixteen bytes, twice\""),
        SLICE_INIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\\uFFFF\\ud83d\\uDE00\""),
        SLICE_INIT("\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\""),
        SLICE_INIT("\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""),
        SLICE_INIT("[]"),
        SLICE_INIT("{}"),
        SLICE_INIT(" [ ] "),
        SLICE_INIT("\t{\r\n}\n"),
        SLICE_INIT("[1,2, 3 ,[4,[5]]]"),
        SLICE_INIT("[[],{},[{}],{\"\":[]}]"),
        SLICE_INIT("{\"a\":1,\"a\":2,\"b\":{\"c\":[null]}}"),
        SLICE_INIT("{ \"a\" : { } , \"b\" : [ ] }"),
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        if (!accepts(good[i]))
            fail_msg("refused: %.*s", SLICE_PRINT(good[i]));
    }
}

static void all_else_is_refused(void **state)
{
    (void)state;
    static const struct slice wrong[] = {
        SLICE_INIT(""),
        SLICE_INIT(" "),
        SLICE_INIT("nul"),
        SLICE_INIT("nulll"),
        SLICE_INIT("True"),
        SLICE_INIT("NaN"),
        SLICE_INIT("Infinity"),
        SLICE_INIT("-Infinity"),
        SLICE_INIT("undefined"),
        SLICE_INIT("'a'"),
        SLICE_INIT("a"),
        SLICE_INIT("1 2"),
        SLICE_INIT("null null"),
        SLICE_INIT("\"a\"\"b\""),
        SLICE_INIT("{}{}"),
        SLICE_INIT("[]]"),
        /* numbers */
        SLICE_INIT("01"),
        SLICE_INIT("-"),
        SLICE_INIT("-01"),
        SLICE_INIT("+1"),
        SLICE_INIT("1."),
        SLICE_INIT(".5"),
        SLICE_INIT("1.e5"),
        SLICE_INIT("1e"),
        SLICE_INIT("1e+"),
        SLICE_INIT("0x1"),
        SLICE_INIT("1a"),
        SLICE_INIT("--1"),
        SLICE_INIT("1_0"),
        SLICE_INIT("[-]"),
        SLICE_INIT("[1.]"),
        SLICE_INIT("[1e]"),
        /* punctuation */
        SLICE_INIT("["),
        SLICE_INIT("{"),
        SLICE_INIT("]"),
        SLICE_INIT("}"),
        SLICE_INIT("[}"),
        SLICE_INIT("{]"),
        SLICE_INIT("[1}"),
        SLICE_INIT("{\"a\":1]"),
        SLICE_INIT("[,]"),
        SLICE_INIT("[1,]"),
        SLICE_INIT("[,1]"),
        SLICE_INIT("[1,,2]"),
        SLICE_INIT("[1 2]"),
        SLICE_INIT("[1:2]"),
        SLICE_INIT("{,}"),
        SLICE_INIT("{\"a\":1,}"),
        SLICE_INIT("{,\"a\":1}"),
        SLICE_INIT("{\"a\":1,,\"b\":2}"),
        SLICE_INIT("{\"a\":1 \"b\":2}"),
        SLICE_INIT("{\"a\" 1}"),
        SLICE_INIT("{\"a\"}"),
        SLICE_INIT("{\"a\":}"),
        SLICE_INIT("{:1}"),
        SLICE_INIT("{a:1}"),
        SLICE_INIT("{1:1}"),
        SLICE_INIT("{\"a\"::1}"),
        SLICE_INIT("{\"a\":1:2}"),
        SLICE_INIT("{null:1}"),
        SLICE_INIT("[1]//"),
        SLICE_INIT("/**/1"),
        SLICE_INIT("[\f1]"),
        SLICE_INIT("[\v1]"),
        SLICE_INIT("\0"),
        SLICE_INIT("1\0"),
        SLICE_INIT("[\0]"),
        SLICE_INIT("\xef\xbb\xbf{}"),
        SLICE_INIT("[\xc2\xa0]"),
        SLICE_INIT(","),
        SLICE_INIT(":"),
        SLICE_INIT("\""),
        /* strings */
        SLICE_INIT("\"a"),
        SLICE_INIT("\"\\\""),
        SLICE_INIT("\"\\"),
        SLICE_INIT("\"\\a\""),
        SLICE_INIT("\"\\x41\""),
        SLICE_INIT("\"\\'\""),
        SLICE_INIT("\"\\U0041\""),
        SLICE_INIT("\"\\u\""),
        SLICE_INIT("\"\\u004\""),
        SLICE_INIT("\"\\u004g\""),
        SLICE_INIT("\"\\u00"),
        SLICE_INIT("\"\\u 041\""),
        SLICE_INIT("\"\\u+041\""),
        SLICE_INIT("\"\n\""),
        SLICE_INIT("\"\t\""),
        SLICE_INIT("\"\0\""),
        SLICE_INIT("\"\x1f\""),
        SLICE_INIT("\"sixteen bytes of plain text and then\n\""),
        /* surrogates without their other half */
        SLICE_INIT("\"\\ud800\""),
        SLICE_INIT("\"\\udfff\""),
        SLICE_INIT("\"\\ud800a\""),
        SLICE_INIT("\"\\ud800\\n\""),
        SLICE_INIT("\"\\ud800\\u0041\""),
        SLICE_INIT("\"\\ud800\\ud800\""),
        SLICE_INIT("\"\\udc00\\ud800\""),
        SLICE_INIT("\"\\ud800\\u\""),
        SLICE_INIT("\"\\ud83d\\ude0\""),
        /* UTF-8 */
        SLICE_INIT("\"\x80\""),
        SLICE_INIT("\"\xbf\""),
        SLICE_INIT("\"\xc0\x80\""),
        SLICE_INIT("\"\xc1\xbf\""),
        SLICE_INIT("\"\xc2\""),
        SLICE_INIT("\"\xc2\x41\""),
        SLICE_INIT("\"\xe0\x9f\xbf\""),
        SLICE_INIT("\"\xe1\x80\""),
        SLICE_INIT("\"\xe1\x80\xc0\""),
        SLICE_INIT("\"\xed\xa0\x80\""),
        SLICE_INIT("\"\xed\xbf\xbf\""),
        SLICE_INIT("\"\xf0\x8f\xbf\xbf\""),
        SLICE_INIT("\"\xf1\x80\x80\""),
        SLICE_INIT("\"\xf4\x90\x80\x80\""),
        SLICE_INIT("\"\xf5\x80\x80\x80\""),
        SLICE_INIT("\"\xff\""),
        SLICE_INIT("\"\xfe\""),
        SLICE_INIT("\"\xf0\x90\x80\x80\x80\""),
        SLICE_INIT("\"\xe2\x82"),
        SLICE_INIT("{\"\xff\":1}"),
        SLICE_INIT("{\"\\ud800\":1}"),
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        if (accepts(wrong[i]))
            fail_msg("accepted: %.*s", SLICE_PRINT(wrong[i]));
    }
    assert_false(json_check(SLICE_ABSENT, DEPTH));
}

static const char document[] =
    "{ \"TableName\" : \"Music\", \"Item\": {\"Artist\": {\"S\": \"Bj\xc3\xb6rk "
    "\\u00e9\\ud83d\\ude00\"},"
    " \"Year\":{\"N\":\"1995\"},\"Tags\":{\"L\":[{\"BOOL\":true},{\"NULL\":true},[],-1.5e+3]}}}";

static void no_beginning_of_a_document_is_a_document(void **state)
{
    (void)state;
    assert_true(accepts(slice_of(document, sizeof(document) - 1)));
    for (size_t size = 0; size < sizeof(document) - 1; size++) {
        if (accepts(slice_of(document, size)))
            fail_msg("accepted with %zu bytes", size);
    }
}

/* Every byte of the document replaced by every other one: the ways through it keep agreeing. */
static void changed_documents_are_read_the_same_everywhere(void **state)
{
    (void)state;
    size_t size = sizeof(document) - 1;
    uint8_t *copy = malloc(size);
    memcpy(copy, document, size);
    for (size_t place = 0; place < size; place++) {
        uint8_t kept = copy[place];
        for (unsigned byte = 0; byte < 256; byte++) {
            copy[place] = (uint8_t)byte;
            bool good = json_check(slice_of(copy, size), DEPTH);
            assert_int_equal(walks(slice_of(copy, size)), good);
            assert_int_equal(skips(slice_of(copy, size)), good);
        }
        copy[place] = kept;
    }
    free(copy);
}

static void depth_is_bounded_exactly(void **state)
{
    (void)state;
    assert_true(json_check(SLICE("1"), 0));
    assert_false(json_check(SLICE("[]"), 0));
    assert_true(json_check(SLICE("[{}]"), 2));
    assert_false(json_check(SLICE("[{}]"), 1));
    assert_true(json_check(SLICE("[[1],[2],{\"a\":3}]"), 2));

    unsigned measured = 77;
    assert_false(json_measure(SLICE("[[["), DEPTH, &measured));
    assert_false(json_measure(SLICE("[[]]"), 1, &measured));
    assert_int_equal(measured, 77);
    assert_true(json_measure(SLICE(" 1 "), DEPTH, &measured));
    assert_int_equal(measured, 0);
    assert_true(json_measure(SLICE("{\"a\":[[1],{\"b\":2}],\"c\":[]}"), DEPTH, &measured));
    assert_int_equal(measured, 3);

    enum { HOSTILE = 1000000 };
    uint8_t *text = malloc(2 * HOSTILE);
    for (unsigned depth = 1; depth <= JSON_DEPTH_MAX; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_true(json_check(slice_of(text, 2 * depth), depth));
        assert_false(json_check(slice_of(text, 2 * depth), depth - 1));
        assert_true(json_measure(slice_of(text, 2 * depth), JSON_DEPTH_MAX, &measured));
        assert_int_equal(measured, depth);
    }
    memset(text, '[', HOSTILE);
    memset(text + HOSTILE, ']', HOSTILE);
    assert_false(json_check(slice_of(text, 2 * HOSTILE), JSON_DEPTH_MAX));
    assert_false(skips(slice_of(text, 2 * HOSTILE)));
    for (size_t i = 0; i + 5 <= HOSTILE; i += 5)
        memcpy(text + i, "{\"\": ", 5);
    assert_false(json_check(slice_of(text, HOSTILE), JSON_DEPTH_MAX));
    free(text);
}

static void brackets_of_every_nesting_must_match(void **state)
{
    (void)state;
    /* [{"":[{"":...}]}] to depth 200, closed rightly or with one pair exchanged. */
    enum { LEVELS = 200 };
    char text[LEVELS * 5 + 1];
    for (unsigned swapped = 0; swapped <= LEVELS; swapped++) {
        char *at = text;
        for (unsigned level = 0; level < LEVELS; level++) {
            size_t size = level % 2 == 0 ? 1 : 4;
            memcpy(at, level % 2 == 0 ? "[" : "{\"\":", size);
            at += size;
        }
        *at++ = '1';
        for (unsigned level = LEVELS; level-- > 0;)
            *at++ = (level % 2 == 0) != (level == swapped) ? ']' : '}';
        struct slice whole = slice_of(text, (size_t)(at - text));
        assert_int_equal(json_check(whole, JSON_DEPTH_MAX), swapped == LEVELS);
    }
}

static void strings_are_decoded(void **state)
{
    (void)state;
    static const struct {
        struct slice text;
        struct slice value;
    } strings[] = {
        {SLICE_INIT("\"\""), SLICE_INIT("")},
        {SLICE_INIT("\"plain\""), SLICE_INIT("plain")},
        {SLICE_INIT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), SLICE_INIT("\"\\/\b\f\n\r\t")},
        {SLICE_INIT("\"a\\u0000b\""), SLICE_INIT("a\0b")},
        {SLICE_INIT("\"\\u007f\\u0080\\u07ff\\u0800\\uffff\""),
         SLICE_INIT("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf")},
        {SLICE_INIT("\"\\ud800\\udc00\\uDBFF\\uDFFF\""),
         SLICE_INIT("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")},
        {SLICE_INIT("\"\\ud7ff\\ue000\""), SLICE_INIT("\xed\x9f\xbf\xee\x80\x80")},
        {SLICE_INIT("\"\\u00e9 after\""), SLICE_INIT("\xc3\xa9 after")},
        {SLICE_INIT("\"before \\u00E9\""), SLICE_INIT("before \xc3\xa9")},
        {SLICE_INIT("\"\\\\u0041\""), SLICE_INIT("\\u0041")},
        {SLICE_INIT("\"raw \xf0\x9f\x98\x80\""), SLICE_INIT("raw \xf0\x9f\x98\x80")},
    };
    for (size_t i = 0; i < COUNT_OF(strings); i++) {
        struct arena arena;
        struct json_reader reader;
        arena_init(&arena, 4096);
        json_reader_init(&reader, strings[i].text, &arena);
        struct slice value = json_read_string(&reader);
        assert_true(slice_present(value));
        if (!slice_equal(value, strings[i].value))
            fail_msg("wrong: %.*s", SLICE_PRINT(strings[i].text));
        assert_false(reader.failed);
        /* Only what has escapes is copied. */
        bool escaped = memchr(strings[i].text.data, '\\', strings[i].text.size) != NULL;
        assert_int_equal(arena.allocated_bytes != 0, escaped);
        arena_fini(&arena);
    }
}

static void members_come_in_order_with_decoded_names(void **state)
{
    (void)state;
    struct arena arena;
    struct json_reader reader;
    struct slice name;
    arena_init(&arena, 4096);
    json_reader_init(
        &reader, SLICE("{\"\\u0041\":[1, -2.5e3],\"b\":null,\"b\":{\"skipped\":[{}]} }"), &arena);
    assert_int_equal(json_peek(&reader), JSON_OBJECT);
    json_enter_object(&reader);
    assert_true(json_next_member(&reader, &name));
    assert_true(slice_equal(name, SLICE("A")));
    assert_int_equal(json_peek(&reader), JSON_ARRAY);
    json_enter_array(&reader);
    assert_true(json_next_element(&reader));
    assert_int_equal(json_peek(&reader), JSON_NUMBER);
    assert_true(slice_equal(json_read_number(&reader), SLICE("1")));
    assert_true(json_next_element(&reader));
    assert_true(slice_equal(json_read_number(&reader), SLICE("-2.5e3")));
    assert_false(json_next_element(&reader));
    assert_true(json_next_member(&reader, &name));
    assert_true(slice_equal(name, SLICE("b")));
    assert_int_equal(json_peek(&reader), JSON_NULL);
    json_read_literal(&reader);
    assert_true(json_next_member(&reader, &name));
    assert_true(slice_equal(name, SLICE("b")));
    json_skip(&reader);
    assert_false(json_next_member(&reader, &name));
    assert_false(reader.failed);
    assert_int_equal(json_peek(&reader), JSON_END);
    arena_fini(&arena);
}

static void failure_sticks(void **state)
{
    (void)state;
    struct json_reader reader;
    struct slice name = SLICE("untouched");
    json_reader_init(&reader, SLICE("[1 2]"), NULL);
    json_enter_array(&reader);
    assert_true(json_next_element(&reader));
    (void)json_read_number(&reader);
    assert_false(json_next_element(&reader));
    assert_true(reader.failed);
    assert_false(reader.exhausted);
    assert_int_equal(json_peek(&reader), JSON_END);
    assert_false(slice_present(json_read_string(&reader)));
    assert_false(slice_present(json_read_number(&reader)));
    json_read_literal(&reader);
    json_skip(&reader);
    json_enter_object(&reader);
    assert_false(json_next_member(&reader, &name));
    json_enter_array(&reader);
    assert_false(json_next_element(&reader));
    assert_true(reader.failed);
    assert_true(slice_equal(name, SLICE("untouched")));
}

static void the_wrong_type_is_a_failure(void **state)
{
    (void)state;
    struct json_reader reader;
    json_reader_init(&reader, SLICE("1"), NULL);
    (void)json_read_string(&reader);
    assert_true(reader.failed);
    json_reader_init(&reader, SLICE("\"1\""), NULL);
    (void)json_read_number(&reader);
    assert_true(reader.failed);
    json_reader_init(&reader, SLICE("[]"), NULL);
    json_enter_object(&reader);
    assert_true(reader.failed);
    json_reader_init(&reader, SLICE("{}"), NULL);
    json_enter_array(&reader);
    assert_true(reader.failed);
    json_reader_init(&reader, SLICE("0"), NULL);
    json_read_literal(&reader);
    assert_true(reader.failed);
}

static void an_exhausted_arena_is_told_apart(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct json_reader reader;
    json_reader_init(&reader, SLICE("[\"plain\",\"\\n\"]"), &arena);
    json_enter_array(&reader);
    assert_true(json_next_element(&reader));
    assert_true(slice_equal(json_read_string(&reader), SLICE("plain")));
    assert_true(json_next_element(&reader));
    assert_false(slice_present(json_read_string(&reader)));
    assert_true(reader.failed);
    assert_true(reader.exhausted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_accepted),
        cmocka_unit_test(all_else_is_refused),
        cmocka_unit_test(no_beginning_of_a_document_is_a_document),
        cmocka_unit_test(changed_documents_are_read_the_same_everywhere),
        cmocka_unit_test(depth_is_bounded_exactly),
        cmocka_unit_test(brackets_of_every_nesting_must_match),
        cmocka_unit_test(strings_are_decoded),
        cmocka_unit_test(members_come_in_order_with_decoded_names),
        cmocka_unit_test(failure_sticks),
        cmocka_unit_test(the_wrong_type_is_a_failure),
        cmocka_unit_test(an_exhausted_arena_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
