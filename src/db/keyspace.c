#include "db/keyspace.h"

#include "base/check.h"
#include "base/hash.h"

enum {
    GROUP_BITS = 7,
    GROUPS = 5,
    GROUP_MARK = 0x80,
    ESCAPE = 0x01,
    ESCAPED_END = 0x01,
    ESCAPED_NUL = 0x02,
    ESCAPED_ESCAPE = 0x03,
    END_BYTES = 2,
    FAMILY_AT = 0,
    SPACE_AT = 1,
    HASH_AT = SPACE_AT + GROUPS,
};

_Static_assert(2 * GROUPS == STORE_PLACEMENT_BYTES, "space and hash are the placement");
_Static_assert(GROUPS *GROUP_BITS == DB_SPACE_BITS && DB_SPACE_BITS == DB_HASH_BITS,
               "five groups of seven bits");
/* Partition and sort key of a global index and of its table, every byte escaped. */
_Static_assert(DB_KEY_HEAD_BYTES + 2 * 2 * (DB_PARTITION_KEY_BYTES_MAX + DB_SORT_KEY_BYTES_MAX) +
                       DB_KEY_ALL_PARTS_MAX * END_BYTES <
                   STORE_KEY_BYTES_MAX,
               "the longest key fits");

struct family_row {
    enum db_family family;
    uint8_t version;
};
static const struct family_row families[] = {
#define FAMILY_ROW(name, code, version, what) {DB_FAMILY_##name, version},
    DB_FAMILIES(FAMILY_ROW)
#undef FAMILY_ROW
};

static const struct family_row *family_row(uint8_t code)
{
    for (size_t i = 0; i < COUNT_OF(families); i++) {
        if ((uint8_t)families[i].family == code)
            return &families[i];
    }
    return NULL;
}

void db_key_parts_add(struct db_key_parts *parts, struct slice part)
{
    CHECK(parts->count < DB_KEY_ALL_PARTS_MAX);
    parts->part[parts->count++] = part;
}

static void write_groups(uint8_t out[GROUPS], uint64_t number)
{
    CHECK(number < DB_SPACE_END);
    for (int i = GROUPS - 1; i >= 0; i--) {
        out[i] = (uint8_t)(GROUP_MARK | (number & (GROUP_MARK - 1)));
        number >>= GROUP_BITS;
    }
}

static bool read_groups(const uint8_t in[GROUPS], uint64_t *ret_number)
{
    uint64_t number = 0;
    for (int i = 0; i < GROUPS; i++) {
        if ((in[i] & GROUP_MARK) == 0)
            return false;
        number = number << GROUP_BITS | (in[i] & (GROUP_MARK - 1));
    }
    *ret_number = number;
    return true;
}

static size_t part_bytes(struct slice part)
{
    size_t bytes = part.size + END_BYTES;
    for (size_t i = 0; i < part.size; i++)
        bytes += part.data[i] <= ESCAPE;
    return bytes;
}

static uint8_t *write_part(uint8_t *out, struct slice part)
{
    for (size_t i = 0; i < part.size; i++) {
        uint8_t byte = part.data[i];
        if (byte <= ESCAPE) {
            *out++ = ESCAPE;
            byte = byte == 0 ? ESCAPED_NUL : ESCAPED_ESCAPE;
        }
        *out++ = byte;
    }
    *out++ = ESCAPE;
    *out++ = ESCAPED_END;
    return out;
}

/* 35 of the 64 bits, those of highest value. */
static uint64_t hash_of(const uint8_t *encoded, size_t size)
{
    return size == 0 ? 0 : hash_bytes(slice_of(encoded, size)) >> (64 - DB_HASH_BITS);
}

