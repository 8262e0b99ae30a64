#include "item/value_size.h"
#include "ops/throttle.h"
#include "ops/transaction_cost.h"
#include "ops/validation_error.h"

/* The reasons against reading, one for each item; NULL: there is none. */
static const struct error *cancelled_by_problems(const struct op_call *call,
                                                 const struct op_transaction_get *gets,
                                                 size_t count)
{
    const struct error **reasons = ARENA_NEW_ARRAY(call->arena, const struct error *, count);
    if (reasons == NULL)
        return error_exhausted();
    bool is_cancelled = false;
    for (size_t i = 0; i < count; i++) {
        reasons[i] = gets[i].problem;
        is_cancelled = is_cancelled || reasons[i] != NULL;
    }
    return is_cancelled ? op_transaction_cancelled(call->arena, reasons, count) : NULL;
}

static const struct error *cancelled_by_conflicts(const struct op_call *call,
                                                  const struct db_get *gets, size_t count)
{
    static const struct error conflict = {
        .kind = ERROR_TRANSACTION_CONFLICT,
        .message = {(const uint8_t *)"Transaction is ongoing for the item", 35},
    };
    const struct error **reasons = ARENA_NEW_ARRAY(call->arena, const struct error *, count);
    if (reasons == NULL)
        return error_exhausted();
    bool is_cancelled = false;
    for (size_t i = 0; i < count; i++) {
        reasons[i] = gets[i].conflicts ? &conflict : NULL;
        is_cancelled = is_cancelled || gets[i].conflicts;
    }
    return is_cancelled ? op_transaction_cancelled(call->arena, reasons, count) : NULL;
}

/* With throughput enforced: gets from tables that have nothing left cancel it. */
static const struct error *check_throughput(const struct op_call *call,
                                            const struct op_transaction_get *gets, size_t count)
{
    const struct error **reasons = ARENA_NEW_ARRAY(call->arena, const struct error *, count);
    if (reasons == NULL)
        return error_exhausted();
    bool is_throttled = false;
    for (size_t i = 0; i < count; i++) {
        reasons[i] = op_throttle_check(call, gets[i].table, NULL, false);
        is_throttled = is_throttled || reasons[i] != NULL;
    }
    return is_throttled ? op_transaction_cancelled(call->arena, reasons, count) : NULL;
}

static const struct error *check_apart(const struct op_call *call,
                                       const struct op_transaction_get *gets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if (gets[i].table->id == gets[j].table->id && slice_equal(gets[i].key, gets[j].key))
                return op_transaction_same_item(call);
    return NULL;
}

static const struct error *read_all(const struct op_call *call,
                                    const struct op_transaction_get *gets, size_t count,
                                    struct db_get *ret_gets)
{
    for (size_t i = 0; i < count; i++)
        ret_gets[i] = (struct db_get){.table = gets[i].table, .key = gets[i].key};
    const struct error *error = db_get_settled(call->environment->db, call->arena, ret_gets, count);
    if (error == NULL)
        error = cancelled_by_conflicts(call, ret_gets, count);
    return error;
}

static size_t bytes_of(const struct db_get *get)
{
    return slice_present(get->item) ? item_size_bytes(get->item) : 0;
}

/* The projected items. Nothing of an item: no item (observed). */
static const struct error *project(const struct op_call *call, const struct db_get *read,
                                   size_t count, struct op_transaction_get *gets)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        const struct expr_projection *projection = &gets[i].projection;
        bytes += bytes_of(&read[i]);
        gets[i].item = read[i].item;
        if (!slice_present(read[i].item) || projection->count == 0)
            continue;
        if (!item_project(call->arena, read[i].item, projection->set, &gets[i].item))
            return error_exhausted();
        if (slice_equal(gets[i].item, ITEM_EMPTY))
            gets[i].item = SLICE_ABSENT;
    }
    return bytes > OP_TRANSACTION_BYTES_MAX ? op_transaction_too_large(call) : NULL;
}

/* Has an item of this table come before? */
static bool is_counted(const struct op_transaction_get *gets, size_t number)
{
    for (size_t i = 0; i < number; i++)
        if (gets[i].table->id == gets[number].table->id)
            return true;
    return false;
}

static const struct error *show_table(const struct op_call *call,
                                      const struct op_transaction_get *gets,
                                      const struct db_get *read, size_t count, size_t first,
                                      struct model_enum mode, struct model_consumed_capacity *ret)
{
    struct op_capacity capacity;
    const struct error *error =
        op_capacity_init(&capacity, call->arena, gets[first].table_name, gets[first].table);
    if (error != NULL)
        return error;
    for (size_t i = first; i < count; i++)
        if (gets[i].table->id == gets[first].table->id)
            capacity.table_units +=
                op_transaction_units(op_transaction_read_units(bytes_of(&read[i])));
    return op_transaction_fill_capacity(&capacity, call->arena, mode, OP_AXIS_READ, ret);
}

static const struct error *show_capacity(const struct op_call *call,
                                         const struct op_transaction_get *gets,
                                         const struct db_get *read, size_t count,
                                         struct model_enum mode,
                                         struct model_list_consumed_capacity_multiple *ret_consumed)
{
    struct model_consumed_capacity *consumed =
        ARENA_NEW_ARRAY(call->arena, struct model_consumed_capacity, count);
    if (consumed == NULL)
        return error_exhausted();
    size_t tables = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_counted(gets, i))
            continue;
        const struct error *error =
            show_table(call, gets, read, count, i, mode, &consumed[tables++]);
        if (error != NULL)
            return error;
    }
    ret_consumed->present = true;
    ret_consumed->count = tables;
    ret_consumed->items = consumed;
    return NULL;
}

const struct error *op_transaction_read(const struct op_call *call, struct op_transaction_get *gets,
                                        size_t count, struct model_enum return_consumed_capacity,
                                        struct model_list_consumed_capacity_multiple *ret_consumed)
{
    struct db_get *read = ARENA_NEW_ARRAY(call->arena, struct db_get, count);
    const struct error *error = read == NULL ? error_exhausted() : NULL;
    if (error == NULL)
        error = cancelled_by_problems(call, gets, count);
    if (error == NULL)
        error = check_apart(call, gets, count);
    if (error == NULL)
        error = check_throughput(call, gets, count);
    if (error == NULL)
        error = read_all(call, gets, count, read);
    for (size_t i = 0; error == NULL && i < count; i++)
        op_throttle_charge_read(
            call, gets[i].table, NULL,
            op_transaction_units(op_transaction_read_units(bytes_of(&read[i]))));
    if (error == NULL)
        error = project(call, read, count, gets);
    if (error != NULL || !op_capacity_wanted(return_consumed_capacity))
        return error;
    return show_capacity(call, gets, read, count, return_consumed_capacity, ret_consumed);
}
