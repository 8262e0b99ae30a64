#include "base/crc32.h"

#include <libdeflate.h>

uint32_t crc32_of(struct slice bytes)
{
    /* libdeflate takes NULL for "the initial value", whatever the size says. */
    return bytes.size == 0 ? 0 : libdeflate_crc32(0, bytes.data, bytes.size);
}
