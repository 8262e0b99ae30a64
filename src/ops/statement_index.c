#include "ops/statement_index.h"

#include "ops/validation_error.h"

static bool is_in_index(const struct op_statement *statement, struct slice name)
{
    const struct db_index *index = statement->index;
    if (index->projection == DB_PROJECT_ALL || db_key_schema_has(&index->key, name) ||
        db_key_schema_has(&statement->table->key, name))
        return true;
    for (size_t i = 0; i < index->non_key_attribute_count; i++)
        if (slice_equal(index->non_key_attributes[i], name))
            return true;
    return false;
}

/* --- names that the index does not have, each once --- */

struct missing {
    const struct op_statement *statement;
    struct slice *names;
    size_t count;
    size_t visited;
};

static bool add_missing(void *context, struct path path)
{
    struct missing *missing = context;
    struct slice name = path.elements[0].name;
    missing->visited++;
    if (missing->names == NULL || is_in_index(missing->statement, name))
        return true;
    for (size_t i = 0; i < missing->count; i++)
        if (slice_equal(missing->names[i], name))
            return true;
    missing->names[missing->count++] = name;
    return true;
}

static bool make_room(struct missing *missing, size_t count)
{
    missing->names = ARENA_NEW_ARRAY(missing->statement->call->arena, struct slice, count);
    return missing->names != NULL;
}

/* "<rule> <name of the index> <what> [a, b]" */
static const struct error *name_missing(const struct missing *missing, const char *rule,
                                        const char *what)
{
    const struct op_call *call = missing->statement->call;
    struct buf message;
    buf_init(&message, call->arena, SIZE_MAX);
    buf_append_format(&message, "One or more parameter values were invalid: %s %.*s %s [", rule,
                      SLICE_PRINT(missing->statement->index->name), what);
    for (size_t i = 0; i < missing->count; i++) {
        buf_append(&message, i > 0 ? SLICE(", ") : SLICE(""));
        buf_append(&message, missing->names[i]);
    }
    buf_append(&message, SLICE("]"));
    if (message.failed)
        return error_exhausted();
    return error_make_slice(call->arena, ERROR_VALIDATION, buf_slice(&message));
}

/* --- columns --- */

static const struct error *check_columns(const struct op_statement *statement,
                                         bool *ret_fetch_items)
{
    const struct partiql_statement *select = &statement->statement;
    struct missing missing = {.statement = statement};
    *ret_fetch_items = false;
    if (!make_room(&missing, select->column_count))
        return error_exhausted();
    for (size_t i = 0; i < select->column_count; i++)
        (void)add_missing(&missing, select->columns[i].path);
    if (missing.count == 0)
        return NULL;
    *ret_fetch_items = !statement->index->global;
    return *ret_fetch_items ? NULL
                            : name_missing(&missing, "Global secondary index", "does not project");
}

const struct error *op_statement_index_check(const struct op_statement *statement, bool consistent,
                                             bool *ret_fetch_items)
{
    const struct op_call *call = statement->call;
    const struct db_index *index = statement->index;
    if (index->global && consistent)
        return op_validation_error(
            call, "Strongly consistent read is not supported on Global Secondary Indexes");
    if (index->global && (index->backfilling || index->status == DB_STATUS_CREATING))
        return op_validation_error(call,
                                   "Cannot read from backfilling global secondary index: %.*s",
                                   SLICE_PRINT(index->name));
    return check_columns(statement, ret_fetch_items);
}

/* --- filters --- */

static const struct error *find_missing_filters(const struct partiql_range *range,
                                                struct missing *missing)
{
    *missing = (struct missing){.statement = missing->statement};
    partiql_range_visit_filters(range, add_missing, missing);
    if (!make_room(missing, missing->visited))
        return error_exhausted();
    partiql_range_visit_filters(range, add_missing, missing);
    return NULL;
}

/* In the service's order, which leaves names of one slot as they came. */
static void sort_names(struct missing *missing)
{
    for (size_t i = 1; i < missing->count; i++) {
        struct slice name = missing->names[i];
        uint32_t slot = expr_hash_slot(name, missing->count);
        size_t at = i;
        for (; at > 0 && expr_hash_slot(missing->names[at - 1], missing->count) > slot; at--)
            missing->names[at] = missing->names[at - 1];
        missing->names[at] = name;
    }
}

/* Refused only when every read has such a filter; the words are about the last one (observed). */
const struct error *op_statement_index_check_filters(const struct op_statement *statement,
                                                     const struct partiql_plan *plan)
{
    struct missing missing = {.statement = statement};
    for (size_t i = 0; i < plan->range_count; i++) {
        const struct error *error = find_missing_filters(&plan->ranges[i], &missing);
        if (error != NULL || missing.count == 0)
            return error;
    }
    if (plan->range_count == 0)
        return NULL;
    sort_names(&missing);
    return name_missing(&missing, "Secondary index",
                        "does not project one or more filter attributes:");
}

/* --- what the index sees --- */

struct seen {
    const struct op_statement *statement;
    struct path *paths;
    size_t count;
};

static bool add_seen(void *context, struct path path)
{
    struct seen *seen = context;
    struct path top = {path.elements, 1};
    if (!is_in_index(seen->statement, top.elements[0].name))
        return true;
    for (size_t i = 0; seen->paths != NULL && i < seen->count; i++)
        if (path_compare(seen->paths[i], top) == 0)
            return true;
    if (seen->paths != NULL)
        seen->paths[seen->count] = top;
    seen->count++;
    return true;
}

const struct error *op_statement_index_paths(const struct op_statement *statement,
                                             struct path_set *ret_paths)
{
    struct seen seen = {.statement = statement};
    expr_condition_visit_paths(statement->statement.where, add_seen, &seen);
    seen.paths = ARENA_NEW_ARRAY(statement->call->arena, struct path, seen.count);
    if (seen.paths == NULL)
        return error_exhausted();
    seen.count = 0;
    expr_condition_visit_paths(statement->statement.where, add_seen, &seen);
    return path_set_make(statement->call->arena, seen.paths, seen.count, ret_paths)
               ? NULL
               : error_exhausted();
}
