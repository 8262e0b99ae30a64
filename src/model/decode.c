/*
 * JSON to the typed input of an operation, in one pass, by table.
 *
 * A value of the wrong JSON type is a SerializationException at once. Its words depend on what was
 * expected, what came, and whether it stands as a member of a structure or as an element of a list
 * or map (all observed).
 *
 * The depth is that of the shapes, which hold no cycles: attribute values, which do, are read by
 * item/value_json.h.
 */

#include <stdlib.h>

#include "base/check.h"
#include "model/container.h"
#include "model/model.h"
#include "model/shape_table.h"
#include "json/json_reader.h"

/* Where the classes of a version of the API are, in what is told. */
#define JAVA_PACKAGE "com.amazonaws.dynamodb.v20120810."
#define JAVA_PACKAGE_2011 "com.amazonaws.dynamodb.v20111205."
#define NOT_A_CLASS                                                                                \
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "  \
    "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and "           \
    "java.lang.Class are in module java.base of loader 'bootstrap')"

enum { LIST_CAPACITY_FIRST = 4, NUMBER_TEXT_BYTES_MAX = 512 };

struct decoding {
    struct json_reader reader;
    struct arena *arena;
    const char *java_package;
    size_t element_count; /* of all containers, against MODEL_ELEMENTS_MAX */
};

enum place {
    PLACE_MEMBER,  /* of a structure */
    PLACE_ELEMENT, /* of a list or map */
};

static const struct error *decode_shape(struct decoding *decoding, const struct shape *shape,
                                        enum place place, void *at);

static const struct error *wrong_type(struct decoding *decoding, const char *message)
{
    return error_make(decoding->arena, ERROR_SERIALIZATION, "%s", message);
}

/* What stopped the reader: no room, or text that is not JSON. */
static const struct error *reader_error(struct decoding *decoding)
{
    if (decoding->reader.exhausted)
        return error_exhausted();
    return error_make_slice(decoding->arena, ERROR_SERIALIZATION, SLICE(""));
}

/* ---- Words for the wrong type ------------------------------------------------------------------
 */

static const char *scalar_class(const struct shape *shape)
{
    switch (shape->kind) {
    case SHAPE_INTEGER:
        return "Integer";
    case SHAPE_LONG:
        return "Long";
    case SHAPE_BOOLEAN:
        return "Boolean";
    case SHAPE_DOUBLE:
        return "Double";
    case SHAPE_TIMESTAMP:
        return "Date";
    default:
        return "String";
    }
}

static bool is_integer_text(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '.' || text.data[i] == 'e' || text.data[i] == 'E')
            return false;
    return true;
}

static const char *token_name(struct decoding *decoding, enum json_type type)
{
    switch (type) {
    case JSON_TRUE:
        return "TRUE_VALUE";
    case JSON_FALSE:
        return "FALSE_VALUE";
    case JSON_STRING:
        return "STRING_VALUE";
    default:
        return is_integer_text(json_read_number(&decoding->reader)) ? "NUMBER_VALUE"
                                                                    : "DECIMAL_VALUE";
    }
}

static const struct error *scalar_mismatch(struct decoding *decoding, const struct shape *shape,
                                           enum json_type type)
{
    if (type == JSON_OBJECT)
        return wrong_type(decoding, "Start of structure or map found where not expected");
    if (type == JSON_ARRAY)
        return error_make(decoding->arena, ERROR_SERIALIZATION,
                          "Unrecognized collection type class java.%s.%s",
                          shape->kind == SHAPE_TIMESTAMP ? "util" : "lang", scalar_class(shape));
    if (type == JSON_END)
        return reader_error(decoding);
    return error_make(decoding->arena, ERROR_SERIALIZATION, "%s cannot be converted to %s",
                      token_name(decoding, type), scalar_class(shape));
}