/* All but the hash, which is written where the result points to. NULL: arena exhausted. */
static uint8_t *make_unplaced(struct arena *arena, enum db_family family, uint64_t space,
                              const struct db_key_parts *parts, size_t *ret_size,
                              size_t *ret_partition_bytes)
{
    CHECK(parts->partition_count <= parts->count);
    size_t size = DB_KEY_HEAD_BYTES;
    for (size_t i = 0; i < parts->count; i++)
        size += part_bytes(parts->part[i]);
    CHECK(size <= STORE_KEY_BYTES_MAX);
    uint8_t *key = arena_alloc_bytes(arena, size);
    if (key == NULL)
        return NULL;

    uint8_t *at = key + DB_KEY_HEAD_BYTES;
    const uint8_t *partition_end = at;
    for (size_t i = 0; i < parts->count; i++) {
        at = write_part(at, parts->part[i]);
        if (i < parts->partition_count)
            partition_end = at;
    }
    CHECK(at == key + size);
    key[FAMILY_AT] = (uint8_t)family;
    write_groups(key + SPACE_AT, space);
    *ret_size = size;
    *ret_partition_bytes = (size_t)(partition_end - key) - DB_KEY_HEAD_BYTES;
    return key;
}

struct slice db_key_make(struct arena *arena, enum db_family family, uint64_t space,
                         const struct db_key_parts *parts)
{
    size_t size, partition_bytes;
    uint8_t *key = make_unplaced(arena, family, space, parts, &size, &partition_bytes);
    if (key == NULL)
        return SLICE_ABSENT;
    write_groups(key + HASH_AT, hash_of(key + DB_KEY_HEAD_BYTES, partition_bytes));
    return slice_of(key, size);
}

struct slice db_key_make_placed(struct arena *arena, enum db_family family, uint64_t space,
                                uint64_t hash, const struct db_key_parts *parts)
{
    CHECK(parts->partition_count == 0);
    size_t size, partition_bytes;
    uint8_t *key = make_unplaced(arena, family, space, parts, &size, &partition_bytes);
    if (key == NULL)
        return SLICE_ABSENT;
    write_groups(key + HASH_AT, hash);
    return slice_of(key, size);
}

uint64_t db_key_hash(struct slice key)
{
    uint64_t hash;
    bool is_key = key.size >= DB_KEY_HEAD_BYTES && read_groups(key.data + HASH_AT, &hash);
    CHECK(is_key);
    return hash;
}

struct slice db_key_make_open(struct arena *arena, enum db_family family, uint64_t space,
                              const struct db_key_parts *parts)
{
    CHECK(parts->count > parts->partition_count);
    struct slice key = db_key_make(arena, family, space, parts);
    if (slice_present(key))
        key.size -= END_BYTES;
    return key;
}

struct slice db_key_hash_bound(struct arena *arena, enum db_family family, uint64_t space,
                               uint64_t hash)
{
    CHECK(hash <= DB_HASH_END);
    uint8_t head[DB_KEY_HEAD_BYTES];
    head[FAMILY_AT] = (uint8_t)family;
    write_groups(head + SPACE_AT, space);
    if (hash == DB_HASH_END)
        return db_key_behind_prefix(arena, slice_of(head, HASH_AT));
    write_groups(head + HASH_AT, hash);
    struct slice bound;
    return arena_copy(arena, slice_of(head, sizeof(head)), &bound) ? bound : SLICE_ABSENT;
}

struct slice db_key_behind_prefix(struct arena *arena, struct slice prefix)
{
    size_t size = prefix.size;
    while (size > 0 && prefix.data[size - 1] == 0xff)
        size--;
    CHECK(size > 0); /* family codes are ASCII */
    uint8_t *bound = arena_alloc_bytes(arena, size);
    if (bound == NULL)
        return SLICE_ABSENT;
    memcpy(bound, prefix.data, size);
    bound[size - 1]++;
    return slice_of(bound, size);
}

struct slice db_key_behind(struct arena *arena, struct slice key)
{
    /* No key has another one as a prefix, so nothing lies between it and it with a byte more. */
    uint8_t *bound = arena_alloc_bytes(arena, key.size + 1);
    if (bound == NULL)
        return SLICE_ABSENT;
    memcpy(bound, key.data, key.size);
    bound[key.size] = 0x01;
    return slice_of(bound, key.size + 1);
}

bool db_key_family_range(struct arena *arena, enum db_family family, struct store_range *ret_range)
{
    uint8_t code = (uint8_t)family;
    struct store_range range = {0};
    if (!arena_copy(arena, slice_of(&code, 1), &range.first))
        return false;
    range.end = db_key_behind_prefix(arena, range.first);
    if (!slice_present(range.end))
        return false;
    *ret_range = range;
    return true;
}

