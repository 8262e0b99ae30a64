/* The second look at a tree, when names and values are known: see expr/checks.h. */

#include "base/buf.h"
#include "expr/checks.h"
#include "num/num.h"

/* --- words --- */

void path_write_text(struct buf *out, struct path path)
{
    for (uint32_t i = 0; i < path.count; i++) {
        const struct path_element *element = &path.elements[i];
        buf_append(out, i == 0 ? SLICE("[") : SLICE(", "));
        if (element->is_index)
            buf_append_format(out, "[%u]", element->index);
        else
            buf_append(out, element->name);
    }
    buf_append(out, SLICE("]"));
}

static const struct error *wrong_type(const struct source *source, const struct node *node,
                                      enum value_type type)
{
    return source_error(source,
                        "Incorrect operand type for operator or function; operator or function: "
                        "%.*s, operand type: %.*s",
                        SLICE_PRINT(node->text), SLICE_PRINT(value_type_code(type)));
}

/* --- rules that several operators share --- */

typedef unsigned type_set;
#define TYPE(type) (1u << (type))
#define TYPES_ORDERED (TYPE(VALUE_STRING) | TYPE(VALUE_NUMBER) | TYPE(VALUE_BINARY))
#define TYPES_PREFIXED (TYPE(VALUE_STRING) | TYPE(VALUE_BINARY))
#define TYPES_SIZED                                                                                \
    (TYPE(VALUE_STRING) | TYPE(VALUE_BINARY) | TYPE(VALUE_LIST) | TYPE(VALUE_MAP) |                \
     TYPE(VALUE_STRING_SET) | TYPE(VALUE_NUMBER_SET) | TYPE(VALUE_BINARY_SET))

static const struct error *check_types(const struct source *source, const struct node *node,
                                       type_set allowed)
{
    for (uint32_t i = 0; i < node->operand_count; i++) {
        enum value_type type = node_static_type(node->operands[i]);
        if (type != VALUE_ABSENT && (TYPE(type) & allowed) == 0)
            return wrong_type(source, node, type);
    }
    return NULL;
}

static const struct error *check_distinct(const struct source *source, const struct node *node)
{
    const struct node *first = node->operands[0];
    if (first->kind != NODE_PATH)
        return NULL;
    for (uint32_t i = 1; i < node->operand_count; i++) {
        const struct node *other = node->operands[i];
        if (other->kind != NODE_PATH || path_compare(first->path, other->path) != 0)
            continue;
        struct buf path;
        buf_init(&path, source->scope->arena, SIZE_MAX);
        path_write_text(&path, first->path);
        if (path.failed)
            return error_exhausted();
        return source_error(source,
                            "The first operand must be distinct from the remaining operands for "
                            "this operator or function; operator: %.*s, first operand: %.*s",
                            SLICE_PRINT(node->text), SLICE_PRINT(buf_slice(&path)));
    }
    return NULL;
}

/* --- BETWEEN --- */

/* The words for a bound. Binary is what Java prints for a buffer (observed). */
static void write_bound(struct buf *out, struct value value)
{
    buf_append_format(out, "AttributeValue: {%.*s:", SLICE_PRINT(value_type_code(value.type)));
    struct num num;
    if (value.type == VALUE_STRING) {
        buf_append(out, value.body);
    } else if (value.type == VALUE_NUMBER && value_to_num(value, &num)) {
        char text[NUM_TEXT_BYTES_MAX];
        buf_append(out, slice_of(text, num_format(&num, text)));
    } else if (value.type == VALUE_BINARY) {
        buf_append_format(out, "java.nio.HeapByteBuffer[pos=0 lim=%zu cap=%zu]", value.body.size,
                          value.body.size);
    }
    buf_append(out, SLICE("}"));
}

static const struct error *wrong_bounds(const struct source *source, const char *rule,
                                        struct value low, struct value high)
{
    struct buf message;
    buf_init(&message, source->scope->arena, SIZE_MAX);
    source_begin_error(source, &message);
    buf_append_format(&message, "The BETWEEN operator requires %s; lower bound operand: ", rule);
    write_bound(&message, low);
    buf_append(&message, SLICE(", upper bound operand: "));
    write_bound(&message, high);
    if (message.failed)
        return error_exhausted();
    return error_make_slice(source->scope->arena, ERROR_VALIDATION, buf_slice(&message));
}

static const struct error *check_between(const struct source *source, const struct node *node)
{
    const struct error *error = check_distinct(source, node);
    if (error == NULL)
        error = check_types(source, node, TYPES_ORDERED);
    if (error != NULL || node->operands[1]->kind != NODE_VALUE ||
        node->operands[2]->kind != NODE_VALUE)
        return error;
    struct value low = node->operands[1]->value;
    struct value high = node->operands[2]->value;
    if (low.type != high.type)
        return wrong_bounds(source, "same data type for lower and upper bounds", low, high);
    if (value_compare(low, high) > 0)
        return wrong_bounds(source, "upper bound to be greater than or equal to lower bound", low,
                            high);
    return NULL;
}

