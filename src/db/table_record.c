#include "db/table_record.h"

#include "db/record_shape.h"
#include "db/stream.h"

/* clang-format off */
#define OWNER struct slice
static const struct field text_fields[] = {
    {1, TEXT, .at = 0},
};
SHAPE(text, struct slice);
#undef OWNER

#define OWNER struct db_attribute
static const struct field attribute_fields[] = {
    {1, TEXT, AT(name)},
    {2, ENUM, AT(type), .max = VALUE_BINARY},
};
SHAPE(attribute, struct db_attribute);
#undef OWNER

#define OWNER struct db_key_schema
static const struct field key_fields[] = {
    {1, ARRAY, AT(partition), COUNT_AT(partition_count), .max = DB_KEY_PARTS_MAX, .shape = &attribute_shape},
    {2, ARRAY, AT(sort),      COUNT_AT(sort_count),      .max = DB_KEY_PARTS_MAX, .shape = &attribute_shape},
};
SHAPE(key, struct db_key_schema);
#undef OWNER

#define OWNER struct db_throughput
static const struct field throughput_fields[] = {
    {1, SIGNED, AT(read_units)},
    {2, SIGNED, AT(write_units)},
    {3, SIGNED, AT(last_increase_ms)},
    {4, SIGNED, AT(last_decrease_ms)},
    {5, SIGNED, AT(decreases_today)},
};
SHAPE(throughput, struct db_throughput);
#undef OWNER

#define OWNER struct db_on_demand
static const struct field on_demand_fields[] = {
    {1, FLAG,   AT(present)},
    {2, SIGNED, AT(max_read_units)},
    {3, SIGNED, AT(max_write_units)},
};
SHAPE(on_demand, struct db_on_demand);
#undef OWNER

#define OWNER struct db_warm_throughput
static const struct field warm_fields[] = {
    {1, FLAG,   AT(present)},
    {2, SIGNED, AT(read_units)},
    {3, SIGNED, AT(write_units)},
};
SHAPE(warm, struct db_warm_throughput);
#undef OWNER

#define OWNER struct db_index
static const struct field index_fields[] = {
    {1,  UNSIGNED, AT(id)},
    {2,  FLAG,     AT(global)},
    {3,  TEXT,     AT(name)},
    {4,  INSIDE,   AT(key), .shape = &key_shape},
    {5,  ENUM,     AT(projection), .max = DB_PROJECT_INCLUDE},
    {6,  LIST,     AT(non_key_attributes), COUNT_AT(non_key_attribute_count), .shape = &text_shape},
    {7,  ENUM,     AT(status), .max = DB_STATUS_DELETING},
    {8,  FLAG,     AT(backfilling)},
    {9,  INSIDE,   AT(throughput), .shape = &throughput_shape},
    {10, INSIDE,   AT(on_demand), .shape = &on_demand_shape},
    {11, INSIDE,   AT(warm), .shape = &warm_shape},
    {12, FLAG,     AT(online)},
    {13, UNSIGNED, AT(revision)},
};
SHAPE(index, struct db_index);
#undef OWNER

#define OWNER struct db_tag
static const struct field tag_fields[] = {
    {1, TEXT, AT(key)},
    {2, TEXT, AT(value)},
};
SHAPE(tag, struct db_tag);
#undef OWNER

