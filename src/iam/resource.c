#include "iam/resource.h"

#include "iam/action.h"

const struct error *iam_resource_any(struct iam_call *call)
{
    call->resource = SLICE("*");
    return NULL;
}