/* --- functions --- */

/* The type of a path is not known yet: all that it may be. */
#define ANY_TYPE "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"
#define TYPE_NAMES "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
#define TYPE_NAMES_OF_STATEMENT "{N,BS,L,B,NULL,M,S,SS,NS,BOOL}"

static const struct error *check_attribute_type(const struct source *source,
                                                const struct node *node)
{
    const struct node *named = node->operands[1];
    enum value_type type = node_static_type(named);
    if (type == VALUE_ABSENT)
        return source_error(source,
                            "Incorrect operand type for operator or function; operator or "
                            "function: %.*s, operand type: " ANY_TYPE,
                            SLICE_PRINT(node->text));
    if (type != VALUE_STRING)
        return wrong_type(source, node, type);
    if (value_type_of_code(named->value.body) == VALUE_ABSENT)
        return source_error(
            source, "Invalid attribute type name found; type: %.*s, valid types: %s",
            SLICE_PRINT(named->value.body),
            source->parameter == EXPR_STATEMENT ? TYPE_NAMES_OF_STATEMENT : TYPE_NAMES);
    return NULL;
}

static const struct error *check_types_of_call(const struct source *source, const struct node *node)
{
    switch (node->function) {
    case FUNCTION_ATTRIBUTE_TYPE:
        return check_attribute_type(source, node);
    case FUNCTION_BEGINS_WITH:
        return check_types(source, node, TYPES_PREFIXED);
    case FUNCTION_SIZE:
        return check_types(source, node, TYPES_SIZED);
    case FUNCTION_LIST_APPEND:
        return check_types(source, node, TYPE(VALUE_LIST));
    default:
        return NULL;
    }
}

static bool takes_path_first(enum function function)
{
    return function == FUNCTION_ATTRIBUTE_EXISTS || function == FUNCTION_ATTRIBUTE_NOT_EXISTS ||
           function == FUNCTION_ATTRIBUTE_TYPE || function == FUNCTION_IF_NOT_EXISTS;
}

static const struct error *check_call(const struct source *source, const struct node *node)
{
    if (node->operand_count != function_operand_count(node->function))
        return source_error(source,
                            "Incorrect number of operands for operator or function; operator or "
                            "function: %.*s, number of operands: %u",
                            SLICE_PRINT(node->text), node->operand_count);
    if (takes_path_first(node->function) && node->operands[0]->kind != NODE_PATH)
        return source_error(source,
                            "Operator or function requires a document path; operator or function: "
                            "%.*s",
                            SLICE_PRINT(node->text));
    if (node->function != FUNCTION_LIST_APPEND) {
        const struct error *error = check_distinct(source, node);
        if (error != NULL)
            return error;
    }
    return check_types_of_call(source, node);
}

/* --- all of them --- */

static const struct error *check_comparison(const struct source *source, const struct node *node)
{
    const struct error *error = check_distinct(source, node);
    if (error != NULL || node->kind == NODE_EQUAL || node->kind == NODE_NOT_EQUAL)
        return error;
    return check_types(source, node, TYPES_ORDERED);
}

static const struct error *check_in(const struct source *source, const struct node *node)
{
    uint32_t count = node->operand_count - 1;
    if (count > EXPR_IN_OPERANDS_MAX)
        return source_error(source,
                            "The IN operator is provided with too many operands; number of "
                            "operands: %u",
                            count);
    return check_distinct(source, node);
}

static const struct error *check_path_depth(const struct source *source, const struct node *node)
{
    if (node->path.count <= PATH_DEPTH_MAX)
        return NULL;
    return source_error(source, "The document path has too many nesting levels; nesting levels: %u",
                        node->path.count);
}

const struct error *check_operands(const struct source *source, const struct node *node)
{
    for (uint32_t i = 0; i < node->operand_count; i++) {
        const struct error *error = check_operands(source, node->operands[i]);
        if (error != NULL)
            return error;
    }
    switch (node->kind) {
    case NODE_PATH:
        return check_path_depth(source, node);
    case NODE_CALL:
        return check_call(source, node);
    case NODE_PLUS:
    case NODE_MINUS:
        return check_types(source, node, TYPE(VALUE_NUMBER));
    case NODE_BETWEEN:
        return check_between(source, node);
    case NODE_IN:
        return check_in(source, node);
    case NODE_EQUAL:
    case NODE_NOT_EQUAL:
    case NODE_LESS:
    case NODE_LESS_OR_EQUAL:
    case NODE_GREATER:
    case NODE_GREATER_OR_EQUAL:
        return check_comparison(source, node);
    default:
        return NULL;
    }
}

const struct error *check_condition(const struct source *source, struct node *node)
{
    if (node->kind < NODE_NOT) {
        const struct error *error = resolve(source, node, RESOLVE_NAMES | RESOLVE_VALUES);
        return error != NULL ? error : check_operands(source, node);
    }
    for (uint32_t i = 0; i < node->operand_count; i++) {
        const struct error *error = check_condition(source, node->operands[i]);
        if (error != NULL)
            return error;
    }
    return NULL;
}
