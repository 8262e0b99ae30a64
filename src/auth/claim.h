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
    bool presigned;              /* from the query */
};

/*
 * All members are present and ASCII, but may be anything else. They lie in the request or in the
 * arena. MissingAuthenticationTokenException  no claim at all InvalidSignatureException two claims
 *   IncompleteSignatureException         parts are missing: all that are, in one message
 */
MUST_USE const struct error *auth_claim_read(struct arena *arena,
                                             const struct http_request *request,
                                             struct auth_claim *ret_claim);

#endif
