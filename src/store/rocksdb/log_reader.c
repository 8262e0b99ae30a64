#include "store/rocksdb/log_reader.h"

#include <pthread.h>
#include <string.h>

enum {
    FRAME_FULL = 1,
    FRAME_FIRST = 2,
    FRAME_MIDDLE = 3,
    FRAME_LAST = 4,
    FRAME_RECYCLED = 4, /* added to the four in files that may be used again */
    FRAME_OTHER = 9,    /* and all above: about the file, of RocksDB's later versions */

    HEADER_BYTES = 7,           /* checksum, size, type */
    RECYCLED_HEADER_BYTES = 11, /* and the number of the log */
    CHECKSUM_FROM = 6,          /* the type is its first byte */
};

/* Eight bytes at a time: tables[i][b] is the checksum of byte b with i zeros behind it. */
static uint32_t tables[8][256];

static void make_tables(void)
{
    static const uint32_t polynomial = 0x82f63b78; /* bits reversed */
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) != 0 ? crc >> 1 ^ polynomial : crc >> 1;
        tables[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++) {
        for (int i = 1; i < 8; i++)
            tables[i][byte] = tables[i - 1][byte] >> 8 ^ tables[0][tables[i - 1][byte] & 0xff];
    }
}

uint32_t log_crc32c(uint32_t crc, struct slice bytes)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_tables);
    const uint8_t *at = bytes.data;
    size_t left = bytes.size;
    crc = ~crc;
    for (; left >= 8; at += 8, left -= 8)
        crc = tables[7][at[0] ^ (crc & 0xff)] ^ tables[6][at[1] ^ (crc >> 8 & 0xff)] ^
              tables[5][at[2] ^ (crc >> 16 & 0xff)] ^ tables[4][at[3] ^ crc >> 24] ^
              tables[3][at[4]] ^ tables[2][at[5]] ^ tables[1][at[6]] ^ tables[0][at[7]];
    for (; left > 0; at++, left--)
        crc = tables[0][(*at ^ crc) & 0xff] ^ crc >> 8;
    return ~crc;
}

static uint32_t read_u32(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

struct frame {
    int type;    /* without FRAME_RECYCLED; 0: damaged */
    size_t size; /* header included; 0: it cannot be told where the next one is */
    struct slice payload;
};

static struct frame read_frame(const struct log_reader *reader, struct slice rest)
{
    int type = rest.data[6];
    bool is_recycled = type > FRAME_RECYCLED && type < FRAME_OTHER;
    size_t header_bytes = is_recycled ? RECYCLED_HEADER_BYTES : HEADER_BYTES;
    size_t size = header_bytes + (rest.data[4] | (size_t)rest.data[5] << 8);
    if (type < FRAME_FULL || size > rest.size)
        return (struct frame){0};
    if (type > FRAME_OTHER)
        type = FRAME_OTHER;
    uint32_t crc = log_crc32c(0, slice_of(rest.data + CHECKSUM_FROM, size - CHECKSUM_FROM));
    uint32_t stored = (crc >> 15 | crc << 17) + 0xa282ead8; /* util/crc32c.h: "masked" */
    bool is_whole = stored == read_u32(rest.data) &&
                    (!is_recycled || read_u32(rest.data + HEADER_BYTES) == reader->log_number);
    return (struct frame){.type = !is_whole     ? 0
                                  : is_recycled ? type - FRAME_RECYCLED
                                                : type,
                          .size = size,
                          .payload = slice_of(rest.data + header_bytes, size - header_bytes)};
}

static void end_record(struct log_reader *reader, uint64_t end)
{
    reader->whole_bytes = end;
    if (reader->record != NULL)
        reader->record(reader->context, slice_of(reader->head, reader->head_size));
}

/* end: where the frame ends in the file. */
static void take_frame(struct log_reader *reader, struct frame frame, uint64_t end)
{
    int type = frame.type;
    bool begins = type == FRAME_FULL || type == FRAME_FIRST;
    if (reader->is_damaged) {
        reader->goes_on = reader->goes_on || begins;
        return;
    }
    if (type == FRAME_OTHER)
        return;
    if (type == 0 || begins == reader->in_record) {
        reader->is_damaged = true;
        reader->goes_on = begins;
        return;
    }
    if (begins) {
        reader->head_size =
            frame.payload.size < LOG_HEAD_BYTES ? frame.payload.size : LOG_HEAD_BYTES;
        memcpy(reader->head, frame.payload.data, reader->head_size);
    }
    reader->in_record = type == FRAME_FIRST || type == FRAME_MIDDLE;
    if (!reader->in_record)
        end_record(reader, end);
}

void log_reader_take(struct log_reader *reader, struct slice block)
{
    size_t at = 0;
    /* What is left of a block is filled with zeros where no header fits any more. */
    while (block.size - at >= HEADER_BYTES) {
        struct frame frame = read_frame(reader, slice_after(block, at));
        take_frame(reader, frame, reader->block_start + at + frame.size);
        if (frame.size == 0)
            break;
        at += frame.size;
    }
    reader->block_start += block.size;
}
