#include "iam/resource.h"

#include "base/buf.h"
#include "iam/action.h"

enum { ARN_BYTES_MAX = 512, NAME_BYTES_MAX = 128 };

const struct error *iam_resource_any(struct iam_call *call)
{
    call->resource = SLICE("*");
    return NULL;
}

const struct error *iam_resource_federated_user(struct iam_call *call)
{
    struct buf arn;
    struct slice name = http_form_value(call->form, SLICE("Name"));
    if (name.size > NAME_BYTES_MAX) /* it will be refused for its length */
        name.size = NAME_BYTES_MAX;
    buf_init(&arn, call->arena, ARN_BYTES_MAX);
    buf_append_format(&arn, "arn:aws:sts::%.*s:federated-user/", SLICE_PRINT(call->iam->account));
    buf_append(&arn, name);
    call->resource = buf_slice(&arn);
    return arn.failed ? error_exhausted() : NULL;
}
