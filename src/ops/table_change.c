#include "ops/table_change.h"

#include "ops/table_name.h"
#include "ops/validation_error.h"

struct table_change *table_change_new(struct op_call *call, table_change_respond *respond)
{
    struct table_change *change = ARENA_NEW(call->arena, struct table_change);
    if (change == NULL)
        return NULL;
    change->call = call;
    change->respond = respond;
    call->private = change;
    return change;
}

const struct error *table_change_find(struct table_change *change, struct slice given)
{
    struct op_table_name name;
    const struct error *error = op_table_name_read(change->call, given, &name);
    if (error == NULL)
        error = op_table_for_control(change->call, &name, &change->old);
    if (error == NULL)
        error = op_table_totals_read(change->call, change->old, &change->totals);
    change->has_totals = error == NULL;
    return error;
}

const struct error *table_change_reserve(const struct table_change *change,
                                         const struct db_table *table)
{
    enum {
        DESCRIPTION_BYTES_MAX = 16 * 1024 * 1024,
        /* What the commit adds to it, id and names of a stream; the output, and the head. */
        MORE_BYTES = 8 * 1024,
        /* A description, and its JSON, which is up to three times as long, in a buffer that grows
         * by doubling. */
        TIMES = 8,
    };
    struct arena scratch;
    struct op_call describing = *change->call;
    struct model_table_description *description;
    arena_init(&scratch, DESCRIPTION_BYTES_MAX);
    describing.arena = &scratch;
    const struct error *error = op_table_describe(
        &describing, table, change->has_totals ? &change->totals : NULL, &description);
    size_t bytes = scratch.allocated_bytes - (size_t)(scratch.end - scratch.at);
    arena_fini(&scratch);
    if (error == NULL && !arena_reserve(change->call->arena, TIMES * bytes + MORE_BYTES))
        error = error_exhausted();
    return error;
}

void table_change_fail(struct table_change *change, const struct error *error)
{
    if (change->old != NULL)
        op_table_release(change->call, change->old);
    op_fail(change->call, error);
}

void table_change_done(void *context, const struct error *error, const struct db_table *table)
{
    struct table_change *change = context;
    struct op_call *call = change->call;
    if (error != NULL) {
        table_change_fail(change, op_error_copy(call, error));
        return;
    }
    struct model_table_description *description;
    void *output = NULL;
    error =
        op_table_describe(call, table, change->has_totals ? &change->totals : NULL, &description);
    if (error == NULL) {
        output = change->respond(change, description);
        error = output == NULL ? error_exhausted() : NULL;
    }
    op_table_release(call, table);
    if (change->old != NULL)
        op_table_release(call, change->old);
    op_finish(call, error, output);
}
