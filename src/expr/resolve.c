/* Names and values in the place of what was written: see expr/checks.h. */

#include "expr/checks.h"
#include "expr/scope.h"

static const struct error *resolve_path(const struct source *source, struct node *node)
{
    if (node->resolved)
        return NULL;
    for (uint32_t i = 0; i < node->path.count; i++) {
        struct path_element *element = &node->elements[i];
        if (element->is_index || element->name.data[0] != '#')
            continue;
        struct expr_placeholder *placeholder = scope_find_name(source->scope, element->name);
        if (placeholder == NULL)
            return source_error(source,
                                "An expression attribute name used in the document path is not "
                                "defined; attribute name: %.*s",
                                SLICE_PRINT(element->name));
        placeholder->used = true;
        element->name = placeholder->name;
    }
    node->resolved = true;
    return NULL;
}

static const struct error *resolve_value(const struct source *source, struct node *node)
{
    struct expr_placeholder *placeholder = scope_find_value(source->scope, node->text);
    if (placeholder == NULL)
        return source_error(source,
                            "An expression attribute value used in expression is not defined; "
                            "attribute value: %.*s",
                            SLICE_PRINT(node->text));
    placeholder->used = true;
    node->value = placeholder->value;
    node->resolved = true;
    return NULL;
}

const struct error *resolve(const struct source *source, struct node *node, unsigned what)
{
    if (node->kind == NODE_PATH)
        return (what & RESOLVE_NAMES) != 0 ? resolve_path(source, node) : NULL;
    if (node->kind == NODE_VALUE)
        return (what & RESOLVE_VALUES) != 0 ? resolve_value(source, node) : NULL;
    for (uint32_t i = 0; i < node->operand_count; i++) {
        const struct error *error = resolve(source, node->operands[i], what);
        if (error != NULL)
            return error;
    }
    return NULL;
}
