/* Is a member there, and how does the service print what is wrong with it. */

#include "model/shape_value.h"

#include <inttypes.h>

#include "model/container.h"

const void *shape_member_at(const struct shape_member *member, const void *structure)
{
    const void *at = (const uint8_t *)structure + member->offset;
    bool present = false;
    switch (member->shape->kind) {
    case SHAPE_STRING:
        present = slice_present(*(const struct slice *)at);
        break;
    case SHAPE_ENUM:
        present = ((const struct model_enum *)at)->value != 0;
        break;
    case SHAPE_INTEGER:
    case SHAPE_LONG:
        present = ((const struct model_integer *)at)->present;
        break;
    case SHAPE_BOOLEAN:
        present = ((const struct model_boolean *)at)->present;
        break;
    case SHAPE_DOUBLE:
    case SHAPE_TIMESTAMP:
        present = ((const struct model_double *)at)->present;
        break;
    case SHAPE_VALUE: {
        const struct value_reading *reading = at;
        present = value_present(reading->value) || reading->problem != NULL;
        break;
    }
    case SHAPE_ITEM: {
        const struct item_reading *reading = at;
        present = slice_present(reading->item) || reading->problem != NULL;
        break;
    }
    case SHAPE_LIST:
    case SHAPE_MAP:
        present = container_load(at).present;
        break;
    case SHAPE_STRUCTURE:
        return pointer_load(at);
    }
    return present ? at : NULL;
}

/* ---- As text -----------------------------------------------------------------------------------
 */

static void append_word(struct buf *out, const char *word)
{
    buf_append(out, slice_of_cstring(word));
}

/* As much of the text as there is room for. */
static void append_text(struct buf *out, struct slice text)
{
    size_t room = out->limit_bytes - out->size;
    buf_append(out, text.size <= room ? text : slice_of(text.data, room));
    if (text.size > room)
        out->failed = true;
}

/* A number has its text from its JSON form, {"N":"1.5"}. */
static void number_to_text(struct value value, struct buf *out)
{
    enum { BEFORE = 6, AFTER = 2 };
    struct json_writer writer;
    size_t start = out->size;
    json_writer_init(&writer, out);
    value_to_json(&writer, value);
    if (out->failed || out->size < start + BEFORE + AFTER)
        return;
    size_t size = out->size - start - BEFORE - AFTER;
    memmove(out->data + start, out->data + start + BEFORE, size);
    out->size = start + size;
}

static void value_to_text(struct value value, struct buf *out);

static void elements_to_text(struct value container, struct buf *out)
{
    struct value_iter iter;
    struct slice name = SLICE_ABSENT;
    struct value element;
    bool is_map = container.type == VALUE_MAP;
    bool is_list = container.type == VALUE_LIST;
    bool first = true;
    append_word(out, is_map ? "{" : "[");
    value_iter_begin(&iter, container);
    while (value_iter_next(&iter, &name, &element)) {
        if (!first)
            append_word(out, ", ");
        first = false;
        if (is_map) {
            buf_append(out, name);
            append_word(out, "=");
        }
        if (is_map || is_list)
            value_to_text(element, out);
        else if (element.type == VALUE_STRING)
            append_text(out, element.body);
        else if (element.type == VALUE_NUMBER)
            number_to_text(element, out);
        else
            buf_append_format(out, "java.nio.HeapByteBuffer[pos=0 lim=%zu cap=%zu]",
                              element.body.size, element.body.size);
    }
    append_word(out, is_map ? "}" : "]");
}

static void body_to_text(struct value value, struct buf *out)
{
    switch (value.type) {
    case VALUE_STRING:
        append_text(out, value.body);
        break;
    case VALUE_NUMBER:
        number_to_text(value, out);
        break;
    case VALUE_BINARY:
        buf_append_format(out, "java.nio.HeapByteBuffer[pos=0 lim=%zu cap=%zu]", value.body.size,
                          value.body.size);
        break;
    case VALUE_NULL:
    case VALUE_TRUE:
        append_word(out, "true");
        break;
    case VALUE_FALSE:
        append_word(out, "false");
        break;
    default:
        elements_to_text(value, out);
        break;
    }
}

