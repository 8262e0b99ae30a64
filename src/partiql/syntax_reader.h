#ifndef HASHRANGE_PARTIQL_SYNTAX_READER_H
#define HASHRANGE_PARTIQL_SYNTAX_READER_H

/*
 * What the parts of the parser share: syntax.c reads operators, syntax_term.c what stands between
 * them, syntax_statement.c SELECT, INSERT, UPDATE, DELETE. Every function that answers a node
 * answers NULL once reader->error is set. Included by those three only.
 */

#include "partiql/syntax.h"

struct syntax_reader {
    struct arena *arena;
    const struct token *at; /* the next token */
    unsigned nesting;
    uint32_t parameters; /* ? read so far */
    const struct error *error;
};

static inline bool syntax_take(struct syntax_reader *reader, enum token_kind kind)
{
    if (reader->at->kind != kind)
        return false;
    reader->at++;
    return true;
}

static inline bool syntax_take_word(struct syntax_reader *reader, enum word word)
{
    if (reader->at->word != word)
        return false;
    reader->at++;
    return true;
}

/* Not well formed; the first failure counts. NULL. */
struct syntax *syntax_fail(struct syntax_reader *reader, const char *detail);
struct syntax *syntax_new(struct syntax_reader *reader, enum syntax_kind kind,
                          const struct token *token);
/* node with part behind its other parts; NULL when either is or when it becomes too deep. */
struct syntax *syntax_add(struct syntax_reader *reader, struct syntax *node, struct syntax *part);

/* Operators that bind more closely than precedence, and their operands. */
struct syntax *syntax_read_expression(struct syntax_reader *reader, int precedence);
/* All of it. */
struct syntax *syntax_read_any(struct syntax_reader *reader);
/* What a clause of SELECT holds. */
struct syntax *syntax_read_clause(struct syntax_reader *reader);
/* One term and the steps behind it: a.b[0]. */
struct syntax *syntax_read_path(struct syntax_reader *reader);
/* The same where only names may begin. */
struct syntax *syntax_read_simple_path(struct syntax_reader *reader);
/* Expressions separated by commas up to the closing token, which is taken. */
bool syntax_read_list(struct syntax_reader *reader, struct syntax *node, enum token_kind close);

/* reader->at is the word the statement begins with. */
struct syntax *syntax_read_select(struct syntax_reader *reader);
struct syntax *syntax_read_insert(struct syntax_reader *reader);
struct syntax *syntax_read_update(struct syntax_reader *reader);
struct syntax *syntax_read_delete(struct syntax_reader *reader);
/* FROM ... WHERE ... SET ..., or SET and REMOVE with nothing before them. */
struct syntax *syntax_read_from(struct syntax_reader *reader);
struct syntax *syntax_read_bare_actions(struct syntax_reader *reader);

#endif