/* Takes one part from the front of *at. */
static bool read_part(struct arena *arena, struct slice *at, struct slice *ret_part)
{
    uint8_t *part = arena_alloc_bytes(arena, at->size);
    if (part == NULL)
        return false;
    size_t size = 0;
    for (size_t i = 0; i < at->size; i++) {
        uint8_t byte = at->data[i];
        if (byte == 0)
            return false;
        if (byte == ESCAPE) {
            if (++i == at->size)
                return false;
            switch (at->data[i]) {
            case ESCAPED_END:
                *ret_part = slice_of(part, size);
                *at = slice_after(*at, i + 1);
                return true;
            case ESCAPED_NUL:
                byte = 0;
                break;
            case ESCAPED_ESCAPE:
                byte = ESCAPE;
                break;
            default:
                return false;
            }
        }
        part[size++] = byte;
    }
    return false;
}

bool db_key_parse(struct arena *arena, struct slice key, enum db_family *ret_family,
                  uint64_t *ret_space, uint64_t *ret_hash, struct db_key_parts *ret_parts)
{
    if (key.size < DB_KEY_HEAD_BYTES)
        return false;
    const struct family_row *row = family_row(key.data[FAMILY_AT]);
    uint64_t space, hash;
    if (row == NULL || !read_groups(key.data + SPACE_AT, &space) ||
        !read_groups(key.data + HASH_AT, &hash))
        return false;
    struct db_key_parts parts = {0};
    struct slice rest = slice_after(key, DB_KEY_HEAD_BYTES);
    while (rest.size > 0) {
        struct slice part;
        if (parts.count == DB_KEY_ALL_PARTS_MAX || !read_part(arena, &rest, &part))
            return false;
        parts.part[parts.count++] = part;
    }
    *ret_family = row->family;
    *ret_space = space;
    *ret_hash = hash;
    *ret_parts = parts;
    return true;
}

struct slice db_key_of_meta(struct arena *arena, struct slice name)
{
    struct db_key_parts parts = {.count = 1, .part = {name}};
    return db_key_make(arena, DB_FAMILY_META, 0, &parts);
}

struct slice db_key_of_table(struct arena *arena, struct slice account, struct slice namespace,
                             struct slice name)
{
    struct db_key_parts parts = {.count = 3, .part = {account, namespace, name}};
    return db_key_make(arena, DB_FAMILY_TABLE, 0, &parts);
}

struct slice db_key_of_drop(struct arena *arena, uint64_t table_id)
{
    uint8_t number[GROUPS];
    write_groups(number, table_id);
    struct db_key_parts parts = {.count = 1, .part = {slice_of(number, sizeof(number))}};
    return db_key_make(arena, DB_FAMILY_DROP, 0, &parts);
}

struct slice db_key_of_identity(struct arena *arena, struct slice account, uint8_t kind,
                                struct slice id)
{
    struct db_key_parts parts = {.count = 3, .part = {account, slice_of(&kind, 1), id}};
    return db_key_make(arena, DB_FAMILY_IDENTITY, 0, &parts);
}

struct slice db_key_of_identities(struct arena *arena, struct slice account)
{
    struct db_key_parts parts = {.count = 1, .part = {account}};
    return db_key_make(arena, DB_FAMILY_IDENTITY, 0, &parts);
}

struct slice db_key_of_fill(struct arena *arena, uint64_t index_id)
{
    struct db_key_parts none = {0};
    return db_key_make(arena, DB_FAMILY_FILL, index_id, &none);
}

struct slice db_key_of_mark(struct arena *arena, struct slice item_key)
{
    CHECK(item_key.size > DB_KEY_HEAD_BYTES && item_key.data[FAMILY_AT] == DB_FAMILY_ITEM);
    uint8_t *key = arena_alloc_bytes(arena, item_key.size);
    if (key == NULL)
        return SLICE_ABSENT;
    memcpy(key, item_key.data, item_key.size);
    key[FAMILY_AT] = DB_FAMILY_MARK;
    return slice_of(key, item_key.size);
}

