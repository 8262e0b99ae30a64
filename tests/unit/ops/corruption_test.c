/*
 * Records that are not what they were when they were written: nothing ends the program, no request
 * is refused for another reason, and what is answered is whole. A record without or with another
 * version keeps the database from being opened, or who needs it is told InternalServerError. (That
 * no other byte has changed is for the engine's checksums to see.)
 */

#include "ops/case_runner.h"

#include "db/keyspace.h"

enum { ENTRIES_MAX = 256, ROUNDS_MAX = 1000 };

struct entry {
    struct slice key;
    struct slice value;
};

struct entries {
    struct arena arena;
    struct entry items[ENTRIES_MAX];
    size_t count;
};

/* --- a database with a record of every family --- */

static const char *const setup[] = {
    "> CreateTable {\"TableName\":\"tab\",\"AttributeDefinitions\":[{\"AttributeName\":\"k\","
    "\"AttributeType\":\"S\"},{\"AttributeName\":\"s\",\"AttributeType\":\"N\"},{\"AttributeName\":"
    "\"l\",\"AttributeType\":\"S\"},{\"AttributeName\":\"g\",\"AttributeType\":\"S\"}],"
    "\"KeySchema\":[{\"AttributeName\":\"k\",\"KeyType\":\"HASH\"},{\"AttributeName\":\"s\","
    "\"KeyType\":\"RANGE\"}],\"BillingMode\":\"PAY_PER_REQUEST\",\"LocalSecondaryIndexes\":[{"
    "\"IndexName\":\"local\",\"KeySchema\":[{\"AttributeName\":\"k\",\"KeyType\":\"HASH\"},{"
    "\"AttributeName\":\"l\",\"KeyType\":\"RANGE\"}],\"Projection\":{\"ProjectionType\":"
    "\"ALL\"}}],\"GlobalSecondaryIndexes\":[{\"IndexName\":\"global\",\"KeySchema\":[{"
    "\"AttributeName\":\"g\",\"KeyType\":\"HASH\"}],\"Projection\":{\"ProjectionType\":\"ALL\"}}],"
    "\"StreamSpecification\":{\"StreamEnabled\":true,\"StreamViewType\":\"NEW_AND_OLD_IMAGES\"}}",
    "> UpdateTimeToLive {\"TableName\":\"tab\",\"TimeToLiveSpecification\":{\"Enabled\":true,"
    "\"AttributeName\":\"ttl\"}}",
    "= work",
    "> PutItem {\"TableName\":\"tab\",\"Item\":{\"k\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"l\":{"
    "\"S\":\"x\"},\"g\":{\"S\":\"p\"},\"h\":{\"S\":\"p\"},\"ttl\":{\"N\":\"1700000001\"}}}",
    "> TransactWriteItems {\"ClientRequestToken\":\"one\",\"TransactItems\":[{\"Put\":{"
    "\"TableName\":\"tab\",\"Item\":{\"k\":{\"S\":\"b\"},\"s\":{\"N\":\"1\"},\"h\":{\"S\":"
    "\"q\"}}}}]}",
    "> CreateTable {\"TableName\":\"old\",\"AttributeDefinitions\":[{\"AttributeName\":\"k\","
    "\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"k\",\"KeyType\":\"HASH\"}],"
    "\"BillingMode\":\"PAY_PER_REQUEST\"}",
    "> UpdateTable {\"TableName\":\"tab\",\"AttributeDefinitions\":[{\"AttributeName\":\"h\","
    "\"AttributeType\":\"S\"}],\"GlobalSecondaryIndexUpdates\":[{\"Create\":{\"IndexName\":"
    "\"filling\",\"KeySchema\":[{\"AttributeName\":\"h\",\"KeyType\":\"HASH\"}],\"Projection\":{"
    "\"ProjectionType\":\"ALL\"}}}]}",
};

