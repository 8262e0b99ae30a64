/*
 * The checks of ExclusiveStartKey. Query and Scan word them differently, and what is asked first
 * decides what a client hears; observed with malformed keys against the service.
 */

#include "db/entry.h"
#include "db/items.h"
#include "db/read_range.h"

#define WORDS_INVALID "The provided starting key is invalid"
#define WORDS_SCHEMA "The provided key element does not match the schema"

static const struct error *refuse(struct arena *arena, const char *words)
{
    return error_make(arena, ERROR_VALIDATION, "%s", words);
}

static const struct db_key_schema *key_of(const struct db_read *read)
{
    return read->index != NULL ? &read->index->key : &read->table->key;
}

static size_t count_missing_from(const struct db_key_schema *schema,
                                 const struct db_attribute *attributes, size_t count)
{
    size_t missing = 0;
    for (size_t i = 0; i < count; i++)
        missing += !db_key_schema_has(schema, attributes[i].name);
    return missing;
}

/* Attributes of the table's and the index's key together. */
static size_t expected_count(const struct db_read *read)
{
    const struct db_key_schema *table = &read->table->key;
    size_t count = (size_t)table->partition_count + table->sort_count;
    if (read->index != NULL) {
        const struct db_key_schema *index = &read->index->key;
        count += count_missing_from(table, index->partition, index->partition_count);
        count += count_missing_from(table, index->sort, index->sort_count);
    }
    return count;
}

/* bytes_max is what the attributes may have together. */
static const struct error *check_attributes(const struct db_read *read, struct arena *arena,
                                            const struct db_attribute *attributes, size_t count,
                                            size_t bytes_max, const char *words_size)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        struct value value =
            value_map_find(value_of_item(read->exclusive_start), attributes[i].name);
        if (!value_present(value))
            return refuse(arena, WORDS_INVALID);
        if (value.type != attributes[i].type)
            return refuse(arena, WORDS_SCHEMA);
        if (value.body.size == 0)
            return error_make(arena, ERROR_VALIDATION,
                              "One or more parameter values were invalid: The AttributeValue for "
                              "a key attribute cannot contain an empty %s value. Key: %.*s",
                              value.type == VALUE_BINARY ? "binary" : "string",
                              SLICE_PRINT(attributes[i].name));
        bytes += value.body.size;
        if (bytes > bytes_max)
            return error_make(arena, ERROR_VALIDATION,
                              "One or more parameter values were invalid: %s", words_size);
    }
    return NULL;
}

static bool is_table_scan(const struct db_read *read)
{
    return read->whole && read->index == NULL;
}

const struct error *db_read_check_start_count(const struct db_read *read, struct arena *arena)
{
    if (value_count(value_of_item(read->exclusive_start)) == expected_count(read))
        return NULL;
    return refuse(arena, is_table_scan(read) ? WORDS_INVALID ": " WORDS_SCHEMA : WORDS_INVALID);
}

const struct error *db_read_check_start_partition(const struct db_read *read, struct arena *arena)
{
    const struct db_key_schema *key = key_of(read);
    return check_attributes(read, arena, key->partition, key->partition_count,
                            DB_PARTITION_KEY_BYTES_MAX,
                            "Size of hashkey has exceeded the maximum size limit of2048 bytes");
}

