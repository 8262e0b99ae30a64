/* Shard iterators and what GetRecords makes of them; time to live in transient states. */

#include "ops/case_runner.h"

#include "ops/stream_name.h"

static struct case_runner runner;

static int open_runner(void **state)
{
    (void)state;
    case_open(&runner, "streams");
    return 0;
}

static int close_runner(void **state)
{
    (void)state;
    case_close(&runner);
    return 0;
}

#define ARN "arn:aws:dynamodb:eu-west-1:000000000000:table/tab/stream/2023-11-14T22:13:20.000"
#define SHARD "shardId-00000001700000000000-00000000"

static void create_table(const char *view)
{
    char json[600];
    snprintf(json, sizeof(json),
             "{\"TableName\":\"tab\",\"AttributeDefinitions\":[{\"AttributeName\":\"k\","
             "\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"k\",\"KeyType\":"
             "\"HASH\"}],\"BillingMode\":\"PAY_PER_REQUEST\",\"StreamSpecification\":{"
             "\"StreamEnabled\":true,\"StreamViewType\":\"%s\"}}",
             view);
    case_do(&runner, "CreateTable", json);
    assert_null(runner.error_name);
}

static void put(const char *item)
{
    char json[600];
    snprintf(json, sizeof(json), "{\"TableName\":\"tab\",\"Item\":%s}", item);
    case_do(&runner, "PutItem", json);
    assert_null(runner.error_name);
}

/* The text behind `"name":"` in the last answer; false: there is none. */
static bool member(const char *name, char ret_text[256])
{
    char pattern[64];
    size_t size = (size_t)snprintf(pattern, sizeof(pattern), "\"%s\":\"", name);
    for (size_t i = 0; i + size <= runner.answer.size; i++) {
        if (memcmp(runner.answer.data + i, pattern, size) != 0)
            continue;
        const uint8_t *text = runner.answer.data + i + size;
        const uint8_t *end = memchr(text, '"', runner.answer.size - i - size);
        assert_non_null(end);
        snprintf(ret_text, 256, "%.*s", (int)(end - text), (const char *)text);
        return true;
    }
    return false;
}

static bool has(const char *text)
{
    return case_has(runner.answer, slice_of_cstring(text));
}

static void get_iterator(const char *type, const char *sequence_number, char ret_iterator[256])
{
    char json[600];
    int size = snprintf(
        json, sizeof(json),
        "{\"StreamArn\":\"" ARN "\",\"ShardId\":\"" SHARD "\",\"ShardIteratorType\":\"%s\"", type);
    if (sequence_number != NULL)
        size += snprintf(json + size, sizeof(json) - (size_t)size, ",\"SequenceNumber\":\"%s\"",
                         sequence_number);
    snprintf(json + size, sizeof(json) - (size_t)size, "}");
    case_do(&runner, "GetShardIterator", json);
    if (runner.error_name != NULL)
        fail_msg("%s: %.*s", runner.error_name, SLICE_PRINT(runner.error_message));
    assert_true(member("ShardIterator", ret_iterator));
}

static void get_records(const char *iterator, unsigned limit)
{
    char json[400];
    snprintf(json, sizeof(json), "{\"ShardIterator\":\"%s\",\"Limit\":%u}", iterator, limit);
    case_do(&runner, "GetRecords", json);
}

static void assert_failed(const char *name, const char *message)
{
    assert_non_null(runner.error_name);
    assert_string_equal(runner.error_name, name);
    assert_true(slice_equal(runner.error_message, slice_of_cstring(message)));
}

static void records_have_what_the_service_tells(void **state)
{
    (void)state;
    char iterator[256], text[256];
    create_table("NEW_AND_OLD_IMAGES");
    put("{\"k\":{\"S\":\"a\"}}");
    put("{\"k\":{\"S\":\"a\"},\"v\":{\"N\":\"1\"}}");
    get_iterator("TRIM_HORIZON", NULL, iterator);
    get_records(iterator, 1);
    assert_true(has("\"eventName\":\"INSERT\",\"eventVersion\":\"1.1\",\"eventSource\":"
                    "\"aws:dynamodb\",\"awsRegion\":\"eu-west-1\",\"dynamodb\":{"
                    "\"ApproximateCreationDateTime\":1"));
    assert_true(has("\"Keys\":{\"k\":{\"S\":\"a\"}},\"NewImage\":{\"k\":{\"S\":\"a\"}},"
                    "\"SequenceNumber\":\"1"));
    assert_true(has("\"SizeBytes\":4,\"StreamViewType\":\"NEW_AND_OLD_IMAGES\"}}]"));
    assert_true(member("eventID", text));
    assert_int_equal(strlen(text), 32);
    assert_true(member("SequenceNumber", text));
    assert_int_equal(strlen(text), 21);
    assert_true(member("NextShardIterator", iterator));
    get_records(iterator, 10);
    assert_true(has("\"eventName\":\"MODIFY\""));
    assert_true(has("\"NewImage\":{\"k\":{\"S\":\"a\"},\"v\":{\"N\":\"1\"}},\"OldImage\":{\"k\":{"
                    "\"S\":\"a\"}},\"SequenceNumber\":\"1"));
    assert_false(has("userIdentity"));
    assert_true(member("NextShardIterator", iterator));
    get_records(iterator, 10);
    assert_true(has("{\"Records\":[],\"NextShardIterator\":\""));
}

