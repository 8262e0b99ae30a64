#include "db/table_record.h"

#include "db_fixture.h"

/* The worked example of docs/format/table.md, byte for byte. */
static const uint8_t example[] = {
    0x01, 0x07,                               /*  1 id: 7 */
    0x02, 0x01,                               /*  2 revision: 1 */
    0x03, 0x01, '1',                          /*  3 account */
    0x04, 0x02, 'e',  'u',                    /*  4 region */
    0x05, 0x03, 'c',  'a',  't',              /*  5 name */
    0x07, 0xd0, 0x0f,                         /*  7 created_ms: 1000 */
    0x08, 0x02,                               /*  8 status: ACTIVE */
    0x0a, 0x02,                               /* 10 attributes: two */
    0x01, 0x01, 'p',  0x02, 0x05, 0x00,       /*    p: S */
    0x01, 0x01, 'g',  0x02, 0x04, 0x00,       /*    g: N */
    0x0b,                                     /* 11 key */
    0x01, 0x01,                               /*    partition: one */
    0x01, 0x01, 'p',  0x02, 0x05, 0x00, 0x00, /*       p: S */
    0x0c, 0x01,                               /* 12 indexes: one */
    0x01, 0x08,                               /*    id: 8 */
    0x02,                                     /*    global */
    0x03, 0x03, 'b',  'y',  'g',              /*    name */
    0x04, 0x01, 0x01,                         /*    key, partition: one */
    0x01, 0x01, 'g',  0x02, 0x04, 0x00, 0x00, /*       g: N */
    0x05, 0x02,                               /*    projection: KEYS_ONLY */
    0x07, 0x02,                               /*    status: ACTIVE */
    0x00,                                     /*    end of the index */
    0x0d, 0x01,                               /* 13 billing: PROVISIONED */
    0x10, 0x01, 0x0a, 0x02, 0x0a, 0x00,       /* 16 throughput: 5 and 5 */
    0x15,                                     /* 21 deletion_protection */
    0x00,
};

static struct db_table example_table(void)
{
    static const struct db_attribute attributes[] = {
        {{(const uint8_t *)"p", 1}, VALUE_STRING},
        {{(const uint8_t *)"g", 1}, VALUE_NUMBER},
    };
    static struct db_index index;
    index = (struct db_index){
        .id = 8,
        .global = true,
        .name = SLICE("byg"),
        .key = {.partition_count = 1, .partition = {attributes[1]}},
        .projection = DB_PROJECT_KEYS_ONLY,
        .status = DB_STATUS_ACTIVE,
    };
    return (struct db_table){
        .id = 7,
        .revision = 1,
        .account = SLICE("1"),
        .region = SLICE("eu"),
        .name = SLICE("cat"),
        .created_ms = 1000,
        .status = DB_STATUS_ACTIVE,
        .attributes = attributes,
        .attribute_count = COUNT_OF(attributes),
        .key = {.partition_count = 1, .partition = {attributes[0]}},
        .indexes = &index,
        .index_count = 1,
        .billing = DB_PROVISIONED,
        .throughput = {.read_units = 5, .write_units = 5},
        .deletion_protection = true,
    };
}

static struct slice record_of(const struct db_table *table)
{
    struct buf record;
    buf_init(&record, &fixture_arena, FIXTURE_ARENA_BYTES);
    table_record_write(&record, table);
    assert_false(record.failed);
    return buf_slice(&record);
}

static void example_in_the_format_page(void **state)
{
    (void)state;
    struct db_table table = example_table();
    assert_slice(record_of(&table), slice_of(example, sizeof(example)));
}

static void reads_the_example(void **state)
{
    (void)state;
    struct db_table table;
    assert_ok(table_record_read(&fixture_arena, slice_of(example, sizeof(example)), &table));
    assert_int_equal(table.id, 7);
    assert_slice(table.name, SLICE("cat"));
    assert_false(slice_present(table.uuid));
    assert_int_equal(table.attribute_count, 2);
    assert_int_equal(table.attributes[1].type, VALUE_NUMBER);
    assert_int_equal(table.key.sort_count, 0);
    assert_int_equal(table.index_count, 1);
    assert_true(table.indexes[0].global);
    assert_slice(table.indexes[0].key.partition[0].name, SLICE("g"));
    assert_int_equal(table.throughput.read_units, 5);
    assert_true(table.deletion_protection);
    assert_false(table.stream_enabled);
}

