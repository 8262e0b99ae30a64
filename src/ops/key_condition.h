#ifndef HASHRANGE_OPS_KEY_CONDITION_H
#define HASHRANGE_OPS_KEY_CONDITION_H

/*
 * The terms of a key condition held against the key schema of the table or index: every partition
 * key attribute with =, then sort key attributes from the left without gaps, an inequality only on
 * the last one used. Developer guide, "Key condition expressions for the Query operation".
 */

#include "expr/expr.h"
#include "ops/operation.h"

/* An error of a KeyConditionExpression as this call says it: the newer front end begins all of them
 * with "Invalid KeyConditionExpression: " (observed of those about one condition per key and about
 * nested attributes). NULL stays NULL. */
MUST_USE const struct error *op_key_condition_error(const struct op_call *call,
                                                    const struct error *error);

/* Fills partition, sort_equal, sort_operator and sort_operand of *read, whose table, index and
 * exclusive_start are set. The attributes of the start key are looked at before the terms on the
 * same part of the key (observed). is_legacy: the terms came in KeyConditions. */
MUST_USE const struct error *op_key_condition_match(const struct op_call *call,
                                                    const struct expr_key_condition *condition,
                                                    bool is_legacy, struct db_read *read);

#endif
