#include "api/asked.h"

enum model_operation api_asked_of_target(struct slice target, struct api_asked *ret_asked)
{
    enum model_operation asked = model_operation_of_target(target);
    enum model_operation operation = v2011_current_operation(asked);
    *ret_asked = (struct api_asked){.operation = asked};
    return op_row(operation)->run == NULL ? MODEL_OPERATION_NONE : operation;
}

const struct error *api_asked_read(struct api_asked *asked, struct op_call *call, struct slice json,
                                   unsigned json_depth)
{
    void *input;
    const struct error *error = model_decode_input(call->arena, asked->operation, json, &input);
    if (error != NULL)
        return error;
    call->validation =
        model_validation_of_request(asked->operation, call->environment->validation, json_depth);
    error = model_validate_input(call->arena, asked->operation, call->validation, input);
    if (error != NULL)
        return error;
    if (v2011_is_operation(asked->operation))
        return v2011_translate_input(call, asked->operation, input, &asked->older);
    call->operation = asked->operation;
    call->input = input;
    return NULL;
}

const struct error *api_asked_check(const struct api_asked *asked)
{
    return asked->older == NULL ? NULL : v2011_check(asked->older);
}

const struct error *api_asked_write(const struct api_asked *asked, const struct op_call *call,
                                    struct json_writer *writer)
{
    void *output = call->output;
    if (asked->older != NULL) {
        const struct error *error = v2011_translate_output(asked->older, call->output, &output);
        if (error != NULL)
            return error;
    }
    model_encode_output(asked->operation, output, writer);
    return NULL;
}

const struct error *api_asked_error(const struct api_asked *asked, const struct error *error)
{
    return asked->older == NULL ? error : v2011_translate_error(asked->older, error);
}
