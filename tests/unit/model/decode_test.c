#include "model_cases.h"

static void members_of_every_kind_are_read(void **state)
{
    (void)state;
    const struct model_query_input *query = decoded(
        MODEL_OPERATION_QUERY,
        "{\"Limit\":7,\"ConsistentRead\":true,\"TableName\":\"t\\u0061b\",\"Nobody\":[{\"a\":1}],"
        "\"Select\":\"COUNT\",\"ScanIndexForward\":\"NO\",\"ReturnConsumedCapacity\":\"SOME\","
        "\"AttributesToGet\":[\"a\",\"b\",\"c\",\"d\",\"e\"],"
        "\"ExpressionAttributeNames\":{\"#a\":\"x\",\"#b\":\"y\"},"
        "\"ExpressionAttributeValues\":{\":v\":{\"N\":\"1\"}},"
        "\"KeyConditions\":{\"k\":{\"ComparisonOperator\":\"EQ\","
        "\"AttributeValueList\":[{\"S\":\"s\"}]}}}");
    assert_true(slice_equal(query->table_name, SLICE("tab")));
    assert_true(query->limit.present);
    assert_int_equal(query->limit.value, 7);
    assert_true(query->consistent_read.present && query->consistent_read.value);
    assert_true(query->scan_index_forward.present && !query->scan_index_forward.value);
    assert_int_equal(query->select.value, MODEL_SELECT_COUNT);
    assert_int_equal(query->return_consumed_capacity.value, MODEL_ENUM_UNKNOWN);
    assert_true(slice_equal(query->return_consumed_capacity.text, SLICE("SOME")));
    assert_int_equal(query->conditional_operator.value, 0);
    assert_false(slice_present(query->index_name));
    assert_int_equal(query->attributes_to_get.count, 5);
    assert_true(slice_equal(query->attributes_to_get.items[4], SLICE("e")));
    assert_int_equal(query->expression_attribute_names.count, 2);
    assert_true(slice_equal(query->expression_attribute_names.entries[1].key, SLICE("#b")));
    assert_true(slice_equal(query->expression_attribute_names.entries[1].value, SLICE("y")));
    assert_true(slice_present(query->expression_attribute_values.item));
    assert_false(query->query_filter.present);
    assert_int_equal(query->key_conditions.count, 1);
    const struct model_condition *condition = &query->key_conditions.entries[0].value;
    assert_int_equal(condition->comparison_operator.value, MODEL_COMPARISON_OPERATOR_EQ);
    assert_int_equal(condition->attribute_value_list.count, 1);
    assert_int_equal(condition->attribute_value_list.items[0].value.type, VALUE_STRING);
}

static void an_older_version_has_its_own_shapes_and_shares_others(void **state)
{
    (void)state;
    const struct model_v2011_query_input *query =
        decoded(MODEL_OPERATION_V2011_QUERY,
                "{\"TableName\":\"tab\",\"Count\":true,\"HashKeyValue\":{\"S\":\"h\"},"
                "\"RangeKeyCondition\":{\"ComparisonOperator\":\"EQ\"},"
                "\"ExclusiveStartKey\":{\"HashKeyElement\":{\"S\":\"h\"},"
                "\"RangeKeyElement\":{\"N\":\"1\"}},\"KeyConditions\":7}");
    assert_true(query->count.value);
    assert_int_equal(query->hash_key_value.value.type, VALUE_STRING);
    const struct model_condition *condition = query->range_key_condition;
    assert_int_equal(condition->comparison_operator.value, MODEL_COMPARISON_OPERATOR_EQ);
    const struct model_v2011_key *start = query->exclusive_start_key;
    assert_int_equal(start->range_key_element.value.type, VALUE_NUMBER);
}

