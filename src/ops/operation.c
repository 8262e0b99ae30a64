#include "ops/operation.h"

static const struct op_row ROWS[] = {
#define OP_ROW(operation, function, is_long)                                                       \
    [MODEL_OPERATION_##operation] = {op_##function, is_long},
#include "ops/operations.def"
#undef OP_ROW
};

static const struct op_row NOT_BUILT = {NULL, false};

const struct op_row *op_row(enum model_operation operation)
{
    if (operation < 0 || (size_t)operation >= COUNT_OF(ROWS))
        return &NOT_BUILT;
    return &ROWS[operation];
}
