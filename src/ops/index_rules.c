/* Attribute definitions, key schemas and indexes of a CreateTable, held against each other. */

#include "ops/table_rules.h"
#include "ops/validation_error.h"

enum {
    PROJECTED_ATTRIBUTES_MAX = 100,
    /* What the checks below, which compare everything with everything, are willing to look at: far
     * more than any table can have, far less than a request can carry. */
    ELEMENTS_MAX = 256,
};

typedef struct model_list_key_schema key_list;
typedef struct model_list_attribute_definitions definition_list;

static const struct error *local_limit(const struct op_call *call)
{
    return op_validation_error(call, "One or more parameter values were invalid: Number of "
                                     "LocalSecondaryIndexes exceeds per-table limit of 5");
}

static const struct error *global_limit(const struct op_call *call)
{
    return op_validation_error(call, "One or more parameter values were invalid: "
                                     "GlobalSecondaryIndex count exceeds the per-table limit of "
                                     "20");
}

static const struct error *number_mismatch(const struct op_call *call)
{
    return op_validation_error(call, "One or more parameter values were invalid: Number of "
                                     "attributes in KeySchema does not exactly match number of "
                                     "attributes defined in AttributeDefinitions");
}

static bool is_defined(const definition_list *definitions, struct slice name)
{
    for (size_t i = 0; i < definitions->count; i++)
        if (slice_equal(definitions->items[i].attribute_name, name))
            return true;
    return false;
}

static void append_name(struct buf *out, struct slice name, size_t position)
{
    if (position > 0)
        buf_append(out, SLICE(", "));
    buf_append(out, name);
}

static void append_definitions(struct buf *out, const definition_list *definitions)
{
    for (size_t i = 0; i < definitions->count; i++)
        append_name(out, definitions->items[i].attribute_name, i);
}

static const struct error *buf_error(const struct op_call *call, const struct buf *message)
{
    if (message->failed)
        return error_exhausted();
    return error_make_slice(call->arena, ERROR_VALIDATION, buf_slice(message));
}

static const struct error *check_defined(const struct op_call *call,
                                         const definition_list *definitions, const key_list *keys)
{
    bool all = true;
    for (size_t i = 0; i < keys->count; i++)
        all &= is_defined(definitions, keys->items[i].attribute_name);
    if (all)
        return NULL;
    struct buf message;
    buf_init(&message, call->arena, SIZE_MAX);
    buf_append(&message, SLICE("One or more parameter values were invalid: Some index key "
                               "attributes are not defined in AttributeDefinitions. Keys: ["));
    for (size_t i = 0; i < keys->count; i++)
        append_name(&message, keys->items[i].attribute_name, i);
    buf_append(&message, SLICE("], AttributeDefinitions: ["));
    append_definitions(&message, definitions);
    buf_append(&message, SLICE("]"));
    return buf_error(call, &message);
}

static const struct error *check_distinct(const struct op_call *call, const key_list *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        for (size_t j = 0; j < i; j++)
            if (slice_equal(keys->items[i].attribute_name, keys->items[j].attribute_name))
                return op_validation_error(call, "Both the Hash Key and the Range Key element in "
                                                 "the KeySchema have the same name");
    return NULL;
}

static const struct error *check_first(const struct op_call *call, const key_list *keys)
{
    if (keys->count > 0 && keys->items[0].key_type.value == MODEL_KEY_TYPE_HASH)
        return NULL;
    return op_validation_error(
        call, "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
}

/* One HASH, then at most one RANGE: tables and local indexes. */
static const struct error *check_simple_key(const struct op_call *call, const key_list *keys)
{
    const struct error *error = check_distinct(call, keys);
    if (error == NULL)
        error = check_first(call, keys);
    if (error == NULL && keys->count > 1 && keys->items[1].key_type.value != MODEL_KEY_TYPE_RANGE)
        error = op_validation_error(
            call, "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
    return error;
}

/* Up to four HASH, then up to four RANGE: global indexes. All words observed. */
static const struct error *check_composite_key(const struct op_call *call, const key_list *keys)
{
    const struct error *error = check_first(call, keys);
    if (error == NULL)
        error = check_distinct(call, keys);
    if (error != NULL && keys->count > 2 && keys->items[0].key_type.value == MODEL_KEY_TYPE_HASH)
        error = op_validation_error(call, "The KeySchema contains multiple key attributes with the "
                                          "same name");
    if (error != NULL)
        return error;
    size_t hashes = 0, ranges = 0;
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->items[i].key_type.value == MODEL_KEY_TYPE_RANGE)
            ranges++;
        else if (ranges > 0)
            return op_validation_error(call, "One or more parameter values were invalid: All HASH "
                                             "key attributes must precede RANGE key attributes in "
                                             "the KeySchema");
        else
            hashes++;
    }
    if (hashes > DB_KEY_PARTS_MAX || ranges > DB_KEY_PARTS_MAX)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: The KeySchema "
                                   "exceeds the maximum allowed number of %s key attributes",
                                   hashes > DB_KEY_PARTS_MAX ? "HASH" : "RANGE");
    return NULL;
}

