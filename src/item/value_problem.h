#ifndef HASHRANGE_ITEM_VALUE_PROBLEM_H
#define HASHRANGE_ITEM_VALUE_PROBLEM_H

/*
 * The words for values that break a rule, in both validation layers (see item/value_json.h).
 * Observed on the service, except where VALUE_RULES says otherwise. Used inside item/ only.
 */

#include "base/error.h"
#include "item/value.h"
#include "num/num.h"

/* Both NULL: no problem. */
struct value_problem {
    const struct error *current;
    const struct error *classic;
};

/* Rules whose words never change: (name, text). NAME_EMPTY is observed at the top of an item and
 * taken to be the same inside; NAME_TOO_LARGE, STRING_SET_NULL and BINARY_SET_NULL are not
 * confirmed. */
#define VALUE_RULES(RULE)                                                                          \
    RULE(EMPTY, "Supplied AttributeValue is empty, must contain exactly one of the supported "     \
                "datatypes")                                                                       \
    RULE(MANY_TYPES, "Supplied AttributeValue has more than one datatypes set, must contain "      \
                     "exactly one of the supported datatypes")                                     \
    RULE(NESTING, "Nesting Levels have exceeded supported limits: Attributes in the item have "    \
                  "nested levels beyond supported limit")                                          \
    RULE(NAME_EMPTY, "Empty attribute name")                                                       \
    RULE(NAME_TOO_LARGE, "Attribute name is too large, must be less than 65536 bytes")             \
    RULE(NULL_NOT_TRUE, "One or more parameter values were invalid: Null attribute value types "   \
                        "must have the value of true")                                             \
    RULE(STRING_SET_EMPTY, "One or more parameter values were invalid: An string set  may not be " \
                           "empty")                                                                \
    RULE(NUMBER_SET_EMPTY, "One or more parameter values were invalid: An number set  may not be " \
                           "empty")                                                                \
    RULE(BINARY_SET_EMPTY, "One or more parameter values were invalid: Binary sets should not be " \
                           "empty")                                                                \
    RULE(STRING_SET_NULL, "One or more parameter values were invalid: An string set  may not "     \
                          "have a null string as a member")                                        \
    RULE(BINARY_SET_NULL, "One or more parameter values were invalid: Binary sets may not "        \
                          "contain null values")

enum value_rule {
#define VALUE_RULE_NAME(name, text) VALUE_RULE_##name,
    VALUE_RULES(VALUE_RULE_NAME)
#undef VALUE_RULE_NAME
};

/* Errors live in the arena; error_exhausted() when it is full. */
struct value_problem value_problem_of_rule(struct arena *arena, enum value_rule rule);
/* status is not NUM_OK. */
struct value_problem value_problem_of_number(struct arena *arena, enum num_status status,
                                             struct slice text);

/* One element of a set as it was sent. */
struct set_element {
    struct slice body;
    size_t position;
};
/* elements is sorted by body, equal ones by position, and holds an equal pair. It is reordered. */
struct value_problem value_problem_of_duplicates(struct arena *arena, enum value_type set_type,
                                                 struct set_element *elements, size_t count);

#endif
