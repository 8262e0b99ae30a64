/* The records of streams byte by byte: the examples in docs/format/stream.md. */

#include "db/expiry.h"
#include "db/keyspace.h"
#include "db/stream_log.h"
#include "db/table_record.h"
#include "db_fixture.h"

#define CREATED_MS ((int64_t)1765800000000)

static struct slice bytes_of(struct buf *buf)
{
    assert_false(buf->failed);
    return buf_slice(buf);
}

static void new_buf(struct buf *buf)
{
    buf_init(buf, &fixture_arena, FIXTURE_ARENA_BYTES);
}

static struct db_stream_facts example_stream(void)
{
    return (struct db_stream_facts){
        .table_id = 7,
        .created_ms = CREATED_MS,
        .account = SLICE("1"),
        .region = SLICE("eu"),
        .table_name = SLICE("cat"),
        .view = DB_STREAM_NEW_IMAGE,
        .key = {.partition_count = 1, .partition = {{TEXT("p"), VALUE_STRING}}},
        .shard_count = 2,
        .opened_ms = CREATED_MS,
    };
}

static const uint8_t stream_body[] = {
    0x01, 0x07,                                     /* table_id */
    0x02, 0x80, 0xe8, 0x8d, 0x9e, 0xe4, 0x66,       /* created_ms */
    0x03, 0x01, 0x31,                               /* account */
    0x04, 0x02, 0x65, 0x75,                         /* region */
    0x05, 0x03, 0x63, 0x61, 0x74,                   /* table_name */
    0x06, 0x02,                                     /* view */
    0x07, 0x01, 0x01, 0x01, 0x01, 0x70, 0x02, 0x05, /* key: p, S */
    0x00, 0x00,                                     /* */
    0x08, 0x02,                                     /* shard_count */
    0x09, 0x80, 0xe8, 0x8d, 0x9e, 0xe4, 0x66,       /* opened_ms */
    0x00,
};

static void stream_record_in_the_format_page(void **state)
{
    (void)state;
    struct buf body;
    struct db_stream_facts facts = example_stream();
    new_buf(&body);
    stream_record_write(&body, &facts);
    assert_slice(bytes_of(&body), slice_of(stream_body, sizeof(stream_body)));
    struct db_stream_facts read;
    assert_ok(
        stream_record_read(&fixture_arena, slice_of(stream_body, sizeof(stream_body)), &read));
    assert_int_equal(read.table_id, 7);
    assert_slice(read.table_name, SLICE("cat"));
    assert_true(read.created_ms == CREATED_MS && read.closed_ms == 0);
    assert_int_equal(read.view, DB_STREAM_NEW_IMAGE);
    facts.closed_ms = CREATED_MS + 1;
    buf_clear(&body);
    stream_record_write(&body, &facts);
    assert_ok(stream_record_read(&fixture_arena, bytes_of(&body), &read));
    assert_true(read.closed_ms == CREATED_MS + 1);
}

static void damaged_stream_records_are_refused(void **state)
{
    (void)state;
    struct db_stream_facts read;
    for (size_t size = 0; size < sizeof(stream_body); size++)
        assert_error(stream_record_read(&fixture_arena, slice_of(stream_body, size), &read),
                     ERROR_INTERNAL, "A stream record is corrupt or of a newer format");
    struct db_stream_facts facts = example_stream();
    facts.shard_count = DB_SHARDS_MAX + 1;
    struct buf body;
    new_buf(&body);
    stream_record_write(&body, &facts);
    assert_non_null(stream_record_read(&fixture_arena, bytes_of(&body), &read));
}

static void assert_shard(const struct db_shard_record *record, const uint8_t *expected, size_t size)
{
    struct buf body;
    struct db_shard_record read;
    new_buf(&body);
    db_shard_record_write(&body, record);
    assert_slice(bytes_of(&body), slice_of(expected, size));
    assert_true(db_shard_record_read(slice_of(expected, size), &read));
    assert_int_equal(read.kind, record->kind);
    assert_true(read.created_ms == record->created_ms && read.horizon == record->horizon);
    assert_int_equal(read.has_parent, record->has_parent);
    assert_true(read.parent.created_ms == record->parent.created_ms &&
                read.parent.first_hash == record->parent.first_hash);
}

static void shard_records_in_the_format_page(void **state)
{
    (void)state;
    static const uint8_t first[] = {0x01, 0x80, 0xf4, 0x86, 0x8f, 0xb2, 0x33};
    static const uint8_t child[] = {0x01, 0x80, 0xe8, 0xf5, 0x95, 0xb2, 0x33, 0x80, 0xf4,
                                    0x86, 0x8f, 0xb2, 0x33, 0x80, 0x80, 0x80, 0x80, 0x40};
    static const uint8_t close[] = {0x02, 0x80, 0xe8, 0xf5, 0x95, 0xb2, 0x33};
    static const uint8_t trimmed[] = {0x03, 0x80, 0xa0, 0xfa, 0xcd, 0xc5, 0xbf, 0x91, 0x03};
    assert_shard(&(struct db_shard_record){.kind = DB_SHARD_OPEN, .created_ms = CREATED_MS}, first,
                 sizeof(first));
    assert_shard(&(struct db_shard_record){.kind = DB_SHARD_OPEN,
                                           .created_ms = CREATED_MS + 14400000,
                                           .has_parent = true,
                                           .parent = {CREATED_MS, db_stream_range_first(1, 2)}},
                 child, sizeof(child));
    assert_shard(
        &(struct db_shard_record){.kind = DB_SHARD_CLOSE, .created_ms = CREATED_MS + 14400000},
        close, sizeof(close));
    assert_shard(
        &(struct db_shard_record){.kind = DB_SHARD_TRIMMED, .horizon = (uint64_t)CREATED_MS * 1000},
        trimmed, sizeof(trimmed));
}

