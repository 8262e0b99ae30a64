#include "ops/capacity.h"

enum { READ_UNIT_BYTES = 4096, WRITE_UNIT_BYTES = 1024 };

static size_t units_of(size_t bytes, size_t unit_bytes)
{
    return bytes == 0 ? 1 : (bytes + unit_bytes - 1) / unit_bytes;
}

double op_read_units(size_t bytes, bool consistent)
{
    double units = (double)units_of(bytes, READ_UNIT_BYTES);
    return consistent ? units : units / 2;
}

double op_write_units(size_t bytes)
{
    return (double)units_of(bytes, WRITE_UNIT_BYTES);
}

const struct error *op_capacity_init(struct op_capacity *capacity, struct arena *arena,
                                     struct slice table_name, const struct db_table *table)
{
    *capacity = (struct op_capacity){.table_name = table_name, .table = table};
    capacity->index_units = ARENA_NEW_ARRAY(arena, double, table->index_count);
    capacity->index_touched = ARENA_NEW_ARRAY(arena, bool, table->index_count);
    if (capacity->index_units == NULL || capacity->index_touched == NULL)
        return error_exhausted();
    return NULL;
}

void op_capacity_add_index(struct op_capacity *capacity, const struct db_index *index, double units)
{
    const struct db_table *table = capacity->table;
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].global != index->global || table->indexes[i].id != index->id)
            continue;
        capacity->index_units[i] += units;
        capacity->index_touched[i] = true;
        return;
    }
}

static double effect_units(const struct db_index_effect *effect)
{
    if (!effect->key_moved) {
        size_t larger = effect->deleted_bytes > effect->written_bytes ? effect->deleted_bytes
                                                                      : effect->written_bytes;
        return op_write_units(larger);
    }
    double units = 0;
    if (effect->deleted_bytes > 0)
        units += op_write_units(effect->deleted_bytes);
    if (effect->written_bytes > 0)
        units += op_write_units(effect->written_bytes);
    return units;
}

void op_capacity_add_write(struct op_capacity *capacity, const struct db_write *write)
{
    capacity->table_units +=
        op_write_units(write->old_bytes > write->new_bytes ? write->old_bytes : write->new_bytes);
    for (size_t i = 0; i < write->index_effect_count; i++) {
        const struct db_index_effect *effect = &write->index_effects[i];
        op_capacity_add_index(capacity, effect->index, effect_units(effect));
    }
}

static size_t count_touched(const struct op_capacity *capacity, bool global)
{
    size_t count = 0;
    for (size_t i = 0; i < capacity->table->index_count; i++)
        if (capacity->index_touched[i] && capacity->table->indexes[i].global == global)
            count++;
    return count;
}

static const struct error *show_indexes(const struct op_capacity *capacity, struct arena *arena,
                                        bool global,
                                        struct model_map_secondary_indexes_capacity_map *ret_map)
{
    size_t count = count_touched(capacity, global);
    if (count == 0)
        return NULL;
    struct model_entry_secondary_indexes_capacity_map *entries =
        ARENA_NEW_ARRAY(arena, struct model_entry_secondary_indexes_capacity_map, count);
    if (entries == NULL)
        return error_exhausted();
    size_t filled = 0;
    for (size_t i = 0; i < capacity->table->index_count; i++) {
        const struct db_index *index = &capacity->table->indexes[i];
        if (!capacity->index_touched[i] || index->global != global)
            continue;
        entries[filled].key = index->name;
        entries[filled].value.capacity_units =
            (struct model_double){true, capacity->index_units[i]};
        filled++;
    }
    ret_map->present = true;
    ret_map->count = count;
    ret_map->entries = entries;
    return NULL;
}

const struct error *op_capacity_fill(const struct op_capacity *capacity, struct arena *arena,
                                     bool with_indexes,
                                     struct model_consumed_capacity *ret_consumed)
{
    struct model_consumed_capacity consumed = {.table_name = capacity->table_name};
    double total = capacity->table_units;
    for (size_t i = 0; i < capacity->table->index_count; i++)
        total += capacity->index_units[i];
    consumed.capacity_units = (struct model_double){true, total};
    if (with_indexes) {
        consumed.table = ARENA_NEW(arena, struct model_capacity);
        if (consumed.table == NULL)
            return error_exhausted();
        consumed.table->capacity_units = (struct model_double){true, capacity->table_units};
        const struct error *error =
            show_indexes(capacity, arena, false, &consumed.local_secondary_indexes);
        if (error == NULL)
            error = show_indexes(capacity, arena, true, &consumed.global_secondary_indexes);
        if (error != NULL)
            return error;
    }
    *ret_consumed = consumed;
    return NULL;
}

const struct error *op_capacity_show(const struct op_capacity *capacity, struct arena *arena,
                                     struct model_enum mode,
                                     struct model_consumed_capacity **ret_consumed)
{
    if (!op_capacity_wanted(mode))
        return NULL;
    struct model_consumed_capacity *consumed = ARENA_NEW(arena, struct model_consumed_capacity);
    if (consumed == NULL)
        return error_exhausted();
    const struct error *error = op_capacity_fill(
        capacity, arena, mode.value == MODEL_RETURN_CONSUMED_CAPACITY_INDEXES, consumed);
    if (error == NULL)
        *ret_consumed = consumed;
    return error;
}
