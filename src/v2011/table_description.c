#include "v2011/table_description.h"

static struct model_enum enum_of_type(enum value_type type)
{
    switch (type) {
    case VALUE_STRING:
        return (struct model_enum){MODEL_SCALAR_ATTRIBUTE_TYPE_S, SLICE("S")};
    case VALUE_NUMBER:
        return (struct model_enum){MODEL_SCALAR_ATTRIBUTE_TYPE_N, SLICE("N")};
    default:
        return (struct model_enum){MODEL_SCALAR_ATTRIBUTE_TYPE_B, SLICE("B")};
    }
}

static struct model_enum type_of(const struct model_table_description *description,
                                 struct slice name)
{
    const struct model_list_attribute_definitions *attributes = &description->attribute_definitions;
    for (size_t i = 0; i < attributes->count; i++)
        if (slice_equal(attributes->items[i].attribute_name, name))
            return attributes->items[i].attribute_type;
    return (struct model_enum){0};
}

static struct model_v2011_key_schema_element *make_element(struct arena *arena, struct slice name,
                                                           struct model_enum type)
{
    struct model_v2011_key_schema_element *element =
        ARENA_NEW(arena, struct model_v2011_key_schema_element);
    if (element != NULL)
        *element = (struct model_v2011_key_schema_element){name, type};
    return element;
}

static bool describe_key(struct arena *arena, const struct model_table_description *description,
                         struct model_v2011_key_schema *schema)
{
    for (size_t i = 0; i < description->key_schema.count; i++) {
        const struct model_key_schema_element *part = &description->key_schema.items[i];
        struct model_v2011_key_schema_element *element =
            make_element(arena, part->attribute_name, type_of(description, part->attribute_name));
        if (element == NULL)
            return false;
        if (part->key_type.value == MODEL_KEY_TYPE_HASH)
            schema->hash_key_element = element;
        else
            schema->range_key_element = element;
    }
    return true;
}

static bool describe_known_key(struct arena *arena, const struct v2011_table *known,
                               struct model_v2011_key_schema *schema)
{
    schema->hash_key_element =
        make_element(arena, known->hash_name, enum_of_type(known->hash_type));
    if (known->has_range)
        schema->range_key_element =
            make_element(arena, known->range_name, enum_of_type(known->range_type));
    return schema->hash_key_element != NULL &&
           (!known->has_range || schema->range_key_element != NULL);
}

const struct error *v2011_table_describe(struct arena *arena,
                                         const struct model_table_description *description,
                                         bool with_totals, const struct v2011_table *known,
                                         struct model_v2011_table_description **ret_description)
{
    struct model_v2011_table_description *table =
        ARENA_NEW(arena, struct model_v2011_table_description);
    struct model_v2011_key_schema *schema = ARENA_NEW(arena, struct model_v2011_key_schema);
    if (table == NULL || schema == NULL)
        return error_exhausted();
    table->table_name = description->table_name;
    table->table_status = description->table_status;
    table->creation_date_time = description->creation_date_time;
    table->provisioned_throughput = description->provisioned_throughput;
    if (with_totals) {
        table->table_size_bytes = description->table_size_bytes;
        table->item_count = description->item_count;
    }
    bool complete = true;
    if (description->key_schema.present) {
        table->key_schema = schema;
        complete = describe_key(arena, description, schema);
    } else if (known != NULL && known->is_there) {
        table->key_schema = schema;
        complete = describe_known_key(arena, known, schema);
        table->creation_date_time = (struct model_double){true, (double)known->created_ms / 1000};
    }
    if (!complete)
        return error_exhausted();
    *ret_description = table;
    return NULL;
}

const struct error *
v2011_throughput_translate(struct arena *arena,
                           const struct model_v2011_provisioned_throughput *asked,
                           struct model_provisioned_throughput **ret_throughput)
{
    struct model_provisioned_throughput *throughput =
        ARENA_NEW(arena, struct model_provisioned_throughput);
    if (throughput == NULL)
        return error_exhausted();
    throughput->read_capacity_units = asked->read_capacity_units;
    throughput->write_capacity_units = asked->write_capacity_units;
    *ret_throughput = throughput;
    return NULL;
}
