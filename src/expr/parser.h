#ifndef HASHRANGE_EXPR_PARSER_H
#define HASHRANGE_EXPR_PARSER_H

/*
 * From the text of an expression to its tree: syntax, redundant parentheses and the size of the
 * text, nothing else. Names and placeholders stay as written. Recursive descent whose depth is
 * bounded; one pass, no backtracking. Private to expr/.
 *
 * The order of errors is the service's: size, then syntax and redundant parentheses, whichever is
 * read first.
 */

#include "expr/expr.h"
#include "expr/tree.h"

/* Where an expression came from, for all that is said about it. */
struct source {
    struct expr_scope *scope;
    enum expr_parameter parameter;
};

/* "Invalid ConditionExpression: ", what every error about a source begins with; nothing for a
 * statement. */
struct buf;
void source_begin_error(const struct source *source, struct buf *message);
/* The same and the rest. Never NULL. */
MUST_USE const struct error *source_error(const struct source *source, const char *format, ...)
    PRINTF_LIKE(2, 3);

MUST_USE const struct error *parse_condition(const struct source *source, struct slice text,
                                             struct node **ret_condition);
/* Paths and clause_count of the update are set; its paths member is not. */
MUST_USE const struct error *parse_update(const struct source *source, struct slice text,
                                          struct expr_update *ret_update);
MUST_USE const struct error *parse_projection(const struct source *source, struct slice text,
                                              struct node ***ret_paths, size_t *ret_count);

#endif
