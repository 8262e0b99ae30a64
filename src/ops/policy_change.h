#ifndef HASHRANGE_OPS_POLICY_CHANGE_H
#define HASHRANGE_OPS_POLICY_CHANGE_H

/* What PutResourcePolicy and DeleteResourcePolicy share: the change of one policy, on the newest
 * state of its table, and the answer with a revision. */

#include "ops/resource_policy.h"

struct op_policy_change {
    struct op_call *call;
    struct slice arn;
    struct slice expected; /* ExpectedRevisionId, or absent */
    struct slice text;     /* the new policy, as it was given; absent: it goes */
    bool confirmed;        /* that the caller may lock itself out */
    /* The operation's output; NULL when memory is exhausted. */
    void *(*respond)(struct arena *arena, struct slice revision);

    /* private */
    struct op_policy_resource resource;
    const struct db_table *table; /* with a reference */
    int64_t revision_ms;          /* of what was put or deleted; 0: there was nothing to delete */
};

/* Ends the call, at once or when the change is durable. change is copied. */
void op_policy_change_run(const struct op_policy_change *change);

#endif
