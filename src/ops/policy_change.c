#include "ops/policy_change.h"

#include "ops/validation_error.h"

/* A policy that is put again is no change. One that goes leaves its revision behind, so that the
 * next one is greater. */
static const struct error *alter(void *context, struct arena *arena, struct db_table *table)
{
    struct op_policy_change *change = context;
    struct op_policy old = op_policy_of(table, &change->resource);
    struct op_policy new = {.text = change->text, .revision_ms = old.revision_ms};
    const struct error *error =
        op_policy_check_revision(arena, &change->resource, old, change->expected);
    if (error != NULL)
        return error;
    bool is_new = slice_present(change->text) &&
                  !(slice_present(old.text) && slice_equal(old.text, change->text));
    int64_t now_ms = change->call->now_ms;
    if (is_new)
        new.revision_ms = now_ms > old.revision_ms ? now_ms : old.revision_ms + 1;
    bool has_one = slice_present(old.text) || slice_present(change->text);
    change->revision_ms = has_one ? new.revision_ms : 0;
    op_policy_set(table, &change->resource, new);
    return NULL;
}

static void end(struct op_policy_change *change, const struct error *error)
{
    struct op_call *call = change->call;
    void *output = NULL;
    if (error == NULL) {
        struct slice revision = change->revision_ms == 0
                                    ? SLICE("")
                                    : op_policy_revision(call->arena, change->revision_ms);
        output = slice_present(revision) ? change->respond(call->arena, revision) : NULL;
        if (output == NULL)
            error = error_exhausted();
    }
    if (change->table != NULL)
        op_table_release(call, change->table);
    op_finish(call, error, output);
}

static void done(void *context, const struct error *error, const struct db_table *table)
{
    struct op_policy_change *change = context;
    if (error != NULL)
        error = op_error_copy(change->call, error);
    else
        op_table_release(change->call, table);
    end(change, error);
}

static const struct error *prepare(struct op_policy_change *change)
{
    struct op_call *call = change->call;
    const struct error *error = op_policy_resource_read(call, change->arn, &change->resource);
    if (error == NULL)
        error = op_policy_resource_find(call, &change->resource, &change->table);
    if (error == NULL && change->table == NULL)
        error = op_policy_not_found(call, change->arn);
    if (error == NULL && slice_present(change->text))
        error = op_policy_make(call, change->arn, change->text, change->confirmed, &change->text);
    /* after the commit there must be enough to say that it was done */
    if (error == NULL && !arena_reserve(call->arena, OP_ANSWER_BYTES))
        error = error_exhausted();
    return error;
}

void op_policy_change_run(const struct op_policy_change *given)
{
    struct op_call *call = given->call;
    struct op_policy_change *change = ARENA_NEW(call->arena, struct op_policy_change);
    if (change == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    *change = *given;
    const struct error *error = prepare(change);
    if (error != NULL)
        end(change, error);
    else
        db_table_alter(call->environment->db, change->table, call->now_ms, alter, change, done,
                       change);
}
