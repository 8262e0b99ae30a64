/*
 * Typed outputs to JSON, by table. Nothing can fail here but the buffer behind the writer, which
 * remembers that itself.
 */

#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "model/container.h"
#include "model/model.h"
#include "model/shape_table.h"
#include "model/shape_value.h"

static void encode_shape(const struct shape *shape, const void *at, struct json_writer *writer);

/* Epoch seconds with up to three digits of fraction, never in scientific form. */
static void encode_timestamp(double seconds, struct json_writer *writer)
{
    char text[64];
    int64_t ms = llround(seconds * 1000);
    bool negative = ms < 0;
    uint64_t magnitude = negative ? 0 - (uint64_t)ms : (uint64_t)ms;
    int size = snprintf(text, sizeof(text), "%s%llu.%03u", negative ? "-" : "",
                        (unsigned long long)(magnitude / 1000), (unsigned)(magnitude % 1000));
    while (text[size - 1] == '0')
        size--;
    if (text[size - 1] == '.')
        size--;
    json_number_text(writer, slice_of(text, (size_t)size));
}

static void encode_enum(const struct shape *shape, const struct model_enum *at,
                        struct json_writer *writer)
{
    CHECK(at->value <= shape->value_count);
    json_string(writer, at->value > 0 ? shape->values[at->value - 1] : at->text);
}

static void encode_structure(const struct shape *shape, const void *at, struct json_writer *writer)
{
    json_object_begin(writer);
    for (unsigned i = 0; i < shape->member_count; i++) {
        const struct shape_member *member = &shape->members[i];
        const void *inner = shape_member_at(member, at);
        if (inner == NULL)
            continue;
        json_name(writer, member->name);
        encode_shape(member->shape, inner, writer);
    }
    json_object_end(writer);
}

static void encode_list(const struct shape *shape, const void *at, struct json_writer *writer)
{
    struct container list = container_load(at);
    json_array_begin(writer);
    for (size_t i = 0; i < list.count; i++)
        encode_shape(shape->element, list.elements + i * shape->element->bytes, writer);
    json_array_end(writer);
}

static void encode_map(const struct shape *shape, const void *at, struct json_writer *writer)
{
    struct container map = container_load(at);
    json_object_begin(writer);
    for (size_t i = 0; i < map.count; i++) {
        const uint8_t *entry = map.elements + i * shape->entry_bytes;
        json_name(writer, *(const struct slice *)(const void *)entry);
        encode_shape(shape->element, entry + shape->entry_value_offset, writer);
    }
    json_object_end(writer);
}

/* at: the storage of the shape, as it lies in a list; a structure itself, not a pointer to it. */
static void encode_shape(const struct shape *shape, const void *at, struct json_writer *writer)
{
    switch (shape->kind) {
    case SHAPE_STRING:
        json_string(writer, *(const struct slice *)at);
        break;
    case SHAPE_ENUM:
        encode_enum(shape, at, writer);
        break;
    case SHAPE_INTEGER:
    case SHAPE_LONG:
        json_integer(writer, ((const struct model_integer *)at)->value);
        break;
    case SHAPE_BOOLEAN:
        json_boolean(writer, ((const struct model_boolean *)at)->value);
        break;
    case SHAPE_DOUBLE:
        json_double(writer, ((const struct model_double *)at)->value);
        break;
    case SHAPE_TIMESTAMP:
        encode_timestamp(((const struct model_double *)at)->value, writer);
        break;
    case SHAPE_VALUE:
        value_to_json(writer, ((const struct value_reading *)at)->value);
        break;
    case SHAPE_ITEM:
        item_to_json(writer, ((const struct item_reading *)at)->item);
        break;
    case SHAPE_STRUCTURE:
        encode_structure(shape, at, writer);
        break;
    case SHAPE_LIST:
        encode_list(shape, at, writer);
        break;
    case SHAPE_MAP:
        encode_map(shape, at, writer);
        break;
    }
}

void model_encode_output(enum model_operation operation, const void *output,
                         struct json_writer *writer)
{
    CHECK(operation > MODEL_OPERATION_NONE && operation < MODEL_OPERATION_ALL_COUNT);
    const struct shape *shape = operation_rows[operation].output;
    if (shape != NULL)
        encode_structure(shape, output, writer);
}

void shape_to_json(const struct shape *shape, const void *at, struct json_writer *writer)
{
    encode_shape(shape, at, writer);
}
