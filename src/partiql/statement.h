#ifndef HASHRANGE_PARTIQL_STATEMENT_H
#define HASHRANGE_PARTIQL_STATEMENT_H

/*
 * A PartiQL statement in DynamoDB's dialect: SELECT, INSERT, UPDATE (also written FROM ... SET),
 * DELETE, and EXISTS(SELECT ...) as a condition of a transaction. Developer guide, "PartiQL
 * statements for DynamoDB"; what it leaves open was observed on the service.
 *
 * In two steps, between which the service looks at the table:
 *  - partiql_parse: the grammar, and what the statement is about,
 *  - partiql_build: what it means, in the terms of the other operations. A WHERE becomes a
 *    condition, a SET or REMOVE an update.
 * Which items a statement is about is a matter of the table's key: partiql/key_plan.h.
 *
 * Everything lives in the arena, and borrows from text and parameters. Errors are
 * ValidationExceptions or an exhausted arena.
 */

#include "expr/expr.h"

enum partiql_kind {
    PARTIQL_SELECT,
    PARTIQL_INSERT,
    PARTIQL_UPDATE,
    PARTIQL_DELETE,
    PARTIQL_EXISTS, /* what its SELECT finds must be there */
};

struct syntax;

struct partiql_parsed {
    enum partiql_kind kind;
    struct slice table;
    struct slice index; /* "table"."index"; SLICE_ABSENT: none */
    struct slice text;
    const struct syntax *root; /* private */
};

/* text is UTF-8. */
MUST_USE const struct error *partiql_parse(struct arena *arena, struct slice text,
                                           struct partiql_parsed *ret_parsed);

/* One column of a SELECT: what is at the path, called name. */
struct partiql_column {
    struct path path;
    struct slice name;
};

struct partiql_order {
    struct slice name;
    bool descending;
};

enum partiql_returning {
    PARTIQL_RETURNING_NOTHING,
    PARTIQL_RETURNING_ALL_OLD,
    PARTIQL_RETURNING_ALL_NEW,
    PARTIQL_RETURNING_MODIFIED_OLD,
    PARTIQL_RETURNING_MODIFIED_NEW,
};

struct partiql_statement {
    enum partiql_kind kind;
    const struct expr_condition *where; /* NULL: none */
    /* SELECT and EXISTS. No column: whole items. */
    const struct partiql_column *columns;
    size_t column_count;
    const struct partiql_order *orders;
    size_t order_count;
    struct slice item; /* INSERT: a map body */
    const struct expr_update *update;
    enum partiql_returning returning;
};

/* parameters: the values of the ? in order; more than there are ? is no error. */
MUST_USE const struct error *partiql_build(struct arena *arena, const struct partiql_parsed *parsed,
                                           const struct value *parameters, size_t parameter_count,
                                           struct partiql_statement *ret_statement);

/* The item's attributes in the columns, as an item. false: arena exhausted. */
MUST_USE bool partiql_project(struct arena *arena, struct slice item,
                              const struct partiql_column *columns, size_t count,
                              struct slice *ret_item);

#endif
