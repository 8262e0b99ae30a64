#include "ops/statement.h"

#include "ops/validation_error.h"

/* PartiQL has kept the classic words for values (observed, 2026). */
const struct error *
op_statement_read_parameters(const struct op_call *call,
                             const struct model_list_prepared_statement_parameters *parameters,
                             struct op_statement *ret_statement)
{
    struct op_statement statement = {.call = call, .parameter_count = parameters->count};
    statement.parameters = ARENA_NEW_ARRAY(call->arena, struct value, parameters->count);
    if (statement.parameters == NULL)
        return error_exhausted();
    for (size_t i = 0; i < parameters->count; i++) {
        if (parameters->items[i].problem_classic != NULL)
            return parameters->items[i].problem_classic;
        statement.parameters[i] = parameters->items[i].value;
    }
    *ret_statement = statement;
    return NULL;
}

const struct error *op_statement_parse(struct op_statement *statement, struct slice text)
{
    return partiql_parse(statement->call->arena, text, &statement->parsed);
}

/* --- the table --- */

struct op_table_name op_statement_table_name(const struct op_call *call,
                                             const struct partiql_parsed *parsed)
{
    struct slice given = parsed->table;
    struct op_table_name name;
    if (!op_table_arn_read(given, &name))
        name = (struct op_table_name){given, call->environment->account, call->region, given};
    return name;
}

static const struct error *find_table(struct op_statement *statement)
{
    const struct op_call *call = statement->call;
    statement->name = op_statement_table_name(call, &statement->parsed);
    const struct error *error = NULL;
    if (!statement->borrows_table)
        error = op_table_for_items(call, &statement->name, &statement->table);
    if (error == NULL && slice_present(statement->parsed.index))
        statement->index = db_table_index(statement->table, statement->parsed.index);
    if (statement->index != NULL && statement->index->status == DB_STATUS_DELETING)
        statement->index = NULL;
    return error;
}

static const struct error *check_index_key(const struct op_statement *statement)
{
    const struct db_index *index = statement->index;
    if (index == NULL || (index->key.partition_count == 1 && index->key.sort_count <= 1))
        return NULL;
    return op_validation_error(statement->call,
                               "PartiQL statements cannot be executed on tables with "
                               "multi-attribute HASH keys or multi-attribute RANGE keys.");
}

static struct partiql_key key_of(const struct db_key_schema *schema)
{
    struct partiql_key key = {
        .partition = {schema->partition[0].name, schema->partition[0].type},
        .sort = {SLICE_ABSENT, VALUE_ABSENT},
    };
    if (schema->sort_count > 0)
        key.sort = (struct partiql_key_attribute){schema->sort[0].name, schema->sort[0].type};
    return key;
}

const struct error *op_statement_find(struct op_statement *statement)
{
    const struct op_call *call = statement->call;
    const struct error *missing = find_table(statement);
    const struct error *error = check_index_key(statement);
    if (error == NULL)
        error = partiql_build(call->arena, &statement->parsed, statement->parameters,
                              statement->parameter_count, &statement->statement);
    if (error == NULL)
        error = missing;
    if (error != NULL)
        return error;
    if (slice_present(statement->parsed.index) && statement->index == NULL)
        return op_validation_error(call, "The table does not have the specified index");
    statement->key =
        key_of(statement->index != NULL ? &statement->index->key : &statement->table->key);
    return NULL;
}

void op_statement_borrow_table(struct op_statement *statement, const struct op_statement *lender)
{
    statement->table = lender->table;
    statement->borrows_table = true;
}

void op_statement_release(struct op_statement *statement)
{
    if (statement->table != NULL && !statement->borrows_table)
        op_table_release(statement->call, statement->table);
    statement->table = NULL;
}

const struct error *op_statement_make_key(const struct op_statement *statement,
                                          struct value partition, struct value sort,
                                          struct slice *ret_key)
{
    struct arena *arena = statement->call->arena;
    struct value_member members[] = {{statement->key.partition.name, partition},
                                     {statement->key.sort.name, sort}};
    struct value map;
    if (!value_build_map(arena, members, value_present(sort) ? 2 : 1, &map))
        return error_exhausted();
    const struct error *error = db_table_check_key(statement->table, arena, map.body);
    if (error == NULL)
        *ret_key = map.body;
    return error;
}

const struct error *op_statement_wrong_key(const struct op_call *call)
{
    return op_validation_error(call, "The provided key element does not match the schema");
}
