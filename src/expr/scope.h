#ifndef HASHRANGE_EXPR_SCOPE_H
#define HASHRANGE_EXPR_SCOPE_H

/* Looking placeholders up. Private to expr/. */

#include "expr/expr.h"

struct expr_placeholder {
    struct slice text;  /* with its # or : */
    struct slice name;  /* of a # */
    struct value value; /* of a : */
    bool used;
};

/* The entry of a placeholder; NULL when there is none. Whoever uses it marks it. */
struct expr_placeholder *scope_find_name(const struct expr_scope *scope, struct slice text);
struct expr_placeholder *scope_find_value(const struct expr_scope *scope, struct slice text);

#endif
