#include "ops/access.h"

static const struct op_row ROWS[] = {
#define OP_ROW(operation, function, is_long, access)                                               \
    [MODEL_OPERATION_##operation] = {op_##function, op_access_##access, is_long},
#include "ops/operations.def"
#undef OP_ROW
};

static const struct op_row NOT_BUILT = {NULL, NULL, false};

const struct op_row *op_row(enum model_operation operation)
{
    if (operation < 0 || (size_t)operation >= COUNT_OF(ROWS))
        return &NOT_BUILT;
    return &ROWS[operation];
}
