#ifndef HASHRANGE_ITEM_VALUE_JSON_H
#define HASHRANGE_ITEM_VALUE_JSON_H

/*
 * The JSON form of attribute values ({"S":"..."}, {"M":{...}}) to stored form in one pass, and
 * back.
 *
 * Two kinds of things can be wrong, and the service reports them at different times:
 *  - JSON of the wrong type (a number where a string must be, base64 that does not decode):
 *    SerializationException, at once, before anything else is looked at. This is what the functions
 *    return.
 *  - A value that breaks a rule (empty set, duplicate in a set, two types in one value, number out
 *    of range, nesting too deep): ValidationException, later and in each operation's own wrapping.
 *    This is kept as `problem`; the rest is still read for the first kind.
 *
 * The service has two validation layers whose words differ for some of these rules (observed:
 * `["a", "b", "b"]` against `[b, a, b]` for a set sent as b, a, b). `problem` has the words of the
 * new one, `problem_classic` those of the classic one; where they agree both are the same error.
 * Both are NULL, or neither is. Neither carries a prefix ("1 validation error detected: ",
 * "ExpressionAttributeValues contains invalid value: ").
 *
 * Which problem, when there are several: an empty name at the top first, wherever it stands, and an
 * empty name in a nested map last (both observed); between them the first in the order of the text,
 * inside out. A value nested too deep is one problem, and what is in it is not looked at.
 *
 * Names that occur twice in one JSON object: the last one counts (taken from the service's being
 * written in Java, not observed). A problem in an overwritten value is still reported.
 * JSON null for an attribute value is a value without a type; null for a type ({"S":null}) is as if
 * it were not there; so are members that name no type.
 */

#include "base/error.h"
#include "item/value.h"
#include "json/json_reader.h"
#include "json/json_writer.h"

struct value_reading {
    struct value value;          /* VALUE_NONE when there is a problem */
    const struct error *problem; /* the rule broken, without operation-specific prefix, or NULL */
    const struct error *problem_classic;
};

/* Takes one attribute value, as it stands in a list or map. (A structure's own member, such as
 * Expected.x.Value, answers other words to a number or string in its place: "Unexpected field
 * type"; its decoder looks with json_peek first.) */
MUST_USE const struct error *value_from_json(struct json_reader *reader, struct arena *arena,
                                             struct value_reading *ret_reading);

/* Takes an object of attribute names to values: an item, a key, ExpressionAttributeValues. JSON
 * null reads as absent: no item and no problem. */
struct item_reading {
    struct slice item; /* a map body; SLICE_ABSENT when there is a problem */
    const struct error *problem;
    const struct error *problem_classic;
    struct slice problem_name; /* the member (":v") that the problem is in; empty: its name is the
                                * problem */
};
MUST_USE const struct error *item_from_json(struct json_reader *reader, struct arena *arena,
                                            struct item_reading *ret_reading);

/* Bytes that are no stored form (a broken disk) give well-formed JSON that lacks what cannot be
 * read. */
void value_to_json(struct json_writer *writer, struct value value);
/* {"name":{"S":"..."},...} */
void item_to_json(struct json_writer *writer, struct slice item);

#endif