static void structures_nest_by_pointer_and_lie_inline_in_lists(void **state)
{
    (void)state;
    const struct model_create_table_input *create =
        decoded(MODEL_OPERATION_CREATE_TABLE,
                "{\"KeySchema\":[{\"AttributeName\":\"h\",\"KeyType\":\"HASH\"},"
                "{\"AttributeName\":\"r\",\"KeyType\":\"RANGE\"}],"
                "\"ProvisionedThroughput\":{\"ReadCapacityUnits\":5,\"WriteCapacityUnits\":6},"
                "\"GlobalSecondaryIndexes\":[{\"IndexName\":\"i\",\"Projection\":"
                "{\"ProjectionType\":\"INCLUDE\",\"NonKeyAttributes\":[\"n\"]}}]}");
    assert_int_equal(create->key_schema.count, 2);
    assert_true(slice_equal(create->key_schema.items[1].attribute_name, SLICE("r")));
    assert_int_equal(create->key_schema.items[1].key_type.value, MODEL_KEY_TYPE_RANGE);
    assert_int_equal(create->provisioned_throughput->read_capacity_units.value, 5);
    assert_int_equal(create->provisioned_throughput->write_capacity_units.value, 6);
    assert_null(create->stream_specification);
    const struct model_global_secondary_index *index = &create->global_secondary_indexes.items[0];
    assert_int_equal(index->projection->projection_type.value, MODEL_PROJECTION_TYPE_INCLUDE);
    assert_int_equal(index->projection->non_key_attributes.count, 1);
    assert_null(index->provisioned_throughput);
    assert_false(index->key_schema.present);
}

static void null_is_absent_and_the_last_member_counts(void **state)
{
    (void)state;
    const struct model_update_table_input *update = decoded(
        MODEL_OPERATION_UPDATE_TABLE,
        "{\"TableName\":null,\"BillingMode\":\"PROVISIONED\",\"BillingMode\":null,"
        "\"ProvisionedThroughput\":{\"ReadCapacityUnits\":1},\"ProvisionedThroughput\":null,"
        "\"SSESpecification\":{\"Enabled\":true},\"SSESpecification\":{\"SSEType\":\"KMS\"},"
        "\"AttributeDefinitions\":null,\"GlobalSecondaryIndexUpdates\":[]}");
    assert_false(slice_present(update->table_name));
    assert_int_equal(update->billing_mode.value, 0);
    assert_null(update->provisioned_throughput);
    assert_false(update->sse_specification->enabled.present);
    assert_int_equal(update->sse_specification->sse_type.value, MODEL_SSE_TYPE_KMS);
    assert_false(update->attribute_definitions.present);
    assert_true(update->global_secondary_index_updates.present);
    assert_int_equal(update->global_secondary_index_updates.count, 0);

    const struct model_batch_get_item_input *batch =
        decoded(MODEL_OPERATION_BATCH_GET_ITEM,
                "{\"RequestItems\":{\"a\":{\"ConsistentRead\":true},\"b\":{},"
                "\"a\":{\"Keys\":[null,{\"k\":{\"S\":\"v\"}}]},\"c\":null}}");
    assert_int_equal(batch->request_items.count, 3);
    assert_true(slice_equal(batch->request_items.entries[0].key, SLICE("b")));
    assert_true(slice_equal(batch->request_items.entries[1].key, SLICE("a")));
    assert_false(batch->request_items.entries[1].value.consistent_read.present);
    assert_int_equal(batch->request_items.entries[1].value.keys.count, 2);
    assert_false(slice_present(batch->request_items.entries[1].value.keys.items[0].item));
    assert_true(slice_present(batch->request_items.entries[1].value.keys.items[1].item));
}

