#ifndef HASHRANGE_MODEL_SHAPE_VALUE_H
#define HASHRANGE_MODEL_SHAPE_VALUE_H

/* Values of the generated structs, seen through their shapes. Inside the model layer only. */

#include "model/shape_table.h"
#include "json/json_writer.h"

/* Where a member's value lies (a structure behind its pointer); NULL when the member is absent. */
const void *shape_member_at(const struct shape_member *member, const void *structure);

/* The value as the service prints it into a message: Java's toString. at is present. Where out's
 * limit ends it (out->failed), text may be cut within a character. */
void shape_to_text(const struct shape *shape, const void *at, struct buf *out);

/* The value as JSON. */
void shape_to_json(const struct shape *shape, const void *at, struct json_writer *writer);

#endif