/* A map where an array came names the type of its values. */
static const struct error *array_for_map(struct decoding *decoding, const struct shape *shape)
{
    const struct shape *element = shape->element;
    const char *open = "";
    const char *close = "";
    if (element->kind == SHAPE_LIST) {
        open = "java.util.List<";
        close = ">";
        element = element->element;
    }
    bool is_string = element->kind == SHAPE_STRING || element->kind == SHAPE_ENUM;
    return error_make(decoding->arena, ERROR_SERIALIZATION,
                      "Unrecognized collection type java.util.Map<java.lang.String, %s%s%s%s>",
                      open, is_string ? "java.lang." : decoding->java_package,
                      is_string ? "String" : element->name, close);
}

static const struct error *container_mismatch(struct decoding *decoding, const struct shape *shape,
                                              enum place place, enum json_type type)
{
    if (type == JSON_END)
        return reader_error(decoding);
    bool is_structure = shape->kind == SHAPE_STRUCTURE || shape->kind == SHAPE_VALUE;
    if (type == JSON_ARRAY && is_structure)
        return error_make(decoding->arena, ERROR_SERIALIZATION,
                          "Unrecognized collection type class %s%s", decoding->java_package,
                          shape->name);
    if (type == JSON_ARRAY)
        return array_for_map(decoding, shape);
    if (type == JSON_OBJECT)
        return wrong_type(decoding, "Start of structure or map found where not expected");
    if (place == PLACE_MEMBER)
        return wrong_type(decoding, "Unexpected field type");
    if (is_structure)
        return wrong_type(decoding, "Unexpected value type in payload");
    return wrong_type(decoding, NOT_A_CLASS);
}

/* ---- Scalars -----------------------------------------------------------------------------------
 */

static const struct error *decode_string(struct decoding *decoding, const struct shape *shape,
                                         enum json_type type, void *at)
{
    if (type != JSON_STRING)
        return scalar_mismatch(decoding, shape, type);
    struct slice text = json_read_string(&decoding->reader);
    if (decoding->reader.failed)
        return reader_error(decoding);
    if (shape->kind == SHAPE_STRING) {
        *(struct slice *)at = text;
        return NULL;
    }
    int value = MODEL_ENUM_UNKNOWN;
    for (int i = 0; i < shape->value_count; i++)
        if (slice_equal(shape->values[i], text))
            value = i + 1;
    *(struct model_enum *)at = (struct model_enum){value, text};
    return NULL;
}

static bool equals_word(struct slice text, const char *word)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (byte >= 'A' && byte <= 'Z')
            byte = (uint8_t)(byte - 'A' + 'a');
        if (word[i] == '\0' || byte != (uint8_t)word[i])
            return false;
    }
    return word[text.size] == '\0';
}

static const struct error *decode_boolean(struct decoding *decoding, const struct shape *shape,
                                          enum json_type type, struct model_boolean *at)
{
    if (type == JSON_TRUE || type == JSON_FALSE) {
        json_read_literal(&decoding->reader);
        *at = (struct model_boolean){true, type == JSON_TRUE};
        return NULL;
    }
    if (type != JSON_STRING)
        return scalar_mismatch(decoding, shape, type);
    /* Some words are taken for booleans (observed). */
    struct slice text = json_read_string(&decoding->reader);
    if (decoding->reader.failed)
        return reader_error(decoding);
    if (equals_word(text, "true") || equals_word(text, "1") || equals_word(text, "yes"))
        *at = (struct model_boolean){true, true};
    else if (equals_word(text, "false") || equals_word(text, "0") || equals_word(text, "no"))
        *at = (struct model_boolean){true, false};
    else
        return wrong_type(decoding, "Unexpected token received from parser");
    return NULL;
}

/* A text longer than anyone writes reads as out of range. */
static double number_to_double(struct slice text)
{
    char copy[NUMBER_TEXT_BYTES_MAX + 1];
    if (text.size > NUMBER_TEXT_BYTES_MAX)
        return text.data[0] == '-' ? -1e300 : 1e300;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return strtod(copy, NULL);
}

