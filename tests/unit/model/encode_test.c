#include "model_cases.h"

static struct buf body;
static struct json_writer writer;

static void begin(void)
{
    buf_init(&body, &arena, 1024 * 1024);
    json_writer_init(&writer, &body);
}

/* What was written since begin(), as a string. */
static const char *written(void)
{
    buf_append_byte(&body, 0);
    assert_false(body.failed);
    return (const char *)body.data;
}

static struct slice item_of(const char *json)
{
    struct json_reader reader;
    struct item_reading reading;
    json_reader_init(&reader, text_of(json), &arena);
    assert_null(item_from_json(&reader, &arena, &reading));
    assert_null(reading.problem);
    return reading.item;
}

static const char *output(enum model_operation operation, const void *typed)
{
    begin();
    model_encode_output(operation, typed, &writer);
    return written();
}

static void absent_members_are_left_out(void **state)
{
    (void)state;
    struct model_get_item_output empty = {0};
    assert_string_equal(output(MODEL_OPERATION_GET_ITEM, &empty), "{}");

    struct model_consumed_capacity capacity = {.table_name = SLICE("t"),
                                               .capacity_units = {true, 0.5}};
    struct model_get_item_output found = {
        .item.item = item_of("{\"b\":{\"N\":\"1.50\"},\"a\":{\"L\":[{\"NULL\":true}]}}"),
        .consumed_capacity = &capacity,
    };
    assert_string_equal(output(MODEL_OPERATION_GET_ITEM, &found),
                        "{\"Item\":{\"a\":{\"L\":[{\"NULL\":true}]},\"b\":{\"N\":\"1.5\"}},"
                        "\"ConsumedCapacity\":{\"TableName\":\"t\",\"CapacityUnits\":0.5}}");

    struct model_get_item_output bare = {.item.item = ITEM_EMPTY};
    assert_string_equal(output(MODEL_OPERATION_GET_ITEM, &bare), "{\"Item\":{}}");
}

static void an_answer_without_a_body_is_nothing(void **state)
{
    (void)state;
    assert_string_equal(output(MODEL_OPERATION_TAG_RESOURCE, NULL), "");
}

static void tables_are_described(void **state)
{
    (void)state;
    struct model_key_schema_element keys[] = {
        {.attribute_name = SLICE("h"), .key_type = {.value = MODEL_KEY_TYPE_HASH}},
        {.attribute_name = SLICE("\"r\""), .key_type = {.value = MODEL_KEY_TYPE_RANGE}},
    };
    struct model_table_description table = {
        .table_name = SLICE("t"),
        .table_status = {.value = MODEL_TABLE_STATUS_ACTIVE},
        .key_schema = {true, 2, keys},
        .attribute_definitions = {.present = true},
        .item_count = {true, -9223372036854775807 - 1},
        .deletion_protection_enabled = {true, false},
        .creation_date_time = {true, 1760000000.25},
    };
    struct model_describe_table_output described = {.table = &table};
    const char *json = output(MODEL_OPERATION_DESCRIBE_TABLE, &described);
    assert_true(json_check(text_of(json), 64));
    const char *const parts[] = {
        "{\"Table\":{",
        "\"AttributeDefinitions\":[]",
        "\"TableName\":\"t\"",
        ("\"KeySchema\":[{\"AttributeName\":\"h\",\"KeyType\":\"HASH\"},"
         "{\"AttributeName\":\"\\\"r\\\"\",\"KeyType\":\"RANGE\"}]"),
        "\"TableStatus\":\"ACTIVE\"",
        "\"CreationDateTime\":1760000000.25",
        "\"ItemCount\":-9223372036854775808",
        "\"DeletionProtectionEnabled\":false",
    };
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        assert_non_null(strstr(json, parts[i]));
    assert_null(strstr(json, "TableArn"));
}

