#include "ops/transaction.h"

#include "base/check.h"
#include "item/value_size.h"
#include "ops/item_write.h"
#include "ops/table_name.h"
#include "ops/throttle.h"
#include "ops/transaction_cost.h"
#include "ops/validation_error.h"

/* --- plans --- */

const struct error *op_action_put(const struct op_call *call, const struct op_action *action,
                                  struct slice old, enum db_action *ret_action,
                                  struct slice *ret_new)
{
    (void)call;
    (void)old;
    *ret_action = DB_PUT;
    *ret_new = action->item;
    return NULL;
}

const struct error *op_action_delete(const struct op_call *call, const struct op_action *action,
                                     struct slice old, enum db_action *ret_action,
                                     struct slice *ret_new)
{
    (void)call;
    (void)action;
    (void)ret_new;
    *ret_action = slice_present(old) ? DB_DELETE : DB_KEEP;
    return NULL;
}

/* Measured by the finished item alone, unlike UpdateItem (observed). */
static const struct error *check_updated(const struct op_call *call, const struct op_action *action,
                                         struct slice old, struct slice new)
{
    const struct error *error = db_table_check_update(action->table, call->arena, old, new);
    if (error != NULL)
        return error;
    if (item_size_bytes(new) > ITEM_SIZE_MAX)
        return op_validation_error(call,
                                   "Item size to update has exceeded the maximum allowed size");
    return NULL;
}

const struct error *op_action_update(const struct op_call *call, const struct op_action *action,
                                     struct slice old, enum db_action *ret_action,
                                     struct slice *ret_new)
{
    if (!slice_present(old) && expr_update_only_clears(action->update)) {
        *ret_action = DB_KEEP;
        return NULL;
    }
    struct slice base = slice_present(old) ? old : action->key;
    struct slice new;
    const struct error *error = expr_update_apply(action->update, call->arena, base, &new);
    if (error == NULL)
        error = check_updated(call, action, old, new);
    if (error != NULL)
        return error;
    bool is_unchanged = slice_present(old) && slice_equal(old, new);
    *ret_action = is_unchanged ? DB_KEEP : DB_PUT;
    *ret_new = is_unchanged ? SLICE_ABSENT : new; /* an old item is only lent */
    return NULL;
}

/* --- cancelling --- */

bool op_transaction_ends_request(const struct error *error)
{
    return error->kind == ERROR_INTERNAL || error->is_of_request;
}

const struct error *op_transaction_cancelled(struct arena *arena,
                                             const struct error *const *reasons, size_t count)
{
    struct buf message;
    buf_init(&message, arena, SIZE_MAX);
    buf_append(&message, SLICE("Transaction cancelled, please refer cancellation reasons for "
                               "specific reasons ["));
    for (size_t i = 0; i < count; i++)
        buf_append_format(&message, "%s%s", i > 0 ? ", " : "", model_reason_code(reasons[i]));
    buf_append_byte(&message, ']');
    struct error *error = ARENA_NEW(arena, struct error);
    if (error == NULL || message.failed)
        return error_exhausted();
    error->kind = ERROR_TRANSACTION_CANCELED;
    error->message = buf_slice(&message);
    error->reasons = reasons;
    error->reason_count = count;
    return error;
}

/* --- deciding --- */

static const struct error *decide_action(const struct op_call *call, const struct op_action *action)
{
    struct db_write *write = action->write;
    struct slice old = write->old_item;
    if (write->conflicts)
        return error_make_slice(call->arena, ERROR_TRANSACTION_CONFLICT,
                                SLICE("Transaction is ongoing for the item"));
    if (!expr_condition_holds(action->condition, slice_present(old) ? old : ITEM_EMPTY))
        return item_write_condition_failed(call->arena, old,
                                           action->return_values_on_condition_check_failure);
    if (action->plan == NULL)
        return NULL;
    return action->plan(call, action, old, &write->action, &write->new_item);
}

/* The kind is the documented one, the words are not known. */
const struct error *op_transaction_too_large(const struct op_call *call)
{
    return op_validation_error(
        call, "The aggregate size of the items in the transaction exceeds the limit of 4 MB");
}

static size_t new_bytes(const struct db_write *write)
{
    switch (write->action) {
    case DB_PUT:
        return item_size_bytes(write->new_item);
    case DB_DELETE:
        return 0;
    case DB_KEEP:
        break;
    }
    return write->old_bytes;
}

/* What reading the larger of the item before and after costs (observed): that is what answering
 * the token again is charged with. And the size of what is written, which only now is known of
 * updates. */
