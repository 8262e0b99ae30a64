/* Stored form into JSON, straight into the writer's buf. The recursion ends at VALUE_NESTING_MAX.
 */

#include "item/value_json.h"
#include "num/num.h"

static void write_scalar(struct json_writer *writer, struct value value)
{
    struct num num;
    char text[NUM_TEXT_BYTES_MAX];
    if (value.type == VALUE_STRING)
        json_string(writer, value.body);
    else if (value.type == VALUE_BINARY)
        json_base64(writer, value.body);
    else if (num_decode(value.body, &num))
        json_string(writer, slice_of(text, num_format(&num, text)));
    else
        json_string(writer, SLICE(""));
}

static void write_value(struct json_writer *writer, struct value value, unsigned levels);

/* levels: how many more are written. */
static void write_members(struct json_writer *writer, struct value map, unsigned levels)
{
    struct value_iter iter;
    struct slice name;
    struct value member;
    value_iter_begin(&iter, map);
    json_object_begin(writer);
    while (levels > 0 && value_iter_next(&iter, &name, &member)) {
        json_name(writer, name);
        write_value(writer, member, levels - 1);
    }
    json_object_end(writer);
}

static void write_elements(struct json_writer *writer, struct value container, unsigned levels)
{
    struct value_iter iter;
    struct value element;
    value_iter_begin(&iter, container);
    json_array_begin(writer);
    while (levels > 0 && value_iter_next(&iter, NULL, &element)) {
        if (container.type == VALUE_LIST)
            write_value(writer, element, levels - 1);
        else
            write_scalar(writer, element);
    }
    json_array_end(writer);
}

static void write_value(struct json_writer *writer, struct value value, unsigned levels)
{
    json_object_begin(writer);
    if (value_present(value))
        json_name(writer, value_type_code(value.type));
    switch (value.type) {
    case VALUE_NULL:
    case VALUE_FALSE:
    case VALUE_TRUE:
        json_boolean(writer, value.type != VALUE_FALSE);
        break;
    case VALUE_NUMBER:
    case VALUE_STRING:
    case VALUE_BINARY:
        write_scalar(writer, value);
        break;
    case VALUE_MAP:
        write_members(writer, value, levels);
        break;
    case VALUE_LIST:
        write_elements(writer, value, levels);
        break;
    case VALUE_NUMBER_SET:
    case VALUE_STRING_SET:
    case VALUE_BINARY_SET:
        write_elements(writer, value, 1);
        break;
    case VALUE_ABSENT:
        break;
    }
    json_object_end(writer);
}

void value_to_json(struct json_writer *writer, struct value value)
{
    write_value(writer, value, VALUE_NESTING_MAX);
}

void item_to_json(struct json_writer *writer, struct slice item)
{
    write_members(writer, value_of_item(item), VALUE_NESTING_MAX);
}
