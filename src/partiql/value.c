/* Literals. The words of errors name the way into the value: root.x[1] (observed). */

#include <stdlib.h>

#include "base/buf.h"
#include "num/num.h"
#include "partiql/builder.h"
#include "partiql/problem.h"

/* Where a literal is within the whole one, from the inside out. */
struct place {
    const struct place *outer;
    struct slice name; /* of a member, or */
    uint32_t index;    /* of an element */
    bool is_element;
    uint32_t depth;
};

static void write_place(struct buf *out, const struct place *place)
{
    if (place == NULL) {
        buf_append(out, SLICE("root"));
        return;
    }
    write_place(out, place->outer);
    if (place->is_element)
        buf_append_format(out, "[%u]", place->index);
    else
        buf_append_format(out, ".%.*s", SLICE_PRINT(place->name));
}

static const struct error *problem_under(const struct builder *builder, const struct place *place,
                                         const char *words)
{
    struct buf message;
    buf_init(&message, builder->arena, SIZE_MAX);
    buf_append(&message, slice_of_cstring(words));
    buf_append(&message, SLICE(" under "));
    write_place(&message, place);
    if (message.failed)
        return error_exhausted();
    return error_make_slice(builder->arena, ERROR_VALIDATION, buf_slice(&message));
}

/* --- numbers --- */

static const char *words_of_number(enum num_status status)
{
    switch (status) {
    case NUM_TOO_PRECISE:
        return "Attempting to store more than 38 significant digits in a Number";
    case NUM_OVERFLOW:
        return "Number overflow. Attempting to store a number with magnitude larger than supported "
               "range";
    case NUM_UNDERFLOW:
        return "Number underflow. Attempting to store a number with magnitude smaller than "
               "supported range";
    default:
        return "The parameter cannot be converted to a numeric value";
    }
}

static const struct error *build_number(const struct builder *builder, const struct syntax *node,
                                        const struct place *place, struct value *ret_value)
{
    struct num num;
    enum num_status status = num_parse(node->value, &num);
    if (status != NUM_OK)
        return problem_under(builder, place, words_of_number(status));
    if (node->negated && num.digit_count > 0)
        num.negative = !num.negative;
    return value_build_number(builder->arena, &num, ret_value) ? NULL : error_exhausted();
}

/* --- sets --- */

static const struct error *repeated_member(const struct builder *builder, const struct syntax *bag,
                                           const struct place *place)
{
    struct buf message;
    bool numbers = bag->first->kind == SYNTAX_NUMBER;
    buf_init(&message, builder->arena, SIZE_MAX);
    buf_append(&message, SLICE("One or more parameter values were invalid: Input collection ["));
    for (const struct syntax *node = bag->first; node != NULL; node = node->next) {
        buf_append_format(&message, "%s%s", node == bag->first ? "" : ", ",
                          numbers && node->negated ? "-" : "");
        buf_append(&message, node->value);
    }
    buf_append(&message,
               numbers ? SLICE("] contains duplicates! under ") : SLICE("] contains duplicates."));
    if (numbers)
        write_place(&message, place);
    if (message.failed)
        return error_exhausted();
    return error_make_slice(builder->arena, ERROR_VALIDATION, buf_slice(&message));
}

static const struct error *build_bag(const struct builder *builder, const struct syntax *node,
                                     const struct place *place, struct value *ret_value)
{
    if (node->count == 0)
        return problem(builder->arena, "Empty bags are not supported");
    enum syntax_kind kind = node->first->kind;
    struct value *members = ARENA_NEW_ARRAY(builder->arena, struct value, node->count);
    if (members == NULL)
        return error_exhausted();
    size_t count = 0;
    for (const struct syntax *member = node->first; member != NULL; member = member->next) {
        if (member->kind != kind || (kind != SYNTAX_STRING && kind != SYNTAX_NUMBER))
            return problem(builder->arena, "Unsupported data type in Bag. DynamoDB only supports "
                                           "either numbers or strings in bags");
        const struct error *error = NULL;
        if (kind == SYNTAX_NUMBER)
            error = build_number(builder, member, place, &members[count]);
        else
            members[count] = value_string(member->value);
        if (error != NULL)
            return error;
        count++;
    }
    enum value_type type = kind == SYNTAX_NUMBER ? VALUE_NUMBER_SET : VALUE_STRING_SET;
    if (!value_build_set(builder->arena, type, members, count, ret_value))
        return error_exhausted();
    return value_count(*ret_value) == count ? NULL : repeated_member(builder, node, place);
}

/* --- lists and maps --- */

static const struct error *build_at(const struct builder *builder, const struct syntax *node,
                                    const struct place *place, struct value *ret_value);

static const struct error *build_list(const struct builder *builder, const struct syntax *node,
                                      const struct place *place, struct value *ret_value)
{
    struct value *elements = ARENA_NEW_ARRAY(builder->arena, struct value, node->count);
    if (elements == NULL)
        return error_exhausted();
    struct place inner = {
        .outer = place, .is_element = true, .depth = place == NULL ? 1 : place->depth + 1};
    for (const struct syntax *element = node->first; element != NULL; element = element->next) {
        const struct error *error = build_at(builder, element, &inner, &elements[inner.index]);
        if (error != NULL)
            return error;
        inner.index++;
    }
    return value_build_list(builder->arena, elements, node->count, ret_value) ? NULL
                                                                              : error_exhausted();
}

static int compare_members(const void *left, const void *right)
{
    return slice_compare(((const struct value_member *)left)->name,
                         ((const struct value_member *)right)->name);
}

