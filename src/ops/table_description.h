#ifndef HASHRANGE_OPS_TABLE_DESCRIPTION_H
#define HASHRANGE_OPS_TABLE_DESCRIPTION_H

/*
 * TableDescription from a table (API reference, "TableDescription"), and the answer of operations
 * that change a table.
 */

#include "ops/operation.h"

/* The live totals of a table and its indexes, by position; zero for what is new. */
struct op_table_totals {
    struct db_totals table;
    struct db_totals *indexes;
    size_t index_count;
};

/* Reads the store: not for done callbacks. */
MUST_USE const struct error *op_table_totals_read(const struct op_call *call,
                                                  const struct db_table *table,
                                                  struct op_table_totals *ret_totals);

/* What a table or an index can take at once: what was asked for or what its billing brings, the
 * greater. */
struct db_warm_throughput op_warm_units(const struct db_table *table,
                                        const struct db_warm_throughput *warm,
                                        const struct db_throughput *throughput);

/* totals may be NULL. The description borrows names from the arena, not from the table. */
MUST_USE const struct error *op_table_describe(const struct op_call *call,
                                               const struct db_table *table,
                                               const struct op_table_totals *totals,
                                               struct model_table_description **ret_description);

#endif
