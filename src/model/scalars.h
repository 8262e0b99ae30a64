#ifndef HASHRANGE_MODEL_SCALARS_H
#define HASHRANGE_MODEL_SCALARS_H

/* What the members of the generated structs are made of, where a slice does not do. */

#include "base/slice.h"

struct model_integer {
    bool present;
    int64_t value;
};

struct model_boolean {
    bool present;
    bool value;
};

/* Timestamps too: seconds since 1970, with a fraction. */
struct model_double {
    bool present;
    double value;
};

struct model_enum {
    int value;         /* 0: absent, MODEL_ENUM_UNKNOWN, or one of MODEL_<SHAPE>_<VALUE> */
    struct slice text; /* as it was read; not looked at when written */
};

enum { MODEL_ENUM_UNKNOWN = -1 };

#endif