static void numbers_become_integers(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int64_t limit; /* an Integer */
        int64_t units; /* a Long */
    } cases[] = {
        {"0", 0, 0},
        {"-0", 0, 0},
        {"-17", -17, -17},
        {"1.9", 1, 1},
        {"-1.9", -1, -1},
        {"1e2", 100, 100},
        {"2147483647", INT32_MAX, INT32_MAX},
        {"2147483648", INT32_MAX, 2147483648},
        {"-2147483649", INT32_MIN, -2147483649},
        {"9007199254740993", INT32_MAX, 9007199254740993},
        {"9223372036854775807", INT32_MAX, INT64_MAX},
        {"9223372036854775808", INT32_MAX, INT64_MAX},
        {"-9223372036854775808", INT32_MIN, INT64_MIN},
        {"1e400", INT32_MAX, INT64_MAX},
        {"-1E+400", INT32_MIN, INT64_MIN},
        {"1e-400", 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char json[256];
        snprintf(json, sizeof(json), "{\"Limit\":%s}", cases[i].json);
        const struct model_scan_input *scan = decoded(MODEL_OPERATION_SCAN, json);
        assert_int_equal(scan->limit.value, cases[i].limit);
        snprintf(json, sizeof(json), "{\"ProvisionedThroughput\":{\"ReadCapacityUnits\":%s}}",
                 cases[i].json);
        const struct model_update_table_input *update = decoded(MODEL_OPERATION_UPDATE_TABLE, json);
        assert_int_equal(update->provisioned_throughput->read_capacity_units.value, cases[i].units);
    }
}

#define CLASS "Unrecognized collection type class com.amazonaws.dynamodb.v20120810."
#define MAP_OF "Unrecognized collection type java.util.Map<java.lang.String, "
#define START "Start of structure or map found where not expected"
#define CAST                                                                                       \
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "  \
    "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and "           \
    "java.lang.Class are in module java.base of loader 'bootstrap')"
#define SHAPE_CLASS "com.amazonaws.dynamodb.v20120810."

