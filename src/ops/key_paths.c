#include "ops/key_paths.h"

#include "ops/validation_error.h"

/* The first key attribute that a path looks into: those of the table before those of indexes. */
struct key_search {
    const struct db_table *table;
    struct slice table_key;
    struct slice index_key;
};

static bool is_index_key(const struct db_table *table, struct slice name)
{
    for (size_t i = 0; i < table->index_count; i++)
        if (db_key_schema_has(&table->indexes[i].key, name))
            return true;
    return false;
}

static bool look_at(void *context, struct path path)
{
    struct key_search *search = context;
    if (path.count < 2)
        return true;
    struct slice name = path.elements[0].name;
    if (!slice_present(search->table_key) && db_key_schema_has(&search->table->key, name))
        search->table_key = name;
    else if (!slice_present(search->index_key) && is_index_key(search->table, name))
        search->index_key = name;
    return true;
}

static const struct error *verdict(const struct op_call *call, const struct key_search *search)
{
    bool in_table = slice_present(search->table_key);
    if (!in_table && !slice_present(search->index_key))
        return NULL;
    struct slice name = in_table ? search->table_key : search->index_key;
    return op_validation_error(call,
                               "Key attributes must be scalars; list random access '[]' and map "
                               "lookup '.' are not allowed: %s: %.*s",
                               in_table ? "Key" : "IndexKey", SLICE_PRINT(name));
}

const struct error *op_key_paths_check_condition(const struct op_call *call,
                                                 const struct db_table *table,
                                                 const struct expr_condition *condition)
{
    struct key_search search = {.table = table};
    expr_condition_visit_paths(condition, look_at, &search);
    return verdict(call, &search);
}

const struct error *op_key_paths_check_projection(const struct op_call *call,
                                                  const struct db_table *table,
                                                  const struct expr_projection *projection)
{
    struct key_search search = {.table = table};
    for (size_t i = 0; i < projection->count; i++)
        (void)look_at(&search, projection->paths[i]);
    return verdict(call, &search);
}

const struct error *op_key_paths_check_updated(const struct op_call *call,
                                               const struct db_table *table,
                                               const struct expr_update *update)
{
    if (update == NULL)
        return NULL;
    const struct path *paths;
    size_t count;
    expr_update_paths(update, &paths, &count);
    for (size_t i = 0; i < count; i++) {
        struct slice name = paths[i].elements[0].name;
        if (db_key_schema_has(&table->key, name))
            return op_validation_error(call,
                                       "One or more parameter values were invalid: Cannot update "
                                       "attribute %.*s. This attribute is part of the key",
                                       SLICE_PRINT(name));
    }
    return NULL;
}

static const struct db_attribute *mistyped(const struct db_attribute *attributes, size_t count,
                                           const struct expr_update *update,
                                           enum value_type *ret_type)
{
    for (size_t i = 0; i < count; i++) {
        enum value_type type = expr_update_known_type(update, attributes[i].name);
        if (type == VALUE_ABSENT || type == attributes[i].type)
            continue;
        *ret_type = type;
        return &attributes[i];
    }
    return NULL;
}

const struct error *op_key_paths_check_types(const struct op_call *call,
                                             const struct db_table *table,
                                             const struct expr_update *update)
{
    const struct error *first = NULL;
    struct slice first_name = SLICE_ABSENT;
    for (size_t i = 0; update != NULL && i < table->index_count; i++) {
        const struct db_index *index = &table->indexes[i];
        if (index->status == DB_STATUS_DELETING ||
            (first != NULL && slice_compare(first_name, index->name) < 0))
            continue;
        enum value_type type = VALUE_ABSENT;
        const struct db_attribute *attribute =
            mistyped(index->key.partition, index->key.partition_count, update, &type);
        if (attribute == NULL)
            attribute = mistyped(index->key.sort, index->key.sort_count, update, &type);
        if (attribute == NULL)
            continue;
        first = db_table_type_mismatch(call->arena, index, attribute, type);
        first_name = index->name;
    }
    return first;
}

const struct error *op_key_paths_check_update(const struct op_call *call,
                                              const struct db_table *table,
                                              const struct expr_update *update)
{
    if (update == NULL)
        return NULL;
    const struct error *error = op_key_paths_check_types(call, table, update);
    if (error != NULL)
        return error;
    struct key_search search = {.table = table};
    const struct path *paths;
    size_t count;
    expr_update_paths(update, &paths, &count);
    for (size_t i = 0; i < count; i++)
        (void)look_at(&search, paths[i]);
    expr_update_visit_paths(update, look_at, &search);
    return verdict(call, &search);
}

struct mention_search {
    struct slice name;
    bool found;
};

static bool is_mention(void *context, struct path path)
{
    struct mention_search *search = context;
    search->found = slice_equal(path.elements[0].name, search->name);
    return !search->found;
}

static const struct error *check_attributes(const struct op_call *call,
                                            const struct db_attribute *attributes, size_t count,
                                            const struct expr_condition *filter, bool is_legacy)
{
    for (size_t i = 0; i < count; i++) {
        struct mention_search search = {attributes[i].name, false};
        expr_condition_visit_paths(filter, is_mention, &search);
        if (search.found)
            return op_validation_error(call,
                                       "%s can only contain non-primary key attributes: Primary "
                                       "key attribute: %.*s",
                                       is_legacy ? "QueryFilter" : "Filter Expression",
                                       SLICE_PRINT(search.name));
    }
    return NULL;
}

const struct error *op_key_paths_check_query_filter(const struct op_call *call,
                                                    const struct db_key_schema *schema,
                                                    const struct expr_condition *filter,
                                                    bool is_legacy)
{
    const struct error *error =
        check_attributes(call, schema->partition, schema->partition_count, filter, is_legacy);
    if (error == NULL)
        error = check_attributes(call, schema->sort, schema->sort_count, filter, is_legacy);
    return error;
}
