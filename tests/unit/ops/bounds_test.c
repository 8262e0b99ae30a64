/* What one request may take: memory, a response's 16 MB, lists beyond all measure. */

#include "ops/case_runner.h"

static void create(struct case_runner *runner)
{
    case_open(runner, "bounds_test");
    case_do(runner, "CreateTable",
            "{\"TableName\":\"tab\",\"AttributeDefinitions\":[{\"AttributeName\":\"k\","
            "\"AttributeType\":\"N\"},{\"AttributeName\":\"g\",\"AttributeType\":\"S\"}],"
            "\"KeySchema\":[{\"AttributeName\":\"k\",\"KeyType\":\"HASH\"}],\"BillingMode\":"
            "\"PAY_PER_REQUEST\",\"GlobalSecondaryIndexes\":[{\"IndexName\":\"index\","
            "\"KeySchema\":[{\"AttributeName\":\"g\",\"KeyType\":\"HASH\"}],\"Projection\":"
            "{\"ProjectionType\":\"ALL\"}}]}");
    assert_null(runner->error_name);
}

/* Runs a request with ever larger arenas until one is enough; each too small one must be answered
 * with the same error and no damage. */
static void assert_survives_small_arenas(struct case_runner *runner, const char *operation,
                                         const char *json)
{
    enum model_operation id = model_operation_of_name(slice_of_cstring(operation));
    bool succeeded = false;
    unsigned failures = 0;
    for (size_t limit = 128; !succeeded; limit += limit / 8) {
        struct case_call call = {0};
        void *input = NULL;
        arena_fini(&runner->arena);
        arena_init(&runner->arena, limit);
        const struct error *error =
            model_decode_input(&runner->arena, id, slice_of_cstring(json), &input);
        if (error == NULL) {
            case_start_call(runner, id, input, &call);
            case_await_call(&call);
            error = call.call.error;
        }
        succeeded = error == NULL;
        if (!succeeded) {
            failures++;
            assert_ptr_equal(error, error_exhausted());
        }
        assert_true(limit < CASE_ARENA_BYTES);
    }
    assert_true(failures > 0);
    arena_fini(&runner->arena);
    arena_init(&runner->arena, CASE_ARENA_BYTES);
}

