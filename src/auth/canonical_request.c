#include "auth/canonical_request.h"

#include <stdlib.h>

#include "auth/claim.h"

struct slice auth_path_of(const struct http_request *request)
{
    struct slice target = request->target;
    const uint8_t *mark = target.size == 0 ? NULL : memchr(target.data, '?', target.size);
    return mark == NULL ? target : slice_of(target.data, (size_t)(mark - target.data));
}

struct slice auth_query_of(const struct http_request *request)
{
    size_t path_size = auth_path_of(request).size;
    bool has_query = path_size < request->target.size;
    return has_query ? slice_after(request->target, path_size + 1) : slice_of("", 0);
}

static bool is_unreserved(uint8_t byte)
{
    uint8_t letter = byte | 0x20;
    return (letter >= 'a' && letter <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
           byte == '_' || byte == '.' || byte == '~';
}

void auth_append_encoded(struct buf *out, struct slice text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (is_unreserved(byte)) {
            buf_append_byte(out, byte);
        } else {
            buf_append_byte(out, '%');
            buf_append_byte(out, (uint8_t)digits[byte >> 4]);
            buf_append_byte(out, (uint8_t)digits[byte & 15]);
        }
    }
}

/* Takes what stands before the separator, and that, from *at. */
static struct slice take(struct slice *at, uint8_t separator)
{
    const uint8_t *end = at->size == 0 ? NULL : memchr(at->data, separator, at->size);
    size_t size = end == NULL ? at->size : (size_t)(end - at->data);
    struct slice part = slice_of(at->data, size);
    *at = slice_after(*at, end == NULL ? size : size + 1);
    return part;
}

void auth_append_path(struct buf *out, const struct http_request *request)
{
    struct slice path = auth_path_of(request);
    size_t begin = out->size;
    bool ends_in_slash = path.size > 0 && path.data[path.size - 1] == '/';
    while (path.size > 0 && !out->failed) {
        struct slice segment = take(&path, '/');
        if (slice_equal(segment, SLICE(".."))) {
            while (out->size > begin && out->data[--out->size] != '/')
                ;
        } else if (segment.size > 0 && !slice_equal(segment, SLICE("."))) {
            buf_append_byte(out, '/');
            auth_append_encoded(out, segment);
        }
    }
    if (out->size == begin || ends_in_slash)
        buf_append_byte(out, '/');
}

static int compare_pairs(const void *left, const void *right)
{
    const struct http_form_pair *a = left;
    const struct http_form_pair *b = right;
    int order = slice_compare(a->name, b->name);
    return order != 0 ? order : slice_compare(a->value, b->value);
}

/* Text that needs no encoding stays where it is. Absent: the arena is exhausted. */
static struct slice encode(struct arena *arena, struct slice text)
{
    size_t size = 0;
    while (size < text.size && is_unreserved(text.data[size]))
        size++;
    if (size == text.size)
        return text;
    struct buf out;
    buf_init(&out, arena, 3 * text.size);
    auth_append_encoded(&out, text);
    return out.failed ? SLICE_ABSENT : buf_slice(&out);
}

bool auth_append_sorted(struct buf *out, const struct http_form *form, struct slice left_out)
{
    struct http_form_pair *pairs =
        ARENA_NEW_ARRAY(out->arena, struct http_form_pair, form->count + 1);
    size_t count = 0;
    if (pairs == NULL)
        return false;
    for (size_t i = 0; i < form->count; i++) {
        if (slice_present(left_out) && slice_equal(form->pairs[i].name, left_out))
            continue;
        pairs[count].name = encode(out->arena, form->pairs[i].name);
        pairs[count].value = encode(out->arena, form->pairs[i].value);
        if (!slice_present(pairs[count].name) || !slice_present(pairs[count].value))
            return false;
        count++;
    }
    qsort(pairs, count, sizeof(*pairs), compare_pairs);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_append_byte(out, '&');
        buf_append(out, pairs[i].name);
        buf_append_byte(out, '=');
        buf_append(out, pairs[i].value);
    }
    return !out->failed;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* Word for word, one blank between. */