/* Between them they read every record, the work in the background included. */
static const char *const requests[] = {
    "> DescribeTable {\"TableName\":\"tab\"}",
    "> GetItem {\"TableName\":\"tab\",\"Key\":{\"k\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}}}",
    "> Query {\"TableName\":\"tab\",\"IndexName\":\"local\",\"KeyConditionExpression\":\"k = :k\","
    "\"ExpressionAttributeValues\":{\":k\":{\"S\":\"a\"}}}",
    "> Query {\"TableName\":\"tab\",\"IndexName\":\"global\",\"KeyConditionExpression\":\"g = "
    ":g\",\"ExpressionAttributeValues\":{\":g\":{\"S\":\"p\"}}}",
    "> Scan {\"TableName\":\"tab\"}",
    "> BatchGetItem {\"RequestItems\":{\"tab\":{\"Keys\":[{\"k\":{\"S\":\"b\"},\"s\":{\"N\":\"1\"}"
    "}]}}}",
    "> TransactWriteItems {\"ClientRequestToken\":\"one\",\"TransactItems\":[{\"Put\":{"
    "\"TableName\":\"tab\",\"Item\":{\"k\":{\"S\":\"b\"},\"s\":{\"N\":\"1\"},\"h\":{\"S\":"
    "\"q\"}}}}]}",
    "> UpdateItem {\"TableName\":\"tab\",\"Key\":{\"k\":{\"S\":\"c\"},\"s\":{\"N\":\"1\"}},"
    "\"UpdateExpression\":\"SET l = :l\",\"ExpressionAttributeValues\":{\":l\":{\"S\":\"y\"}}}",
    "> CreateTable {\"TableName\":\"new\",\"AttributeDefinitions\":[{\"AttributeName\":\"k\","
    "\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":\"k\",\"KeyType\":\"HASH\"}],"
    "\"BillingMode\":\"PAY_PER_REQUEST\"}",
    "> DescribeStream {\"StreamArn\":\"arn:aws:dynamodb:eu-west-1:000000000000:table/tab/stream/"
    "2023-11-14T22:13:20.000\"}",
};

/* These are refused while the index is not filled, for which the damage may be to blame. */
static const char *const late_requests[] = {
    "> Scan {\"TableName\":\"tab\",\"IndexName\":\"filling\"}",
    "> DeleteTable {\"TableName\":\"tab\"}",
};

static void run_lines(struct case_runner *runner, const char *const *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        case_line(runner, slice_of_cstring(lines[i]));
        if (lines[i][0] == '>' && runner->error_name != NULL)
            fail_msg("%s: %.*s", lines[i], SLICE_PRINT(runner->error_message));
        runner->expected = true;
    }
}

static bool keep_entry(void *context, struct slice key, struct slice value)
{
    struct entries *entries = context;
    if (key.data[0] == DB_FAMILY_TOTAL) /* the engine's own, not bytes of the database */
        return true;
    assert_true(entries->count < ENTRIES_MAX);
    struct entry *entry = &entries->items[entries->count++];
    assert_true(arena_copy(&entries->arena, key, &entry->key));
    assert_true(arena_copy(&entries->arena, value, &entry->value));
    return true;
}

static void collect(struct entries *entries)
{
    struct case_runner runner;
    struct store_range all = {.first = SLICE_ABSENT, .end = SLICE_ABSENT};
    case_open(&runner, "corruption_test");
    arena_init(&entries->arena, CASE_ARENA_BYTES);
    db_close(runner.environment.db);
    struct db_options options = {.store = runner.store, .fill_items = 1};
    assert_null(db_open(&runner.process, &options, &runner.environment.db));
    run_lines(&runner, setup, COUNT_OF(setup));
    /* The index is filled with the first of the two items, then stopped. */
    for (int i = 0; i < 2; i++)
        assert_true(db_catalog_work(runner.environment.db, runner.now_ms));
    case_do(&runner, "DeleteTable", "{\"TableName\":\"old\"}");
    assert_null(runner.error_name);
    assert_null(store_scan(runner.store, &runner.arena, all, STORE_FORWARD, keep_entry, entries));
    case_close(&runner);
}

/* --- one of them damaged --- */

struct damage {
    const char *name;
    bool is_evident;                              /* from the record's first byte */
    size_t (*apply)(uint8_t *value, size_t size); /* returns the new size */
};

static size_t empty(uint8_t *value, size_t size)
{
    (void)value;
    return 0 * size;
}
static size_t cut_last(uint8_t *value, size_t size)
{
    (void)value;
    return size - 1;
}
static size_t cut_half(uint8_t *value, size_t size)
{
    (void)value;
    return size / 2;
}
static size_t change_version(uint8_t *value, size_t size)
{
    value[0] ^= 0x40;
    return size;
}
static size_t change_second(uint8_t *value, size_t size)
{
    if (size > 1)
        value[1] ^= 0xff;
    return size;
}
static size_t lengthen(uint8_t *value, size_t size)
{
    value[size] = 0x7f;
    return size + 1;
}

static const struct damage damages[] = {
    {"empty", true, empty},
    {"its last byte missing", false, cut_last},
    {"half of it missing", false, cut_half},
    {"of another version", true, change_version},
    {"its second byte changed", false, change_second},
    {"a byte too long", false, lengthen},
};

struct loading {
    const struct entries *entries;
    size_t damaged;
    struct slice value;
    bool is_done;
};

