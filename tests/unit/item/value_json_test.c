#include "item_fixture.h"

/* --- sound values --- */

static void round_trips(void **state)
{
    (void)state;
    static const char *const items[] = {
        "{}",
        "{\"a\":{\"S\":\"\"}}",
        "{\"a\":{\"B\":\"\"}}",
        "{\"a\":{\"BS\":[\"\",\"AA==\",\"AAE=\",\"AAEC\"]},\"b\":{\"SS\":[\"\"]}}",
        "{\"\\\"q\\\\\":{\"S\":\"\\n\\u0000\xe2\x82\xac\"}}",
        "{\"a\":{\"L\":[]},\"m\":{\"M\":{}},\"z\":{\"L\":[{\"M\":{\"x\":{\"NULL\":true}}}]}}",
        "{\"a\":{\"NS\":[\"-3\",\"0\",\"0.5\",\"1000\"]}}",
        "{\"t\":{\"BOOL\":true},\"u\":{\"BOOL\":false}}",
    };
    for (size_t i = 0; i < COUNT_OF(items); i++)
        assert_string_equal(text_of_item(item_of(items[i])), items[i]);
}

static void forms_that_mean_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *sent;
        const char *stored;
    } cases[] = {
        {"{\"N\":\"00042\"}", "{\"N\":\"42\"}"},
        {"{\"N\":\"1.5E2\"}", "{\"N\":\"150\"}"},
        {"{\"N\":\"-0\"}", "{\"N\":\"0\"}"},
        {"{\"NS\":[\"3.10\",\"-2\"]}", "{\"NS\":[\"-2\",\"3.1\"]}"},
        {"{\"SS\":[\"b\",\"a\",\"\"]}", "{\"SS\":[\"\",\"a\",\"b\"]}"},
        {"{\"M\":{\"b\":{\"S\":\"2\"},\"a\":{\"S\":\"1\"}}}",
         "{\"M\":{\"a\":{\"S\":\"1\"},\"b\":{\"S\":\"2\"}}}"},
        {"{\"NULL\":\"yes\"}", "{\"NULL\":true}"},
        {"{\"BOOL\":\"False\"}", "{\"BOOL\":false}"},
        {"{\"BOOL\":\"1\"}", "{\"BOOL\":true}"},
        /* what names no type, and null, is as if it were not there */
        {"{\"x\":[{}],\"S\":\"a\",\"N\":null}", "{\"S\":\"a\"}"},
        /* the last of equal names counts */
        {"{\"S\":\"a\",\"S\":\"b\"}", "{\"S\":\"b\"}"},
        {"{\"L\":[{\"S\":\"a\"}],\"L\":[]}", "{\"L\":[]}"},
        {"{\"M\":{\"a\":{\"S\":\"1\"},\"b\":{\"S\":\"2\"},\"a\":{\"S\":\"3\"}}}",
         "{\"M\":{\"a\":{\"S\":\"3\"},\"b\":{\"S\":\"2\"}}}"},
        {"{\"M\":{\"a\":{\"S\":\"1\"},\"a\":{\"S\":\"2\"}}}", "{\"M\":{\"a\":{\"S\":\"2\"}}}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_true(value_equal(value_of(cases[i].sent), value_of(cases[i].stored)));
}

static void item_takes_one_object(void **state)
{
    (void)state;
    struct json_reader reader;
    struct item_reading reading;
    json_reader_init(&reader, SLICE("[{\"a\":{\"S\":\"x\"}},null,{}]"), &fixture_arena);
    json_enter_array(&reader);
    assert_true(json_next_element(&reader));
    assert_null(item_from_json(&reader, &fixture_arena, &reading));
    assert_slice(reading.item, SLICE("\x01\x01"
                                     "a\x05\x01x"));
    assert_true(json_next_element(&reader));
    assert_null(item_from_json(&reader, &fixture_arena, &reading));
    assert_false(slice_present(reading.item));
    assert_null(reading.problem);
    assert_true(json_next_element(&reader));
    assert_null(item_from_json(&reader, &fixture_arena, &reading));
    assert_slice(reading.item, ITEM_EMPTY);
    assert_false(json_next_element(&reader));
}

/* --- JSON of the wrong type --- */

static void assert_refused(struct slice text, const char *message)
{
    struct json_reader reader;
    struct item_reading reading;
    json_reader_init(&reader, text, &fixture_arena);
    const struct error *error = item_from_json(&reader, &fixture_arena, &reading);
    if (error == NULL)
        fail_msg("accepted: %.*s", SLICE_PRINT(text));
    assert_int_equal(error->kind, ERROR_SERIALIZATION);
    assert_slice(error->message, slice_of_cstring(message));
}

/* Tries the JSON text at one place of an item: place holds one %s. */
static void assert_refused_at(const char *place, const char *json, const char *message)
{
    struct buf text;
    const char *hole = strstr(place, "%s");
    buf_init(&text, &fixture_arena, 4096);
    assert_non_null(hole);
    buf_append(&text, slice_of(place, (size_t)(hole - place)));
    buf_append(&text, slice_of_cstring(json));
    buf_append(&text, slice_of_cstring(hole + 2));
    assert_refused(buf_slice(&text), message);
}

struct refusal {
    const char *json;
    const char *message;
};

#define VALUE_CLASS "com.amazonaws.dynamodb.v20120810.AttributeValue"
#define STRUCTURE "Start of structure or map found where not expected"

static const struct refusal no_string[] = {
    {"true", "TRUE_VALUE cannot be converted to String"},
    {"false", "FALSE_VALUE cannot be converted to String"},
    {"23", "NUMBER_VALUE cannot be converted to String"},
    {"-2147483648", "NUMBER_VALUE cannot be converted to String"},
    {"34.56", "DECIMAL_VALUE cannot be converted to String"},
    {"[]", "Unrecognized collection type class java.lang.String"},
    {"{}", STRUCTURE},
    {NULL, NULL},
};
static const struct refusal no_boolean[] = {
    {"\"23\"", "Unexpected token received from parser"},
    {"\"\"", "Unexpected token received from parser"},
    {"23", "NUMBER_VALUE cannot be converted to Boolean"},
    {"34.56", "DECIMAL_VALUE cannot be converted to Boolean"},
    {"[]", "Unrecognized collection type class java.lang.Boolean"},
    {"{}", STRUCTURE},
    {NULL, NULL},
};
static const struct refusal no_blob[] = {
    {"true", "only base-64-encoded strings are convertible to bytes"},
    {"23", "only base-64-encoded strings are convertible to bytes"},
    {"34.56", "only base-64-encoded strings are convertible to bytes"},
    {"[]", "Unrecognized collection type class java.nio.ByteBuffer"},
    {"{}", STRUCTURE},
    {"\"23456\"", "Base64 encoded length is expected a multiple of 4 bytes but found: 5"},
    {"\"=+/=\"", "Invalid last non-pad Base64 character dectected"},
    {"\"+/+=\"", "Invalid last non-pad Base64 character dectected"},
    {"\"====\"", "Invalid last non-pad Base64 character dectected"},
    {"\"a*==\"", "Invalid last non-pad Base64 character dectected"},
    {NULL, NULL},
};
static const struct refusal no_list[] = {
    {"\"23\"", "Unexpected field type"},
    {"true", "Unexpected field type"},
    {"23", "Unexpected field type"},
    {"34.56", "Unexpected field type"},
    {"{}", STRUCTURE},
    {NULL, NULL},
};
static const struct refusal no_map[] = {
    {"\"23\"", "Unexpected field type"},
    {"true", "Unexpected field type"},
    {"23", "Unexpected field type"},
    {"[]", "Unrecognized collection type java.util.Map<java.lang.String, " VALUE_CLASS ">"},
    {NULL, NULL},
};
static const struct refusal no_value[] = {
    {"\"23\"", "Unexpected value type in payload"},
    {"true", "Unexpected value type in payload"},
    {"23", "Unexpected value type in payload"},
    {"34.56", "Unexpected value type in payload"},
    {"[]", "Unrecognized collection type class " VALUE_CLASS},
    {NULL, NULL},
};

/* As observed on the service, member by member. */
static void wrong_types(void **state)
{
    (void)state;
    static const struct {
        const char *place;
        const struct refusal *refusals;
    } places[] = {
        {"%s", no_map},
        {"{\"a\":%s}", no_value},
        {"{\"a\":{\"S\":%s}}", no_string},
        {"{\"a\":{\"N\":%s}}", no_string},
        {"{\"a\":{\"B\":%s}}", no_blob},
        {"{\"a\":{\"BOOL\":%s}}", no_boolean},
        {"{\"a\":{\"NULL\":%s}}", no_boolean},
        {"{\"a\":{\"SS\":%s}}", no_list},
        {"{\"a\":{\"SS\":[%s]}}", no_string},
        {"{\"a\":{\"NS\":%s}}", no_list},
        {"{\"a\":{\"NS\":[\"1\",%s]}}", no_string},
        {"{\"a\":{\"BS\":%s}}", no_list},
        {"{\"a\":{\"BS\":[%s]}}", no_blob},
        {"{\"a\":{\"L\":%s}}", no_list},
        {"{\"a\":{\"L\":[%s]}}", no_value},
        {"{\"a\":{\"L\":[{\"BS\":[%s]}]}}", no_blob},
        {"{\"a\":{\"M\":%s}}", no_map},
        {"{\"a\":{\"M\":{\"a\":%s}}}", no_value},
        {"{\"a\":{\"M\":{\"a\":{\"BS\":[%s]}}}}", no_blob},
        /* problems found before do not hide it */
        {"{\"x\":{\"SS\":[]},\"y\":{},\"a\":{\"S\":%s}}", no_string},
    };
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        for (const struct refusal *refusal = places[i].refusals; refusal->json != NULL; refusal++)
            assert_refused_at(places[i].place, refusal->json, refusal->message);
    }
}

