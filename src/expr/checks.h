#ifndef HASHRANGE_EXPR_CHECKS_H
#define HASHRANGE_EXPR_CHECKS_H

/*
 * What is checked of a tree before any data is read. Private to expr/.
 *
 * The service looks at an expression several times and stops at the first problem of each time
 * (observed). First, in the order of writing: reserved words, list indexes, function names,
 * functions out of place, too many operators. Then one condition, or one action, after the other:
 * names, values; then its operands: their number, paths where values may not be, twice the same
 * path, types.
 */

#include "expr/parser.h"

/* The first look. operators counts over the whole expression. */
MUST_USE const struct error *check_form_of_condition(const struct source *source,
                                                     const struct node *node, unsigned *operators);
MUST_USE const struct error *check_form_of_operand(const struct source *source,
                                                   const struct node *node, unsigned *operators);

/* Puts attribute names and values in the place of what was written, in order of writing, and marks
 * them as used. Names that are resolved already stay as they are. */
enum { RESOLVE_NAMES = 1, RESOLVE_VALUES = 2 };
MUST_USE const struct error *resolve(const struct source *source, struct node *node, unsigned what);

/* The operands of one resolved condition or action, the inner ones first. */
MUST_USE const struct error *check_operands(const struct source *source, const struct node *node);

/* The second look at a whole condition. */
MUST_USE const struct error *check_condition(const struct source *source, struct node *node);

/* The third: no path equals another, lies within it, or uses as a list what another uses as a map.
 * Reports the pair the service would report. */
MUST_USE const struct error *check_apart(const struct source *source, const struct path *paths,
                                         size_t count);

/* "[a, b, [0]]" */
struct buf;
void path_write_text(struct buf *out, struct path path);

#endif
