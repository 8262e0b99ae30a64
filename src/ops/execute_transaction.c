/*
 * ExecuteTransaction:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteTransaction.html
 *
 * SELECTs become a TransactGetItems, everything else a TransactWriteItems. What is wrong with a
 * statement whatever is stored refuses the request; that its table is not there, or that it names
 * no one item, cancels it with that reason (both observed).
 */

#include "item/value_size.h"
#include "ops/statement_write.h"
#include "ops/transaction.h"
#include "ops/validation_error.h"

/* One statement; either an action or a get is made of it. */
struct member {
    const struct model_parameterized_statement *request;
    struct op_statement statement;
    struct slice key;
    const struct error *problem; /* the reason why it cannot be done */
    struct op_statement_write write;
};

struct execution {
    struct op_call *call;
    const struct model_execute_transaction_input *input;
    size_t count;
    struct member *members; /* count, as actions and gets */
    struct op_action *actions;
    struct op_transaction_get *gets;
    struct op_transaction transaction;
};

/* --- statements --- */

/* Words about a statement say which one it is. */
static const struct error *of_member(const struct execution *execution, size_t number,
                                     const struct error *error)
{
    if (error == NULL || error->kind != ERROR_VALIDATION)
        return error;
    return op_validation_error(execution->call,
                               "Validation failed in TransactStatements[%zu]: %.*s", number,
                               SLICE_PRINT(error->message));
}

static const struct error *parse(struct execution *execution)
{
    size_t reads = 0;
    for (size_t i = 0; i < execution->count; i++) {
        struct member *member = &execution->members[i];
        member->request = &execution->input->transact_statements.items[i];
        const struct error *error = op_statement_read_parameters(
            execution->call, &member->request->parameters, &member->statement);
        if (error != NULL)
            return error;
        error = op_statement_parse(&member->statement, member->request->statement);
        if (error != NULL)
            return of_member(execution, i, error);
        reads += op_statement_reads(&member->statement);
    }
    if (reads == 0 || reads == execution->count)
        return NULL;
    return op_validation_error(
        execution->call,
        "ExecuteTransaction API does not support both read and write operations in the same "
        "request.");
}

/* --- which item --- */

static const struct error *find_read(struct member *member)
{
    const struct op_statement *statement = &member->statement;
    struct partiql_item_key match;
    partiql_match_item(&statement->statement, &statement->key, true, &match);
    if (match.match == PARTIQL_MATCH_ITEM && match.nothing_else) {
        member->problem =
            op_statement_make_key(statement, match.partition, match.sort, &member->key);
        return NULL;
    }
    struct partiql_plan plan;
    const struct error *error =
        partiql_plan_select(statement->call->arena, &statement->statement, &statement->key, &plan);
    return error != NULL ? error
                         : op_validation_error(statement->call,
                                               "Select statements within ExecuteTransaction must "
                                               "specify the primary key in the where clause.");
}

/* Of two values for one key attribute, the first is where it looks; the other never holds there
 * (observed). */
static const struct error *find_check(struct member *member)
{
    const struct op_statement *statement = &member->statement;
    struct partiql_item_key match;
    partiql_match_item(&statement->statement, &statement->key, false, &match);
    if (match.match == PARTIQL_MATCH_NONE ||
        (match.match == PARTIQL_MATCH_ITEM && match.nothing_else))
        return op_validation_error(
            statement->call, "EXISTS() must contain a single item read with additional condition");
    member->problem = op_statement_make_key(statement, match.partition, match.sort, &member->key);
    return NULL;
}

static const struct error *find_write(struct member *member)
{
    const struct op_statement *statement = &member->statement;
    if (statement->statement.returning != PARTIQL_RETURNING_NOTHING)
        return op_validation_error(statement->call,
                                   "RETURNING clause is not supported in ExecuteTransaction.");
    member->problem = op_statement_write_prepare(
        statement, OP_STATEMENT_IN_TRANSACTION,
        member->request->return_values_on_condition_check_failure, &member->write);
    if (member->problem == NULL)
        member->key = member->write.key;
    return NULL;
}

