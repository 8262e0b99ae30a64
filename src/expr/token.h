#ifndef HASHRANGE_EXPR_TOKEN_H
#define HASHRANGE_EXPR_TOKEN_H

/*
 * The words of an expression. Bytes that cannot start any token become a token of their own
 * (TOKEN_UNKNOWN), so that a syntax error is always found by the parser and names what stands
 * around it. Private to expr/.
 */

#include "base/arena.h"
#include "base/attributes.h"

enum token_kind {
    TOKEN_END,        /* of the expression; its text is empty, at the end of all white space */
    TOKEN_IDENTIFIER, /* a letter, then letters, digits, underscores */
    TOKEN_NAME,       /* #placeholder */
    TOKEN_VALUE,      /* :placeholder */
    TOKEN_INDEX,      /* digits without leading zeros */
    TOKEN_EQUAL,
    TOKEN_NOT_EQUAL,
    TOKEN_LESS,
    TOKEN_LESS_OR_EQUAL,
    TOKEN_GREATER,
    TOKEN_GREATER_OR_EQUAL,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OPEN_BRACKET,
    TOKEN_CLOSE_BRACKET,
    TOKEN_DOT,
    TOKEN_COMMA,
    /* words in any case; nowhere are they names */
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_BETWEEN,
    TOKEN_IN,
    TOKEN_SET,
    TOKEN_REMOVE,
    TOKEN_ADD,
    TOKEN_DELETE,
    TOKEN_UNKNOWN,
};

struct token {
    enum token_kind kind;
    struct slice text; /* a part of the expression */
};

/* The tokens of text, the last one TOKEN_END. NULL: arena exhausted. */
MUST_USE const struct token *tokens_read(struct arena *arena, struct slice text);

#endif
