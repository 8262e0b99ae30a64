#include "ops/stream_name.h"

#include "base/base64.h"
#include "base/hash.h"
#include "ops/validation_error.h"

/* --- streams --- */

const struct error *op_stream_name_read(const struct op_call *call, struct slice arn,
                                        struct op_stream_name *ret_name)
{
    static const char separator[] = "/stream/";
    const size_t separator_size = sizeof(separator) - 1;
    if (arn.size > separator_size + DB_STREAM_LABEL_BYTES) {
        size_t label_at = arn.size - DB_STREAM_LABEL_BYTES;
        struct slice table = slice_of(arn.data, label_at - separator_size);
        struct slice between = slice_of(arn.data + table.size, separator_size);
        struct op_stream_name name = {.label = slice_after(arn, label_at)};
        if (slice_equal(between, slice_of(separator, separator_size)) &&
            op_table_arn_read(table, &name.table)) {
            *ret_name = name;
            return NULL;
        }
    }
    return op_validation_error(call, "Invalid StreamArn");
}

const struct error *op_stream_find(const struct op_call *call, struct slice arn,
                                   struct db_stream **ret_stream)
{
    struct op_stream_name name;
    const struct error *error = op_stream_name_read(call, arn, &name);
    if (error != NULL)
        return error;
    struct db_stream *stream = db_stream_acquire(call->environment->db, name.table.account,
                                                 name.table.region, name.table.name, name.label);
    if (stream == NULL)
        return error_make(call->arena, ERROR_RESOURCE_NOT_FOUND,
                          "Requested resource not found: Stream: %.*s not found", SLICE_PRINT(arn));
    *ret_stream = stream;
    return NULL;
}

struct slice op_stream_label(struct arena *arena, const struct db_stream_facts *stream)
{
    uint8_t *label = arena_alloc_bytes(arena, DB_STREAM_LABEL_BYTES);
    if (label == NULL)
        return SLICE_ABSENT;
    db_stream_label(stream->created_ms, (char *)label);
    return slice_of(label, DB_STREAM_LABEL_BYTES);
}

struct slice op_stream_arn(struct arena *arena, const struct db_stream_facts *stream)
{
    const struct db_table table = {
        .region = stream->region, .account = stream->account, .name = stream->table_name};
    char label[DB_STREAM_LABEL_BYTES];
    struct slice arn;
    db_stream_label(stream->created_ms, label);
    return op_table_arn_make(arena, &table, "stream", slice_of(label, sizeof(label)), &arn)
               ? arn
               : SLICE_ABSENT;
}

/* --- digits --- */

static void write_digits(uint8_t *out, size_t count, uint64_t number, unsigned base)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = count; i > 0; i--) {
        out[i - 1] = (uint8_t)digits[number % base];
        number /= base;
    }
}

/* false: other bytes, or a number of more than 63 bits. */
static bool read_digits(const uint8_t *in, size_t count, unsigned base, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = in[i] >= '0' && in[i] <= '9'   ? in[i] - (unsigned)'0'
                         : in[i] >= 'a' && in[i] <= 'f' ? in[i] - (unsigned)'a' + 10
                                                        : base;
        if (digit >= base || number > ((uint64_t)INT64_MAX - digit) / base)
            return false;
        number = number * base + digit;
    }
    *ret_number = number;
    return true;
}

/* --- shards --- */

enum { SHARD_TIME_AT = 8, SHARD_TIME_DIGITS = 20, SHARD_HASH_AT = 29, SHARD_HASH_DIGITS = 8 };

/* The first hashes of ranges differ in their higher bits. */
enum { HASH_BITS_HIDDEN = 3 };

struct slice op_shard_id(struct arena *arena, struct db_shard_id id)
{
    uint8_t *text = arena_alloc_bytes(arena, OP_SHARD_ID_BYTES);
    if (text == NULL)
        return SLICE_ABSENT;
    memcpy(text, "shardId-", SHARD_TIME_AT);
    write_digits(text + SHARD_TIME_AT, SHARD_TIME_DIGITS, (uint64_t)id.created_ms, 10);
    text[SHARD_HASH_AT - 1] = '-';
    write_digits(text + SHARD_HASH_AT, SHARD_HASH_DIGITS, id.first_hash >> HASH_BITS_HIDDEN, 16);
    return slice_of(text, OP_SHARD_ID_BYTES);
}

bool op_shard_id_read(const struct db_stream_facts *stream, struct slice text,
                      struct db_shard_id *ret_id)
{
    uint64_t time, hash;
    if (text.size != OP_SHARD_ID_BYTES || !slice_starts_with(text, SLICE("shardId-")) ||
        text.data[SHARD_HASH_AT - 1] != '-' ||
        !read_digits(text.data + SHARD_TIME_AT, SHARD_TIME_DIGITS, 10, &time) ||
        !read_digits(text.data + SHARD_HASH_AT, SHARD_HASH_DIGITS, 16, &hash))
        return false;
    for (uint64_t range = 0; range < stream->shard_count; range++) {
        uint64_t first_hash = db_stream_range_first(range, stream->shard_count);
        if (first_hash >> HASH_BITS_HIDDEN == hash) {
            *ret_id = (struct db_shard_id){(int64_t)time, first_hash};
            return true;
        }
    }
    return false;
}

