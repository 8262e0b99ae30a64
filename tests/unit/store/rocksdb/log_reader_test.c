/*
 * Frames of RocksDB's log files: what counts as the torn end, and what as damage before it.
 */

#include "store/rocksdb/log_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { FULL = 1, FIRST = 2, MIDDLE = 3, LAST = 4, RECYCLED = 4, LOG_NUMBER = 7 };

struct log {
    uint8_t bytes[4 * LOG_BLOCK_BYTES];
    size_t size;
};

static void append(struct log *log, int type, size_t payload_size)
{
    uint8_t *frame = log->bytes + log->size;
    size_t header = type > RECYCLED && type < 9 ? 11 : 7;
    frame[4] = payload_size & 0xff;
    frame[5] = payload_size >> 8;
    frame[6] = (uint8_t)type;
    if (header == 11)
        memcpy(frame + 7, (uint8_t[]){LOG_NUMBER, 0, 0, 0}, 4);
    memset(frame + header, 'x', payload_size);
    uint32_t crc = log_crc32c(0, slice_of(frame + 6, header - 6 + payload_size));
    crc = (crc >> 15 | crc << 17) + 0xa282ead8;
    for (int i = 0; i < 4; i++)
        frame[i] = (uint8_t)(crc >> 8 * i);
    log->size += header + payload_size;
}

static struct log_reader read_log(const struct log *log, uint32_t number)
{
    struct log_reader reader = {.log_number = number};
    for (size_t at = 0; at < log->size; at += LOG_BLOCK_BYTES) {
        size_t left = log->size - at;
        log_reader_take(&reader,
                        slice_of(log->bytes + at, left < LOG_BLOCK_BYTES ? left : LOG_BLOCK_BYTES));
    }
    return reader;
}

/* RFC 3720, B.4: CRC Examples. */
static void crc32c_is_castagnoli(void **state)
{
    (void)state;
    uint8_t bytes[32] = {0};
    assert_int_equal(0x8a9136aa, log_crc32c(0, slice_of(bytes, sizeof(bytes))));
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(0x46dd794e, log_crc32c(0, slice_of(bytes, sizeof(bytes))));
    assert_int_equal(0x46dd794e, log_crc32c(log_crc32c(0, slice_of(bytes, 13)),
                                            slice_of(bytes + 13, sizeof(bytes) - 13)));
}

static void whole_logs_are_whole(void **state)
{
    (void)state;
    static struct log log;
    log.size = 0;
    append(&log, FULL, 10);
    append(&log, FULL, 0);
    append(&log, FIRST, LOG_BLOCK_BYTES - log.size - 7);
    append(&log, MIDDLE, LOG_BLOCK_BYTES - 7);
    append(&log, LAST, 100);
    append(&log, 9, 4); /* tells of a compression, in later versions */
    append(&log, FULL, 1);
    struct log_reader reader = read_log(&log, LOG_NUMBER);
    assert_false(reader.is_damaged);
    assert_int_equal(log.size, reader.whole_bytes);
}

static void ends_may_be_cut_anywhere(void **state)
{
    (void)state;
    static struct log log;
    log.size = 0;
    append(&log, FULL, 10);
    size_t whole = log.size;
    append(&log, FULL, 50);
    size_t end = log.size;
    for (log.size = whole; log.size < end; log.size++) {
        struct log_reader reader = read_log(&log, LOG_NUMBER);
        assert_false(reader.goes_on);
        assert_int_equal(whole, reader.whole_bytes);
    }
}

/* One record over three blocks; the sectors of its start, or of its middle, are not there. */
static void a_torn_record_is_an_end(void **state)
{
    (void)state;
    static const size_t lost[] = {18, 300, LOG_BLOCK_BYTES, LOG_BLOCK_BYTES + 5000,
                                  2 * LOG_BLOCK_BYTES};
    static struct log log;
    for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
        log.size = 0;
        append(&log, FULL, 10);
        size_t whole = log.size;
        append(&log, FIRST, LOG_BLOCK_BYTES - log.size - 7);
        append(&log, MIDDLE, LOG_BLOCK_BYTES - 7);
        append(&log, LAST, 100);
        memset(log.bytes + lost[i], 0, 64);
        struct log_reader reader = read_log(&log, LOG_NUMBER);
        assert_true(reader.is_damaged);
        assert_false(reader.goes_on);
        assert_int_equal(whole, reader.whole_bytes);
    }
}

static void a_record_behind_the_damage_is_seen(void **state)
{
    (void)state;
    static struct log log;
    log.size = 0;
    append(&log, FULL, 10);
    size_t whole = log.size;
    append(&log, FULL, 10);
    append(&log, FULL, 10);
    log.bytes[whole + 8] ^= 1;
    struct log_reader reader = read_log(&log, LOG_NUMBER);
    assert_true(reader.is_damaged && reader.goes_on);
    assert_int_equal(whole, reader.whole_bytes);
    /* Also when its size is gone: then in the next block. */
    log.size = whole;
    append(&log, FULL, LOG_BLOCK_BYTES - log.size - 7);
    append(&log, FIRST, 20);
    memset(log.bytes + whole, 0, 7);
    reader = read_log(&log, LOG_NUMBER);
    assert_true(reader.is_damaged && reader.goes_on);
}

static void frames_of_an_earlier_use_of_the_file_are_an_end(void **state)
{
    (void)state;
    static struct log log;
    log.size = 0;
    append(&log, FULL + RECYCLED, 10);
    append(&log, FULL + RECYCLED, 10);
    assert_int_equal(log.size, read_log(&log, LOG_NUMBER).whole_bytes);
    struct log_reader reader = read_log(&log, LOG_NUMBER + 1);
    assert_true(reader.is_damaged);
    assert_false(reader.goes_on);
    assert_int_equal(0, reader.whole_bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32c_is_castagnoli),
        cmocka_unit_test(whole_logs_are_whole),
        cmocka_unit_test(ends_may_be_cut_anywhere),
        cmocka_unit_test(a_torn_record_is_an_end),
        cmocka_unit_test(a_record_behind_the_damage_is_seen),
        cmocka_unit_test(frames_of_an_earlier_use_of_the_file_are_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