static void test_too_little_memory_is_an_error(void **state)
{
    (void)state;
    struct case_runner runner;
    create(&runner);
    assert_survives_small_arenas(
        &runner, "PutItem",
        "{\"TableName\":\"tab\",\"Item\":{\"k\":{\"N\":\"1\"},\"g\":{\"S\":\"x\"}},"
        "\"ConditionExpression\":\"attribute_not_exists(zz)\",\"ReturnValues\":\"ALL_OLD\","
        "\"ReturnConsumedCapacity\":\"INDEXES\"}");
    assert_survives_small_arenas(
        &runner, "UpdateItem",
        "{\"TableName\":\"tab\",\"Key\":{\"k\":{\"N\":\"1\"}},\"UpdateExpression\":\"SET a = "
        ":a\",\"ExpressionAttributeValues\":{\":a\":{\"L\":[{\"S\":\"x\"}]}},\"ReturnValues\":"
        "\"UPDATED_NEW\",\"ReturnConsumedCapacity\":\"INDEXES\"}");
    assert_survives_small_arenas(&runner, "GetItem",
                                 "{\"TableName\":\"tab\",\"Key\":{\"k\":{\"N\":\"1\"}},"
                                 "\"ProjectionExpression\":\"a[0], g\"}");
    assert_survives_small_arenas(&runner, "BatchGetItem",
                                 "{\"RequestItems\":{\"tab\":{\"Keys\":[{\"k\":{\"N\":\"1\"}},"
                                 "{\"k\":{\"N\":\"2\"}}]}},\"ReturnConsumedCapacity\":\"TOTAL\"}");
    assert_survives_small_arenas(&runner, "Query",
                                 "{\"TableName\":\"tab\",\"IndexName\":\"index\","
                                 "\"KeyConditionExpression\":\"g = :g\",\"FilterExpression\":"
                                 "\"size(a) > :n\",\"ExpressionAttributeValues\":{\":g\":{\"S\":"
                                 "\"x\"},\":n\":{\"N\":\"0\"}}}");
    assert_survives_small_arenas(&runner, "Scan", "{\"TableName\":\"tab\"}");
    assert_survives_small_arenas(&runner, "DescribeTable", "{\"TableName\":\"tab\"}");
    assert_survives_small_arenas(
        &runner, "ExecuteStatement",
        "{\"Statement\":\"SELECT a[0], g FROM tab.\\\"index\\\" WHERE g IN ['x', ?] AND k < 2\","
        "\"Parameters\":[{\"S\":\"y\"}],\"Limit\":1,\"ReturnConsumedCapacity\":\"INDEXES\"}");
    assert_survives_small_arenas(
        &runner, "ExecuteStatement",
        "{\"Statement\":\"UPDATE tab SET a = [1], b = ? WHERE k = 1 AND zz IS MISSING RETURNING "
        "ALL OLD *\",\"Parameters\":[{\"S\":\"y\"}],\"ReturnConsumedCapacity\":\"INDEXES\"}");
    assert_survives_small_arenas(
        &runner, "BatchExecuteStatement",
        "{\"Statements\":[{\"Statement\":\"UPDATE tab SET b = 1 WHERE k = 1\"},{\"Statement\":"
        "\"INSERT INTO tab VALUE {'k': 1.5}\"}],\"ReturnConsumedCapacity\":\"INDEXES\"}");
    assert_survives_small_arenas(
        &runner, "BatchExecuteStatement",
        "{\"Statements\":[{\"Statement\":\"SELECT a FROM tab WHERE k = 1\"}],"
        "\"ReturnConsumedCapacity\":\"TOTAL\"}");
    assert_survives_small_arenas(
        &runner, "ExecuteTransaction",
        "{\"ClientRequestToken\":\"t\",\"TransactStatements\":[{\"Statement\":\"UPDATE tab SET "
        "b = 1 WHERE k = 1\"},{\"Statement\":\"EXISTS(SELECT * FROM tab WHERE k = 1.5 AND (k = 2 "
        "OR "
        "k < 3) AND NOT k <> 1.5)\"}],\"ReturnConsumedCapacity\":\"INDEXES\"}");
    assert_survives_small_arenas(
        &runner, "ExecuteTransaction",
        "{\"TransactStatements\":[{\"Statement\":\"SELECT b FROM tab WHERE k = 1\"}],"
        "\"ReturnConsumedCapacity\":\"TOTAL\"}");
    assert_survives_small_arenas(&runner, "ListTables", "{}");
    assert_survives_small_arenas(&runner, "BatchWriteItem",
                                 "{\"RequestItems\":{\"tab\":[{\"DeleteRequest\":{\"Key\":{\"k\":"
                                 "{\"N\":\"1\"}}}}]},\"ReturnConsumedCapacity\":\"INDEXES\"}");
    assert_survives_small_arenas(
        &runner, "TransactWriteItems",
        "{\"ClientRequestToken\":\"t\",\"TransactItems\":[{\"Update\":{\"TableName\":\"tab\","
        "\"Key\":{\"k\":{\"N\":\"1\"}},\"UpdateExpression\":\"SET #a = :a\","
        "\"ExpressionAttributeNames\":{\"#a\":\"a\"},\"ExpressionAttributeValues\":{\":a\":{"
        "\"S\":\"x\"}}}},{\"ConditionCheck\":{\"TableName\":\"tab\",\"Key\":{\"k\":{\"N\":"
        "\"2\"}},\"ConditionExpression\":\"attribute_not_exists(a)\"}}],"
        "\"ReturnConsumedCapacity\":\"INDEXES\"}");
    assert_survives_small_arenas(&runner, "TransactGetItems",
                                 "{\"TransactItems\":[{\"Get\":{\"TableName\":\"tab\",\"Key\":"
                                 "{\"k\":{\"N\":\"1\"}},\"ProjectionExpression\":\"a\"}}],"
                                 "\"ReturnConsumedCapacity\":\"INDEXES\"}");
    case_close(&runner);
}

static void put_large_item(struct case_runner *runner, unsigned number)
{
    char line[128];
    snprintf(line, sizeof(line),
             "> PutItem {\"TableName\":\"tab\",\"Item\":{\"k\":{\"N\":\"%u\"},\"b\":{\"S\":"
             "\"${x*409000}\"}}}",
             number);
    case_line(runner, slice_of_cstring(line));
    assert_null(runner->error_name);
    runner->expected = true;
}