static void malformed_json(void **state)
{
    (void)state;
    static const char *const text =
        "{\"a\":{\"L\":[{\"S\":\"x\"},{\"NS\":[\"2\",\"1\"]}]},\"b\":{\"BOOL\":true}}";
    for (size_t size = 0; size < strlen(text); size++) {
        struct json_reader reader;
        struct item_reading reading;
        json_reader_init(&reader, slice_of(text, size), &fixture_arena);
        const struct error *error = item_from_json(&reader, &fixture_arena, &reading);
        assert_non_null(error);
        assert_int_equal(error->kind, ERROR_SERIALIZATION);
    }
}

/* --- values that break a rule --- */

#define INVALID "One or more parameter values were invalid: "
#define NO_TYPE                                                                                    \
    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
#define MANY_TYPES                                                                                 \
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "    \
    "supported datatypes"
#define NOT_NUMERIC "The parameter cannot be converted to a numeric value"
#define OVERFLOWS                                                                                  \
    "Number overflow. Attempting to store a number with magnitude larger than supported range"
#define UNDERFLOWS                                                                                 \
    "Number underflow. Attempting to store a number with magnitude smaller than supported range"
#define NESTING                                                                                    \
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels "    \
    "beyond supported limit"

static void assert_problem(struct slice text, const char *problem, const char *classic,
                           const char *member)
{
    struct json_reader reader;
    struct item_reading reading;
    json_reader_init(&reader, text, &fixture_arena);
    const struct error *error = item_from_json(&reader, &fixture_arena, &reading);
    if (error != NULL)
        fail_msg("%.*s: refused: %.*s", SLICE_PRINT(text), SLICE_PRINT(error->message));
    if (reading.problem == NULL)
        fail_msg("%.*s: no problem", SLICE_PRINT(text));
    assert_false(slice_present(reading.item));
    assert_int_equal(reading.problem->kind, ERROR_VALIDATION);
    assert_int_equal(reading.problem_classic->kind, ERROR_VALIDATION);
    assert_slice(reading.problem->message, slice_of_cstring(problem));
    assert_slice(reading.problem_classic->message, slice_of_cstring(classic));
    assert_slice(reading.problem_name, slice_of_cstring(member));
    assert_true(slice_present(reading.problem_name));
}

