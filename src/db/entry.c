#include "db/entry.h"

#include "base/check.h"

static bool add_parts(struct db_key_parts *parts, const struct db_attribute *attributes,
                      size_t count, size_t bytes_max, struct slice item)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        struct value value = value_map_find(value_of_item(item), attributes[i].name);
        if (value.type != attributes[i].type || value.body.size == 0)
            return false;
        bytes += value.body.size;
        db_key_parts_add(parts, value.body);
    }
    return bytes <= bytes_max;
}

bool db_entry_parts(const struct db_table *table, const struct db_index *index, struct slice item,
                    struct db_key_parts *ret_parts)
{
    const struct db_key_schema *key = index != NULL ? &index->key : &table->key;
    const struct db_key_schema *primary = &table->key;
    struct db_key_parts parts = {0};
    if (!add_parts(&parts, key->partition, key->partition_count, DB_PARTITION_KEY_BYTES_MAX, item))
        return false;
    parts.partition_count = parts.count;
    if (!add_parts(&parts, key->sort, key->sort_count, DB_SORT_KEY_BYTES_MAX, item))
        return false;
    /* The primary key makes entries unique. A local index has the partition key in it already. */
    if (index != NULL && index->global &&
        !add_parts(&parts, primary->partition, 1, DB_PARTITION_KEY_BYTES_MAX, item))
        return false;
    if (index != NULL &&
        !add_parts(&parts, primary->sort, primary->sort_count, DB_SORT_KEY_BYTES_MAX, item))
        return false;
    *ret_parts = parts;
    return true;
}

struct slice db_entry_key(struct arena *arena, const struct db_table *table,
                          const struct db_index *index, struct slice item)
{
    struct db_key_parts parts;
    bool is_in_it = db_entry_parts(table, index, item, &parts);
    CHECK(is_in_it);
    return db_key_make(arena, db_family_of(index), db_space_of(table, index), &parts);
}

static bool is_projected(const struct db_table *table, const struct db_index *index,
                         struct slice name)
{
    if (db_key_schema_has(&table->key, name) || db_key_schema_has(&index->key, name))
        return true;
    if (index->projection != DB_PROJECT_INCLUDE)
        return false;
    for (size_t i = 0; i < index->non_key_attribute_count; i++) {
        if (slice_equal(index->non_key_attributes[i], name))
            return true;
    }
    return false;
}

struct slice db_entry_project(struct arena *arena, const struct db_table *table,
                              const struct db_index *index, struct slice item)
{
    if (index->projection == DB_PROJECT_ALL)
        return item;
    struct value_member kept[2 * DB_KEY_PARTS_MAX + 2 + DB_NON_KEY_ATTRIBUTES_MAX];
    size_t count = 0;
    struct value_iter iter;
    struct slice name;
    struct value value;
    value_iter_begin(&iter, value_of_item(item));
    while (value_iter_next(&iter, &name, &value)) {
        if (!is_projected(table, index, name))
            continue;
        CHECK(count < COUNT_OF(kept));
        kept[count++] = (struct value_member){name, value};
    }
    struct value entry;
    return value_build_map(arena, kept, count, &entry) ? entry.body : SLICE_ABSENT;
}

struct slice db_entry_start_key(struct arena *arena, const struct db_table *table,
                                const struct db_index *index, struct slice item)
{
    struct db_index none = {.projection = DB_PROJECT_KEYS_ONLY};
    struct db_index keys = index != NULL ? *index : none;
    keys.projection = DB_PROJECT_KEYS_ONLY;
    return db_entry_project(arena, table, &keys, item);
}
