#include "item/value.h"

#include <stdlib.h>

#include "base/check.h"
#include "num/num.h"

/* The codes of the wire form. BOOL stands for two stored types. */
static const struct {
    struct slice code;
    enum value_type type;
} type_codes[] = {
    {{(const uint8_t *)"S", 1}, VALUE_STRING},      {{(const uint8_t *)"N", 1}, VALUE_NUMBER},
    {{(const uint8_t *)"B", 1}, VALUE_BINARY},      {{(const uint8_t *)"L", 1}, VALUE_LIST},
    {{(const uint8_t *)"M", 1}, VALUE_MAP},         {{(const uint8_t *)"SS", 2}, VALUE_STRING_SET},
    {{(const uint8_t *)"NS", 2}, VALUE_NUMBER_SET}, {{(const uint8_t *)"BS", 2}, VALUE_BINARY_SET},
    {{(const uint8_t *)"BOOL", 4}, VALUE_TRUE},     {{(const uint8_t *)"BOOL", 4}, VALUE_FALSE},
    {{(const uint8_t *)"NULL", 4}, VALUE_NULL},
};

struct slice value_type_code(enum value_type type)
{
    for (size_t i = 0; i < COUNT_OF(type_codes); i++) {
        if (type_codes[i].type == type)
            return type_codes[i].code;
    }
    return SLICE("");
}

enum value_type value_type_of_code(struct slice code)
{
    for (size_t i = 0; i < COUNT_OF(type_codes); i++) {
        if (slice_equal(type_codes[i].code, code))
            return type_codes[i].type;
    }
    return VALUE_ABSENT;
}

enum value_type value_set_element_type(enum value_type set_type)
{
    CHECK(set_type >= VALUE_NUMBER_SET && set_type <= VALUE_BINARY_SET);
    return (enum value_type)(VALUE_NUMBER + (set_type - VALUE_NUMBER_SET));
}

enum value_type value_set_of_element_type(enum value_type element_type)
{
    CHECK(element_type >= VALUE_NUMBER && element_type <= VALUE_BINARY);
    return (enum value_type)(VALUE_NUMBER_SET + (element_type - VALUE_NUMBER));
}

/* --- frames --- */

static inline bool has_body(enum value_type type)
{
    return type >= VALUE_NUMBER && type <= VALUE_BINARY_SET;
}

/* Almost every size is below 128 and takes one byte. The slow way works on copies, so that the
 * caller's variables can stay in registers. */
static inline bool read_size(struct slice *at, uint64_t *ret_size)
{
    if (at->size > 0 && at->data[0] < 0x80) {
        *ret_size = at->data[0];
        *at = slice_after(*at, 1);
        return true;
    }
    struct slice rest = *at;
    uint64_t size;
    if (!varint_read(&rest, &size))
        return false;
    *at = rest;
    *ret_size = size;
    return true;
}

/* A size, and so many bytes behind it. */
static inline bool read_sized(struct slice *at, struct slice *ret_bytes)
{
    struct slice rest = *at;
    uint64_t size;
    if (!read_size(&rest, &size) || size > rest.size)
        return false;
    *ret_bytes = slice_of(rest.data, (size_t)size);
    *at = slice_after(rest, (size_t)size);
    return true;
}

static inline bool take_value(struct slice *at, struct value *ret_value)
{
    if (at->size == 0)
        return false;
    enum value_type type = (enum value_type)at->data[0];
    struct slice rest = slice_after(*at, 1);
    struct slice body = slice_of(rest.data, 0);
    if (type < VALUE_NULL || type > VALUE_BINARY_SET)
        return false;
    if (has_body(type) && !read_sized(&rest, &body))
        return false;
    *at = rest;
    *ret_value = (struct value){type, body};
    return true;
}

bool value_read(struct slice *at, struct value *ret_value)
{
    return take_value(at, ret_value);
}