static const struct error *find_key(struct member *member)
{
    switch (member->statement.parsed.kind) {
    case PARTIQL_SELECT:
        return find_read(member);
    case PARTIQL_EXISTS:
        return find_check(member);
    default:
        return find_write(member);
    }
}

static bool reads_index(const struct op_statement *statement)
{
    return slice_present(statement->parsed.index) &&
           (statement->parsed.kind == PARTIQL_SELECT || statement->parsed.kind == PARTIQL_EXISTS);
}

static const struct error *find_member(struct member *member)
{
    struct op_statement *statement = &member->statement;
    const struct error *error = op_statement_find(statement);
    if (statement->table != NULL && reads_index(statement))
        return op_validation_error(statement->call,
                                   "Reads on indices are not supported within transactions.");
    if (error != NULL && error->kind == ERROR_RESOURCE_NOT_FOUND) {
        member->problem = error;
        return NULL;
    }
    return error != NULL ? error : find_key(member);
}

static const struct error *find(struct execution *execution)
{
    for (size_t i = 0; i < execution->count; i++) {
        struct member *member = &execution->members[i];
        const struct error *error = of_member(execution, i, find_member(member));
        if (error == NULL && member->problem != NULL &&
            op_transaction_ends_request(member->problem))
            error = member->problem;
        if (error != NULL)
            return error;
    }
    return NULL;
}

/* --- reading --- */

static const struct error *answer_reads(struct execution *execution,
                                        struct model_execute_transaction_output *output)
{
    struct arena *arena = execution->call->arena;
    struct model_item_response *responses =
        ARENA_NEW_ARRAY(arena, struct model_item_response, execution->count);
    if (responses == NULL)
        return error_exhausted();
    for (size_t i = 0; i < execution->count; i++) {
        const struct partiql_statement *select = &execution->members[i].statement.statement;
        struct slice item = execution->gets[i].item;
        if (slice_present(item) && select->column_count > 0 &&
            !partiql_project(arena, item, select->columns, select->column_count, &item))
            return error_exhausted();
        responses[i].item.item = item;
    }
    output->responses.present = true;
    output->responses.count = execution->count;
    output->responses.items = responses;
    return NULL;
}

static const struct error *read(struct execution *execution,
                                struct model_execute_transaction_output *output)
{
    for (size_t i = 0; i < execution->count; i++) {
        const struct member *member = &execution->members[i];
        execution->gets[i] = (struct op_transaction_get){
            .table = member->statement.table,
            .table_name = member->statement.name.given,
            .key = member->key,
            .problem = member->problem,
        };
    }
    const struct error *error =
        op_transaction_read(execution->call, execution->gets, execution->count,
                            execution->input->return_consumed_capacity, &output->consumed_capacity);
    return error != NULL ? error : answer_reads(execution, output);
}

/* --- writing --- */

static const struct error *plan_write(const struct op_call *call, const struct op_action *action,
                                      struct slice old, enum db_action *ret_action,
                                      struct slice *ret_new)
{
    struct op_statement_write write = *(const struct op_statement_write *)action->context;
    struct db_write db_write = {.table = action->table, .key = action->key, .old_item = old};
    op_statement_write_decide(&write, call->arena, &db_write);
    if (write.error != NULL)
        return write.error;
    *ret_action = db_write.action;
    *ret_new = db_write.new_item;
    return NULL;
}

static struct op_action action_of(const struct member *member)
{
    const struct op_statement *statement = &member->statement;
    struct slice item = statement->statement.item;
    struct op_action action = {
        .table = statement->table,
        .table_name = statement->name.given,
        .key = member->key,
        .problem = member->problem,
        .return_values_on_condition_check_failure =
            member->request->return_values_on_condition_check_failure,
        .context = &member->write,
    };
    if (member->problem == NULL)
        action.bytes = item_size_bytes(slice_present(item) ? item : member->key);
    if (statement->parsed.kind == PARTIQL_EXISTS)
        action.condition = statement->statement.where;
    else
        action.plan = plan_write;
    return action;
}