/* --- sequence numbers --- */

/* A 1, so that numbers compare as texts do and as integers do, then the number. */
struct slice op_sequence_number(struct arena *arena, uint64_t sequence)
{
    uint8_t *text = arena_alloc_bytes(arena, OP_SEQUENCE_NUMBER_BYTES);
    if (text == NULL)
        return SLICE_ABSENT;
    text[0] = '1';
    write_digits(text + 1, OP_SEQUENCE_NUMBER_BYTES - 1, sequence, 10);
    return slice_of(text, OP_SEQUENCE_NUMBER_BYTES);
}

bool op_sequence_number_read(struct slice text, uint64_t *ret_sequence)
{
    return text.size == OP_SEQUENCE_NUMBER_BYTES && text.data[0] == '1' &&
           read_digits(text.data + 1, OP_SEQUENCE_NUMBER_BYTES - 1, 10, ret_sequence);
}

/* --- iterators --- */

/*
 * A version byte, the members as varints in the order of the struct, and the SipHash of all that
 * under the database's key, least significant byte first; in base64.
 */
enum { ITERATOR_VERSION = 1, SEAL_BYTES = 8, MEMBERS = 6 };

static uint64_t seal_of(const uint8_t key[DB_STREAM_ITERATOR_KEY_BYTES], struct slice bytes)
{
    _Static_assert((int)DB_STREAM_ITERATOR_KEY_BYTES == (int)HASH_KEY_BYTES, "a SipHash key");
    return hash_bytes_keyed(key, bytes);
}

struct slice op_iterator(struct arena *arena, const uint8_t key[DB_STREAM_ITERATOR_KEY_BYTES],
                         const struct op_iterator *iterator)
{
    const uint64_t members[MEMBERS] = {
        iterator->table_id,
        (uint64_t)iterator->stream_created_ms,
        (uint64_t)iterator->shard.created_ms,
        iterator->shard.first_hash,
        iterator->sequence,
        (uint64_t)iterator->issued_ms,
    };
    uint8_t bytes[1 + MEMBERS * 10 + SEAL_BYTES] = {ITERATOR_VERSION};
    size_t size = 1;
    for (size_t i = 0; i < MEMBERS; i++)
        size += varint_write(bytes + size, members[i]);
    uint64_t seal = seal_of(key, slice_of(bytes, size));
    for (size_t i = 0; i < SEAL_BYTES; i++)
        bytes[size++] = (uint8_t)(seal >> (8 * i));
    uint8_t *text = arena_alloc_bytes(arena, base64_encoded_size(size));
    if (text == NULL)
        return SLICE_ABSENT;
    base64_encode(slice_of(bytes, size), text);
    return slice_of(text, base64_encoded_size(size));
}

bool op_iterator_read(const uint8_t key[DB_STREAM_ITERATOR_KEY_BYTES], struct slice text,
                      struct op_iterator *ret_iterator)
{
    uint8_t bytes[OP_ITERATOR_BYTES_MAX];
    size_t size;
    if (text.size > OP_ITERATOR_BYTES_MAX || !base64_decode(text, bytes, &size) ||
        size < 1 + MEMBERS + SEAL_BYTES || bytes[0] != ITERATOR_VERSION)
        return false;
    struct slice sealed = slice_of(bytes, size - SEAL_BYTES);
    uint64_t seal = seal_of(key, sealed), given = 0;
    for (size_t i = 0; i < SEAL_BYTES; i++)
        given |= (uint64_t)bytes[sealed.size + i] << (8 * i);
    if (given != seal)
        return false;
    struct slice at = slice_after(sealed, 1);
    uint64_t members[MEMBERS];
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!varint_read(&at, &members[i]) || members[i] > INT64_MAX)
            return false;
    }
    if (at.size > 0)
        return false;
    *ret_iterator = (struct op_iterator){
        .table_id = members[0],
        .stream_created_ms = (int64_t)members[1],
        .shard = {(int64_t)members[2], members[3]},
        .sequence = members[4],
        .issued_ms = (int64_t)members[5],
    };
    return true;
}

const struct error *op_iterator_check(const struct op_call *call, struct slice text,
                                      struct op_iterator *ret_iterator)
{
    if (!op_iterator_read(db_iterator_key(call->environment->db), text, ret_iterator))
        return op_validation_error(call, "Invalid ShardIterator");
    if (call->now_ms - ret_iterator->issued_ms > OP_ITERATOR_MS)
        return error_make(call->arena, ERROR_EXPIRED_ITERATOR, "Shard iterator has expired");
    return NULL;
}

const struct error *op_iterator_stream(const struct op_call *call,
                                       const struct op_iterator *iterator,
                                       struct db_stream **ret_stream)
{
    struct db_stream *stream = db_stream_acquire_by_id(call->environment->db, iterator->table_id,
                                                       iterator->stream_created_ms);
    if (stream == NULL)
        return error_make(call->arena, ERROR_RESOURCE_NOT_FOUND,
                          "Requested resource not found: Shard does not exist");
    *ret_stream = stream;
    return NULL;
}
