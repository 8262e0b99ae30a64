#include "ops/index_change.h"

#include "ops/table_rules.h"
#include "ops/table_settings.h"
#include "ops/update_combination.h"
#include "ops/validation_error.h"

enum {
    INDEX_UPDATES_MAX = 5,
    INDEX_UPDATES_COMPARED = 256, /* with each other; more are too many in any case */
};

typedef struct model_global_secondary_index_update index_update;
typedef struct model_list_global_secondary_index_update_list update_list;

#define WORDS_INVALID "One or more parameter values were invalid: "
#define WORDS_IN_USE "Attempt to change a resource which is still in use: "

static const struct error *too_many(const struct op_call *call)
{
    return error_make(call->arena, ERROR_LIMIT_EXCEEDED,
                      "Subscriber limit exceeded: Only 1 online index can be created or deleted "
                      "simultaneously per table");
}

/* The index that an update is about; absent when it is about none. */
static struct slice updated_index(const index_update *update)
{
    if (update->update != NULL)
        return update->update->index_name;
    if (update->create != NULL)
        return update->create->index_name;
    return update->delete != NULL ? update->delete->index_name : SLICE_ABSENT;
}

static size_t count_changes(const update_list *updates)
{
    size_t count = 0;
    for (size_t i = 0; i < updates->count; i++)
        count += updates->items[i].create != NULL || updates->items[i].delete != NULL;
    return count;
}

/* --- without data --- */

static const struct error *check_alone(const struct op_call *call, const index_update *update)
{
    unsigned actions =
        (update->update != NULL) + (update->create != NULL) + (update->delete != NULL);
    if (actions == 0)
        return op_validation_error(call, WORDS_INVALID
                                   "One of GlobalSecondaryIndexUpdate.Update, "
                                   "GlobalSecondaryIndexUpdate.Create, "
                                   "GlobalSecondaryIndexUpdate.Delete must not be null");
    if (actions > 1)
        return op_validation_error(call, WORDS_INVALID
                                   "Only one global secondary index action is allowed per "
                                   "GlobalSecondaryIndexUpdate object");
    return NULL;
}

static const struct error *check_names(const struct op_call *call, const update_list *updates)
{
    for (size_t i = 0; i < updates->count; i++)
        for (size_t j = 0; j < i; j++)
            if (slice_equal(updated_index(&updates->items[i]), updated_index(&updates->items[j])))
                return op_validation_error(call,
                                           WORDS_INVALID "Only one global secondary index update "
                                                         "per index is allowed simultaneously. "
                                                         "Index: %.*s",
                                           SLICE_PRINT(updated_index(&updates->items[i])));
    return NULL;
}

const struct error *op_index_updates_check(const struct op_call *call,
                                           const struct model_update_table_input *input)
{
    const update_list *updates = &input->global_secondary_index_updates;
    if (updates->present && updates->count == 0)
        return op_validation_error(call,
                                   WORDS_INVALID "List of GlobalSecondaryIndexUpdates is empty");
    if (updates->count > INDEX_UPDATES_COMPARED)
        return too_many(call);
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < updates->count; i++)
        error = check_alone(call, &updates->items[i]);
    if (error == NULL)
        error = check_names(call, updates);
    if (error == NULL)
        error = op_update_combination_check(call, input);
    for (size_t i = 0; error == NULL && i < updates->count; i++)
        if (updates->items[i].create != NULL)
            error = op_index_create_check(call, &input->attribute_definitions,
                                          updates->items[i].create);
    return error;
}

/* --- against the table --- */

/* Two blanks, as the service writes it. */
static const struct error *index_in_use(const struct op_call *call, const char *words,
                                        const struct db_table *table, const struct db_index *index)
{
    return error_make(call->arena, ERROR_RESOURCE_IN_USE,
                      WORDS_IN_USE "%s.  Table: %.*s Index: %.*s", words, SLICE_PRINT(table->name),
                      SLICE_PRINT(index->name));
}

static const struct error *not_found(const struct op_call *call, const struct db_table *table,
                                     struct slice name)
{
    return error_make(call->arena, ERROR_RESOURCE_NOT_FOUND,
                      "Requested resource not found: Index %.*s for table %.*s", SLICE_PRINT(name),
                      SLICE_PRINT(table->name));
}

static const struct error *check_create(const struct op_call *call, const struct db_table *table,
                                        const struct db_index *existing)
{
    if (existing == NULL)
        return NULL;
    if (existing->status == DB_STATUS_DELETING)
        return index_in_use(call, "Index is being deleted", table, existing);
    return op_validation_error(call, "Attempting to create an index which already exists");
}