/* Fractions are cut off; what does not fit is the nearest value that does. */
static int64_t number_to_integer(struct slice text, int64_t min, int64_t max)
{
    double approximate = number_to_double(text);
    if (approximate >= (double)max)
        return max;
    if (approximate <= (double)min)
        return min;
    if (!is_integer_text(text))
        return (int64_t)approximate;
    bool negative = text.data[0] == '-';
    int64_t value = 0;
    for (size_t i = negative; i < text.size; i++)
        value = value * 10 + (negative ? '0' - text.data[i] : text.data[i] - '0');
    return value;
}

static const struct error *decode_number(struct decoding *decoding, const struct shape *shape,
                                         enum json_type type, void *at)
{
    if (type != JSON_NUMBER)
        return scalar_mismatch(decoding, shape, type);
    struct slice text = json_read_number(&decoding->reader);
    if (decoding->reader.failed || text.size == 0)
        return reader_error(decoding);
    if (shape->kind == SHAPE_INTEGER)
        *(struct model_integer *)at =
            (struct model_integer){true, number_to_integer(text, INT32_MIN, INT32_MAX)};
    else if (shape->kind == SHAPE_LONG)
        *(struct model_integer *)at =
            (struct model_integer){true, number_to_integer(text, INT64_MIN, INT64_MAX)};
    else
        *(struct model_double *)at = (struct model_double){true, number_to_double(text)};
    return NULL;
}

/* ---- Containers --------------------------------------------------------------------------------
 */

/* Requests name the members in any order, but often in ours: the search goes on from *hint. */
static const struct shape_member *find_member(const struct shape *shape, struct slice name,
                                              unsigned *hint)
{
    for (unsigned i = 0; i < shape->member_count; i++) {
        unsigned index = *hint + i;
        if (index >= shape->member_count)
            index -= shape->member_count;
        if (slice_equal(shape->members[index].name, name)) {
            *hint = index;
            return &shape->members[index];
        }
    }
    return NULL;
}

static bool count_one(struct decoding *decoding)
{
    return ++decoding->element_count <= MODEL_ELEMENTS_MAX;
}

static const struct error *too_many(struct decoding *decoding)
{
    return error_make(decoding->arena, ERROR_VALIDATION,
                      "1 validation error detected: The request has more than %d elements in its "
                      "lists, maps and structures",
                      MODEL_ELEMENTS_MAX);
}

static const struct error *decode_member(struct decoding *decoding,
                                         const struct shape_member *member, void *structure)
{
    void *at = (uint8_t *)structure + member->offset;
    if (member->shape->kind != SHAPE_STRUCTURE) {
        memset(at, 0, member->shape->bytes);
        return decode_shape(decoding, member->shape, PLACE_MEMBER, at);
    }
    void *inner = NULL;
    if (json_peek(&decoding->reader) != JSON_NULL) {
        if (!count_one(decoding))
            return too_many(decoding);
        inner = arena_alloc_zeroed(decoding->arena, 1, member->shape->bytes);
        if (inner == NULL)
            return error_exhausted();
    }
    const struct error *error = decode_shape(decoding, member->shape, PLACE_MEMBER, inner);
    if (error == NULL)
        pointer_store(at, inner);
    return error;
}

static const struct error *decode_structure(struct decoding *decoding, const struct shape *shape,
                                            void *at)
{
    struct slice name;
    unsigned hint = 0;
    json_enter_object(&decoding->reader);
    while (json_next_member(&decoding->reader, &name)) {
        const struct shape_member *member = find_member(shape, name, &hint);
        if (member == NULL) {
            json_skip(&decoding->reader);
            continue;
        }
        const struct error *error = decode_member(decoding, member, at);
        if (error != NULL)
            return error;
    }
    return decoding->reader.failed ? reader_error(decoding) : NULL;
}

