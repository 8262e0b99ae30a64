#include "db/items.h"

#include "db_fixture.h"
#include "num/num.h"

static const char invalid[] = "The provided starting key is invalid";
static const char schema[] = "The provided key element does not match the schema";
static const char invalid_schema[] =
    "The provided starting key is invalid: The provided key element does not match the schema";
static const char outside[] =
    "The provided starting key is outside query boundaries based on provided conditions";
static const char predicate[] = "The provided starting key does not match the range key predicate";
static const char one_row[] = "The query can return at most one row and cannot be restarted";

static const struct db_table *table;

static int setup(void **state)
{
    int status = fixture_setup(state);
    table = fixture_table("t", 5);
    return status;
}

static int teardown(void **state)
{
    db_table_release(fixture_db, table);
    return fixture_teardown(state);
}
#define START_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

struct shape_case {
    const char *start;
    const char *message; /* NULL: good */
};

static void check_shapes(const char *index, bool whole, const struct shape_case *cases,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct db_read read = {
            .table = table,
            .index = index == NULL ? NULL : db_table_index(table, slice_of_cstring(index)),
            .whole = whole,
            .partition = {string_value("a")},
            .exclusive_start = item_of(cases[i].start),
        };
        const struct error *error = db_read_check_start(&read, &fixture_arena);
        if (cases[i].message == NULL)
            assert_ok(error);
        else
            assert_error(error, ERROR_VALIDATION, cases[i].message);
    }
}

#define P "\"p\":{\"S\":\"a\"}"
#define S "\"s\":{\"N\":\"1\"}"
#define L "\"l\":{\"S\":\"k\"}"
#define G "\"g\":{\"S\":\"a\"}"

static void query_of_a_table(void **state)
{
    (void)state;
    static const struct shape_case cases[] = {
        {"{" P "," S "}", NULL},
        {"{}", invalid},
        {"{" P "}", invalid},
        {"{" P "," L "}", invalid},
        {"{" P "," S "," L "}", invalid},
        {"{\"p\":{\"N\":\"1\"}," S "}", schema},
        {"{" P ",\"s\":{\"S\":\"1\"}}", schema},
        {"{" P ",\"s\":{\"NULL\":true}}", schema},
        {"{\"p\":{\"S\":\"\"}," S "}",
         "One or more parameter values were invalid: The AttributeValue for a key attribute cannot "
         "contain an empty string value. Key: p"},
    };
    check_shapes(NULL, false, cases, COUNT_OF(cases));
}

static void query_of_a_local_index(void **state)
{
    (void)state;
    static const struct shape_case cases[] = {
        {"{" P "," S "," L "}", NULL},
        {"{" P "," S "}", invalid},
        {"{" P "," L "}", invalid},
        {"{" P "," S ",\"x\":{\"S\":\"1\"}}", invalid},
        {"{" P "," S ",\"l\":{\"N\":\"1\"}}", schema},
        {"{\"p\":{\"B\":\"YQ==\"}," S "," L "}", schema},
        {"{" P "," L ",\"x\":{\"S\":\"1\"}}", invalid_schema},
        {"{" P "," L ",\"s\":{\"S\":\"1\"}}", invalid_schema},
    };
    check_shapes("local-keys", false, cases, COUNT_OF(cases));
}

static void query_of_a_global_index(void **state)
{
    (void)state;
    static const struct shape_case cases[] = {
        {"{" P "," S "," G "}", NULL},
        {"{" G "}", invalid},
        {"{" P "," S "," L "}", invalid},
        {"{" P "," S ",\"g\":{\"N\":\"1\"}}", schema},
        {"{\"p\":{\"N\":\"1\"}," S "," G "}", invalid_schema},
        {"{\"x\":{\"N\":\"1\"},\"y\":{\"N\":\"1\"}," G "}", invalid_schema},
    };
    check_shapes("global-keys", false, cases, COUNT_OF(cases));
}

static void scan_of_a_table(void **state)
{
    (void)state;
    static const struct shape_case cases[] = {
        {"{" P "," S "}", NULL},
        {"{}", invalid_schema},
        {"{" P "}", invalid_schema},
        {"{" P "," L "}", invalid_schema},
        {"{" P ",\"s\":{\"S\":\"1\"}}", invalid_schema},
        {"{" P "," S "," L "}", invalid_schema},
    };
    check_shapes(NULL, true, cases, COUNT_OF(cases));
}

static void scan_of_an_index(void **state)
{
    (void)state;
    static const struct shape_case cases[] = {
        {"{" P "," S "," G "}", NULL},
        {"{}", invalid},
        {"{" P "," S "," L "}", invalid},
        {"{" P "," S ",\"g\":{\"N\":\"1\"}}", schema},
        {"{\"p\":{\"N\":\"1\"}," S "," G "}", invalid_schema},
    };
    check_shapes("global-keys", true, cases, COUNT_OF(cases));
}

