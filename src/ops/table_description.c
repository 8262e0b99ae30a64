#include "ops/table_description.h"

#include <stdlib.h>

#include "ops/table_name.h"
#include "ops/table_rules.h"
#include "ops/throughput_decrease.h"

const struct error *op_table_totals_read(const struct op_call *call, const struct db_table *table,
                                         struct op_table_totals *ret_totals)
{
    struct db *db = call->environment->db;
    struct op_table_totals totals;
    totals.index_count = table->index_count;
    totals.indexes = ARENA_NEW_ARRAY(call->arena, struct db_totals, table->index_count);
    if (totals.indexes == NULL)
        return error_exhausted();
    const struct error *error = db_table_totals(db, call->arena, table, NULL, &totals.table);
    for (size_t i = 0; error == NULL && i < table->index_count; i++)
        error = db_table_totals(db, call->arena, table, &table->indexes[i], &totals.indexes[i]);
    if (error == NULL)
        *ret_totals = totals;
    return error;
}

/* A sticky failure, so that a description reads like its shape. */
struct describer {
    struct arena *arena;
    const struct db_table *table;
    int64_t now_ms;
    bool exhausted;
};

static struct slice copy(struct describer *describer, struct slice text)
{
    struct slice result = SLICE_ABSENT;
    if (slice_present(text) && !arena_copy(describer->arena, text, &result))
        describer->exhausted = true;
    return result;
}

static struct slice arn(struct describer *describer, const char *resource, struct slice name)
{
    struct slice result = SLICE_ABSENT;
    if (!op_table_arn_make(describer->arena, describer->table, resource, name, &result))
        describer->exhausted = true;
    return result;
}

static void *allocate(struct describer *describer, size_t count, size_t size)
{
    void *result = arena_alloc_zeroed(describer->arena, count, size);
    if (result == NULL)
        describer->exhausted = true;
    return result;
}

#define NEW(describer, type, count) ((type *)allocate((describer), (count), sizeof(type)))

static struct model_integer integer(int64_t value)
{
    return (struct model_integer){true, value};
}

/* Epoch milliseconds as seconds; 0 is "never" and absent. */
static struct model_double date(int64_t ms)
{
    return (struct model_double){ms != 0, (double)ms / 1000};
}

static int table_status(enum db_status status)
{
    switch (status) {
    case DB_STATUS_CREATING:
        return MODEL_TABLE_STATUS_CREATING;
    case DB_STATUS_UPDATING:
        return MODEL_TABLE_STATUS_UPDATING;
    case DB_STATUS_DELETING:
        return MODEL_TABLE_STATUS_DELETING;
    case DB_STATUS_ACTIVE:
        break;
    }
    return MODEL_TABLE_STATUS_ACTIVE;
}

static int index_status(enum db_status status)
{
    switch (status) {
    case DB_STATUS_CREATING:
        return MODEL_INDEX_STATUS_CREATING;
    case DB_STATUS_UPDATING:
        return MODEL_INDEX_STATUS_UPDATING;
    case DB_STATUS_DELETING:
        return MODEL_INDEX_STATUS_DELETING;
    case DB_STATUS_ACTIVE:
        break;
    }
    return MODEL_INDEX_STATUS_ACTIVE;
}

static int compare_definitions(const void *left, const void *right)
{
    const struct model_attribute_definition *a = left, *b = right;
    return slice_compare(a->attribute_name, b->attribute_name);
}

static int compare_names(const void *left, const void *right)
{
    return slice_compare(*(const struct slice *)left, *(const struct slice *)right);
}

/* Sorted, and so are the names of a projection; all else is in the order it was given (observed).
 */
static struct model_list_attribute_definitions describe_attributes(struct describer *describer)
{
    const struct db_table *table = describer->table;
    struct model_attribute_definition *items =
        NEW(describer, struct model_attribute_definition, table->attribute_count);
    for (size_t i = 0; items != NULL && i < table->attribute_count; i++) {
        enum value_type type = table->attributes[i].type;
        items[i].attribute_name = copy(describer, table->attributes[i].name);
        items[i].attribute_type.value = type == VALUE_STRING   ? MODEL_SCALAR_ATTRIBUTE_TYPE_S
                                        : type == VALUE_NUMBER ? MODEL_SCALAR_ATTRIBUTE_TYPE_N
                                                               : MODEL_SCALAR_ATTRIBUTE_TYPE_B;
    }
    if (!describer->exhausted)
        qsort(items, table->attribute_count, sizeof(*items), compare_definitions);
    return (struct model_list_attribute_definitions){true, table->attribute_count, items};
}

