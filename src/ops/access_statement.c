/* What a PartiQL statement names and demands, as access_attributes.c tells it of other requests. */

#include "ops/access_part.h"

/* With its table; to be released, also after an error. */
static const struct error *find(const struct op_call *call, const struct op_access_part *part,
                                struct op_statement *ret_statement)
{
    *ret_statement = (struct op_statement){.call = call};
    const struct error *error = op_statement_read_parameters(call, part->parameters, ret_statement);
    if (error != NULL)
        return error;
    ret_statement->parsed = *part->statement;
    return op_statement_find(ret_statement);
}

const struct error *op_access_statement_attributes(const struct op_call *call,
                                                   const struct op_access_part *part,
                                                   struct op_access_list *list)
{
    struct op_statement found;
    const struct error *error = find(call, part, &found);
    if (error == NULL) {
        const struct partiql_statement *statement = &found.statement;
        for (size_t i = 0; i < statement->column_count; i++)
            op_access_add_path(list, statement->columns[i].path);
        for (size_t i = 0; i < statement->order_count; i++)
            op_access_add(list, statement->orders[i].name);
        expr_condition_visit_paths(statement->where, op_access_add_path, list);
        op_access_add_update(list, statement->update);
        op_access_add_item_names(list, statement->item);
    }
    op_statement_release(&found);
    return error;
}

static const struct error *add_values(const struct op_statement *found, struct op_access_list *list)
{
    const struct partiql_statement *statement = &found->statement;
    if (statement->kind == PARTIQL_INSERT) {
        op_access_add_member(list, statement->item, found->key.partition.name);
        return NULL;
    }
    if (statement->kind != PARTIQL_SELECT) {
        struct partiql_item_key match;
        partiql_match_item(statement, &found->key, true, &match);
        if (value_present(match.partition))
            op_access_add_key_value(list, match.partition);
        return NULL;
    }
    struct partiql_plan plan;
    const struct error *error = partiql_plan_select(list->arena, statement, &found->key, &plan);
    for (size_t i = 0; error == NULL && plan.keyed && i < plan.range_count; i++)
        op_access_add_key_value(list, plan.ranges[i].terms[0].operand[0]);
    return error;
}

const struct error *op_access_statement_values(const struct op_call *call,
                                               const struct op_access_part *part,
                                               struct op_access_list *list)
{
    struct op_statement found;
    const struct error *error = find(call, part, &found);
    if (error == NULL)
        error = add_values(&found, list);
    op_statement_release(&found);
    return error;
}

const struct error *op_access_scans(const struct op_call *call, const struct op_access_part *part,
                                    bool *ret_scans)
{
    struct op_statement found;
    struct partiql_plan plan = {.keyed = true};
    const struct error *error = find(call, part, &found);
    if (error == NULL && found.statement.kind == PARTIQL_SELECT)
        error = partiql_plan_select(call->arena, &found.statement, &found.key, &plan);
    op_statement_release(&found);
    if (error == NULL)
        *ret_scans = !plan.keyed;
    return error;
}

const struct error *op_access_chooses(const struct op_call *call, const struct op_access_part *part,
                                      bool *ret_chooses)
{
    struct op_statement found;
    const struct error *error = find(call, part, &found);
    if (error == NULL)
        *ret_chooses = found.statement.column_count > 0;
    op_statement_release(&found);
    return error;
}

/* MODIFIED is what UpdateItem calls UPDATED. */
const struct error *op_access_returning(const struct op_call *call,
                                        const struct op_access_part *part,
                                        struct slice *ret_returning)
{
    static const struct slice words[] = {
        [PARTIQL_RETURNING_NOTHING] = SLICE_INIT("NONE"),
        [PARTIQL_RETURNING_ALL_OLD] = SLICE_INIT("ALL_OLD"),
        [PARTIQL_RETURNING_ALL_NEW] = SLICE_INIT("ALL_NEW"),
        [PARTIQL_RETURNING_MODIFIED_OLD] = SLICE_INIT("UPDATED_OLD"),
        [PARTIQL_RETURNING_MODIFIED_NEW] = SLICE_INIT("UPDATED_NEW"),
    };
    struct op_statement found;
    const struct error *error = find(call, part, &found);
    if (error == NULL)
        *ret_returning = words[found.statement.returning];
    op_statement_release(&found);
    return error;
}
