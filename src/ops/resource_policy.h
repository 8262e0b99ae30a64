#ifndef HASHRANGE_OPS_RESOURCE_POLICY_H
#define HASHRANGE_OPS_RESOURCE_POLICY_H

/*
 * Resource-based policies of tables and streams: which resource an ARN is about, its policy and the
 * policy's revision. Developer guide, "Using resource-based policies for DynamoDB"; words and
 * revisions from public measurements of the service (October 2026).
 *
 * A policy is kept without the white space between its tokens, and names users and roles by their
 * unique ids, whatever they are called when it is shown (docs/decisions/0025); a RevisionId is the
 * time of the change in milliseconds, and putting the same policy again changes nothing (observed).
 * The service shows a change after a moment and refuses another one for fifteen seconds; here it is
 * there at once and may be changed at once.
 */

#include "ops/table_name.h"

enum { OP_POLICY_BYTES_MAX = 20480 }; /* white space included */

struct op_policy_resource {
    struct op_table_name table; /* `given` is the whole ARN */
    struct slice stream_label;  /* absent: it is the table */
};

/* What needs no data. */
MUST_USE const struct error *op_policy_resource_read(const struct op_call *call, struct slice arn,
                                                     struct op_policy_resource *ret_resource);
/* The table, with a reference; the stream is its newest one. *ret_table is NULL when the ARN is
 * that of an older stream, which has no policy. */
MUST_USE const struct error *op_policy_resource_find(const struct op_call *call,
                                                     const struct op_policy_resource *resource,
                                                     const struct db_table **ret_table);

struct op_policy {
    struct slice text; /* absent: none */
    int64_t revision_ms;
};
struct op_policy op_policy_of(const struct db_table *table,
                              const struct op_policy_resource *resource);
void op_policy_set(struct db_table *table, const struct op_policy_resource *resource,
                   struct op_policy policy);

/* A policy as it will be kept: of the right size, JSON, and what call->check_policy says of it. */
MUST_USE const struct error *op_policy_make(struct op_call *call, struct slice arn,
                                            struct slice text, bool confirmed,
                                            struct slice *ret_text);
/* ExpectedRevisionId (absent: anything) against what is there: PolicyNotFoundException. */
MUST_USE const struct error *op_policy_check_revision(struct arena *arena,
                                                      const struct op_policy_resource *resource,
                                                      struct op_policy policy,
                                                      struct slice expected);
/* "Resource-based policy not found for the provided ResourceArn: ..." */
MUST_USE const struct error *op_policy_not_found(const struct op_call *call, struct slice arn);
/* In arena; SLICE_ABSENT: exhausted. */
struct slice op_policy_revision(struct arena *arena, int64_t revision_ms);

#endif
