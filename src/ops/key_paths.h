#ifndef HASHRANGE_OPS_KEY_PATHS_H
#define HASHRANGE_OPS_KEY_PATHS_H

/*
 * What expressions may do with key attributes: nothing may look inside one, an update must not give
 * one of an index another type, and the filter of a Query may not use those of the key it queries.
 */

#include "expr/expr.h"
#include "ops/operation.h"

/* "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed". */
MUST_USE const struct error *op_key_paths_check_condition(const struct op_call *call,
                                                          const struct db_table *table,
                                                          const struct expr_condition *condition);
MUST_USE const struct error *
op_key_paths_check_projection(const struct op_call *call, const struct db_table *table,
                              const struct expr_projection *projection);
/* "Cannot update attribute k. This attribute is part of the key". update may be NULL. */
MUST_USE const struct error *op_key_paths_check_updated(const struct op_call *call,
                                                        const struct db_table *table,
                                                        const struct expr_update *update);
/* "Type mismatch for Index Key ...", of the types that are known without an item. update may be
 * NULL. */
MUST_USE const struct error *op_key_paths_check_types(const struct op_call *call,
                                                      const struct db_table *table,
                                                      const struct expr_update *update);
/* Types, then paths (observed). update may be NULL. */
MUST_USE const struct error *op_key_paths_check_update(const struct op_call *call,
                                                       const struct db_table *table,
                                                       const struct expr_update *update);

/* "... can only contain non-primary key attributes: Primary key attribute: x". is_legacy: the
 * filter came in QueryFilter. */
MUST_USE const struct error *op_key_paths_check_query_filter(const struct op_call *call,
                                                             const struct db_key_schema *schema,
                                                             const struct expr_condition *filter,
                                                             bool is_legacy);

#endif
