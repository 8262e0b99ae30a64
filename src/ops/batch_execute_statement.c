/*
 * BatchExecuteStatement:
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
 *
 * Each statement succeeds or fails for itself. The writes of a batch are committed together all the
 * same, as those of BatchWriteItem are.
 */

#include "base/check.h"
#include "item/value_size.h"
#include "ops/capacity.h"
#include "ops/statement_write.h"
#include "ops/throttle.h"
#include "ops/validation_error.h"

enum { STATEMENTS_MAX = 25 };

/* One statement and what has become of it. */
struct member {
    const struct model_batch_statement_request *request;
    struct op_statement statement;
    bool parsed;
    const struct error *error;
    bool reached_table; /* the answer says which, also when it is an error (observed) */
    struct slice key;   /* SLICE_ABSENT: it will not run */
    struct op_statement_write write;
    const struct db_write *written;
    const struct error *left_out; /* why it is not written with the others; NULL: it is */
    bool is_admitted;             /* its throughput is taken */
    struct slice item;            /* what it answers */
    size_t read_bytes;
};

/* What the statements about one table cost. */
struct cost {
    const struct op_statement *statement;
    struct op_capacity capacity;
    double failed_units;
    bool succeeded;
};

struct batch {
    struct op_call *call;
    const struct model_batch_execute_statement_input *input;
    struct member members[STATEMENTS_MAX];
    size_t count;
    struct db_write_set set;
    struct db_write writes[STATEMENTS_MAX];
    struct member *writers[STATEMENTS_MAX];
    const struct error *error; /* found while deciding: nothing was written */
    struct model_batch_execute_statement_output *output;
};

/* Not the statement's fault: memory is exhausted, the store has failed. */
static bool ends_request(const struct error *error)
{
    return error != NULL && error->kind == ERROR_INTERNAL;
}

/* --- parameters --- */

static const struct error *parse(struct batch *batch)
{
    size_t reads = 0, writes = 0;
    for (size_t i = 0; i < batch->count; i++) {
        struct member *member = &batch->members[i];
        member->request = &batch->input->statements.items[i];
        member->key = SLICE_ABSENT;
        member->item = SLICE_ABSENT;
        member->error = op_statement_read_parameters(batch->call, &member->request->parameters,
                                                     &member->statement);
        if (member->error == NULL)
            member->error = op_statement_parse(&member->statement, member->request->statement);
        if (member->error == NULL && batch->call->refused != NULL)
            member->error = batch->call->refused[i];
        if (ends_request(member->error))
            return member->error;
        member->parsed = member->error == NULL;
        if (member->parsed && op_statement_reads(&member->statement))
            reads++;
        else if (member->parsed)
            writes++;
    }
    if (reads == 0 || writes == 0)
        return NULL;
    return op_validation_error(
        batch->call, "Read and write requests together in the same batch is not supported.");
}

/* --- which items --- */

static void borrow_table(const struct batch *batch, size_t position, struct op_statement *statement)
{
    for (size_t i = 0; i < position; i++) {
        const struct op_statement *earlier = &batch->members[i].statement;
        if (earlier->table == NULL || !slice_equal(earlier->parsed.table, statement->parsed.table))
            continue;
        op_statement_borrow_table(statement, earlier);
        return;
    }
}

/* The WHERE names one item by its key and says nothing else. */
static const struct error *find_read(struct member *member)
{
    const struct op_statement *statement = &member->statement;
    struct arena *arena = statement->call->arena;
    struct partiql_item_key match = {.match = PARTIQL_MATCH_NONE};
    struct partiql_plan plan;
    const struct error *error = NULL;
    if (statement->index == NULL) {
        partiql_match_item(&statement->statement, &statement->key, true, &match);
        if (match.match == PARTIQL_MATCH_ITEM && match.nothing_else)
            return op_statement_make_key(statement, match.partition, match.sort, &member->key);
        error = partiql_plan_select(arena, &statement->statement, &statement->key, &plan);
    }
    if (error != NULL)
        return error;
    return op_validation_error(statement->call,
                               "Select statements within BatchExecuteStatement must specify the "
                               "primary key in the where clause.");
}

static const struct error *find_write(struct member *member)
{
    const struct op_statement *statement = &member->statement;
    if (statement->parsed.kind == PARTIQL_EXISTS)
        return op_validation_error(statement->call,
                                   "EXISTS can only be used in ExecuteTransaction write requests.");
    const struct error *error = op_statement_write_prepare(
        statement, OP_STATEMENT_ALONE, member->request->return_values_on_condition_check_failure,
        &member->write);
    if (error == NULL)
        member->key = member->write.key;
    return error;
}

