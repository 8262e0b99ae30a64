#ifndef HASHRANGE_TESTS_UNIT_V2011_OLDER_CALL_H
#define HASHRANGE_TESTS_UNIT_V2011_OLDER_CALL_H

/* A request of API version 2011-12-05 against the operations, as api/ puts it to them. */

#include "ops/case_runner.h"
#include "v2011/v2011.h"

/* PutItem is MODEL_OPERATION_V2011_PUT_ITEM. */
static inline enum model_operation older_operation(struct slice name)
{
    char target[64];
    snprintf(target, sizeof(target), "DynamoDB_20111205.%.*s", SLICE_PRINT(name));
    return model_operation_of_target(slice_of_cstring(target));
}

/* call: made by case_make_call. */
static inline const struct error *older_translate(struct case_call *call,
                                                  enum model_operation operation, struct slice json,
                                                  struct v2011_request **ret_request)
{
    void *asked = NULL;
    struct arena *arena = call->call.arena;
    const struct error *error = model_decode_input(arena, operation, json, &asked);
    if (error == NULL)
        error = model_validate_input(arena, operation, call->call.validation, asked);
    if (error == NULL)
        error = v2011_translate_input(&call->call, operation, asked, ret_request);
    return error;
}

static inline const struct error *older_run(struct case_call *call,
                                            const struct v2011_request *request, void **ret_answer)
{
    const struct error *error = v2011_check(request);
    if (error != NULL)
        return error;
    op_row(call->call.operation)->run(&call->call);
    case_await_call(call);
    if (call->call.error != NULL)
        return v2011_translate_error(request, call->call.error);
    return v2011_translate_output(request, call->call.output, ret_answer);
}

#endif
