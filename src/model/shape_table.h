#ifndef HASHRANGE_MODEL_SHAPE_TABLE_H
#define HASHRANGE_MODEL_SHAPE_TABLE_H

/*
 * The tables that decode, validate and encode walk. Inside the model layer only: others use the
 * structs of model/shapes.h, which tools/gen_model.py makes from the same source.
 *
 * Lists and maps begin with {bool present; size_t count; <pointer>}, whatever they hold.
 */

#include "base/slice.h"
#include "model/shapes.h"

enum shape_kind {
    SHAPE_STRING,
    SHAPE_ENUM,
    SHAPE_INTEGER, /* 32 bits on the wire */
    SHAPE_LONG,
    SHAPE_BOOLEAN,
    SHAPE_DOUBLE,
    SHAPE_TIMESTAMP,
    SHAPE_VALUE, /* an attribute value */
    SHAPE_ITEM,  /* attribute names to attribute values */
    SHAPE_STRUCTURE,
    SHAPE_LIST,
    SHAPE_MAP,
};

/* Named after the first shape that has it; model/pattern.c knows how each matches. */
enum shape_pattern {
    PATTERN_NONE,
    PATTERN_TABLE_NAME,
    PATTERN_TABLE_ID,
    PATTERN_CONTRIBUTOR_INSIGHTS_RULE,
    PATTERN_CLIENT_TOKEN,
    PATTERN_S3_BUCKET,
    PATTERN_S3_BUCKET_OWNER,
    PATTERN_CSV_DELIMITER,
    PATTERN_CSV_HEADER,
    PATTERN_IMPORT_NEXT_TOKEN,
    PATTERN_AUTO_SCALING_POLICY_NAME,
    PATTERN_AUTO_SCALING_ROLE_ARN,
    PATTERN_COUNT
};

struct shape {
    const char *name;
    enum shape_kind kind;
    size_t bytes; /* of the C type, as it lies in lists and maps */
    /* Length of strings, lists, maps; range of numbers. */
    bool has_min;
    bool has_max;
    bool or_arn; /* an ARN of up to ARN_LENGTH_MAX characters will do as well */
    int64_t min;
    int64_t max;
    enum shape_pattern pattern;
    const struct slice *values;  /* enum: value_count texts; the first has the number 1 */
    const struct shape *element; /* list, map, item */
    const struct shape *key;     /* map, item */
    const struct shape_member *members;
    uint16_t value_count;
    uint16_t member_count;
    uint16_t entry_bytes; /* map */
    uint16_t entry_value_offset;
};

struct shape_member {
    struct slice name;
    const struct shape *shape;
    uint16_t offset; /* of the member in its struct; a structure is a pointer there */
    bool required;
};

struct operation_row {
    struct slice name;
    enum model_service service;
    const struct shape *input;
    const struct shape *output; /* NULL: answered without a body */
};

extern const struct operation_row operation_rows[MODEL_OPERATION_ALL_COUNT];
/* The regular expressions, for the messages that quote them. */
extern const char *const pattern_texts[PATTERN_COUNT];
extern const struct slice service_prefixes[MODEL_SERVICE_COUNT]; /* "DynamoDB_20120810" */

/* A slice over a literal as a constant initializer. */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        (const uint8_t *)("" literal), sizeof(literal) - 1                                         \
    }

#endif
