/* What a request that is translated may take of memory. */

#include "v2011/older_call.h"

/* Runs a request with ever larger arenas until one is enough; each too small one must be answered
 * with the same error and no damage. */
static void assert_survives_small_arenas(struct case_runner *runner, const char *operation,
                                         const char *json)
{
    enum model_operation id = older_operation(slice_of_cstring(operation));
    bool succeeded = false;
    unsigned failures = 0;
    for (size_t limit = 128; !succeeded; limit += limit / 16) {
        struct case_call call;
        struct v2011_request *request;
        void *answer = NULL;
        arena_fini(&runner->arena);
        arena_init(&runner->arena, limit);
        runner->validation = MODEL_VALIDATION_CLASSIC;
        case_make_call(runner, MODEL_OPERATION_NONE, NULL, &call);
        const struct error *error = older_translate(&call, id, slice_of_cstring(json), &request);
        if (error == NULL)
            error = older_run(&call, request, &answer);
        succeeded = error == NULL;
        if (!succeeded) {
            failures++;
            assert_ptr_equal(error, error_exhausted());
        }
        assert_true(limit < CASE_ARENA_BYTES);
    }
    assert_true(failures > 0);
}

static void too_little_memory_is_an_error(void **state)
{
    (void)state;
    struct case_runner runner;
    case_open(&runner, "bounds_test");
    case_do(&runner, "CreateTable",
            "{\"TableName\":\"tab\",\"AttributeDefinitions\":[{\"AttributeName\":\"h\","
            "\"AttributeType\":\"S\"},{\"AttributeName\":\"r\",\"AttributeType\":\"N\"}],"
            "\"KeySchema\":[{\"AttributeName\":\"h\",\"KeyType\":\"HASH\"},{\"AttributeName\":"
            "\"r\",\"KeyType\":\"RANGE\"}],\"BillingMode\":\"PAY_PER_REQUEST\"}");
    assert_null(runner.error_name);
    assert_survives_small_arenas(
        &runner, "BatchWriteItem",
        "{\"RequestItems\":{\"tab\":[{\"PutRequest\":{\"Item\":{\"h\":{\"S\":\"a\"},\"r\":{\"N\":"
        "\"1\"}}}},{\"PutRequest\":{\"Item\":{\"h\":{\"S\":\"a\"},\"r\":{\"N\":\"2\"}}}},{"
        "\"DeleteRequest\":{\"Key\":{\"HashKeyElement\":{\"S\":\"a\"},\"RangeKeyElement\":{\"N\":"
        "\"3\"}}}}]}}");
    assert_survives_small_arenas(
        &runner, "BatchGetItem",
        "{\"RequestItems\":{\"tab\":{\"Keys\":[{\"HashKeyElement\":{\"S\":\"a\"},"
        "\"RangeKeyElement\":{\"N\":\"1\"}}],\"AttributesToGet\":[\"r\"]}}}");
    assert_survives_small_arenas(
        &runner, "Query",
        "{\"TableName\":\"tab\",\"HashKeyValue\":{\"S\":\"a\"},\"RangeKeyCondition\":{"
        "\"AttributeValueList\":[{\"N\":\"0\"}],\"ComparisonOperator\":\"GT\"},\"Limit\":1,"
        "\"ExclusiveStartKey\":{\"HashKeyElement\":{\"S\":\"a\"},\"RangeKeyElement\":{\"N\":\"1\"}}"
        "}");
    assert_survives_small_arenas(&runner, "Scan", "{\"TableName\":\"tab\",\"Limit\":1}");
    assert_survives_small_arenas(
        &runner, "UpdateItem",
        "{\"TableName\":\"tab\",\"Key\":{\"HashKeyElement\":{\"S\":\"a\"},\"RangeKeyElement\":{"
        "\"N\":\"1\"}},\"AttributeUpdates\":{\"n\":{\"Value\":{\"N\":\"1\"}}},\"Expected\":{\"x\":"
        "{\"Exists\":false}},\"ReturnValues\":\"ALL_NEW\"}");
    assert_survives_small_arenas(&runner, "DescribeTable", "{\"TableName\":\"tab\"}");
    assert_survives_small_arenas(&runner, "ListTables", "{}");
    case_close(&runner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(too_little_memory_is_an_error)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
