#ifndef HASHRANGE_V2011_VALUES_H
#define HASHRANGE_V2011_VALUES_H

/*
 * What API version 2011-12-05 refuses in the values of a request, beyond what every version does:
 *
 *  - types that came later: a value of type M, L, BOOL or NULL is one without a type (observed:
 *    "Supplied AttributeValue is empty, ..." for a map, boto pull request 2667)
 *  - empty strings and binaries, also in sets: "string and binary type attributes must have lengths
 *    greater than zero" (developer guide, e.g. PutItem of that version; the words are those that
 *    the current version had for them until 2020)
 *
 * Both become the problem of the reading, for the operation to tell when its turn has come. Private
 * to v2011/.
 */

#include "ops/operation.h"

void v2011_value_check(struct value_reading *reading);
/* Of several problems, that of the first attribute by name. */
void v2011_item_check(struct item_reading *reading);
void v2011_condition_check(struct model_condition *condition);

/* The current version's Expected, its values checked. */
MUST_USE const struct error *
v2011_expected_translate(struct arena *arena, struct model_map_v2011_expected_attribute_map *asked,
                         struct model_map_expected_attribute_map *ret_expected);

#endif
