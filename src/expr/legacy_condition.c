/* Expected, QueryFilter, ScanFilter and KeyConditions: see expr/legacy.h. */

#include "expr/legacy.h"

#include <stdlib.h>

#include "expr/tree.h"

#define INVALID "One or more parameter values were invalid: "

typedef unsigned type_set;
#define TYPE(type) (1u << (type))
enum {
    TYPES_ALL = ~0u >> 1,
    TYPES_ORDERED = TYPE(VALUE_STRING) | TYPE(VALUE_NUMBER) | TYPE(VALUE_BINARY),
    TYPES_PREFIXED = TYPE(VALUE_STRING) | TYPE(VALUE_BINARY),
    TYPES_CONTAINED = TYPES_ORDERED | TYPE(VALUE_TRUE) | TYPE(VALUE_FALSE) | TYPE(VALUE_NULL),
};

/* Not an operator on keys. */
enum { NO_KEY_OPERATOR = -1 };

/* A ComparisonOperator: its arguments, what it becomes, what it is on keys. */
struct comparison {
    const char *name;
    size_t arguments_min, arguments_max;
    type_set types;
    enum node_kind kind;
    enum function function; /* of a NODE_CALL */
    int key_operator;
};

static const struct comparison comparisons[] = {
    {"EQ", 1, 1, TYPES_ALL, NODE_EQUAL, 0, EXPR_KEY_EQUAL},
    {"NE", 1, 1, TYPES_ALL, NODE_NOT_EQUAL, 0, NO_KEY_OPERATOR},
    {"LE", 1, 1, TYPES_ORDERED, NODE_LESS_OR_EQUAL, 0, EXPR_KEY_LESS_OR_EQUAL},
    {"LT", 1, 1, TYPES_ORDERED, NODE_LESS, 0, EXPR_KEY_LESS},
    {"GE", 1, 1, TYPES_ORDERED, NODE_GREATER_OR_EQUAL, 0, EXPR_KEY_GREATER_OR_EQUAL},
    {"GT", 1, 1, TYPES_ORDERED, NODE_GREATER, 0, EXPR_KEY_GREATER},
    {"NOT_NULL", 0, 0, TYPES_ALL, NODE_CALL, FUNCTION_ATTRIBUTE_EXISTS, NO_KEY_OPERATOR},
    {"NULL", 0, 0, TYPES_ALL, NODE_CALL, FUNCTION_ATTRIBUTE_NOT_EXISTS, NO_KEY_OPERATOR},
    {"CONTAINS", 1, 1, TYPES_CONTAINED, NODE_CALL, FUNCTION_CONTAINS, NO_KEY_OPERATOR},
    {"NOT_CONTAINS", 1, 1, TYPES_CONTAINED, NODE_NOT, FUNCTION_CONTAINS, NO_KEY_OPERATOR},
    {"BEGINS_WITH", 1, 1, TYPES_PREFIXED, NODE_CALL, FUNCTION_BEGINS_WITH, EXPR_KEY_BEGINS_WITH},
    {"IN", 1, SIZE_MAX, TYPES_ORDERED, NODE_IN, 0, NO_KEY_OPERATOR},
    {"BETWEEN", 2, 2, TYPES_ORDERED, NODE_BETWEEN, 0, EXPR_KEY_BETWEEN},
};

static const struct comparison *find_comparison(struct slice name)
{
    for (size_t i = 0; i < COUNT_OF(comparisons); i++)
        if (slice_equal(name, slice_of_cstring(comparisons[i].name)))
            return &comparisons[i];
    return NULL;
}

/* --- checks --- */

static bool same_type(struct value left, struct value right)
{
    return left.type == right.type || (value_is_boolean(left) && value_is_boolean(right));
}

static const struct error *check_arguments(struct arena *arena,
                                           const struct legacy_condition *condition,
                                           const struct comparison *comparison)
{
    if (condition->argument_count < comparison->arguments_min ||
        condition->argument_count > comparison->arguments_max)
        return error_make(arena, ERROR_VALIDATION,
                          INVALID "Invalid number of argument(s) for the %s ComparisonOperator",
                          comparison->name);
    const struct value *arguments = condition->arguments;
    for (size_t i = 1; i < condition->argument_count; i++)
        if (!same_type(arguments[0], arguments[i]))
            return error_make(arena, ERROR_VALIDATION,
                              INVALID
                              "AttributeValues inside AttributeValueList must be of same type");
    if (condition->argument_count > 0 && (TYPE(arguments[0].type) & comparison->types) == 0)
        return error_make(arena, ERROR_VALIDATION,
                          INVALID "ComparisonOperator %s is not valid for %.*s AttributeValue type",
                          comparison->name, SLICE_PRINT(value_type_code(arguments[0].type)));
    if (comparison->kind == NODE_BETWEEN && value_compare(arguments[0], arguments[1]) > 0)
        return error_make(arena, ERROR_VALIDATION,
                          "The BETWEEN condition was provided a range where the lower bound is "
                          "greater than the upper bound");
    return NULL;
}

