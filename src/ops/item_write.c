#include "ops/item_write.h"

#include "ops/item_collection.h"
#include "ops/return_values.h"
#include "ops/throttle.h"
#include "ops/validation_error.h"

struct item_write *item_write_new(struct op_call *call)
{
    struct item_write *write = ARENA_NEW(call->arena, struct item_write);
    if (write == NULL)
        return NULL;
    write->call = call;
    call->private = write;
    return write;
}

const struct error *item_write_check_return_values(const struct op_call *call,
                                                   struct model_enum return_values)
{
    if (return_values.value == 0 || return_values.value == MODEL_RETURN_VALUE_NONE ||
        return_values.value == MODEL_RETURN_VALUE_ALL_OLD)
        return NULL;
    return op_parameter_error(
        call, op_validation_error(call, "ReturnValues can only be ALL_OLD or NONE"));
}

const struct error *item_write_condition_failed(struct arena *arena, struct slice old,
                                                struct model_enum return_values)
{
    struct error *failed = ARENA_NEW(arena, struct error);
    if (failed == NULL)
        return error_exhausted();
    failed->kind = ERROR_CONDITIONAL_CHECK_FAILED;
    failed->message = SLICE("The conditional request failed");
    if (return_values.value == MODEL_RETURN_VALUES_ON_CONDITION_CHECK_FAILURE_ALL_OLD &&
        slice_present(old) && !arena_copy(arena, old, &failed->item))
        return error_exhausted();
    return failed;
}

static const struct error *decide_one(struct item_write *write)
{
    struct arena *arena = write->set.arena;
    struct slice old = write->write.old_item;
    if (!expr_condition_holds(write->condition, slice_present(old) ? old : ITEM_EMPTY))
        return item_write_condition_failed(arena, old,
                                           write->return_values_on_condition_check_failure);
    if (slice_present(old) && op_return_values_need_old(write->return_values) &&
        !arena_copy(arena, old, &write->old_copy))
        return error_exhausted();
    return write->plan(write, old, &write->write.action, &write->write.new_item);
}

static bool decide(void *context, struct db_write_set *set)
{
    struct item_write *write = context;
    (void)set;
    write->old_copy = SLICE_ABSENT;
    write->write.action = DB_KEEP;
    write->write.new_item = SLICE_ABSENT;
    write->error = decide_one(write);
    return write->error == NULL;
}

static const struct error *measure(struct item_write *write, struct op_capacity *ret_capacity)
{
    const struct error *error =
        op_capacity_init(ret_capacity, write->call->arena, write->name.given, write->table);
    if (error == NULL)
        op_capacity_add_write(ret_capacity, &write->write);
    return error;
}

/* With throughput enforced: before it is written. */
static enum db_admission admit(void *context, struct db_write_set *set, const struct error *problem)
{
    struct item_write *write = context;
    struct op_capacity capacity;
    (void)set;
    if (problem != NULL)
        return DB_REFUSE;
    if (write->is_admitted)
        return DB_ADMIT;
    write->error = measure(write, &capacity);
    if (write->error == NULL)
        write->error = op_throttle_write(write->call, &capacity, 1);
    write->is_admitted = write->error == NULL;
    return write->is_admitted ? DB_ADMIT : DB_REFUSE;
}

static const struct error *make_output(struct item_write *write, void **ret_output)
{
    struct arena *arena = write->call->arena;
    struct item_reading attributes = {.item = SLICE_ABSENT};
    const struct error *error =
        op_return_values_pick(arena, write->return_values, write->update, write->old_copy,
                              write->write.new_item, &attributes.item);
    if (error != NULL)
        return error;
    struct model_consumed_capacity *consumed = NULL;
    if (op_capacity_wanted(write->return_consumed_capacity)) {
        struct op_capacity capacity;
        error = measure(write, &capacity);
        if (error != NULL)
            return error;
        error = op_capacity_show(&capacity, arena, write->return_consumed_capacity, &consumed);
        if (error != NULL)
            return error;
    }
    *ret_output = write->respond(arena, attributes, consumed, write->metrics);
    return *ret_output == NULL ? error_exhausted() : NULL;
}

static void done(void *context, const struct error *error)
{
    struct item_write *write = context;
    struct op_call *call = write->call;
    void *output = NULL;
    if (error != NULL)
        error = op_error_copy(call, error);
    else if (write->error != NULL)
        error = write->error;
    /* A failed condition costs what a write of the item would have (developer guide). */
    if (error != NULL && error->kind == ERROR_CONDITIONAL_CHECK_FAILED)
        op_throttle_charge_table(call, write->table, op_write_units(write->write.old_bytes));
    else if (error == NULL)
        error = make_output(write, &output);
    op_table_release(call, write->table);
    op_finish(call, error, output);
}

void item_write_run(struct item_write *write)
{
    struct op_call *call = write->call;
    const struct error *throttled = op_throttle_check(call, write->table, NULL, true);
    if (throttled != NULL) {
        op_table_release(call, write->table);
        op_fail(call, throttled);
        return;
    }
    if (write->return_item_collection_metrics.value == MODEL_RETURN_ITEM_COLLECTION_METRICS_SIZE) {
        const struct error *error =
            op_item_collection_measure(call, write->table, write->key, &write->metrics);
        if (error != NULL) {
            op_table_release(call, write->table);
            op_fail(call, error);
            return;
        }
    }
    write->write.table = write->table;
    write->write.key = write->key;
    write->set = (struct db_write_set){
        .arena = call->arena,
        .writes = &write->write,
        .count = 1,
        .decide = decide,
        .admit = call->environment->throttle != NULL ? admit : NULL,
        .done = done,
        .context = write,
    };
    db_write_items(call->environment->db, &write->set);
}
