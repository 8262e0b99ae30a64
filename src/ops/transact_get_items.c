/*
 * TransactGetItems:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
 *
 * Everything that contradicts a schema, empty keys too, cancels the transaction with that reason
 * (observed).
 */

#include "ops/expressions.h"
#include "ops/key_paths.h"
#include "ops/table_name.h"
#include "ops/transaction.h"
#include "ops/validation_error.h"

struct transact_get {
    const struct op_call *call;
    size_t count;
    struct op_table_name *names; /* count, as gets */
    struct op_transaction_get *gets;
};

/* Names without an expression are taken. */
static const struct error *parse(const struct op_call *call, const struct model_get *input,
                                 struct expr_projection *ret_projection)
{
    const struct op_expressions expressions = {NULL, NULL, &input->expression_attribute_names,
                                               NULL};
    struct expr_scope scope;
    const struct error *error = op_expressions_scope(call, &expressions, &scope);
    if (error != NULL || !slice_present(input->projection_expression))
        return error;
    error = expr_projection_parse(&scope, input->projection_expression, ret_projection);
    if (error == NULL)
        error = expr_scope_check_all_used(&scope);
    return error;
}

/* Everything that needs no data. */
static const struct error *check(struct transact_get *get,
                                 const struct model_list_transact_get_item_list *items)
{
    const struct op_call *call = get->call;
    for (size_t i = 0; i < items->count; i++) {
        const struct model_get *input = items->items[i].get;
        const struct error *error = op_table_name_read(call, input->table_name, &get->names[i]);
        if (error == NULL)
            error = parse(call, input, &get->gets[i].projection);
        if (error == NULL)
            error = op_item_problem(call, &input->key);
        if (error != NULL)
            return error;
        get->gets[i].table_name = input->table_name;
        get->gets[i].key = input->key.item;
    }
    return NULL;
}

static const struct error *find(struct transact_get *get)
{
    const struct op_call *call = get->call;
    for (size_t i = 0; i < get->count; i++) {
        struct op_transaction_get *one = &get->gets[i];
        const struct error *error = op_table_for_items(call, &get->names[i], &one->table);
        if (error != NULL)
            return error;
        one->problem = db_table_check_key(one->table, call->arena, one->key);
        if (one->problem == NULL)
            one->problem = op_key_paths_check_projection(call, one->table, &one->projection);
        if (one->problem != NULL && one->problem->kind != ERROR_VALIDATION)
            return one->problem;
    }
    return NULL;
}

static const struct error *answer(struct transact_get *get, struct model_enum mode,
                                  struct model_transact_get_items_output *output)
{
    const struct error *error =
        op_transaction_read(get->call, get->gets, get->count, mode, &output->consumed_capacity);
    if (error != NULL)
        return error;
    struct model_item_response *responses =
        ARENA_NEW_ARRAY(get->call->arena, struct model_item_response, get->count);
    if (responses == NULL)
        return error_exhausted();
    for (size_t i = 0; i < get->count; i++)
        responses[i].item.item = get->gets[i].item;
    output->responses.present = true;
    output->responses.count = get->count;
    output->responses.items = responses;
    return NULL;
}

/* NULL: no memory. */
static struct transact_get *begin(const struct op_call *call, size_t count)
{
    struct transact_get *get = ARENA_NEW(call->arena, struct transact_get);
    if (get == NULL)
        return NULL;
    get->call = call;
    get->count = count;
    get->names = ARENA_NEW_ARRAY(call->arena, struct op_table_name, count);
    get->gets = ARENA_NEW_ARRAY(call->arena, struct op_transaction_get, count);
    return get->names == NULL || get->gets == NULL ? NULL : get;
}

void op_transact_get_items(struct op_call *call)
{
    const struct model_transact_get_items_input *input = call->input;
    struct transact_get *get = begin(call, input->transact_items.count);
    struct model_transact_get_items_output *output =
        ARENA_NEW(call->arena, struct model_transact_get_items_output);
    if (get == NULL || output == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    const struct error *error = check(get, &input->transact_items);
    if (error == NULL)
        error = find(get);
    if (error == NULL)
        error = answer(get, input->return_consumed_capacity, output);
    for (size_t i = 0; i < get->count; i++)
        if (get->gets[i].table != NULL)
            op_table_release(call, get->gets[i].table);
    op_finish(call, error, output);
}