/* Room for one more zeroed element of the given size in a list or map that is being read. */
static const struct error *grow(struct decoding *decoding, struct container *container,
                                size_t *capacity, size_t bytes, void **ret_element)
{
    if (!count_one(decoding))
        return too_many(decoding);
    if (container->count == *capacity) {
        size_t more = *capacity == 0 ? LIST_CAPACITY_FIRST : *capacity * 2;
        uint8_t *grown = arena_alloc_zeroed(decoding->arena, more, bytes);
        if (grown == NULL)
            return error_exhausted();
        if (container->count > 0)
            memcpy(grown, container->elements, container->count * bytes);
        container->elements = grown;
        *capacity = more;
    }
    *ret_element = container->elements + container->count++ * bytes;
    return NULL;
}

/* Is it too long for its shape, and has it so many elements? Then no message shows the rest. */
static bool is_too_long(const struct shape *shape, const struct container *container, size_t count)
{
    return shape->has_max && container->count >= count && (int64_t)container->count > shape->max;
}

static const struct error *decode_list(struct decoding *decoding, const struct shape *shape,
                                       void *at)
{
    struct container list = {.present = true};
    size_t capacity = 0;
    json_enter_array(&decoding->reader);
    while (json_next_element(&decoding->reader)) {
        if (is_too_long(shape, &list, MODEL_ELEMENTS_SHOWN_MAX)) {
            json_skip(&decoding->reader);
            continue;
        }
        void *element;
        const struct error *error =
            grow(decoding, &list, &capacity, shape->element->bytes, &element);
        if (error == NULL)
            error = decode_shape(decoding, shape->element, PLACE_ELEMENT, element);
        if (error != NULL)
            return error;
    }
    if (decoding->reader.failed)
        return reader_error(decoding);
    container_store(at, &list);
    return NULL;
}

struct key_place {
    struct slice key;
    size_t index;
};

static int compare_key_places(const void *left, const void *right)
{
    const struct key_place *a = left;
    const struct key_place *b = right;
    int order = slice_compare(a->key, b->key);
    if (order != 0)
        return order;
    return a->index < b->index ? -1 : a->index > b->index;
}

static struct slice entry_key(const uint8_t *entry)
{
    /* Every entry struct begins with its key. */
    return *(const struct slice *)(const void *)entry;
}

/* Of entries with one key the last one stays, as in a Java map. */
static const struct error *drop_overwritten(struct decoding *decoding, const struct shape *shape,
                                            struct container *map)
{
    if (map->count < 2)
        return NULL;
    struct key_place *places = ARENA_NEW_ARRAY(decoding->arena, struct key_place, map->count);
    if (places == NULL)
        return error_exhausted();
    for (size_t i = 0; i < map->count; i++)
        places[i] = (struct key_place){entry_key(map->elements + i * shape->entry_bytes), i};
    qsort(places, map->count, sizeof(*places), compare_key_places);
    bool *overwritten = ARENA_NEW_ARRAY(decoding->arena, bool, map->count);
    if (overwritten == NULL)
        return error_exhausted();
    for (size_t i = 1; i < map->count; i++)
        overwritten[places[i - 1].index] = slice_equal(places[i - 1].key, places[i].key);
    size_t kept = 0;
    for (size_t i = 0; i < map->count; i++) {
        if (overwritten[i])
            continue;
        if (kept != i)
            memcpy(map->elements + kept * shape->entry_bytes,
                   map->elements + i * shape->entry_bytes, shape->entry_bytes);
        kept++;
    }
    map->count = kept;
    return NULL;
}

static const struct error *decode_entry(struct decoding *decoding, const struct shape *shape,
                                        struct slice key, struct container *map, size_t *capacity)
{
    void *at;
    const struct error *error = grow(decoding, map, capacity, shape->entry_bytes, &at);
    if (error != NULL)
        return error;
    uint8_t *entry = at;
    *(struct slice *)(void *)entry = key;
    return decode_shape(decoding, shape->element, PLACE_ELEMENT, entry + shape->entry_value_offset);
}

