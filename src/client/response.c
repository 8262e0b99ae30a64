#include "client/response.h"

#include <strings.h>

void client_response_begin(struct client_response *response)
{
    response->status = 0;
    response->close = false;
    response->body_bytes = 0;
    response->kept = 0;
    response->part = CLIENT_IN_HEAD;
    response->chunked = false;
    response->last_chunk = false;
    response->rest = 0;
    response->head_size = 0;
}

static int digit(uint8_t byte, int base)
{
    int value = byte >= '0' && byte <= '9' ? byte - '0' : -1;
    uint8_t letter = byte | 0x20;
    if (value < 0 && letter >= 'a' && letter <= 'f')
        value = letter - 'a' + 10;
    return value < base ? value : -1;
}

/* The number at the front; false when there is none, or it is too large. */
static bool read_number(struct slice text, int base, size_t *ret_number)
{
    enum { DIGITS_MAX = 15 };
    size_t number = 0, count = 0;
    while (count < text.size && digit(text.data[count], base) >= 0) {
        number = number * (size_t)base + (size_t)digit(text.data[count], base);
        if (++count > DIGITS_MAX)
            return false;
    }
    *ret_number = number;
    return count > 0;
}

static struct slice trim(struct slice text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = slice_after(text, 1);
    while (text.size > 0 && (text.data[text.size - 1] == '\r' || text.data[text.size - 1] == ' '))
        text.size--;
    return text;
}

static bool is_word(struct slice text, const char *word)
{
    return text.size == strlen(word) && strncasecmp((const char *)text.data, word, text.size) == 0;
}

/* One line of the head after the first. false: a length that is none. */
static bool read_field(struct client_response *response, struct slice line)
{
    const uint8_t *colon = line.size == 0 ? NULL : memchr(line.data, ':', line.size);
    if (colon == NULL)
        return true;
    struct slice name = slice_of(line.data, (size_t)(colon - line.data));
    struct slice value = trim(slice_after(line, name.size + 1));
    if (is_word(name, "content-length"))
        return read_number(value, 10, &response->rest);
    if (is_word(name, "transfer-encoding"))
        response->chunked = is_word(value, "chunked");
    if (is_word(name, "connection") && is_word(value, "close"))
        response->close = true;
    return true;
}

/* Takes the next line, without its end. */
static struct slice take_line(struct slice *at)
{
    const uint8_t *end = memchr(at->data, '\n', at->size);
    size_t size = end == NULL ? at->size : (size_t)(end - at->data);
    struct slice line = trim(slice_of(at->data, size));
    *at = slice_after(*at, end == NULL ? size : size + 1);
    return line;
}

static bool read_head(struct client_response *response)
{
    struct slice rest = slice_of(response->head, response->head_size);
    struct slice line = take_line(&rest);
    size_t status;
    enum { STATUS_AT = 9 }; /* behind "HTTP/1.1 " */
    if (!slice_starts_with(line, SLICE("HTTP/1.")) || line.size <= STATUS_AT ||
        !read_number(slice_after(line, STATUS_AT), 10, &status) || status < 100 || status > 999)
        return false;
    response->status = (int)status;
    response->close = line.data[7] == '0';
    while (rest.size > 0) {
        if (!read_field(response, take_line(&rest)))
            return false;
    }
    response->part = response->chunked ? CLIENT_IN_CHUNK_LINE : CLIENT_IN_BODY;
    response->head_size = 0;
    return true;
}

/* Moves bytes into the head until it ends so; false: it has not ended yet. */
static bool gather(struct client_response *response, struct slice *bytes, struct slice end)
{
    uint8_t last = end.data[end.size - 1];
    while (bytes->size > 0 && response->head_size < CLIENT_HEAD_BYTES_MAX) {
        /* Up to where it may end, at once. */
        size_t room = CLIENT_HEAD_BYTES_MAX - response->head_size;
        size_t most = bytes->size < room ? bytes->size : room;
        const uint8_t *found = memchr(bytes->data, last, most);
        size_t taken = found == NULL ? most : (size_t)(found - bytes->data) + 1;
        memcpy(response->head + response->head_size, bytes->data, taken);
        response->head_size += taken;
        *bytes = slice_after(*bytes, taken);
        size_t size = response->head_size;
        if (size >= end.size && memcmp(response->head + size - end.size, end.data, end.size) == 0)
            return true;
    }
    return false;
}

static void take_body(struct client_response *response, struct slice *bytes)
{
    size_t size = bytes->size < response->rest ? bytes->size : response->rest;
    size_t room = CLIENT_BODY_KEPT_BYTES - response->kept;
    size_t kept = size < room ? size : room;
    if (kept > 0)
        memcpy(response->body + response->kept, bytes->data, kept);
    response->kept += kept;
    response->body_bytes += size;
    response->rest -= size;
    *bytes = slice_after(*bytes, size);
}

static enum client_response_state feed_chunks(struct client_response *response, struct slice *bytes)
{
    while (bytes->size > 0) {
        if (response->part == CLIENT_IN_BODY) {
            take_body(response, bytes);
            if (response->rest == 0)
                response->part = CLIENT_IN_TRAILER; /* the end of line behind the chunk */
            continue;
        }
        if (!gather(response, bytes, SLICE("\n")))
            break;
        struct slice line = trim(slice_of(response->head, response->head_size - 1));
        response->head_size = 0;
        if (response->part == CLIENT_IN_TRAILER) {
            if (response->last_chunk && line.size == 0)
                return CLIENT_RESPONSE_COMPLETE;
            if (!response->last_chunk)
                response->part = CLIENT_IN_CHUNK_LINE;
            continue;
        }
        if (!read_number(line, 16, &response->rest))
            return CLIENT_RESPONSE_BROKEN;
        response->last_chunk = response->rest == 0;
        response->part = response->last_chunk ? CLIENT_IN_TRAILER : CLIENT_IN_BODY;
    }
    return response->head_size == CLIENT_HEAD_BYTES_MAX ? CLIENT_RESPONSE_BROKEN
                                                        : CLIENT_RESPONSE_MORE;
}

enum client_response_state client_response_feed(struct client_response *response,
                                                struct slice *bytes)
{
    if (response->part == CLIENT_IN_HEAD) {
        if (!gather(response, bytes, SLICE("\r\n\r\n")))
            return response->head_size == CLIENT_HEAD_BYTES_MAX ? CLIENT_RESPONSE_BROKEN
                                                                : CLIENT_RESPONSE_MORE;
        if (!read_head(response))
            return CLIENT_RESPONSE_BROKEN;
    }
    if (response->chunked)
        return feed_chunks(response, bytes);
    take_body(response, bytes);
    return response->rest == 0 ? CLIENT_RESPONSE_COMPLETE : CLIENT_RESPONSE_MORE;
}
