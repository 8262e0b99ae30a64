/* Operations over an engine that fails, asks twice or answers late. */

#include "ops/case_runner.h"

static const char *const TABLE =
    "{\"TableName\":\"tab\",\"AttributeDefinitions\":[{\"AttributeName\":\"k\","
    "\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"k\",\"KeyType\":\"HASH\"}],"
    "\"BillingMode\":\"PAY_PER_REQUEST\"}";
static const char *const GET = "{\"TableName\":\"tab\",\"Key\":{\"k\":{\"S\":\"a\"}}}";

static int setup(void **state)
{
    struct case_runner *runner = case_new("engine_test");
    case_do(runner, "CreateTable", TABLE);
    assert_null(runner->error_name);
    case_do(runner, "PutItem",
            "{\"TableName\":\"tab\",\"Item\":{\"k\":{\"S\":\"a\"},\"v\":{\"N\":\"1\"}}}");
    assert_null(runner->error_name);
    *state = runner;
    return 0;
}

static void rule(struct case_runner *runner, enum fault_call call, enum fault_effect effect)
{
    struct fault_rule fault = {
        .call = call, .effect = effect, .first = 1, .every = 1, .error_kind = ERROR_INTERNAL};
    fault_store_clear_rules(runner->store);
    fault_store_add_rule(runner->store, &fault);
}

static void assert_answer(const struct case_runner *runner, const char *json)
{
    assert_null(runner->error_name);
    assert_int_equal(runner->answer.size, strlen(json));
    assert_memory_equal(runner->answer.data, json, strlen(json));
}

static void assert_item_is(struct case_runner *runner, const char *json)
{
    fault_store_clear_rules(runner->store);
    case_do(runner, "GetItem", GET);
    assert_answer(runner, json);
}

/* What writes, and what it must not have written when the commit failed. */
static const struct {
    const char *operation;
    const char *json;
} WRITES[] = {
    {"PutItem", "{\"TableName\":\"tab\",\"Item\":{\"k\":{\"S\":\"a\"}}}"},
    {"DeleteItem", "{\"TableName\":\"tab\",\"Key\":{\"k\":{\"S\":\"a\"}},"
                   "\"ReturnValues\":\"ALL_OLD\"}"},
    {"UpdateItem", "{\"TableName\":\"tab\",\"Key\":{\"k\":{\"S\":\"a\"}},\"UpdateExpression\":"
                   "\"REMOVE v\"}"},
    {"BatchWriteItem", "{\"RequestItems\":{\"tab\":[{\"DeleteRequest\":{\"Key\":{\"k\":{\"S\":"
                       "\"a\"}}}}]}}"},
    {"DeleteTable", "{\"TableName\":\"tab\"}"},
    {"UpdateTable", "{\"TableName\":\"tab\",\"TableClass\":\"STANDARD\"}"},
};

static void test_failed_commit_is_an_error_and_changes_nothing(void **state)
{
    struct case_runner *runner = *state;
    for (size_t i = 0; i < COUNT_OF(WRITES); i++) {
        rule(runner, FAULT_TRANSACT, FAULT_FAIL_COMMIT);
        case_do(runner, WRITES[i].operation, WRITES[i].json);
        assert_string_equal(runner->error_name, "InternalServerError");
        assert_item_is(runner, "{\"Item\":{\"k\":{\"S\":\"a\"},\"v\":{\"N\":\"1\"}}}");
    }
}