/* The model has looked how many there are. */
static const struct error *
check_projected_names(const struct op_call *call,
                      const struct model_list_non_key_attribute_name_list *names)
{
    for (size_t i = 0; i < names->count; i++)
        for (size_t j = 0; j < i; j++)
            if (slice_equal(names->items[i], names->items[j]))
                return op_validation_error(call,
                                           "One or more parameter values were invalid: Duplicate "
                                           "element in NonKeyAttributes: %.*s",
                                           SLICE_PRINT(names->items[i]));
    return NULL;
}

static const struct error *check_projection(const struct op_call *call,
                                            const struct model_projection *projection)
{
    bool names = projection->non_key_attributes.present;
    if (projection->projection_type.value == 0)
        return op_validation_error(
            call, "One or more parameter values were invalid: Unknown ProjectionType: null");
    if (projection->projection_type.value == MODEL_PROJECTION_TYPE_INCLUDE)
        return names ? check_projected_names(call, &projection->non_key_attributes)
                     : op_validation_error(call,
                                           "One or more parameter values were invalid: "
                                           "ProjectionType is INCLUDE, but NonKeyAttributes is not "
                                           "specified");
    if (!names)
        return NULL;
    return op_validation_error(
        call,
        "One or more parameter values were invalid: ProjectionType is %s, "
        "but NonKeyAttributes is specified",
        projection->projection_type.value == MODEL_PROJECTION_TYPE_ALL ? "ALL" : "KEYS_ONLY");
}

static bool index_name_taken(const struct model_create_table_input *input, struct slice name,
                             size_t local_count, size_t global_count)
{
    for (size_t i = 0; i < local_count; i++)
        if (slice_equal(input->local_secondary_indexes.items[i].index_name, name))
            return true;
    for (size_t i = 0; i < global_count; i++)
        if (slice_equal(input->global_secondary_indexes.items[i].index_name, name))
            return true;
    return false;
}

static const struct error *duplicate_name(const struct op_call *call, struct slice name)
{
    return op_validation_error(
        call, "One or more parameter values were invalid: Duplicate index name: %.*s",
        SLICE_PRINT(name));
}

static const struct error *check_local_key(const struct op_call *call,
                                           const struct model_create_table_input *input,
                                           const struct model_local_secondary_index *index)
{
    const struct error *error =
        check_defined(call, &input->attribute_definitions, &index->key_schema);
    if (error == NULL)
        error = check_simple_key(call, &index->key_schema);
    if (error != NULL)
        return error;
    if (index->key_schema.count != 2)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: Index KeySchema "
                                   "does not have a range key for index: %.*s",
                                   SLICE_PRINT(index->index_name));
    struct slice table_hash = input->key_schema.items[0].attribute_name;
    struct slice index_hash = index->key_schema.items[0].attribute_name;
    if (!slice_equal(table_hash, index_hash))
        return op_validation_error(call,
                                   "One or more parameter values were invalid: Index KeySchema "
                                   "does not have the same leading hash key as table KeySchema "
                                   "for index: %.*s. index hash key: %.*s, table hash key: %.*s",
                                   SLICE_PRINT(index->index_name), SLICE_PRINT(index_hash),
                                   SLICE_PRINT(table_hash));
    return NULL;
}