static void timestamps_are_plain_seconds(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } cases[] = {
        {0, "0"},
        {1.7e9, "1700000000"},
        {1700000000.123, "1700000000.123"},
        {1700000000.1, "1700000000.1"},
        {1700000000.0004, "1700000000"},
        {0.05, "0.05"},
        {-1.5, "-1.5"},
        {1e11, "100000000000"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct model_backup_details details = {
            .backup_creation_date_time = {true, cases[i].seconds}};
        struct model_create_backup_output created = {.backup_details = &details};
        char expected[128];
        snprintf(expected, sizeof(expected), "{\"BackupDetails\":{\"BackupCreationDateTime\":%s}}",
                 cases[i].text);
        assert_string_equal(output(MODEL_OPERATION_CREATE_BACKUP, &created), expected);
    }
}

static void maps_lists_and_values_nest(void **state)
{
    (void)state;
    struct item_reading items[] = {{.item = item_of("{\"a\":{\"S\":\"1\"}}")},
                                   {.item = item_of("{\"a\":{\"S\":\"2\"}}")}};
    struct model_entry_batch_get_response_map tables[] = {
        {.key = SLICE("t"), .value = {true, 2, items}},
        {.key = SLICE("u"), .value = {.present = true}},
    };
    struct model_batch_get_item_output found = {
        .responses = {true, 2, tables},
        .unprocessed_keys = {.present = true},
    };
    assert_string_equal(output(MODEL_OPERATION_BATCH_GET_ITEM, &found),
                        "{\"Responses\":{\"t\":[{\"a\":{\"S\":\"1\"}},{\"a\":{\"S\":\"2\"}}],"
                        "\"u\":[]},\"UnprocessedKeys\":{}}");
}

static const char *error_json(const struct error *error)
{
    begin();
    model_encode_error(MODEL_SERVICE_DYNAMODB, error, &writer);
    return written();
}

static void errors_carry_what_their_kind_does(void **state)
{
    (void)state;
    struct error error = {.kind = ERROR_RESOURCE_NOT_FOUND,
                          .message = SLICE("Requested resource not found")};
    assert_string_equal(
        error_json(&error),
        "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException\","
        "\"message\":\"Requested resource not found\"}");

    error = (struct error){.kind = ERROR_VALIDATION, .message = SLICE("a \"b\"")};
    assert_string_equal(error_json(&error),
                        "{\"__type\":\"com.amazon.coral.validate#ValidationException\","
                        "\"message\":\"a \\\"b\\\"\"}");

    error = (struct error){.kind = ERROR_SERIALIZATION, .message = SLICE("x")};
    assert_string_equal(error_json(&error),
                        "{\"__type\":\"com.amazon.coral.service#SerializationException\","
                        "\"Message\":\"x\"}");

    error = (struct error){.kind = ERROR_SERIALIZATION, .message = SLICE("")};
    assert_string_equal(error_json(&error),
                        "{\"__type\":\"com.amazon.coral.service#SerializationException\"}");

    error = (struct error){.kind = ERROR_UNKNOWN_OPERATION, .message = SLICE("never sent")};
    assert_string_equal(error_json(&error),
                        "{\"__type\":\"com.amazon.coral.service#UnknownOperationException\"}");

    error = (struct error){.kind = ERROR_CONDITIONAL_CHECK_FAILED,
                           .message = SLICE("The conditional request failed")};
    assert_string_equal(
        error_json(&error),
        "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\","
        "\"message\":\"The conditional request failed\"}");

    error.item = item_of("{\"a\":{\"S\":\"1\"}}");
    assert_string_equal(
        error_json(&error),
        "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\","
        "\"message\":\"The conditional request failed\",\"Item\":{\"a\":{\"S\":\"1\"}}}");
}

