#ifndef HASHRANGE_OPS_OPERATION_H
#define HASHRANGE_OPS_OPERATION_H

/*
 * An operation is a function from a decoded, validated input to a typed output, over the db.
 * One file per operation (ops/put_item.c), one row per operation (ops/operations.def).
 *
 * Every operation checks in the same order: what the parameters mean together and everything else
 * that needs no data, then the table, then its schema, then the items.
 */

#include "base/error.h"
#include "db/items.h"
#include "db/stream.h"
#include "model/model.h"

struct op_throttle;

/* What all operations share; lives as long as the process. */
struct op_environment {
    struct db *db;
    struct op_throttle *throttle; /* ops/throttle.h; NULL: throughput is not enforced */
    enum model_validation validation;
    struct slice account;
    struct slice endpoint; /* host:port for DescribeEndpoints */
    int64_t ttl_change_ms; /* how long UpdateTimeToLive refuses a second change; 0: not at all */
};

/* One request being worked on. Owned by api/, lives until its response is built. */
struct op_call {
    const struct op_environment *environment;
    struct arena *arena; /* the request's; everything below lives in it */
    enum model_operation operation;
    enum model_validation validation; /* the wording of its answers; environment's unless odd */
    struct slice region;
    struct slice
        caller; /* the ARN of who sends it, for messages; development mode: the account's root */
    /* BatchExecuteStatement: why each statement may not run, NULL for those that may; or NULL: all
     * may. */
    const struct error *const *refused;
    int64_t now_ms;
    const void *input; /* struct model_<operation>_input, decoded and validated by table */
    /* Set by the operation before it calls finish: exactly one of the two. */
    void *output;              /* struct model_<operation>_output */
    const struct error *error; /* in arena, or static */
    void *private;             /* the operation's own, across its asynchronous steps */
    /* Set by api/. Is the text a policy that may be put on the resource
     * (MALFORMED_POLICY_DOCUMENT, VALIDATION), and may the caller, unless it has confirmed to lock
     * itself out, put another one later (ACCESS_DENIED)? *ret_kept: as it is to be kept. */
    const struct error *(*check_policy)(struct op_call *call, struct slice arn, struct slice policy,
                                        bool confirmed, struct slice *ret_kept);
    /* Set by api/. A policy that was kept, as it is shown; in the call's arena. */
    const struct error *(*show_policy)(struct op_call *call, struct slice kept,
                                       struct slice *ret_policy);
    /* Set by api/. Called exactly once by the operation, on any thread, as the last thing it does.
     */
    void (*finish)(struct op_call *call);
    /* Set by api/ where a long operation would hold up others, else NULL. An operation that finds
     * out that it is long calls it instead of finish, with nothing done or held, and returns: it is
     * run again, from its beginning, where that does not matter. */
    void (*run_again)(struct op_call *call);
};

typedef void op_run(struct op_call *call);
struct op_accesses;

struct op_row {
    op_run *run; /* NULL: not built; the client gets UnknownOperationException */
    /* What it wants to do: ops/access.h. */
    const struct error *(*access)(struct op_accesses *accesses);
    /* May take long (a megabyte of reading): run on a worker, not on an event loop. One that is
     * mostly short is not, and calls run_again when it is. */
    bool is_long;
};

/* Never NULL; the row of an operation that is not built has run == NULL. */
const struct op_row *op_row(enum model_operation operation);

#define OP_ROW(operation, function, is_long, access) op_run op_##function;
#include "ops/operations.def"
#undef OP_ROW

/* The two ways to end. */
static inline void op_succeed(struct op_call *call, void *output)
{
    call->output = output;
    call->finish(call);
}
static inline void op_fail(struct op_call *call, const struct error *error)
{
    call->error = error;
    call->finish(call);
}
/* For operations that end at once: an error, else the output. */
static inline void op_finish(struct op_call *call, const struct error *error, void *output)
{
    if (error != NULL)
        op_fail(call, error);
    else
        op_succeed(call, output);
}

#endif
