#ifndef HASHRANGE_AUTH_MOMENT_H
#define HASHRANGE_AUTH_MOMENT_H

/*
 * The dates that signatures are made of, as milliseconds since 1970. All of them are UTC. The
 * readers accept exactly their form and only moments that exist; false otherwise.
 */

#include "base/attributes.h"
#include "base/slice.h"

enum { AUTH_MOMENT_BYTES = 16 };

/* 20130609T095204Z: ISO 8601 "basic format", of Signature Version 4. */
MUST_USE bool auth_moment_of_basic(struct slice text, int64_t *ret_ms);
/* Sun, 09 Jun 2013 09:52:04 GMT (RFC 9110, 5.6.7), or with +0000: a Date header. */
MUST_USE bool auth_moment_of_http(struct slice text, int64_t *ret_ms);
/* 2013-06-09T09:52:04Z, with or without a fraction and the Z: of Signature Version 2. */
MUST_USE bool auth_moment_of_extended(struct slice text, int64_t *ret_ms);

/* In the basic format, no NUL. Years 0 to 9999. */
void auth_moment_format(int64_t ms, char ret_text[AUTH_MOMENT_BYTES]);

#endif
