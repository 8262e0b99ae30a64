#include "db/record_shape.h"

#include "base/check.h"

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

/* Recursion is bounded: it follows the shapes, never the data. */
static void write_body(struct buf *out, const struct shape *shape, const void *object,
                       unsigned depth)
{
    CHECK(depth < SHAPE_DEPTH_MAX);
    for (size_t i = 0; i < shape->field_count; i++)
        write_field(out, &shape->fields[i], object, depth + 1);
    buf_append_byte(out, 0);
}

void shape_write(struct buf *out, const struct shape *shape, const void *object)
{
    write_body(out, shape, object, 0);
}

/* --- reading --- */

static enum shape_status read_body(struct arena *arena, struct slice *at, const struct shape *shape,
                                   void *object, unsigned depth);

static enum shape_status read_text(struct arena *arena, struct slice *at, struct slice *ret_text)
{
    uint64_t size;
    if (!varint_read(at, &size) || size > at->size)
        return SHAPE_CORRUPT;
    if (!arena_copy(arena, slice_of(at->data, (size_t)size), ret_text))
        return SHAPE_EXHAUSTED;
    *at = slice_after(*at, (size_t)size);
    return SHAPE_READ;
}

static enum shape_status read_elements(struct arena *arena, struct slice *at,
                                       const struct field *field, void *object, unsigned depth)
{
    uint64_t count;
    /* Every element is a byte at least, so the count is bounded before memory is taken for it. */
    if (!varint_read(at, &count) || count == 0 || count > at->size)
        return SHAPE_CORRUPT;
    uint8_t *element;
    if (field->kind == ARRAY) {
        if (count > field->max)
            return SHAPE_CORRUPT;
        uint8_t small = (uint8_t)count;
        member_write(object, field->count_at, &small, sizeof(small));
        element = (uint8_t *)object + field->at;
    } else {
        element = arena_alloc_zeroed(arena, (size_t)count, field->shape->size);
        if (element == NULL)
            return SHAPE_EXHAUSTED;
        size_t large = (size_t)count;
        const void *list = element;
        member_write(object, field->count_at, &large, sizeof(large));
        member_write(object, field->at, &list, sizeof(list));
    }
    for (uint64_t i = 0; i < count; i++) {
        enum shape_status status =
            read_body(arena, at, field->shape, element + i * field->shape->size, depth);
        if (status != SHAPE_READ)
            return status;
    }
    return SHAPE_READ;
}

static enum shape_status read_field(struct arena *arena, struct slice *at,
                                    const struct field *field, void *object, unsigned depth)
{
    uint64_t number = 0;
    int64_t signed_number;
    int choice;
    bool flag = true;
    struct slice text;
    enum shape_status status;
    switch (field->kind) {
    case UNSIGNED:
    case SIGNED:
    case ENUM:
        if (!varint_read(at, &number) || number == 0)
            return SHAPE_CORRUPT;
        if (field->kind == UNSIGNED) {
            member_write(object, field->at, &number, sizeof(number));
        } else if (field->kind == SIGNED) {
            signed_number = unzigzag(number);
            member_write(object, field->at, &signed_number, sizeof(signed_number));
        } else {
            if (number > field->max)
                return SHAPE_CORRUPT;
            choice = (int)number;
            member_write(object, field->at, &choice, sizeof(choice));
        }
        return SHAPE_READ;
    case FLAG:
        member_write(object, field->at, &flag, sizeof(flag));
        return SHAPE_READ;
    case TEXT:
        status = read_text(arena, at, &text);
        if (status == SHAPE_READ)
            member_write(object, field->at, &text, sizeof(text));
        return status;
    case INSIDE:
        return read_body(arena, at, field->shape, (uint8_t *)object + field->at, depth);
    case ARRAY:
    case LIST:
        return read_elements(arena, at, field, object, depth);
    }
    return SHAPE_CORRUPT;
}

static enum shape_status read_body(struct arena *arena, struct slice *at, const struct shape *shape,
                                   void *object, unsigned depth)
{
    CHECK(depth < SHAPE_DEPTH_MAX);
    size_t next = 0;
    for (;;) {
        uint64_t tag;
        if (!varint_read(at, &tag))
            return SHAPE_CORRUPT;
        if (tag == 0)
            return SHAPE_READ;
        while (next < shape->field_count && shape->fields[next].tag < tag)
            next++;
        if (next == shape->field_count || shape->fields[next].tag != tag)
            return SHAPE_CORRUPT;
        enum shape_status status = read_field(arena, at, &shape->fields[next], object, depth + 1);
        if (status != SHAPE_READ)
            return status;
        next++;
    }
}

enum shape_status shape_read(struct arena *arena, struct slice body, const struct shape *shape,
                             void *object)
{
    enum shape_status status = read_body(arena, &body, shape, object, 0);
    return status == SHAPE_READ && body.size > 0 ? SHAPE_CORRUPT : status;
}
