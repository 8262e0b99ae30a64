#ifndef HASHRANGE_AUTH_CONDITION_H
#define HASHRANGE_AUTH_CONDITION_H

/*
 * The conditions of a statement (IAM user guide, "IAM JSON policy elements: Condition operators"
 * and "Set operators for multi-valued context keys"): one key, compared with one or more operands.
 *
 *   the key is missing, or has no value   with IfExists: holds; a negated operator: holds;
 *                                         ForAllValues: holds; ForAnyValue: does not; else: not
 *   without a set operator                its one value equals one of the operands; of a negated
 *                                         operator, none. A key with several values does not hold
 *   ForAllValues, ForAnyValue             the same of each, or of at least one of its values
 *
 * A value that is none of the operator's type (a date that is no date) never holds, not even when
 * negated.
 */

#include "auth/arn.h"
#include "auth/operand.h"
#include "auth/scope.h"

struct auth_operator; /* a row of the table of operators */

enum auth_set {
    AUTH_SET_NONE,
    AUTH_SET_ALL, /* ForAllValues: */
    AUTH_SET_ANY, /* ForAnyValue: */
};

struct auth_operand {
    bool is_good;    /* it is of the operator's type */
    bool is_unknown; /* once filled: a variable in it has no value */
    union {
        struct auth_pattern pattern;
        struct auth_arn_pattern arn;
        struct num number;
        int64_t date_ms;
        bool is_true;
        struct slice binary;
        struct auth_network network;
    };
};

struct auth_condition {
    const struct auth_operator *row;
    enum auth_set set;
    bool if_exists;
    bool has_variables; /* one of the operands does */
    struct slice key;
    const struct auth_operand *operands;
    size_t operand_count;
};

/* Finds what an operator's name means and fills all but key and operands. false: there is no such
 * operator. */
MUST_USE bool auth_condition_read_operator(struct slice name, struct auth_condition *condition);

/* Are * and ? wildcards to the operator? */
bool auth_condition_has_wildcards(const struct auth_condition *condition);

/* Does the operator compare dates? IAM checks those of a policy when it is put. */
bool auth_condition_compares_dates(const struct auth_condition *condition);

/* features as for auth_pattern_read: whether the policy's version has variables. */
MUST_USE const struct error *auth_condition_read_operand(struct arena *arena,
                                                         const struct auth_condition *condition,
                                                         struct slice text, unsigned features,
                                                         struct auth_operand *ret_operand);

MUST_USE const struct error *auth_condition_holds(const struct auth_condition *condition,
                                                  const struct auth_scope *scope, bool *ret_holds);

/* The patterns of an operand, which may have variables; NULL: it has none. */
const struct auth_pattern *auth_condition_patterns(const struct auth_condition *condition,
                                                   const struct auth_operand *operand,
                                                   size_t *ret_count);

#endif