static void problems_of_values(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *problem;
        const char *classic; /* NULL: the same */
    } cases[] = {
        {"{}", NO_TYPE, NULL},
        {"null", NO_TYPE, NULL},
        {"{\"a\":\"\"}", NO_TYPE, NULL},
        {"{\"S\":null}", NO_TYPE, NULL},
        {"{\"M\":{\"a\":{}}}", NO_TYPE, NULL},
        {"{\"L\":[{}]}", NO_TYPE, NULL},
        {"{\"L\":[null]}", NO_TYPE, NULL},
        {"{\"S\":\"a\",\"N\":\"1\"}", MANY_TYPES, NULL},
        {"{\"S\":\"a\",\"N\":\"1\",\"S\":\"b\"}", MANY_TYPES, NULL},
        {"{\"NULL\":false}", INVALID "Null attribute value types must have the value of true",
         NULL},
        {"{\"NULL\":\"no\"}", INVALID "Null attribute value types must have the value of true",
         NULL},
        {"{\"SS\":[]}", INVALID "An string set  may not be empty", NULL},
        {"{\"NS\":[]}", INVALID "An number set  may not be empty", NULL},
        {"{\"BS\":[]}", INVALID "Binary sets should not be empty", NULL},
        {"{\"M\":{\"x\":{\"L\":[{\"SS\":[]}]}}}", INVALID "An string set  may not be empty", NULL},
        {"{\"SS\":[\"a\",null]}", INVALID "An string set  may not have a null string as a member",
         NULL},
        {"{\"BS\":[null]}", INVALID "Binary sets may not contain null values", NULL},
        {"{\"NS\":[\"1\",null]}", NOT_NUMERIC ": ", NOT_NUMERIC},

        {"{\"SS\":[\"a\",\"a\"]}", INVALID "Input collection [\"a\", \"a\"] contains duplicates.",
         INVALID "Input collection [a, a] contains duplicates."},
        {"{\"SS\":[\"b\",\"a\",\"b\"]}",
         INVALID "Input collection [\"a\", \"b\", \"b\"] contains duplicates.",
         INVALID "Input collection [b, a, b] contains duplicates."},
        /* byte order up to the first repeat, then as sent */
        {"{\"SS\":[\"d\",\"c\",\"a\",\"c\",\"z\",\"b\",\"d\"]}",
         INVALID
         "Input collection [\"a\", \"c\", \"d\", \"c\", \"z\", \"b\", \"d\"] contains duplicates.",
         INVALID "Input collection [d, c, a, c, z, b, d] contains duplicates."},
        {"{\"SS\":[\"\",\"\"]}", INVALID "Input collection [\"\", \"\"] contains duplicates.",
         INVALID "Input collection [, ] contains duplicates."},
        {"{\"SS\":[\"[\",\"[\"]}", INVALID "Input collection [\"[\", \"[\"] contains duplicates.",
         INVALID "Input collection [[, [] contains duplicates."},
        {"{\"BS\":[\"/w==\",\"AA==\",\"AA==\"]}",
         INVALID "Input collection [\"AA==\",\"/w==\",\"AA==\"]of type BS contains duplicates.",
         INVALID "Input collection [/w==, AA==, AA==]of type BS contains duplicates."},
        {"{\"NS\":[\"2\",\"1\",\"2\"]}", INVALID "Input collection contains duplicates.",
         "Input collection contains duplicates"},
        {"{\"NS\":[\"1\",\"1.0\"]}", INVALID "Input collection contains duplicates.",
         "Input collection contains duplicates"},

        {"{\"N\":\"\"}", NOT_NUMERIC ": ", NOT_NUMERIC},
        {"{\"N\":\"abc\"}", NOT_NUMERIC ": abc", NULL},
        {"{\"N\":\" 1\"}", NOT_NUMERIC ":  1", NULL},
        {"{\"N\":\"1e\"}", NOT_NUMERIC ": 1e", NULL},
        {"{\"N\":\"NaN\"}", NOT_NUMERIC ": NaN", NULL},
        {"{\"NS\":[\"1\",\"b\"]}", NOT_NUMERIC ": b", NULL},
        {"{\"N\":\"1e126\"}", OVERFLOWS, NULL},
        {"{\"N\":\"-1e126\"}", OVERFLOWS, NULL},
        {"{\"N\":\"1e-131\"}", UNDERFLOWS, NULL},
        {"{\"N\":\"1e2147483647\"}", OVERFLOWS, UNDERFLOWS},
        {"{\"N\":\"1e2147483646\"}", OVERFLOWS, NULL},
        {"{\"N\":\"1e99999999999\"}", OVERFLOWS, NOT_NUMERIC ": 1e99999999999"},
        {"{\"N\":\"1e-99999999999\"}", UNDERFLOWS, NOT_NUMERIC ": 1e-99999999999"},
        {"{\"N\":\"1e-2147483647\"}", UNDERFLOWS, NULL},
        {"{\"N\":\"123456789012345678901234567890123456789\"}",
         "Attempting to store more than 38 significant digits in a Number", NULL},

        /* numbers are looked at before the number of types */
        {"{\"S\":\"\",\"N\":\"\"}", NOT_NUMERIC ": ", NOT_NUMERIC},
        {"{\"S\":\"a\",\"N\":\"b\"}", NOT_NUMERIC ": b", NULL},
        /* the first in the order of the text, the inner one first */
        {"{\"L\":[{\"SS\":[]},{\"N\":\"x\"}]}", INVALID "An string set  may not be empty", NULL},
        {"{\"L\":[{}],\"S\":\"a\"}", NO_TYPE, NULL},
        /* names in maps: last of all */
        {"{\"M\":{\"\":{\"S\":\"x\"}}}", "Empty attribute name", NULL},
        {"{\"L\":[{\"M\":{\"\":{\"S\":\"x\"}}},{\"NS\":[]}]}",
         INVALID "An number set  may not be empty", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buf text;
        buf_init(&text, &fixture_arena, 4096);
        buf_append_format(&text, "{\"a\":{\"S\":\"ok\"},\":v\":%s,\"z\":{\"NS\":[\"x\"]}}",
                          cases[i].json);
        const char *classic = cases[i].classic == NULL ? cases[i].problem : cases[i].classic;
        if (strcmp(cases[i].problem, "Empty attribute name") == 0) {
            buf_clear(&text);
            buf_append_format(&text, "{\"a\":{\"S\":\"ok\"},\":v\":%s}", cases[i].json);
        }
        assert_problem(buf_slice(&text), cases[i].problem, classic, ":v");
    }
}

