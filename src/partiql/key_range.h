#ifndef HASHRANGE_PARTIQL_KEY_RANGE_H
#define HASHRANGE_PARTIQL_KEY_RANGE_H

/* Ranges of sort keys: what several conditions on one attribute come to. Private to partiql/. */

#include "expr/build.h"

struct key_range {
    struct value low; /* VALUE_NONE: from the start */
    bool low_open;    /* low itself is not in it */
    struct value high;
    bool high_open;
    struct value prefix; /* begins with this; VALUE_NONE: need not. Besides low and high */
};

/* What the operator of a condition on the attribute leaves of the range. operands: the values it
 * compares with, NODE_CALL being begins_with. */
void key_range_cut(struct key_range *range, enum node_kind kind, const struct value operands[2]);
/* Can nothing be in it? */
bool key_range_is_empty(const struct key_range *range);
bool key_range_has(const struct key_range *range, struct value value);
bool key_ranges_overlap(const struct key_range *left, const struct key_range *right);
/* The order of where they begin. */
int key_range_compare(const struct key_range *left, const struct key_range *right);
/* The term that covers the range: all of it, and as little more as one term can. false: the range
 * is everything. */
bool key_range_term(const struct key_range *range, struct slice name,
                    struct expr_key_term *ret_term);

#endif
