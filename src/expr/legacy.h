#ifndef HASHRANGE_EXPR_LEGACY_H
#define HASHRANGE_EXPR_LEGACY_H

/*
 * The parameters from before expressions (Expected, AttributeUpdates, KeyConditions, QueryFilter,
 * ScanFilter, AttributesToGet, ConditionalOperator) as the same trees.
 * Developer guide, "Legacy DynamoDB conditional parameters". Error texts and their order: observed.
 *
 * Every value is sound already. What is built borrows names, values and arguments, and lives in the
 * arena.
 */

#include "expr/expr.h"

/* One entry of Expected, QueryFilter, ScanFilter or KeyConditions. */
struct legacy_condition {
    struct slice name;
    struct slice comparison_operator; /* absent: the Value/Exists form of Expected */
    const struct value *arguments;    /* AttributeValueList, or the one Value */
    size_t argument_count;
    bool expected;   /* an entry of Expected: its errors have their own words */
    bool has_exists; /* Exists was given */
    bool exists;
    bool has_value;     /* Value was given (then arguments[0]) */
    bool has_arguments; /* AttributeValueList was given */
};

/* Conditions of one parameter. DynamoDB documents no such limit; without one, a request of 16 MB
 * could hold its thread for most of a minute. */
enum { LEGACY_CONDITIONS_MAX = 4096 };

enum legacy_joint { LEGACY_AND, LEGACY_OR };

/* No conditions: *ret_condition is NULL, which holds. */
MUST_USE const struct error *legacy_conditions_build(struct arena *arena,
                                                     const struct legacy_condition *conditions,
                                                     size_t count, enum legacy_joint joint,
                                                     const struct expr_condition **ret_condition);
MUST_USE const struct error *legacy_key_conditions_build(struct arena *arena,
                                                         const struct legacy_condition *conditions,
                                                         size_t count,
                                                         struct expr_key_condition *ret_condition);

/* One entry of AttributeUpdates. */
struct legacy_update {
    struct slice name;
    struct slice action; /* PUT (default when absent), ADD, DELETE */
    struct value value;  /* VALUE_NONE: not given */
};
MUST_USE const struct error *legacy_updates_build(struct arena *arena,
                                                  const struct legacy_update *updates, size_t count,
                                                  const struct expr_update **ret_update);
/* AttributesToGet: plain top-level names, none twice. */
MUST_USE const struct error *legacy_projection_build(struct arena *arena, const struct slice *names,
                                                     size_t count,
                                                     struct expr_projection *ret_projection);

#endif
