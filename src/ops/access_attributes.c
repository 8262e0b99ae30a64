/* The attributes that a request names, and the partition key values it demands. */

#include "num/num.h"
#include "ops/access_part.h"
#include "ops/expressions.h"

enum { FIRST_VALUES = 16 };

/* --- lists --- */

void op_access_add(struct op_access_list *list, struct slice value)
{
    if (list->failed)
        return;
    if (list->count == list->room) {
        size_t room = list->room == 0 ? FIRST_VALUES : list->room * 2;
        struct slice *items = ARENA_NEW_ARRAY(list->arena, struct slice, room);
        if (items == NULL) {
            list->failed = true;
            return;
        }
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = value;
}

static struct slice number_text(struct arena *arena, struct value value)
{
    struct num number;
    char text[NUM_TEXT_BYTES_MAX];
    struct slice copy = SLICE_ABSENT;
    if (!value_to_num(value, &number))
        return copy;
    size_t size = num_format(&number, text);
    return arena_copy(arena, slice_of(text, size), &copy) ? copy : SLICE_ABSENT;
}

void op_access_add_key_value(struct op_access_list *list, struct value value)
{
    struct slice text = SLICE_ABSENT;
    if (value.type == VALUE_STRING)
        text = value.body;
    else if (value.type == VALUE_NUMBER)
        text = number_text(list->arena, value);
    else if (value.type == VALUE_BINARY)
        text = value.body; /* BinaryEquals decodes what stands in the policy */
    else
        return; /* no key has such a value: the operation says so */
    if (slice_present(text))
        op_access_add(list, text);
    else
        list->failed = true;
}

/* --- attributes --- */

void op_access_add_item_names(struct op_access_list *list, struct slice item)
{
    if (!slice_present(item))
        return;
    struct value_iter iter;
    struct slice name;
    struct value value;
    value_iter_begin(&iter, value_of_item(item));
    while (value_iter_next(&iter, &name, &value))
        op_access_add(list, name);
}

static void add_legacy_names(struct op_access_list *list, const struct op_access_part *part)
{
    for (size_t i = 0; part->expected != NULL && i < part->expected->count; i++)
        op_access_add(list, part->expected->entries[i].key);
    for (size_t i = 0; part->attribute_updates != NULL && i < part->attribute_updates->count; i++)
        op_access_add(list, part->attribute_updates->entries[i].key);
    for (size_t i = 0; part->key_conditions != NULL && i < part->key_conditions->count; i++)
        op_access_add(list, part->key_conditions->entries[i].key);
    for (size_t i = 0; part->legacy_filter != NULL && i < part->legacy_filter->count; i++)
        op_access_add(list, part->legacy_filter->entries[i].key);
    for (size_t i = 0; part->attributes_to_get != NULL && i < part->attributes_to_get->count; i++)
        op_access_add(list, part->attributes_to_get->items[i]);
}

bool op_access_add_path(void *context, struct path path)
{
    if (path.count > 0)
        op_access_add(context, path.elements[0].name);
    return true;
}

static void add_paths(struct op_access_list *list, const struct path *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        op_access_add_path(list, paths[i]);
}

void op_access_add_update(struct op_access_list *list, const struct expr_update *update)
{
    if (update == NULL)
        return;
    const struct path *paths;
    size_t count;
    expr_update_paths(update, &paths, &count);
    add_paths(list, paths, count);
    expr_update_visit_paths(update, op_access_add_path, list);
}

static const struct error *add_key_terms(struct op_access_list *list, struct expr_scope *scope,
                                         struct slice text)
{
    struct expr_key_condition condition;
    const struct error *error = expr_key_condition_parse(scope, text, &condition);
    for (size_t i = 0; error == NULL && i < condition.count; i++)
        op_access_add(list, condition.terms[i].name);
    return error;
}

static bool has_expressions(const struct op_access_part *part)
{
    return slice_present(part->condition) || slice_present(part->update) ||
           slice_present(part->projection) || slice_present(part->filter) ||
           slice_present(part->key_condition);
}

static const struct error *make_scope(const struct op_call *call, const struct op_access_part *part,
                                      struct expr_scope *ret_scope)
{
    const struct op_expressions expressions = {
        (const struct op_parameter[]){{"Expression", true}, {NULL, false}},
        (const struct op_parameter[]){{NULL, false}},
        part->names,
        part->values,
    };
    return op_expressions_scope(call, &expressions, ret_scope);
}

static const struct error *add_expressions(const struct op_call *call,
                                           const struct op_access_part *part,
                                           struct op_access_list *list)
{
    if (!has_expressions(part))
        return NULL;
    struct expr_scope scope;
    const struct expr_condition *condition = NULL, *filter = NULL;
    const struct expr_update *update = NULL;
    struct expr_projection projection = {.count = 0};
    const struct error *error = make_scope(call, part, &scope);
    if (error == NULL && slice_present(part->condition))
        error =
            expr_condition_parse(&scope, EXPR_CONDITION_EXPRESSION, part->condition, &condition);
    if (error == NULL && slice_present(part->filter))
        error = expr_condition_parse(&scope, EXPR_FILTER_EXPRESSION, part->filter, &filter);
    if (error == NULL && slice_present(part->update))
        error = expr_update_parse(&scope, part->update, &update);
    if (error == NULL && slice_present(part->projection))
        error = expr_projection_parse(&scope, part->projection, &projection);
    if (error == NULL && slice_present(part->key_condition))
        error = add_key_terms(list, &scope, part->key_condition);
    if (error != NULL)
        return error;
    expr_condition_visit_paths(condition, op_access_add_path, list);
    expr_condition_visit_paths(filter, op_access_add_path, list);
    op_access_add_update(list, update);
    add_paths(list, projection.paths, projection.count);
    return NULL;
}

static struct slice item_of(const struct item_reading *reading)
{
    return reading == NULL ? SLICE_ABSENT : reading->item;
}

const struct error *op_access_attributes(const struct op_call *call,
                                         const struct op_access_part *part,
                                         struct op_access_list *list)
{
    if (part->statement != NULL)
        return op_access_statement_attributes(call, part, list);
    op_access_add_item_names(list, item_of(part->key));
    op_access_add_item_names(list, item_of(part->item));
    add_legacy_names(list, part);
    return add_expressions(call, part, list);
}

/* --- partition keys --- */

void op_access_add_member(struct op_access_list *list, struct slice item, struct slice name)
{
    if (!slice_present(item))
        return;
    struct value value = value_map_find(value_of_item(item), name);
    if (value_present(value))
        op_access_add_key_value(list, value);
}

/* Of KeyConditions; only = can stand on a partition key. */
static void add_legacy_condition(struct op_access_list *list, const struct op_access_part *part,
                                 struct slice name)
{
    for (size_t i = 0; part->key_conditions != NULL && i < part->key_conditions->count; i++) {
        const struct model_entry_key_conditions *entry = &part->key_conditions->entries[i];
        if (slice_equal(entry->key, name) && entry->value.attribute_value_list.count > 0)
            op_access_add_key_value(list, entry->value.attribute_value_list.items[0].value);
    }
}

static const struct error *add_key_condition(const struct op_call *call,
                                             const struct op_access_part *part, struct slice name,
                                             struct op_access_list *list)
{
    if (!slice_present(part->key_condition))
        return NULL;
    struct expr_scope scope;
    struct expr_key_condition condition;
    const struct error *error = make_scope(call, part, &scope);
    if (error == NULL)
        error = expr_key_condition_parse(&scope, part->key_condition, &condition);
    for (size_t i = 0; error == NULL && i < condition.count; i++) {
        if (slice_equal(condition.terms[i].name, name))
            op_access_add_key_value(list, condition.terms[i].operand[0]);
    }
    return error;
}

/* The key schema of the table or index. *ret_table has a reference, NULL when there is no table or
 * no such index. */
static const struct db_key_schema *find_schema(const struct op_call *call,
                                               const struct op_access *access,
                                               const struct db_table **ret_table)
{
    const struct db_table *table =
        db_table_acquire(call->environment->db, access->table.account, access->table.region,
                         access->table.name, call->now_ms);
    *ret_table = table;
    if (table == NULL || !slice_present(access->index))
        return table == NULL ? NULL : &table->key;
    const struct db_index *index = db_table_index(table, access->index);
    return index == NULL ? NULL : &index->key;
}

const struct error *op_access_partition_values(const struct op_call *call,
                                               const struct op_access *access,
                                               const struct op_access_part *part, size_t number,
                                               struct op_access_list *list)
{
    /* Statements cannot use indexes with more than one partition key attribute. */
    if (part->statement != NULL)
        return number == 0 ? op_access_statement_values(call, part, list) : NULL;
    const struct error *error = NULL;
    const struct db_table *table;
    const struct db_key_schema *schema = find_schema(call, access, &table);
    if (schema != NULL && number < schema->partition_count) {
        struct slice name = schema->partition[number].name;
        op_access_add_member(list, item_of(part->key), name);
        op_access_add_member(list, item_of(part->item), name);
        add_legacy_condition(list, part, name);
        error = add_key_condition(call, part, name, list);
    }
    if (table != NULL)
        op_table_release(call, table);
    return error;
}
