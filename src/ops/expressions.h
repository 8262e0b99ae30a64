#ifndef HASHRANGE_OPS_EXPRESSIONS_H
#define HASHRANGE_OPS_EXPRESSIONS_H

/*
 * The expression parameters of a request: which may stand together, and the scope in which its
 * expressions are parsed. API reference, "ExpressionAttributeNames", "ExpressionAttributeValues".
 */

#include "expr/expr.h"
#include "ops/operation.h"

/* A parameter by name and whether the request has it. A list of them ends with name == NULL. */
struct op_parameter {
    const char *name;
    bool given;
};

struct op_expressions {
    const struct op_parameter *expressions;
    const struct op_parameter *legacy;
    const struct model_map_expression_attribute_name_map *names;
    const struct item_reading *values; /* NULL: the operation has no ExpressionAttributeValues */
};

/* Legacy with expression parameters, names or values without any expression. */
MUST_USE const struct error *op_expressions_check(const struct op_call *call,
                                                  const struct op_expressions *expressions);

/* Are names and values there when they are given, with keys of the right form? Then the scope. */
MUST_USE const struct error *op_expressions_scope(const struct op_call *call,
                                                  const struct op_expressions *expressions,
                                                  struct expr_scope *ret_scope);

/* The first problem of the values of a parameter. A member that is absent has none. */
MUST_USE const struct error *op_values_check(const struct op_call *call,
                                             const struct item_reading *reading);
/* As the newer front end does with ExpressionAttributeValues: while it reads them. */
MUST_USE const struct error *op_values_check_early(const struct op_call *call,
                                                   const struct op_expressions *expressions);

/* The whole way for operations with nothing but a ConditionExpression. *ret_condition stays as it
 * is when text is absent. */
MUST_USE const struct error *op_condition_parse(const struct op_call *call,
                                                const struct op_expressions *expressions,
                                                struct slice text,
                                                const struct expr_condition **ret_condition);

/* The projection of ProjectionExpression or AttributesToGet; *ret_projection.count is 0 when
 * neither is given. */
MUST_USE const struct error *
op_projection_parse(const struct op_call *call, struct expr_scope *scope, struct slice expression,
                    const struct model_list_attribute_name_list *attributes_to_get,
                    struct expr_projection *ret_projection);
/* "Duplicate value in attribute name: a" */
MUST_USE const struct error *
op_attributes_to_get_check(const struct op_call *call,
                           const struct model_list_attribute_name_list *attributes_to_get);

#endif
