#include "auth/claim.h"

#include "auth/canonical_request.h"
#include "base/check.h"

enum { MESSAGE_BYTES_MAX = 64 * 1024 }; /* a header block is smaller */

bool auth_copy_ascii(struct arena *arena, struct slice text, struct slice *ret_copy)
{
    uint8_t *copy = arena_alloc_bytes(arena, text.size);
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < text.size; i++)
        copy[i] = text.data[i] < 0x80 ? text.data[i] : '?';
    *ret_copy = slice_of(copy, text.size);
    return true;
}

bool auth_copy_lower(struct arena *arena, struct slice text, struct slice *ret_copy)
{
    uint8_t *copy = arena_alloc_bytes(arena, text.size);
    if (copy == NULL)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        bool is_upper = text.data[i] >= 'A' && text.data[i] <= 'Z';
        copy[i] = is_upper ? (uint8_t)(text.data[i] | 0x20) : text.data[i];
    }
    *ret_copy = slice_of(copy, text.size);
    return true;
}

struct slice auth_trim(struct slice text)
{
    while (text.size > 0 && text.data[0] == ' ')
        text = slice_after(text, 1);
    while (text.size > 0 && text.data[text.size - 1] == ' ')
        text.size--;
    return text;
}

struct slice auth_take_part(struct slice *at, struct slice separators)
{
    CHECK(separators.size == 1 || separators.size == 2);
    uint8_t one = separators.data[0];
    uint8_t other = separators.data[separators.size - 1];
    size_t size = 0;
    while (size < at->size && at->data[size] != one && at->data[size] != other)
        size++;
    struct slice part = slice_of(at->data, size);
    *at = slice_after(*at, size < at->size ? size + 1 : size);
    return part;
}

bool auth_split_pair(struct slice pair, struct slice *ret_name, struct slice *ret_value)
{
    const uint8_t *equal = pair.size == 0 ? NULL : memchr(pair.data, '=', pair.size);
    if (equal == NULL)
        return false;
    *ret_name = slice_of(pair.data, (size_t)(equal - pair.data));
    *ret_value = slice_after(pair, ret_name->size + 1);
    return true;
}

/* A part of a claim: its names in header and query, and where it is put. In the order in which
 * missing ones are listed, which differs between the two. */
struct part {
    const char *name;
    size_t member;
};
#define PART(name, member)                                                                         \
    {                                                                                              \
        name, offsetof(struct auth_claim, member)                                                  \
    }

static const struct part header_parts[] = {
    PART("Credential", credential),
    PART("Signature", signature),
    PART("SignedHeaders", signed_headers),
};
static const struct part query_parts[] = {
    PART("X-Amz-Algorithm", algorithm), PART("X-Amz-Credential", credential),
    PART("X-Amz-Signature", signature), PART("X-Amz-SignedHeaders", signed_headers),
    PART("X-Amz-Date", date),
};
/* What a claim may have as well. */
static const struct part other_query_parts[] = {
    PART("X-Amz-Expires", expires),
    PART("X-Amz-Security-Token", session_token),
    PART("X-Amz-Content-Sha256", content_hash),
};
static const struct part other_header_parts[] = {
    PART("X-Amz-Security-Token", session_token),
    PART("X-Amz-Content-Sha256", content_hash),
};

static struct slice *member(struct auth_claim *claim, const struct part *part)
{
    return (struct slice *)((char *)claim + part->member);
}

static void set_part(struct auth_claim *claim, const struct part *parts, size_t count,
                     struct slice name, struct slice value)
{
    for (size_t i = 0; i < count; i++) {
        if (slice_equal(name, slice_of_cstring(parts[i].name)))
            *member(claim, &parts[i]) = value;
    }
}

static const struct error *incomplete(struct arena *arena, const struct buf *message)
{
    if (message->failed)
        return error_exhausted();
    return error_make_slice(arena, ERROR_INCOMPLETE_SIGNATURE, buf_slice(message));
}

const struct error *auth_check_header_parts(struct arena *arena, struct slice header,
                                            const struct auth_header_part *parts, size_t count,
                                            struct slice date)
{
    struct buf message;
    buf_init(&message, arena, 2 * MESSAGE_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].value.size == 0)
            buf_append_format(&message, "Authorization header requires '%s' parameter. ",
                              parts[i].name);
    }
    if (date.size == 0)
        buf_append(&message, SLICE("Authorization header requires existence of either a "
                                   "'X-Amz-Date' or a 'Date' header. "));
    if (message.size == 0 && !message.failed)
        return NULL;
    buf_append(&message, SLICE("Authorization="));
    buf_append(&message, header);
    return incomplete(arena, &message);
}

/* header: "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...", commas or spaces
 * between. */
