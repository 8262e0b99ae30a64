#ifndef HASHRANGE_AUTH_CLAIM_H
#define HASHRANGE_AUTH_CLAIM_H

/*
 * What a request says about who sent it (Signature Version 4, AWS Signature Version 4 in the IAM
 * user guide), taken from the Authorization header or from the X-Amz-* query parameters of a
 * presigned request. Nothing of it is believed yet.
 */

#include "base/error.h"
#include "http/exchange.h"

enum { AUTH_SCOPE_PARTS = 5 };

struct auth_claim {
    struct slice algorithm;      /* e.g. AWS4-HMAC-SHA256 */
    struct slice credential;     /* keyid/date/region/service/aws4_request, as sent */
    struct slice signed_headers; /* host;x-amz-date */
    struct slice signature;      /* hex */
    struct slice date;           /* X-Amz-Date, or the Date header */
    struct slice expires;        /* X-Amz-Expires of a presigned request, or absent */
    struct slice session_token;  /* X-Amz-Security-Token, header or query, or absent */
    struct slice content_hash;   /* X-Amz-Content-Sha256, header or query, or absent */
    bool presigned;              /* from the query */
};

/*
 * What a claim cannot do without is present and ASCII, but may be anything else. All lies in the
 * request or in the arena.
 *   MISSING_AUTHENTICATION_TOKEN  no claim at all
 *   INVALID_SIGNATURE             two claims
 *   INCOMPLETE_SIGNATURE          parts are missing: all that are, in one message
 */
MUST_USE const struct error *auth_claim_read(struct arena *arena,
                                             const struct http_request *request,
                                             struct auth_claim *ret_claim);

/* Does the request have a claim of Signature Version 4, in header or query, however incomplete? */
bool auth_claim_is_made(const struct http_request *request);

/* What an Authorization header must have, and what it has. */
struct auth_header_part {
    const char *name;
    struct slice value; /* empty: it is missing */
};
/* INCOMPLETE_SIGNATURE: parts, or the date, are missing: all that are, in one message, which quotes
 * the header. */
MUST_USE const struct error *auth_check_header_parts(struct arena *arena, struct slice header,
                                                     const struct auth_header_part *parts,
                                                     size_t count, struct slice date);

/* Text from outside that may come back in a message: ASCII as it is, else '?'. false: exhausted. */
MUST_USE bool auth_copy_ascii(struct arena *arena, struct slice text, struct slice *ret_copy);

MUST_USE bool auth_copy_lower(struct arena *arena, struct slice text, struct slice *ret_copy);

/* Reading lists like "Name=value, Name=value": takes what stands before the first of the
 * separators, and that one, from *at. */
struct slice auth_take_part(struct slice *at, struct slice separators);
/* name=value; false when there is no equal sign. */
MUST_USE bool auth_split_pair(struct slice pair, struct slice *ret_name, struct slice *ret_value);
/* Without blanks at either end. */
struct slice auth_trim(struct slice text);

#endif