static void other_bytes_are_no_shard_record(void **state)
{
    (void)state;
    static const struct slice others[] = {
        TEXT(""),         TEXT("\x00"),         TEXT("\x01"),
        TEXT("\x04\x01"), TEXT("\x02\x01\x01"), TEXT("\x01\x01\x01"),
        TEXT("\x01\x80"), TEXT("\x03"),         TEXT("\x01\x01\x01\x80\x80\x80\x80\x80\x01"),
    };
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct db_shard_record read;
        assert_false(db_shard_record_read(others[i], &read));
    }
}

static void change_record_in_the_format_page(void **state)
{
    (void)state;
    static const uint8_t expected[] = {
        0x02, 0x01, 0x80, 0xf4, 0x86, 0x8f, 0xb2, 0x33, 0x06, 0x01, 0x01, 0x70, 0x05, 0x01,
        0x61, 0x0b, 0x02, 0x01, 0x70, 0x05, 0x01, 0x61, 0x01, 0x78, 0x04, 0x01, 0x80,
    };
    struct db_change change = {
        .kind = DB_CHANGE_MODIFY,
        .created_ms = CREATED_MS,
        .keys = item_of("{\"p\":{\"S\":\"a\"}}"),
        .new_image = item_of("{\"p\":{\"S\":\"a\"},\"x\":{\"N\":\"0\"}}"),
    };
    struct buf body;
    struct db_change read;
    new_buf(&body);
    db_change_write(&body, &change);
    assert_slice(bytes_of(&body), slice_of(expected, sizeof(expected)));
    assert_true(db_change_read(slice_of(expected, sizeof(expected)), &read));
    assert_int_equal(read.kind, DB_CHANGE_MODIFY);
    assert_true(read.created_ms == CREATED_MS && !read.is_expiry);
    assert_slice(read.keys, change.keys);
    assert_slice(read.new_image, change.new_image);
    assert_false(slice_present(read.old_image));
    for (size_t size = 0; size < sizeof(expected); size++)
        assert_false(db_change_read(slice_of(expected, size), &read));
    static const uint8_t unknown_flag[] = {0x01, 0x08, 0x01, 0x01, 0x00};
    assert_false(db_change_read(slice_of(unknown_flag, sizeof(unknown_flag)), &read));
    static const uint8_t unknown_kind[] = {0x04, 0x00, 0x01, 0x01, 0x00};
    assert_false(db_change_read(slice_of(unknown_kind, sizeof(unknown_kind)), &read));
}

static void keys_in_the_format_page(void **state)
{
    (void)state;
    static const uint8_t stream_key[] = {
        0x64, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
        0x31, 0x01, 0x01, 0x65, 0x75, 0x01, 0x01, 0x63, 0x61, 0x74, 0x01,
        0x01, 0x80, 0xb3, 0xb2, 0x8f, 0x86, 0xf4, 0x80, 0x01, 0x01,
    };
    static const uint8_t change_key[] = {
        0x76, 0x80, 0x80, 0x80, 0x80, 0x87, 0xc0, 0x80, 0x80, 0x80, 0x80, 0x80, 0xb3, 0xb2, 0x8f,
        0x86, 0xf4, 0x80, 0x01, 0x01, 0x80, 0x83, 0x91, 0xbf, 0xc5, 0xcd, 0xfa, 0xa0, 0x80,
    };
    static const uint8_t expiry_key[] = {
        0x65, 0x80, 0x80, 0x80, 0x80, 0x87, 0x86, 0xc9, 0xff, 0xf0, 0xc0, 0x61, 0x01, 0x01,
    };
    static const uint8_t settled_key[] = {
        0x65, 0x80, 0x80, 0x80, 0x80, 0x87, 0xff, 0xff, 0xff, 0xff, 0xff,
    };
    struct db_stream_facts facts = example_stream();
    assert_slice(db_key_of_stream(&fixture_arena, facts.account, facts.region, facts.table_name,
                                  facts.created_ms),
                 slice_of(stream_key, sizeof(stream_key)));
    struct slice log =
        db_key_of_log(&fixture_arena, DB_FAMILY_CHANGE, 7, db_stream_range_first(1, 2), CREATED_MS);
    assert_slice(db_key_in_log(&fixture_arena, log, (uint64_t)CREATED_MS * 1000),
                 slice_of(change_key, sizeof(change_key)));
    struct db_table table = {.id = 7, .key = facts.key, .name = SLICE("cat")};
    assert_slice(
        db_expiry_key(&fixture_arena, &table, CREATED_MS / 1000, item_of("{\"p\":{\"S\":\"a\"}}")),
        slice_of(expiry_key, sizeof(expiry_key)));
    assert_slice(db_settled_key(&fixture_arena, &table),
                 slice_of(settled_key, sizeof(settled_key)));
    assert_true(db_key_hash(slice_of(expiry_key, sizeof(expiry_key))) == CREATED_MS / 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(stream_record_in_the_format_page), DB_TEST(damaged_stream_records_are_refused),
        DB_TEST(shard_records_in_the_format_page), DB_TEST(other_bytes_are_no_shard_record),
        DB_TEST(change_record_in_the_format_page), DB_TEST(keys_in_the_format_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
