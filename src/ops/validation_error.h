#ifndef HASHRANGE_OPS_VALIDATION_ERROR_H
#define HASHRANGE_OPS_VALIDATION_ERROR_H

/*
 * How an operation words what is wrong with its parameters. The service has two front ends with two
 * wordings (observed, 2026): the newer one checks attribute values while it reads the request,
 * before all else, and PutItem, UpdateItem and DeleteItem put "1 validation error detected: " in
 * front of all that is about the parameters alone. BatchWriteItem, Scan and the table operations
 * still answer as ever.
 */

#include "ops/operation.h"

/* Does this call get the newer wording? */
bool op_is_new_wording(const struct op_call *call);

MUST_USE const struct error *op_validation_error(const struct op_call *call, const char *format,
                                                 ...) PRINTF_LIKE(2, 3);

/* An error about the parameters alone (never about stored data), as this operation says it.
 * NULL stays NULL. */
MUST_USE const struct error *op_parameter_error(const struct op_call *call,
                                                const struct error *error);

/* A problem in the values of a request, in the words that this call gets; NULL when there is none.
 * Without the prefix that op_parameter_error puts before it. */
const struct error *op_value_problem(const struct op_call *call,
                                     const struct value_reading *reading);
const struct error *op_item_problem(const struct op_call *call, const struct item_reading *reading);

/* A copy that outlives the error's own arena. */
MUST_USE const struct error *op_error_copy(const struct op_call *call, const struct error *error);

#endif
