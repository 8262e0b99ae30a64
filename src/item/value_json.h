#ifndef HASHRANGE_ITEM_VALUE_JSON_H
#define HASHRANGE_ITEM_VALUE_JSON_H

/*
 * The JSON form of attribute values ({"S":"..."}, {"M":{...}}) to stored form in one pass, and back.
 *
 * Two kinds of things can be wrong, and the service reports them at different times:
 *  - JSON of the wrong type (a number where a string must be, base64 that does not decode):
 *    SerializationException, at once, before anything else is looked at. This is what the functions
 *    return.
 *  - A value that breaks a rule (empty set, duplicate in a set, two types in one value, number out of
 *    range, nesting too deep): ValidationException, later and in each operation's own wrapping.
 *    This is kept as `problem`; the rest is still read for the first kind.
 */

#include "base/error.h"
#include "item/value.h"
#include "json/json_reader.h"
#include "json/json_writer.h"

struct value_reading {
    struct value value;          /* VALUE_NONE when there is a problem */
    const struct error *problem; /* the first rule broken, without operation-specific prefix, or NULL */
};

/* Takes one attribute value. */
MUST_USE const struct error *value_from_json(struct json_reader *reader, struct arena *arena,
                                             struct value_reading *ret_reading);

/* Takes an object of attribute names to values: an item, a key, ExpressionAttributeValues. */
struct item_reading {
    struct slice item; /* a map body; SLICE_ABSENT when there is a problem */
    const struct error *problem;
    struct slice problem_name; /* the member (":v") that the problem is in */
};
MUST_USE const struct error *item_from_json(struct json_reader *reader, struct arena *arena,
                                            struct item_reading *ret_reading);

void value_to_json(struct json_writer *writer, struct value value);
/* {"name":{"S":"..."},...} */
void item_to_json(struct json_writer *writer, struct slice item);

#endif
