#include "model_cases.h"

static void every_operation_is_found_by_its_name_and_target(void **state)
{
    (void)state;
    int streams = 0;
    for (int i = MODEL_OPERATION_NONE + 1; i < MODEL_OPERATION_COUNT; i++) {
        enum model_operation operation = (enum model_operation)i;
        struct slice name = model_operation_name(operation);
        assert_int_equal(model_operation_of_name(name), operation);
        bool is_stream = model_operation_service(operation) == MODEL_SERVICE_DYNAMODB_STREAMS;
        streams += is_stream;
        char target[128];
        snprintf(target, sizeof(target), "%s.%.*s",
                 is_stream ? "DynamoDBStreams_20120810" : "DynamoDB_20120810", SLICE_PRINT(name));
        assert_int_equal(model_operation_of_target(text_of(target)), operation);
        snprintf(target, sizeof(target), "%s.%.*s",
                 is_stream ? "DynamoDB_20120810" : "DynamoDBStreams_20120810", SLICE_PRINT(name));
        assert_int_equal(model_operation_of_target(text_of(target)), MODEL_OPERATION_NONE);
    }
    assert_int_equal(MODEL_OPERATION_COUNT - 1, 62);
    assert_int_equal(streams, 4);
}

static void other_targets_name_no_operation(void **state)
{
    (void)state;
    const char *const targets[] = {
        "",
        "PutItem",
        "DynamoDB_20120810",
        "DynamoDB_20120810.",
        "DynamoDB_20120810.putItem",
        "DynamoDB_20120810.PutItem ",
        "DynamoDB_20120810PutItem",
        "DynamoDB_20111205.TransactWriteItems",
        "DynamoDB_20111205",
        "DynamoDB_20120810.PutItem.PutItem",
        "dynamodb_20120810.PutItem",
        "DynamoDB_20120810.Zebra",
        "DynamoDB_20120810.A",
    };
    for (size_t i = 0; i < COUNT_OF(targets); i++)
        assert_int_equal(model_operation_of_target(text_of(targets[i])), MODEL_OPERATION_NONE);
    assert_int_equal(model_operation_of_name(SLICE_ABSENT), MODEL_OPERATION_NONE);
}

static void the_older_version_has_operations_of_its_own(void **state)
{
    (void)state;
    for (int i = MODEL_OPERATION_COUNT; i < MODEL_OPERATION_ALL_COUNT; i++) {
        enum model_operation operation = (enum model_operation)i;
        struct slice name = model_operation_name(operation);
        assert_int_equal(model_operation_service(operation), MODEL_SERVICE_V2011_DYNAMODB);
        assert_true(model_operation_of_name(name) < MODEL_OPERATION_COUNT);
        char target[128];
        snprintf(target, sizeof(target), "DynamoDB_20111205.%.*s", SLICE_PRINT(name));
        assert_int_equal(model_operation_of_target(text_of(target)), operation);
    }
    assert_int_equal(MODEL_OPERATION_ALL_COUNT - MODEL_OPERATION_COUNT, 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_operation_is_found_by_its_name_and_target),
        CASE(other_targets_name_no_operation),
        CASE(the_older_version_has_operations_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