static void iterators_begin_where_they_are_told(void **state)
{
    (void)state;
    char iterator[256], first[256], last[256];
    create_table("KEYS_ONLY");
    get_iterator("TRIM_HORIZON", NULL, iterator);
    put("{\"k\":{\"S\":\"a\"}}");
    get_records(iterator, 1);
    assert_true(member("SequenceNumber", first));
    put("{\"k\":{\"S\":\"b\"}}");
    get_iterator("LATEST", NULL, iterator);
    put("{\"k\":{\"S\":\"c\"}}");
    get_records(iterator, 10);
    assert_true(has("\"Keys\":{\"k\":{\"S\":\"c\"}}") && !has("{\"S\":\"b\"}"));
    assert_true(member("SequenceNumber", last));
    get_iterator("AT_SEQUENCE_NUMBER", first, iterator);
    get_records(iterator, 10);
    assert_true(has("{\"S\":\"a\"}") && has("{\"S\":\"b\"}") && has("{\"S\":\"c\"}"));
    get_iterator("AFTER_SEQUENCE_NUMBER", first, iterator);
    get_records(iterator, 10);
    assert_true(!has("{\"S\":\"a\"}") && has("{\"S\":\"b\"}") && has("{\"S\":\"c\"}"));
    get_iterator("AFTER_SEQUENCE_NUMBER", last, iterator);
    get_records(iterator, 10);
    assert_true(has("{\"Records\":[]"));
    /* Where the shard begins. */
    case_do(&runner, "DescribeStream", "{\"StreamArn\":\"" ARN "\"}");
    assert_true(member("StartingSequenceNumber", first));
    get_iterator("AT_SEQUENCE_NUMBER", first, iterator);
    get_records(iterator, 10);
    assert_true(has("{\"S\":\"a\"}"));
}

static void iterators_expire(void **state)
{
    (void)state;
    char iterator[256], next[256];
    create_table("KEYS_ONLY");
    get_iterator("TRIM_HORIZON", NULL, iterator);
    runner.now_ms += OP_ITERATOR_MS;
    get_records(iterator, 10);
    assert_null(runner.error_name);
    assert_true(member("NextShardIterator", next));
    runner.now_ms += 1;
    get_records(iterator, 10);
    assert_failed("ExpiredIteratorException", "Shard iterator has expired");
    get_records(next, 10);
    assert_null(runner.error_name);
}

static void a_closed_shard_has_no_next_iterator(void **state)
{
    (void)state;
    char iterator[256];
    create_table("KEYS_ONLY");
    put("{\"k\":{\"S\":\"a\"}}");
    case_do(&runner, "UpdateTable",
            "{\"TableName\":\"tab\",\"StreamSpecification\":{\"StreamEnabled\":false}}");
    put("{\"k\":{\"S\":\"b\"}}");
    get_iterator("TRIM_HORIZON", NULL, iterator);
    get_records(iterator, 1);
    assert_true(has("{\"S\":\"a\"}"));
    assert_true(member("NextShardIterator", iterator));
    get_records(iterator, 1);
    assert_true(slice_equal(runner.answer, SLICE("{\"Records\":[]}")));
    get_iterator("LATEST", NULL, iterator);
    get_records(iterator, 1);
    assert_true(slice_equal(runner.answer, SLICE("{\"Records\":[]}")));
}

static void no_byte_of_an_iterator_can_be_changed(void **state)
{
    (void)state;
    char iterator[256];
    create_table("KEYS_ONLY");
    get_iterator("TRIM_HORIZON", NULL, iterator);
    size_t size = strlen(iterator);
    for (size_t i = 0; i < size; i++) {
        char kept = iterator[i];
        iterator[i] = kept == 'A' ? 'B' : 'A';
        get_records(iterator, 10);
        assert_failed("ValidationException", "Invalid ShardIterator");
        iterator[i] = kept;
    }
    iterator[size - 4] = '\0';
    get_records(iterator, 10);
    assert_failed("ValidationException", "Invalid ShardIterator");
}

