#ifndef HASHRANGE_ITEM_VALUE_H
#define HASHRANGE_ITEM_VALUE_H

/*
 * Attribute values in their stored form: one compact byte string that is evaluated in place.
 *
 *   value     = type byte, body size (varint), body
 *   string, binary   body = the bytes
 *   number           body = num_encode (num/num.h)
 *   boolean, null    no size, no body: the type byte says all
 *   map              body = count (varint), then count x (name size (varint), name, value),
 *                    ascending by the bytes of the name, no name twice
 *   list             body = count (varint), then count values
 *   sets             body = count (varint), then count x (size (varint), element body),
 *                    ascending by the bytes of the element body, none twice, at least one
 *
 * The form is canonical: two values are equal if and only if their stored bytes are equal.
 * An item is the body of a map. docs/format/item.md has a worked example that is a test.
 *
 * A struct value is a view: it borrows the bytes it was read from.
 */

#include "base/arena.h"
#include "base/attributes.h"
#include "base/buf.h"
#include "base/slice.h"

/* Stored on disk; codes are never reused. */
enum value_type {
    VALUE_ABSENT = 0, /* never stored: "there is no such attribute" */
    VALUE_NULL = 1,
    VALUE_FALSE = 2,
    VALUE_TRUE = 3,
    VALUE_NUMBER = 4,
    VALUE_STRING = 5,
    VALUE_BINARY = 6,
    VALUE_LIST = 7,
    VALUE_MAP = 8,
    VALUE_NUMBER_SET = 9,
    VALUE_STRING_SET = 10,
    VALUE_BINARY_SET = 11,
};

/* Levels of values in an item: an attribute's value is level 1, what lies in it level 2, and so on;
 * a value at level 33 is refused (developer guide, "Quotas": nested attribute depth 32; measured:
 * 31 maps around a string are accepted, 32 are not). Functions that walk values go one level
 * deeper, so that an item may be walked as a map, and stop there: bytes from a broken disk cannot
 * exhaust the stack. */
enum { VALUE_NESTING_MAX = 32 };
/* The longest name of an attribute or a map's member (service model, AttributeName). */
enum { VALUE_NAME_BYTES_MAX = 65535 };

struct value {
    enum value_type type;
    struct slice body; /* as above; empty for boolean and null */
};

#define VALUE_NONE ((struct value){VALUE_ABSENT, {NULL, 0}})

static inline bool value_present(struct value value)
{
    return value.type != VALUE_ABSENT;
}
static inline bool value_is_boolean(struct value value)
{
    return value.type == VALUE_TRUE || value.type == VALUE_FALSE;
}
static inline bool value_is_set(struct value value)
{
    return value.type >= VALUE_NUMBER_SET && value.type <= VALUE_BINARY_SET;
}

/* "S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL". Static. */
struct slice value_type_code(enum value_type type);
/* The type a code names ("BOOL" gives VALUE_TRUE); VALUE_ABSENT when it names none. */
enum value_type value_type_of_code(struct slice code);
/* The element type of a set type. */
enum value_type value_set_element_type(enum value_type set_type);
enum value_type value_set_of_element_type(enum value_type element_type);

/* Takes one value from the front of *at; false on bytes that are no value (corruption). Checks the
 * frame of this value, not what is inside it. */
MUST_USE bool value_read(struct slice *at, struct value *ret_value);
void value_write(struct buf *out, struct value value);
/* Bytes value_write appends. */
size_t value_stored_bytes(struct value value);
/* Is the whole of it well formed and canonical, to the last nested value? For data from outside
 * (import, fuzzing), not for the hot path. */
MUST_USE bool value_check(struct value value);
/* Does an item nest deeper than VALUE_NESTING_MAX? An update can build such an item from an item
 * and values that each are within the limit. */
MUST_USE bool item_nests_too_deep(struct slice item);

bool value_equal(struct value left, struct value right);
/* Order of two scalars (string, number, binary) of the same type. */
int value_compare(struct value left, struct value right);

/* Number of members of a map, elements of a list or of a set. */
uint32_t value_count(struct value container);

/* Walks a map, list or set. */
struct value_iter {
    struct slice rest;
    uint32_t remaining;
    enum value_type container;
};
void value_iter_begin(struct value_iter *iter, struct value container);
/* The next member; *ret_name only for maps. Elements of sets come as scalars. false at the end (or
 * at corrupted bytes). */
bool value_iter_next(struct value_iter *iter, struct slice *ret_name, struct value *ret_value);

/* The member of a map; VALUE_NONE when there is none. */
struct value value_map_find(struct value map, struct slice name);
/* The element of a list; VALUE_NONE when index is past the end. */
struct value value_list_at(struct value list, uint32_t index);
bool value_set_contains(struct value set, struct value element);

/*
 * Builders. All copy into the arena and give back a view of what they built.
 * false: arena exhausted.
 */
struct value_member {
    struct slice name;
    struct value value;
};
/* Sorts members in place. Names must be distinct (CHECKed). */
MUST_USE bool value_build_map(struct arena *arena, struct value_member *members, size_t count,
                              struct value *ret_map);
MUST_USE bool value_build_list(struct arena *arena, const struct value *elements, size_t count,
                               struct value *ret_list);
/* Sorts elements in place and drops duplicates. Elements are scalars of one type; count > 0. */
MUST_USE bool value_build_set(struct arena *arena, enum value_type set_type, struct value *elements,
                              size_t count, struct value *ret_set);
/* A view of the text itself, nothing copied. */
static inline struct value value_string(struct slice text)
{
    return (struct value){VALUE_STRING, text};
}
struct num;
MUST_USE bool value_build_number(struct arena *arena, const struct num *num,
                                 struct value *ret_value);
/* The number in a VALUE_NUMBER. false: corrupted. */
MUST_USE bool value_to_num(struct value value, struct num *ret_num);

/* An item (map body) as a value and back. */
static inline struct value value_of_item(struct slice item)
{
    return (struct value){VALUE_MAP, item};
}
/* An item with no attributes. */
#define ITEM_EMPTY ((struct slice){(const uint8_t *)"", 1})

#endif