/* *ret_comparison is NULL for the Value/Exists form. */
static const struct error *check_comparison(struct arena *arena,
                                            const struct legacy_condition *condition,
                                            const struct comparison **ret_comparison)
{
    const struct comparison *comparison = find_comparison(condition->comparison_operator);
    if (comparison == NULL)
        return error_make(arena, ERROR_VALIDATION, INVALID "ComparisonOperator %.*s is not known",
                          SLICE_PRINT(condition->comparison_operator));
    if (condition->has_exists)
        return error_make(arena, ERROR_VALIDATION,
                          INVALID "Exists and ComparisonOperator cannot be used together for "
                                  "Attribute: %.*s",
                          SLICE_PRINT(condition->name));
    if (condition->expected && comparison->arguments_min > 0 && !condition->has_value &&
        !condition->has_arguments)
        return error_make(arena, ERROR_VALIDATION,
                          INVALID "Value or AttributeValueList must be used with "
                                  "ComparisonOperator: %s for Attribute: %.*s",
                          comparison->name, SLICE_PRINT(condition->name));
    *ret_comparison = comparison;
    return check_arguments(arena, condition, comparison);
}

static const struct error *check_exists(struct arena *arena,
                                        const struct legacy_condition *condition)
{
    if (condition->has_arguments)
        return error_make(arena, ERROR_VALIDATION,
                          INVALID "AttributeValueList can only be used with a ComparisonOperator "
                                  "for Attribute: %.*s",
                          SLICE_PRINT(condition->name));
    bool exists = !condition->has_exists || condition->exists;
    if (exists && !condition->has_value)
        return error_make(arena, ERROR_VALIDATION,
                          INVALID "Value must be provided when Exists is %s for Attribute: %.*s",
                          condition->has_exists ? "true" : "null", SLICE_PRINT(condition->name));
    if (!exists && condition->has_value)
        return error_make(arena, ERROR_VALIDATION,
                          INVALID "Value cannot be used when Exists is false for Attribute: %.*s",
                          SLICE_PRINT(condition->name));
    return NULL;
}

static const struct error *check(struct arena *arena, const struct legacy_condition *condition,
                                 const struct comparison **ret_comparison)
{
    *ret_comparison = NULL;
    if (condition->has_arguments && condition->has_value)
        return error_make(arena, ERROR_VALIDATION,
                          INVALID "Value and AttributeValueList cannot be used together for "
                                  "Attribute: %.*s",
                          SLICE_PRINT(condition->name));
    if (slice_present(condition->comparison_operator))
        return check_comparison(arena, condition, ret_comparison);
    return check_exists(arena, condition);
}

/* --- trees; NULL when the arena is exhausted --- */

static struct node *new_path(struct arena *arena, struct slice name)
{
    struct node *node = node_new(arena, NODE_PATH);
    struct path_element *element = ARENA_NEW(arena, struct path_element);
    if (node == NULL || element == NULL)
        return NULL;
    element->name = name;
    node->elements = element;
    node->path = (struct path){element, 1};
    node->resolved = true;
    return node;
}

static struct node *new_value(struct arena *arena, struct value value)
{
    struct node *node = node_new(arena, NODE_VALUE);
    if (node == NULL)
        return NULL;
    node->value = value;
    node->resolved = true;
    return node;
}

/* The attribute and the arguments under one node. */
static struct node *new_over(struct arena *arena, enum node_kind kind, enum function function,
                             const struct legacy_condition *condition)
{
    size_t count = condition->argument_count;
    struct node *node = node_new_over(arena, kind, (uint32_t)count + 1);
    if (node == NULL)
        return NULL;
    node->function = function;
    node->operands[0] = new_path(arena, condition->name);
    bool complete = node->operands[0] != NULL;
    for (size_t i = 0; i < count && complete; i++) {
        node->operands[i + 1] = new_value(arena, condition->arguments[i]);
        complete = node->operands[i + 1] != NULL;
    }
    return complete ? node : NULL;
}