static const struct error *read_header(struct arena *arena, const struct http_request *request,
                                       struct slice header, struct auth_claim *claim)
{
    if (!auth_copy_ascii(arena, header, &header))
        return error_exhausted();
    struct slice rest = header;
    claim->algorithm = auth_take_part(&rest, SLICE(", "));
    while (rest.size > 0) {
        struct slice pair = auth_take_part(&rest, SLICE(", "));
        struct slice name;
        struct slice value;
        if (pair.size == 0)
            continue;
        if (!auth_split_pair(pair, &name, &value))
            return error_make(arena, ERROR_INCOMPLETE_SIGNATURE,
                              "'%.*s' not a valid key=value pair (missing equal-sign) in "
                              "Authorization header: '%.*s'.",
                              SLICE_PRINT(pair), SLICE_PRINT(header));
        set_part(claim, header_parts, COUNT_OF(header_parts), name, value);
    }
    struct slice date = http_request_header(request, SLICE("X-Amz-Date"));
    if (!slice_present(date))
        date = http_request_header(request, SLICE("Date"));
    if (slice_present(date) && !auth_copy_ascii(arena, date, &claim->date))
        return error_exhausted();
    struct auth_header_part parts[COUNT_OF(header_parts)];
    for (size_t i = 0; i < COUNT_OF(header_parts); i++)
        parts[i] =
            (struct auth_header_part){header_parts[i].name, *member(claim, &header_parts[i])};
    return auth_check_header_parts(arena, header, parts, COUNT_OF(parts), claim->date);
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Takes the percent encoding off, in the arena. What is not a full triplet stays as it is. */
static bool percent_decode(struct arena *arena, struct slice text, struct slice *ret_decoded)
{
    uint8_t *decoded = arena_alloc_bytes(arena, text.size);
    if (decoded == NULL)
        return false;
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (byte == '%' && text.size - i > 2 && hex_digit(text.data[i + 1]) >= 0 &&
            hex_digit(text.data[i + 2]) >= 0) {
            byte = (uint8_t)(hex_digit(text.data[i + 1]) * 16 + hex_digit(text.data[i + 2]));
            i += 2;
        }
        decoded[size++] = byte < 0x80 ? byte : '?';
    }
    *ret_decoded = slice_of(decoded, size);
    return true;
}

static const struct error *read_query(struct arena *arena, struct slice query,
                                      struct auth_claim *claim)
{
    while (query.size > 0) {
        struct slice pair = auth_take_part(&query, SLICE("&"));
        struct slice name;
        struct slice value;
        if (!auth_split_pair(pair, &name, &value))
            continue;
        if (!percent_decode(arena, value, &value))
            return error_exhausted();
        set_part(claim, query_parts, COUNT_OF(query_parts), name, value);
        set_part(claim, other_query_parts, COUNT_OF(other_query_parts), name, value);
    }
    claim->presigned = true;
    struct buf message;
    buf_init(&message, arena, MESSAGE_BYTES_MAX);
    for (size_t i = 0; i < COUNT_OF(query_parts); i++) {
        if (member(claim, &query_parts[i])->size == 0)
            buf_append_format(&message, "AWS query-string parameters must include '%s'. ",
                              query_parts[i].name);
    }
    if (message.size == 0 && !message.failed)
        return NULL;
    buf_append(&message, SLICE("Re-examine the query-string parameters."));
    return incomplete(arena, &message);
}

static bool names_algorithm(struct slice query)
{
    while (query.size > 0) {
        struct slice name = auth_take_part(&query, SLICE("&"));
        if (slice_equal(auth_take_part(&name, SLICE("=")), SLICE("X-Amz-Algorithm")))
            return true;
    }
    return false;
}

/* What a presigned request does not say in its query it may say in headers. */
static void read_other_headers(const struct http_request *request, struct auth_claim *claim)
{
    for (size_t i = 0; i < COUNT_OF(other_header_parts); i++) {
        struct slice *value = member(claim, &other_header_parts[i]);
        struct slice name = slice_of_cstring(other_header_parts[i].name);
        if (!slice_present(*value))
            *value = http_request_header(request, name);
    }
}

static bool is_header_claim(struct slice header)
{
    return slice_present(header) && slice_starts_with(auth_trim(header), SLICE("AWS4-"));
}

bool auth_claim_is_made(const struct http_request *request)
{
    return is_header_claim(http_request_header(request, SLICE("Authorization"))) ||
           names_algorithm(auth_query_of(request));
}

const struct error *auth_claim_read(struct arena *arena, const struct http_request *request,
                                    struct auth_claim *ret_claim)
{
    struct slice header = http_request_header(request, SLICE("Authorization"));
    struct slice query = auth_query_of(request);
    bool in_query = names_algorithm(query);
    if (slice_present(header) && in_query)
        return error_make(arena, ERROR_INVALID_SIGNATURE,
                          "Found both 'X-Amz-Algorithm' as a query-string param and "
                          "'Authorization' as HTTP header.");
    if (!is_header_claim(header) && !in_query)
        return error_make(arena, ERROR_MISSING_AUTHENTICATION_TOKEN,
                          "Request is missing Authentication Token");
    struct auth_claim claim = {.presigned = false};
    const struct error *error = in_query ? read_query(arena, query, &claim)
                                         : read_header(arena, request, auth_trim(header), &claim);
    if (error != NULL)
        return error;
    read_other_headers(request, &claim);
    *ret_claim = claim;
    return NULL;
}
