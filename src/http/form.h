#ifndef HASHRANGE_HTTP_FORM_H
#define HASHRANGE_HTTP_FORM_H

/*
 * application/x-www-form-urlencoded (WHATWG URL standard, section 5): bodies of the Query protocol,
 * query strings. Read once, looked up by name.
 *
 * Memory: names and values lie in the arena or in the text that was read.
 */

#include "base/arena.h"

enum { HTTP_FORM_PAIRS_MAX = 4096 };

struct http_form_pair {
    struct slice name;
    struct slice value; /* present; empty when there was no '=' */
};

struct http_form {
    const struct http_form_pair *pairs; /* in the order sent */
    size_t count;
};

enum http_form_status {
    HTTP_FORM_READ,
    HTTP_FORM_TOO_MANY, /* more than HTTP_FORM_PAIRS_MAX */
    HTTP_FORM_EXHAUSTED,
};

/* Percent triplets are decoded and '+' becomes a space; what is not a full triplet stays as it is,
 * as the standard says. The result may be any bytes. */
MUST_USE enum http_form_status http_form_read(struct arena *arena, struct slice text,
                                              struct http_form *ret_form);
/* The same of two texts, one behind the other. */
MUST_USE enum http_form_status http_form_read_both(struct arena *arena, struct slice first,
                                                   struct slice second, struct http_form *ret_form);
/* The first value of that name, which is exact; SLICE_ABSENT when there is none. */
struct slice http_form_value(const struct http_form *form, struct slice name);

#endif
