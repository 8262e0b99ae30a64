#ifndef HASHRANGE_BASE_BASE64_H
#define HASHRANGE_BASE_BASE64_H

/*
 * Standard base64 with padding (RFC 4648, section 4). Decoding is strict: only the 64 characters,
 * padding required, no line breaks, and unused bits of the last character must be zero (section
 * 3.5), so that every byte string has exactly one text.
 */

#include "base/attributes.h"
#include "base/slice.h"

/* Characters for so many bytes; size must be below SIZE_MAX / 2. */
static inline size_t base64_encoded_size(size_t size)
{
    return (size + 2) / 3 * 4;
}

/* Enough room to decode a text of so many characters; at most two bytes too much. */
static inline size_t base64_decoded_size_max(size_t text_size)
{
    return text_size / 4 * 3;
}

/* Writes base64_encoded_size(bytes.size) characters, no NUL. */
void base64_encode(struct slice bytes, uint8_t *out);

/* Writes at most base64_decoded_size_max(text.size) bytes to out; false when text is not strict
 * base64, and out then holds anything. out may be text's own memory. */
MUST_USE bool base64_decode(struct slice text, uint8_t *out, size_t *ret_size);

#endif