void value_write(struct buf *out, struct value value)
{
    CHECK(value_present(value));
    buf_append_byte(out, (uint8_t)value.type);
    if (!has_body(value.type))
        return;
    buf_append_varint(out, value.body.size);
    buf_append(out, value.body);
}

size_t value_stored_bytes(struct value value)
{
    return has_body(value.type) ? 1 + varint_size(value.body.size) + value.body.size : 1;
}

/* --- comparison --- */

bool value_equal(struct value left, struct value right)
{
    return left.type == right.type && slice_equal(left.body, right.body);
}

int value_compare(struct value left, struct value right)
{
    CHECK(left.type == right.type);
    /* Numbers too: their encoding keeps their order. */
    return slice_compare(left.body, right.body);
}

/* --- containers --- */

static bool is_container(enum value_type type)
{
    return type >= VALUE_LIST && type <= VALUE_BINARY_SET;
}

void value_iter_begin(struct value_iter *iter, struct value container)
{
    *iter = (struct value_iter){.rest = container.body, .container = container.type};
    uint64_t count;
    if (is_container(container.type) && read_size(&iter->rest, &count))
        iter->remaining = count > UINT32_MAX ? UINT32_MAX : (uint32_t)count;
}

bool value_iter_next(struct value_iter *iter, struct slice *ret_name, struct value *ret_value)
{
    if (iter->remaining == 0)
        return false;
    struct slice rest = iter->rest;
    struct slice name = SLICE_ABSENT;
    struct value value;
    bool read;
    if (iter->container == VALUE_MAP) {
        read = read_sized(&rest, &name) && take_value(&rest, &value);
    } else if (iter->container == VALUE_LIST) {
        read = take_value(&rest, &value);
    } else {
        value.type = value_set_element_type(iter->container);
        read = read_sized(&rest, &value.body);
    }
    if (!read) {
        iter->remaining = 0;
        return false;
    }
    iter->rest = rest;
    iter->remaining--;
    if (ret_name != NULL)
        *ret_name = name;
    *ret_value = value;
    return true;
}

uint32_t value_count(struct value container)
{
    struct value_iter iter;
    value_iter_begin(&iter, container);
    return iter.remaining;
}

/* Steps over one value without looking at its type's meaning. */
static inline bool skip_value(struct slice *at)
{
    struct slice body;
    if (at->size == 0)
        return false;
    bool sized = has_body((enum value_type)at->data[0]);
    *at = slice_after(*at, 1);
    return !sized || read_sized(at, &body);
}

struct value value_map_find(struct value map, struct slice name)
{
    struct slice rest = map.body;
    struct slice member_name;
    struct value member;
    uint64_t count;
    if (map.type != VALUE_MAP || !read_size(&rest, &count))
        return VALUE_NONE;
    /* Most names differ in size or first byte, so that comparing them is rare. */
    for (; count > 0 && read_sized(&rest, &member_name); count--) {
        if (slice_equal(member_name, name))
            return take_value(&rest, &member) ? member : VALUE_NONE;
        if (member_name.size > 0 && name.size > 0 && member_name.data[0] > name.data[0])
            break;
        if (!skip_value(&rest))
            break;
    }
    return VALUE_NONE;
}

struct value value_list_at(struct value list, uint32_t index)
{
    struct value_iter iter;
    struct value element;
    if (list.type != VALUE_LIST)
        return VALUE_NONE;
    value_iter_begin(&iter, list);
    if (index >= iter.remaining)
        return VALUE_NONE;
    for (uint32_t i = 0; value_iter_next(&iter, NULL, &element); i++) {
        if (i == index)
            return element;
    }
    return VALUE_NONE;
}

bool value_set_contains(struct value set, struct value element)
{
    struct value_iter iter;
    struct value member;
    if (!value_is_set(set) || value_set_element_type(set.type) != element.type)
        return false;
    value_iter_begin(&iter, set);
    while (value_iter_next(&iter, NULL, &member)) {
        int order = slice_compare(member.body, element.body);
        if (order >= 0)
            return order == 0;
    }
    return false;
}

