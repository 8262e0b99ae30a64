/* Many tables have a bucket each: none is forgotten, and none gets another one's. */

#include "ops/case_runner.h"

enum { TABLES = 100 }; /* more than there is room for at first */

static void create(struct case_runner *runner, unsigned number, unsigned units)
{
    char json[512];
    snprintf(json, sizeof(json),
             "{\"TableName\":\"tab%u\",\"AttributeDefinitions\":[{\"AttributeName\":\"k\","
             "\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"k\",\"KeyType\":"
             "\"HASH\"}],\"ProvisionedThroughput\":{\"ReadCapacityUnits\":1,"
             "\"WriteCapacityUnits\":%u}}",
             number, units);
    case_do(runner, "CreateTable", json);
    assert_null(runner->error_name);
}

static bool put(struct case_runner *runner, unsigned number)
{
    char json[256];
    snprintf(json, sizeof(json), "{\"TableName\":\"tab%u\",\"Item\":{\"k\":{\"S\":\"a\"}}}",
             number);
    case_do(runner, "PutItem", json);
    if (runner->error_name != NULL)
        assert_string_equal(runner->error_name, "ProvisionedThroughputExceededException");
    return runner->error_name == NULL;
}

/* Every table has units for two writes when it is made, and number % 3 are used up. */
static void use_up(struct case_runner *runner)
{
    for (unsigned i = 0; i < TABLES; i++)
        create(runner, i, 2);
    assert_null(op_throttle_open(runner->now_ms, &runner->environment.throttle));
    for (unsigned i = 0; i < TABLES; i++) {
        for (unsigned used = 0; used < i % 3; used++)
            assert_true(put(runner, i));
    }
}

static void many_tables_keep_their_buckets_apart(void **state)
{
    (void)state;
    struct case_runner runner;
    case_open(&runner, "throttle_test");
    use_up(&runner);
    for (unsigned i = 0; i < TABLES; i++) {
        for (unsigned left = 2 - i % 3; left > 0; left--)
            assert_true(put(&runner, i));
        assert_false(put(&runner, i));
    }
    case_close(&runner);
}

static void a_bucket_that_is_full_by_now_is_as_good_as_none(void **state)
{
    enum { BURST = 2 * 300 };
    (void)state;
    struct case_runner runner;
    case_open(&runner, "throttle_test");
    use_up(&runner);
    runner.now_ms += 1000 * 1000; /* all are full, and are made room of by the next ones */
    for (unsigned i = TABLES; i < 2 * TABLES; i++) {
        create(&runner, i, 1);
        assert_true(put(&runner, i));
        assert_false(put(&runner, i));
    }
    for (unsigned i = 0; i < BURST; i++)
        assert_true(put(&runner, 2));
    assert_false(put(&runner, 2));
    case_close(&runner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_tables_keep_their_buckets_apart),
        cmocka_unit_test(a_bucket_that_is_full_by_now_is_as_good_as_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