static void test_failed_read_is_an_error(void **state)
{
    static const struct {
        const char *operation;
        const char *json;
        enum fault_call call;
    } READS[] = {
        {"GetItem", "{\"TableName\":\"tab\",\"Key\":{\"k\":{\"S\":\"a\"}}}", FAULT_GET},
        {"BatchGetItem", "{\"RequestItems\":{\"tab\":{\"Keys\":[{\"k\":{\"S\":\"a\"}}]}}}",
         FAULT_GET},
        {"Query",
         "{\"TableName\":\"tab\",\"KeyConditionExpression\":\"k = :k\","
         "\"ExpressionAttributeValues\":{\":k\":{\"S\":\"a\"}}}",
         FAULT_SCAN},
        {"Scan", "{\"TableName\":\"tab\"}", FAULT_SCAN},
        {"DescribeTable", "{\"TableName\":\"tab\"}", FAULT_COUNTER_READ},
        {"DeleteTable", "{\"TableName\":\"tab\"}", FAULT_COUNTER_READ},
    };
    struct case_runner *runner = *state;
    for (size_t i = 0; i < COUNT_OF(READS); i++) {
        rule(runner, READS[i].call, FAULT_FAIL);
        case_do(runner, READS[i].operation, READS[i].json);
        assert_string_equal(runner->error_name, "InternalServerError");
    }
    assert_item_is(runner, "{\"Item\":{\"k\":{\"S\":\"a\"},\"v\":{\"N\":\"1\"}}}");
}

/* An engine may ask again; only what was seen last counts. */
static void test_only_the_last_decision_counts(void **state)
{
    struct case_runner *runner = *state;
    rule(runner, FAULT_TRANSACT, FAULT_RECALL);
    case_do(runner, "PutItem",
            "{\"TableName\":\"tab\",\"Item\":{\"k\":{\"S\":\"a\"}},"
            "\"ConditionExpression\":\"attribute_not_exists(k)\"}");
    assert_string_equal(runner->error_name, "ConditionalCheckFailedException");
    case_do(runner, "UpdateItem",
            "{\"TableName\":\"tab\",\"Key\":{\"k\":{\"S\":\"a\"}},\"UpdateExpression\":"
            "\"SET v = v + :n\",\"ExpressionAttributeValues\":{\":n\":{\"N\":\"1\"}},"
            "\"ReturnValues\":\"ALL_OLD\"}");
    assert_answer(runner, "{\"Attributes\":{\"k\":{\"S\":\"a\"},\"v\":{\"N\":\"1\"}}}");
    case_do(runner, "DeleteItem",
            "{\"TableName\":\"tab\",\"Key\":{\"k\":{\"S\":\"a\"}},"
            "\"ConditionExpression\":\"attribute_exists(k)\","
            "\"ReturnValues\":\"ALL_OLD\"}");
    assert_answer(runner, "{\"Attributes\":{\"k\":{\"S\":\"a\"},\"v\":{\"N\":\"2\"}}}");
    assert_item_is(runner, "{}");
}

/* The answer to a write waits until it is durable. */
static void test_answer_waits_for_the_commit(void **state)
{
    struct case_runner *runner = *state;
    struct slice json =
        SLICE("{\"TableName\":\"tab\",\"Item\":{\"k\":{\"S\":\"a\"}},\"ReturnValues\":"
              "\"ALL_OLD\"}");
    void *input;
    struct case_call call;
    rule(runner, FAULT_TRANSACT, FAULT_HOLD_DONE);
    arena_reset(&runner->arena);
    assert_null(model_decode_input(&runner->arena, MODEL_OPERATION_PUT_ITEM, json, &input));
    case_start_call(runner, MODEL_OPERATION_PUT_ITEM, input, &call);
    assert_false(call.is_ended);
    fault_store_release(runner->store);
    case_await_call(&call);
    case_answer(runner, MODEL_OPERATION_PUT_ITEM, call.call.error, call.call.output);
    assert_answer(runner, "{\"Attributes\":{\"k\":{\"S\":\"a\"},\"v\":{\"N\":\"1\"}}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_failed_commit_is_an_error_and_changes_nothing, setup,
                                        case_end),
        cmocka_unit_test_setup_teardown(test_failed_read_is_an_error, setup, case_end),
        cmocka_unit_test_setup_teardown(test_only_the_last_decision_counts, setup, case_end),
        cmocka_unit_test_setup_teardown(test_answer_waits_for_the_commit, setup, case_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
