#ifndef HASHRANGE_PARTIQL_SYNTAX_H
#define HASHRANGE_PARTIQL_SYNTAX_H

/*
 * From the tokens of a statement to its tree: PartiQL's grammar, as far as DynamoDB's dialect goes
 * into it, with an operator precedence parser. It takes more than the dialect has, because what the
 * service says of a statement depends on where the grammar stops and where its meaning does. The
 * depth of a tree is bounded, so everything that walks one may recurse. Private to partiql/.
 */

#include "partiql/token.h"

/* Deeper statements are not well formed. Joints of many conditions count once. */
enum { SYNTAX_DEPTH_MAX = 200 };

enum syntax_kind {
    SYNTAX_STRING,
    SYNTAX_NUMBER,
    SYNTAX_TRUE,
    SYNTAX_FALSE,
    SYNTAX_NULL,
    SYNTAX_MISSING,
    SYNTAX_PARAMETER,
    SYNTAX_NAME,
    SYNTAX_PATH,  /* the root, then the steps: SYNTAX_NAME, SYNTAX_INDEX, SYNTAX_STAR */
    SYNTAX_INDEX, /* over what stands in the brackets */
    SYNTAX_STAR,
    SYNTAX_CALL, /* over its arguments */
    SYNTAX_LIST,
    SYNTAX_BAG,
    SYNTAX_STRUCT, /* a key, its value, a key, ... */
    SYNTAX_SIGN,   /* + or - before something that is no number */
    SYNTAX_NOT,
    SYNTAX_AND, /* two or more */
    SYNTAX_OR,
    SYNTAX_BINARY,  /* any other operator, by its word */
    SYNTAX_BETWEEN, /* three */
    SYNTAX_IN,
    SYNTAX_IS, /* over one operand; type says what */
    SYNTAX_SELECT,
    SYNTAX_CHANGE,
};

struct syntax {
    enum syntax_kind kind;
    const struct token *token; /* where it is: its first word, or its operator */
    struct syntax *first;      /* of the parts */
    struct syntax *last;
    struct syntax *next; /* beside it */
    uint32_t count;      /* of the parts */
    uint32_t depth;      /* of the deepest part, and one */
    bool grouped;        /* in parentheses */
    bool negated;        /* NOT BETWEEN, NOT IN, IS NOT; a negative number */
    bool quoted;         /* a name in quotes */
    enum word word;      /* an operator's, or the type after IS */
    uint32_t position;   /* of a parameter, from 0 */
    struct slice value;  /* of a string, a name; a number's text */
    const struct syntax_select *select;
    const struct syntax_change *change;
};

struct syntax_order {
    const struct syntax *key;
    bool descending;
    struct syntax_order *next;
};

struct syntax_select {
    bool all;         /* SELECT * */
    bool whole_value; /* SELECT VALUE */
    bool distinct;
    bool column_alias;
    bool aliased;                 /* the source is */
    const struct syntax *columns; /* the first; the others are next to it */
    const struct syntax *source;
    const struct syntax *where;
    const struct syntax_order *orders;
    const struct token *clause; /* LIMIT, GROUP, ...: what the dialect does not have */
    const struct syntax *clause_value;
};

struct syntax_action {
    bool removes;
    const struct syntax *path;
    const struct syntax *value; /* of SET */
    struct syntax_action *next;
};

enum syntax_change_kind { SYNTAX_INSERT, SYNTAX_UPDATE, SYNTAX_DELETE };

struct syntax_change {
    enum syntax_change_kind kind;
    bool aliased;
    const struct syntax *source;
    const struct syntax *value; /* of INSERT */
    bool plain_insert;          /* without VALUE */
    const struct syntax_action *actions;
    const struct syntax *where;
    enum word returning;  /* WORD_ALL_OLD, ..., WORD_NONE */
    bool returning_other; /* more than one, or not of all attributes */
};

/* The whole statement: one expression, then perhaps a semicolon. */
MUST_USE const struct error *syntax_read(struct arena *arena, struct slice statement,
                                         const struct syntax **ret_root);

#endif
