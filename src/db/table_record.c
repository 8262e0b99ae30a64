#include "db/table_record.h"

#include "base/check.h"
#include "db/stream.h"

enum field_kind {
    UNSIGNED, /* uint64_t */
    SIGNED,   /* int64_t */
    ENUM,     /* an enum, 0 to max */
    FLAG,     /* bool */
    TEXT,     /* struct slice */
    INSIDE,   /* a structure */
    ARRAY,    /* up to max structures in place, their count a uint8_t */
    LIST,     /* a pointer to structures, their count a size_t */
};

struct shape;

struct field {
    uint8_t tag;
    enum field_kind kind;
    size_t at;       /* offset in the structure */
    size_t count_at; /* ARRAY, LIST */
    unsigned max;    /* ENUM, ARRAY */
    const struct shape *shape;
};

struct shape {
    size_t size;
    const struct field *fields;
    size_t field_count;
};

/* Nesting of the shapes below: table, index, key schema, attribute. */
enum { SHAPE_DEPTH_MAX = 4 };

#define SHAPE(name, type)                                                                          \
    static const struct shape name##_shape = {sizeof(type), name##_fields, COUNT_OF(name##_fields)}

/* clang-format off */
#define AT(member) .at = offsetof(OWNER, member)
#define COUNT_AT(member) .count_at = offsetof(OWNER, member)

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

static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

/* --- reading and writing members by their kind --- */

static void member_read(void *ret_value, const void *object, size_t at, size_t size)
{
    memcpy(ret_value, (const uint8_t *)object + at, size);
}

static void member_write(void *object, size_t at, const void *value, size_t size)
{
    memcpy((uint8_t *)object + at, value, size);
}

static size_t element_count(const struct field *field, const void *object)
{
    if (field->kind == ARRAY) {
        uint8_t count;
        member_read(&count, object, field->count_at, sizeof(count));
        CHECK(count <= field->max);
        return count;
    }
    size_t count;
    member_read(&count, object, field->count_at, sizeof(count));
    return count;
}

static const uint8_t *elements(const struct field *field, const void *object)
{
    if (field->kind == ARRAY)
        return (const uint8_t *)object + field->at;
    const void *list;
    member_read(&list, object, field->at, sizeof(list));
    return list;
}

/* --- writing --- */

static void write_body(struct buf *out, const struct shape *shape, const void *object,
                       unsigned depth);

/* A structure in which nothing is set. */
static bool body_is_default(struct slice body)
{
    return body.size == 1;
}

static void write_inside(struct buf *out, const struct field *field, const void *object,
                         unsigned depth)
{
    size_t start = out->size;
    buf_append_varint(out, field->tag);
    size_t body_at = out->size;
    write_body(out, field->shape, (const uint8_t *)object + field->at, depth);
    if (!out->failed && body_is_default(slice_after(buf_slice(out), body_at)))
        out->size = start;
}

static void write_elements(struct buf *out, const struct field *field, const void *object,
                           unsigned depth)
{
    size_t count = element_count(field, object);
    if (count == 0)
        return;
    const uint8_t *element = elements(field, object);
    buf_append_varint(out, field->tag);
    buf_append_varint(out, count);
    for (size_t i = 0; i < count; i++)
        write_body(out, field->shape, element + i * field->shape->size, depth);
}

static void write_number(struct buf *out, uint8_t tag, uint64_t number)
{
    if (number == 0)
        return;
    buf_append_varint(out, tag);
    buf_append_varint(out, number);
}

static void write_field(struct buf *out, const struct field *field, const void *object,
                        unsigned depth)
{
    uint64_t number = 0;
    int64_t signed_number;
    int choice;
    bool flag;
    struct slice text;
    switch (field->kind) {
    case UNSIGNED:
        member_read(&number, object, field->at, sizeof(number));
        write_number(out, field->tag, number);
        break;
    case SIGNED:
        member_read(&signed_number, object, field->at, sizeof(signed_number));
        write_number(out, field->tag, zigzag(signed_number));
        break;
    case ENUM:
        member_read(&choice, object, field->at, sizeof(choice));
        CHECK(choice >= 0 && (unsigned)choice <= field->max);
        write_number(out, field->tag, (uint64_t)choice);
        break;
    case FLAG:
        member_read(&flag, object, field->at, sizeof(flag));
        if (flag)
            buf_append_varint(out, field->tag);
        break;
    case TEXT:
        member_read(&text, object, field->at, sizeof(text));
        if (slice_present(text)) {
            buf_append_varint(out, field->tag);
            buf_append_varint(out, text.size);
            buf_append(out, text);
        }
        break;
    case INSIDE:
        write_inside(out, field, object, depth);
        break;
    case ARRAY:
    case LIST:
        write_elements(out, field, object, depth);
        break;
    }
}

/* Recursion is bounded: it follows the shapes above, never the data. */
static void write_body(struct buf *out, const struct shape *shape, const void *object,
                       unsigned depth)
{
    CHECK(depth < SHAPE_DEPTH_MAX);
    for (size_t i = 0; i < shape->field_count; i++)
        write_field(out, &shape->fields[i], object, depth + 1);
    buf_append_byte(out, 0);
}

void table_record_write(struct buf *out, const struct db_table *table)
{
    write_body(out, &table_shape, table, 0);
}