static void weigh(struct op_transaction *transaction, size_t number, size_t *bytes)
{
    const struct db_write *write = transaction->actions[number].write;
    size_t after = new_bytes(write);
    transaction->token.units[number] =
        op_transaction_read_units(after > write->old_bytes ? after : write->old_bytes);
    if (write->action == DB_PUT)
        *bytes += after;
}

/* Why it is not to be written: all reasons, one for each action. NULL: it is. */
static const struct error *decide_actions(struct op_transaction *transaction)
{
    const struct op_call *call = transaction->call;
    const struct error **reasons =
        ARENA_NEW_ARRAY(call->arena, const struct error *, transaction->count);
    if (reasons == NULL)
        return error_exhausted();
    bool is_cancelled = false;
    size_t bytes = 0;
    for (size_t i = 0; i < transaction->count; i++) {
        const struct op_action *action = &transaction->actions[i];
        reasons[i] = action->problem != NULL ? action->problem : decide_action(call, action);
        if (reasons[i] != NULL && op_transaction_ends_request(reasons[i]))
            return reasons[i];
        is_cancelled = is_cancelled || reasons[i] != NULL;
        if (reasons[i] == NULL)
            weigh(transaction, i, &bytes);
        if (bytes > OP_TRANSACTION_BYTES_MAX)
            return op_transaction_too_large(call);
    }
    transaction->token.unit_count = transaction->count;
    return is_cancelled ? op_transaction_cancelled(call->arena, reasons, transaction->count) : NULL;
}

/* Of a mismatch the words are not known; those of other services. */
static const struct error *decide_token(struct op_transaction *transaction)
{
    struct arena *arena = transaction->call->arena;
    if (transaction->set.token == NULL)
        return NULL;
    switch (transaction->token.state) {
    case DB_TOKEN_NEW:
        return NULL;
    case DB_TOKEN_USED:
        transaction->is_replay = true;
        return NULL;
    case DB_TOKEN_RUNNING:
        return error_make_slice(arena, ERROR_TRANSACTION_IN_PROGRESS,
                                SLICE("Transaction from previous request is still in progress"));
    case DB_TOKEN_MISMATCH:
        break;
    }
    return error_make_slice(arena, ERROR_IDEMPOTENT_MISMATCH,
                            SLICE("The request uses the same client token as a previous, but "
                                  "non-identical request"));
}

/* With throughput enforced: before it is written. */
static enum db_admission admit(void *context, struct db_write_set *set, const struct error *problem)
{
    struct op_transaction *transaction = context;
    (void)set;
    if (problem != NULL)
        return DB_REFUSE;
    if (!transaction->is_admitted)
        transaction->error = op_transaction_take_throughput(transaction);
    transaction->is_admitted = transaction->error == NULL;
    return transaction->is_admitted ? DB_ADMIT : DB_REFUSE;
}

static bool decide(void *context, struct db_write_set *set)
{
    struct op_transaction *transaction = context;
    (void)set;
    transaction->is_replay = false;
    transaction->error = decide_token(transaction);
    if (transaction->error != NULL || transaction->is_replay)
        return false;
    transaction->error = decide_actions(transaction);
    return transaction->error == NULL;
}

/* --- the way there and back --- */

static void end(struct op_transaction *transaction, const struct error *error, void *output)
{
    struct op_call *call = transaction->call;
    for (size_t i = 0; i < transaction->count; i++)
        if (transaction->actions[i].table != NULL)
            op_table_release(call, transaction->actions[i].table);
    op_finish(call, error, output);
}

void op_transaction_fail(struct op_transaction *transaction, const struct error *error)
{
    end(transaction, error, NULL);
}

/* An item collection would be too large: the reason of the one action. */
static const struct error *cancelled_by_collection(const struct op_transaction *transaction,
                                                   const struct error *error)
{
    struct arena *arena = transaction->call->arena;
    const struct error **reasons = ARENA_NEW_ARRAY(arena, const struct error *, transaction->count);
    if (reasons == NULL)
        return error_exhausted();
    for (size_t i = 0; i < transaction->count; i++)
        if (transaction->actions[i].write == &transaction->writes[transaction->set.refused])
            reasons[i] = error;
    return op_transaction_cancelled(arena, reasons, transaction->count);
}

