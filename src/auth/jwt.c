#include "auth/jwt.h"

#include "auth/jwk.h"
#include "base/base64.h"
#include "json/json_reader.h"

enum { HEADER_DEPTH_MAX = 8, CLAIMS_DEPTH_MAX = 32 };

const struct error *auth_base64url_decode(struct arena *arena, struct slice text,
                                          struct slice *ret_bytes, bool *ret_valid)
{
    size_t padding = (4 - text.size % 4) % 4;
    uint8_t *copy = arena_alloc_bytes(arena, text.size + padding);
    uint8_t *bytes = arena_alloc_bytes(arena, base64_decoded_size_max(text.size + padding));
    size_t size = 0;
    if (copy == NULL || bytes == NULL)
        return error_exhausted();
    bool valid = true;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        valid = valid && byte != '+' && byte != '/' && byte != '=';
        copy[i] = byte == '-' ? '+' : byte == '_' ? '/' : byte;
    }
    memset(copy + text.size, '=', padding);
    *ret_valid = valid && base64_decode(slice_of(copy, text.size + padding), bytes, &size);
    if (*ret_valid)
        *ret_bytes = slice_of(bytes, size);
    return NULL;
}

/* alg and kid; false when there is something that has to be understood but is not ("crit"). */
static bool read_header(struct arena *arena, struct slice json, struct auth_jwt *jwt)
{
    struct json_reader reader;
    struct slice name;
    if (!json_check(json, HEADER_DEPTH_MAX))
        return false;
    json_reader_init(&reader, json, arena);
    if (json_peek(&reader) != JSON_OBJECT)
        return false;
    json_enter_object(&reader);
    while (json_next_member(&reader, &name)) {
        bool is_text = json_peek(&reader) == JSON_STRING;
        if (slice_equal(name, SLICE("crit")))
            return false;
        if (slice_equal(name, SLICE("alg")) && is_text)
            jwt->algorithm = json_read_string(&reader);
        else if (slice_equal(name, SLICE("kid")) && is_text)
            jwt->key_id = json_read_string(&reader);
        else
            json_skip(&reader);
    }
    return !reader.failed && slice_present(jwt->algorithm);
}

static bool is_object(struct arena *arena, struct slice json)
{
    struct json_reader reader;
    if (!json_check(json, CLAIMS_DEPTH_MAX))
        return false;
    json_reader_init(&reader, json, arena);
    return json_peek(&reader) == JSON_OBJECT;
}

const struct error *auth_jwt_read(struct arena *arena, struct slice token, struct auth_jwt *ret_jwt,
                                  bool *ret_valid)
{
    enum { HEADER, CLAIMS, SIGNATURE, PARTS };
    struct slice parts[PARTS];
    struct slice rest = token;
    *ret_valid = false;
    for (int i = HEADER; i < SIGNATURE; i++) {
        const uint8_t *dot = rest.size == 0 ? NULL : memchr(rest.data, '.', rest.size);
        if (dot == NULL || token.size > AUTH_JWT_BYTES_MAX)
            return NULL;
        parts[i] = slice_of(rest.data, (size_t)(dot - rest.data));
        rest = slice_after(rest, parts[i].size + 1);
    }
    parts[SIGNATURE] = rest;
    struct slice text = slice_of(token.data, token.size - rest.size - 1);
    for (int i = 0; i < PARTS; i++) {
        bool valid = false;
        const struct error *error = auth_base64url_decode(arena, parts[i], &parts[i], &valid);
        if (error != NULL || !valid)
            return error;
    }
    struct auth_jwt jwt = {.claims = parts[CLAIMS], .text = text, .signature = parts[SIGNATURE]};
    if (!read_header(arena, parts[HEADER], &jwt) || !is_object(arena, jwt.claims))
        return NULL;
    *ret_jwt = jwt;
    *ret_valid = true;
    return NULL;
}