static const struct error *find(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct member *member = &batch->members[i];
        if (!member->parsed)
            continue;
        borrow_table(batch, i, &member->statement);
        member->error = op_statement_find(&member->statement);
        if (member->error == NULL)
            member->error =
                op_statement_reads(&member->statement) ? find_read(member) : find_write(member);
        else
            member->reached_table = member->error->kind == ERROR_RESOURCE_NOT_FOUND;
        if (ends_request(member->error))
            return member->error;
    }
    return NULL;
}

static const struct error *check_distinct(const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct member *one = &batch->members[i], *other = &batch->members[j];
            if (slice_present(one->key) && slice_present(other->key) &&
                one->statement.table->id == other->statement.table->id &&
                slice_equal(one->key, other->key))
                return op_validation_error(batch->call,
                                           "Provided list of item keys contains duplicates");
        }
    return NULL;
}

/* With throughput enforced. */
static void throttle(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct member *member = &batch->members[i];
        if (!slice_present(member->key))
            continue;
        member->error = op_throttle_check(batch->call, member->statement.table, NULL,
                                          !op_statement_reads(&member->statement));
        if (member->error == NULL)
            continue;
        member->key = SLICE_ABSENT;
        member->reached_table = true;
    }
}

/* --- reads --- */

static double read_units(const struct member *member)
{
    return op_read_units(member->read_bytes, member->request->consistent_read.value);
}

static const struct error *take_item(struct member *member, struct slice item)
{
    const struct partiql_statement *select = &member->statement.statement;
    member->reached_table = true;
    if (!slice_present(item))
        return NULL;
    member->read_bytes = item_size_bytes(item);
    member->item = item;
    if (select->column_count == 0)
        return NULL;
    return partiql_project(member->statement.call->arena, item, select->columns,
                           select->column_count, &member->item)
               ? NULL
               : error_exhausted();
}

static const struct error *read_items(struct batch *batch)
{
    struct db_get gets[STATEMENTS_MAX];
    struct member *readers[STATEMENTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < batch->count; i++) {
        struct member *member = &batch->members[i];
        if (!slice_present(member->key))
            continue;
        readers[count] = member;
        gets[count++] = (struct db_get){.table = member->statement.table, .key = member->key};
    }
    if (count == 0)
        return NULL;
    const struct error *error =
        db_get(batch->call->environment->db, batch->call->arena, gets, count);
    for (size_t i = 0; error == NULL && i < count; i++) {
        error = take_item(readers[i], gets[i].item);
        op_throttle_charge_read(batch->call, gets[i].table, NULL, read_units(readers[i]));
    }
    return error;
}

/* --- writes --- */

/* What fails is kept as it is; the others are written. */
static bool decide(void *context, struct db_write_set *set)
{
    struct batch *batch = context;
    for (size_t i = 0; i < set->count; i++) {
        const struct member *member = batch->writers[i];
        struct op_statement_write *write = &batch->writers[i]->write;
        if (member->left_out != NULL) {
            op_statement_write_leave_out(write, member->left_out, &set->writes[i]);
            continue;
        }
        op_statement_write_decide(write, set->arena, &set->writes[i]);
        batch->error = ends_request(write->error) ? write->error : NULL;
        if (batch->error != NULL)
            return false;
    }
    return true;
}

static void collect_writes(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct member *member = &batch->members[i];
        if (!slice_present(member->key))
            continue;
        size_t position = batch->set.count++;
        batch->writers[position] = member;
        batch->writes[position] =
            (struct db_write){.table = member->statement.table, .key = member->key};
        member->written = &batch->writes[position];
    }
}

static void take_writes(struct batch *batch)
{
    for (size_t i = 0; i < batch->set.count; i++) {
        struct member *member = batch->writers[i];
        member->reached_table = true;
        member->error = member->write.error;
        member->item = member->write.returned;
    }
}

/* --- what it costs --- */

static struct cost *cost_of(struct cost *costs, size_t *count, const struct member *member)
{
    for (size_t i = 0; i < *count; i++)
        if (costs[i].statement->table == member->statement.table)
            return &costs[i];
    costs[*count].statement = &member->statement;
    return &costs[(*count)++];
}

static double failed_units(const struct member *member)
{
    struct slice item = member->statement.statement.item;
    size_t bytes = slice_present(item) ? item_size_bytes(item) : 0;
    return op_write_units(member->written->old_bytes > bytes ? member->written->old_bytes : bytes);
}

static bool fails_for_item(const struct member *member)
{
    const struct error *error = member->write.error;
    return error != NULL && member->left_out == NULL && error->kind != ERROR_TRANSACTION_CONFLICT;
}

