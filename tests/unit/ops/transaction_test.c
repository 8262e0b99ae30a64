/* What meets a transaction that is under way, and transactions over engines that fail or ask twice.
 */

#include "ops/case_runner.h"

#define ITEM(name) "{\"TableName\":\"tab\",\"Item\":{\"k\":{\"S\":\"" name "\"}}}"
#define KEY(name) "{\"TableName\":\"tab\",\"Key\":{\"k\":{\"S\":\"" name "\"}}}"
#define WRITE(token, name)                                                                         \
    "{\"ClientRequestToken\":\"" token "\",\"TransactItems\":[{\"Update\":{\"TableName\":"         \
    "\"tab\",\"Key\":{\"k\":{\"S\":\"" name "\"}},\"UpdateExpression\":\"ADD n :one\","            \
    "\"ExpressionAttributeValues\":{\":one\":{\"N\":\"1\"}}}},{\"ConditionCheck\":{\"TableName\":" \
    "\"tab\",\"Key\":{\"k\":{\"S\":\"checked\"}},\"ConditionExpression\":"                         \
    "\"attribute_not_exists(k)\"}}]}"

static int setup(void **state)
{
    struct case_runner *runner = case_new("transaction_test");
    case_do(runner, "CreateTable",
            "{\"TableName\":\"tab\",\"AttributeDefinitions\":[{\"AttributeName\":\"k\","
            "\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"k\",\"KeyType\":"
            "\"HASH\"}],\"BillingMode\":\"PAY_PER_REQUEST\"}");
    assert_null(runner->error_name);
    *state = runner;
    return 0;
}

static void once(struct case_runner *runner, enum fault_effect effect)
{
    struct fault_rule rule = {
        .call = FAULT_TRANSACT, .effect = effect, .first = 1, .error_kind = ERROR_INTERNAL};
    fault_store_clear_rules(runner->store);
    fault_store_add_rule(runner->store, &rule);
}

/* An operation whose answer is held back. */
struct running {
    struct arena arena;
    struct case_call call;
};

static void begin(struct case_runner *runner, struct running *running, const char *operation,
                  const char *json)
{
    enum model_operation id = model_operation_of_name(slice_of_cstring(operation));
    void *input;
    arena_init(&running->arena, CASE_ARENA_BYTES);
    assert_null(model_decode_input(&running->arena, id, slice_of_cstring(json), &input));
    once(runner, FAULT_HOLD_DONE);
    running->call = (struct case_call){
        .call = {.environment = &runner->environment,
                 .arena = &running->arena,
                 .operation = id,
                 .region = SLICE("eu-west-1"),
                 .now_ms = runner->now_ms,
                 .input = input,
                 .finish = case_finish},
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .ended = PTHREAD_COND_INITIALIZER,
    };
    op_row(id)->run(&running->call.call);
    assert_false(running->call.is_ended);
}

static void end(struct case_runner *runner, struct running *running)
{
    fault_store_release(runner->store);
    case_await_call(&running->call);
    assert_null(running->call.call.error);
    arena_fini(&running->arena);
}

static void assert_answer(struct case_runner *runner, const char *operation, const char *json,
                          const char *answer)
{
    case_do(runner, operation, json);
    if (runner->answer.size != strlen(answer) ||
        memcmp(runner->answer.data, answer, strlen(answer)) != 0)
        fail_msg("%s\ngot  %.*s\nwant %s", json, SLICE_PRINT(runner->answer), answer);
}

#define CONFLICT                                                                                   \
    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionConflictException\","               \
    "\"message\":\"Transaction is ongoing for the item\"}"
#define CANCELLED(codes, reasons)                                                                  \
    "{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionCanceledException\","               \
    "\"Message\":\"Transaction cancelled, please refer cancellation reasons for specific "         \
    "reasons [" codes "]\",\"CancellationReasons\":[" reasons "]}"
#define REASON                                                                                     \
    "{\"Code\":\"TransactionConflict\",\"Message\":\"Transaction is ongoing for the item\"}"
#define NONE "{\"Code\":\"None\"}"

static void test_single_writes_get_an_exception(void **state)
{
    struct case_runner *runner = *state;
    struct running running;
    begin(runner, &running, "TransactWriteItems", WRITE("t", "a"));
    assert_answer(runner, "PutItem", ITEM("a"), CONFLICT);
    assert_answer(runner, "DeleteItem", KEY("a"), CONFLICT);
    assert_answer(runner, "UpdateItem", KEY("a"), CONFLICT);
    /* The condition is not even looked at; and an item that is only checked is met, too. */
    assert_answer(runner, "PutItem",
                  "{\"TableName\":\"tab\",\"Item\":{\"k\":{\"S\":\"checked\"}},"
                  "\"ConditionExpression\":\"attribute_exists(k)\"}",
                  CONFLICT);
    assert_answer(runner, "PutItem", ITEM("b"), "{}");
    end(runner, &running);
    assert_answer(runner, "DeleteItem", KEY("a"), "{}");
}