/* For updates and deletes: is it there, global, and not going? */
static const struct error *check_existing(const struct op_call *call, const struct db_table *table,
                                          struct slice name, const struct db_index *existing,
                                          const char *verb)
{
    if (existing == NULL)
        return not_found(call, table, name);
    if (!existing->global)
        return op_validation_error(call,
                                   "Cannot %s an index that is not a GlobalSecondaryIndex: %.*s",
                                   verb, SLICE_PRINT(name));
    if (existing->status == DB_STATUS_DELETING)
        return index_in_use(call, "Index is being deleted", table, existing);
    if (existing->status == DB_STATUS_UPDATING)
        return index_in_use(call, "Index is being updated", table, existing);
    return NULL;
}

static bool is_allocating(const struct db_index *index)
{
    return index->online && !index->backfilling;
}

static const struct error *check_delete(const struct op_call *call, const struct db_table *table,
                                        struct slice name, const struct db_index *existing)
{
    const struct error *error = check_existing(call, table, name, existing, "delete");
    if (error != NULL || !is_allocating(existing))
        return error;
    return error_make(call->arena, ERROR_RESOURCE_IN_USE,
                      WORDS_IN_USE "Index creation is in resource allocation phase. Retry deletion "
                                   "during backfilling phase or when the index is active. Table: "
                                   "%.*s Index: %.*s",
                      SLICE_PRINT(table->name), SLICE_PRINT(name));
}

/* The throughput is looked at before whether the index is there (observed). */
static const struct error *
check_update(const struct op_call *call, const struct db_table *table,
             const struct model_update_global_secondary_index_action *update,
             const struct db_index *existing)
{
    if (op_throughput_check(call, update->provisioned_throughput) != NULL)
        return op_validation_error(call, "This operation cannot be performed with given input "
                                         "values. Please contact DynamoDB service team for more "
                                         "info: Action Blocked: IndexUpdate");
    const struct error *error = check_existing(call, table, update->index_name, existing, "update");
    if (error == NULL && is_allocating(existing))
        error = index_in_use(call, "Index is being created but is not backfilling yet", table,
                             existing);
    return error;
}

static const struct error *check_one(const struct op_call *call, const struct db_table *table,
                                     const index_update *update)
{
    struct slice name = updated_index(update);
    const struct db_index *existing = db_table_index(table, name);
    if (update->create != NULL)
        return check_create(call, table, existing);
    if (update->delete != NULL)
        return check_delete(call, table, name, existing);
    return check_update(call, table, update->update, existing);
}

static size_t count_global(const struct db_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->index_count; i++)
        count += table->indexes[i].global;
    return count;
}

/* One at a time; a creation under way may be cut short by deleting its index. */
static const struct error *check_changes(const struct op_call *call, const struct db_table *table,
                                         const update_list *updates)
{
    const struct db_index *busy = db_table_online_index(table);
    if (busy == NULL)
        busy = db_table_holding_index(table);
    for (size_t i = 0; i < updates->count; i++) {
        const index_update *update = &updates->items[i];
        if (update->create == NULL && update->delete == NULL)
            continue;
        if (busy != NULL && !slice_equal(busy->name, updated_index(update)))
            return too_many(call);
        if (update->create != NULL && count_global(table) >= DB_GLOBAL_INDEXES_MAX)
            return error_make(call->arena, ERROR_LIMIT_EXCEEDED,
                              "Subscriber limit exceeded: Number of global secondary indexes "
                              "exceeds per-table limit of %d",
                              DB_GLOBAL_INDEXES_MAX);
    }
    return NULL;
}

/* What else the update is about, while an index is being allocated or deleted. */
static const struct error *check_rest(const struct op_call *call, const struct db_table *table,
                                      const struct model_update_table_input *input)
{
    const struct db_index *busy = db_table_holding_index(table);
    if (busy == NULL)
        return NULL;
    bool is_going = busy->status == DB_STATUS_DELETING;
    int billing = table->billing == DB_PAY_PER_REQUEST ? MODEL_BILLING_MODE_PAY_PER_REQUEST
                                                       : MODEL_BILLING_MODE_PROVISIONED;
    bool is_switching = input->billing_mode.value != 0 && input->billing_mode.value != billing;
    const char *what = NULL;
    if (input->provisioned_throughput != NULL || is_switching)
        what = "table IOPS";
    else if (input->stream_specification != NULL)
        what = "stream status";
    if (what != NULL)
        return error_make(call->arena, ERROR_RESOURCE_IN_USE,
                          WORDS_IN_USE "Can't change %s when an index is being %s. Table: %.*s "
                                       "Indexes: [%.*s]",
                          what, is_going ? "deleted" : "created", SLICE_PRINT(table->name),
                          SLICE_PRINT(busy->name));
    if (input->on_demand_throughput == NULL)
        return NULL;
    return error_make(call->arena, ERROR_RESOURCE_IN_USE,
                      WORDS_IN_USE "OnDemandThroughput cannot be updated while index %s is in "
                                   "progress for indexes: [%.*s]",
                      is_going ? "deletion" : "creation", SLICE_PRINT(busy->name));
}