static void problems_of_names(void **state)
{
    (void)state;
    /* an empty name at the top comes first, wherever it stands */
    assert_problem(SLICE("{\"a\":{\"SS\":[]},\"\":{\"S\":\"x\"}}"), "Empty attribute name",
                   "Empty attribute name", "");
    assert_problem(SLICE("{\"\":{\"S\":\"x\"},\"a\":{\"SS\":[]}}"), "Empty attribute name",
                   "Empty attribute name", "");
    /* an empty one in a map last, and the member is that of the problem told */
    assert_problem(SLICE("{\"m\":{\"M\":{\"\":{\"S\":\"x\"}}},\"d\":{}}"), NO_TYPE, NO_TYPE, "d");

    for (size_t size = VALUE_NAME_BYTES_MAX; size <= VALUE_NAME_BYTES_MAX + 1; size++) {
        struct buf text;
        buf_init(&text, &fixture_arena, 1 << 20);
        buf_append(&text, SLICE("{\"m\":{\"M\":{\""));
        uint8_t *room = buf_extend(&text, size);
        assert_non_null(room);
        memset(room, 'n', size);
        buf_append(&text, SLICE("\":{\"S\":\"x\"}}}}"));
        if (size <= VALUE_NAME_BYTES_MAX)
            assert_int_equal(value_count(value_of_item(item_of_text(buf_slice(&text)))), 1);
        else
            assert_problem(buf_slice(&text),
                           "Attribute name is too large, must be less than 65536 bytes",
                           "Attribute name is too large, must be less than 65536 bytes", "m");
    }
}