static const struct error *check_local(const struct op_call *call,
                                       const struct model_create_table_input *input)
{
    const struct model_list_local_secondary_index_list *indexes = &input->local_secondary_indexes;
    if (!indexes->present)
        return NULL;
    if (indexes->count == 0)
        return op_validation_error(call, "One or more parameter values were invalid: List of "
                                         "LocalSecondaryIndexes is empty");
    if (input->key_schema.count != 2)
        return op_validation_error(call, "One or more parameter values were invalid: Table "
                                         "KeySchema does not have a range key, which is required "
                                         "when specifying a LocalSecondaryIndex");
    for (size_t i = 0; i < indexes->count; i++) {
        const struct error *error = check_local_key(call, input, &indexes->items[i]);
        if (error == NULL)
            error = check_projection(call, indexes->items[i].projection);
        if (error == NULL && index_name_taken(input, indexes->items[i].index_name, i, 0))
            error = duplicate_name(call, indexes->items[i].index_name);
        if (error != NULL)
            return error;
    }
    if (indexes->count > DB_LOCAL_INDEXES_MAX)
        return local_limit(call);
    return NULL;
}

static const struct error *check_global_throughput(const struct op_call *call,
                                                   const struct model_create_table_input *input,
                                                   const struct model_global_secondary_index *index)
{
    bool on_demand = input->billing_mode.value == MODEL_BILLING_MODE_PAY_PER_REQUEST;
    bool given = index->provisioned_throughput != NULL;
    if (on_demand && given)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: "
                                   "ProvisionedThroughput should not be specified for index: %.*s "
                                   "when BillingMode is PAY_PER_REQUEST",
                                   SLICE_PRINT(index->index_name));
    if (!on_demand && !given)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: "
                                   "ProvisionedThroughput is not specified for index: %.*s",
                                   SLICE_PRINT(index->index_name));
    const struct error *error = op_throughput_check(call, index->provisioned_throughput);
    if (error == NULL)
        error = op_on_demand_check(call, index->on_demand_throughput, !on_demand, false);
    return error;
}

static const struct error *check_global(const struct op_call *call,
                                        const struct model_create_table_input *input)
{
    const struct model_list_global_secondary_index_list *indexes = &input->global_secondary_indexes;
    if (!indexes->present)
        return NULL;
    if (indexes->count == 0)
        return op_validation_error(call, "One or more parameter values were invalid: List of "
                                         "GlobalSecondaryIndexes is empty");
    for (size_t i = 0; i < indexes->count; i++) {
        const struct model_global_secondary_index *index = &indexes->items[i];
        const struct error *error =
            check_defined(call, &input->attribute_definitions, &index->key_schema);
        if (error == NULL)
            error = check_composite_key(call, &index->key_schema);
        if (error == NULL)
            error = check_projection(call, index->projection);
        if (error == NULL)
            error = check_global_throughput(call, input, index);
        if (error == NULL &&
            index_name_taken(input, index->index_name, input->local_secondary_indexes.count, i))
            error = duplicate_name(call, index->index_name);
        if (error != NULL)
            return error;
    }
    if (indexes->count > DB_GLOBAL_INDEXES_MAX)
        return global_limit(call);
    return NULL;
}

static bool key_uses(const key_list *keys, struct slice name)
{
    for (size_t i = 0; i < keys->count; i++)
        if (slice_equal(keys->items[i].attribute_name, name))
            return true;
    return false;
}

static bool is_used(const struct model_create_table_input *input, struct slice name)
{
    bool used = key_uses(&input->key_schema, name);
    for (size_t i = 0; i < input->local_secondary_indexes.count; i++)
        used |= key_uses(&input->local_secondary_indexes.items[i].key_schema, name);
    for (size_t i = 0; i < input->global_secondary_indexes.count; i++)
        used |= key_uses(&input->global_secondary_indexes.items[i].key_schema, name);
    return used;
}

