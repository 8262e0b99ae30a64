#include "ops/table_settings.h"

#include "ops/encryption.h"

enum value_type op_attribute_type(int type)
{
    return type == MODEL_SCALAR_ATTRIBUTE_TYPE_S   ? VALUE_STRING
           : type == MODEL_SCALAR_ATTRIBUTE_TYPE_N ? VALUE_NUMBER
                                                   : VALUE_BINARY;
}

static const struct error *make_attributes(struct arena *arena,
                                           const struct model_create_table_input *input,
                                           struct db_table *table)
{
    size_t count = input->attribute_definitions.count;
    struct db_attribute *attributes = ARENA_NEW_ARRAY(arena, struct db_attribute, count);
    if (attributes == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++)
        attributes[i] = (struct db_attribute){
            input->attribute_definitions.items[i].attribute_name,
            op_attribute_type(input->attribute_definitions.items[i].attribute_type.value)};
    table->attributes = attributes;
    table->attribute_count = count;
    return NULL;
}

static void make_key(const struct db_table *table, const struct model_list_key_schema *list,
                     struct db_key_schema *key)
{
    for (size_t i = 0; i < list->count; i++) {
        struct slice name = list->items[i].attribute_name;
        struct db_attribute attribute = {name, db_table_attribute_type(table, name)};
        if (list->items[i].key_type.value == MODEL_KEY_TYPE_HASH)
            key->partition[key->partition_count++] = attribute;
        else
            key->sort[key->sort_count++] = attribute;
    }
}

static void make_projection(const struct model_projection *projection, struct db_index *index)
{
    switch (projection->projection_type.value) {
    case MODEL_PROJECTION_TYPE_ALL:
        index->projection = DB_PROJECT_ALL;
        break;
    case MODEL_PROJECTION_TYPE_KEYS_ONLY:
        index->projection = DB_PROJECT_KEYS_ONLY;
        break;
    default:
        index->projection = DB_PROJECT_INCLUDE;
    }
    index->non_key_attributes = projection->non_key_attributes.items;
    index->non_key_attribute_count = projection->non_key_attributes.count;
}

static void make_throughput(const struct model_provisioned_throughput *given,
                            struct db_throughput *throughput)
{
    if (given == NULL)
        return;
    throughput->read_units = given->read_capacity_units.value;
    throughput->write_units = given->write_capacity_units.value;
}

void op_on_demand_apply(const struct model_on_demand_throughput *given,
                        struct db_on_demand *setting)
{
    if (given == NULL)
        return;
    if (!setting->present)
        *setting = (struct db_on_demand){true, -1, -1};
    if (given->max_read_request_units.present)
        setting->max_read_units = given->max_read_request_units.value;
    if (given->max_write_request_units.present)
        setting->max_write_units = given->max_write_request_units.value;
    if (setting->max_read_units < 0 && setting->max_write_units < 0)
        setting->present = false;
}

void op_warm_apply(const struct model_warm_throughput *given, struct db_warm_throughput *setting)
{
    if (given == NULL)
        return;
    setting->present = true;
    if (given->read_units_per_second.present)
        setting->read_units = given->read_units_per_second.value;
    if (given->write_units_per_second.present)
        setting->write_units = given->write_units_per_second.value;
}

void op_index_settings_make(const struct model_create_global_secondary_index_action *create,
                            const struct db_table *table, struct db_index *ret_index)
{
    struct db_index index = {.global = true, .name = create->index_name};
    make_key(table, &create->key_schema, &index.key);
    make_projection(create->projection, &index);
    make_throughput(create->provisioned_throughput, &index.throughput);
    op_on_demand_apply(create->on_demand_throughput, &index.on_demand);
    op_warm_apply(create->warm_throughput, &index.warm);
    *ret_index = index;
}

static const struct error *make_indexes(struct arena *arena,
                                        const struct model_create_table_input *input,
                                        struct db_table *table)
{
    size_t local_count = input->local_secondary_indexes.count;
    size_t global_count = input->global_secondary_indexes.count;
    struct db_index *indexes = ARENA_NEW_ARRAY(arena, struct db_index, local_count + global_count);
    if (indexes == NULL)
        return error_exhausted();
    for (size_t i = 0; i < local_count; i++) {
        const struct model_local_secondary_index *given = &input->local_secondary_indexes.items[i];
        indexes[i].name = given->index_name;
        make_key(table, &given->key_schema, &indexes[i].key);
        make_projection(given->projection, &indexes[i]);
    }
    for (size_t i = 0; i < global_count; i++) {
        const struct model_global_secondary_index *given =
            &input->global_secondary_indexes.items[i];
        const struct model_create_global_secondary_index_action create = {
            .index_name = given->index_name,
            .key_schema = given->key_schema,
            .projection = given->projection,
            .provisioned_throughput = given->provisioned_throughput,
            .on_demand_throughput = given->on_demand_throughput,
            .warm_throughput = given->warm_throughput,
        };
        op_index_settings_make(&create, table, &indexes[local_count + i]);
    }
    table->indexes = indexes;
    table->index_count = local_count + global_count;
    return NULL;
}

static const struct error *make_tags(struct arena *arena, const struct model_list_tag_list *given,
                                     struct db_table *table)
{
    struct db_tag *tags = ARENA_NEW_ARRAY(arena, struct db_tag, given->count);
    if (tags == NULL)
        return error_exhausted();
    for (size_t i = 0; i < given->count; i++)
        tags[i] = (struct db_tag){given->items[i].key, given->items[i].value};
    table->tags = tags;
    table->tag_count = given->count;
    return NULL;
}

void op_stream_apply(const struct model_stream_specification *given, struct db_table *setting)
{
    if (given == NULL)
        return;
    setting->stream_enabled = given->stream_enabled.value;
    if (setting->stream_enabled)
        setting->stream_view_type = given->stream_view_type.text;
}

const struct error *op_table_settings_make(const struct op_call *call,
                                           const struct op_table_name *name,
                                           const struct model_create_table_input *input,
                                           struct db_table *ret_table)
{
    struct db_table table = {
        .account = name->account,
        .region = name->region,
        .name = name->name,
        .billing = DB_PROVISIONED,
        .deletion_protection = input->deletion_protection_enabled.value,
    };
    if (input->billing_mode.value == MODEL_BILLING_MODE_PAY_PER_REQUEST) {
        table.billing = DB_PAY_PER_REQUEST;
        table.billing_summary = true;
        table.on_demand_since_ms = call->now_ms;
    }
    if (input->table_class.value != 0)
        table.table_class = input->table_class.value == MODEL_TABLE_CLASS_STANDARD
                                ? DB_CLASS_STANDARD
                                : DB_CLASS_INFREQUENT_ACCESS;
    make_throughput(input->provisioned_throughput, &table.throughput);
    op_on_demand_apply(input->on_demand_throughput, &table.on_demand);
    op_warm_apply(input->warm_throughput, &table.warm);
    const struct error *error = make_attributes(call->arena, input, &table);
    if (error != NULL)
        return error;
    make_key(&table, &input->key_schema, &table.key);
    error = make_indexes(call->arena, input, &table);
    if (error == NULL)
        error = make_tags(call->arena, &input->tags, &table);
    if (error == NULL)
        error = op_sse_apply(call, input->sse_specification, &table);
    op_stream_apply(input->stream_specification, &table);
    if (error == NULL)
        *ret_table = table;
    return error;
}
