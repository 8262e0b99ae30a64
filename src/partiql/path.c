/* Document paths: a."b c"[3].d */

#include "base/buf.h"
#include "partiql/builder.h"
#include "partiql/problem.h"

bool is_path(const struct syntax *node)
{
    return node->kind == SYNTAX_NAME || node->kind == SYNTAX_PATH;
}

static bool is_digits(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.size > 0;
}

/* Up to the largest 32-bit integer; -0 is 0 (observed). */
static bool read_index(const struct syntax *number, uint32_t *ret_index)
{
    uint64_t index = 0;
    for (size_t i = 0; i < number->value.size && index <= INT32_MAX; i++)
        index = index * 10 + (number->value.data[i] - '0');
    if (index > INT32_MAX || (number->negated && index > 0))
        return false;
    *ret_index = (uint32_t)index;
    return true;
}

static const struct error *build_index(const struct builder *builder, const struct syntax *step,
                                       struct path_element *ret_element)
{
    const struct syntax *inner = step->first;
    struct slice place = inner->token->text;
    if (inner->kind == SYNTAX_STRING) {
        *ret_element = (struct path_element){.name = inner->value};
        return NULL;
    }
    if (inner->kind != SYNTAX_NUMBER || !is_digits(inner->value))
        return problem_at(builder->arena, builder->text, place, "Unexpected path component");
    uint32_t index;
    if (!read_index(inner, &index))
        return problem_at(builder->arena, builder->text, place,
                          "List index is not within the allowable range; index: [%s%.*s]",
                          inner->negated ? "-" : "", SLICE_PRINT(inner->value));
    *ret_element = (struct path_element){true, index, inner->value};
    return NULL;
}

static const struct error *build_step(const struct builder *builder, const struct syntax *step,
                                      struct path_element *ret_element)
{
    if (step->kind == SYNTAX_INDEX)
        return build_index(builder, step, ret_element);
    if (step->kind != SYNTAX_NAME)
        return problem_at(builder->arena, builder->text, step->token->text,
                          "Unexpected path component");
    if (step->value.size == 0)
        return problem(builder->arena, "Path component cannot be an empty string");
    *ret_element = (struct path_element){.name = step->value};
    return NULL;
}

const struct error *build_path(const struct builder *builder, const struct syntax *node,
                               struct path *ret_path)
{
    uint32_t count = node->kind == SYNTAX_PATH ? node->count : 1;
    const struct syntax *step = node->kind == SYNTAX_PATH ? node->first : node;
    struct path_element *elements = ARENA_NEW_ARRAY(builder->arena, struct path_element, count);
    if (elements == NULL)
        return error_exhausted();
    for (uint32_t i = 0; i < count; i++, step = step->next) {
        const struct error *error = build_step(builder, step, &elements[i]);
        if (error != NULL)
            return error;
    }
    *ret_path = (struct path){elements, count};
    return NULL;
}
