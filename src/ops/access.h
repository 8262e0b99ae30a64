#ifndef HASHRANGE_OPS_ACCESS_H
#define HASHRANGE_OPS_ACCESS_H

/*
 * What a request wants to do, in the words of policies: which actions on which resources, and what
 * DynamoDB's condition keys say of each (service authorization reference, "Actions, resources, and
 * condition keys for Amazon DynamoDB"; developer guide, "Specifying conditions: using condition
 * keys"). Whether it may is decided above, before the operation runs.
 *
 * An access is about the parameters as they were sent: it neither reads items nor depends on the
 * answer. A table that is not there has no schema and no tags, so what would be found out from them
 * is absent.
 */

#include "ops/table_name.h"

struct op_access_part;

/* In the call's arena, as is all it points to. */
struct op_access {
    struct slice action;   /* "dynamodb:GetItem" */
    struct slice resource; /* an ARN, or "*" */
    /* The table that the resource is or belongs to; its name is absent where there is none. */
    struct op_table_name table;
    struct slice index;        /* absent: none */
    struct slice stream_label; /* absent: it is no stream */
    struct slice enclosing;    /* the operation's name where the action has another, or absent */
    const struct op_access_part *parts; /* what is done to items, one for each that is named */
    size_t part_count;
    bool is_apart;    /* when it is not allowed, then this statement alone is refused */
    size_t statement; /* of BatchExecuteStatement */
};

struct op_accesses {
    const struct op_call *call;
    struct op_access *items;
    size_t count;
    size_t room;
};

/*
 * The accesses of a decoded and validated input; all of them must be allowed. None: the request
 * does nothing.
 * Errors are the operation's own: a name or a statement that cannot be read says nothing of what is
 * wanted, and gets no further.
 */
MUST_USE const struct error *op_access_list(const struct op_call *call,
                                            struct op_accesses *ret_accesses);

struct op_access_values {
    const struct slice *items;
    size_t count;
};

/*
 * The values of a condition key: dynamodb:..., aws:ResourceTag/..., aws:RequestTag/...,
 * aws:TagKeys, without regard to case. *ret_present false: the access has no such key. Errors are
 * those of expressions that do not parse.
 */
MUST_USE const struct error *op_access_look_up(const struct op_call *call,
                                               const struct op_access *access, struct slice key,
                                               struct op_access_values *ret_values,
                                               bool *ret_present);

/* How operations.def names these: the column `access` of a row. */
typedef const struct error *op_access_find(struct op_accesses *accesses);
#define OP_ROW(operation, function, is_long, access) op_access_find op_access_##access;
#include "ops/operations.def"
#undef OP_ROW

#endif