/* Other checks of an operation come between the two steps. */
static void shape_comes_before_the_primary_key(void **state)
{
    (void)state;
    struct db_read read = {
        .table = table,
        .index = db_table_index(table, SLICE("global-keys")),
        .partition = {string_value("elsewhere")},
        .exclusive_start = item_of("{\"p\":{\"N\":\"1\"}," S "," G "}"),
    };
    assert_ok(db_read_check_start_shape(&read, &fixture_arena));
    read.exclusive_start = item_of("{" G "}");
    assert_error(db_read_check_start_shape(&read, &fixture_arena), ERROR_VALIDATION, invalid);
}

static struct value number(int64_t value)
{
    struct num num;
    struct value result;
    num_from_int64(value, &num);
    assert_true(value_build_number(&fixture_arena, &num, &result));
    return result;
}

static void start_lies_within_the_query(void **state)
{
    (void)state;
    static const struct {
        const char *partition; /* asked for; the start key has "a" and 5 */
        enum db_sort_operator operator;
        int64_t operand[2];
        const char *message;
    } cases[] = {
        {"a", DB_SORT_ANY, {0, 0}, NULL},
        {"b", DB_SORT_ANY, {0, 0}, outside},
        {"a", DB_SORT_EQUAL, {5, 0}, NULL},
        {"a", DB_SORT_EQUAL, {6, 0}, predicate},
        {"a", DB_SORT_LESS, {6, 0}, NULL},
        {"a", DB_SORT_LESS, {5, 0}, predicate},
        {"a", DB_SORT_LESS_OR_EQUAL, {5, 0}, NULL},
        {"a", DB_SORT_LESS_OR_EQUAL, {4, 0}, predicate},
        {"a", DB_SORT_GREATER, {4, 0}, NULL},
        {"a", DB_SORT_GREATER, {5, 0}, predicate},
        {"a", DB_SORT_GREATER_OR_EQUAL, {5, 0}, NULL},
        {"a", DB_SORT_GREATER_OR_EQUAL, {6, 0}, predicate},
        {"a", DB_SORT_BETWEEN, {5, 9}, NULL},
        {"a", DB_SORT_BETWEEN, {6, 9}, predicate},
        {"a", DB_SORT_BETWEEN, {1, 4}, predicate},
        {"b", DB_SORT_LESS, {6, 0}, one_row},
        {"b", DB_SORT_LESS, {5, 0}, predicate},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct db_read read = {
            .table = table,
            .partition = {string_value(cases[i].partition)},
            .sort_operator = cases[i].operator,
            .sort_operand = {number(cases[i].operand[0]), number(cases[i].operand[1])},
            .exclusive_start = item_of("{" P ",\"s\":{\"N\":\"5\"}}"),
        };
        const struct error *error = db_read_check_start(&read, &fixture_arena);
        if (cases[i].message == NULL)
            assert_ok(error);
        else
            assert_error(error, ERROR_VALIDATION, cases[i].message);
    }
    struct db_read read = {
        .table = table,
        .index = db_table_index(table, SLICE("local-all")),
        .partition = {string_value("a")},
        .sort_operator = DB_SORT_BEGINS_WITH,
        .sort_operand = {string_value("k")},
        .exclusive_start = item_of("{" P "," S ",\"l\":{\"S\":\"kk\"}}"),
    };
    assert_ok(db_read_check_start(&read, &fixture_arena));
    read.sort_operand[0] = string_value("kkk");
    assert_error(db_read_check_start(&read, &fixture_arena), ERROR_VALIDATION, predicate);
}

static void start_lies_within_the_segment(void **state)
{
    (void)state;
    unsigned good = 0;
    for (uint32_t segment = 0; segment < 3; segment++) {
        struct db_read read = {
            .table = table,
            .whole = true,
            .segment = segment,
            .total_segments = 3,
            .exclusive_start = item_of("{" P "," S "}"),
        };
        const struct error *error = db_read_check_start(&read, &fixture_arena);
        if (error == NULL) {
            good++;
            assert_int_equal(segment, 0); /* the hash of "a" is 0.2 of all hashes */
            continue;
        }
        char message[200];
        snprintf(message, sizeof(message),
                 "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
                 "ExclusiveStartKey with correct Segment. TotalSegments: 3 Segment: %u",
                 segment);
        assert_error(error, ERROR_VALIDATION, message);
    }
    assert_int_equal(good, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        START_TEST(query_of_a_table),
        START_TEST(query_of_a_local_index),
        START_TEST(query_of_a_global_index),
        START_TEST(scan_of_a_table),
        START_TEST(scan_of_an_index),
        START_TEST(shape_comes_before_the_primary_key),
        START_TEST(start_lies_within_the_query),
        START_TEST(start_lies_within_the_segment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