const struct error *db_read_check_start_sort(const struct db_read *read, struct arena *arena)
{
    const struct db_key_schema *key = key_of(read);
    return check_attributes(
        read, arena, key->sort, key->sort_count, DB_SORT_KEY_BYTES_MAX,
        "Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
}

/* Of a scan of a table the primary key comes later. */
const struct error *db_read_check_start_shape(const struct db_read *read, struct arena *arena)
{
    const struct error *error = db_read_check_start_count(read, arena);
    if (error == NULL && !is_table_scan(read))
        error = db_read_check_start_partition(read, arena);
    if (error == NULL && !is_table_scan(read))
        error = db_read_check_start_sort(read, arena);
    return error;
}

/* The primary key within the start key. */
static const struct error *check_primary(const struct db_read *read, struct arena *arena)
{
    const struct db_key_schema *key = &read->table->key;
    struct value start = value_of_item(read->exclusive_start);
    struct value_member members[2];
    size_t count = 0;
    members[count++].name = key->partition[0].name;
    if (key->sort_count > 0)
        members[count++].name = key->sort[0].name;
    for (size_t i = 0; i < count; i++) {
        members[i].value = value_map_find(start, members[i].name);
        if (!value_present(members[i].value))
            return refuse(arena, WORDS_INVALID ": " WORDS_SCHEMA);
    }
    struct value primary;
    if (!value_build_map(arena, members, count, &primary))
        return error_exhausted();
    const struct error *error = db_table_check_key(read->table, arena, primary.body);
    if (error == NULL || error->kind != ERROR_VALIDATION)
        return error;
    return error_make(arena, ERROR_VALIDATION, WORDS_INVALID ": %.*s", SLICE_PRINT(error->message));
}

static const struct error *check_segment(const struct db_read *read, struct arena *arena)
{
    if (read->total_segments <= 1)
        return NULL;
    struct store_range range;
    bool is_empty;
    const struct error *error = db_read_whole_range(read, arena, &range, &is_empty);
    if (error != NULL)
        return error;
    struct slice start = db_entry_key(arena, read->table, read->index, read->exclusive_start);
    if (!slice_present(start))
        return error_exhausted();
    if (!is_empty && slice_compare(start, range.first) >= 0 && slice_compare(start, range.end) < 0)
        return NULL;
    return error_make(arena, ERROR_VALIDATION,
                      WORDS_INVALID ": Invalid ExclusiveStartKey. Please use ExclusiveStartKey "
                                    "with correct Segment. TotalSegments: %u Segment: %u",
                      read->total_segments, read->segment);
}

static bool operator_holds(enum db_sort_operator operator, struct value value,
                           const struct value operand[2])
{
    switch (operator) {
    case DB_SORT_ANY:
        return true;
    case DB_SORT_EQUAL:
        return value_equal(value, operand[0]);
    case DB_SORT_LESS:
        return value_compare(value, operand[0]) < 0;
    case DB_SORT_LESS_OR_EQUAL:
        return value_compare(value, operand[0]) <= 0;
    case DB_SORT_GREATER:
        return value_compare(value, operand[0]) > 0;
    case DB_SORT_GREATER_OR_EQUAL:
        return value_compare(value, operand[0]) >= 0;
    case DB_SORT_BETWEEN:
        return value_compare(value, operand[0]) >= 0 && value_compare(value, operand[1]) <= 0;
    case DB_SORT_BEGINS_WITH:
        return slice_starts_with(value.body, operand[0].body);
    }
    return false;
}

static bool sort_conditions_hold(const struct db_read *read)
{
    const struct db_key_schema *key = key_of(read);
    struct value start = value_of_item(read->exclusive_start);
    for (size_t i = 0; i < read->sort_equal_count; i++) {
        if (!value_equal(value_map_find(start, key->sort[i].name), read->sort_equal[i]))
            return false;
    }
    if (read->sort_operator == DB_SORT_ANY)
        return true;
    struct value value = value_map_find(start, key->sort[read->sort_equal_count].name);
    return operator_holds(read->sort_operator, value, read->sort_operand);
}

static bool partition_conditions_hold(const struct db_read *read)
{
    const struct db_key_schema *key = key_of(read);
    struct value start = value_of_item(read->exclusive_start);
    for (size_t i = 0; i < key->partition_count; i++) {
        if (!value_equal(value_map_find(start, key->partition[i].name), read->partition[i]))
            return false;
    }
    return true;
}

static const struct error *check_boundaries(const struct db_read *read, struct arena *arena)
{
    bool has_sort_conditions = read->sort_equal_count > 0 || read->sort_operator != DB_SORT_ANY;
    if (has_sort_conditions && !sort_conditions_hold(read))
        return refuse(arena, "The provided starting key does not match the range key predicate");
    if (partition_conditions_hold(read))
        return NULL;
    return refuse(arena, has_sort_conditions
                             ? "The query can return at most one row and cannot be restarted"
                             : "The provided starting key is outside query boundaries based on "
                               "provided conditions");
}

const struct error *db_read_check_start(const struct db_read *read, struct arena *arena)
{
    const struct error *error = db_read_check_start_shape(read, arena);
    if (error == NULL)
        error = check_primary(read, arena);
    if (error == NULL)
        error = read->whole ? check_segment(read, arena) : check_boundaries(read, arena);
    return error;
}