static void test_items_of_a_batch_are_left(void **state)
{
    struct case_runner *runner = *state;
    struct running running;
    begin(runner, &running, "TransactWriteItems", WRITE("t", "a"));
    assert_answer(runner, "BatchWriteItem",
                  "{\"ReturnConsumedCapacity\":\"TOTAL\",\"RequestItems\":{\"tab\":[{"
                  "\"PutRequest\":{\"Item\":{\"k\":{\"S\":\"a\"}}}},{\"PutRequest\":{\"Item\":{"
                  "\"k\":{\"S\":\"b\"}}}},{\"DeleteRequest\":{\"Key\":{\"k\":{\"S\":"
                  "\"checked\"}}}}]}}",
                  "{\"UnprocessedItems\":{\"tab\":[{\"PutRequest\":{\"Item\":{\"k\":{\"S\":\"a\"}}}"
                  "},{\"DeleteRequest\":{\"Key\":{\"k\":{\"S\":\"checked\"}}}}]},"
                  "\"ConsumedCapacity\":[{\"TableName\":\"tab\",\"CapacityUnits\":1}]}");
    end(runner, &running);
    assert_answer(runner, "GetItem", KEY("a"),
                  "{\"Item\":{\"k\":{\"S\":\"a\"},\"n\":{\"N\":\"1\"}}}");
    assert_answer(runner, "GetItem", KEY("b"), "{\"Item\":{\"k\":{\"S\":\"b\"}}}");
}

static void test_transactions_are_cancelled(void **state)
{
    struct case_runner *runner = *state;
    struct running running;
    begin(runner, &running, "TransactWriteItems", WRITE("t", "a"));
    assert_answer(runner, "TransactWriteItems",
                  "{\"TransactItems\":[{\"Put\":" ITEM("b") "},{\"Put\":" ITEM(
                      "a") "},"
                           "{\"Put\":{\"TableName\":\"tab\",\"Item\":{\"k\":{\"S\":\"c\"}},"
                           "\"ConditionExpression\":\"attribute_exists(k)\"}}]}",
                  CANCELLED("None, TransactionConflict, ConditionalCheckFailed",
                            NONE "," REASON ",{\"Code\":\"ConditionalCheckFailed\",\"Message\":"
                                 "\"The conditional request failed\"}"));
    assert_answer(runner, "TransactGetItems",
                  "{\"TransactItems\":[{\"Get\":" KEY("checked") "},{\"Get\":" KEY("b") "}]}",
                  CANCELLED("TransactionConflict, None", REASON "," NONE));
    assert_answer(runner, "TransactGetItems", "{\"TransactItems\":[{\"Get\":" KEY("b") "}]}",
                  "{\"Responses\":[{}]}");
    end(runner, &running);
    assert_answer(runner, "TransactGetItems", "{\"TransactItems\":[{\"Get\":" KEY("a") "}]}",
                  "{\"Responses\":[{\"Item\":{\"k\":{\"S\":\"a\"},\"n\":{\"N\":\"1\"}}}]}");
}

/* Plain reads meet nobody. */
static void test_reads_do_not_mind(void **state)
{
    struct case_runner *runner = *state;
    struct running running;
    assert_answer(runner, "PutItem", ITEM("a"), "{}");
    begin(runner, &running, "TransactWriteItems", WRITE("t", "a"));
    static const char *const reads[][2] = {
        {"GetItem", KEY("a")},
        {"BatchGetItem", "{\"RequestItems\":{\"tab\":{\"Keys\":[{\"k\":{\"S\":\"a\"}}]}}}"},
        {"Scan", "{\"TableName\":\"tab\"}"},
        {"Query", "{\"TableName\":\"tab\",\"KeyConditionExpression\":\"k = :k\","
                  "\"ExpressionAttributeValues\":{\":k\":{\"S\":\"a\"}}}"},
    };
    for (size_t i = 0; i < COUNT_OF(reads); i++) {
        case_do(runner, reads[i][0], reads[i][1]);
        assert_null(runner->error_name);
    }
    end(runner, &running);
}

/* An ordinary write in flight: writes line up behind it, a transaction that reads meets it
 * (developer guide, "Transaction conflict handling in DynamoDB"). */
