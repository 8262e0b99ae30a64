#include "model/finding.h"

#include <inttypes.h>

#include "base/check.h"
#include "model/shape_value.h"

enum {
    /* The service prints whole requests into messages; we stop here and write "...". */
    VALUE_TEXT_BYTES_MAX = 256 * 1024,
    PATH_BYTES_MAX = 512,
};

/*
 * The classic wording quotes the value and names members in lower case:
 *     Value 'x' at 'returnValues' failed to satisfy constraint: Member must satisfy ...
 * Up to ten are told together. Since June 2026 the service puts a newer front end before some
 * operations, region by region; it words some constraints anew, and often tells one alone. Where
 * a required member is missing it leaves the whole input to the classic one. GetItem, Query and
 * BatchGetItem had it earlier, for the rows of both cohorts.
 * Source: observed; public captures of all regions, June to October 2026.
 *
 * Of rows that are told alone, the first that applies wins.
 */
#define NEW_RETURN_VALUES                                                                          \
    "Member must satisfy enum value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
#define NEW_CONDITIONAL_OPERATOR "Member must satisfy enum value set: [ALL, OR]"

/* clang-format off */
#define ROW(operation, path, constraint, cohorts, manner, words) \
    {MODEL_OPERATION_##operation, CONSTRAINT_##constraint, path, COHORT_##cohorts, manner, words}
static const struct wording wordings[] = {
    ROW(PUT_ITEM,    "TableName", LENGTH_MIN, NEW, MANNER_NAMED | MANNER_ALONE, NULL),
    ROW(UPDATE_ITEM, "TableName", LENGTH_MIN, NEW, MANNER_NAMED | MANNER_ALONE, NULL),
    ROW(DELETE_ITEM, "TableName", LENGTH_MIN, NEW, MANNER_NAMED | MANNER_ALONE, NULL),
    ROW(GET_ITEM,    "TableName", LENGTH_MIN, NEW, MANNER_NAMED | MANNER_ALONE, NULL),
    ROW(QUERY,       "TableName", LENGTH_MIN, NEW, MANNER_NAMED | MANNER_ALONE, NULL),

    /* UPDATE_NEW is the service's own slip: it means UPDATED_NEW. */
    ROW(UPDATE_ITEM, "ReturnValues", ENUM, NEW, MANNER_NAMELESS | MANNER_ALONE, NEW_RETURN_VALUES),
    ROW(PUT_ITEM,    "ReturnValues", ENUM, NEW, MANNER_NAMELESS, NEW_RETURN_VALUES),
    ROW(DELETE_ITEM, "ReturnValues", ENUM, NEW, MANNER_NAMELESS, NEW_RETURN_VALUES),
    ROW(PUT_ITEM,    "ConditionalOperator", ENUM, NEW, MANNER_NAMELESS | MANNER_ALONE, NEW_CONDITIONAL_OPERATOR),
    ROW(UPDATE_ITEM, "ConditionalOperator", ENUM, NEW, MANNER_NAMELESS | MANNER_ALONE, NEW_CONDITIONAL_OPERATOR),
    ROW(DELETE_ITEM, "ConditionalOperator", ENUM, NEW, MANNER_NAMELESS | MANNER_ALONE, NEW_CONDITIONAL_OPERATOR),
    ROW(QUERY,       "ConditionalOperator", ENUM, NEW, MANNER_NAMELESS | MANNER_ALONE | MANNER_UNCOUNTED, NEW_CONDITIONAL_OPERATOR),
    ROW(QUERY,       "Limit", VALUE_MIN, BOTH, MANNER_NAMED | MANNER_ALONE, NULL),

    ROW(BATCH_GET_ITEM, "RequestItems", LENGTH_MIN, NEW, MANNER_NAMED | MANNER_ALONE, NULL),
    ROW(BATCH_GET_ITEM, "RequestItems", LENGTH_MIN, CLASSIC, MANNER_SENTENCE | MANNER_ALONE | MANNER_UNCOUNTED,
        "The requestItems parameter is required for BatchGetItem"),
    ROW(BATCH_GET_ITEM, "RequestItems.*.member.Keys", LENGTH_MIN, BOTH, MANNER_NAMED | MANNER_ALONE, NULL),
    ROW(BATCH_GET_ITEM, "RequestItems.*.member.Keys", LENGTH_MAX, BOTH, MANNER_NAMED | MANNER_ALONE, NULL),
    ROW(BATCH_WRITE_ITEM, "RequestItems", LENGTH_MIN, NEW, MANNER_NAMED | MANNER_ALONE, NULL),
    ROW(BATCH_WRITE_ITEM, "RequestItems", LENGTH_MIN, CLASSIC, MANNER_SENTENCE | MANNER_ALONE | MANNER_UNCOUNTED,
        "The requestItems parameter is required for BatchWriteItem"),
    ROW(V2011_BATCH_GET_ITEM, "RequestItems", LENGTH_MIN, BOTH, MANNER_SENTENCE | MANNER_ALONE | MANNER_UNCOUNTED,
        "The requestItems parameter is required for BatchGetItem"),
    ROW(V2011_BATCH_WRITE_ITEM, "RequestItems", LENGTH_MIN, BOTH, MANNER_SENTENCE | MANNER_ALONE | MANNER_UNCOUNTED,
        "The requestItems parameter is required for BatchWriteItem"),
    ROW(BATCH_WRITE_ITEM, "RequestItems.*.member", LENGTH_MAX, NEW, MANNER_NAMED | MANNER_ALONE, NULL),
    ROW(BATCH_WRITE_ITEM, "RequestItems", KEYS, NEW, MANNER_CLASSIC | MANNER_GIVES_WAY, NULL),

    ROW(TRANSACT_WRITE_ITEMS, "ClientRequestToken", LENGTH_MAX, NEW, MANNER_NAMED | MANNER_ALONE, NULL),
    ROW(TRANSACT_WRITE_ITEMS, "TransactItems", LENGTH_MIN, NEW, MANNER_NAMED | MANNER_ALONE, NULL),
    ROW(TRANSACT_WRITE_ITEMS, "TransactItems", LENGTH_MAX, NEW, MANNER_NAMED | MANNER_ALONE, NULL),
    ROW(TRANSACT_GET_ITEMS,   "TransactItems", LENGTH_MIN, NEW, MANNER_NAMED | MANNER_ALONE, NULL),
    ROW(TRANSACT_GET_ITEMS,   "TransactItems", LENGTH_MAX, NEW, MANNER_NAMED | MANNER_ALONE, NULL),

    ROW(SEARCH_VECTORS, "IndexName", LENGTH_MIN, BOTH, MANNER_NAMED, NULL),
    ROW(SEARCH_VECTORS, "IndexName", LENGTH_MAX, BOTH, MANNER_NAMED, NULL),
    ROW(SEARCH_VECTORS, "TopK", VALUE_MIN, BOTH, MANNER_NAMED, NULL),
};
#undef ROW
/* clang-format on */

/* ---- Paths -------------------------------------------------------------------------------------
 */

enum path_form {
    PATH_CLASSIC, /* requestItems.T.member.keys */
    PATH_NEW,     /* RequestItems.T.member.Keys */
    PATH_ROW,     /* RequestItems.*.member.Keys */
};

/* Depth: that of the shapes. */
static void append_path(const struct place *place, enum path_form form, struct buf *out)
{
    if (place->parent != NULL) {
        append_path(place->parent, form, out);
        buf_append_byte(out, '.');
    }
    switch (place->kind) {
    case PLACE_OF_MEMBER:
        buf_append_byte(out,
                        form == PATH_CLASSIC ? place->name.data[0] | 0x20 : place->name.data[0]);
        buf_append(out, slice_after(place->name, 1));
        break;
    case PLACE_OF_ELEMENT:
        buf_append_format(out, "%zu.member", place->index);
        break;
    case PLACE_OF_ENTRY:
        buf_append(out, form == PATH_ROW ? SLICE("*") : place->name);
        buf_append(out, SLICE(".member"));
        break;
    }
}

const struct wording *finding_wording(enum model_operation operation,
                                      enum model_validation validation, const struct place *place,
                                      enum constraint constraint)
{
    const struct wording *found = NULL;
    struct buf path;
    buf_init(&path, NULL, PATH_BYTES_MAX);
    append_path(place, PATH_ROW, &path);
    for (size_t i = 0; i < COUNT_OF(wordings) && !path.failed; i++) {
        const struct wording *row = &wordings[i];
        if (row->operation == operation && row->constraint == constraint &&
            (row->cohorts & 1U << validation) != 0 &&
            slice_equal(slice_of_cstring(row->path), buf_slice(&path))) {
            found = row;
            break;
        }
    }
    buf_fini(&path);
    return found;
}

/* ---- Words -------------------------------------------------------------------------------------
 */

static void append_enum_words(const struct shape *shape, struct buf *out)
{
    buf_append(out, SLICE("Member must satisfy enum value set: ["));
    for (unsigned i = 0; i < shape->value_count; i++) {
        if (i > 0)
            buf_append(out, SLICE(", "));
        buf_append(out, shape->values[i]);
    }
    buf_append_byte(out, ']');
}

static bool is_number(const struct shape *shape)
{
    return shape->kind == SHAPE_INTEGER || shape->kind == SHAPE_LONG;
}

/* All limits of a shape, as they are listed for the elements, keys and values in a container. */
static void append_limits(const struct shape *shape, struct buf *out)
{
    const char *what = is_number(shape) ? "value" : "length";
    const char *comma = "";
    if (shape->has_max) {
        buf_append_format(out, "Member must have %s less than or equal to %" PRId64, what,
                          shape->max);
        comma = ", ";
    }
    if (shape->has_min) {
        buf_append_format(out, "%sMember must have %s greater than or equal to %" PRId64, comma,
                          what, shape->min);
        comma = ", ";
    }
    if (shape->pattern != PATTERN_NONE)
        buf_append_format(out, "%sMember must satisfy regular expression pattern: %s", comma,
                          pattern_texts[shape->pattern]);
    if (shape->kind == SHAPE_ENUM) {
        buf_append_format(out, "%s", comma);
        append_enum_words(shape, out);
    }
}

static void append_words(const struct shape *shape, enum constraint constraint, struct buf *out)
{
    switch (constraint) {
    case CONSTRAINT_NOT_NULL:
        buf_append(out, SLICE("Member must not be null"));
        break;
    case CONSTRAINT_ENUM:
        append_enum_words(shape, out);
        break;
    case CONSTRAINT_PATTERN:
        buf_append_format(out, "Member must satisfy regular expression pattern: %s",
                          pattern_texts[shape->pattern]);
        break;
    case CONSTRAINT_LENGTH_MIN:
    case CONSTRAINT_VALUE_MIN:
        buf_append_format(out, "Member must have %s greater than or equal to %" PRId64,
                          constraint == CONSTRAINT_VALUE_MIN ? "value" : "length", shape->min);
        break;
    case CONSTRAINT_LENGTH_MAX:
    case CONSTRAINT_VALUE_MAX:
        buf_append_format(out, "Member must have %s less than or equal to %" PRId64,
                          constraint == CONSTRAINT_VALUE_MAX ? "value" : "length", shape->max);
        break;
    case CONSTRAINT_ELEMENTS:
    case CONSTRAINT_VALUES:
        buf_append(out, constraint == CONSTRAINT_ELEMENTS
                            ? SLICE("Member must satisfy constraint: [")
                            : SLICE("Map value must satisfy constraint: ["));
        append_limits(shape->element, out);
        buf_append_byte(out, ']');
        break;
    case CONSTRAINT_KEYS:
        buf_append(out, SLICE("Map keys must satisfy constraint: ["));
        append_limits(shape->key, out);
        buf_append_byte(out, ']');
        break;
    }
}

/* ---- The whole ---------------------------------------------------------------------------------
 */

/* Text that was cut, without its last character, which may not be whole. */
static struct slice whole_characters(struct slice text)
{
    size_t size = text.size;
    while (size > 0 && (text.data[size - 1] & 0xc0) == 0x80)
        size--;
    return slice_of(text.data, size > 0 ? size - 1 : 0);
}

/* The value in quotes. BatchGetItem's newer front end prints JSON, all else prints Java objects. */
static void append_value(enum model_operation operation, const struct finding *finding,
                         struct buf *out)
{
    if (finding->value == NULL) {
        buf_append(out, SLICE("null"));
        return;
    }
    struct buf text;
    buf_init(&text, NULL, VALUE_TEXT_BYTES_MAX);
    if (operation == MODEL_OPERATION_BATCH_GET_ITEM && finding->constraint == CONSTRAINT_KEYS) {
        struct json_writer writer;
        json_writer_init(&writer, &text);
        shape_to_json(finding->shape, finding->value, &writer);
    } else {
        shape_to_text(finding->shape, finding->value, &text);
    }
    buf_append_byte(out, '\'');
    if (text.failed) {
        buf_append(out, whole_characters(buf_slice(&text)));
        buf_append(out, SLICE("..."));
    } else {
        buf_append(out, buf_slice(&text));
    }
    buf_append_byte(out, '\'');
    buf_fini(&text);
}

bool finding_to_text(enum model_operation operation, const struct finding *finding,
                     const struct wording *wording, struct buf *out)
{
    bool is_classic = wording == NULL || (wording->manner & MANNER_CLASSIC) != 0;
    unsigned manner = is_classic ? 0 : wording->manner;
    if (is_classic) {
        buf_append(out, SLICE("Value "));
        append_value(operation, finding, out);
        buf_append(out, SLICE(" at '"));
        append_path(finding->place, PATH_CLASSIC, out);
        buf_append(out, SLICE("' failed to satisfy constraint: "));
    } else if ((manner & MANNER_NAMELESS) != 0) {
        buf_append(out, SLICE("Failed to satisfy constraint: "));
    } else if ((manner & MANNER_SENTENCE) == 0) {
        buf_append(out, SLICE("Value at '"));
        append_path(finding->place, PATH_NEW, out);
        buf_append(out, SLICE("' failed to satisfy constraint: "));
    }
    if (wording != NULL && wording->words != NULL)
        buf_append(out, slice_of_cstring(wording->words));
    else
        append_words(finding->shape, finding->constraint, out);
    return !out->failed;
}
