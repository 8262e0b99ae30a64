#include "ops/validation_error.h"

bool op_is_new_wording(const struct op_call *call)
{
    if (call->validation != MODEL_VALIDATION_NEW)
        return false;
    switch (call->operation) {
    case MODEL_OPERATION_PUT_ITEM:
    case MODEL_OPERATION_UPDATE_ITEM:
    case MODEL_OPERATION_DELETE_ITEM:
    case MODEL_OPERATION_GET_ITEM:
    case MODEL_OPERATION_BATCH_GET_ITEM:
    case MODEL_OPERATION_QUERY:
        return true;
    default:
        return false;
    }
}

const struct error *op_validation_error(const struct op_call *call, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const struct error *error = error_make_va(call->arena, ERROR_VALIDATION, format, arguments);
    va_end(arguments);
    return error;
}

static bool has_prefix(const struct op_call *call)
{
    return op_is_new_wording(call) && (call->operation == MODEL_OPERATION_PUT_ITEM ||
                                       call->operation == MODEL_OPERATION_UPDATE_ITEM ||
                                       call->operation == MODEL_OPERATION_DELETE_ITEM);
}

const struct error *op_parameter_error(const struct op_call *call, const struct error *error)
{
    if (error == NULL || error->kind != ERROR_VALIDATION || !has_prefix(call))
        return error;
    struct buf message;
    buf_init(&message, call->arena, SIZE_MAX);
    buf_append(&message, SLICE("1 validation error detected: "));
    buf_append(&message, error->message);
    if (message.failed)
        return error_exhausted();
    return error_make_slice(call->arena, error->kind, buf_slice(&message));
}

const struct error *op_value_problem(const struct op_call *call,
                                     const struct value_reading *reading)
{
    return op_is_new_wording(call) ? reading->problem : reading->problem_classic;
}

const struct error *op_item_problem(const struct op_call *call, const struct item_reading *reading)
{
    return op_is_new_wording(call) ? reading->problem : reading->problem_classic;
}

const struct error *op_error_copy(const struct op_call *call, const struct error *error)
{
    struct slice message;
    if (!arena_copy(call->arena, error->message, &message))
        return error_exhausted();
    return error_make_slice(call->arena, error->kind, message);
}
