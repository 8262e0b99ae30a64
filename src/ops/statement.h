#ifndef HASHRANGE_OPS_STATEMENT_H
#define HASHRANGE_OPS_STATEMENT_H

/*
 * A PartiQL statement of a request and the table it is about: what ExecuteStatement,
 * BatchExecuteStatement and ExecuteTransaction share. Developer guide, "PartiQL - a SQL-compatible
 * query language for Amazon DynamoDB".
 *
 * The service checks in this order (observed): the parameters, the grammar, whether the index it
 * names has a key that PartiQL can use, what the statement means, whether there is such a table.
 */

#include "ops/table_name.h"
#include "partiql/key_plan.h"

struct op_statement {
    const struct op_call *call;
    struct partiql_parsed parsed;
    struct partiql_statement statement;
    struct value *parameters;
    size_t parameter_count;
    struct op_table_name name;
    const struct db_table *table; /* with a reference; NULL until it is found */
    bool borrows_table;           /* of another statement that outlives this one: no reference */
    const struct db_index *index; /* NULL: the table */
    struct partiql_key key;       /* of the table or index */
};

/* The parameters, in a new statement; then the grammar. */
MUST_USE const struct error *
op_statement_read_parameters(const struct op_call *call,
                             const struct model_list_prepared_statement_parameters *parameters,
                             struct op_statement *ret_statement);
MUST_USE const struct error *op_statement_parse(struct op_statement *statement, struct slice text);
/* Which table it is about. */
struct op_table_name op_statement_table_name(const struct op_call *call,
                                             const struct partiql_parsed *parsed);
/* The rest. Takes the reference also when it fails later. */
MUST_USE const struct error *op_statement_find(struct op_statement *statement);
/* Before that: the table is the one another statement of the request has found. Both then see the
 * same snapshot. */
void op_statement_borrow_table(struct op_statement *statement, const struct op_statement *lender);
/* Accepts one that found no table, and a zeroed one. */
void op_statement_release(struct op_statement *statement);

static inline bool op_statement_reads(const struct op_statement *statement)
{
    return statement->parsed.kind == PARTIQL_SELECT;
}

/* The primary key from its parts, checked against the schema. sort is VALUE_NONE where the table
 * has none. */
MUST_USE const struct error *op_statement_make_key(const struct op_statement *statement,
                                                   struct value partition, struct value sort,
                                                   struct slice *ret_key);

/* "The provided key element does not match the schema". */
MUST_USE const struct error *op_statement_wrong_key(const struct op_call *call);

#endif