/* --- reading --- */

enum read_status { READ_OK, READ_CORRUPT, READ_EXHAUSTED };

static enum read_status read_body(struct arena *arena, struct slice *at, const struct shape *shape,
                                  void *object, unsigned depth);

static enum read_status read_text(struct arena *arena, struct slice *at, struct slice *ret_text)
{
    uint64_t size;
    if (!varint_read(at, &size) || size > at->size)
        return READ_CORRUPT;
    if (!arena_copy(arena, slice_of(at->data, (size_t)size), ret_text))
        return READ_EXHAUSTED;
    *at = slice_after(*at, (size_t)size);
    return READ_OK;
}

static enum read_status read_elements(struct arena *arena, struct slice *at,
                                      const struct field *field, void *object, unsigned depth)
{
    uint64_t count;
    /* Every element is a byte at least, so the count is bounded before memory is taken for it. */
    if (!varint_read(at, &count) || count == 0 || count > at->size)
        return READ_CORRUPT;
    uint8_t *element;
    if (field->kind == ARRAY) {
        if (count > field->max)
            return READ_CORRUPT;
        uint8_t small = (uint8_t)count;
        member_write(object, field->count_at, &small, sizeof(small));
        element = (uint8_t *)object + field->at;
    } else {
        element = arena_alloc_zeroed(arena, (size_t)count, field->shape->size);
        if (element == NULL)
            return READ_EXHAUSTED;
        size_t large = (size_t)count;
        const void *list = element;
        member_write(object, field->count_at, &large, sizeof(large));
        member_write(object, field->at, &list, sizeof(list));
    }
    for (uint64_t i = 0; i < count; i++) {
        enum read_status status =
            read_body(arena, at, field->shape, element + i * field->shape->size, depth);
        if (status != READ_OK)
            return status;
    }
    return READ_OK;
}

static enum read_status read_field(struct arena *arena, struct slice *at, const struct field *field,
                                   void *object, unsigned depth)
{
    uint64_t number = 0;
    int64_t signed_number;
    int choice;
    bool flag = true;
    struct slice text;
    enum read_status status;
    switch (field->kind) {
    case UNSIGNED:
    case SIGNED:
    case ENUM:
        if (!varint_read(at, &number) || number == 0)
            return READ_CORRUPT;
        if (field->kind == UNSIGNED) {
            member_write(object, field->at, &number, sizeof(number));
        } else if (field->kind == SIGNED) {
            signed_number = unzigzag(number);
            member_write(object, field->at, &signed_number, sizeof(signed_number));
        } else {
            if (number > field->max)
                return READ_CORRUPT;
            choice = (int)number;
            member_write(object, field->at, &choice, sizeof(choice));
        }
        return READ_OK;
    case FLAG:
        member_write(object, field->at, &flag, sizeof(flag));
        return READ_OK;
    case TEXT:
        status = read_text(arena, at, &text);
        if (status == READ_OK)
            member_write(object, field->at, &text, sizeof(text));
        return status;
    case INSIDE:
        return read_body(arena, at, field->shape, (uint8_t *)object + field->at, depth);
    case ARRAY:
    case LIST:
        return read_elements(arena, at, field, object, depth);
    }
    return READ_CORRUPT;
}

static enum read_status read_body(struct arena *arena, struct slice *at, const struct shape *shape,
                                  void *object, unsigned depth)
{
    CHECK(depth < SHAPE_DEPTH_MAX);
    size_t next = 0;
    for (;;) {
        uint64_t tag;
        if (!varint_read(at, &tag))
            return READ_CORRUPT;
        if (tag == 0)
            return READ_OK;
        while (next < shape->field_count && shape->fields[next].tag < tag)
            next++;
        if (next == shape->field_count || shape->fields[next].tag != tag)
            return READ_CORRUPT;
        enum read_status status = read_field(arena, at, &shape->fields[next], object, depth + 1);
        if (status != READ_OK)
            return status;
        next++;
    }
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
    struct slice at = body;
    enum read_status status = read_body(arena, &at, &table_shape, &table, 0);
    if (status == READ_EXHAUSTED)
        return error_exhausted();
    if (status != READ_OK || at.size > 0 || !is_plausible(&table))
        return error_make(arena, ERROR_INTERNAL, "A table record is corrupt or of a newer format");
    *ret_table = table;
    return NULL;
}

void stream_record_write(struct buf *out, const struct db_stream_facts *facts)
{
    write_body(out, &stream_shape, facts, 0);
}

const struct error *stream_record_read(struct arena *arena, struct slice body,
                                       struct db_stream_facts *ret_facts)
{
    struct db_stream_facts facts = {0};
    struct slice at = body;
    enum read_status status = read_body(arena, &at, &stream_shape, &facts, 0);
    if (status == READ_EXHAUSTED)
        return error_exhausted();
    if (status != READ_OK || at.size > 0 || facts.table_id == 0 || facts.view == 0 ||
        facts.created_ms < 0 || facts.shard_count == 0 || facts.shard_count > DB_SHARDS_MAX ||
        facts.key.partition_count != 1 || facts.key.sort_count > 1 ||
        !slice_present(facts.table_name))
        return error_make(arena, ERROR_INTERNAL, "A stream record is corrupt or of a newer format");
    *ret_facts = facts;
    return NULL;
}
