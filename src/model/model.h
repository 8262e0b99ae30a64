#ifndef HASHRANGE_MODEL_MODEL_H
#define HASHRANGE_MODEL_MODEL_H

/*
 * The typed side of the API: every operation's input and output as a struct, read from JSON, held
 * against the limits of the service model and written to JSON, all by table.
 *
 * The structs stand in model/shapes.h, which tools/gen_model.py makes from the tables
 * src/model/dynamodb.model, dynamodbstreams.model and dynamodb20111205.model. Names and types:
 *
 * - a structure PutItemInput is struct model_put_item_input, its member TableName is table_name; as
 *   a member it is a pointer, NULL when absent; as an element of a list or map it lies inline
 * - a string is a struct slice, data NULL when absent
 * - numbers, booleans and timestamps are struct model_integer, model_double and model_boolean
 * - an enum is struct model_enum, its values are MODEL_<SHAPE>_<VALUE>, from 1 on
 * - a list X is struct model_list_x {present, count, items}
 * - a map X is struct model_map_x {present, count, entries}, of struct model_entry_x {key, value}
 * - an attribute value is struct value_reading, absent when it has neither value nor problem
 * - a map to attribute values is struct item_reading, absent when it has neither item nor problem
 * - what API version 2011-12-05 has otherwise than the current one is named v2011_ after the first
 *   word: struct model_v2011_put_item_input, MODEL_OPERATION_V2011_PUT_ITEM. MODEL_OPERATION_COUNT
 *   counts the current version's operations, MODEL_OPERATION_ALL_COUNT those of all versions
 *
 * An input is checked in this order, as the service does:
 *
 * 1. model_decode_input: JSON of the wrong type, SerializationException
 * 2. model_validate_input: TableName of some operations on tables, then the limits of single
 *    members (required, length, range, pattern, enum), ValidationException
 * 3. the operation: the problems of attribute values that both readings above carry, what members
 *    mean together, expressions, then tables and items
 *
 * So a wrong enum is told before an expression that does not parse, a missing table, a duplicate
 * key or a bad number. What the service checks beyond single members stays with the operation:
 * Segment against TotalSegments, TopK over 100, throughput against BillingMode, names within
 * expressions, how many elements a GSI's KeySchema has.
 *
 * Threads: all functions are pure; the tables are constant.
 */

#include "base/error.h"
#include "model/shapes.h"
#include "json/json_writer.h"

/* The service words what is wrong in two ways, by region: the table in model/finding.c. */
enum model_validation {
    MODEL_VALIDATION_NEW,     /* as most regions since 2026; some problems are told alone */
    MODEL_VALIDATION_CLASSIC, /* as before: up to ten are told together, values quoted */
};

/* An operation of the current version; MODEL_OPERATION_NONE when there is none of that name. Names
 * are exact: "PutItem". */
enum model_operation model_operation_of_name(struct slice name);
/* An X-Amz-Target header: "DynamoDB_20120810.PutItem", "DynamoDBStreams_20120810.GetRecords",
 * "DynamoDB_20111205.PutItem", which is MODEL_OPERATION_V2011_PUT_ITEM. An operation under another
 * service's or version's prefix is none. */
enum model_operation model_operation_of_target(struct slice target);
/* Static. operation is not NONE. */
struct slice model_operation_name(enum model_operation operation);
enum model_service model_operation_service(enum model_operation operation);

/*
 * json is a whole request body that is valid JSON (json_check); *ret_input becomes a struct
 * model_<operation>_input in the arena, with slices into json and arena. Unknown members are
 * skipped, null is absent, the last of two members of one name counts. VALIDATION: there are more
 * than MODEL_ELEMENTS_MAX elements. Of a list or map whose limit is broken anyway the end may be
 * missing.
 */
MUST_USE const struct error *model_decode_input(struct arena *arena, enum model_operation operation,
                                                struct slice json, void **ret_input);

enum {
    /* Of all lists, maps and structures of an input together; attribute values have limits of their
     * own. No request needs as many, each takes a hundred bytes or so, and 16 MB of JSON could hold
     * millions. A request with more is refused: ours, AWS says no such limit. */
    MODEL_ELEMENTS_MAX = 250 * 1000,
    /* Of a list or map that must be shorter than that: the message that says so shows no more. */
    MODEL_ELEMENTS_SHOWN_MAX = 100 * 1000,
};

/* By which wording a request is answered: the one configured, but for single items the classic one
 * when its JSON is nested deeper than the newer front end reads, and for version 2011-12-05 always
 * the classic one (not observed: taken to have stayed as it was). */
enum model_validation model_validation_of_request(enum model_operation operation,
                                                  enum model_validation configured,
                                                  unsigned json_depth);

/* input: what model_decode_input gave for the operation. A message that quotes a value of more than
 * 256 KiB ends it with "...". */
MUST_USE const struct error *model_validate_input(struct arena *arena,
                                                  enum model_operation operation,
                                                  enum model_validation validation,
                                                  const void *input);

/* A text member of an input by its name ("TableName"), for what is told of many operations alike;
 * SLICE_ABSENT when it is absent or there is no such member. */
struct slice model_input_text(enum model_operation operation, const void *input,
                              struct slice member);

/* The body of a success; nothing at all for operations that answer without one. output may then be
 * NULL. Text in it is valid UTF-8. */
void model_encode_output(enum model_operation operation, const void *output,
                         struct json_writer *writer);

/* What a reason for cancelling a transaction is called: "ConditionalCheckFailed"; "None" for NULL.
 * Static. */
const char *model_reason_code(const struct error *reason);

/* The body of a failure: {"__type":"<namespace>#<name>","message":"..."} and what else the kind of
 * error carries. service: whose operation failed, for what is said differently by versions. */
void model_encode_error(enum model_service service, const struct error *error,
                        struct json_writer *writer);

#endif
