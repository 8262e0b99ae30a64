#include "ops/statement_token.h"

#include "base/base64.h"
#include "base/hash.h"

enum { TOKEN_VERSION = 1, INTEGER_BYTES = 8 };

static void append_integer(struct buf *out, uint64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        buf_append_byte(out, (uint8_t)(value >> shift));
}

static uint64_t read_integer(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < INTEGER_BYTES; i++)
        value = value << 8 | bytes[i];
    return value;
}

bool op_statement_fingerprint(const struct op_statement *statement, uint64_t *ret_fingerprint)
{
    struct arena *arena = statement->call->arena;
    struct arena_mark mark = arena_mark(arena);
    struct buf bytes;
    buf_init(&bytes, arena, SIZE_MAX);
    append_integer(&bytes, statement->table->id);
    buf_append_varint(&bytes, statement->parsed.text.size);
    buf_append(&bytes, statement->parsed.text);
    for (size_t i = 0; i < statement->parameter_count; i++)
        value_write(&bytes, statement->parameters[i]);
    bool complete = !bytes.failed;
    if (complete)
        *ret_fingerprint = hash_bytes(buf_slice(&bytes));
    arena_rewind(arena, mark);
    return complete;
}

struct slice op_statement_token_make(struct arena *arena, uint64_t fingerprint,
                                     const struct op_statement_position *position)
{
    struct buf bytes;
    buf_init(&bytes, arena, SIZE_MAX);
    buf_append_byte(&bytes, TOKEN_VERSION);
    append_integer(&bytes, fingerprint);
    buf_append_varint(&bytes, position->range);
    if (slice_present(position->start))
        buf_append(&bytes, position->start);
    append_integer(&bytes, hash_bytes(buf_slice(&bytes)));
    size_t size = base64_encoded_size(bytes.size);
    uint8_t *token = bytes.failed ? NULL : arena_alloc_bytes(arena, size);
    if (token == NULL)
        return SLICE_ABSENT;
    base64_encode(buf_slice(&bytes), token);
    return slice_of(token, size);
}

static const struct error *invalid(struct arena *arena)
{
    return error_make(arena, ERROR_VALIDATION, "Invalid NextToken");
}

/* The bytes before the checksum. false: not such a token. */
static bool open_token(struct arena *arena, struct slice token, struct slice *ret_bytes,
                       bool *ret_exhausted)
{
    uint8_t *bytes = arena_alloc_bytes(arena, base64_decoded_size_max(token.size));
    *ret_exhausted = bytes == NULL;
    size_t size;
    if (bytes == NULL || !base64_decode(token, bytes, &size) || size < 1 + 2 * INTEGER_BYTES)
        return false;
    size -= INTEGER_BYTES;
    *ret_bytes = slice_of(bytes, size);
    return bytes[0] == TOKEN_VERSION && hash_bytes(*ret_bytes) == read_integer(bytes + size);
}

const struct error *op_statement_token_read(struct arena *arena, struct slice token,
                                            uint64_t fingerprint,
                                            struct op_statement_position *ret_position)
{
    struct slice bytes;
    bool exhausted;
    if (!open_token(arena, token, &bytes, &exhausted))
        return exhausted ? error_exhausted() : invalid(arena);
    if (read_integer(bytes.data + 1) != fingerprint)
        return error_make(arena, ERROR_VALIDATION, "NextToken does not match request");
    struct slice rest = slice_after(bytes, 1 + INTEGER_BYTES);
    struct op_statement_position position = {.start = SLICE_ABSENT};
    if (!varint_read(&rest, &position.range))
        return invalid(arena);
    if (rest.size > 0) {
        if (!value_check(value_of_item(rest)))
            return invalid(arena);
        position.start = rest;
    }
    *ret_position = position;
    return NULL;
}