struct slice db_key_of_collection(struct arena *arena, const struct db_table *table,
                                  struct slice item)
{
    struct value partition = value_map_find(value_of_item(item), table->key.partition[0].name);
    CHECK(value_present(partition));
    struct db_key_parts parts = {.partition_count = 1, .count = 1, .part = {partition.body}};
    return db_key_make(arena, DB_FAMILY_COLLECTION, table->id, &parts);
}

/* Milliseconds since 1970 in a part: until the year 19809. */
enum { TIME_GROUPS = 7 };

static struct slice time_part(uint8_t out[TIME_GROUPS], int64_t ms)
{
    CHECK(ms >= 0 && ms < (int64_t)1 << (TIME_GROUPS * GROUP_BITS));
    for (int i = TIME_GROUPS - 1; i >= 0; i--) {
        out[i] = (uint8_t)(GROUP_MARK | (ms & (GROUP_MARK - 1)));
        ms >>= GROUP_BITS;
    }
    return slice_of(out, TIME_GROUPS);
}

struct slice db_key_of_stream(struct arena *arena, struct slice account, struct slice namespace,
                              struct slice table_name, int64_t created_ms)
{
    uint8_t time[TIME_GROUPS];
    struct db_key_parts parts = {
        .count = 4, .part = {account, namespace, table_name, time_part(time, created_ms)}};
    return db_key_make(arena, DB_FAMILY_STREAM, 0, &parts);
}

struct slice db_key_of_log(struct arena *arena, enum db_family family, uint64_t table_id,
                           uint64_t hash, int64_t created_ms)
{
    uint8_t time[TIME_GROUPS];
    struct db_key_parts parts = {.count = 1, .part = {time_part(time, created_ms)}};
    return db_key_make_placed(arena, family, table_id, hash, &parts);
}

struct slice db_key_in_log(struct arena *arena, struct slice log, uint64_t sequence)
{
    uint8_t *key = arena_alloc_bytes(arena, log.size + STORE_SEQUENCE_BYTES);
    if (key == NULL)
        return SLICE_ABSENT;
    memcpy(key, log.data, log.size);
    store_sequence_write(key + log.size, sequence);
    return slice_of(key, log.size + STORE_SEQUENCE_BYTES);
}

struct slice db_key_of_total(struct arena *arena, const struct db_table *table,
                             const struct db_index *index, enum db_total total)
{
    uint8_t whose = (uint8_t)db_family_of(index);
    uint8_t what = (uint8_t)total;
    struct db_key_parts parts = {.count = 2, .part = {slice_of(&whose, 1), slice_of(&what, 1)}};
    return db_key_make(arena, DB_FAMILY_TOTAL, db_space_of(table, index), &parts);
}

enum db_family db_family_of(const struct db_index *index)
{
    static const enum db_family local[DB_LOCAL_INDEXES_MAX] = {
        DB_FAMILY_LOCAL_1, DB_FAMILY_LOCAL_2, DB_FAMILY_LOCAL_3,
        DB_FAMILY_LOCAL_4, DB_FAMILY_LOCAL_5,
    };
    if (index == NULL)
        return DB_FAMILY_ITEM;
    if (index->global)
        return DB_FAMILY_GLOBAL;
    CHECK(index->id >= 1 && index->id <= DB_LOCAL_INDEXES_MAX);
    return local[index->id - 1];
}

uint64_t db_space_of(const struct db_table *table, const struct db_index *index)
{
    return index != NULL && index->global ? index->id : table->id;
}

uint8_t db_family_version(enum db_family family)
{
    const struct family_row *row = family_row((uint8_t)family);
    CHECK(row != NULL);
    return row->version;
}

struct slice db_record_make(struct arena *arena, enum db_family family, struct slice body)
{
    uint8_t *record = arena_alloc_bytes(arena, DB_RECORD_HEAD_BYTES + body.size);
    if (record == NULL)
        return SLICE_ABSENT;
    record[0] = db_family_version(family);
    memcpy(record + DB_RECORD_HEAD_BYTES, body.data, body.size);
    return slice_of(record, DB_RECORD_HEAD_BYTES + body.size);
}

bool db_record_open(enum db_family family, struct slice value, struct slice *ret_body)
{
    if (value.size < DB_RECORD_HEAD_BYTES || value.data[0] != db_family_version(family))
        return false;
    *ret_body = slice_after(value, DB_RECORD_HEAD_BYTES);
    return true;
}
