/*
 * TransactWriteItems:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 *
 * The actions are checked in the order of the request, and the first problem that needs no data is
 * told (observed): those of the expressions before those of the key or item. Then come the tables
 * and their schemas. What contradicts a schema cancels the transaction, a key with its reason
 * alone, except for empty keys, which end the request.
 */

#include <stdlib.h>

#include "item/value_size.h"
#include "ops/expressions.h"
#include "ops/key_paths.h"
#include "ops/table_name.h"
#include "ops/transaction.h"
#include "ops/validation_error.h"

/* No more than so many are decided on an event loop: they read an item each. */
enum { SHORT_ACTIONS = 16 };

enum kind { KIND_CHECK, KIND_PUT, KIND_DELETE, KIND_UPDATE };

/* The four structures of the request as one: an action has some of these. */
struct action_input {
    enum kind kind;
    struct slice table_name;
    const struct item_reading *subject; /* its key, or its whole item */
    struct slice update_expression;
    struct slice condition_expression;
    const struct model_map_expression_attribute_name_map *names;
    const struct item_reading *values;
    struct model_enum return_values;
};

struct transact_write {
    struct op_transaction transaction;
    /* one of each for each action */
    struct op_table_name *names;
    struct action_input *inputs;
    struct op_action *actions;
};

/* --- reading the request --- */

/* What all four structures have. */
#define ACTION_INPUT(action_kind, action, subject_member)                                          \
    (struct action_input)                                                                          \
    {                                                                                              \
        .kind = (action_kind), .table_name = (action)->table_name,                                 \
        .subject = &(action)->subject_member,                                                      \
        .condition_expression = (action)->condition_expression,                                    \
        .names = &(action)->expression_attribute_names,                                            \
        .values = &(action)->expression_attribute_values,                                          \
        .return_values = (action)->return_values_on_condition_check_failure,                       \
    }

static const struct error *read_input(const struct op_call *call,
                                      const struct model_transact_write_item *item,
                                      struct action_input *ret_input)
{
    int count = (item->condition_check != NULL) + (item->put != NULL) + (item->delete != NULL) +
                (item->update != NULL);
    if (count > 1)
        return op_validation_error(
            call, "TransactItems can only contain one of Check, Put, Update or Delete");
    if (count == 0 && call->environment->validation == MODEL_VALIDATION_NEW)
        return op_validation_error(
            call, "1 validation error detected: Value '' at 'transactItems' failed to satisfy "
                  "constraint: TransactWriteRequest should contain Delete or Put or Update or "
                  "ConditionCheck");
    if (count == 0)
        return op_validation_error(call, "Invalid Request: TransactWriteRequest should contain "
                                         "Delete or Put or Update request");
    if (item->condition_check != NULL)
        *ret_input = ACTION_INPUT(KIND_CHECK, item->condition_check, key);
    else if (item->put != NULL)
        *ret_input = ACTION_INPUT(KIND_PUT, item->put, item);
    else if (item->delete != NULL)
        *ret_input = ACTION_INPUT(KIND_DELETE, item->delete, key);
    else
        *ret_input = ACTION_INPUT(KIND_UPDATE, item->update, key);
    if (item->update != NULL)
        ret_input->update_expression = item->update->update_expression;
    return NULL;
}

/* --- everything that needs no data --- */

/* Names and values without any expression are taken (unlike by operations on one item). */
static const struct error *parse(const struct op_call *call, const struct action_input *input,
                                 struct op_action *action)
{
    const struct op_expressions expressions = {NULL, NULL, input->names, input->values};
    struct expr_scope scope;
    const struct error *error = op_expressions_scope(call, &expressions, &scope);
    if (error == NULL && slice_present(input->update_expression))
        error = expr_update_parse(&scope, input->update_expression, &action->update);
    if (error == NULL && slice_present(input->condition_expression))
        error = expr_condition_parse(&scope, EXPR_CONDITION_EXPRESSION, input->condition_expression,
                                     &action->condition);
    if (error == NULL &&
        (slice_present(input->update_expression) || slice_present(input->condition_expression)))
        error = expr_scope_check_all_used(&scope);
    return error;
}

