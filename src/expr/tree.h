#ifndef HASHRANGE_EXPR_TREE_H
#define HASHRANGE_EXPR_TREE_H

/*
 * What the parser makes of an expression, and what the legacy parameters and PartiQL statements
 * become. Private to expr/ and to those who build trees themselves (expr/build.h).
 *
 * A node is born with the names and placeholders as written; the checks put attribute names and
 * values in their place (path, value). Only then may it be evaluated.
 */

#include "item/path.h"
#include "item/value.h"

enum node_kind {
    /* operands */
    NODE_PATH,
    NODE_VALUE,
    /* operands or conditions, by their function */
    NODE_CALL,
    /* operands of SET: operands[0] and [1] */
    NODE_PLUS,
    NODE_MINUS,
    /* conditions over operands */
    NODE_EQUAL,
    NODE_NOT_EQUAL,
    NODE_LESS,
    NODE_LESS_OR_EQUAL,
    NODE_GREATER,
    NODE_GREATER_OR_EQUAL,
    NODE_BETWEEN, /* operands[0] between [1] and [2] */
    NODE_IN,      /* operands[0] in the others */
    /* conditions over conditions. In PartiQL a condition may also be an operand: a boolean. */
    NODE_NOT,
    NODE_AND, /* two operands or, from the legacy parameters and PartiQL, any number */
    NODE_OR,
};

/* Which place a function may stand in. */
enum function_use {
    FUNCTION_CONDITION, /* it is one */
    FUNCTION_OPERAND,   /* of a condition */
    FUNCTION_UPDATE,    /* in an operand of SET */
};

/* FUNCTION(id, name, use, operand count) */
#define FUNCTIONS(FUNCTION)                                                                        \
    FUNCTION(ATTRIBUTE_EXISTS, "attribute_exists", CONDITION, 1)                                   \
    FUNCTION(ATTRIBUTE_NOT_EXISTS, "attribute_not_exists", CONDITION, 1)                           \
    FUNCTION(ATTRIBUTE_TYPE, "attribute_type", CONDITION, 2)                                       \
    FUNCTION(BEGINS_WITH, "begins_with", CONDITION, 2)                                             \
    FUNCTION(CONTAINS, "contains", CONDITION, 2)                                                   \
    FUNCTION(SIZE, "size", OPERAND, 1)                                                             \
    FUNCTION(IF_NOT_EXISTS, "if_not_exists", UPDATE, 2)                                            \
    FUNCTION(LIST_APPEND, "list_append", UPDATE, 2)

enum function {
    FUNCTION_UNKNOWN,
#define FUNCTION_ID(id, name, use, operands) FUNCTION_##id,
    FUNCTIONS(FUNCTION_ID)
#undef FUNCTION_ID
};

struct node {
    enum node_kind kind;
    enum function function; /* NODE_CALL */
    bool parenthesized;
    bool resolved;     /* path or value is the real one */
    bool ascending;    /* NODE_IN: operands[1...] are scalars of one type, in their order */
    struct slice text; /* as written: function, :placeholder, operator */
    struct node **operands;
    uint32_t operand_count;
    /* NODE_PATH: elements with names as written until resolved. The name of an index is its digits.
     */
    struct path_element *elements;
    struct path path;
    struct value value; /* NODE_VALUE */
};

struct expr_condition {
    const struct node *root;
};

struct action {
    enum { ACTION_SET, ACTION_REMOVE, ACTION_ADD, ACTION_DELETE } kind;
    uint32_t clause; /* which of the written clauses it stands in, from 0 */
    struct node *path;
    struct node *operand; /* NULL for REMOVE */
};

enum { ACTION_KIND_COUNT = 4 };

/* REMOVE and DELETE; the others write. */
static inline bool action_clears(const struct action *action)
{
    return action->kind == ACTION_REMOVE || action->kind == ACTION_DELETE;
}

struct expr_update {
    struct action *actions;
    size_t action_count;
    uint32_t clause_count;
    struct path *paths; /* of the actions, once checked */
    bool legacy; /* from AttributeUpdates, where ADD appends to lists and errors read otherwise */
};

static inline bool node_is_operand(const struct node *node)
{
    return node->kind <= NODE_MINUS;
}

/* The type of a value, of size() or of a condition; VALUE_ABSENT for what the service looks at only
 * when it has an item. Both booleans are VALUE_TRUE. */
enum value_type node_static_type(const struct node *node);

enum function_use function_use(enum function function);
uint32_t function_operand_count(enum function function);
/* Static. */
const char *function_name(enum function function);
/* FUNCTION_UNKNOWN when there is none of that name; names are case-sensitive. */
enum function function_of_name(struct slice name);

/* A fresh node; NULL when the arena is exhausted. */
MUST_USE struct node *node_new(struct arena *arena, enum node_kind kind);
/* With room for so many operands, all NULL. */
MUST_USE struct node *node_new_over(struct arena *arena, enum node_kind kind,
                                    uint32_t operand_count);

/* Visits every path in order of mention; false as soon as visit returns false. */
typedef bool visit_path(void *context, struct path path);
bool node_visit_paths(const struct node *node, visit_path *visit, void *context);

#endif
