/* fuzz: hr_store_rocksdb hr_base */
/* about: store/rocksdb/log_reader.c */

/* The input as a log file of RocksDB: what is told of it lies within it, and does not depend on
 * what comes behind the part that was found whole. */

#include "base/check.h"
#include "store/rocksdb/log_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct log_reader read_log(const uint8_t *data, size_t size)
{
    struct log_reader reader = {.log_number = 7};
    for (size_t at = 0; at < size; at += LOG_BLOCK_BYTES)
        log_reader_take(
            &reader,
            slice_of(data + at, size - at < LOG_BLOCK_BYTES ? size - at : LOG_BLOCK_BYTES));
    return reader;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct log_reader reader = read_log(data, size);
    CHECK(reader.whole_bytes <= size);
    CHECK(reader.is_damaged || !reader.goes_on);
    struct log_reader whole = read_log(data, (size_t)reader.whole_bytes);
    CHECK(!whole.is_damaged && whole.whole_bytes == reader.whole_bytes);
    return 0;
}
