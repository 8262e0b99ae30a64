#ifndef HASHRANGE_JSON_JSON_READER_H
#define HASHRANGE_JSON_JSON_READER_H

/*
 * A pull reader over one JSON text (RFC 8259, UTF-8) that lies whole in memory.
 *
 * json_check validates the whole text first (the service reports malformed JSON before anything
 * else); the pull functions may then rely on it, but never trust it: they are just as strict, and
 * on malformed text they set the sticky `failed`. From then on json_peek answers JSON_END, the loop
 * functions false and the others an absent slice, and nothing is read past the end.
 *
 * Strings without escapes are slices into the text; others are decoded into the arena. Both live
 * as long as text and arena. Numbers are handed out as text. Names keep duplicates: whoever
 * decodes an object decides what a duplicate means.
 *
 * Nothing here recurses, however deep the text is nested; callers who do bound the depth first.
 */

#include "base/arena.h"
#include "base/attributes.h"
#include "base/slice.h"

/* The deepest nesting json_check can be asked for, and what json_skip can skip. */
enum { JSON_DEPTH_MAX = 1024 };

enum json_type {
    JSON_END, /* of the enclosing object or array, of the text, or after a failure */
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json_reader {
    const uint8_t *at;
    const uint8_t *end;
    struct arena *arena;
    bool failed;    /* malformed, or exhausted */
    bool exhausted; /* the arena had no room for a decoded string */
    bool opened;    /* an object or array was just entered: its first member has no comma */
};

/* Is text exactly one JSON value, nested at most depth_max (<= JSON_DEPTH_MAX) deep? A scalar has
 * depth 0, [] has depth 1. Rejects what RFC 8259 does not allow, and besides invalid UTF-8
 * (overlong forms, surrogates), a byte order mark, and escaped surrogates without their other
 * half: they are no Unicode text and have no UTF-8 form. */
MUST_USE bool json_check(struct slice text, unsigned depth_max);
/* The same, and how deep it is nested. */
MUST_USE bool json_measure(struct slice text, unsigned depth_max, unsigned *ret_depth);

void json_reader_init(struct json_reader *reader, struct slice text, struct arena *arena);

/* The type of the value that comes next, without taking it. */
enum json_type json_peek(struct json_reader *reader);

/* Each takes the next value, which json_peek has shown to be of that type; it fails otherwise. */
struct slice json_read_string(struct json_reader *reader);
struct slice json_read_number(struct json_reader *reader); /* its text, e.g. -1.5e3 */
void json_read_literal(struct json_reader *reader);        /* null, true, false */
void json_skip(struct json_reader *reader);                /* any value, with all inside it */

/*
 * json_enter_object(r); while (json_next_member(r, &name)) { ...take one value... }
 * json_enter_array(r);  while (json_next_element(r))       { ...take one value... }
 * The loop functions take the closing bracket when they return false.
 */
void json_enter_object(struct json_reader *reader);
MUST_USE bool json_next_member(struct json_reader *reader, struct slice *ret_name);
void json_enter_array(struct json_reader *reader);
MUST_USE bool json_next_element(struct json_reader *reader);

#endif