/* The members of the service's own AttributeValue class, in its order (observed). */
static const struct {
    const char *name;
    enum value_type type; /* VALUE_ABSENT: never set by a client */
} value_members[] = {
    {"s", VALUE_STRING},
    {"n", VALUE_NUMBER},
    {"b", VALUE_BINARY},
    {"iNT", VALUE_ABSENT},
    {"dECIMAL", VALUE_ABSENT},
    {"dOUBLE", VALUE_ABSENT},
    {"sS", VALUE_STRING_SET},
    {"nS", VALUE_NUMBER_SET},
    {"bS", VALUE_BINARY_SET},
    {"iNTSET", VALUE_ABSENT},
    {"dECIMALSET", VALUE_ABSENT},
    {"dOUBLESET", VALUE_ABSENT},
    {"m", VALUE_MAP},
    {"l", VALUE_LIST},
    {"nULL", VALUE_NULL},
    {"bOOL", VALUE_TRUE},
};

static void value_to_text(struct value value, struct buf *out)
{
    enum value_type type = value.type == VALUE_FALSE ? VALUE_TRUE : value.type;
    append_word(out, "AttributeValue(");
    for (size_t i = 0; i < COUNT_OF(value_members); i++) {
        buf_append_format(out, "%s%s=", i > 0 ? ", " : "", value_members[i].name);
        if (type != VALUE_ABSENT && value_members[i].type == type)
            body_to_text(value, out);
        else
            append_word(out, "null");
    }
    append_word(out, ")");
}

/* What a class of the service has that no client sets (observed). */
static const struct {
    const char *shape;
    const char *member;
} hidden_members[] = {
    {"PutRequest", "workloadProfileName"},
};

static void hidden_members_to_text(const struct shape *shape, struct buf *out)
{
    for (size_t i = 0; i < COUNT_OF(hidden_members); i++)
        if (strcmp(hidden_members[i].shape, shape->name) == 0)
            buf_append_format(out, ", %s=null", hidden_members[i].member);
}

static void structure_to_text(const struct shape *shape, const void *at, struct buf *out)
{
    buf_append_format(out, "%s(", shape->name);
    for (unsigned i = 0; i < shape->member_count; i++) {
        const struct shape_member *member = &shape->members[i];
        const void *inner = shape_member_at(member, at);
        if (i > 0)
            append_word(out, ", ");
        /* Java's own names begin in lower case. */
        buf_append_byte(out, (uint8_t)(member->name.data[0] | 0x20));
        buf_append(out, slice_after(member->name, 1));
        append_word(out, "=");
        if (inner != NULL)
            shape_to_text(member->shape, inner, out);
        else
            append_word(out, "null");
    }
    hidden_members_to_text(shape, out);
    append_word(out, ")");
}

static void list_to_text(const struct shape *shape, const void *at, struct buf *out)
{
    struct container list = container_load(at);
    append_word(out, "[");
    for (size_t i = 0; i < list.count && !out->failed; i++) {
        if (i > 0)
            append_word(out, ", ");
        shape_to_text(shape->element, list.elements + i * shape->element->bytes, out);
    }
    append_word(out, "]");
}

static void map_to_text(const struct shape *shape, const void *at, struct buf *out)
{
    struct container map = container_load(at);
    append_word(out, "{");
    for (size_t i = 0; i < map.count && !out->failed; i++) {
        const uint8_t *entry = map.elements + i * shape->entry_bytes;
        if (i > 0)
            append_word(out, ", ");
        buf_append(out, *(const struct slice *)(const void *)entry);
        append_word(out, "=");
        shape_to_text(shape->element, entry + shape->entry_value_offset, out);
    }
    append_word(out, "}");
}

void shape_to_text(const struct shape *shape, const void *at, struct buf *out)
{
    switch (shape->kind) {
    case SHAPE_STRING:
        append_text(out, *(const struct slice *)at);
        break;
    case SHAPE_ENUM:
        append_text(out, ((const struct model_enum *)at)->text);
        break;
    case SHAPE_INTEGER:
    case SHAPE_LONG:
        buf_append_format(out, "%" PRId64, ((const struct model_integer *)at)->value);
        break;
    case SHAPE_BOOLEAN:
        append_word(out, ((const struct model_boolean *)at)->value ? "true" : "false");
        break;
    case SHAPE_DOUBLE:
    case SHAPE_TIMESTAMP:
        buf_append_format(out, "%g", ((const struct model_double *)at)->value);
        break;
    case SHAPE_VALUE:
        value_to_text(((const struct value_reading *)at)->value, out);
        break;
    case SHAPE_ITEM: {
        struct slice item = ((const struct item_reading *)at)->item;
        elements_to_text(value_of_item(slice_present(item) ? item : ITEM_EMPTY), out);
        break;
    }
    case SHAPE_STRUCTURE:
        structure_to_text(shape, at, out);
        break;
    case SHAPE_LIST:
        list_to_text(shape, at, out);
        break;
    case SHAPE_MAP:
        map_to_text(shape, at, out);
        break;
    }
}