/* A write that fails costs what it would have written or found, in the total only (observed). */
static void add_cost(struct cost *cost, const struct member *member)
{
    bool reads = op_statement_reads(&member->statement);
    if (member->error == NULL) {
        cost->succeeded = true;
        if (reads)
            cost->capacity.table_units += read_units(member);
        else
            op_capacity_add_write(&cost->capacity, member->written);
    } else if (!reads && member->left_out == NULL) {
        cost->failed_units += failed_units(member);
    }
}

static const struct error *collect_costs(const struct batch *batch, struct cost *costs,
                                         size_t *ret_count)
{
    for (size_t i = 0; i < batch->count; i++) {
        const struct member *member = &batch->members[i];
        if (!slice_present(member->key))
            continue;
        struct cost *cost = cost_of(costs, ret_count, member);
        const struct error *error = NULL;
        if (cost->capacity.table == NULL)
            error = op_capacity_init(&cost->capacity, batch->call->arena,
                                     member->statement.name.given, member->statement.table);
        if (error != NULL)
            return error;
        add_cost(cost, member);
    }
    return NULL;
}

static const struct error *take_throughput(const struct batch *batch, const struct member *member)
{
    struct op_capacity capacity;
    const struct error *error = op_capacity_init(
        &capacity, batch->call->arena, member->statement.name.given, member->statement.table);
    if (error != NULL)
        return error;
    op_capacity_add_write(&capacity, member->written);
    return op_throttle_write(batch->call, &capacity, 1);
}

/* Each statement for itself: one whose item collection would be too large, or, with throughput
 * enforced, that is throttled, is left out, and the rest decided again. */
static enum db_admission admit(void *context, struct db_write_set *set, const struct error *problem)
{
    struct batch *batch = context;
    if (problem != NULL) {
        batch->writers[set->refused]->left_out = problem;
        return DB_DECIDE_AGAIN;
    }
    enum db_admission admission = DB_ADMIT;
    for (size_t i = 0; i < set->count; i++) {
        struct member *member = batch->writers[i];
        if (member->write.error != NULL || member->is_admitted)
            continue;
        const struct error *error = take_throughput(batch, member);
        if (ends_request(error)) {
            batch->error = error;
            return DB_REFUSE;
        }
        member->left_out = error;
        member->is_admitted = error == NULL;
        if (error != NULL)
            admission = DB_DECIDE_AGAIN;
    }
    return admission;
}

/* With throughput enforced: what fails for what the item is costs as if it had been written. */
static void charge_failures(const struct batch *batch)
{
    for (size_t i = 0; i < batch->set.count; i++)
        if (fails_for_item(batch->writers[i]))
            op_throttle_charge_table(batch->call, batch->writers[i]->statement.table,
                                     failed_units(batch->writers[i]));
}

/* Tables of which no statement succeeded are left out (observed). */
static const struct error *show_capacity(const struct batch *batch)
{
    struct model_enum mode = batch->input->return_consumed_capacity;
    if (!op_capacity_wanted(mode))
        return NULL;
    struct arena *arena = batch->call->arena;
    struct cost *costs = ARENA_NEW_ARRAY(arena, struct cost, batch->count);
    struct model_consumed_capacity *consumed =
        ARENA_NEW_ARRAY(arena, struct model_consumed_capacity, batch->count);
    if (costs == NULL || consumed == NULL)
        return error_exhausted();
    size_t count = 0, shown = 0;
    const struct error *error = collect_costs(batch, costs, &count);
    for (size_t i = 0; error == NULL && i < count; i++) {
        if (!costs[i].succeeded)
            continue;
        error = op_capacity_fill(&costs[i].capacity, arena,
                                 mode.value == MODEL_RETURN_CONSUMED_CAPACITY_INDEXES,
                                 &consumed[shown]);
        consumed[shown++].capacity_units.value += costs[i].failed_units;
    }
    batch->output->consumed_capacity.present = shown > 0;
    batch->output->consumed_capacity.count = shown;
    batch->output->consumed_capacity.items = consumed;
    return error;
}

/* --- the answer --- */

