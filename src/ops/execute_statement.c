/*
 * ExecuteStatement:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html
 */

#include "ops/capacity.h"
#include "ops/statement_select.h"
#include "ops/statement_write.h"
#include "ops/throttle.h"
#include "ops/validation_error.h"

struct execution {
    struct op_call *call;
    const struct model_execute_statement_input *input;
    struct op_statement statement;
    struct model_execute_statement_output *output;
    /* of a write */
    struct op_statement_write write;
    struct db_write db_write;
    struct db_write_set set;
    bool is_admitted; /* its throughput is taken */
};

static void end(struct execution *execution, const struct error *error)
{
    op_statement_release(&execution->statement);
    op_finish(execution->call, error, execution->output);
}

/* --- SELECT --- */

static const struct error *run_select(struct execution *execution)
{
    const struct model_execute_statement_input *input = execution->input;
    struct model_execute_statement_output *output = execution->output;
    struct op_select select = {
        .statement = &execution->statement,
        .consistent = input->consistent_read.value,
        .limit = input->limit,
        .next_token = input->next_token,
        .return_consumed_capacity = input->return_consumed_capacity,
    };
    const struct error *error = op_select_page(&select);
    if (error != NULL)
        return error;
    output->items = select.items;
    output->next_token = select.continuation;
    output->last_evaluated_key.item = select.last_evaluated;
    output->consumed_capacity = select.consumed;
    return NULL;
}

/* --- writes --- */

static bool decide(void *context, struct db_write_set *set)
{
    struct execution *execution = context;
    op_statement_write_decide(&execution->write, set->arena, set->writes);
    return execution->write.error == NULL;
}

static const struct error *measure(const struct execution *execution,
                                   struct op_capacity *ret_capacity)
{
    const struct error *error =
        op_capacity_init(ret_capacity, execution->call->arena, execution->statement.name.given,
                         execution->statement.table);
    if (error == NULL)
        op_capacity_add_write(ret_capacity, &execution->db_write);
    return error;
}

/* With throughput enforced: before it is written. */
static enum db_admission admit(void *context, struct db_write_set *set, const struct error *problem)
{
    struct execution *execution = context;
    struct op_capacity capacity;
    (void)set;
    if (problem != NULL)
        return DB_REFUSE;
    if (execution->is_admitted)
        return DB_ADMIT;
    const struct error *error = measure(execution, &capacity);
    if (error == NULL)
        error = op_throttle_write(execution->call, &capacity, 1);
    execution->write.error = error;
    execution->is_admitted = error == NULL;
    return execution->is_admitted ? DB_ADMIT : DB_REFUSE;
}

/* A write that fails for what the item is costs as if it had been made. */
static void charge_failure(const struct execution *execution)
{
    enum error_kind kind = execution->write.error->kind;
    if (kind == ERROR_CONDITIONAL_CHECK_FAILED || kind == ERROR_DUPLICATE_ITEM)
        op_throttle_charge_table(execution->call, execution->statement.table,
                                 op_write_units(execution->db_write.old_bytes));
}

/* A write answers a list, too: empty unless RETURNING has something (observed). */
static const struct error *answer_write(struct execution *execution)
{
    struct arena *arena = execution->call->arena;
    struct model_execute_statement_output *output = execution->output;
    struct item_reading *item = ARENA_NEW(arena, struct item_reading);
    if (item == NULL)
        return error_exhausted();
    item->item = execution->write.returned;
    output->items.present = true;
    output->items.items = item;
    output->items.count = slice_present(item->item) ? 1 : 0;
    struct op_capacity capacity;
    const struct error *error = measure(execution, &capacity);
    if (error != NULL)
        return error;
    return op_capacity_show(&capacity, arena, execution->input->return_consumed_capacity,
                            &output->consumed_capacity);
}

static void done(void *context, const struct error *error)
{
    struct execution *execution = context;
    if (error != NULL)
        error = op_error_copy(execution->call, error);
    else if (execution->write.error != NULL) {
        error = execution->write.error;
        charge_failure(execution);
    } else
        error = answer_write(execution);
    end(execution, error);
}

static const struct error *prepare_write(struct execution *execution)
{
    const struct op_call *call = execution->call;
    if (execution->statement.parsed.kind == PARTIQL_EXISTS)
        return op_validation_error(call,
                                   "EXISTS can only be used in ExecuteTransaction write requests.");
    if (slice_present(execution->input->next_token))
        return op_validation_error(call, "NextToken does not match request");
    const struct error *error = op_statement_write_prepare(
        &execution->statement, OP_STATEMENT_ALONE,
        execution->input->return_values_on_condition_check_failure, &execution->write);
    if (error != NULL)
        return error;
    return op_throttle_check(call, execution->statement.table, NULL, true);
}

static void run_write(struct execution *execution)
{
    execution->db_write =
        (struct db_write){.table = execution->statement.table, .key = execution->write.key};
    execution->set = (struct db_write_set){
        .arena = execution->call->arena,
        .writes = &execution->db_write,
        .count = 1,
        .decide = decide,
        .admit = execution->call->environment->throttle != NULL ? admit : NULL,
        .done = done,
        .context = execution,
    };
    db_write_items(execution->call->environment->db, &execution->set);
}

/* --- both --- */

void op_execute_statement(struct op_call *call)
{
    struct execution *execution = ARENA_NEW(call->arena, struct execution);
    struct model_execute_statement_output *output =
        ARENA_NEW(call->arena, struct model_execute_statement_output);
    if (execution == NULL || output == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    call->private = execution;
    execution->call = call;
    execution->input = call->input;
    execution->output = output;
    const struct error *error =
        op_statement_read_parameters(call, &execution->input->parameters, &execution->statement);
    if (error == NULL)
        error = op_statement_parse(&execution->statement, execution->input->statement);
    if (error == NULL)
        error = op_statement_find(&execution->statement);
    bool reads = error == NULL && op_statement_reads(&execution->statement);
    if (error == NULL)
        error = reads ? run_select(execution) : prepare_write(execution);
    if (error != NULL || reads)
        end(execution, error);
    else
        run_write(execution);
}