static void children_are_filtered(void **state)
{
    (void)state;
    char text[256];
    create_table("KEYS_ONLY");
    for (int i = 1; i <= 2; i++) {
        runner.now_ms += DB_STREAM_ROLL_MS_DEFAULT;
        db_stream_work(runner.environment.db, runner.now_ms);
    }
    case_do(&runner, "DescribeStream", "{\"StreamArn\":\"" ARN "\",\"Limit\":2}");
    assert_true(has("\"ShardId\":\"" SHARD "\""));
    assert_true(
        has("\"ShardId\":\"shardId-00000001700014400000-00000000\",\"SequenceNumberRange\":{"
            "\"StartingSequenceNumber\":\"1"));
    assert_true(has("\"ParentShardId\":\"" SHARD "\""));
    assert_true(member("LastEvaluatedShardId", text));
    assert_string_equal(text, "shardId-00000001700014400000-00000000");
    case_do(&runner, "DescribeStream",
            "{\"StreamArn\":\"" ARN "\",\"ShardFilter\":{\"Type\":\"CHILD_SHARDS\",\"ShardId\":"
            "\"shardId-00000001700014400000-00000000\"}}");
    assert_true(has("\"Shards\":[{\"ShardId\":\"shardId-00000001700028800000-00000000\""));
    assert_false(has("\"ShardId\":\"" SHARD "\""));
    case_do(&runner, "DescribeStream",
            "{\"StreamArn\":\"" ARN "\",\"ShardFilter\":{\"Type\":\"CHILD_SHARDS\",\"ShardId\":"
            "\"shardId-of-nothing-that-was-ever-there\"}}");
    assert_true(has("\"Shards\":[]"));
}

static void what_was_trimmed_is_said_to_be(void **state)
{
    (void)state;
    char iterator[256], first[256];
    create_table("KEYS_ONLY");
    put("{\"k\":{\"S\":\"a\"}}");
    get_iterator("TRIM_HORIZON", NULL, iterator);
    get_records(iterator, 10);
    assert_true(member("SequenceNumber", first));
    get_iterator("AT_SEQUENCE_NUMBER", first, iterator);
    /* Changes have the time of the clock, the shard that of the call. */
    while (db_stream_work(runner.environment.db, INT64_C(4000000000000))) {
    }
    get_records(iterator, 10);
    assert_failed("TrimmedDataAccessException",
                  "The data you are trying to access has been trimmed");
}

/* --- names --- */

static void shard_ids_are_written_and_read(void **state)
{
    (void)state;
    static const uint64_t counts[] = {1, 2, 7, 100, DB_SHARDS_MAX};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct db_stream_facts stream = {.shard_count = counts[i]};
        struct slice before = SLICE("");
        for (uint64_t range = 0; range < counts[i]; range++) {
            struct db_shard_id id = {1700000000000, db_stream_range_first(range, counts[i])};
            struct db_shard_id back;
            struct slice text = op_shard_id(&runner.arena, id);
            assert_int_equal(text.size, OP_SHARD_ID_BYTES);
            assert_true(slice_compare(before, text) < 0);
            assert_true(op_shard_id_read(&stream, text, &back));
            assert_true(back.created_ms == id.created_ms && back.first_hash == id.first_hash);
            before = text;
        }
    }
    static const char *const others[] = {
        "",
        "shardId-00000001700000000000",
        "shardId-0000000170000000000x-00000000",
        "shardId-00000001700000000000-0000000g",
        "shardId-00000001700000000000-00000001",
        "shardId_00000001700000000000-00000000",
        "shardId-00000001700000000000_00000000",
        "shardId-99999999999999999999-00000000",
        "shardId-00000001700000000000-000000000",
    };
    const struct db_stream_facts stream = {.shard_count = 1};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct db_shard_id id;
        assert_false(op_shard_id_read(&stream, slice_of_cstring(others[i]), &id));
    }
}