static struct model_list_key_schema describe_key(struct describer *describer,
                                                 const struct db_key_schema *key)
{
    size_t count = (size_t)key->partition_count + key->sort_count;
    struct model_key_schema_element *items = NEW(describer, struct model_key_schema_element, count);
    for (size_t i = 0; items != NULL && i < count; i++) {
        bool is_partition = i < key->partition_count;
        const struct db_attribute *attribute =
            is_partition ? &key->partition[i] : &key->sort[i - key->partition_count];
        items[i].attribute_name = copy(describer, attribute->name);
        items[i].key_type.value = is_partition ? MODEL_KEY_TYPE_HASH : MODEL_KEY_TYPE_RANGE;
    }
    return (struct model_list_key_schema){true, count, items};
}

static struct model_projection *describe_projection(struct describer *describer,
                                                    const struct db_index *index)
{
    struct model_projection *projection = NEW(describer, struct model_projection, 1);
    if (projection == NULL)
        return NULL;
    projection->projection_type.value =
        index->projection == DB_PROJECT_ALL         ? MODEL_PROJECTION_TYPE_ALL
        : index->projection == DB_PROJECT_KEYS_ONLY ? MODEL_PROJECTION_TYPE_KEYS_ONLY
                                                    : MODEL_PROJECTION_TYPE_INCLUDE;
    if (index->projection != DB_PROJECT_INCLUDE)
        return projection;
    struct slice *names = NEW(describer, struct slice, index->non_key_attribute_count);
    for (size_t i = 0; names != NULL && i < index->non_key_attribute_count; i++)
        names[i] = copy(describer, index->non_key_attributes[i]);
    if (!describer->exhausted)
        qsort(names, index->non_key_attribute_count, sizeof(*names), compare_names);
    projection->non_key_attributes.present = true;
    projection->non_key_attributes.count = index->non_key_attribute_count;
    projection->non_key_attributes.items = names;
    return projection;
}

static struct model_provisioned_throughput_description *
describe_throughput(struct describer *describer, const struct db_throughput *throughput)
{
    struct model_provisioned_throughput_description *result =
        NEW(describer, struct model_provisioned_throughput_description, 1);
    if (result == NULL)
        return NULL;
    result->last_increase_date_time = date(throughput->last_increase_ms);
    result->last_decrease_date_time = date(throughput->last_decrease_ms);
    result->number_of_decreases_today =
        integer(op_throughput_decreases_today(throughput, describer->now_ms));
    result->read_capacity_units = integer(throughput->read_units);
    result->write_capacity_units = integer(throughput->write_units);
    return result;
}

static struct model_on_demand_throughput *describe_on_demand(struct describer *describer,
                                                             const struct db_on_demand *on_demand)
{
    if (!on_demand->present || (on_demand->max_read_units < 0 && on_demand->max_write_units < 0))
        return NULL;
    struct model_on_demand_throughput *result =
        NEW(describer, struct model_on_demand_throughput, 1);
    if (result == NULL)
        return NULL;
    if (on_demand->max_read_units >= 0)
        result->max_read_request_units = integer(on_demand->max_read_units);
    if (on_demand->max_write_units >= 0)
        result->max_write_request_units = integer(on_demand->max_write_units);
    return result;
}

struct db_warm_throughput op_warm_units(const struct db_table *table,
                                        const struct db_warm_throughput *warm,
                                        const struct db_throughput *throughput)
{
    struct db_warm_throughput result = {true, OP_ON_DEMAND_READ_UNITS, OP_ON_DEMAND_WRITE_UNITS};
    if (table->billing == DB_PROVISIONED) {
        result.read_units = throughput->read_units;
        result.write_units = throughput->write_units;
    }
    if (warm->present && warm->read_units > result.read_units)
        result.read_units = warm->read_units;
    if (warm->present && warm->write_units > result.write_units)
        result.write_units = warm->write_units;
    return result;
}

