#ifndef HASHRANGE_MODEL_MODEL_H
#define HASHRANGE_MODEL_MODEL_H

/*
 * The typed side of the API: every operation's input and output as a struct, read from JSON, held
 * against the limits of the service model and written to JSON, all by table.
 *
 * The structs stand in model/shapes.h, made by tools/gen_model.py from the tables
 * src/model/dynamodb*.model: shape PutItemInput      struct model_put_item_input, member TableName
 * is table_name string                  struct slice, data NULL when absent number, boolean, enum
 * struct model_integer, model_double (timestamps too), model_boolean, model_enum; enum values are
 * MODEL_<SHAPE>_<VALUE>, from 1 on structure               pointer, NULL when absent; inline as an
 * element of a list or map list X                  struct model_list_x {present, count, items} map
 * X                   struct model_map_x {present, count, entries {key, value}} AttributeValue
 * struct value_reading; lists of it hold it inline map to AttributeValue   struct item_reading:
 * absent when item is absent and problem is NULL An item is absent from an output when its slice
 * is; other members by the rules above.
 *
 * An input is checked in this order, as the service does:
 *   model_decode_input    JSON of the wrong type: SerializationException
 *   model_validate_input  limits of single members: ValidationException
 *   the operation itself  what members mean together, then the values in them (item problems),
 *                         then tables and items
 *
 * Threads: all functions are pure; the tables are constant.
 */

#include "base/error.h"
#include "model/shapes.h"
#include "json/json_writer.h"

/* The two wordings in use by the service; see model/validate.c. */
enum model_validation {
    MODEL_VALIDATION_NEW,     /* stops at the first problem */
    MODEL_VALIDATION_CLASSIC, /* gathers up to ten and quotes the values */
};

/* MODEL_OPERATION_NONE when there is no such operation. Names are exact: "PutItem". */
enum model_operation model_operation_of_name(struct slice name);
/* An X-Amz-Target header: "DynamoDB_20120810.PutItem", "DynamoDBStreams_20120810.GetRecords". An
 * operation under the other service's prefix is none. */
enum model_operation model_operation_of_target(struct slice target);
/* Static. operation is not NONE. */
struct slice model_operation_name(enum model_operation operation);
enum model_service model_operation_service(enum model_operation operation);

/*
 * json is a whole request body that is valid JSON (json_check); *ret_input becomes a struct
 * model_<operation>_input in the arena, with slices into json and arena. Unknown members are
 * skipped, null is absent, the last of two members of one name counts.
 */
MUST_USE const struct error *model_decode_input(struct arena *arena, enum model_operation operation,
                                                struct slice json, void **ret_input);

/* input: what model_decode_input gave for the operation. Problems of attribute values are left to
 * the operation. */
MUST_USE const struct error *model_validate_input(struct arena *arena,
                                                  enum model_operation operation,
                                                  enum model_validation validation,
                                                  const void *input);

/* The body of a success; nothing at all for operations that answer without one. output may then be
 * NULL. Text in it is valid UTF-8. */
void model_encode_output(enum model_operation operation, const void *output,
                         struct json_writer *writer);

/* The body of a failure: {"__type":"<namespace>#<name>","message":"..."} and what else the kind of
 * error carries. */
void model_encode_error(const struct error *error, struct json_writer *writer);

#endif