static void sequence_numbers_have_21_digits(void **state)
{
    (void)state;
    static const struct {
        uint64_t number;
        const char *text;
    } numbers[] = {
        {0, "100000000000000000000"},
        {1765800000000000, "100001765800000000000"},
        {INT64_MAX, "109223372036854775807"},
    };
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        uint64_t back;
        struct slice text = op_sequence_number(&runner.arena, numbers[i].number);
        assert_true(slice_equal(text, slice_of_cstring(numbers[i].text)));
        assert_true(op_sequence_number_read(text, &back));
        assert_true(back == numbers[i].number);
    }
    static const char *const others[] = {
        "10000000000000000000",  "1000000000000000000000", "200000000000000000000",
        "10000000000000000000a", "109223372036854775808",  "199999999999999999999",
    };
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        uint64_t number;
        assert_false(op_sequence_number_read(slice_of_cstring(others[i]), &number));
    }
}

/* --- time to live --- */

static void transient_states_of_time_to_live(void **state)
{
    (void)state;
    db_close(runner.environment.db);
    struct db_options options = {.store = runner.store, .transient_ms = 1000};
    assert_null(db_open(&runner.process, &options, &runner.environment.db));
    create_table("KEYS_ONLY");
    static const char on[] = "{\"TableName\":\"tab\",\"TimeToLiveSpecification\":{\"Enabled\":true,"
                             "\"AttributeName\":\"t\"}}";
    static const char off[] =
        "{\"TableName\":\"tab\",\"TimeToLiveSpecification\":{\"Enabled\":false,"
        "\"AttributeName\":\"t\"}}";
    case_do(&runner, "UpdateTimeToLive", on);
    assert_failed("ResourceInUseException",
                  "Attempt to change a resource which is still in use: Table tab is being created");
    case_do(&runner, "DescribeTimeToLive", "{\"TableName\":\"tab\"}");
    assert_failed("ValidationException",
                  "Cannot describe time to live while table is in CREATING state: Current table "
                  "state is CREATING");
    runner.now_ms += 1000;
    case_do(&runner, "UpdateTimeToLive", on);
    case_do(&runner, "DescribeTimeToLive", "{\"TableName\":\"tab\"}");
    assert_true(has("\"TimeToLiveStatus\":\"ENABLING\",\"AttributeName\":\"t\""));
    runner.now_ms += 3600000;
    case_do(&runner, "UpdateTimeToLive", off);
    case_do(&runner, "DescribeTimeToLive", "{\"TableName\":\"tab\"}");
    assert_true(has("\"TimeToLiveStatus\":\"DISABLING\",\"AttributeName\":\"t\""));
    runner.now_ms += 1000;
    case_do(&runner, "DescribeTimeToLive", "{\"TableName\":\"tab\"}");
    assert_true(has("{\"TimeToLiveStatus\":\"DISABLED\"}"));
    case_do(&runner, "DeleteTable", "{\"TableName\":\"tab\"}");
    case_do(&runner, "DescribeTimeToLive", "{\"TableName\":\"tab\"}");
    assert_failed("ValidationException",
                  "Cannot describe time to live while table is in DELETING state: Current table "
                  "state is DELETING");
    case_do(&runner, "UpdateTimeToLive", on);
    assert_failed("ResourceNotFoundException",
                  "Requested resource not found: Table: tab not found");
}

static void deletions_by_the_service_say_so(void **state)
{
    (void)state;
    char iterator[256];
    create_table("OLD_IMAGE");
    case_do(&runner, "UpdateTimeToLive",
            "{\"TableName\":\"tab\",\"TimeToLiveSpecification\":{\"Enabled\":true,"
            "\"AttributeName\":\"t\"}}");
    put("{\"k\":{\"S\":\"a\"},\"t\":{\"N\":\"1600000000\"}}");
    while (db_expiry_work(runner.environment.db, runner.now_ms)) {
    }
    get_iterator("TRIM_HORIZON", NULL, iterator);
    get_records(iterator, 10);
    assert_true(has("\"eventName\":\"REMOVE\""));
    assert_true(has("\"OldImage\":{\"k\":{\"S\":\"a\"},\"t\":{\"N\":\"1600000000\"}}"));
    assert_true(
        has("\"userIdentity\":{\"PrincipalId\":\"dynamodb.amazonaws.com\",\"Type\":\"Service\"}"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_runner, close_runner)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(records_have_what_the_service_tells),
        TEST(iterators_begin_where_they_are_told),
        TEST(iterators_expire),
        TEST(a_closed_shard_has_no_next_iterator),
        TEST(no_byte_of_an_iterator_can_be_changed),
        TEST(children_are_filtered),
        TEST(what_was_trimmed_is_said_to_be),
        TEST(shard_ids_are_written_and_read),
        TEST(sequence_numbers_have_21_digits),
        TEST(transient_states_of_time_to_live),
        TEST(deletions_by_the_service_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