static void append_value(struct buf *out, struct slice value)
{
    bool is_first = true;
    for (size_t at = 0; at < value.size;) {
        size_t begin = at;
        while (at < value.size && !is_blank(value.data[at]))
            at++;
        if (at > begin) {
            if (!is_first)
                buf_append_byte(out, ' ');
            buf_append(out, slice_of(value.data + begin, at - begin));
            is_first = false;
        }
        while (at < value.size && is_blank(value.data[at]))
            at++;
    }
}

static void append_header(struct buf *out, const struct http_request *request, struct slice name)
{
    bool is_first = true;
    buf_append(out, name);
    buf_append_byte(out, ':');
    for (size_t i = 0; i < request->header_count; i++) {
        if (!http_name_equal(request->headers[i].name, name))
            continue;
        if (!is_first)
            buf_append_byte(out, ',');
        append_value(out, request->headers[i].value);
        is_first = false;
    }
    buf_append_byte(out, '\n');
}

void auth_append_headers(struct buf *out, const struct http_request *request,
                         const struct auth_header_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        append_header(out, request, names->items[i]);
}

static int compare_names(const void *left, const void *right)
{
    return slice_compare(*(const struct slice *)left, *(const struct slice *)right);
}

const struct error *auth_header_names_read(struct arena *arena, struct slice list,
                                           struct auth_header_names *ret_names)
{
    struct slice rest;
    size_t count = 0;
    if (!auth_copy_lower(arena, list, &rest))
        return error_exhausted();
    while (rest.size > 0) {
        struct slice name = take(&rest, ';');
        if (name.size == 0)
            continue;
        if (count == AUTH_SIGNED_HEADERS_MAX)
            return error_make(arena, ERROR_INVALID_SIGNATURE,
                              "'SignedHeaders' must not name more than %d headers.",
                              AUTH_SIGNED_HEADERS_MAX);
        ret_names->items[count++] = name;
    }
    qsort(ret_names->items, count, sizeof(ret_names->items[0]), compare_names);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !slice_equal(ret_names->items[kept - 1], ret_names->items[i]))
            ret_names->items[kept++] = ret_names->items[i];
    }
    ret_names->count = kept;
    return NULL;
}

const struct error *auth_append_query(struct buf *out, const struct http_request *request,
                                      struct slice left_out)
{
    struct http_form query = {NULL, 0};
    switch (http_form_read(out->arena, auth_query_of(request), &query)) {
    case HTTP_FORM_READ:
        break;
    case HTTP_FORM_TOO_MANY:
        return error_make(out->arena, ERROR_INVALID_SIGNATURE,
                          "A signed request must not have more than %d query-string parameters.",
                          HTTP_FORM_PAIRS_MAX);
    case HTTP_FORM_EXHAUSTED:
        return error_exhausted();
    }
    return auth_append_sorted(out, &query, left_out) ? NULL : error_exhausted();
}

const struct error *auth_canonical_request(struct arena *arena, const struct http_request *request,
                                           const struct auth_canonical_parts *parts,
                                           struct slice *ret_text)
{
    struct buf query;
    struct buf out;
    struct auth_header_names names = {.count = 0};
    const struct error *error = auth_header_names_read(arena, parts->signed_headers, &names);
    buf_init(&query, arena, AUTH_CANONICAL_BYTES_MAX);
    buf_init(&out, arena, AUTH_CANONICAL_BYTES_MAX);
    if (error == NULL)
        error = auth_append_query(&query, request, parts->left_out);
    if (error != NULL)
        return error;
    buf_append(&out, request->method);
    buf_append_byte(&out, '\n');
    auth_append_path(&out, request);
    buf_append_byte(&out, '\n');
    buf_append(&out, buf_slice(&query));
    buf_append_byte(&out, '\n');
    auth_append_headers(&out, request, &names);
    buf_append_byte(&out, '\n');
    for (size_t i = 0; i < names.count; i++) {
        if (i > 0)
            buf_append_byte(&out, ';');
        buf_append(&out, names.items[i]);
    }
    buf_append_byte(&out, '\n');
    buf_append(&out, parts->payload_hash);
    if (out.failed)
        return error_exhausted();
    *ret_text = buf_slice(&out);
    return NULL;
}

bool auth_is_signed(struct slice signed_headers, struct slice name)
{
    while (signed_headers.size > 0) {
        if (http_name_equal(take(&signed_headers, ';'), name))
            return true;
    }
    return false;
}
