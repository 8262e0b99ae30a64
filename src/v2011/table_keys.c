#include "v2011/table_keys.h"

#include "ops/table_name.h"
#include "v2011/values.h"

static const struct error *copy_key(struct arena *arena, const struct db_key_schema *key,
                                    struct v2011_table *table)
{
    if (!arena_copy(arena, key->partition[0].name, &table->hash_name))
        return error_exhausted();
    table->hash_type = key->partition[0].type;
    table->has_range = key->sort_count > 0;
    if (table->has_range) {
        if (!arena_copy(arena, key->sort[0].name, &table->range_name))
            return error_exhausted();
        table->range_type = key->sort[0].type;
    } else if (slice_equal(table->hash_name, table->range_name)) {
        table->range_name = SLICE("HashKeyElement");
    }
    return NULL;
}

const struct error *v2011_table_look_up(const struct op_call *call, struct slice name,
                                        struct v2011_table *ret_table)
{
    struct op_table_name table_name;
    const struct db_table *table;
    *ret_table = (struct v2011_table){
        .name = name,
        .hash_name = SLICE("HashKeyElement"),
        .range_name = SLICE("RangeKeyElement"),
    };
    const struct error *error = op_table_name_read(call, name, &table_name);
    if (error != NULL)
        return error;
    /* The operation will say so, too. */
    if (op_table_for_items(call, &table_name, &table) != NULL)
        return NULL;
    ret_table->is_there = true;
    ret_table->created_ms = table->created_ms;
    error = copy_key(call->arena, &table->key, ret_table);
    op_table_release(call, table);
    return error;
}

static bool reading_given(const struct value_reading *reading)
{
    return value_present(reading->value) || reading->problem != NULL;
}

bool v2011_key_fits(const struct v2011_table *table, const struct model_v2011_key *key)
{
    return reading_given(&key->range_key_element) == table->has_range;
}

const struct error *v2011_key_to_item(struct arena *arena, const struct v2011_table *table,
                                      struct model_v2011_key *key, struct item_reading *ret_item)
{
    *ret_item = (struct item_reading){.item = SLICE_ABSENT};
    if (key == NULL)
        return NULL;
    struct value_reading *elements[] = {&key->hash_key_element, &key->range_key_element};
    struct value_member members[] = {{.name = table->hash_name}, {.name = table->range_name}};
    size_t count = reading_given(elements[1]) ? 2 : 1;
    for (size_t i = 0; i < count; i++) {
        v2011_value_check(elements[i]);
        if (elements[i]->problem != NULL) {
            *ret_item = (struct item_reading){SLICE_ABSENT, elements[i]->problem,
                                              elements[i]->problem_classic, members[i].name};
            return NULL;
        }
        members[i].value = elements[i]->value;
    }
    struct value map;
    if (!value_build_map(arena, members, count, &map))
        return error_exhausted();
    ret_item->item = map.body;
    return NULL;
}

void v2011_key_of_item(const struct v2011_table *table, struct slice item,
                       struct model_v2011_key *ret_key)
{
    struct value key = value_of_item(item);
    *ret_key = (struct model_v2011_key){0};
    ret_key->hash_key_element.value = value_map_find(key, table->hash_name);
    ret_key->range_key_element.value = value_map_find(key, table->range_name);
}

const struct error *v2011_start_key_of_item(struct arena *arena, const struct v2011_table *table,
                                            struct slice item, struct model_v2011_key **ret_key)
{
    if (!slice_present(item)) {
        *ret_key = NULL;
        return NULL;
    }
    struct model_v2011_key *key = ARENA_NEW(arena, struct model_v2011_key);
    if (key == NULL)
        return error_exhausted();
    v2011_key_of_item(table, item, key);
    *ret_key = key;
    return NULL;
}