/* --- builders --- */

static uint8_t *put_sized(uint8_t *out, struct slice bytes)
{
    out += varint_write(out, bytes.size);
    if (bytes.size > 0)
        memcpy(out, bytes.data, bytes.size);
    return out + bytes.size;
}

static uint8_t *put_value(uint8_t *out, struct value value)
{
    *out++ = (uint8_t)value.type;
    return has_body(value.type) ? put_sized(out, value.body) : out;
}

static int compare_members(const void *left, const void *right)
{
    return slice_compare(((const struct value_member *)left)->name,
                         ((const struct value_member *)right)->name);
}

bool value_build_map(struct arena *arena, struct value_member *members, size_t count,
                     struct value *ret_map)
{
    size_t size = varint_size(count);
    if (count > 1)
        qsort(members, count, sizeof(*members), compare_members);
    for (size_t i = 0; i < count; i++) {
        CHECK(value_present(members[i].value));
        CHECK(i == 0 || !slice_equal(members[i - 1].name, members[i].name));
        size += varint_size(members[i].name.size) + members[i].name.size;
        size += value_stored_bytes(members[i].value);
    }
    uint8_t *body = arena_alloc_bytes(arena, size);
    if (body == NULL)
        return false;
    uint8_t *at = body + varint_write(body, count);
    for (size_t i = 0; i < count; i++)
        at = put_value(put_sized(at, members[i].name), members[i].value);
    CHECK(at == body + size);
    *ret_map = (struct value){VALUE_MAP, slice_of(body, size)};
    return true;
}

bool value_build_list(struct arena *arena, const struct value *elements, size_t count,
                      struct value *ret_list)
{
    size_t size = varint_size(count);
    for (size_t i = 0; i < count; i++) {
        CHECK(value_present(elements[i]));
        size += value_stored_bytes(elements[i]);
    }
    uint8_t *body = arena_alloc_bytes(arena, size);
    if (body == NULL)
        return false;
    uint8_t *at = body + varint_write(body, count);
    for (size_t i = 0; i < count; i++)
        at = put_value(at, elements[i]);
    CHECK(at == body + size);
    *ret_list = (struct value){VALUE_LIST, slice_of(body, size)};
    return true;
}

static int compare_elements(const void *left, const void *right)
{
    return slice_compare(((const struct value *)left)->body, ((const struct value *)right)->body);
}

bool value_build_set(struct arena *arena, enum value_type set_type, struct value *elements,
                     size_t count, struct value *ret_set)
{
    CHECK(count > 0);
    qsort(elements, count, sizeof(*elements), compare_elements);
    size_t kept = 0;
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        CHECK(elements[i].type == value_set_element_type(set_type));
        if (kept > 0 && slice_equal(elements[kept - 1].body, elements[i].body))
            continue;
        elements[kept++] = elements[i];
        size += varint_size(elements[i].body.size) + elements[i].body.size;
    }
    size += varint_size(kept);
    uint8_t *body = arena_alloc_bytes(arena, size);
    if (body == NULL)
        return false;
    uint8_t *at = body + varint_write(body, kept);
    for (size_t i = 0; i < kept; i++)
        at = put_sized(at, elements[i].body);
    CHECK(at == body + size);
    *ret_set = (struct value){set_type, slice_of(body, size)};
    return true;
}

bool value_build_number(struct arena *arena, const struct num *num, struct value *ret_value)
{
    uint8_t encoded[NUM_ENCODED_BYTES_MAX];
    struct slice body;
    if (!arena_copy(arena, slice_of(encoded, num_encode(num, encoded)), &body))
        return false;
    *ret_value = (struct value){VALUE_NUMBER, body};
    return true;
}

bool value_to_num(struct value value, struct num *ret_num)
{
    CHECK(value.type == VALUE_NUMBER);
    return num_decode(value.body, ret_num);
}