static struct model_list_local_secondary_index_description_list
describe_local(struct describer *describer, const struct op_table_totals *totals)
{
    struct model_list_local_secondary_index_description_list list = {0};
    const struct db_table *table = describer->table;
    struct model_local_secondary_index_description *items =
        NEW(describer, struct model_local_secondary_index_description, table->index_count);
    for (size_t i = 0; items != NULL && i < table->index_count; i++) {
        const struct db_index *index = &table->indexes[i];
        if (index->global)
            continue;
        struct model_local_secondary_index_description *item = &items[list.count++];
        item->index_name = copy(describer, index->name);
        item->key_schema = describe_key(describer, &index->key);
        item->projection = describe_projection(describer, index);
        item->index_size_bytes = integer(totals == NULL ? 0 : totals->indexes[i].bytes);
        item->item_count = integer(totals == NULL ? 0 : totals->indexes[i].items);
        item->index_arn = arn(describer, "index", index->name);
    }
    list.present = list.count > 0;
    list.items = items;
    return list;
}

static void describe_global_one(struct describer *describer, const struct db_index *index,
                                const struct db_totals *totals,
                                struct model_global_secondary_index_description *item)
{
    item->index_name = copy(describer, index->name);
    item->key_schema = describe_key(describer, &index->key);
    item->projection = describe_projection(describer, index);
    item->index_status.value = index_status(index->status);
    if (index->online)
        item->backfilling = (struct model_boolean){true, index->backfilling};
    item->provisioned_throughput = describe_throughput(describer, &index->throughput);
    item->index_size_bytes = integer(totals == NULL ? 0 : totals->bytes);
    item->item_count = integer(totals == NULL ? 0 : totals->items);
    item->index_arn = arn(describer, "index", index->name);
    item->on_demand_throughput = describe_on_demand(describer, &index->on_demand);
    item->warm_throughput =
        NEW(describer, struct model_global_secondary_index_warm_throughput_description, 1);
    if (item->warm_throughput == NULL)
        return;
    struct db_warm_throughput warm =
        op_warm_units(describer->table, &index->warm, &index->throughput);
    item->warm_throughput->read_units_per_second = integer(warm.read_units);
    item->warm_throughput->write_units_per_second = integer(warm.write_units);
    /* Observed: an index that is coming is warming up. */
    item->warm_throughput->status.value =
        index->online ? MODEL_INDEX_STATUS_UPDATING : index_status(index->status);
}

static struct model_list_global_secondary_index_description_list
describe_global(struct describer *describer, const struct op_table_totals *totals)
{
    struct model_list_global_secondary_index_description_list list = {0};
    const struct db_table *table = describer->table;
    struct model_global_secondary_index_description *items =
        NEW(describer, struct model_global_secondary_index_description, table->index_count);
    for (size_t i = 0; items != NULL && i < table->index_count; i++)
        if (table->indexes[i].global)
            describe_global_one(describer, &table->indexes[i],
                                totals == NULL || i >= totals->index_count ? NULL
                                                                           : &totals->indexes[i],
                                &items[list.count++]);
    list.present = list.count > 0;
    list.items = items;
    return list;
}

static void describe_billing(struct describer *describer,
                             struct model_table_description *description)
{
    const struct db_table *table = describer->table;
    if (!table->billing_summary)
        return;
    description->billing_mode_summary = NEW(describer, struct model_billing_mode_summary, 1);
    if (description->billing_mode_summary == NULL)
        return;
    description->billing_mode_summary->billing_mode.value = table->billing == DB_PAY_PER_REQUEST
                                                                ? MODEL_BILLING_MODE_PAY_PER_REQUEST
                                                                : MODEL_BILLING_MODE_PROVISIONED;
    description->billing_mode_summary->last_update_to_pay_per_request_date_time =
        date(table->on_demand_since_ms);
}

static void describe_warm(struct describer *describer, struct model_table_description *description)
{
    const struct db_table *table = describer->table;
    struct db_warm_throughput warm = op_warm_units(table, &table->warm, &table->throughput);
    description->warm_throughput =
        NEW(describer, struct model_table_warm_throughput_description, 1);
    if (description->warm_throughput == NULL)
        return;
    description->warm_throughput->read_units_per_second = integer(warm.read_units);
    description->warm_throughput->write_units_per_second = integer(warm.write_units);
    description->warm_throughput->status.value = table_status(table->status);
}

