#ifndef HASHRANGE_PARTIQL_BUILDER_H
#define HASHRANGE_PARTIQL_BUILDER_H

/* From the tree of a statement to what it means, part by part. Private to partiql/. */

#include "expr/build.h"
#include "partiql/statement.h"
#include "partiql/syntax.h"

struct builder {
    struct arena *arena;
    struct slice text; /* of the statement, for places in errors */
    const struct value *parameters;
    size_t parameter_count;
};

/* The value of a literal, a collection of literals or a parameter. */
MUST_USE const struct error *build_value(const struct builder *builder, const struct syntax *node,
                                         struct value *ret_value);
/* The map that a struct literal is. Of an item, each attribute is a literal of its own: errors
 * count their way from it, and a parameter may stand there. */
MUST_USE const struct error *build_item_map(const struct builder *builder,
                                            const struct syntax *literal, struct value *ret_map);
/* Is it one of those? */
bool is_value(const struct syntax *node);
MUST_USE const struct error *build_parameter(const struct builder *builder,
                                             const struct syntax *node, struct value *ret_value);

/* Is it a name or a path of names and indexes? */
bool is_path(const struct syntax *node);
MUST_USE const struct error *build_path(const struct builder *builder, const struct syntax *node,
                                        struct path *ret_path);

MUST_USE const struct error *build_where(const struct builder *builder, const struct syntax *where,
                                         const struct expr_condition **ret_condition);
MUST_USE const struct error *build_update(const struct builder *builder,
                                          const struct syntax_action *actions,
                                          const struct expr_update **ret_update);
/* What is not supported where it stands. */
MUST_USE const struct error *unsupported_function(const struct builder *builder,
                                                  const struct syntax *node);
MUST_USE const struct error *unsupported_operation(const struct builder *builder,
                                                   const struct syntax *node);

#endif