const struct error *op_index_changes_check(const struct op_call *call,
                                           const struct model_update_table_input *input,
                                           const struct db_table *table)
{
    const update_list *updates = &input->global_secondary_index_updates;
    if (table->status == DB_STATUS_CREATING || table->status == DB_STATUS_DELETING)
        return error_make(
            call->arena, ERROR_RESOURCE_IN_USE, WORDS_IN_USE "Table is being %s: %.*s",
            table->status == DB_STATUS_CREATING ? "created" : "deleted", SLICE_PRINT(table->name));
    if (count_changes(updates) > 1 || updates->count > INDEX_UPDATES_MAX)
        return too_many(call);
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < updates->count; i++)
        error = check_one(call, table, &updates->items[i]);
    if (error == NULL)
        error = check_changes(call, table, updates);
    if (error == NULL)
        error = check_rest(call, table, input);
    return error;
}

/* --- making the change --- */

/* Declarations of attributes that the table knows are passed over, whatever they say, and so are
 * those that no key uses (observed). */
static const struct error *merge_attributes(const struct op_call *call,
                                            const struct model_list_attribute_definitions *given,
                                            const struct model_list_key_schema *keys,
                                            struct db_table *table)
{
    size_t count = table->attribute_count;
    struct db_attribute *attributes =
        ARENA_NEW_ARRAY(call->arena, struct db_attribute, count + keys->count);
    if (attributes == NULL)
        return error_exhausted();
    if (count > 0)
        memcpy(attributes, table->attributes, count * sizeof(*attributes));
    for (size_t i = 0; i < keys->count; i++) {
        struct slice name = keys->items[i].attribute_name;
        if (db_table_attribute_type(table, name) != VALUE_ABSENT)
            continue;
        for (size_t j = 0; j < given->count; j++) {
            if (!slice_equal(given->items[j].attribute_name, name))
                continue;
            attributes[count++] = (struct db_attribute){
                name, op_attribute_type(given->items[j].attribute_type.value)};
            break;
        }
    }
    table->attributes = attributes;
    table->attribute_count = count;
    return NULL;
}

static const struct error *
check_throughput(const struct op_call *call, const struct db_table *table,
                 const struct model_create_global_secondary_index_action *create)
{
    bool on_demand = table->billing == DB_PAY_PER_REQUEST;
    bool given = create->provisioned_throughput != NULL;
    if (on_demand && given)
        return op_validation_error(call,
                                   WORDS_INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits "
                                                 "can be specified for index: %.*s when "
                                                 "BillingMode is PAY_PER_REQUEST",
                                   SLICE_PRINT(create->index_name));
    if (!on_demand && !given)
        return op_validation_error(call,
                                   WORDS_INVALID "Both ReadCapacityUnits and WriteCapacityUnits "
                                                 "must be specified for index: %.*s",
                                   SLICE_PRINT(create->index_name));
    const struct error *error = op_throughput_check(call, create->provisioned_throughput);
    if (error == NULL)
        error = op_on_demand_check(call, create->on_demand_throughput, !on_demand, true);
    return error;
}

static const struct error *
create_index(const struct op_call *call, const struct model_update_table_input *input,
             const struct model_create_global_secondary_index_action *create,
             struct db_table *table)
{
    size_t projected = create->projection->non_key_attributes.count;
    for (size_t i = 0; i < table->index_count; i++)
        projected += table->indexes[i].non_key_attribute_count;
    const struct error *error = check_throughput(call, table, create);
    if (error == NULL)
        error = op_projected_check(call, projected);
    if (error == NULL)
        error = merge_attributes(call, &input->attribute_definitions, &create->key_schema, table);
    if (error != NULL)
        return error;
    struct db_index *indexes =
        ARENA_NEW_ARRAY(call->arena, struct db_index, table->index_count + 1);
    if (indexes == NULL)
        return error_exhausted();
    if (table->index_count > 0)
        memcpy(indexes, table->indexes, table->index_count * sizeof(*indexes));
    op_index_settings_make(create, table, &indexes[table->index_count]);
    table->indexes = indexes;
    table->index_count++;
    return NULL;
}

const struct error *op_index_changes_apply(const struct op_call *call,
                                           const struct model_update_table_input *input,
                                           struct db_table *table)
{
    const update_list *updates = &input->global_secondary_index_updates;
    const struct error *error = NULL;
    for (size_t i = 0; error == NULL && i < updates->count; i++) {
        const index_update *update = &updates->items[i];
        if (update->create != NULL)
            error = create_index(call, input, update->create, table);
        if (update->delete != NULL) {
            struct db_index *index =
                (struct db_index *)db_table_index(table, update->delete->index_name);
            index->status = DB_STATUS_DELETING;
        }
    }
    return error;
}
