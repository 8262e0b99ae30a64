#include "db/drop.h"

#include "db/keyspace.h"
#include "db_fixture.h"

/* The worked example of docs/format/table.md, byte for byte. */
static const uint8_t example[] = {0x01, 0x07, 0x00, 0x01, '1', 0x02, 'e',
                                  'u',  0x03, 'c',  'a',  't', 0x01, 0x08};

static void record_in_the_format_page(void **state)
{
    (void)state;
    static const uint64_t ids[] = {8};
    struct db_drop drop = {
        .table_id = 7,
        .account = SLICE("1"),
        .namespace = SLICE("eu"),
        .name = SLICE("cat"),
        .global_ids = ids,
        .global_count = 1,
    };
    struct buf body;
    buf_init(&body, &fixture_arena, FIXTURE_ARENA_BYTES);
    db_drop_write(&body, &drop);
    assert_slice(db_record_make(&fixture_arena, DB_FAMILY_DROP, buf_slice(&body)),
                 slice_of(example, sizeof(example)));
}

static void record_is_read_back(void **state)
{
    (void)state;
    struct slice body;
    struct db_drop *drop;
    assert_true(db_record_open(DB_FAMILY_DROP, slice_of(example, sizeof(example)), &body));
    assert_ok(db_drop_read(&fixture_arena, body, &drop));
    assert_int_equal(drop->table_id, 7);
    assert_int_equal(drop->not_before_ms, 0);
    assert_slice(drop->account, SLICE("1"));
    assert_slice(drop->namespace, SLICE("eu"));
    assert_slice(drop->name, SLICE("cat"));
    assert_int_equal(drop->global_count, 1);
    assert_int_equal(drop->global_ids[0], 8);
    db_drop_free(drop);
}

static void cut_records_are_refused(void **state)
{
    (void)state;
    struct slice body;
    assert_true(db_record_open(DB_FAMILY_DROP, slice_of(example, sizeof(example)), &body));
    struct db_drop *drop = NULL;
    for (size_t size = 0; size < body.size; size++)
        assert_error(db_drop_read(&fixture_arena, slice_of(body.data, size), &drop), ERROR_INTERNAL,
                     "A drop record is corrupt");
    assert_null(drop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(record_in_the_format_page),
        DB_TEST(record_is_read_back),
        DB_TEST(cut_records_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
