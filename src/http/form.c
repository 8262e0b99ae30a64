#include "http/form.h"

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool is_triplet(struct slice text, size_t at)
{
    return text.size - at > 2 && text.data[at] == '%' && hex_digit(text.data[at + 1]) >= 0 &&
           hex_digit(text.data[at + 2]) >= 0;
}

/* Text that needs no decoding stays where it is. false: the arena is exhausted. */
static bool decode(struct arena *arena, struct slice text, struct slice *ret_decoded)
{
    if (text.size == 0 ||
        (memchr(text.data, '%', text.size) == NULL && memchr(text.data, '+', text.size) == NULL)) {
        *ret_decoded = text;
        return true;
    }
    uint8_t *decoded = arena_alloc_bytes(arena, text.size);
    if (decoded == NULL)
        return false;
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (byte == '+') {
            byte = ' ';
        } else if (is_triplet(text, i)) {
            byte = (uint8_t)(hex_digit(text.data[i + 1]) * 16 + hex_digit(text.data[i + 2]));
            i += 2;
        }
        decoded[size++] = byte;
    }
    *ret_decoded = slice_of(decoded, size);
    return true;
}

static size_t count_pairs(struct slice text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == '&';
    return count;
}

/* What stands before the next separator, or all; it and the separator are taken from *at. */
static struct slice take(struct slice *at, char separator)
{
    const uint8_t *end = at->size == 0 ? NULL : memchr(at->data, separator, at->size);
    size_t size = end == NULL ? at->size : (size_t)(end - at->data);
    struct slice part = slice_of(at->data, size);
    *at = slice_after(*at, end == NULL ? size : size + 1);
    return part;
}

/* There is room for all of them. false: the arena is exhausted. */
static bool read_pairs(struct arena *arena, struct slice text, struct http_form_pair *pairs,
                       size_t *count)
{
    while (text.size > 0) {
        struct slice value = take(&text, '&');
        if (value.size == 0)
            continue;
        struct slice name = take(&value, '=');
        struct http_form_pair *pair = &pairs[*count];
        if (!decode(arena, name, &pair->name) || !decode(arena, value, &pair->value))
            return false;
        (*count)++;
    }
    return true;
}

enum http_form_status http_form_read_both(struct arena *arena, struct slice first,
                                          struct slice second, struct http_form *ret_form)
{
    size_t room = count_pairs(first) + (second.size == 0 ? 0 : count_pairs(second));
    if (room > HTTP_FORM_PAIRS_MAX)
        return HTTP_FORM_TOO_MANY;
    struct http_form_pair *pairs = ARENA_NEW_ARRAY(arena, struct http_form_pair, room);
    size_t count = 0;
    if (pairs == NULL || !read_pairs(arena, first, pairs, &count) ||
        !read_pairs(arena, second, pairs, &count))
        return HTTP_FORM_EXHAUSTED;
    *ret_form = (struct http_form){pairs, count};
    return HTTP_FORM_READ;
}

enum http_form_status http_form_read(struct arena *arena, struct slice text,
                                     struct http_form *ret_form)
{
    return http_form_read_both(arena, text, slice_of("", 0), ret_form);
}

struct slice http_form_value(const struct http_form *form, struct slice name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (slice_equal(form->pairs[i].name, name))
            return form->pairs[i].value;
    }
    return SLICE_ABSENT;
}
