#ifndef HASHRANGE_OPS_STATEMENT_INDEX_H
#define HASHRANGE_OPS_STATEMENT_INDEX_H

/*
 * What a SELECT may ask of an index. Everything here was observed: a global index cannot serve a
 * column it does not have, a local one looks it up in the table; a read by key must not filter by
 * what the index does not have, a read of the whole index finds nothing there.
 */

#include "ops/statement.h"

/* statement->index is not NULL. *ret_fetch_items: columns come from the table. */
MUST_USE const struct error *op_statement_index_check(const struct op_statement *statement,
                                                      bool consistent, bool *ret_fetch_items);
/* The filters of a read by key. */
MUST_USE const struct error *op_statement_index_check_filters(const struct op_statement *statement,
                                                              const struct partiql_plan *plan);

/* The attributes of the WHERE that the index has: what it sees of an item. */
MUST_USE const struct error *op_statement_index_paths(const struct op_statement *statement,
                                                      struct path_set *ret_paths);

#endif
