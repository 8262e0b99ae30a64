/* The engine's own records, byte by byte as docs/format/store.md shows them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "store/rocksdb/records.h"

static void the_version_record_is_as_documented(void **state)
{
    (void)state;
    static const uint8_t key[] = {0x00, 0x76};
    static const uint8_t record[] = {0x68, 0x61, 0x73, 0x68, 0x72, 0x61, 0x6e, 0x67, 0x65, 0x01};
    assert_true(slice_equal(RECORD_VERSION_KEY, slice_of(key, sizeof(key))));
    uint8_t written[RECORD_VERSION_BYTES_MAX];
    size_t size = record_version_write(written, RECORD_FORMAT_VERSION);
    assert_int_equal(sizeof(record), size);
    assert_memory_equal(record, written, size);
    uint64_t version = 0;
    assert_true(record_version_read(slice_of(record, sizeof(record)), &version));
    assert_int_equal(1, version);
}

static void version_records_of_later_formats_can_be_read(void **state)
{
    (void)state;
    uint64_t version = 0;
    assert_true(record_version_read(SLICE("hashrange\xac\x02more"), &version));
    assert_int_equal(300, version);
}

static void other_bytes_are_no_version_record(void **state)
{
    (void)state;
    static const struct slice others[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"hashrange", 9},
        {(const uint8_t *)"hashrang\x01", 9},
        {(const uint8_t *)"Hashrange\x01", 10},
        {(const uint8_t *)"hashrange\x80", 10},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        uint64_t version = 77;
        assert_false(record_version_read(others[i], &version));
        assert_int_equal(77, version);
    }
}

static void counter_records_are_as_documented(void **state)
{
    (void)state;
    static const uint8_t key[] = {0x00, 0x63, 0x74, 0x31};
    static const uint8_t positive[] = {0, 0, 0, 0, 0, 0, 0x01, 0x02};
    static const uint8_t negative[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe};
    uint8_t bytes[RECORD_KEY_BYTES_MAX];
    assert_true(slice_equal(record_counter_key(bytes, SLICE("t1")), slice_of(key, sizeof(key))));
    uint8_t written[RECORD_COUNTER_BYTES];
    record_counter_write(written, 258);
    assert_memory_equal(positive, written, sizeof(written));
    record_counter_write(written, -2);
    assert_memory_equal(negative, written, sizeof(written));
    int64_t total = 0;
    assert_true(record_counter_read(slice_of(negative, sizeof(negative)), &total));
    assert_int_equal(-2, total);
    record_counter_write(written, INT64_MIN);
    assert_true(record_counter_read(slice_of(written, sizeof(written)), &total));
    assert_true(total == INT64_MIN);
    assert_false(record_counter_read(SLICE("1234567"), &total));
    assert_false(record_counter_read(SLICE("123456789"), &total));
}

static void the_sequence_record_is_as_documented(void **state)
{
    (void)state;
    static const uint8_t value[] = {0x00, 0x06, 0x45, 0xfc, 0x59, 0xbe, 0x90, 0x00};
    assert_true(slice_equal(RECORD_SEQUENCE_KEY, SLICE("\x00\x73")));
    uint8_t written[RECORD_SEQUENCE_BYTES];
    record_sequence_write(written, 1765800000000000);
    assert_memory_equal(value, written, sizeof(value));
    uint64_t sequence = 0;
    assert_true(record_sequence_read(slice_of(value, sizeof(value)), &sequence));
    assert_true(sequence == 1765800000000000);
    assert_false(record_sequence_read(SLICE("1234567"), &sequence));
    assert_false(record_sequence_read(SLICE("\xff\xff\xff\xff\xff\xff\xff\xff"), &sequence));
}

static void own_keys_lie_below_all_others(void **state)
{
    (void)state;
    uint8_t bytes[RECORD_KEY_BYTES_MAX];
    assert_true(slice_compare(RECORD_VERSION_KEY, RECORD_FIRST_CLIENT_KEY) < 0);
    assert_true(
        slice_compare(record_counter_key(bytes, SLICE("\xff\xff")), RECORD_COUNTER_KEYS_END) < 0);
    assert_true(slice_compare(RECORD_COUNTER_KEYS_END, RECORD_SEQUENCE_KEY) < 0);
    assert_true(slice_compare(RECORD_SEQUENCE_KEY, RECORD_VERSION_KEY) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_record_is_as_documented),
        cmocka_unit_test(version_records_of_later_formats_can_be_read),
        cmocka_unit_test(other_bytes_are_no_version_record),
        cmocka_unit_test(counter_records_are_as_documented),
        cmocka_unit_test(the_sequence_record_is_as_documented),
        cmocka_unit_test(own_keys_lie_below_all_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
