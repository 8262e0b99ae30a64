/* Operations by name, by X-Amz-Target and back. */

#include "base/check.h"
#include "model/model.h"
#include "model/shape_table.h"

static const struct operation_row *row(enum model_operation operation)
{
    CHECK(operation > MODEL_OPERATION_NONE && operation < MODEL_OPERATION_ALL_COUNT);
    return &operation_rows[operation];
}

/* Among the rows from low to before high, which are sorted by name. */
static enum model_operation find(struct slice name, int low, int high)
{
    while (low < high) {
        int middle = low + (high - low) / 2;
        int order = slice_compare(name, operation_rows[middle].name);
        if (order == 0)
            return (enum model_operation)middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return MODEL_OPERATION_NONE;
}

enum model_operation model_operation_of_name(struct slice name)
{
    return find(name, MODEL_OPERATION_NONE + 1, MODEL_OPERATION_COUNT);
}

static enum model_operation find_in_service(struct slice name, int service)
{
    enum model_operation operation = model_operation_of_name(name);
    if (operation != MODEL_OPERATION_NONE && (int)row(operation)->service == service)
        return operation;
    operation = find(name, MODEL_OPERATION_COUNT, MODEL_OPERATION_ALL_COUNT);
    if (operation != MODEL_OPERATION_NONE && (int)row(operation)->service == service)
        return operation;
    return MODEL_OPERATION_NONE;
}

enum model_operation model_operation_of_target(struct slice target)
{
    for (int service = 0; service < MODEL_SERVICE_COUNT; service++) {
        struct slice prefix = service_prefixes[service];
        if (!slice_starts_with(target, prefix))
            continue;
        struct slice rest = slice_after(target, prefix.size);
        if (rest.size == 0 || rest.data[0] != '.')
            continue;
        enum model_operation operation = find_in_service(slice_after(rest, 1), service);
        if (operation != MODEL_OPERATION_NONE)
            return operation;
    }
    return MODEL_OPERATION_NONE;
}

struct slice model_operation_name(enum model_operation operation)
{
    return row(operation)->name;
}

enum model_service model_operation_service(enum model_operation operation)
{
    return row(operation)->service;
}

struct slice model_input_text(enum model_operation operation, const void *input,
                              struct slice member)
{
    const struct shape *shape = row(operation)->input;
    for (size_t i = 0; i < shape->member_count; i++) {
        const struct shape_member *at = &shape->members[i];
        if (at->shape->kind == SHAPE_STRING && slice_equal(at->name, member))
            return *(const struct slice *)((const uint8_t *)input + at->offset);
    }
    return SLICE_ABSENT;
}
