#ifndef HASHRANGE_PARTIQL_TOKEN_H
#define HASHRANGE_PARTIQL_TOKEN_H

/*
 * The tokens of a statement. White space and comments (-- to the end of the line, slash star to
 * star slash) separate them. Private to partiql/.
 */

#include "base/error.h"

enum token_kind {
    TOKEN_END,
    TOKEN_STRING, /* 'it''s' */
    TOKEN_NUMBER, /* 1, .5, 1.5e-3; a sign is an operator */
    TOKEN_TRUE,
    TOKEN_FALSE,
    TOKEN_NULL,
    TOKEN_MISSING,
    TOKEN_NAME,        /* letter, _ or $, then digits too; no reserved word */
    TOKEN_QUOTED_NAME, /* "a name" */
    TOKEN_WORD,        /* a reserved word */
    TOKEN_OPERATOR,
    TOKEN_PARAMETER, /* ? */
    TOKEN_DOT,
    TOKEN_COMMA,
    TOKEN_COLON,
    TOKEN_SEMICOLON,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OPEN_BRACKET,
    TOKEN_CLOSE_BRACKET,
    TOKEN_OPEN_BRACE,
    TOKEN_CLOSE_BRACE,
    TOKEN_OPEN_BAG,  /* << */
    TOKEN_CLOSE_BAG, /* >> */
};

/* What a TOKEN_WORD or TOKEN_OPERATOR says. Words that belong together are one token. */
enum word {
    WORD_NONE,
    /* operators with signs */
    WORD_EQUAL,
    WORD_NOT_EQUAL,
    WORD_LESS,
    WORD_LESS_OR_EQUAL,
    WORD_GREATER,
    WORD_GREATER_OR_EQUAL,
    WORD_PLUS,
    WORD_MINUS,
    WORD_STAR,
    WORD_SLASH,
    WORD_PERCENT,
    WORD_CONCATENATE,
    WORD_AT_SIGN,
    /* words joined */
    WORD_NOT_IN,
    WORD_IS_NOT,
    WORD_NOT_BETWEEN,
    WORD_NOT_LIKE,
    WORD_INSERT_INTO,
    WORD_ALL_OLD,
    WORD_ALL_NEW,
    WORD_MODIFIED_OLD,
    WORD_MODIFIED_NEW,
    WORD_DOUBLE_PRECISION,
    WORD_CHARACTER_VARYING,
#define KEYWORD(id, text) WORD_##id,
#include "partiql/keywords.def"
#undef KEYWORD
};

struct token {
    enum token_kind kind;
    enum word word;
    struct slice text;  /* as written; a part of the statement, empty at its end for TOKEN_END */
    struct slice value; /* a string's or a name's contents */
};

/* The tokens, the last one TOKEN_END. What is no token is not well formed. */
MUST_USE const struct error *statement_tokens_read(struct arena *arena, struct slice statement,
                                                   const struct token **ret_tokens);

#endif
