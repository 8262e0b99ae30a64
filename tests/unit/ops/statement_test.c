/* Statements: pages and their tokens, and what becomes of them over engines that fail, ask twice or
 * are busy with a transaction. */

#include "ops/case_runner.h"

#include "base/base64.h"
#include "num/num.h"
#include "ops/statement_token.h"

enum { PARTITIONS = 3, ITEMS = 12, PAGES_MAX = 200 };

static int setup(void **state)
{
    struct case_runner *runner = case_new("statement_test");
    case_do(runner, "CreateTable",
            "{\"TableName\":\"tab\",\"AttributeDefinitions\":[{\"AttributeName\":\"p\","
            "\"AttributeType\":\"S\"},{\"AttributeName\":\"s\",\"AttributeType\":\"N\"}],"
            "\"KeySchema\":[{\"AttributeName\":\"p\",\"KeyType\":\"HASH\"},{\"AttributeName\":"
            "\"s\",\"KeyType\":\"RANGE\"}],\"BillingMode\":\"PAY_PER_REQUEST\"}");
    assert_null(runner->error_name);
    for (int i = 0; i < PARTITIONS * ITEMS; i++) {
        char json[256];
        snprintf(json, sizeof(json),
                 "{\"TableName\":\"tab\",\"Item\":{\"p\":{\"S\":\"%c\"},\"s\":{\"N\":\"%d\"},"
                 "\"n\":{\"N\":\"%d\"}}}",
                 'a' + i / ITEMS, i % ITEMS, i);
        case_do(runner, "PutItem", json);
        assert_null(runner->error_name);
    }
    *state = runner;
    return 0;
}

/* --- pages --- */

/* The value of a member that is a string, copied; empty when there is none. */
static void copy_member(const struct case_runner *runner, const char *name, char *out, size_t size)
{
    char start[64];
    snprintf(start, sizeof(start), "\"%s\":\"", name);
    const uint8_t *found = memmem(runner->answer.data, runner->answer.size, start, strlen(start));
    out[0] = '\0';
    if (found == NULL)
        return;
    found += strlen(start);
    const uint8_t *end =
        memchr(found, '"', (size_t)(runner->answer.data + runner->answer.size - found));
    assert_non_null(end);
    assert_true((size_t)(end - found) < size);
    memcpy(out, found, (size_t)(end - found));
    out[end - found] = '\0';
}

static void ask(struct case_runner *runner, const char *where, int limit, const char *token)
{
    char json[2048];
    int size = snprintf(json, sizeof(json), "{\"Statement\":\"SELECT n FROM tab %s\"", where);
    if (limit > 0)
        size += snprintf(json + size, sizeof(json) - (size_t)size, ",\"Limit\":%d", limit);
    if (token[0] != '\0')
        size += snprintf(json + size, sizeof(json) - (size_t)size, ",\"NextToken\":\"%s\"", token);
    snprintf(json + size, sizeof(json) - (size_t)size, "}");
    case_do(runner, "ExecuteStatement", json);
}

/* All n of all pages in order; each page has at most limit, and is not the last for nothing. */
static size_t read_all(struct case_runner *runner, const char *where, int limit, int *ret_numbers,
                       size_t *ret_pages)
{
    char token[1024] = "";
    size_t count = 0;
    for (*ret_pages = 1; *ret_pages < PAGES_MAX; ++*ret_pages) {
        ask(runner, where, limit, token);
        if (runner->error_name != NULL)
            fail_msg("%s, limit %d: %.*s", where, limit, SLICE_PRINT(runner->error_message));
        size_t before = count;
        const uint8_t *at = runner->answer.data;
        const uint8_t *end = at + runner->answer.size;
        while ((at = memmem(at, (size_t)(end - at), "{\"n\":{\"N\":\"", 11)) != NULL) {
            at += 11;
            assert_true(count < PARTITIONS * ITEMS);
            ret_numbers[count++] = (int)strtol((const char *)at, NULL, 10);
        }
        assert_true(limit == 0 || count - before <= (size_t)limit);
        copy_member(runner, "NextToken", token, sizeof(token));
        if (token[0] == '\0')
            return count;
    }
    fail_msg("%s: no end of pages", where);
    return 0;
}