static const struct {
    enum model_operation operation;
    const char *json;
    const char *message;
} wrong_types[] = {
    {MODEL_OPERATION_V2011_GET_ITEM, "{\"Key\":[]}",
     "Unrecognized collection type class com.amazonaws.dynamodb.v20111205.Key"},
    /* a string */
    {MODEL_OPERATION_SCAN, "{\"TableName\":true}", "TRUE_VALUE cannot be converted to String"},
    {MODEL_OPERATION_SCAN, "{\"TableName\":false}", "FALSE_VALUE cannot be converted to String"},
    {MODEL_OPERATION_SCAN, "{\"TableName\":23}", "NUMBER_VALUE cannot be converted to String"},
    {MODEL_OPERATION_SCAN, "{\"TableName\":-2147483648}",
     "NUMBER_VALUE cannot be converted to String"},
    {MODEL_OPERATION_SCAN, "{\"TableName\":34.56}", "DECIMAL_VALUE cannot be converted to String"},
    {MODEL_OPERATION_SCAN, "{\"TableName\":[]}",
     "Unrecognized collection type class java.lang.String"},
    {MODEL_OPERATION_SCAN, "{\"TableName\":{}}", START},
    {MODEL_OPERATION_SCAN, "{\"Select\":[]}",
     "Unrecognized collection type class java.lang.String"},
    {MODEL_OPERATION_SCAN, "{\"AttributesToGet\":[\"a\",1]}",
     "NUMBER_VALUE cannot be converted to String"},
    /* a boolean */
    {MODEL_OPERATION_SCAN, "{\"ConsistentRead\":\"23\"}", "Unexpected token received from parser"},
    {MODEL_OPERATION_SCAN, "{\"ConsistentRead\":\"truest\"}",
     "Unexpected token received from parser"},
    {MODEL_OPERATION_SCAN, "{\"ConsistentRead\":23}",
     "NUMBER_VALUE cannot be converted to Boolean"},
    {MODEL_OPERATION_SCAN, "{\"ConsistentRead\":34.56}",
     "DECIMAL_VALUE cannot be converted to Boolean"},
    {MODEL_OPERATION_SCAN, "{\"ConsistentRead\":[]}",
     "Unrecognized collection type class java.lang.Boolean"},
    {MODEL_OPERATION_SCAN, "{\"ConsistentRead\":{}}", START},
    /* an integer and a long */
    {MODEL_OPERATION_SCAN, "{\"Limit\":\"23\"}", "STRING_VALUE cannot be converted to Integer"},
    {MODEL_OPERATION_SCAN, "{\"Limit\":true}", "TRUE_VALUE cannot be converted to Integer"},
    {MODEL_OPERATION_SCAN, "{\"Limit\":[]}",
     "Unrecognized collection type class java.lang.Integer"},
    {MODEL_OPERATION_SCAN, "{\"Limit\":{}}", START},
    {MODEL_OPERATION_UPDATE_TABLE, "{\"ProvisionedThroughput\":{\"ReadCapacityUnits\":\"1\"}}",
     "STRING_VALUE cannot be converted to Long"},
    {MODEL_OPERATION_UPDATE_TABLE, "{\"ProvisionedThroughput\":{\"ReadCapacityUnits\":false}}",
     "FALSE_VALUE cannot be converted to Long"},
    {MODEL_OPERATION_UPDATE_TABLE, "{\"ProvisionedThroughput\":{\"ReadCapacityUnits\":[]}}",
     "Unrecognized collection type class java.lang.Long"},
    /* a structure, as a member and as an element */
    {MODEL_OPERATION_UPDATE_TABLE, "{\"ProvisionedThroughput\":\"23\"}", "Unexpected field type"},
    {MODEL_OPERATION_UPDATE_TABLE, "{\"ProvisionedThroughput\":[]}", CLASS "ProvisionedThroughput"},
    {MODEL_OPERATION_CREATE_TABLE, "{\"KeySchema\":[\"23\"]}", "Unexpected value type in payload"},
    {MODEL_OPERATION_CREATE_TABLE, "{\"KeySchema\":[[]]}", CLASS "KeySchemaElement"},
    {MODEL_OPERATION_CREATE_TABLE, "{\"KeySchema\":[{\"KeyType\":7}]}",
     "NUMBER_VALUE cannot be converted to String"},
    {MODEL_OPERATION_QUERY, "{\"KeyConditions\":{\"a\":34.56}}",
     "Unexpected value type in payload"},
    {MODEL_OPERATION_QUERY, "{\"KeyConditions\":{\"a\":[]}}", CLASS "Condition"},
    {MODEL_OPERATION_BATCH_WRITE_ITEM, "{\"RequestItems\":{\"a\":[{\"DeleteRequest\":1}]}}",
     "Unexpected field type"},
    {MODEL_OPERATION_BATCH_WRITE_ITEM, "{\"RequestItems\":{\"a\":[{\"DeleteRequest\":[]}]}}",
     CLASS "DeleteRequest"},
    /* a list, as a member and as a value */
    {MODEL_OPERATION_CREATE_TABLE, "{\"KeySchema\":\"23\"}", "Unexpected field type"},
    {MODEL_OPERATION_CREATE_TABLE, "{\"KeySchema\":{}}", START},
    {MODEL_OPERATION_BATCH_WRITE_ITEM, "{\"RequestItems\":{\"a\":\"23\"}}", CAST},
    {MODEL_OPERATION_BATCH_WRITE_ITEM, "{\"RequestItems\":{\"a\":{}}}", START},
    /* a map, and a map of attribute values */
    {MODEL_OPERATION_QUERY, "{\"KeyConditions\":true}", "Unexpected field type"},
    {MODEL_OPERATION_QUERY, "{\"KeyConditions\":[]}", MAP_OF SHAPE_CLASS "Condition>"},
    {MODEL_OPERATION_QUERY, "{\"ExpressionAttributeNames\":[]}", MAP_OF "java.lang.String>"},
    {MODEL_OPERATION_QUERY, "{\"ExpressionAttributeValues\":[]}",
     MAP_OF SHAPE_CLASS "AttributeValue>"},
    {MODEL_OPERATION_BATCH_WRITE_ITEM, "{\"RequestItems\":[]}",
     MAP_OF "java.util.List<" SHAPE_CLASS "WriteRequest>>"},
    {MODEL_OPERATION_BATCH_GET_ITEM, "{\"RequestItems\":[]}",
     MAP_OF SHAPE_CLASS "KeysAndAttributes>"},
    {MODEL_OPERATION_GET_ITEM, "{\"Key\":\"23\"}", "Unexpected field type"},
    {MODEL_OPERATION_BATCH_GET_ITEM, "{\"RequestItems\":{\"a\":{\"Keys\":[23]}}}", CAST},
    {MODEL_OPERATION_BATCH_GET_ITEM, "{\"RequestItems\":{\"a\":{\"Keys\":[[]]}}}",
     MAP_OF SHAPE_CLASS "AttributeValue>"},
    /* an attribute value, as a member and as an element */
    {MODEL_OPERATION_PUT_ITEM, "{\"Expected\":{\"a\":{\"Value\":\"23\"}}}",
     "Unexpected field type"},
    {MODEL_OPERATION_PUT_ITEM, "{\"Expected\":{\"a\":{\"Value\":[]}}}", CLASS "AttributeValue"},
    {MODEL_OPERATION_PUT_ITEM, "{\"Expected\":{\"a\":{\"AttributeValueList\":[\"23\"]}}}",
     "Unexpected value type in payload"},
    {MODEL_OPERATION_PUT_ITEM, "{\"Expected\":{\"a\":{\"AttributeValueList\":[[]]}}}",
     CLASS "AttributeValue"},
    {MODEL_OPERATION_PUT_ITEM, "{\"Item\":{\"a\":23}}", "Unexpected value type in payload"},
    {MODEL_OPERATION_PUT_ITEM, "{\"Item\":{\"a\":{\"S\":23}}}",
     "NUMBER_VALUE cannot be converted to String"},
    /* the first in the text is told */
    {MODEL_OPERATION_SCAN, "{\"Limit\":\"1\",\"TableName\":1}",
     "STRING_VALUE cannot be converted to Integer"},
    /* no object at all */
    {MODEL_OPERATION_SCAN, "[]", ""},
    {MODEL_OPERATION_SCAN, "null", ""},
    {MODEL_OPERATION_SCAN, "\"a\"", ""},
};

