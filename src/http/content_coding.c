#include "http/content_coding.h"

#include <libdeflate.h>

#include "http/exchange.h"

enum {
    FIRST_OUTPUT_BYTES = 64 * 1024,
    /* Fast: the response is compressed on the way to a waiting client. */
    GZIP_LEVEL = 1,
};

typedef enum libdeflate_result decompress(struct libdeflate_decompressor *, const void *, size_t,
                                          void *, size_t, size_t *, size_t *);

/* One attempt per form and size; the size grows until it fits or the limit is passed. */
static enum http_decoded inflate(struct arena *arena, decompress *form, struct slice body,
                                 size_t limit_bytes, struct slice *ret_decoded)
{
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    if (decompressor == NULL)
        return HTTP_DECODE_EXHAUSTED;
    enum http_decoded outcome = HTTP_DECODED_TOO_LARGE;
    size_t room = FIRST_OUTPUT_BYTES < limit_bytes ? FIRST_OUTPUT_BYTES : limit_bytes;
    for (;;) {
        struct arena_mark mark = arena_mark(arena);
        uint8_t *output = arena_alloc_bytes(arena, room);
        if (output == NULL) {
            outcome = HTTP_DECODE_EXHAUSTED;
            break;
        }
        size_t taken = 0;
        size_t size = 0;
        enum libdeflate_result result =
            form(decompressor, body.data, body.size, output, room, &taken, &size);
        if (result == LIBDEFLATE_SUCCESS && taken == body.size) {
            *ret_decoded = slice_of(output, size);
            outcome = HTTP_DECODED;
            break;
        }
        arena_rewind(arena, mark);
        if (result != LIBDEFLATE_INSUFFICIENT_SPACE) {
            outcome = HTTP_CODING_MALFORMED;
            break;
        }
        if (room == limit_bytes)
            break;
        room = room <= limit_bytes / 4 ? room * 4 : limit_bytes;
    }
    libdeflate_free_decompressor(decompressor);
    return outcome;
}

enum http_decoded http_content_decode(struct arena *arena, struct slice coding, struct slice body,
                                      size_t limit_bytes, struct slice *ret_decoded)
{
    if (coding.size == 0 || http_name_equal(coding, SLICE("identity"))) {
        *ret_decoded = body;
        return HTTP_DECODED;
    }
    if (http_name_equal(coding, SLICE("gzip")) || http_name_equal(coding, SLICE("x-gzip")))
        return inflate(arena, libdeflate_gzip_decompress_ex, body, limit_bytes, ret_decoded);
    if (!http_name_equal(coding, SLICE("deflate")))
        return HTTP_CODING_UNKNOWN;
    enum http_decoded outcome =
        inflate(arena, libdeflate_zlib_decompress_ex, body, limit_bytes, ret_decoded);
    if (outcome == HTTP_CODING_MALFORMED)
        outcome = inflate(arena, libdeflate_deflate_decompress_ex, body, limit_bytes, ret_decoded);
    return outcome;
}

static struct slice trim(struct slice text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = slice_after(text, 1);
    while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
        text.size--;
    return text;
}

/* Takes what stands before the first `separator`, and it, from *at. */
static struct slice take_part(struct slice *at, char separator)
{
    const uint8_t *end = at->size == 0 ? NULL : memchr(at->data, separator, at->size);
    struct slice part = *at;
    if (end == NULL) {
        *at = slice_after(*at, at->size);
    } else {
        part.size = (size_t)(end - at->data);
        *at = slice_after(*at, part.size + 1);
    }
    return trim(part);
}

/* ";q=0", ";q=0.0", ";q=0.000" forbid; every other weight allows. */
static bool weight_is_zero(struct slice parameters)
{
    while (parameters.size > 0) {
        struct slice parameter = take_part(&parameters, ';');
        if (parameter.size < 3 || (parameter.data[0] | 0x20) != 'q' || parameter.data[1] != '=')
            continue;
        for (size_t i = 2; i < parameter.size; i++) {
            if (parameter.data[i] != '0' && parameter.data[i] != '.')
                return false;
        }
        return true;
    }
    return false;
}

bool http_accepts_gzip(struct slice accept_encoding)
{
    bool any = false;
    while (accept_encoding.size > 0) {
        struct slice parameters = take_part(&accept_encoding, ',');
        struct slice name = take_part(&parameters, ';');
        if (http_name_equal(name, SLICE("gzip")) || http_name_equal(name, SLICE("x-gzip")))
            return !weight_is_zero(parameters);
        if (http_name_equal(name, SLICE("*")))
            any = !weight_is_zero(parameters);
    }
    return any;
}

bool http_content_gzip(struct arena *arena, struct slice body, struct slice *ret_gzip)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(GZIP_LEVEL);
    if (compressor == NULL)
        return false;
    struct arena_mark mark = arena_mark(arena);
    uint8_t *output = arena_alloc_bytes(arena, body.size);
    size_t size = 0;
    if (output != NULL)
        size = libdeflate_gzip_compress(compressor, body.data, body.size, output, body.size);
    libdeflate_free_compressor(compressor);
    if (size == 0) {
        arena_rewind(arena, mark);
        return false;
    }
    *ret_gzip = slice_of(output, size);
    return true;
}