static enum store_decision load_entries(void *context, const struct slice *old_values,
                                        struct store_batch *batch)
{
    struct loading *loading = context;
    (void)old_values;
    for (size_t i = 0; i < loading->entries->count; i++) {
        const struct entry *entry = &loading->entries->items[i];
        store_batch_put(batch, STORE_ATOMIC, entry->key,
                        i == loading->damaged ? loading->value : entry->value);
    }
    return STORE_COMMIT;
}

static void loaded(void *context, const struct error *error)
{
    struct loading *loading = context;
    assert_null(error);
    loading->is_done = true;
}

static void load(struct case_runner *runner, const struct entries *entries, size_t damaged,
                 const struct damage *damage)
{
    const struct entry *entry = &entries->items[damaged];
    uint8_t *value = arena_alloc_bytes(&runner->process, entry->value.size + 1);
    assert_non_null(value);
    memcpy(value, entry->value.data, entry->value.size);
    size_t size = entry->value.size > 0 ? damage->apply(value, entry->value.size) : 0;
    struct loading loading = {
        .entries = entries, .damaged = damaged, .value = slice_of(value, size)};
    struct store_transaction transaction = {.keys = &entry->key,
                                            .key_count = 1,
                                            .decide = load_entries,
                                            .done = loaded,
                                            .context = &loading};
    store_transact(runner->store, &transaction);
    assert_true(loading.is_done);
}

static bool (*const works[])(struct db *db, int64_t now_ms) = {db_catalog_work, db_token_work,
                                                               db_stream_work, db_expiry_work};

static void work(struct case_runner *runner)
{
    for (size_t i = 0; i < COUNT_OF(works); i++) {
        unsigned rounds = 0;
        while (works[i](runner->environment.db, runner->now_ms))
            assert_true(++rounds < ROUNDS_MAX);
    }
    runner->now_ms += 3600 * 1000;
}

/* Whether anybody was told. */
static bool use(struct case_runner *runner, const struct entry *entry, const char *damage)
{
    bool was_told = false;
    unsigned depth;
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        case_line(runner, slice_of_cstring(requests[i]));
        runner->expected = true;
        assert_true(json_measure(runner->answer, 512, &depth));
        if (runner->error_name == NULL)
            continue;
        if (strcmp(runner->error_name, "InternalServerError") != 0)
            fail_msg("a record of family %c, %s: %s: %s: %.*s", entry->key.data[0], damage,
                     requests[i], runner->error_name, SLICE_PRINT(runner->error_message));
        was_told = true;
    }
    work(runner);
    for (size_t i = 0; i < COUNT_OF(late_requests); i++) {
        case_line(runner, slice_of_cstring(late_requests[i]));
        was_told = was_told || (runner->error_name != NULL &&
                                strcmp(runner->error_name, "InternalServerError") == 0);
        runner->expected = true;
    }
    work(runner);
    return was_told;
}

static bool survive(const struct entries *entries, size_t damaged, const struct damage *damage)
{
    struct case_runner runner;
    case_open(&runner, "corruption_test");
    db_close(runner.environment.db);
    load(&runner, entries, damaged, damage);
    struct db_options options = {.store = runner.store};
    const struct error *error = db_open(&runner.process, &options, &runner.environment.db);
    if (error == NULL) {
        bool was_told = use(&runner, &entries->items[damaged], damage->name);
        case_close(&runner);
        return was_told;
    }
    assert_int_equal(error->kind, ERROR_INTERNAL);
    assert_true(error->message.size > 0);
    store_close(runner.store);
    arena_fini(&runner.arena);
    arena_fini(&runner.process);
    return true;
}

/* The others are read by work in the background, or by requests that are not asked here. */
static bool is_asked_for(const struct entry *entry)
{
    return strchr("elmuv", entry->key.data[0]) == NULL;
}

static void every_damaged_record_is_survived(void **state)
{
    struct entries entries = {.count = 0};
    (void)state;
    collect(&entries);
    for (const char *family = "abcdefgiklmpuv"; *family != '\0'; family++) {
        bool is_there = false;
        for (size_t i = 0; i < entries.count; i++)
            is_there = is_there || entries.items[i].key.data[0] == *family;
        if (!is_there)
            fail_msg("no record of family %c is there to be damaged", *family);
    }
    for (size_t i = 0; i < entries.count; i++) {
        for (size_t j = 0; j < COUNT_OF(damages); j++) {
            bool was_told = survive(&entries, i, &damages[j]);
            if (!was_told && damages[j].is_evident && is_asked_for(&entries.items[i]))
                fail_msg("a record of family %c, %s: nobody was told", entries.items[i].key.data[0],
                         damages[j].name);
        }
    }
    arena_fini(&entries.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_damaged_record_is_survived)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