static void wrong_types_are_serialization_exceptions(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong_types); i++) {
        void *input = &arena;
        const struct error *error = model_decode_input(&arena, wrong_types[i].operation,
                                                       text_of(wrong_types[i].json), &input);
        assert_string_equal(message_of(error), wrong_types[i].message);
        assert_int_equal(error->kind, ERROR_SERIALIZATION);
        assert_ptr_equal(input, &arena);
    }
}

static void malformed_text_is_refused_even_unchecked(void **state)
{
    (void)state;
    const char *const texts[] = {
        "",
        "{",
        "{\"TableName\"",
        "{\"TableName\":",
        "{\"TableName\":\"a",
        "{\"Key\":{\"a\":{\"S\"",
        "{\"AttributesToGet\":[\"a\",",
        "{\"Limit\":",
        "{\"Limit\":-",
        "{\"Nobody\":[",
        "{\"ExpressionAttributeNames\":{\"a\":\"b\"",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        void *input = NULL;
        const struct error *error =
            model_decode_input(&arena, MODEL_OPERATION_GET_ITEM, text_of(texts[i]), &input);
        /* Limit is no member of GetItem, and is skipped. */
        assert_non_null(error);
        assert_int_equal(error->kind, ERROR_SERIALIZATION);
        assert_null(input);
    }
}

static void an_arena_at_its_limit_is_an_error(void **state)
{
    (void)state;
    static char json[200000];
    size_t size = (size_t)snprintf(json, sizeof(json), "{\"AttributesToGet\":[\"a\"");
    while (size < sizeof(json) - 10)
        size += (size_t)snprintf(json + size, sizeof(json) - size, ",\"a\"");
    snprintf(json + size, sizeof(json) - size, "]}");
    struct arena small;
    arena_init(&small, 64 * 1024);
    void *input = NULL;
    const struct error *error =
        model_decode_input(&small, MODEL_OPERATION_GET_ITEM, text_of(json), &input);
    assert_ptr_equal(error, error_exhausted());
    assert_null(input);
    arena_fini(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(members_of_every_kind_are_read),
        CASE(an_older_version_has_its_own_shapes_and_shares_others),
        CASE(structures_nest_by_pointer_and_lie_inline_in_lists),
        CASE(null_is_absent_and_the_last_member_counts),
        CASE(numbers_become_integers),
        CASE(wrong_types_are_serialization_exceptions),
        CASE(malformed_text_is_refused_even_unchecked),
        CASE(an_arena_at_its_limit_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