#define OWNER struct db_table
static const struct field table_fields[] = {
    {1,  UNSIGNED, AT(id)},
    {2,  UNSIGNED, AT(revision)},
    {3,  TEXT,     AT(account)},
    {4,  TEXT,     AT(region)},
    {5,  TEXT,     AT(name)},
    {6,  TEXT,     AT(uuid)},
    {7,  SIGNED,   AT(created_ms)},
    {8,  ENUM,     AT(status), .max = DB_STATUS_DELETING},
    {9,  SIGNED,   AT(status_until_ms)},
    {10, LIST,     AT(attributes), COUNT_AT(attribute_count), .shape = &attribute_shape},
    {11, INSIDE,   AT(key), .shape = &key_shape},
    {12, LIST,     AT(indexes), COUNT_AT(index_count), .shape = &index_shape},
    {13, ENUM,     AT(billing), .max = DB_PAY_PER_REQUEST},
    {14, FLAG,     AT(billing_summary)},
    {15, SIGNED,   AT(on_demand_since_ms)},
    {16, INSIDE,   AT(throughput), .shape = &throughput_shape},
    {17, INSIDE,   AT(on_demand), .shape = &on_demand_shape},
    {18, INSIDE,   AT(warm), .shape = &warm_shape},
    {19, ENUM,     AT(table_class), .max = DB_CLASS_INFREQUENT_ACCESS},
    {20, SIGNED,   AT(table_class_changed_ms)},
    {21, FLAG,     AT(deletion_protection)},
    {22, FLAG,     AT(sse_present)},
    {23, FLAG,     AT(sse_kms)},
    {24, TEXT,     AT(sse_key_arn)},
    {25, FLAG,     AT(stream_enabled)},
    {26, TEXT,     AT(stream_view_type)},
    {27, TEXT,     AT(stream_label)},
    {28, LIST,     AT(tags), COUNT_AT(tag_count), .shape = &tag_shape},
    {29, SIGNED,   AT(stream_created_ms)},
    {30, FLAG,     AT(expiry_enabled)},
    {31, TEXT,     AT(expiry_attribute)},
    {32, SIGNED,   AT(expiry_changed_ms)},
    {33, TEXT,     AT(policy)},
    {34, SIGNED,   AT(policy_revision_ms)},
    {35, TEXT,     AT(stream_policy)},
    {36, SIGNED,   AT(stream_policy_revision_ms)},
};
SHAPE(table, struct db_table);
#undef OWNER

#define OWNER struct db_stream_facts
static const struct field stream_fields[] = {
    {1,  UNSIGNED, AT(table_id)},
    {2,  SIGNED,   AT(created_ms)},
    {3,  TEXT,     AT(account)},
    {4,  TEXT,     AT(region)},
    {5,  TEXT,     AT(table_name)},
    {6,  ENUM,     AT(view), .max = DB_STREAM_NEW_AND_OLD_IMAGES},
    {7,  INSIDE,   AT(key), .shape = &key_shape},
    {8,  UNSIGNED, AT(shard_count)},
    {9,  SIGNED,   AT(opened_ms)},
    {10, SIGNED,   AT(closed_ms)},
};
SHAPE(stream, struct db_stream_facts);
#undef OWNER
/* clang-format on */

void table_record_write(struct buf *out, const struct db_table *table)
{
    shape_write(out, &table_shape, table);
}

/* What the rest of the db takes for granted about any table. */
static bool is_plausible(const struct db_table *table)
{
    if (table->id == 0 || table->status == 0 || table->key.partition_count != 1 ||
        table->key.sort_count > 1 || !slice_present(table->name))
        return false;
    for (size_t i = 0; i < table->index_count; i++) {
        const struct db_index *index = &table->indexes[i];
        if (index->id == 0 || index->key.partition_count == 0 || index->projection == 0 ||
            !slice_present(index->name) || (index->global && index->status == 0) ||
            (!index->global && index->id > DB_LOCAL_INDEXES_MAX) ||
            (index->backfilling && !index->online) ||
            (index->online && (!index->global || index->status != DB_STATUS_CREATING)))
            return false;
    }
    return true;
}

const struct error *table_record_read(struct arena *arena, struct slice body,
                                      struct db_table *ret_table)
{
    struct db_table table = {0};
    enum shape_status status = shape_read(arena, body, &table_shape, &table);
    if (status == SHAPE_EXHAUSTED)
        return error_exhausted();
    if (status != SHAPE_READ || !is_plausible(&table))
        return error_make(arena, ERROR_INTERNAL, "A table record is corrupt or of a newer format");
    *ret_table = table;
    return NULL;
}

void stream_record_write(struct buf *out, const struct db_stream_facts *facts)
{
    shape_write(out, &stream_shape, facts);
}

const struct error *stream_record_read(struct arena *arena, struct slice body,
                                       struct db_stream_facts *ret_facts)
{
    struct db_stream_facts facts = {0};
    enum shape_status status = shape_read(arena, body, &stream_shape, &facts);
    if (status == SHAPE_EXHAUSTED)
        return error_exhausted();
    if (status != SHAPE_READ || facts.table_id == 0 || facts.view == 0 || facts.created_ms < 0 ||
        facts.shard_count == 0 || facts.shard_count > DB_SHARDS_MAX ||
        facts.key.partition_count != 1 || facts.key.sort_count > 1 ||
        !slice_present(facts.table_name))
        return error_make(arena, ERROR_INTERNAL, "A stream record is corrupt or of a newer format");
    *ret_facts = facts;
    return NULL;
}
