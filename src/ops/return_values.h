#ifndef HASHRANGE_OPS_RETURN_VALUES_H
#define HASHRANGE_OPS_RETURN_VALUES_H

/* ReturnValues of PutItem, UpdateItem and DeleteItem (API reference, "ReturnValues"). */

#include "expr/expr.h"
#include "ops/operation.h"

bool op_return_values_need_old(struct model_enum return_values);

/*
 * old: the item before, SLICE_ABSENT when there was none; new: the item after. update may be NULL.
 * *ret_attributes is SLICE_ABSENT when Attributes is to be left out: nothing asked for, no such
 * item, or none of the updated attributes in it.
 */
MUST_USE const struct error *op_return_values_pick(struct arena *arena,
                                                   struct model_enum return_values,
                                                   const struct expr_update *update,
                                                   struct slice old, struct slice new,
                                                   struct slice *ret_attributes);

#endif