static const struct error *check_distinct(const struct builder *builder,
                                          struct value_member *members, size_t count)
{
    qsort(members, count, sizeof(*members), compare_members);
    for (size_t i = 1; i < count; i++)
        if (slice_equal(members[i - 1].name, members[i].name))
            return problem(builder->arena, "A map must not have the same key twice: %.*s",
                           SLICE_PRINT(members[i].name));
    return NULL;
}

/* Each member's value is built as the place says, or as a literal of its own. */
static const struct error *build_members(const struct builder *builder, const struct syntax *node,
                                         struct place *place, struct value_member *member)
{
    for (const struct syntax *key = node->first; key != NULL; key = key->next->next, member++) {
        if (key->kind != SYNTAX_STRING)
            return problem_at(builder->arena, builder->text, key->token->text,
                              "Unsupported key in a map: only strings are supported");
        if (key->value.size == 0)
            return problem(builder->arena, "Empty attribute name");
        member->name = key->value;
        const struct error *error;
        if (place != NULL) {
            place->name = key->value;
            error = build_at(builder, key->next, place, &member->value);
        } else {
            error = build_value(builder, key->next, &member->value);
        }
        if (error != NULL)
            return error;
    }
    return NULL;
}

static const struct error *build_map(const struct builder *builder, const struct syntax *node,
                                     struct place *place, struct value *ret_map)
{
    size_t count = node->count / 2;
    struct value_member *members = ARENA_NEW_ARRAY(builder->arena, struct value_member, count);
    if (members == NULL)
        return error_exhausted();
    const struct error *error = build_members(builder, node, place, members);
    if (error == NULL)
        error = check_distinct(builder, members, count);
    if (error != NULL)
        return error;
    return value_build_map(builder->arena, members, count, ret_map) ? NULL : error_exhausted();
}

static const struct error *build_struct(const struct builder *builder, const struct syntax *node,
                                        const struct place *place, struct value *ret_value)
{
    struct place inner = {.outer = place, .depth = place == NULL ? 1 : place->depth + 1};
    return build_map(builder, node, &inner, ret_value);
}

const struct error *build_item_map(const struct builder *builder, const struct syntax *literal,
                                   struct value *ret_map)
{
    return build_map(builder, literal, NULL, ret_map);
}

/* --- all --- */

static const struct error *unsupported_type(const struct builder *builder,
                                            const struct syntax *node, const struct place *place)
{
    struct buf way;
    buf_init(&way, builder->arena, SIZE_MAX);
    write_place(&way, place);
    const char *type = "VariableReference";
    if (node->kind == SYNTAX_PARAMETER)
        type = "Parameter";
    else if (node->kind == SYNTAX_MISSING)
        type = "MISSING";
    else if (node->kind != SYNTAX_NAME && node->kind != SYNTAX_CALL)
        type = "Expression";
    struct slice name = slice_of_cstring(type);
    if (node->kind == SYNTAX_CALL)
        name = problem_lower_case(builder->arena, node->value);
    if (way.failed)
        return error_exhausted();
    return problem_at(builder->arena, builder->text, node->token->text,
                      "Unsupported data type: %.*s under key %.*s", SLICE_PRINT(name),
                      SLICE_PRINT(buf_slice(&way)));
}

static const struct error *build_at(const struct builder *builder, const struct syntax *node,
                                    const struct place *place, struct value *ret_value)
{
    /* A parameter, which may be deep itself, cannot stand inside. */
    if (place != NULL && place->depth >= VALUE_NESTING_MAX)
        return problem_under(builder, place, "Nesting Levels have exceeded supported limits");
    switch (node->kind) {
    case SYNTAX_STRING:
        *ret_value = value_string(node->value);
        return NULL;
    case SYNTAX_NUMBER:
        return build_number(builder, node, place, ret_value);
    case SYNTAX_TRUE:
        *ret_value = (struct value){VALUE_TRUE, SLICE("")};
        return NULL;
    case SYNTAX_FALSE:
        *ret_value = (struct value){VALUE_FALSE, SLICE("")};
        return NULL;
    case SYNTAX_NULL:
        *ret_value = (struct value){VALUE_NULL, SLICE("")};
        return NULL;
    case SYNTAX_LIST:
        return build_list(builder, node, place, ret_value);
    case SYNTAX_BAG:
        return build_bag(builder, node, place, ret_value);
    case SYNTAX_STRUCT:
        return build_struct(builder, node, place, ret_value);
    default:
        return unsupported_type(builder, node, place);
    }
}

const struct error *build_parameter(const struct builder *builder, const struct syntax *node,
                                    struct value *ret_value)
{
    if (node->position >= builder->parameter_count)
        return problem(builder->arena,
                       "Number of parameters in request and statement don't match.");
    *ret_value = builder->parameters[node->position];
    return NULL;
}

const struct error *build_value(const struct builder *builder, const struct syntax *node,
                                struct value *ret_value)
{
    if (node->kind == SYNTAX_PARAMETER)
        return build_parameter(builder, node, ret_value);
    return build_at(builder, node, NULL, ret_value);
}

bool is_value(const struct syntax *node)
{
    switch (node->kind) {
    case SYNTAX_STRING:
    case SYNTAX_NUMBER:
    case SYNTAX_TRUE:
    case SYNTAX_FALSE:
    case SYNTAX_NULL:
    case SYNTAX_LIST:
    case SYNTAX_BAG:
    case SYNTAX_STRUCT:
    case SYNTAX_PARAMETER:
        return true;
    default:
        return false;
    }
}
