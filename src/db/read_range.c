#include "db/read_range.h"

#include "base/check.h"
#include "db/entry.h"

/* What the conditions of a Query come to. */
struct query {
    const struct db_read *read;
    struct arena *arena;
    enum db_family family;
    uint64_t space;
    struct db_key_parts parts; /* partition values and equal sort values */
    size_t sort_bytes_left;    /* a stored sort key has no more behind the equal values */
};

/* false: longer than any key that is stored. */
static bool add_values(struct db_key_parts *parts, const struct value *values, size_t count,
                       size_t *bytes_left)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i].body.size > *bytes_left)
            return false;
        *bytes_left -= values[i].body.size;
        db_key_parts_add(parts, values[i].body);
    }
    return true;
}

static bool query_begin(const struct db_read *read, struct arena *arena, struct query *ret_query)
{
    const struct db_key_schema *key = read->index != NULL ? &read->index->key : &read->table->key;
    CHECK(read->sort_equal_count <= key->sort_count);
    CHECK(read->sort_operator == DB_SORT_ANY || read->sort_equal_count < key->sort_count);
    struct query query = {
        .read = read,
        .arena = arena,
        .family = db_family_of(read->index),
        .space = db_space_of(read->table, read->index),
        .sort_bytes_left = DB_SORT_KEY_BYTES_MAX,
    };
    size_t partition_bytes_left = DB_PARTITION_KEY_BYTES_MAX;
    if (!add_values(&query.parts, read->partition, key->partition_count, &partition_bytes_left))
        return false;
    query.parts.partition_count = query.parts.count;
    if (!add_values(&query.parts, read->sort_equal, read->sort_equal_count, &query.sort_bytes_left))
        return false;
    *ret_query = query;
    return true;
}

/* The operand as a last part. One that is longer than any stored value could be is cut to one byte
 * more than that: it compares with stored values as it did, and is equal to none. */
static struct db_key_parts with_operand(const struct query *query, struct slice operand)
{
    struct db_key_parts parts = query->parts;
    if (operand.size > query->sort_bytes_left)
        operand.size = query->sort_bytes_left + 1;
    db_key_parts_add(&parts, operand);
    return parts;
}

static struct slice prefix_of(const struct query *query)
{
    return db_key_make(query->arena, query->family, query->space, &query->parts);
}

static struct slice at_operand(const struct query *query, unsigned operand)
{
    struct db_key_parts parts = with_operand(query, query->read->sort_operand[operand].body);
    return db_key_make(query->arena, query->family, query->space, &parts);
}

static struct slice behind(const struct query *query, struct slice prefix)
{
    return slice_present(prefix) ? db_key_behind_prefix(query->arena, prefix) : SLICE_ABSENT;
}

static struct slice at_operand_open(const struct query *query)
{
    struct db_key_parts parts = with_operand(query, query->read->sort_operand[0].body);
    return db_key_make_open(query->arena, query->family, query->space, &parts);
}

static struct store_range query_range(const struct query *query)
{
    struct slice all = prefix_of(query);
    switch (query->read->sort_operator) {
    case DB_SORT_ANY:
        break;
    case DB_SORT_EQUAL:
        return (struct store_range){.first = at_operand(query, 0),
                                    .end = behind(query, at_operand(query, 0))};
    case DB_SORT_LESS:
        return (struct store_range){.first = all, .end = at_operand(query, 0)};
    case DB_SORT_LESS_OR_EQUAL:
        return (struct store_range){.first = all, .end = behind(query, at_operand(query, 0))};
    case DB_SORT_GREATER:
        return (struct store_range){.first = behind(query, at_operand(query, 0)),
                                    .end = behind(query, all)};
    case DB_SORT_GREATER_OR_EQUAL:
        return (struct store_range){.first = at_operand(query, 0), .end = behind(query, all)};
    case DB_SORT_BETWEEN:
        return (struct store_range){.first = at_operand(query, 0),
                                    .end = behind(query, at_operand(query, 1))};
    case DB_SORT_BEGINS_WITH:
        return (struct store_range){.first = at_operand_open(query),
                                    .end = behind(query, at_operand_open(query))};
    }
    return (struct store_range){.first = all, .end = behind(query, all)};
}

/* The smallest hash of a segment; segments are equal slices of all hashes. */
static uint64_t segment_start(uint64_t segment, uint64_t total)
{
    /* DB_HASH_BITS + 20 bits of segments stay below 64. */
    return (segment * DB_HASH_END + total - 1) / total;
}

static struct store_range scan_range(const struct db_read *read, struct arena *arena)
{
    enum db_family family = db_family_of(read->index);
    uint64_t space = db_space_of(read->table, read->index);
    uint64_t first = 0, end = DB_HASH_END;
    if (read->total_segments > 1) {
        CHECK(read->segment < read->total_segments);
        first = segment_start(read->segment, read->total_segments);
        end = segment_start((uint64_t)read->segment + 1, read->total_segments);
    }
    return (struct store_range){.first = db_key_hash_bound(arena, family, space, first),
                                .end = db_key_hash_bound(arena, family, space, end)};
}

const struct error *db_read_whole_range(const struct db_read *read, struct arena *arena,
                                        struct store_range *ret_range, bool *ret_is_empty)
{
    struct query query;
    struct store_range range;
    if (read->whole) {
        range = scan_range(read, arena);
    } else if (query_begin(read, arena, &query)) {
        range = query_range(&query);
    } else {
        *ret_is_empty = true;
        return NULL;
    }
    if (!slice_present(range.first) || !slice_present(range.end))
        return error_exhausted();
    *ret_range = range;
    *ret_is_empty = slice_compare(range.first, range.end) >= 0;
    return NULL;
}

bool db_range_continue(struct arena *arena, struct store_range *range, struct slice key,
                       bool backward)
{
    struct slice bound = SLICE_ABSENT;
    if (!backward) {
        bound = db_key_behind(arena, key);
    } else if (!arena_copy(arena, key, &bound)) {
        bound = SLICE_ABSENT;
    }
    if (!slice_present(bound))
        return false;
    if (backward && slice_compare(bound, range->end) < 0)
        range->end = bound;
    if (!backward && slice_compare(bound, range->first) > 0)
        range->first = bound;
    return true;
}

const struct error *db_read_range(const struct db_read *read, struct arena *arena,
                                  struct store_range *ret_range, bool *ret_is_empty)
{
    struct store_range range;
    bool is_empty;
    const struct error *error = db_read_whole_range(read, arena, &range, &is_empty);
    if (error != NULL)
        return error;
    if (!is_empty && slice_present(read->exclusive_start)) {
        struct slice start = db_entry_key(arena, read->table, read->index, read->exclusive_start);
        if (!slice_present(start) || !db_range_continue(arena, &range, start, read->backward))
            return error_exhausted();
        is_empty = slice_compare(range.first, range.end) >= 0;
    }
    *ret_range = range;
    *ret_is_empty = is_empty;
    return NULL;
}