static int code_of(enum error_kind kind)
{
    switch (kind) {
    case ERROR_VALIDATION:
        return MODEL_BATCH_STATEMENT_ERROR_CODE_ENUM_VALIDATION_ERROR;
    case ERROR_CONDITIONAL_CHECK_FAILED:
        return MODEL_BATCH_STATEMENT_ERROR_CODE_ENUM_CONDITIONAL_CHECK_FAILED;
    case ERROR_DUPLICATE_ITEM:
        return MODEL_BATCH_STATEMENT_ERROR_CODE_ENUM_DUPLICATE_ITEM;
    case ERROR_RESOURCE_NOT_FOUND:
        return MODEL_BATCH_STATEMENT_ERROR_CODE_ENUM_RESOURCE_NOT_FOUND;
    case ERROR_ITEM_COLLECTION_SIZE_LIMIT:
        return MODEL_BATCH_STATEMENT_ERROR_CODE_ENUM_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED;
    case ERROR_TRANSACTION_CONFLICT:
        return MODEL_BATCH_STATEMENT_ERROR_CODE_ENUM_TRANSACTION_CONFLICT;
    case ERROR_PROVISIONED_THROUGHPUT:
        return MODEL_BATCH_STATEMENT_ERROR_CODE_ENUM_PROVISIONED_THROUGHPUT_EXCEEDED;
    case ERROR_THROTTLING:
        return MODEL_BATCH_STATEMENT_ERROR_CODE_ENUM_THROTTLING_ERROR;
    case ERROR_ACCESS_DENIED:
        return MODEL_BATCH_STATEMENT_ERROR_CODE_ENUM_ACCESS_DENIED;
    default:
        return MODEL_BATCH_STATEMENT_ERROR_CODE_ENUM_INTERNAL_SERVER_ERROR;
    }
}

static const struct error *answer_member(const struct op_call *call, const struct member *member,
                                         struct model_batch_statement_response *response)
{
    if (member->reached_table)
        response->table_name = member->statement.parsed.table;
    if (member->error == NULL) {
        response->item.item = member->item;
        return NULL;
    }
    struct model_batch_statement_error *error =
        ARENA_NEW(call->arena, struct model_batch_statement_error);
    if (error == NULL)
        return error_exhausted();
    error->code.value = code_of(member->error->kind);
    error->message = member->error->message;
    error->item.item = member->error->item;
    response->error = error;
    return NULL;
}

static const struct error *answer(struct batch *batch)
{
    struct model_batch_statement_response *responses =
        ARENA_NEW_ARRAY(batch->call->arena, struct model_batch_statement_response, batch->count);
    if (responses == NULL)
        return error_exhausted();
    for (size_t i = 0; i < batch->count; i++) {
        const struct error *error = answer_member(batch->call, &batch->members[i], &responses[i]);
        if (error != NULL)
            return error;
    }
    batch->output->responses.present = true;
    batch->output->responses.count = batch->count;
    batch->output->responses.items = responses;
    return show_capacity(batch);
}

static void end(struct batch *batch, const struct error *error)
{
    if (error == NULL)
        error = answer(batch);
    for (size_t i = 0; i < batch->count; i++)
        op_statement_release(&batch->members[i].statement);
    op_finish(batch->call, error, batch->output);
}

static void done(void *context, const struct error *error)
{
    struct batch *batch = context;
    if (error != NULL)
        error = op_error_copy(batch->call, error);
    else
        error = batch->error;
    if (error == NULL) {
        take_writes(batch);
        charge_failures(batch);
    }
    end(batch, error);
}

/* --- all of it --- */

static void run(struct batch *batch)
{
    bool reads = false;
    for (size_t i = 0; i < batch->count; i++)
        reads |= batch->members[i].parsed && op_statement_reads(&batch->members[i].statement);
    if (reads) {
        end(batch, read_items(batch));
        return;
    }
    collect_writes(batch);
    if (batch->set.count == 0) {
        end(batch, NULL);
        return;
    }
    db_write_items(batch->call->environment->db, &batch->set);
}

void op_batch_execute_statement(struct op_call *call)
{
    struct batch *batch = ARENA_NEW(call->arena, struct batch);
    struct model_batch_execute_statement_output *output =
        ARENA_NEW(call->arena, struct model_batch_execute_statement_output);
    if (batch == NULL || output == NULL) {
        op_fail(call, error_exhausted());
        return;
    }
    call->private = batch;
    batch->call = call;
    batch->input = call->input;
    batch->output = output;
    batch->count = batch->input->statements.count;
    CHECK(batch->count <= STATEMENTS_MAX); /* the model has looked */
    batch->set = (struct db_write_set){
        .arena = call->arena,
        .writes = batch->writes,
        .decide = decide,
        .admit = admit,
        .done = done,
        .context = batch,
        .conflicts = DB_CONFLICTS_TELL,
    };
    const struct error *error = parse(batch);
    if (error == NULL)
        error = find(batch);
    if (error == NULL)
        error = check_distinct(batch);
    if (error == NULL)
        throttle(batch);
    if (error != NULL)
        end(batch, error);
    else
        run(batch);
}
