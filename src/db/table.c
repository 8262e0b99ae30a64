#include "db/table.h"

#include "base/check.h"

static const char words_schema[] = "The provided key element does not match the schema";

const struct db_index *db_table_index(const struct db_table *table, struct slice name)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (slice_equal(table->indexes[i].name, name))
            return &table->indexes[i];
    }
    return NULL;
}

const struct db_index *db_table_online_index(const struct db_table *table)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].online)
            return &table->indexes[i];
    }
    return NULL;
}

const struct db_index *db_table_holding_index(const struct db_table *table)
{
    for (size_t i = 0; i < table->index_count; i++) {
        const struct db_index *index = &table->indexes[i];
        if (index->status == DB_STATUS_DELETING || (index->online && !index->backfilling))
            return index;
    }
    return NULL;
}

bool db_table_has_local_index(const struct db_table *table)
{
    /* Local ones come first. */
    return table->index_count > 0 && !table->indexes[0].global;
}

enum value_type db_table_attribute_type(const struct db_table *table, struct slice name)
{
    for (size_t i = 0; i < table->attribute_count; i++) {
        if (slice_equal(table->attributes[i].name, name))
            return table->attributes[i].type;
    }
    return VALUE_ABSENT;
}

bool db_key_schema_has(const struct db_key_schema *schema, struct slice name)
{
    for (size_t i = 0; i < schema->partition_count; i++) {
        if (slice_equal(schema->partition[i].name, name))
            return true;
    }
    for (size_t i = 0; i < schema->sort_count; i++) {
        if (slice_equal(schema->sort[i].name, name))
            return true;
    }
    return false;
}

static bool is_empty(struct value value)
{
    return value.type != VALUE_NUMBER && value.body.size == 0;
}

static const char *type_words(enum value_type type)
{
    return type == VALUE_BINARY ? "binary" : "string";
}

/* Of the request as a whole, in a transaction too. */
static const struct error *of_request(struct arena *arena, const struct error *error)
{
    struct error *marked = ARENA_NEW(arena, struct error);
    if (marked == NULL)
        return error_exhausted();
    *marked = *error;
    marked->is_of_request = true;
    return marked;
}

/* --- the primary key --- */

/* Wrong types and missing attributes are worded by operation; what is empty or too long is not. */
enum key_wording { WORDED_ITEM, WORDED_SCHEMA };

static const struct error *check_key_type(struct arena *arena, const struct db_attribute *attribute,
                                          struct value value, enum key_wording wording)
{
    if (value.type == attribute->type)
        return NULL;
    if (wording == WORDED_SCHEMA)
        return error_make(arena, ERROR_VALIDATION, "%s", words_schema);
    if (!value_present(value))
        return error_make(arena, ERROR_VALIDATION,
                          "One or more parameter values were invalid: "
                          "Missing the key %.*s in the item",
                          SLICE_PRINT(attribute->name));
    return error_make(arena, ERROR_VALIDATION,
                      "One or more parameter values were invalid: "
                      "Type mismatch for key %.*s expected: %.*s actual: %.*s",
                      SLICE_PRINT(attribute->name), SLICE_PRINT(value_type_code(attribute->type)),
                      SLICE_PRINT(value_type_code(value.type)));
}

static const struct error *check_key_attribute(struct arena *arena,
                                               const struct db_attribute *attribute,
                                               struct value value, size_t bytes_max,
                                               const char *words_size, enum key_wording wording)
{
    const struct error *error = check_key_type(arena, attribute, value, wording);
    if (error != NULL)
        return error;
    if (is_empty(value))
        return of_request(
            arena, error_make(arena, ERROR_VALIDATION,
                              "One or more parameter values are not valid. The AttributeValue for "
                              "a key attribute cannot contain an empty %s value. Key: %.*s",
                              type_words(attribute->type), SLICE_PRINT(attribute->name)));
    if (value.body.size > bytes_max)
        return of_request(arena,
                          error_make(arena, ERROR_VALIDATION,
                                     "One or more parameter values were invalid: %s", words_size));
    return NULL;
}

static const struct error *check_primary_key(const struct db_table *table, struct arena *arena,
                                             struct slice item, enum key_wording wording)
{
    struct value map = value_of_item(item);
    const struct db_attribute *partition = &table->key.partition[0];
    const struct error *error = check_key_attribute(
        arena, partition, value_map_find(map, partition->name), DB_PARTITION_KEY_BYTES_MAX,
        "Size of hashkey has exceeded the maximum size limit of2048 bytes", wording);
    if (error != NULL || table->key.sort_count == 0)
        return error;
    const struct db_attribute *sort = &table->key.sort[0];
    return check_key_attribute(
        arena, sort, value_map_find(map, sort->name), DB_SORT_KEY_BYTES_MAX,
        "Aggregated size of all range keys has exceeded the size limit of 1024 bytes", wording);
}

const struct error *db_table_check_key(const struct db_table *table, struct arena *arena,
                                       struct slice key)
{
    size_t count = (size_t)table->key.partition_count + table->key.sort_count;
    if (value_count(value_of_item(key)) != count)
        return error_make(arena, ERROR_VALIDATION, "%s", words_schema);
    return check_primary_key(table, arena, key, WORDED_SCHEMA);
}

const struct error *db_table_key_of_item(const struct db_table *table, struct arena *arena,
                                         struct slice item, struct slice *ret_key)
{
    struct value_member members[2];
    size_t count = 0;
    members[count++].name = table->key.partition[0].name;
    if (table->key.sort_count > 0)
        members[count++].name = table->key.sort[0].name;
    for (size_t i = 0; i < count; i++) {
        members[i].value = value_map_find(value_of_item(item), members[i].name);
        CHECK(value_present(members[i].value));
    }
    struct value key;
    if (!value_build_map(arena, members, count, &key))
        return error_exhausted();
    *ret_key = key.body;
    return NULL;
}

