#ifndef HASHRANGE_OPS_ENCRYPTION_H
#define HASHRANGE_OPS_ENCRYPTION_H

/*
 * SSESpecification (API reference, "SSESpecification"): which key a table says it is encrypted
 * with. The words of all errors are observed; their order among each other is not known.
 */

#include "ops/operation.h"

/* Whether its members fit each other. given may be NULL. */
MUST_USE const struct error *op_sse_check(const struct op_call *call,
                                          const struct model_sse_specification *given);
/* UpdateTable: whether there is anything to change. */
MUST_USE const struct error *op_sse_change_check(const struct op_call *call,
                                                 const struct model_sse_specification *given,
                                                 const struct db_table *table);
/* setting has its account and region; the name of the key is made in the call's arena. */
MUST_USE const struct error *op_sse_apply(const struct op_call *call,
                                          const struct model_sse_specification *given,
                                          struct db_table *setting);

#endif