/* 42 items of 409,000 bytes: 41 of them are just below 16 MB. */
static void test_batch_get_stops_at_16_megabytes(void **state)
{
    enum { ITEMS = 42 };
    (void)state;
    struct case_runner runner;
    char request[4096];
    size_t size = 0;
    create(&runner);
    size += (size_t)snprintf(request, sizeof(request), "{\"RequestItems\":{\"tab\":{\"Keys\":[");
    for (unsigned i = 0; i < ITEMS; i++) {
        put_large_item(&runner, i);
        size += (size_t)snprintf(request + size, sizeof(request) - size, "%s{\"k\":{\"N\":\"%u\"}}",
                                 i > 0 ? "," : "", i);
    }
    snprintf(request + size, sizeof(request) - size,
             "],\"ConsistentRead\":true}},\"ReturnConsumedCapacity\":\"TOTAL\"}");
    case_do(&runner, "BatchGetItem", request);
    assert_null(runner.error_name);
    assert_true(case_has(runner.answer,
                         SLICE("\"UnprocessedKeys\":{\"tab\":{\"Keys\":[{\"k\":{\"N\":\"41\"}}],"
                               "\"ConsistentRead\":true}}")));
    assert_true(case_has(runner.answer, SLICE("\"CapacityUnits\":4100")));
    case_close(&runner);
}

static void test_lists_beyond_measure_are_refused(void **state)
{
    static const char *const LINES[] = {
        "> CreateTable {\"TableName\":\"big\",\"AttributeDefinitions\":[{\"AttributeName\":\"k\","
        "\"AttributeType\":\"S\"}${,{\"AttributeName\":\"x\",\"AttributeType\":\"S\"}*100000}],"
        "\"KeySchema\":[{\"AttributeName\":\"k\",\"KeyType\":\"HASH\"}],\"BillingMode\":"
        "\"PAY_PER_REQUEST\"}",
        "> CreateTable {\"TableName\":\"big\",\"AttributeDefinitions\":[{\"AttributeName\":\"k\","
        "\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"k\",\"KeyType\":\"HASH\"}],"
        "\"BillingMode\":\"PAY_PER_REQUEST\",\"GlobalSecondaryIndexes\":[{\"IndexName\":\"index\","
        "\"KeySchema\":[{\"AttributeName\":\"k\",\"KeyType\":\"HASH\"}],\"Projection\":"
        "{\"ProjectionType\":\"ALL\"}}${,{\"IndexName\":\"index\",\"KeySchema\":[{"
        "\"AttributeName\":\"k\",\"KeyType\":\"HASH\"}],\"Projection\":{\"ProjectionType\":"
        "\"ALL\"}}*50000}]}",
        "> UpdateTable {\"TableName\":\"tab\",\"GlobalSecondaryIndexUpdates\":[{\"Delete\":"
        "{\"IndexName\":\"index\"}}${,{\"Delete\":{\"IndexName\":\"index\"}}*100000}]}",
        "> GetItem {\"TableName\":\"tab\",\"Key\":{\"k\":{\"N\":\"1\"}},\"AttributesToGet\":["
        "\"x\"${,\"x\"*500000}]}",
    };
    (void)state;
    struct case_runner runner;
    create(&runner);
    for (size_t i = 0; i < COUNT_OF(LINES); i++) {
        case_line(&runner, slice_of_cstring(LINES[i]));
        assert_non_null(runner.error_name);
        runner.expected = true;
    }
    case_close(&runner);
}

static void test_rows(void **state)
{
    (void)state;
    assert_non_null(op_row(MODEL_OPERATION_PUT_ITEM)->run);
    assert_false(op_row(MODEL_OPERATION_PUT_ITEM)->is_long);
    assert_true(op_row(MODEL_OPERATION_SCAN)->is_long);
    assert_null(op_row(MODEL_OPERATION_NONE)->run);
    assert_null(op_row(MODEL_OPERATION_CREATE_BACKUP)->run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_too_little_memory_is_an_error),
        cmocka_unit_test(test_batch_get_stops_at_16_megabytes),
        cmocka_unit_test(test_lists_beyond_measure_are_refused),
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