/* --- index keys --- */

/* One look at the index key attributes of an item. */
struct index_check {
    const struct db_table *table;
    struct arena *arena;
    struct slice item;
    bool is_update;
    struct slice old_item; /* is_update: SLICE_ABSENT when there was none */
};

const struct error *db_table_type_mismatch(struct arena *arena, const struct db_index *index,
                                           const struct db_attribute *attribute,
                                           enum value_type actual)
{
    return error_make(arena, ERROR_VALIDATION,
                      "One or more parameter values were invalid: Type mismatch for Index Key "
                      "%.*s Expected: %.*s Actual: %.*s IndexName: %.*s",
                      SLICE_PRINT(attribute->name), SLICE_PRINT(value_type_code(attribute->type)),
                      SLICE_PRINT(value_type_code(actual)), SLICE_PRINT(index->name));
}

static const struct error *index_key_error(const struct index_check *check,
                                           const struct db_index *index,
                                           const struct db_attribute *attribute, struct value value,
                                           size_t bytes_before, size_t bytes_max)
{
    if (value.type != attribute->type && check->is_update)
        return error_make(check->arena, ERROR_VALIDATION, "%s",
                          "The update expression attempted to update the secondary index key to "
                          "unsupported type");
    if (value.type != attribute->type)
        return db_table_type_mismatch(check->arena, index, attribute, value.type);
    if (is_empty(value) && check->is_update)
        return of_request(
            check->arena,
            error_make(check->arena, ERROR_VALIDATION,
                       "One or more parameter values are not valid. The update expression "
                       "attempted to update a secondary index key to a value that is not "
                       "supported. The AttributeValue for a key attribute cannot contain an "
                       "empty %s value.",
                       type_words(attribute->type)));
    if (is_empty(value))
        return of_request(
            check->arena,
            error_make(check->arena, ERROR_VALIDATION,
                       "One or more parameter values are not valid. A value specified for a "
                       "secondary index key is not supported. The AttributeValue for a key "
                       "attribute cannot contain an empty %s value. IndexName: %.*s, IndexKey: "
                       "%.*s",
                       type_words(attribute->type), SLICE_PRINT(index->name),
                       SLICE_PRINT(attribute->name)));
    if (value.body.size + bytes_before > bytes_max)
        return error_make(check->arena, ERROR_VALIDATION,
                          "One or more parameter values were invalid: Size limit exceeded for "
                          "Index Key %.*s Actual Size: %zu bytes Max Size: %zu bytes IndexName: "
                          "%.*s",
                          SLICE_PRINT(attribute->name), value.body.size + bytes_before, bytes_max,
                          SLICE_PRINT(index->name));
    return NULL;
}

/* The attributes together must keep the limit, too: it is one key. */
static const struct error *check_index_part(const struct index_check *check,
                                            const struct db_index *index,
                                            const struct db_attribute *attributes, size_t count,
                                            size_t bytes_max)
{
    size_t bytes_before = 0;
    for (size_t i = 0; i < count; i++) {
        const struct db_attribute *attribute = &attributes[i];
        struct value value = value_map_find(value_of_item(check->item), attribute->name);
        if (!value_present(value))
            continue; /* the item is not in this index */
        bool checked_before =
            check->is_update && slice_present(check->old_item) &&
            value_equal(value, value_map_find(value_of_item(check->old_item), attribute->name));
        if (!checked_before) {
            const struct error *error =
                index_key_error(check, index, attribute, value, bytes_before, bytes_max);
            if (error != NULL)
                return error;
        }
        bytes_before += value.body.size;
    }
    return NULL;
}

static const struct error *check_index(const struct index_check *check,
                                       const struct db_index *index)
{
    if (index->status == DB_STATUS_DELETING)
        return NULL;
    /* The partition key of a local index is the table's and has been looked at. */
    const struct error *error = NULL;
    if (index->global)
        error = check_index_part(check, index, index->key.partition, index->key.partition_count,
                                 DB_PARTITION_KEY_BYTES_MAX);
    if (error == NULL)
        error = check_index_part(check, index, index->key.sort, index->key.sort_count,
                                 DB_SORT_KEY_BYTES_MAX);
    return error;
}

static const struct error *check_indexes(const struct index_check *check)
{
    const struct db_table *table = check->table;
    const struct error *first = NULL;
    struct slice first_name = SLICE_ABSENT;
    for (size_t i = 0; i < table->index_count; i++) {
        const struct db_index *index = &table->indexes[i];
        if (first != NULL && slice_compare(first_name, index->name) < 0)
            continue;
        const struct error *error = check_index(check, index);
        if (error != NULL) {
            first = error;
            first_name = index->name;
        }
    }
    return first;
}

const struct error *db_table_check_item_worded(const struct db_table *table, struct arena *arena,
                                               struct slice item, enum db_check_wording wording)
{
    const struct error *error = check_primary_key(
        table, arena, item, wording == DB_CHECK_BATCH_PUT ? WORDED_SCHEMA : WORDED_ITEM);
    if (error != NULL)
        return error;
    struct index_check check = {.table = table, .arena = arena, .item = item};
    return check_indexes(&check);
}

const struct error *db_table_check_item(const struct db_table *table, struct arena *arena,
                                        struct slice item)
{
    return db_table_check_item_worded(table, arena, item, DB_CHECK_PUT);
}

const struct error *db_table_check_update(const struct db_table *table, struct arena *arena,
                                          struct slice old_item, struct slice new_item)
{
    struct index_check check = {
        .table = table,
        .arena = arena,
        .item = new_item,
        .is_update = true,
        .old_item = old_item,
    };
    return check_indexes(&check);
}