static void done(void *context, const struct error *error)
{
    struct op_transaction *transaction = context;
    if (error != NULL)
        error = op_error_copy(transaction->call, error);
    if (error != NULL && error->kind == ERROR_ITEM_COLLECTION_SIZE_LIMIT)
        error = cancelled_by_collection(transaction, error);
    if (error == NULL)
        error = transaction->error;
    struct model_list_consumed_capacity_multiple consumed = {0};
    struct model_map_item_collection_metrics_per_table metrics = {0};
    void *output = NULL;
    if (error == NULL)
        error = op_transaction_show_cost(transaction, &consumed, &metrics);
    if (error == NULL) {
        output = transaction->respond(transaction, consumed, metrics);
        error = output == NULL ? error_exhausted() : NULL;
    }
    end(transaction, error, output);
}

const struct error *op_transaction_same_item(const struct op_call *call)
{
    return op_validation_error(
        call, "Transaction request cannot include multiple operations on one item");
}

static bool is_same_item(const struct op_action *left, const struct op_action *right)
{
    return left->problem == NULL && right->problem == NULL && left->table->id == right->table->id &&
           slice_equal(left->key, right->key);
}

static const struct error *check_together(const struct op_transaction *transaction)
{
    size_t bytes = 0;
    for (size_t i = 0; i < transaction->count; i++) {
        const struct op_action *action = &transaction->actions[i];
        for (size_t j = 0; j < i; j++)
            if (is_same_item(action, &transaction->actions[j]))
                return op_transaction_same_item(transaction->call);
        bytes += action->bytes;
    }
    return bytes > OP_TRANSACTION_BYTES_MAX ? op_transaction_too_large(transaction->call) : NULL;
}

/* One write for each action that can be done. */
static const struct error *make_writes(struct op_transaction *transaction, size_t *ret_count)
{
    struct arena *arena = transaction->call->arena;
    transaction->writes = ARENA_NEW_ARRAY(arena, struct db_write, transaction->count);
    if (transaction->writes == NULL)
        return error_exhausted();
    size_t count = 0;
    for (size_t i = 0; i < transaction->count; i++) {
        struct op_action *action = &transaction->actions[i];
        if (action->problem != NULL)
            continue;
        action->write = &transaction->writes[count++];
        action->write->table = action->table;
        action->write->key = action->key;
    }
    *ret_count = count;
    return NULL;
}

/* With throughput enforced: actions on tables that have nothing left cancel it. */
static const struct error *check_throughput(const struct op_transaction *transaction)
{
    const struct op_call *call = transaction->call;
    const struct error **reasons =
        ARENA_NEW_ARRAY(call->arena, const struct error *, transaction->count);
    if (reasons == NULL)
        return error_exhausted();
    bool is_throttled = false;
    for (size_t i = 0; i < transaction->count; i++) {
        const struct op_action *action = &transaction->actions[i];
        reasons[i] = action->problem;
        if (action->problem != NULL)
            continue;
        reasons[i] = op_throttle_check(call, action->table, NULL, true);
        is_throttled = is_throttled || reasons[i] != NULL;
    }
    return is_throttled ? op_transaction_cancelled(call->arena, reasons, transaction->count) : NULL;
}

static const struct error *prepare(struct op_transaction *transaction, size_t *ret_count)
{
    const struct error *error = check_together(transaction);
    if (error == NULL)
        error = make_writes(transaction, ret_count);
    if (error == NULL)
        error = op_transaction_prepare_cost(transaction);
    if (error == NULL)
        error = check_throughput(transaction);
    return error;
}

void op_transaction_run(struct op_transaction *transaction)
{
    struct op_call *call = transaction->call;
    CHECK(transaction->count > 0 && transaction->count <= OP_TRANSACTION_ACTIONS_MAX);
    size_t count = 0;
    const struct error *error = prepare(transaction, &count);
    if (error == NULL && count == 0)
        error = decide_actions(transaction);
    if (error != NULL) {
        end(transaction, error, NULL);
        return;
    }
    bool has_token = slice_present(transaction->token.text);
    transaction->token.account = call->environment->account;
    transaction->token.region = call->region;
    transaction->token.now_ms = call->now_ms;
    transaction->set = (struct db_write_set){
        .arena = call->arena,
        .writes = transaction->writes,
        .count = count,
        .decide = decide,
        .admit = call->environment->throttle != NULL ? admit : NULL,
        .done = done,
        .context = transaction,
        .conflicts = DB_CONFLICTS_TELL,
        .is_transaction = true,
        .token = has_token ? &transaction->token : NULL,
    };
    db_write_items(call->environment->db, &transaction->set);
}