static op_action_plan *plan_of(enum kind kind)
{
    switch (kind) {
    case KIND_PUT:
        return op_action_put;
    case KIND_DELETE:
        return op_action_delete;
    case KIND_UPDATE:
        return op_action_update;
    case KIND_CHECK:
        break;
    }
    return NULL;
}

static const struct error *check_action(const struct op_call *call,
                                        const struct action_input *input,
                                        struct op_table_name *ret_name,
                                        struct op_action *ret_action)
{
    struct op_action action = {
        .table_name = input->table_name,
        .plan = plan_of(input->kind),
        .return_values_on_condition_check_failure = input->return_values,
    };
    const struct error *error = op_table_name_read(call, input->table_name, ret_name);
    if (error == NULL)
        error = parse(call, input, &action);
    if (error == NULL)
        error = op_item_problem(call, input->subject);
    if (error != NULL)
        return error;
    action.item = input->subject->item;
    action.bytes = item_size_bytes(action.item);
    if (input->kind == KIND_PUT && action.bytes > ITEM_SIZE_MAX)
        return op_validation_error(call, "Item size has exceeded the maximum allowed size");
    if (input->kind == KIND_UPDATE && slice_present(input->values->item))
        action.bytes += item_size_bytes(input->values->item);
    *ret_action = action;
    return NULL;
}

static const struct error *check(struct transact_write *write,
                                 const struct model_list_transact_write_item_list *items)
{
    const struct op_call *call = write->transaction.call;
    for (size_t i = 0; i < items->count; i++) {
        const struct error *error = read_input(call, &items->items[i], &write->inputs[i]);
        if (error == NULL)
            error = check_action(call, &write->inputs[i], &write->names[i], &write->actions[i]);
        if (error != NULL)
            return error;
    }
    return NULL;
}

/* --- tables and schemas --- */

static const struct error *check_key(const struct op_call *call, enum kind kind,
                                     struct op_action *action)
{
    const struct db_table *table = action->table;
    if (kind != KIND_PUT) {
        action->key = action->item;
        return db_table_check_key(table, call->arena, action->key);
    }
    const struct error *error = db_table_check_item(table, call->arena, action->item);
    if (error == NULL)
        error = db_table_key_of_item(table, call->arena, action->item, &action->key);
    return error;
}

static const struct error *check_paths(const struct op_call *call, const struct op_action *action)
{
    const struct db_table *table = action->table;
    const struct error *error = op_key_paths_check_updated(call, table, action->update);
    if (error == NULL)
        error = op_key_paths_check_update(call, table, action->update);
    if (error == NULL)
        error = op_key_paths_check_condition(call, table, action->condition);
    return error;
}

/* Of the actions whose keys fit nothing is said, nor of later ones whose keys do not: their
 * conditions have not been looked at, nor whether they are on the same item (observed). */
static const struct error *cancelled_by_key(const struct op_transaction *transaction,
                                            const struct op_action *misfit)
{
    struct arena *arena = transaction->call->arena;
    const struct error **reasons = ARENA_NEW_ARRAY(arena, const struct error *, transaction->count);
    if (reasons == NULL)
        return error_exhausted();
    for (size_t i = 0; i < transaction->count; i++) {
        const struct op_action *action = &transaction->actions[i];
        reasons[i] = action == misfit ? action->problem : NULL;
    }
    return op_transaction_cancelled(arena, reasons, transaction->count);
}

static const struct error *find(struct transact_write *write)
{
    struct op_transaction *transaction = &write->transaction;
    const struct op_call *call = transaction->call;
    const struct op_action *misfit = NULL; /* the first */
    for (size_t i = 0; i < transaction->count; i++) {
        struct op_action *action = &write->actions[i];
        const struct error *error = op_table_for_items(call, &write->names[i], &action->table);
        if (error != NULL)
            return error;
        action->problem = check_key(call, write->inputs[i].kind, action);
        bool fits = action->problem == NULL;
        if (fits)
            action->problem = check_paths(call, action);
        if (action->problem != NULL && op_transaction_ends_request(action->problem))
            return action->problem;
        if (!fits && misfit == NULL)
            misfit = action;
    }
    return misfit == NULL ? NULL : cancelled_by_key(transaction, misfit);
}

/* --- the request in bytes, for its token --- */

static void append_text(struct buf *out, struct slice text)
{
    buf_append_varint(out, slice_present(text) ? text.size + 1 : 0);
    if (slice_present(text))
        buf_append(out, text);
}

