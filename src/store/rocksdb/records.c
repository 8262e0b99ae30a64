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

void record_counter_write(uint8_t out[RECORD_COUNTER_BYTES], int64_t total)
{
    for (int i = 0; i < RECORD_COUNTER_BYTES; i++)
        out[i] = (uint8_t)((uint64_t)total >> (8 * (RECORD_COUNTER_BYTES - 1 - i)));
}

bool record_counter_read(struct slice value, int64_t *ret_total)
{
    if (value.size != RECORD_COUNTER_BYTES)
        return false;
    uint64_t total = 0;
    for (int i = 0; i < RECORD_COUNTER_BYTES; i++)
        total = total << 8 | value.data[i];
    *ret_total = (int64_t)total;
    return true;
}