static int compare_values(const void *left, const void *right)
{
    const struct node *const *a = left;
    const struct node *const *b = right;
    return value_compare((*a)->value, (*b)->value);
}

/* There may be many thousands of values, and as many items to look at: they are searched by halves.
 * Their type is one, and has an order (check_arguments). */
static struct node *new_in(struct arena *arena, const struct legacy_condition *condition)
{
    struct node *node = new_over(arena, NODE_IN, FUNCTION_UNKNOWN, condition);
    if (node == NULL)
        return NULL;
    qsort(node->operands + 1, condition->argument_count, sizeof(*node->operands), compare_values);
    node->ascending = true;
    return node;
}

/* Unlike NOT contains(...) it does not hold for an attribute that is not there (observed). */
static struct node *new_not_contains(struct arena *arena, const struct legacy_condition *condition)
{
    struct legacy_condition bare = {.name = condition->name};
    struct node *exists = new_over(arena, NODE_CALL, FUNCTION_ATTRIBUTE_EXISTS, &bare);
    struct node *contains = new_over(arena, NODE_CALL, FUNCTION_CONTAINS, condition);
    struct node *not_contains = node_new_over(arena, NODE_NOT, 1);
    struct node *both = node_new_over(arena, NODE_AND, 2);
    if (exists == NULL || contains == NULL || not_contains == NULL || both == NULL)
        return NULL;
    not_contains->operands[0] = contains;
    both->operands[0] = exists;
    both->operands[1] = not_contains;
    return both;
}

static struct node *build(struct arena *arena, const struct legacy_condition *condition,
                          const struct comparison *comparison)
{
    if (comparison == NULL)
        return condition->has_value
                   ? new_over(arena, NODE_EQUAL, FUNCTION_UNKNOWN, condition)
                   : new_over(arena, NODE_CALL, FUNCTION_ATTRIBUTE_NOT_EXISTS, condition);
    if (comparison->kind == NODE_NOT)
        return new_not_contains(arena, condition);
    if (comparison->kind == NODE_IN)
        return new_in(arena, condition);
    return new_over(arena, comparison->kind, comparison->function, condition);
}

/* Each condition is a look into each item: as many as a request can hold would take minutes. The
 * service says no limit; what it documents for expressions is 300 operators. IN of 27,500 values
 * was observed to be taken. */
static const struct error *check_count(struct arena *arena, size_t count)
{
    if (count <= LEGACY_CONDITIONS_MAX)
        return NULL;
    return error_make(arena, ERROR_VALIDATION, INVALID "More than %d conditions",
                      LEGACY_CONDITIONS_MAX);
}

const struct error *legacy_conditions_build(struct arena *arena,
                                            const struct legacy_condition *conditions, size_t count,
                                            enum legacy_joint joint,
                                            const struct expr_condition **ret_condition)
{
    if (count == 0) {
        *ret_condition = NULL;
        return NULL;
    }
    const struct error *error = check_count(arena, count);
    if (error != NULL)
        return error;
    enum node_kind kind = joint == LEGACY_OR ? NODE_OR : NODE_AND;
    struct node *root = node_new_over(arena, kind, (uint32_t)count);
    struct expr_condition *condition = ARENA_NEW(arena, struct expr_condition);
    if (root == NULL || condition == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++) {
        const struct comparison *comparison;
        error = check(arena, &conditions[i], &comparison);
        if (error != NULL)
            return error;
        root->operands[i] = build(arena, &conditions[i], comparison);
        if (root->operands[i] == NULL)
            return error_exhausted();
    }
    condition->root = root;
    *ret_condition = condition;
    return NULL;
}

const struct error *legacy_key_conditions_build(struct arena *arena,
                                                const struct legacy_condition *conditions,
                                                size_t count,
                                                struct expr_key_condition *ret_condition)
{
    struct expr_key_term *terms = ARENA_NEW_ARRAY(arena, struct expr_key_term, count);
    if (terms == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++) {
        const struct comparison *comparison;
        const struct error *error = check(arena, &conditions[i], &comparison);
        if (error != NULL)
            return error;
        terms[i].name = conditions[i].name;
        if (comparison == NULL || comparison->key_operator == NO_KEY_OPERATOR) {
            terms[i].operator= EXPR_KEY_NOT_INDEXABLE;
            continue;
        }
        terms[i].operator=(enum expr_key_operator) comparison->key_operator;
        for (size_t at = 0; at < conditions[i].argument_count; at++)
            terms[i].operand[at] = conditions[i].arguments[at];
    }
    *ret_condition = (struct expr_key_condition){terms, count};
    return NULL;
}
