#include "store/rocksdb/records.h"

#include "base/buf.h"
#include "base/check.h"

#define MAGIC SLICE("hashrange")

size_t record_version_write(uint8_t out[RECORD_VERSION_BYTES_MAX], uint64_t version)
{
    memcpy(out, MAGIC.data, MAGIC.size);
    return MAGIC.size + varint_write(out + MAGIC.size, version);
}

bool record_version_read(struct slice value, uint64_t *ret_version)
{
    if (!slice_starts_with(value, MAGIC))
        return false;
    /* A later format may add bytes behind the version. */
    struct slice at = slice_after(value, MAGIC.size);
    return varint_read(&at, ret_version);
}

struct slice record_counter_key(uint8_t out[RECORD_KEY_BYTES_MAX], struct slice key)
{
    CHECK(key.size <= STORE_BOUND_BYTES_MAX);
    out[0] = 0;
    out[1] = RECORD_TAG_COUNTER;
    if (key.size > 0)
        memcpy(out + 2, key.data, key.size);
    return slice_of(out, key.size + 2);
}

enum { NUMBER_BYTES = 8 };

static void write_number(uint8_t out[NUMBER_BYTES], uint64_t number)
{
    for (int i = 0; i < NUMBER_BYTES; i++)
        out[i] = (uint8_t)(number >> (8 * (NUMBER_BYTES - 1 - i)));
}

static bool read_number(struct slice value, uint64_t *ret_number)
{
    if (value.size != NUMBER_BYTES)
        return false;
    uint64_t number = 0;
    for (int i = 0; i < NUMBER_BYTES; i++)
        number = number << 8 | value.data[i];
    *ret_number = number;
    return true;
}

_Static_assert((int)RECORD_COUNTER_BYTES == (int)NUMBER_BYTES, "a counter is one number");
_Static_assert((int)RECORD_SEQUENCE_BYTES == (int)NUMBER_BYTES, "so is a sequence");

void record_counter_write(uint8_t out[RECORD_COUNTER_BYTES], int64_t total)
{
    write_number(out, (uint64_t)total);
}

bool record_counter_read(struct slice value, int64_t *ret_total)
{
    uint64_t total;
    if (!read_number(value, &total))
        return false;
    *ret_total = (int64_t)total;
    return true;
}

void record_sequence_write(uint8_t out[RECORD_SEQUENCE_BYTES], uint64_t sequence)
{
    write_number(out, sequence);
}

bool record_sequence_read(struct slice value, uint64_t *ret_sequence)
{
    return read_number(value, ret_sequence) && *ret_sequence <= STORE_SEQUENCE_MAX;
}
