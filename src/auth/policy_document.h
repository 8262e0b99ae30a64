#ifndef HASHRANGE_AUTH_POLICY_DOCUMENT_H
#define HASHRANGE_AUTH_POLICY_DOCUMENT_H

/*
 * A policy document as it is written, private to the reading of policies: the JSON taken apart,
 * with every element in its place and of the right type, but with nothing understood yet. The texts
 * lie in the JSON or in the arena.
 */

#include "auth/policy.h"

struct policy_texts {
    const struct slice *items; /* NULL: the element is missing */
    size_t count;
};

/* One key under one operator of a Condition. */
struct document_condition {
    struct slice comparison; /* the operator, as spelled */
    struct slice key;
    struct policy_texts values;
};

struct document_principal {
    struct slice type; /* AWS, Service, Federated, CanonicalUser */
    struct slice value;
};

struct document_principals {
    bool is_present;
    bool is_text; /* "*", as {"AWS": "*"} */
    const struct document_principal *items;
    size_t count;
};

struct document_statement {
    struct slice sid; /* absent: missing; the same for effect */
    struct slice effect;
    struct policy_texts action;
    struct policy_texts not_action;
    struct policy_texts resource;
    struct policy_texts not_resource;
    struct document_principals principal;
    struct document_principals not_principal;
    const struct document_condition *conditions;
    size_t condition_count;
};

struct policy_document {
    struct slice version; /* absent: missing */
    const struct document_statement *statements;
    size_t statement_count;
};

enum policy_document_problem {
    POLICY_DOCUMENT_GOOD,
    POLICY_DOCUMENT_NOT_JSON,
    POLICY_DOCUMENT_NULL,      /* the JSON value null */
    POLICY_DOCUMENT_SYNTAX,    /* an element that is unknown, twice there, or of a wrong type */
    POLICY_DOCUMENT_EXHAUSTED, /* the arena is */
};

/* Elements and types: IAM user guide, "Grammar of the IAM JSON policy language". */
MUST_USE enum policy_document_problem policy_document_read(struct arena *arena, struct slice json,
                                                           struct policy_document *ret_document);

#endif
