#ifndef HASHRANGE_PARTIQL_KEY_PLAN_H
#define HASHRANGE_PARTIQL_KEY_PLAN_H

/*
 * Which items a statement is about, by the key of its table or index: the one item of an UPDATE,
 * the reads of a SELECT. The service reads by key when every branch of the WHERE names one value of
 * the partition key, with = or IN, and reads everything else (developer guide, "PartiQL select
 * statements for DynamoDB"). The WHERE is the filter of every read, whatever the plan.
 */

#include "partiql/statement.h"

struct partiql_key_attribute {
    struct slice name; /* SLICE_ABSENT: there is no sort key */
    enum value_type type;
};

struct partiql_key {
    struct partiql_key_attribute partition;
    struct partiql_key_attribute sort;
};

/* --- one item --- */

enum partiql_match {
    PARTIQL_MATCH_ITEM,   /* every key attribute has one value */
    PARTIQL_MATCH_NONE,   /* one has none */
    PARTIQL_MATCH_SEVERAL /* one has two */
};

struct partiql_item_key {
    enum partiql_match match;
    struct slice name; /* PARTIQL_MATCH_SEVERAL: of the attribute; its first value counts */
    struct value partition, sort; /* VALUE_NONE where there is none */
    bool nothing_else;            /* the WHERE says nothing but this */
};

/* The values that the WHERE demands of the key attributes at its top, with = alone or, where
 * with_lists, also with an IN over one value. */
void partiql_match_item(const struct partiql_statement *statement, const struct partiql_key *key,
                        bool with_lists, struct partiql_item_key *ret_match);

/* "Key attribute's data type should match its data type in table's schema: Key k". */
MUST_USE const struct error *partiql_check_key_type(struct arena *arena,
                                                    const struct partiql_key_attribute *attribute,
                                                    struct value value);

/* --- reads --- */

enum { PARTIQL_RANGES_MAX = 50 }; /* developer guide, "IN"; more are refused (observed) */

struct key_range;

struct partiql_range {
    /* The partition key, then perhaps the sort key. One term may cover more than is meant, also
     * what another range has: partiql_range_has tells. */
    struct expr_key_term terms[2];
    size_t term_count;
    /* private */
    const struct key_range *sort;
    const struct node *const *filters; /* what else the branch says */
    size_t filter_count;
};

struct partiql_plan {
    bool keyed; /* else everything is to be read */
    /* In the order of reading. None: nothing can match. */
    const struct partiql_range *ranges;
    size_t range_count;
    bool backward;
};

/* For a SELECT. Errors: the order cannot be had, the type of a key value is wrong, ranges that
 * overlap, too many ranges. */
MUST_USE const struct error *partiql_plan_select(struct arena *arena,
                                                 const struct partiql_statement *statement,
                                                 const struct partiql_key *key,
                                                 struct partiql_plan *ret_plan);
/* Is an item with that value of the sort key, VALUE_NONE where there is none, the range's? */
bool partiql_range_has(const struct partiql_range *range, struct value sort);
/* The paths of a range's filters, in order of mention. */
void partiql_range_visit_filters(const struct partiql_range *range, expr_visit_path *visit,
                                 void *context);

#endif
