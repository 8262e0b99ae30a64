#include "ops/statement_write.h"

#include "item/value_size.h"
#include "ops/item_write.h"
#include "ops/key_paths.h"
#include "ops/return_values.h"
#include "ops/validation_error.h"

/* --- which item --- */

static const struct error *prepare_insert(const struct op_statement *statement,
                                          struct op_statement_write *write)
{
    const struct op_call *call = statement->call;
    struct slice item = statement->statement.item;
    const struct error *error = db_table_check_item(statement->table, call->arena, item);
    if (error == NULL && item_nests_too_deep(item))
        error = op_validation_error(call, "Nesting Levels have exceeded supported limits");
    if (error == NULL && item_size_bytes(item) > ITEM_SIZE_MAX)
        error = op_validation_error(call, "Item size has exceeded the maximum allowed size");
    if (error == NULL)
        error = db_table_key_of_item(statement->table, call->arena, item, &write->key);
    return error;
}

static const struct error *check_match(const struct op_statement *statement,
                                       enum op_statement_words words,
                                       const struct partiql_item_key *match)
{
    const struct op_call *call = statement->call;
    if (words == OP_STATEMENT_IN_TRANSACTION)
        return match->match == PARTIQL_MATCH_ITEM ? NULL : op_statement_wrong_key(call);
    if (match->match == PARTIQL_MATCH_NONE)
        return op_validation_error(
            call, "Where clause does not contain a mandatory equality on all key attributes");
    if (match->match == PARTIQL_MATCH_SEVERAL)
        return op_validation_error(call,
                                   "Multiple conditions on same key %.*s. Only single item "
                                   "Update/Insert/Delete are supported",
                                   SLICE_PRINT(match->name));
    const struct error *error =
        partiql_check_key_type(call->arena, &statement->key.partition, match->partition);
    if (error == NULL && slice_present(statement->key.sort.name))
        error = partiql_check_key_type(call->arena, &statement->key.sort, match->sort);
    return error;
}

static const struct error *prepare_by_key(const struct op_statement *statement,
                                          enum op_statement_words words,
                                          struct op_statement_write *write)
{
    struct partiql_item_key match;
    partiql_match_item(&statement->statement, &statement->key, false, &match);
    const struct error *error = check_match(statement, words, &match);
    if (error == NULL)
        error = op_statement_make_key(statement, match.partition, match.sort, &write->key);
    if (error == NULL)
        error = op_key_paths_check_updated(statement->call, statement->table,
                                           statement->statement.update);
    if (error == NULL)
        error = op_key_paths_check_types(statement->call, statement->table,
                                         statement->statement.update);
    return error;
}

const struct error *op_statement_write_prepare(const struct op_statement *statement,
                                               enum op_statement_words words,
                                               struct model_enum return_values_on_failure,
                                               struct op_statement_write *ret_write)
{
    struct op_statement_write write = {
        .statement = statement,
        .return_values_on_condition_check_failure = return_values_on_failure,
        .returned = SLICE_ABSENT,
    };
    const struct error *error = statement->statement.kind == PARTIQL_INSERT
                                    ? prepare_insert(statement, &write)
                                    : prepare_by_key(statement, words, &write);
    if (error == NULL)
        *ret_write = write;
    return error;
}

/* --- what becomes of it --- */

static struct model_enum return_values_of(enum partiql_returning returning)
{
    static const int values[] = {
        [PARTIQL_RETURNING_NOTHING] = MODEL_RETURN_VALUE_NONE,
        [PARTIQL_RETURNING_ALL_OLD] = MODEL_RETURN_VALUE_ALL_OLD,
        [PARTIQL_RETURNING_ALL_NEW] = MODEL_RETURN_VALUE_ALL_NEW,
        [PARTIQL_RETURNING_MODIFIED_OLD] = MODEL_RETURN_VALUE_UPDATED_OLD,
        [PARTIQL_RETURNING_MODIFIED_NEW] = MODEL_RETURN_VALUE_UPDATED_NEW,
    };
    return (struct model_enum){.value = values[returning]};
}

static const struct error *decide_insert(const struct op_statement_write *self, struct arena *arena,
                                         struct db_write *write)
{
    if (slice_present(write->old_item))
        return error_make(arena, ERROR_DUPLICATE_ITEM, "Duplicate primary key exists in table");
    write->action = DB_PUT;
    write->new_item = self->statement->statement.item;
    return NULL;
}

/* The service measures the finished item alone, other than UpdateItem (observed). */
static const struct error *decide_update(const struct op_statement_write *self, struct arena *arena,
                                         struct db_write *write)
{
    const struct op_statement *statement = self->statement;
    struct slice old = write->old_item, new;
    const struct error *error = expr_update_apply(statement->statement.update, arena, old, &new);
    if (error == NULL)
        error = db_table_check_update(statement->table, arena, old, new);
    if (error == NULL && item_size_bytes(new) > ITEM_SIZE_MAX)
        error = error_make(arena, ERROR_VALIDATION,
                           "Item size to update has exceeded the maximum allowed size");
    if (error != NULL)
        return error;
    /* The old item is only lent; what is to be returned must outlive it. */
    if (new.data == old.data && !arena_copy(arena, old, &new))
        return error_exhausted();
    write->action = slice_equal(old, new) ? DB_KEEP : DB_PUT;
    write->new_item = new;
    return NULL;
}

/* RETURNING. The old item is only lent. */
static const struct error *pick_returned(struct op_statement_write *self, struct arena *arena,
                                         const struct db_write *write)
{
    const struct partiql_statement *statement = &self->statement->statement;
    struct model_enum values = return_values_of(statement->returning);
    struct slice old = write->old_item;
    if (op_return_values_need_old(values) && slice_present(old) && !arena_copy(arena, old, &old))
        return error_exhausted();
    return op_return_values_pick(arena, values, statement->update, old, write->new_item,
                                 &self->returned);
}

static const struct error *decide(struct op_statement_write *self, struct arena *arena,
                                  struct db_write *write)
{
    const struct partiql_statement *statement = &self->statement->statement;
    bool found = slice_present(write->old_item);
    if (write->conflicts)
        return error_make_slice(arena, ERROR_TRANSACTION_CONFLICT,
                                SLICE("Transaction is ongoing for the item"));
    if (statement->kind == PARTIQL_INSERT)
        return decide_insert(self, arena, write);
    if (!found && statement->kind == PARTIQL_DELETE)
        return NULL;
    if (!found || !expr_condition_holds(statement->where, write->old_item))
        return item_write_condition_failed(arena, write->old_item,
                                           self->return_values_on_condition_check_failure);
    const struct error *error = NULL;
    if (statement->kind == PARTIQL_DELETE)
        write->action = DB_DELETE;
    else
        error = decide_update(self, arena, write);
    return error != NULL ? error : pick_returned(self, arena, write);
}

void op_statement_write_leave_out(struct op_statement_write *self, const struct error *reason,
                                  struct db_write *write)
{
    self->error = reason;
    self->returned = SLICE_ABSENT;
    write->action = DB_KEEP;
    write->new_item = SLICE_ABSENT;
}

void op_statement_write_decide(struct op_statement_write *self, struct arena *arena,
                               struct db_write *write)
{
    op_statement_write_leave_out(self, NULL, write);
    self->error = decide(self, arena, write);
    if (self->error != NULL)
        op_statement_write_leave_out(self, self->error, write);
}