static void the_older_version_has_a_namespace_and_fewer_members(void **state)
{
    (void)state;
    struct error error = {.kind = ERROR_CONDITIONAL_CHECK_FAILED,
                          .message = SLICE("no"),
                          .item = item_of("{\"a\":{\"S\":\"1\"}}")};
    begin();
    model_encode_error(MODEL_SERVICE_V2011_DYNAMODB, &error, &writer);
    assert_string_equal(written(),
                        "{\"__type\":"
                        "\"com.amazonaws.dynamodb.v20111205#ConditionalCheckFailedException\","
                        "\"message\":\"no\"}");
    error = (struct error){.kind = ERROR_VALIDATION, .message = SLICE("no")};
    begin();
    model_encode_error(MODEL_SERVICE_V2011_DYNAMODB, &error, &writer);
    assert_string_equal(written(), "{\"__type\":\"com.amazon.coral.validate#ValidationException\","
                                   "\"message\":\"no\"}");
}

static void a_cancelled_transaction_gives_its_reasons(void **state)
{
    (void)state;
    struct error condition = {.kind = ERROR_CONDITIONAL_CHECK_FAILED,
                              .message = SLICE("The conditional request failed"),
                              .item = item_of("{\"a\":{\"S\":\"1\"}}")};
    struct error validation = {.kind = ERROR_VALIDATION, .message = SLICE("bad")};
    struct error conflict = {.kind = ERROR_TRANSACTION_CONFLICT, .message = SLICE("busy")};
    const struct error *reasons[] = {NULL, &condition, &validation, &conflict};
    struct error error = {.kind = ERROR_TRANSACTION_CANCELED,
                          .message = SLICE("Transaction cancelled"),
                          .reasons = reasons,
                          .reason_count = COUNT_OF(reasons)};
    assert_string_equal(
        error_json(&error),
        "{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionCanceledException\","
        "\"Message\":\"Transaction cancelled\",\"CancellationReasons\":[{\"Code\":\"None\"},"
        "{\"Code\":\"ConditionalCheckFailed\",\"Item\":{\"a\":{\"S\":\"1\"}},"
        "\"Message\":\"The conditional request failed\"},"
        "{\"Code\":\"ValidationError\",\"Message\":\"bad\"},"
        "{\"Code\":\"TransactionConflict\",\"Message\":\"busy\"}]}");
}

static void a_throttled_request_is_told_by_what(void **state)
{
    (void)state;
    const struct error_throttle throttles[] = {
        {SLICE("TableWriteProvisionedThroughputExceeded"), SLICE("arn:t")},
        {SLICE("IndexWriteProvisionedThroughputExceeded"), SLICE("arn:i")},
    };
    struct error error = {.kind = ERROR_PROVISIONED_THROUGHPUT,
                          .message = SLICE("slower"),
                          .throttles = throttles,
                          .throttle_count = COUNT_OF(throttles)};
    assert_string_equal(
        error_json(&error),
        "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException\","
        "\"message\":\"slower\",\"ThrottlingReasons\":["
        "{\"reason\":\"TableWriteProvisionedThroughputExceeded\",\"resource\":\"arn:t\"},"
        "{\"reason\":\"IndexWriteProvisionedThroughputExceeded\",\"resource\":\"arn:i\"}]}");
    error.kind = ERROR_THROTTLING;
    error.throttle_count = 1;
    assert_non_null(strstr(error_json(&error), "#ThrottlingException\",\"message\":\"slower\","
                                               "\"throttlingReasons\":[{\"reason\":"));
    error.throttle_count = 0;
    assert_null(strstr(error_json(&error), "Reasons"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(absent_members_are_left_out),
        CASE(an_answer_without_a_body_is_nothing),
        CASE(tables_are_described),
        CASE(timestamps_are_plain_seconds),
        CASE(maps_lists_and_values_nest),
        CASE(errors_carry_what_their_kind_does),
        CASE(the_older_version_has_a_namespace_and_fewer_members),
        CASE(a_cancelled_transaction_gives_its_reasons),
        CASE(a_throttled_request_is_told_by_what),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