/* Every member that there is comes back. */
static void round_trip_of_everything(void **state)
{
    (void)state;
    static const struct slice names[] = {{(const uint8_t *)"x", 1}, {(const uint8_t *)"yy", 2}};
    static const struct db_tag tags[] = {
        {{(const uint8_t *)"team", 4}, {(const uint8_t *)"", 0}},
        {{(const uint8_t *)"", 0}, {(const uint8_t *)"v", 1}},
    };
    struct db_table table = example_table();
    struct db_index indexes[2] = {table.indexes[0], table.indexes[0]};
    indexes[0].global = false;
    indexes[0].id = 1;
    indexes[1].projection = DB_PROJECT_INCLUDE;
    indexes[1].non_key_attributes = names;
    indexes[1].non_key_attribute_count = COUNT_OF(names);
    indexes[1].status = DB_STATUS_CREATING;
    indexes[1].online = true;
    indexes[1].backfilling = true;
    indexes[1].revision = 77;
    indexes[1].throughput = (struct db_throughput){1, 2, 3, 4, 5};
    indexes[1].on_demand = (struct db_on_demand){true, -1, 77};
    indexes[1].warm = (struct db_warm_throughput){true, 12000, 4000};
    indexes[1].key.sort_count = DB_KEY_PARTS_MAX;
    for (size_t i = 0; i < DB_KEY_PARTS_MAX; i++)
        indexes[1].key.sort[i] = (struct db_attribute){SLICE("k"), VALUE_BINARY};
    table.indexes = indexes;
    table.index_count = 2;
    table.revision = UINT64_MAX;
    table.uuid = SLICE("u-u");
    table.created_ms = INT64_MIN;
    table.status = DB_STATUS_DELETING;
    table.status_until_ms = INT64_MAX;
    table.billing_summary = true;
    table.on_demand_since_ms = -1;
    table.on_demand = (struct db_on_demand){true, 5, -1};
    table.warm = (struct db_warm_throughput){true, 1, 2};
    table.table_class = DB_CLASS_INFREQUENT_ACCESS;
    table.table_class_changed_ms = 9;
    table.sse_present = true;
    table.sse_kms = true;
    table.sse_key_arn = SLICE("arn:key");
    table.stream_enabled = true;
    table.stream_view_type = SLICE("NEW_IMAGE");
    table.stream_label = SLICE("2026-01-01T00:00:00.000");
    table.stream_created_ms = 123456789012;
    table.tags = tags;
    table.tag_count = COUNT_OF(tags);
    table.expiry_enabled = true;
    table.expiry_attribute = SLICE("ttl");
    table.expiry_changed_ms = 99;
    table.policy = SLICE("{}");
    table.policy_revision_ms = 1;
    table.stream_policy = SLICE("{\"Id\":1}");
    table.stream_policy_revision_ms = 2;

    struct slice record = record_of(&table);
    struct db_table read;
    assert_ok(table_record_read(&fixture_arena, record, &read));
    assert_slice(record_of(&read), record);
    assert_true(read.created_ms == INT64_MIN && read.status_until_ms == INT64_MAX);
    assert_true(read.revision == UINT64_MAX);
    assert_true(read.indexes[1].on_demand.max_read_units == -1);
    assert_int_equal(read.indexes[1].key.sort_count, DB_KEY_PARTS_MAX);
    assert_true(read.indexes[1].online && read.indexes[1].backfilling);
    assert_int_equal(read.indexes[1].revision, 77);
    assert_slice(read.indexes[1].non_key_attributes[1], SLICE("yy"));
    assert_slice(read.tags[0].value, SLICE(""));
    assert_slice(read.stream_label, table.stream_label);
    assert_true(read.stream_created_ms == 123456789012 && read.expiry_changed_ms == 99);
    assert_true(read.expiry_enabled && slice_equal(read.expiry_attribute, SLICE("ttl")));
    assert_slice(read.policy, table.policy);
    assert_slice(read.stream_policy, table.stream_policy);
    assert_true(read.policy_revision_ms == 1 && read.stream_policy_revision_ms == 2);
    assert_int_equal(read.table_class, DB_CLASS_INFREQUENT_ACCESS);
    assert_true(read.sse_present && read.sse_kms && read.billing_summary && read.stream_enabled);
}

static const char corrupt[] = "A table record is corrupt or of a newer format";

static void a_tag_that_is_not_known_is_refused(void **state)
{
    (void)state;
    uint8_t newer[sizeof(example) + 2];
    memcpy(newer, example, sizeof(example));
    newer[sizeof(example) - 1] = 100;
    newer[sizeof(example)] = 1;
    newer[sizeof(example) + 1] = 0;
    struct db_table table;
    assert_error(table_record_read(&fixture_arena, slice_of(newer, sizeof(newer)), &table),
                 ERROR_INTERNAL, corrupt);
}

static void damage_is_never_believed_blindly(void **state)
{
    (void)state;
    struct db_table table;
    for (size_t size = 0; size < sizeof(example); size++)
        assert_error(table_record_read(&fixture_arena, slice_of(example, size), &table),
                     ERROR_INTERNAL, corrupt);
    for (size_t at = 0; at < sizeof(example); at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t damaged[sizeof(example)];
            memcpy(damaged, example, sizeof(example));
            damaged[at] = (uint8_t)byte;
            struct arena arena;
            arena_init(&arena, 1024 * 1024);
            const struct error *error =
                table_record_read(&arena, slice_of(damaged, sizeof(damaged)), &table);
            /* What is accepted is a table that can be written again. */
            if (error == NULL)
                assert_true(record_of(&table).size > 0);
            arena_fini(&arena);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(example_in_the_format_page),       DB_TEST(reads_the_example),
        DB_TEST(round_trip_of_everything),         DB_TEST(a_tag_that_is_not_known_is_refused),
        DB_TEST(damage_is_never_believed_blindly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