static void test_ordinary_writes_in_flight(void **state)
{
    struct case_runner *runner = *state;
    struct running running;
    begin(runner, &running, "PutItem", ITEM("a"));
    assert_answer(runner, "UpdateItem", KEY("a"), "{}");
    assert_answer(runner, "TransactWriteItems", "{\"TransactItems\":[{\"Put\":" ITEM("a") "}]}",
                  "{}");
    assert_answer(runner, "TransactGetItems",
                  "{\"TransactItems\":[{\"Get\":" KEY("b") "},{\"Get\":" KEY("a") "}]}",
                  CANCELLED("None, TransactionConflict", NONE "," REASON));
    end(runner, &running);
}

static void test_a_token_under_way_is_in_progress(void **state)
{
    struct case_runner *runner = *state;
    struct running running;
    begin(runner, &running, "TransactWriteItems", WRITE("t", "a"));
    case_do(runner, "TransactWriteItems", WRITE("t", "a"));
    assert_string_equal(runner->error_name, "TransactionInProgressException");
    assert_true(slice_equal(runner->error_message,
                            SLICE("Transaction from previous request is still in progress")));
    case_do(runner, "TransactWriteItems", WRITE("t", "b"));
    assert_string_equal(runner->error_name, "IdempotentParameterMismatchException");
    case_do(runner, "TransactWriteItems", WRITE("u", "a"));
    assert_string_equal(runner->error_name, "TransactionCanceledException");
    end(runner, &running);
    assert_answer(runner, "TransactWriteItems", WRITE("t", "a"), "{}");
    assert_answer(runner, "GetItem", KEY("a"),
                  "{\"Item\":{\"k\":{\"S\":\"a\"},\"n\":{\"N\":\"1\"}}}");
}

static void test_a_failed_commit_changes_nothing_and_uses_no_token(void **state)
{
    struct case_runner *runner = *state;
    once(runner, FAULT_FAIL_COMMIT);
    case_do(runner, "TransactWriteItems", WRITE("t", "a"));
    assert_string_equal(runner->error_name, "InternalServerError");
    assert_answer(runner, "GetItem", KEY("a"), "{}");
    assert_answer(runner, "TransactWriteItems", WRITE("t", "a"), "{}");
    assert_answer(runner, "GetItem", KEY("a"),
                  "{\"Item\":{\"k\":{\"S\":\"a\"},\"n\":{\"N\":\"1\"}}}");
}

static void test_only_the_last_decision_counts(void **state)
{
    struct case_runner *runner = *state;
    static const char put[] =
        "{\"ReturnConsumedCapacity\":\"TOTAL\",\"TransactItems\":[{\"Put\":{\"TableName\":\"tab\","
        "\"Item\":{\"k\":{\"S\":\"a\"}},\"ConditionExpression\":\"attribute_exists(k)\"}}]}";
    assert_answer(runner, "PutItem", ITEM("a"), "{}");
    once(runner, FAULT_RECALL); /* first it is not there */
    assert_answer(runner, "TransactWriteItems", put,
                  "{\"ConsumedCapacity\":[{\"TableName\":\"tab\",\"CapacityUnits\":2,"
                  "\"WriteCapacityUnits\":2}]}");
    assert_answer(runner, "TransactWriteItems", WRITE("t", "a"), "{}");
    once(runner, FAULT_RECALL); /* first the token is new */
    assert_answer(runner, "TransactWriteItems", WRITE("t", "a"), "{}");
    assert_answer(runner, "GetItem", KEY("a"),
                  "{\"Item\":{\"k\":{\"S\":\"a\"},\"n\":{\"N\":\"1\"}}}");
}

static void test_a_failed_read_is_an_error(void **state)
{
    struct case_runner *runner = *state;
    struct fault_rule rule = {
        .call = FAULT_GET, .effect = FAULT_FAIL, .first = 1, .error_kind = ERROR_INTERNAL};
    fault_store_add_rule(runner->store, &rule);
    case_do(runner, "TransactGetItems", "{\"TransactItems\":[{\"Get\":" KEY("a") "}]}");
    assert_string_equal(runner->error_name, "InternalServerError");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, case_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_single_writes_get_an_exception),
        TEST(test_items_of_a_batch_are_left),
        TEST(test_transactions_are_cancelled),
        TEST(test_reads_do_not_mind),
        TEST(test_ordinary_writes_in_flight),
        TEST(test_a_token_under_way_is_in_progress),
        TEST(test_a_failed_commit_changes_nothing_and_uses_no_token),
        TEST(test_only_the_last_decision_counts),
        TEST(test_a_failed_read_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