/* Equal requests have equal bytes: ReturnConsumedCapacity does not count. */
static const struct error *make_digest(struct execution *execution)
{
    struct buf bytes;
    buf_init(&bytes, execution->call->arena, SIZE_MAX);
    for (size_t i = 0; i < execution->count; i++) {
        const struct member *member = &execution->members[i];
        buf_append_varint(&bytes, member->request->statement.size);
        buf_append(&bytes, member->request->statement);
        buf_append_varint(&bytes, member->statement.parameter_count);
        for (size_t j = 0; j < member->statement.parameter_count; j++)
            value_write(&bytes, member->statement.parameters[j]);
        buf_append_byte(&bytes,
                        (uint8_t)member->request->return_values_on_condition_check_failure.value);
    }
    if (bytes.failed)
        return error_exhausted();
    db_token_digest(buf_slice(&bytes), execution->transaction.token.digest);
    return NULL;
}

/* Nothing to answer: an empty list (observed). */
static void *respond(struct op_transaction *transaction,
                     struct model_list_consumed_capacity_multiple consumed,
                     struct model_map_item_collection_metrics_per_table metrics)
{
    struct model_execute_transaction_output *output =
        ARENA_NEW(transaction->call->arena, struct model_execute_transaction_output);
    if (output == NULL)
        return NULL;
    (void)metrics;
    output->responses.present = true;
    output->consumed_capacity = consumed;
    return output;
}

static void write(struct execution *execution)
{
    const struct model_execute_transaction_input *input = execution->input;
    struct op_transaction *transaction = &execution->transaction;
    *transaction = (struct op_transaction){
        .call = execution->call,
        .actions = execution->actions,
        .count = execution->count,
        .token = {.scope = DB_TOKEN_EXECUTE_TRANSACTION, .text = input->client_request_token},
        .return_consumed_capacity = input->return_consumed_capacity,
        .respond = respond,
    };
    for (size_t i = 0; i < execution->count; i++)
        execution->actions[i] = action_of(&execution->members[i]);
    const struct error *error = NULL;
    if (slice_present(input->client_request_token))
        error = make_digest(execution);
    if (error != NULL)
        op_transaction_fail(transaction, error);
    else
        op_transaction_run(transaction);
}

/* --- the whole --- */

static void end(struct execution *execution, const struct error *error, void *output)
{
    for (size_t i = 0; i < execution->count; i++)
        op_statement_release(&execution->members[i].statement);
    op_finish(execution->call, error, output);
}

/* NULL: no memory. */
static struct execution *begin(struct op_call *call)
{
    struct execution *execution = ARENA_NEW(call->arena, struct execution);
    if (execution == NULL)
        return NULL;
    execution->call = call;
    execution->input = call->input;
    execution->count = execution->input->transact_statements.count;
    execution->members = ARENA_NEW_ARRAY(call->arena, struct member, execution->count);
    execution->actions = ARENA_NEW_ARRAY(call->arena, struct op_action, execution->count);
    execution->gets = ARENA_NEW_ARRAY(call->arena, struct op_transaction_get, execution->count);
    bool made = execution->members != NULL && execution->actions != NULL && execution->gets != NULL;
    return made ? execution : NULL;
}

void op_execute_transaction(struct op_call *call)
{
    struct execution *execution = begin(call);
    struct model_execute_transaction_output *output =
        ARENA_NEW(call->arena, struct model_execute_transaction_output);
    if (execution == NULL || output == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    const struct error *error = parse(execution);
    if (error == NULL)
        error = find(execution);
    bool reads = op_statement_reads(&execution->members[0].statement);
    if (error == NULL && reads)
        error = read(execution, output);
    if (error != NULL || reads)
        end(execution, error, output);
    else
        write(execution);
}
