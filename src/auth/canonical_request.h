#ifndef HASHRANGE_AUTH_CANONICAL_REQUEST_H
#define HASHRANGE_AUTH_CANONICAL_REQUEST_H

/*
 * The canonical request of Signature Version 4 (IAM user guide, "Create a signed AWS API request"),
 * as the server sees it:
 *
 *     METHOD \n path \n query \n name:value \n ... \n \n name;... \n payload hash
 *
 * Path: dot segments and repeated slashes are resolved, and every byte but A-Z a-z 0-9 - _ . ~ /
 *   is percent-encoded, also those that arrived as part of a triplet: clients of all services but
 *   S3 encode twice.
 * Query: decoded as a form is (http/form.h), encoded anew, sorted by name and value. So two queries
 *   with one canonical form mean the same to whoever reads them.
 * Headers: the signed ones, names in lower case, sorted, each once, whatever the order in which the
 *   client names them; values trimmed, runs of blanks made one, those of equal names joined by
 *   commas in the order sent. One that was not sent is empty (observed: "connection:").
 */

#include "base/buf.h"
#include "base/error.h"
#include "http/exchange.h"
#include "http/form.h"

enum {
    AUTH_SIGNED_HEADERS_MAX = 2 * HTTP_HEADERS_MAX,
    /* What is canonical is bounded by what was sent, each byte of it encoded. */
    AUTH_CANONICAL_BYTES_MAX = 64 * 1024 * 1024,
};

struct auth_canonical_parts {
    struct slice signed_headers; /* names separated by ';' */
    struct slice payload_hash;   /* hex, or a word */
    struct slice left_out;       /* a query parameter that is not part of it, or absent */
};

/* INVALID_SIGNATURE: more query parameters or signed headers than anyone sends. */
MUST_USE const struct error *auth_canonical_request(struct arena *arena,
                                                    const struct http_request *request,
                                                    const struct auth_canonical_parts *parts,
                                                    struct slice *ret_text);

/* Is the header among the signed ones? Names are compared without regard to case. */
bool auth_is_signed(struct slice signed_headers, struct slice name);

/*
 * The pieces, of which other ways of signing make other forms. The buffers lie in arenas; what
 * returns nothing leaves failures in them.
 */

struct auth_header_names {
    struct slice items[AUTH_SIGNED_HEADERS_MAX]; /* in lower case, sorted, each once */
    size_t count;
};
/* From names separated by ';'. INVALID_SIGNATURE: too many. */
MUST_USE const struct error *auth_header_names_read(struct arena *arena, struct slice list,
                                                    struct auth_header_names *ret_names);
/* name:value and a line end for each. */
void auth_append_headers(struct buf *out, const struct http_request *request,
                         const struct auth_header_names *names);
/* Dot segments resolved, empty ones left out; a slash at the end stays where something is before
 * it, as the SDKs have it. */
void auth_append_path(struct buf *out, const struct http_request *request);
/* INVALID_SIGNATURE: too many parameters. */
MUST_USE const struct error *auth_append_query(struct buf *out, const struct http_request *request,
                                               struct slice left_out);
/* name=value&... of all pairs, encoded and sorted by their encoded text, but for those called
 * left_out (absent: none). false: exhausted. */
MUST_USE bool auth_append_sorted(struct buf *out, const struct http_form *form,
                                 struct slice left_out);
/* Percent-encoded but for A-Z a-z 0-9 - _ . ~ */
void auth_append_encoded(struct buf *out, struct slice text);

/* The target up to the '?', and what follows it. */
struct slice auth_path_of(const struct http_request *request);
struct slice auth_query_of(const struct http_request *request);

#endif