static int compare_names(const void *left, const void *right)
{
    const struct model_entry_expression_attribute_name_map *a = left;
    const struct model_entry_expression_attribute_name_map *b = right;
    return slice_compare(a->key, b->key);
}

static void append_names(struct buf *out, struct arena *arena,
                         const struct model_map_expression_attribute_name_map *names)
{
    buf_append_varint(out, names->count);
    if (names->count == 0)
        return;
    struct model_entry_expression_attribute_name_map *sorted =
        ARENA_NEW_ARRAY(arena, struct model_entry_expression_attribute_name_map, names->count);
    if (sorted == NULL) {
        out->failed = true;
        return;
    }
    memcpy(sorted, names->entries, names->count * sizeof(*sorted));
    qsort(sorted, names->count, sizeof(*sorted), compare_names);
    for (size_t i = 0; i < names->count; i++) {
        append_text(out, sorted[i].key);
        append_text(out, sorted[i].value);
    }
}

/* Requests that mean the same have the same bytes, in whatever order their JSON was written: items
 * are canonical, names are sorted here. ReturnConsumedCapacity and ReturnItemCollectionMetrics are
 * not among the parameters that count (observed). */
static const struct error *make_digest(struct transact_write *write)
{
    struct op_transaction *transaction = &write->transaction;
    struct arena *arena = transaction->call->arena;
    struct buf bytes;
    buf_init(&bytes, arena, SIZE_MAX);
    for (size_t i = 0; i < transaction->count; i++) {
        const struct action_input *input = &write->inputs[i];
        buf_append_byte(&bytes, (uint8_t)input->kind);
        append_text(&bytes, input->table_name);
        append_text(&bytes, input->subject->item);
        append_text(&bytes, input->update_expression);
        append_text(&bytes, input->condition_expression);
        append_names(&bytes, arena, input->names);
        append_text(&bytes, input->values->item);
        buf_append_byte(&bytes, (uint8_t)input->return_values.value);
    }
    if (bytes.failed)
        return error_exhausted();
    db_token_digest(buf_slice(&bytes), transaction->token.digest);
    return NULL;
}

/* --- the whole --- */

static void *respond(struct op_transaction *transaction,
                     struct model_list_consumed_capacity_multiple consumed,
                     struct model_map_item_collection_metrics_per_table metrics)
{
    struct model_transact_write_items_output *output =
        ARENA_NEW(transaction->call->arena, struct model_transact_write_items_output);
    if (output == NULL)
        return NULL;
    output->consumed_capacity = consumed;
    output->item_collection_metrics = metrics;
    return output;
}

/* NULL: no memory. */
static struct transact_write *begin(struct arena *arena, size_t count)
{
    struct transact_write *write = ARENA_NEW(arena, struct transact_write);
    if (write == NULL)
        return NULL;
    write->names = ARENA_NEW_ARRAY(arena, struct op_table_name, count);
    write->inputs = ARENA_NEW_ARRAY(arena, struct action_input, count);
    write->actions = ARENA_NEW_ARRAY(arena, struct op_action, count);
    return write->names == NULL || write->inputs == NULL || write->actions == NULL ? NULL : write;
}

void op_transact_write_items(struct op_call *call)
{
    const struct model_transact_write_items_input *input = call->input;
    if (input->transact_items.count > SHORT_ACTIONS && call->run_again != NULL) {
        call->run_again(call);
        return;
    }
    struct transact_write *write = begin(call->arena, input->transact_items.count);
    if (write == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    write->transaction = (struct op_transaction){
        .call = call,
        .actions = write->actions,
        .count = input->transact_items.count,
        .token = {.scope = DB_TOKEN_TRANSACT_WRITE_ITEMS, .text = input->client_request_token},
        .return_consumed_capacity = input->return_consumed_capacity,
        .return_item_collection_metrics = input->return_item_collection_metrics,
        .respond = respond,
    };
    const struct error *error = check(write, &input->transact_items);
    if (error == NULL)
        error = find(write);
    if (error == NULL && slice_present(input->client_request_token))
        error = make_digest(write);
    if (error != NULL)
        op_transaction_fail(&write->transaction, error);
    else
        op_transaction_run(&write->transaction);
}