/* {"d": so many wraps around a string}; lists and maps in turn when mixed. */
static struct slice wrapped(unsigned wraps, bool mixed)
{
    struct buf text;
    buf_init(&text, &fixture_arena, 1 << 20);
    buf_append(&text, SLICE("{\"d\":"));
    for (unsigned i = 0; i < wraps; i++)
        buf_append(&text, mixed && i % 2 ? SLICE("{\"L\":[") : SLICE("{\"M\":{\"n\":"));
    buf_append(&text, SLICE("{\"S\":\"leaf\"}"));
    for (unsigned i = wraps; i-- > 0;)
        buf_append(&text, mixed && i % 2 ? SLICE("]}") : SLICE("}}"));
    buf_append(&text, SLICE("}"));
    return buf_slice(&text);
}

static void nesting_limit(void **state)
{
    (void)state;
    assert_false(item_nests_too_deep(item_of_text(wrapped(31, false))));
    assert_false(item_nests_too_deep(item_of_text(wrapped(31, true))));
    assert_problem(wrapped(32, false), NESTING, NESTING, "d");
    assert_problem(wrapped(32, true), NESTING, NESTING, "d");
    assert_problem(wrapped(100, true), NESTING, NESTING, "d");
    assert_problem(wrapped(500, false), NESTING, NESTING, "d");
    /* an empty map counts for one level only */
    struct json_reader reader;
    struct value_reading reading;
    json_reader_init(&reader, SLICE("{\"L\":[{\"M\":{}}]}"), &fixture_arena);
    assert_null(value_from_json(&reader, &fixture_arena, &reading));
    assert_null(reading.problem);
    assert_int_equal(value_count(reading.value), 1);
}

/* --- one value --- */