/* Every definition is used, and none is there twice. */
static const struct error *check_used(const struct op_call *call,
                                      const struct model_create_table_input *input)
{
    const struct model_list_attribute_definitions *definitions = &input->attribute_definitions;
    bool all = true;
    for (size_t i = 0; i < definitions->count; i++) {
        struct slice name = definitions->items[i].attribute_name;
        all &= is_used(input, name);
        for (size_t j = 0; j < i; j++)
            if (slice_equal(name, definitions->items[j].attribute_name))
                return op_validation_error(call, "Attribute Name is duplicated: %.*s",
                                           SLICE_PRINT(name));
    }
    if (all)
        return NULL;
    if (!input->local_secondary_indexes.present && !input->global_secondary_indexes.present)
        return number_mismatch(call);
    struct buf message;
    buf_init(&message, call->arena, SIZE_MAX);
    buf_append(&message, SLICE("One or more parameter values were invalid: Some "
                               "AttributeDefinitions are not used. AttributeDefinitions: ["));
    append_definitions(&message, definitions);
    buf_append(&message, SLICE("], keys used: ["));
    size_t position = 0;
    for (size_t i = 0; i < definitions->count; i++)
        if (is_used(input, definitions->items[i].attribute_name))
            append_name(&message, definitions->items[i].attribute_name, position++);
    buf_append(&message, SLICE("]"));
    return buf_error(call, &message);
}

const struct error *
op_index_create_check(const struct op_call *call, const definition_list *definitions,
                      const struct model_create_global_secondary_index_action *create)
{
    if (!definitions->present || definitions->count == 0)
        return op_validation_error(call,
                                   "One or more parameter values were invalid: "
                                   "AttributeDefinitions is not specified for index: %.*s",
                                   SLICE_PRINT(create->index_name));
    if (create->key_schema.count > ELEMENTS_MAX || definitions->count > ELEMENTS_MAX)
        return op_validation_error(call, "Invalid KeySchema: Too many KeySchemaElements");
    const struct error *error = check_defined(call, definitions, &create->key_schema);
    if (error == NULL)
        error = check_composite_key(call, &create->key_schema);
    if (error == NULL)
        error = check_projection(call, create->projection);
    return error;
}

const struct error *op_projected_check(const struct op_call *call, size_t count)
{
    if (count <= PROJECTED_ATTRIBUTES_MAX)
        return NULL;
    return op_validation_error(call,
                               "One or more parameter values were invalid: Number of projected "
                               "attributes over all indexes exceeds limit of %d",
                               PROJECTED_ATTRIBUTES_MAX);
}

static const struct error *check_projected(const struct op_call *call,
                                           const struct model_create_table_input *input)
{
    size_t count = 0;
    for (size_t i = 0; i < input->local_secondary_indexes.count; i++)
        count += input->local_secondary_indexes.items[i].projection->non_key_attributes.count;
    for (size_t i = 0; i < input->global_secondary_indexes.count; i++)
        count += input->global_secondary_indexes.items[i].projection->non_key_attributes.count;
    return op_projected_check(call, count);
}

static const struct error *check_bounds(const struct op_call *call,
                                        const struct model_create_table_input *input)
{
    if (input->local_secondary_indexes.count > ELEMENTS_MAX)
        return local_limit(call);
    if (input->global_secondary_indexes.count > ELEMENTS_MAX)
        return global_limit(call);
    if (input->attribute_definitions.count > ELEMENTS_MAX)
        return number_mismatch(call);
    for (size_t i = 0; i < input->global_secondary_indexes.count; i++)
        if (input->global_secondary_indexes.items[i].key_schema.count > ELEMENTS_MAX)
            return op_validation_error(call, "Invalid KeySchema: Too many KeySchemaElements");
    return NULL;
}

const struct error *op_index_rules_check(const struct op_call *call,
                                         const struct model_create_table_input *input)
{
    const key_list *keys = &input->key_schema;
    const struct error *error = check_bounds(call, input);
    if (error != NULL)
        return error;
    if (keys->count > input->attribute_definitions.count)
        return op_validation_error(
            call, "Invalid KeySchema: Some index key attribute have no definition");
    error = check_defined(call, &input->attribute_definitions, keys);
    if (error == NULL)
        error = check_simple_key(call, keys);
    if (error == NULL && !input->local_secondary_indexes.present &&
        !input->global_secondary_indexes.present)
        error = check_used(call, input);
    if (error == NULL)
        error = check_local(call, input);
    if (error == NULL)
        error = check_global(call, input);
    if (error == NULL)
        error = check_used(call, input);
    if (error == NULL)
        error = check_projected(call, input);
    return error;
}
