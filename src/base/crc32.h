#ifndef HASHRANGE_BASE_CRC32_H
#define HASHRANGE_BASE_CRC32_H

#include "base/slice.h"

/* The CRC-32 of gzip and zlib (polynomial 0x04c11db7 reflected), as in the header x-amz-crc32. */
uint32_t crc32_of(struct slice bytes);

#endif