static const struct error *decode_map(struct decoding *decoding, const struct shape *shape,
                                      void *at)
{
    struct container map = {.present = true};
    size_t capacity = 0;
    struct slice key;
    bool is_cut = false;
    const struct error *error = NULL;
    json_enter_object(&decoding->reader);
    while (error == NULL && json_next_member(&decoding->reader, &key)) {
        if (!is_cut && is_too_long(shape, &map, MODEL_ELEMENTS_SHOWN_MAX)) {
            /* Keys that came again count once: few are left, or too many whatever comes. */
            error = drop_overwritten(decoding, shape, &map);
            is_cut = is_too_long(shape, &map, MODEL_ELEMENTS_SHOWN_MAX / 2);
        }
        if (is_cut)
            json_skip(&decoding->reader);
        else if (error == NULL)
            error = decode_entry(decoding, shape, key, &map, &capacity);
    }
    if (error == NULL && decoding->reader.failed)
        error = reader_error(decoding);
    if (error == NULL)
        error = drop_overwritten(decoding, shape, &map);
    if (error == NULL)
        container_store(at, &map);
    return error;
}

static const struct error *decode_container(struct decoding *decoding, const struct shape *shape,
                                            enum place place, enum json_type type, void *at)
{
    enum json_type expected = shape->kind == SHAPE_LIST ? JSON_ARRAY : JSON_OBJECT;
    if (type != expected)
        return container_mismatch(decoding, shape, place, type);
    switch (shape->kind) {
    case SHAPE_STRUCTURE:
        return decode_structure(decoding, shape, at);
    case SHAPE_LIST:
        return decode_list(decoding, shape, at);
    case SHAPE_MAP:
        return decode_map(decoding, shape, at);
    case SHAPE_VALUE:
        return value_from_json(&decoding->reader, decoding->arena, at);
    default:
        return item_from_json(&decoding->reader, decoding->arena, at);
    }
}

/* at: zeroed storage of the shape; null leaves it so. */
static const struct error *decode_shape(struct decoding *decoding, const struct shape *shape,
                                        enum place place, void *at)
{
    enum json_type type = json_peek(&decoding->reader);
    bool is_value_element = shape->kind == SHAPE_VALUE && place == PLACE_ELEMENT;
    if (type == JSON_NULL && !is_value_element) {
        json_read_literal(&decoding->reader);
        return NULL;
    }
    switch (shape->kind) {
    case SHAPE_STRING:
    case SHAPE_ENUM:
        return decode_string(decoding, shape, type, at);
    case SHAPE_BOOLEAN:
        return decode_boolean(decoding, shape, type, at);
    case SHAPE_INTEGER:
    case SHAPE_LONG:
    case SHAPE_DOUBLE:
    case SHAPE_TIMESTAMP:
        return decode_number(decoding, shape, type, at);
    case SHAPE_VALUE:
        /* In a list, null is a value without a type, which is a problem of the value. */
        if (type == JSON_NULL)
            return value_from_json(&decoding->reader, decoding->arena, at);
        return decode_container(decoding, shape, place, type, at);
    default:
        return decode_container(decoding, shape, place, type, at);
    }
}

const struct error *model_decode_input(struct arena *arena, enum model_operation operation,
                                       struct slice json, void **ret_input)
{
    CHECK(operation > MODEL_OPERATION_NONE && operation < MODEL_OPERATION_ALL_COUNT);
    const struct shape *shape = operation_rows[operation].input;
    struct decoding decoding = {.arena = arena, .java_package = JAVA_PACKAGE};
    if (model_operation_service(operation) == MODEL_SERVICE_V2011_DYNAMODB)
        decoding.java_package = JAVA_PACKAGE_2011;
    json_reader_init(&decoding.reader, json, arena);
    if (json_peek(&decoding.reader) != JSON_OBJECT)
        return reader_error(&decoding);
    void *input = arena_alloc_zeroed(arena, 1, shape->bytes);
    if (input == NULL)
        return error_exhausted();
    const struct error *error = decode_structure(&decoding, shape, input);
    if (error != NULL)
        return error;
    *ret_input = input;
    return NULL;
}
