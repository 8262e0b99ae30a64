/* The full check of stored bytes: everything value.h promises about the form. */

#include "item/value.h"
#include "num/num.h"

/* A varint in its shortest form. */
static bool take_varint(struct slice *at, uint64_t *ret_value)
{
    size_t before = at->size;
    return varint_read(at, ret_value) && before - at->size == varint_size(*ret_value);
}

static bool take_sized(struct slice *at, struct slice *ret_bytes)
{
    uint64_t size;
    if (!take_varint(at, &size) || size > at->size)
        return false;
    *ret_bytes = slice_of(at->data, (size_t)size);
    *at = slice_after(*at, (size_t)size);
    return true;
}

/* Length of the UTF-8 sequence (RFC 3629) at the front, 0 when there is none. */
static size_t utf8_sequence(struct slice text)
{
    const uint8_t *byte = text.data;
    size_t length = byte[0] < 0x80 ? 1 : byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
    if (length == 1)
        return 1;
    if (byte[0] < 0xc2 || byte[0] > 0xf4 || text.size < length)
        return 0;
    /* The second byte's range shuts out overlong forms, surrogates and what lies past U+10FFFF. */
    uint8_t low = byte[0] == 0xe0 ? 0xa0 : byte[0] == 0xf0 ? 0x90 : 0x80;
    uint8_t high = byte[0] == 0xed ? 0x9f : byte[0] == 0xf4 ? 0x8f : 0xbf;
    if (byte[1] < low || byte[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((byte[i] & 0xc0) != 0x80)
            return 0;
    }
    return length;
}

static bool is_utf8(struct slice text)
{
    while (text.size > 0) {
        size_t length = utf8_sequence(text);
        if (length == 0)
            return false;
        text = slice_after(text, length);
    }
    return true;
}

static bool check_scalar(enum value_type type, struct slice body)
{
    struct num num;
    if (type == VALUE_NUMBER)
        return num_decode(body, &num);
    return type == VALUE_BINARY || is_utf8(body);
}

static bool check_set(enum value_type set_type, struct slice body)
{
    enum value_type type = value_set_element_type(set_type);
    struct slice previous = SLICE_ABSENT;
    struct slice element;
    uint64_t count;
    if (!take_varint(&body, &count) || count == 0 || count > UINT32_MAX)
        return false;
    for (; count > 0; count--) {
        if (!take_sized(&body, &element) || !check_scalar(type, element))
            return false;
        if (slice_present(previous) && slice_compare(previous, element) >= 0)
            return false;
        previous = element;
    }
    return body.size == 0;
}

static bool check_value(struct value value, unsigned levels);

static bool take_value(struct slice *at, struct value *ret_value)
{
    struct slice rest = *at;
    if (!value_read(at, ret_value))
        return false;
    return rest.size - at->size == value_stored_bytes(*ret_value); /* its size is a short varint */
}

/* levels: how many more may lie inside. Recursion ends with them. */
static bool check_members(struct value container, unsigned levels)
{
    struct slice body = container.body;
    struct slice previous = SLICE_ABSENT;
    struct slice name;
    struct value member;
    uint64_t count;
    if (!take_varint(&body, &count) || count > UINT32_MAX)
        return false;
    if (count > 0 && levels == 0)
        return false;
    for (; count > 0; count--) {
        if (container.type == VALUE_MAP) {
            if (!take_sized(&body, &name) || name.size == 0 || !is_utf8(name))
                return false;
            if (name.size > VALUE_NAME_BYTES_MAX)
                return false;
            if (slice_present(previous) && slice_compare(previous, name) >= 0)
                return false;
            previous = name;
        }
        if (!take_value(&body, &member) || !check_value(member, levels - 1))
            return false;
    }
    return body.size == 0;
}

static bool check_value(struct value value, unsigned levels)
{
    switch (value.type) {
    case VALUE_NULL:
    case VALUE_FALSE:
    case VALUE_TRUE:
        return value.body.size == 0;
    case VALUE_NUMBER:
    case VALUE_STRING:
    case VALUE_BINARY:
        return check_scalar(value.type, value.body);
    case VALUE_LIST:
    case VALUE_MAP:
        return check_members(value, levels);
    case VALUE_NUMBER_SET:
    case VALUE_STRING_SET:
    case VALUE_BINARY_SET:
        return check_set(value.type, value.body);
    case VALUE_ABSENT:
        break;
    }
    return false;
}

bool value_check(struct value value)
{
    return check_value(value, VALUE_NESTING_MAX);
}

/* Has the container values more than so many levels below it? */
static bool deeper_than(struct value container, unsigned levels)
{
    struct value_iter iter;
    struct value member;
    value_iter_begin(&iter, container);
    if (levels == 0)
        return iter.remaining > 0;
    while (value_iter_next(&iter, NULL, &member)) {
        if ((member.type == VALUE_MAP || member.type == VALUE_LIST) &&
            deeper_than(member, levels - 1))
            return true;
    }
    return false;
}

bool item_nests_too_deep(struct slice item)
{
    return deeper_than(value_of_item(item), VALUE_NESTING_MAX);
}
