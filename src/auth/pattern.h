#ifndef HASHRANGE_AUTH_PATTERN_H
#define HASHRANGE_AUTH_PATTERN_H

/*
 * The patterns of policies: text with the wildcards * and ?, and with variables (IAM user guide,
 * "Policy elements: Variables and tags" and "Resource").
 *
 * A pattern is read once and lies in the arena with copies of its texts. One with variables must be
 * filled before it can be matched; one without is matched as it is, by any thread.
 *
 *   *  any number of characters      ${*} ${?} ${$}         those characters themselves
 *   ?  exactly one character         ${key} ${key, 'text'}  a value, or the text where there is
 * none
 *
 * What a variable stands for is text, whatever it holds: a value with a * does not match more.
 *
 * Time: linear in the text, for a pattern that is bounded. Between two * there may be no more than
 * AUTH_PATTERN_ONES_MAX ?, because each place in the text may have to be tried with all of them.
 */

#include "base/error.h"

enum { AUTH_PATTERN_ONES_MAX = 32 }; /* as many as a UUID has digits */

enum auth_piece_kind {
    AUTH_PIECE_TEXT,
    AUTH_PIECE_ONE, /* ? */
    AUTH_PIECE_ANY, /* * */
    AUTH_PIECE_VARIABLE,
};

struct auth_piece {
    enum auth_piece_kind kind;
    struct slice text;     /* of AUTH_PIECE_TEXT; the key of AUTH_PIECE_VARIABLE */
    struct slice fallback; /* of AUTH_PIECE_VARIABLE; absent: it has none */
};

/* Neighbouring texts are one piece, neighbouring * as well. No pieces: the empty text. */
struct auth_pattern {
    const struct auth_piece *pieces;
    size_t count;
    bool has_variables;
};

enum {
    AUTH_PATTERN_WILDCARDS = 1, /* else * and ? are text */
    AUTH_PATTERN_VARIABLES = 2, /* else $ is text: policies before 2012-10-17 */
};

/* Whether a text with wildcards, or one with several patterns in it, is bounded. */
bool auth_pattern_is_bounded(struct slice source);

/* Errors: INTERNAL when the arena is exhausted. */
MUST_USE const struct error *auth_pattern_read(struct arena *arena, struct slice source,
                                               unsigned features, struct auth_pattern *ret_pattern);

/* What a variable stands for: the one value of its key. An absent slice: it has none. */
typedef const struct error *auth_variable(void *context, struct slice key, struct slice *ret_value);

/* The pattern without its variables. *ret_is_known false: one of them has neither a value nor a
 * fallback; such a pattern matches nothing. */
MUST_USE const struct error *auth_pattern_fill(const struct auth_pattern *pattern,
                                               struct arena *arena, auth_variable *variable,
                                               void *context, struct auth_pattern *ret_filled,
                                               bool *ret_is_known);

/* Does it match all of the text? The pattern has no variables. */
bool auth_pattern_matches(const struct auth_pattern *pattern, struct slice text);

#endif
