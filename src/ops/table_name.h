#ifndef HASHRANGE_OPS_TABLE_NAME_H
#define HASHRANGE_OPS_TABLE_NAME_H

/*
 * TableName: the name of a table or its ARN (API reference, e.g. PutItem, "TableName"), and the way
 * from it to the table.
 */

#include "ops/operation.h"

struct op_table_name {
    struct slice given; /* as the client wrote it: responses repeat it */
    struct slice account;
    struct slice region;
    struct slice name;
};

/* arn:<partition>:dynamodb:<region>:<account>:table/<name>; false when it is none. */
MUST_USE bool op_table_arn_read(struct slice arn, struct op_table_name *ret_name);
/* The ARN of a table, without what may follow it ("/index/..."). */
MUST_USE bool op_table_arn_make(struct arena *arena, const struct db_table *table,
                                const char *resource, struct slice name, struct slice *ret_arn);

MUST_USE const struct error *op_table_name_read(const struct op_call *call, struct slice given,
                                                struct op_table_name *ret_name);

/* With a reference. For operations on items: "Requested resource not found" also while the table
 * is being created or deleted. */
MUST_USE const struct error *op_table_for_items(const struct op_call *call,
                                                const struct op_table_name *name,
                                                const struct db_table **ret_table);
/* For operations on tables: "Requested resource not found: Table: X not found". */
MUST_USE const struct error *op_table_for_control(const struct op_call *call,
                                                  const struct op_table_name *name,
                                                  const struct db_table **ret_table);

static inline void op_table_release(const struct op_call *call, const struct db_table *table)
{
    db_table_release(call->environment->db, table);
}

#endif