static void single_values(void **state)
{
    (void)state;
    struct json_reader reader;
    struct value_reading reading;
    json_reader_init(&reader, SLICE("[{\"N\":\"7\"},{\"N\":\"x\"},{\"S\":7}]"), &fixture_arena);
    json_enter_array(&reader);
    assert_true(json_next_element(&reader));
    assert_null(value_from_json(&reader, &fixture_arena, &reading));
    assert_null(reading.problem);
    assert_null(reading.problem_classic);
    assert_true(value_equal(reading.value, value_of("{\"N\":\"7\"}")));
    assert_true(json_next_element(&reader));
    assert_null(value_from_json(&reader, &fixture_arena, &reading));
    assert_false(value_present(reading.value));
    assert_slice(reading.problem->message, SLICE(NOT_NUMERIC ": x"));
    assert_true(json_next_element(&reader));
    const struct error *error = value_from_json(&reader, &fixture_arena, &reading);
    assert_non_null(error);
    assert_int_equal(error->kind, ERROR_SERIALIZATION);
}

/* --- size and hostility --- */

static struct slice many_members(uint32_t count, uint32_t step)
{
    struct buf text;
    buf_init(&text, &fixture_arena, 1 << 24);
    buf_append(&text, SLICE("{"));
    for (uint32_t i = 0; i < count; i++)
        buf_append_format(&text, "%s\"a%u\":{\"N\":\"%u\"}", i == 0 ? "" : ",",
                          (unsigned)((uint64_t)i * step % count), i);
    buf_append(&text, SLICE("}"));
    assert_false(text.failed);
    return buf_slice(&text);
}

static void many_attributes_in_any_order(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct slice item = item_of_text(many_members(COUNT, 40009));
    assert_int_equal(value_count(value_of_item(item)), COUNT);
    assert_true(value_equal(value_map_find(value_of_item(item), SLICE("a40009")),
                            value_of("{\"N\":\"1\"}")));
}

static void large_set_in_any_order(void **state)
{
    (void)state;
    enum { COUNT = 50000 };
    struct buf text;
    buf_init(&text, &fixture_arena, 1 << 24);
    buf_append(&text, SLICE("{\"s\":{\"NS\":["));
    for (uint32_t i = 0; i < COUNT; i++)
        buf_append_format(&text, "%s\"%u\"", i == 0 ? "" : ",",
                          (unsigned)((uint64_t)i * 40009 % COUNT));
    buf_append(&text, SLICE("]}}"));
    struct value set = value_map_find(value_of_item(item_of_text(buf_slice(&text))), SLICE("s"));
    assert_int_equal(value_count(set), COUNT);
}

/* Bodies of every size around the steps of the varint. */
static void sizes_around_varint_steps(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,   1,   120,   123,   124,   125,   126,   127,   128,
                                   129, 130, 16377, 16380, 16381, 16382, 16383, 16384, 16390};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct buf text;
        buf_init(&text, &fixture_arena, 1 << 20);
        buf_append(&text, SLICE("{\"m\":{\"L\":[{\"S\":\""));
        uint8_t *room = buf_extend(&text, sizes[i]);
        assert_non_null(room);
        memset(room, 's', sizes[i]);
        buf_append(&text, SLICE("\"}]}}"));
        struct slice item = item_of_text(buf_slice(&text));
        assert_slice(slice_of_cstring(text_of_item(item)), buf_slice(&text));
    }
}

/* Every allocation may be the one that fails. */
static void exhaustion(void **state)
{
    (void)state;
    struct slice text = many_members(3000, 7);
    size_t refused = 0;
    for (size_t limit = 0; limit < 1000000; limit += 9973) {
        struct arena small;
        struct json_reader reader;
        struct item_reading reading;
        arena_init(&small, limit);
        json_reader_init(&reader, text, &small);
        const struct error *error = item_from_json(&reader, &small, &reading);
        assert_true(error == NULL || error == error_exhausted());
        refused += error != NULL;
        if (error == NULL)
            assert_int_equal(value_count(value_of_item(reading.item)), 3000);
        arena_fini(&small);
    }
    assert_in_range(refused, 2, 99);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ITEM_TEST(round_trips),
        ITEM_TEST(forms_that_mean_the_same),
        ITEM_TEST(item_takes_one_object),
        ITEM_TEST(wrong_types),
        ITEM_TEST(malformed_json),
        ITEM_TEST(problems_of_values),
        ITEM_TEST(problems_of_names),
        ITEM_TEST(nesting_limit),
        ITEM_TEST(single_values),
        ITEM_TEST(many_attributes_in_any_order),
        ITEM_TEST(large_set_in_any_order),
        ITEM_TEST(sizes_around_varint_steps),
        ITEM_TEST(exhaustion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
