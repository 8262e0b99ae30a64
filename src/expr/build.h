#ifndef HASHRANGE_EXPR_BUILD_H
#define HASHRANGE_EXPR_BUILD_H

/*
 * Conditions and updates without text: for PartiQL, whose WHERE and SET mean what the expressions
 * mean. Whoever builds a tree gets the same checks and the same evaluation; errors are worded for a
 * statement (EXPR_STATEMENT).
 *
 * Constructors answer NULL when the arena is exhausted, and when an operand is NULL, so that one
 * check at the end is enough. Paths and values are borrowed.
 */

#include "expr/expr.h"
#include "expr/tree.h"

/* path.elements must not be changed afterwards. */
MUST_USE struct node *expr_build_path(struct arena *arena, struct path path);
MUST_USE struct node *expr_build_value(struct arena *arena, struct value value);
/* An operator or joint: NODE_PLUS and all that follow it. The operands are copied. */
MUST_USE struct node *expr_build_over(struct arena *arena, enum node_kind kind,
                                      struct node *const *operands, size_t count);
MUST_USE struct node *expr_build_call(struct arena *arena, enum function function,
                                      struct node *const *operands, size_t count);

/* Operands, operators and their number are checked. root is a condition. */
MUST_USE const struct error *expr_condition_build(struct arena *arena, struct node *root,
                                                  const struct expr_condition **ret_condition);
/* ADD and DELETE take a NODE_VALUE with a set. The actions are borrowed; each is a clause of its
 * own. */
MUST_USE const struct error *expr_update_build(struct arena *arena, struct action *actions,
                                               size_t count, const struct expr_update **ret_update);

#endif