static void test_pages_together_are_the_whole(void **state)
{
    struct case_runner *runner = *state;
    static const struct {
        const char *where;
        int first, last, step; /* what is expected, in order; step 0: in any, so many */
        size_t pages;          /* without a limit */
    } cases[] = {
        {"WHERE p = 'b'", 12, 23, 1, 1},
        {"WHERE p = 'b' AND s >= 3 ORDER BY s DESC", 23, 15, -1, 1},
        {"WHERE p IN ['a', 'b', 'c']", 0, 35, 1, 4}, /* of ten items */
        {"WHERE p IN ['a', 'b', 'c'] ORDER BY p DESC, s DESC", 35, 0, -1, 4},
        {"WHERE p IN ['a', 'none', 'b'] AND s BETWEEN 11 AND 12", 11, 23, 12, 1},
        {"WHERE p = 'c' AND (s < 2 OR s >= 2)", 24, 35, 1, 2},
        {"WHERE p = 'a' AND n > 5", 6, 11, 1, 1},
        {"WHERE n >= 0", 0, 36, 0, 1},
        {"", 0, 36, 0, 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (int limit = 0; limit <= 13; limit++) {
            int numbers[PARTITIONS * ITEMS];
            size_t pages;
            size_t count = read_all(runner, cases[i].where, limit, numbers, &pages);
            if (limit == 0)
                assert_int_equal(pages, cases[i].pages);
            if (cases[i].step == 0) {
                assert_int_equal(count, cases[i].last);
                continue;
            }
            int step = cases[i].step;
            assert_int_equal(count, (cases[i].last - cases[i].first) / step + 1);
            for (size_t j = 0; j < count; j++)
                assert_int_equal(numbers[j], cases[i].first + (int)j * step);
        }
}

static void test_a_page_tells_where_it_ended(void **state)
{
    struct case_runner *runner = *state;
    ask(runner, "WHERE p = 'a'", 2, "");
    assert_true(case_has(runner->answer,
                         SLICE("\"LastEvaluatedKey\":{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}}")));
}

/* --- tokens --- */

static void assert_refused(struct case_runner *runner, const char *where, const char *token,
                           const char *words)
{
    ask(runner, where, 2, token);
    assert_non_null(runner->error_name);
    assert_string_equal(runner->error_name, "ValidationException");
    assert_true(slice_equal(runner->error_message, slice_of_cstring(words)));
}

#define INVALID "Invalid NextToken"
#define OTHER "NextToken does not match request"

static void test_a_token_is_of_its_statement(void **state)
{
    struct case_runner *runner = *state;
    char token[1024];
    ask(runner, "WHERE p = 'a'", 2, "");
    copy_member(runner, "NextToken", token, sizeof(token));
    assert_true(strlen(token) > 0);
    assert_refused(runner, "WHERE p = 'b'", token, OTHER);
    assert_refused(runner, "WHERE p  = 'a'", token, OTHER);
    ask(runner, "WHERE p = 'a'", 5, token); /* another limit is no other statement */
    assert_null(runner->error_name);
    char json[2048];
    snprintf(json, sizeof(json),
             "{\"Statement\":\"SELECT n FROM tab WHERE p = 'a'\",\"Parameters\":[{\"S\":\"x\"}],"
             "\"NextToken\":\"%s\"}",
             token);
    case_do(runner, "ExecuteStatement", json);
    assert_true(slice_equal(runner->error_message, SLICE(OTHER)));
    snprintf(json, sizeof(json),
             "{\"Statement\":\"DELETE FROM tab WHERE p = 'a' AND s = 1\",\"NextToken\":\"%s\"}",
             token);
    case_do(runner, "ExecuteStatement", json);
    assert_true(slice_equal(runner->error_message, SLICE(OTHER)));
}

static void test_no_byte_of_a_token_may_change(void **state)
{
    struct case_runner *runner = *state;
    char token[1024];
    ask(runner, "WHERE p = 'a'", 2, "");
    copy_member(runner, "NextToken", token, sizeof(token));
    size_t size = strlen(token);
    for (size_t i = 0; i < size; i++) {
        char changed[1024];
        memcpy(changed, token, size + 1);
        changed[i] = token[i] == 'A' ? 'B' : 'A';
        assert_refused(runner, "WHERE p = 'a'", changed, INVALID);
    }
    for (size_t i = 0; i < size; i++) { /* nor may any be missing */
        char cut[1024];
        memcpy(cut, token, i);
        cut[i] = '\0';
        if (i > 0)
            assert_refused(runner, "WHERE p = 'a'", cut, INVALID);
    }
}

static struct slice key_of(struct arena *arena, const char *partition, const char *sort)
{
    struct value_member members[2] = {{SLICE("p"), value_string(slice_of_cstring(partition))}};
    struct num num;
    struct value map;
    assert_int_equal(num_parse(slice_of_cstring(sort), &num), NUM_OK);
    members[1].name = SLICE("s");
    assert_true(value_build_number(arena, &num, &members[1].value));
    assert_true(value_build_map(arena, members, 2, &map));
    return map.body;
}

/* Who can compute the checksum can ask for a position, but only for one that the read has. */
static void test_a_forged_token_reaches_nothing_else(void **state)
{
    struct case_runner *runner = *state;
    char token[1024];
    uint8_t bytes[1024];
    size_t size;
    ask(runner, "WHERE p = 'a' AND s > 5", 2, "");
    copy_member(runner, "NextToken", token, sizeof(token));
    assert_true(base64_decode(slice_of_cstring(token), bytes, &size));
    uint64_t fingerprint = 0;
    for (size_t i = 1; i <= 8; i++)
        fingerprint = fingerprint << 8 | bytes[i];
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    const struct op_statement_position positions[] = {
        {1, SLICE_ABSENT},
        {UINT64_MAX, SLICE_ABSENT},
        {0, key_of(&arena, "b", "7")},
        {0, key_of(&arena, "a", "5")},
        {0, ITEM_EMPTY},
    };
    for (size_t i = 0; i < COUNT_OF(positions); i++) {
        struct slice made = op_statement_token_make(&arena, fingerprint, &positions[i]);
        assert_true(slice_present(made));
        snprintf(token, sizeof(token), "%.*s", SLICE_PRINT(made));
        assert_refused(runner, "WHERE p = 'a' AND s > 5", token, INVALID);
    }
    const struct op_statement_position sound = {0, key_of(&arena, "a", "9")};
    struct slice made = op_statement_token_make(&arena, fingerprint, &sound);
    snprintf(token, sizeof(token), "%.*s", SLICE_PRINT(made));
    ask(runner, "WHERE p = 'a' AND s > 5", 1, token);
    assert_null(runner->error_name);
    assert_true(case_has(runner->answer, SLICE("{\"Items\":[{\"n\":{\"N\":\"10\"}}]")));
    arena_fini(&arena);
}

/* The table of that name is another one. */
static void test_a_token_is_of_its_table(void **state)
{
    struct case_runner *runner = *state;
    char token[1024];
    ask(runner, "", 2, "");
    copy_member(runner, "NextToken", token, sizeof(token));
    case_do(runner, "DeleteTable", "{\"TableName\":\"tab\"}");
    assert_null(runner->error_name);
    case_do(runner, "CreateTable",
            "{\"TableName\":\"tab\",\"AttributeDefinitions\":[{\"AttributeName\":\"k\","
            "\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"k\",\"KeyType\":"
            "\"HASH\"}],\"BillingMode\":\"PAY_PER_REQUEST\"}");
    assert_null(runner->error_name);
    assert_refused(runner, "", token, OTHER);
}

/* --- engines --- */

static const struct {
    const char *operation;
    const char *json;
} WRITES[] = {
    {"ExecuteStatement", "{\"Statement\":\"INSERT INTO tab VALUE {'p': 'x', 's': 1}\"}"},
    {"ExecuteStatement", "{\"Statement\":\"UPDATE tab SET n = 99 WHERE p = 'a' AND s = 1\"}"},
    {"ExecuteStatement", "{\"Statement\":\"DELETE FROM tab WHERE p = 'a' AND s = 1\"}"},
    {"BatchExecuteStatement",
     "{\"Statements\":[{\"Statement\":\"DELETE FROM tab WHERE p = 'a' AND s = 1\"}]}"},
    {"ExecuteTransaction",
     "{\"TransactStatements\":[{\"Statement\":\"DELETE FROM tab WHERE p = 'a' AND s = 1\"},{"
     "\"Statement\":\"INSERT INTO tab VALUE {'p': 'x', 's': 1}\"}]}"},
};

static void rule(struct case_runner *runner, enum fault_call call, enum fault_effect effect)
{
    struct fault_rule fault = {
        .call = call, .effect = effect, .first = 1, .every = 1, .error_kind = ERROR_INTERNAL};
    fault_store_clear_rules(runner->store);
    fault_store_add_rule(runner->store, &fault);
}

static void assert_answer(struct case_runner *runner, const char *operation, const char *json,
                          const char *answer)
{
    case_do(runner, operation, json);
    if (runner->answer.size != strlen(answer) ||
        memcmp(runner->answer.data, answer, strlen(answer)) != 0)
        fail_msg("%s\ngot  %.*s\nwant %s", json, SLICE_PRINT(runner->answer), answer);
}

static void test_failed_commit_is_an_error_and_changes_nothing(void **state)
{
    struct case_runner *runner = *state;
    for (size_t i = 0; i < COUNT_OF(WRITES); i++) {
        rule(runner, FAULT_TRANSACT, FAULT_FAIL_COMMIT);
        case_do(runner, WRITES[i].operation, WRITES[i].json);
        assert_non_null(runner->error_name);
        assert_string_equal(runner->error_name, "InternalServerError");
        fault_store_clear_rules(runner->store);
        assert_answer(runner, "ExecuteStatement",
                      "{\"Statement\":\"SELECT n FROM tab WHERE p = 'a' AND s = 1\"}",
                      "{\"Items\":[{\"n\":{\"N\":\"1\"}}]}");
        assert_answer(runner, "ExecuteStatement",
                      "{\"Statement\":\"SELECT n FROM tab WHERE p = 'x'\"}", "{\"Items\":[]}");
    }
}

static void test_failed_read_is_an_error(void **state)
{
    struct case_runner *runner = *state;
    static const struct {
        enum fault_call call;
        const char *operation;
        const char *json;
    } reads[] = {
        {FAULT_SCAN, "ExecuteStatement", "{\"Statement\":\"SELECT * FROM tab\"}"},
        {FAULT_SCAN, "ExecuteStatement", "{\"Statement\":\"SELECT * FROM tab WHERE p = 'a'\"}"},
        {FAULT_GET, "BatchExecuteStatement",
         "{\"Statements\":[{\"Statement\":\"SELECT * FROM tab WHERE p = 'a' AND s = 1\"}]}"},
        {FAULT_GET, "ExecuteTransaction",
         "{\"TransactStatements\":[{\"Statement\":\"SELECT * FROM tab WHERE p = 'a' AND s = "
         "1\"}]}"},
    };
    for (size_t i = 0; i < COUNT_OF(reads); i++) {
        rule(runner, reads[i].call, FAULT_FAIL);
        case_do(runner, reads[i].operation, reads[i].json);
        assert_non_null(runner->error_name);
        assert_string_equal(runner->error_name, "InternalServerError");
    }
}

/* First the engine shows no item. */
static void test_only_the_last_decision_counts(void **state)
{
    struct case_runner *runner = *state;
    rule(runner, FAULT_TRANSACT, FAULT_RECALL);
    assert_answer(
        runner, "ExecuteStatement",
        "{\"Statement\":\"UPDATE tab SET n = n + 100 WHERE p = 'a' AND s = 1 RETURNING MODIFIED "
        "NEW *\"}",
        "{\"Items\":[{\"n\":{\"N\":\"101\"}}]}");
    assert_answer(runner, "ExecuteStatement",
                  "{\"Statement\":\"INSERT INTO tab VALUE {'p': 'a', 's': 1}\"}",
                  "{\"__type\":\"com.amazonaws.dynamodb.v20120810#DuplicateItemException\","
                  "\"message\":\"Duplicate primary key exists in table\"}");
    assert_answer(runner, "BatchExecuteStatement",
                  "{\"Statements\":[{\"Statement\":\"DELETE FROM tab WHERE p = 'a' AND s = 1 "
                  "RETURNING ALL OLD *\"}]}",
                  "{\"Responses\":[{\"TableName\":\"tab\",\"Item\":{\"n\":{\"N\":\"101\"},\"p\":{"
                  "\"S\":\"a\"},\"s\":{\"N\":\"1\"}}}]}");
    assert_answer(runner, "ExecuteTransaction",
                  "{\"TransactStatements\":[{\"Statement\":\"UPDATE tab SET n = n + 1 WHERE p = "
                  "'a' AND s = 2\"},{\"Statement\":\"EXISTS(SELECT * FROM tab WHERE p = 'a' AND s "
                  "= 3 AND n = 3)\"}]}",
                  "{\"Responses\":[]}");
}

/* A transaction holds a/1 and has not landed yet. */
static void test_what_a_transaction_holds(void **state)
{
    struct case_runner *runner = *state;
    struct arena arena;
    void *input;
    arena_init(&arena, CASE_ARENA_BYTES);
    assert_null(model_decode_input(&arena, MODEL_OPERATION_EXECUTE_TRANSACTION,
                                   slice_of_cstring(WRITES[4].json), &input));
    rule(runner, FAULT_TRANSACT, FAULT_HOLD_DONE);
    struct case_call call = {
        .call = {.environment = &runner->environment,
                 .arena = &arena,
                 .operation = MODEL_OPERATION_EXECUTE_TRANSACTION,
                 .region = SLICE("eu-west-1"),
                 .now_ms = runner->now_ms,
                 .input = input,
                 .finish = case_finish},
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .ended = PTHREAD_COND_INITIALIZER,
    };
    op_row(MODEL_OPERATION_EXECUTE_TRANSACTION)->run(&call.call);
    assert_false(call.is_ended);
    fault_store_clear_rules(runner->store);
    case_do(runner, "ExecuteStatement", WRITES[1].json);
    assert_string_equal(runner->error_name, "TransactionConflictException");
    assert_answer(
        runner, "BatchExecuteStatement",
        "{\"Statements\":[{\"Statement\":\"UPDATE tab SET n = 0 WHERE p = 'a' AND s = 1\"},{"
        "\"Statement\":\"UPDATE tab SET n = 0 WHERE p = 'a' AND s = 2\"}]}",
        "{\"Responses\":[{\"Error\":{\"Code\":\"TransactionConflict\",\"Message\":\"Transaction is "
        "ongoing for the item\"},\"TableName\":\"tab\"},{\"TableName\":\"tab\"}]}");
    case_do(runner, "ExecuteTransaction", WRITES[4].json);
    assert_true(
        case_has(runner->error_message, SLICE("[TransactionConflict, TransactionConflict]")));
    fault_store_release(runner->store);
    case_await_call(&call);
    assert_null(call.call.error);
    arena_fini(&arena);
    assert_answer(runner, "ExecuteStatement",
                  "{\"Statement\":\"SELECT n FROM tab WHERE p = 'a' AND s < 3\"}",
                  "{\"Items\":[{\"n\":{\"N\":\"0\"}},{\"n\":{\"N\":\"0\"}}]}");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, case_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pages_together_are_the_whole),
        TEST(test_a_page_tells_where_it_ended),
        TEST(test_a_token_is_of_its_statement),
        TEST(test_no_byte_of_a_token_may_change),
        TEST(test_a_forged_token_reaches_nothing_else),
        TEST(test_a_token_is_of_its_table),
        TEST(test_failed_commit_is_an_error_and_changes_nothing),
        TEST(test_failed_read_is_an_error),
        TEST(test_only_the_last_decision_counts),
        TEST(test_what_a_transaction_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
