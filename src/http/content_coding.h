#ifndef HASHRANGE_HTTP_CONTENT_CODING_H
#define HASHRANGE_HTTP_CONTENT_CODING_H

/* Content codings of RFC 9110 8.4: gzip (x-gzip) and deflate, both ways as far as we use them. */

#include "base/arena.h"
#include "base/attributes.h"
#include "base/slice.h"

enum http_decoded {
    HTTP_DECODED,
    HTTP_CODING_UNKNOWN,   /* not one we know */
    HTTP_CODING_MALFORMED, /* the bytes are not of that coding, or something follows them */
    HTTP_DECODED_TOO_LARGE,
    HTTP_DECODE_EXHAUSTED, /* the arena has no room */
};

/*
 * Takes the coding off a body. coding: the value of Content-Encoding; absent, empty and `identity`
 * leave the body as it is. A list of several codings is not known. The result has at most
 * limit_bytes (a small body may claim to hold a vast one: no more than twice the limit is allocated
 * and no more than three times the limit is written) and lives in the arena, or is the body itself.
 * `deflate` is the zlib form, or the bare form that some clients send for it.
 */
MUST_USE enum http_decoded http_content_decode(struct arena *arena, struct slice coding,
                                               struct slice body, size_t limit_bytes,
                                               struct slice *ret_decoded);

/* Does an Accept-Encoding header allow gzip (not with q=0)? */
bool http_accepts_gzip(struct slice accept_encoding);

/* The body as gzip, in the arena; false, *ret_gzip untouched, when it would not be smaller or there
 * is no room. */
MUST_USE bool http_content_gzip(struct arena *arena, struct slice body, struct slice *ret_gzip);

#endif
