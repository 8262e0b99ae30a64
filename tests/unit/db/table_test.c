#include "db/table.h"

#include "db_fixture.h"

static struct db_table both; /* the fixture's table with all its indexes */

static int setup(void **state)
{
    int status = fixture_setup(state);
    both = fixture_description("t", 5);
    return status;
}
#define TABLE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, fixture_teardown)

static const char *item_with(const char *attribute, char fill, size_t count)
{
    struct buf json;
    buf_init(&json, &fixture_arena, FIXTURE_ARENA_BYTES);
    buf_append_format(&json, "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"%s\":{\"S\":\"",
                      attribute);
    for (size_t i = 0; i < count; i++)
        buf_append_byte(&json, (uint8_t)fill);
    buf_append(&json, SLICE("\"}}\0"));
    assert_false(json.failed);
    return (const char *)json.data;
}

static void looks_up(void **state)
{
    (void)state;
    assert_ptr_equal(db_table_index(&both, SLICE("global-all")), &both.indexes[4]);
    assert_null(db_table_index(&both, SLICE("global")));
    assert_int_equal(db_table_attribute_type(&both, SLICE("h")), VALUE_NUMBER);
    assert_int_equal(db_table_attribute_type(&both, SLICE("x")), VALUE_ABSENT);
    assert_true(db_key_schema_has(&both.key, SLICE("p")));
    assert_true(db_key_schema_has(&both.key, SLICE("s")));
    assert_false(db_key_schema_has(&both.key, SLICE("l")));
}

static void accepts_items(void **state)
{
    (void)state;
    static const char *const good[] = {
        "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}}",
        "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"x\":{\"NULL\":true},\"g\":{\"S\":\"b\"}}",
        "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"l\":{\"S\":\"k\"},\"h\":{\"N\":\"0\"}}",
    };
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_ok(db_table_check_item(&both, &fixture_arena, item_of(good[i])));
    assert_ok(db_table_check_item(&both, &fixture_arena, item_of(item_with("l", 'x', 1024))));
    assert_ok(db_table_check_item(&both, &fixture_arena, item_of(item_with("g", 'x', 2048))));
}