static int view_type(struct slice text)
{
    if (slice_equal(text, SLICE("KEYS_ONLY")))
        return MODEL_STREAM_VIEW_TYPE_KEYS_ONLY;
    if (slice_equal(text, SLICE("NEW_IMAGE")))
        return MODEL_STREAM_VIEW_TYPE_NEW_IMAGE;
    if (slice_equal(text, SLICE("OLD_IMAGE")))
        return MODEL_STREAM_VIEW_TYPE_OLD_IMAGE;
    return MODEL_STREAM_VIEW_TYPE_NEW_AND_OLD_IMAGES;
}

/* The newest stream's name stays when it is disabled (observed). */
static void describe_stream(struct describer *describer,
                            struct model_table_description *description)
{
    const struct db_table *table = describer->table;
    if (slice_present(table->stream_label)) {
        description->latest_stream_label = copy(describer, table->stream_label);
        description->latest_stream_arn = arn(describer, "stream", table->stream_label);
    }
    if (!table->stream_enabled)
        return;
    description->stream_specification = NEW(describer, struct model_stream_specification, 1);
    if (description->stream_specification == NULL)
        return;
    description->stream_specification->stream_enabled = (struct model_boolean){true, true};
    description->stream_specification->stream_view_type.value = view_type(table->stream_view_type);
}

static void describe_sse(struct describer *describer, struct model_table_description *description)
{
    const struct db_table *table = describer->table;
    if (!table->sse_present)
        return;
    description->sse_description = NEW(describer, struct model_sse_description, 1);
    if (description->sse_description == NULL)
        return;
    description->sse_description->status.value = MODEL_SSE_STATUS_ENABLED;
    description->sse_description->sse_type.value =
        table->sse_kms ? MODEL_SSE_TYPE_KMS : MODEL_SSE_TYPE_AES256;
    description->sse_description->kms_master_key_arn = copy(describer, table->sse_key_arn);
}

static void describe_class(struct describer *describer, struct model_table_description *description)
{
    const struct db_table *table = describer->table;
    if (table->table_class == DB_CLASS_UNSET)
        return;
    description->table_class_summary = NEW(describer, struct model_table_class_summary, 1);
    if (description->table_class_summary == NULL)
        return;
    description->table_class_summary->table_class.value =
        table->table_class == DB_CLASS_STANDARD ? MODEL_TABLE_CLASS_STANDARD
                                                : MODEL_TABLE_CLASS_STANDARD_INFREQUENT_ACCESS;
    description->table_class_summary->last_update_date_time = date(table->table_class_changed_ms);
}

const struct error *op_table_describe(const struct op_call *call, const struct db_table *table,
                                      const struct op_table_totals *totals,
                                      struct model_table_description **ret_description)
{
    struct arena *arena = call->arena;
    struct describer describer = {arena, table, call->now_ms, false};
    struct model_table_description *description = ARENA_NEW(arena, struct model_table_description);
    if (description == NULL)
        return error_exhausted();
    description->attribute_definitions = describe_attributes(&describer);
    description->table_name = copy(&describer, table->name);
    description->key_schema = describe_key(&describer, &table->key);
    description->table_status.value = table_status(table->status);
    description->creation_date_time = date(table->created_ms);
    description->provisioned_throughput = describe_throughput(&describer, &table->throughput);
    description->table_size_bytes = integer(totals == NULL ? 0 : totals->table.bytes);
    description->item_count = integer(totals == NULL ? 0 : totals->table.items);
    description->table_arn = arn(&describer, NULL, SLICE_ABSENT);
    description->table_id = copy(&describer, table->uuid);
    describe_billing(&describer, description);
    description->local_secondary_indexes = describe_local(&describer, totals);
    description->global_secondary_indexes = describe_global(&describer, totals);
    describe_stream(&describer, description);
    describe_sse(&describer, description);
    describe_class(&describer, description);
    description->deletion_protection_enabled =
        (struct model_boolean){true, table->deletion_protection};
    description->on_demand_throughput = describe_on_demand(&describer, &table->on_demand);
    describe_warm(&describer, description);
    if (describer.exhausted)
        return error_exhausted();
    *ret_description = description;
    return NULL;
}