static void refuses_items(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        const char *message;
    } cases[] = {
        {"{}", "One or more parameter values were invalid: Missing the key p in the item"},
        {"{\"p\":{\"S\":\"a\"}}",
         "One or more parameter values were invalid: Missing the key s in the item"},
        {"{\"p\":{\"N\":\"1\"},\"s\":{\"N\":\"1\"}}",
         "One or more parameter values were invalid: Type mismatch for key p expected: S actual: "
         "N"},
        {"{\"p\":{\"BOOL\":false},\"s\":{\"N\":\"1\"}}",
         "One or more parameter values were invalid: Type mismatch for key p expected: S actual: "
         "BOOL"},
        {"{\"p\":{\"S\":\"a\"},\"s\":{\"L\":[]}}", "One or more parameter values were invalid: "
                                                   "Type mismatch for key s expected: N actual: L"},
        {"{\"p\":{\"S\":\"\"},\"s\":{\"N\":\"1\"}}",
         "One or more parameter values are not valid. The AttributeValue for a key attribute "
         "cannot "
         "contain an empty string value. Key: p"},
        {"{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"l\":{\"N\":\"1\"}}",
         "One or more parameter values were invalid: Type mismatch for Index Key l Expected: S "
         "Actual: N IndexName: local-all"},
        {"{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"g\":{\"M\":{}}}",
         "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S "
         "Actual: M IndexName: global-all"},
        {"{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"g\":{\"S\":\"\"}}",
         "One or more parameter values are not valid. A value specified for a secondary index key "
         "is not supported. The AttributeValue for a key attribute cannot contain an empty string "
         "value. IndexName: global-all, IndexKey: g"},
        /* Of several the first index by name. */
        {"{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"l\":{\"N\":\"1\"},\"h\":{\"S\":\"1\"}}",
         "One or more parameter values were invalid: Type mismatch for Index Key h Expected: N "
         "Actual: S IndexName: global-all"},
        /* The table's own key first. */
        {"{\"p\":{\"S\":\"\"},\"s\":{\"N\":\"1\"},\"l\":{\"N\":\"1\"}}",
         "One or more parameter values are not valid. The AttributeValue for a key attribute "
         "cannot "
         "contain an empty string value. Key: p"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_error(db_table_check_item(&both, &fixture_arena, item_of(cases[i].item)),
                     ERROR_VALIDATION, cases[i].message);
}

static void refuses_long_keys(void **state)
{
    (void)state;
    struct slice item = item_of(item_with("p2", 'x', 1));
    assert_ok(db_table_check_item(&both, &fixture_arena, item));
    struct db_table swapped = both; /* two string keys */
    swapped.index_count = 0;
    swapped.key.sort[0] = (struct db_attribute){SLICE("p2"), VALUE_STRING};
    assert_ok(db_table_check_item(&swapped, &fixture_arena, item_of(item_with("p2", 'x', 1024))));
    assert_error(db_table_check_item(&swapped, &fixture_arena, item_of(item_with("p2", 'x', 1025))),
                 ERROR_VALIDATION,
                 "One or more parameter values were invalid: Aggregated size of all range keys has "
                 "exceeded the size limit of 1024 bytes");
    swapped.key.sort_count = 0;
    swapped.key.partition[0].name = SLICE("p2");
    assert_ok(db_table_check_item(&swapped, &fixture_arena, item_of(item_with("p2", 'x', 2048))));
    assert_error(db_table_check_item(&swapped, &fixture_arena, item_of(item_with("p2", 'x', 2049))),
                 ERROR_VALIDATION,
                 "One or more parameter values were invalid: Size of hashkey has exceeded the "
                 "maximum size limit of2048 bytes");
    assert_error(db_table_check_item(&both, &fixture_arena, item_of(item_with("l", 'x', 1025))),
                 ERROR_VALIDATION,
                 "One or more parameter values were invalid: Size limit exceeded for Index Key l "
                 "Actual Size: 1025 bytes Max Size: 1024 bytes IndexName: local-all");
    assert_error(db_table_check_item(&both, &fixture_arena, item_of(item_with("g", 'x', 2049))),
                 ERROR_VALIDATION,
                 "One or more parameter values were invalid: Size limit exceeded for Index Key g "
                 "Actual Size: 2049 bytes Max Size: 2048 bytes IndexName: global-all");
}

static void binary_keys_are_worded_binary(void **state)
{
    (void)state;
    struct db_table table = both;
    table.key.partition[0].type = VALUE_BINARY;
    assert_error(db_table_check_item(&table, &fixture_arena,
                                     item_of("{\"p\":{\"B\":\"\"},\"s\":{\"N\":\"1\"}}")),
                 ERROR_VALIDATION,
                 "One or more parameter values are not valid. The AttributeValue for a key "
                 "attribute cannot contain an empty binary value. Key: p");
}

static void batch_puts_are_worded_by_schema(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"p\":{\"S\":\"a\"}}",
        "{\"p\":{\"N\":\"1\"},\"s\":{\"N\":\"1\"}}",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_error(
            db_table_check_item_worded(&both, &fixture_arena, item_of(bad[i]), DB_CHECK_BATCH_PUT),
            ERROR_VALIDATION, "The provided key element does not match the schema");
    assert_error(
        db_table_check_item_worded(
            &both, &fixture_arena,
            item_of("{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"l\":{\"N\":\"1\"}}"),
            DB_CHECK_BATCH_PUT),
        ERROR_VALIDATION,
        "One or more parameter values were invalid: Type mismatch for Index Key l Expected: S "
        "Actual: N IndexName: local-all");
}

static void checks_keys(void **state)
{
    (void)state;
    static const char schema[] = "The provided key element does not match the schema";
    static const struct {
        const char *key;
        const char *message; /* NULL: good */
    } cases[] = {
        {"{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}}", NULL},
        {"{}", schema},
        {"{\"p\":{\"S\":\"a\"}}", schema},
        {"{\"p\":{\"S\":\"a\"},\"x\":{\"N\":\"1\"}}", schema},
        {"{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"x\":{\"N\":\"1\"}}", schema},
        {"{\"p\":{\"S\":\"a\"},\"s\":{\"S\":\"1\"}}", schema},
        {"{\"p\":{\"S\":\"\"},\"s\":{\"N\":\"1\"}}",
         "One or more parameter values are not valid. The AttributeValue for a key attribute "
         "cannot "
         "contain an empty string value. Key: p"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct error *error =
            db_table_check_key(&both, &fixture_arena, item_of(cases[i].key));
        if (cases[i].message == NULL)
            assert_ok(error);
        else
            assert_error(error, ERROR_VALIDATION, cases[i].message);
    }
}

static void updates_answer_for_what_they_changed(void **state)
{
    (void)state;
    struct slice bad = item_of("{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"g\":{\"N\":\"5\"}}");
    struct slice more = item_of("{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"g\":{\"N\":\"5\"},"
                                "\"x\":{\"S\":\"y\"}}");
    struct slice empty = item_of("{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"g\":{\"S\":\"\"}}");
    assert_ok(db_table_check_update(&both, &fixture_arena, bad, more));
    assert_error(db_table_check_update(&both, &fixture_arena, SLICE_ABSENT, bad), ERROR_VALIDATION,
                 "The update expression attempted to update the secondary index key to unsupported "
                 "type");
    assert_error(db_table_check_update(&both, &fixture_arena, bad, empty), ERROR_VALIDATION,
                 "One or more parameter values are not valid. The update expression attempted to "
                 "update a secondary index key to a value that is not supported. The "
                 "AttributeValue for a key attribute cannot contain an empty string value.");
}

static void takes_the_key_of_an_item(void **state)
{
    (void)state;
    struct slice key;
    assert_ok(db_table_key_of_item(
        &both, &fixture_arena,
        item_of(
            "{\"a\":{\"S\":\"1\"},\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"z\":{\"S\":\"1\"}}"),
        &key));
    assert_string_equal(text_of(key), "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TABLE_TEST(looks_up),
        TABLE_TEST(accepts_items),
        TABLE_TEST(refuses_items),
        TABLE_TEST(refuses_long_keys),
        TABLE_TEST(binary_keys_are_worded_binary),
        TABLE_TEST(batch_puts_are_worded_by_schema),
        TABLE_TEST(checks_keys),
        TABLE_TEST(updates_answer_for_what_they_changed),
        TABLE_TEST(takes_the_key_of_an_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
