#ifndef HASHRANGE_MODEL_CONTAINER_H
#define HASHRANGE_MODEL_CONTAINER_H

/*
 * Lists and maps of the generated structs, whatever they hold: each is {bool present; size_t count;
 * T *elements}. Pointers are read and written as bytes, since a T * is no uint8_t * to the
 * compiler. Inside the model layer only.
 */

#include "base/slice.h"

struct container {
    bool present;
    size_t count;
    uint8_t *elements;
};

static inline void *pointer_load(const void *at)
{
    void *pointer;
    memcpy(&pointer, at, sizeof(pointer));
    return pointer;
}

static inline void pointer_store(void *at, void *pointer)
{
    memcpy(at, &pointer, sizeof(pointer));
}

static inline struct container container_load(const void *at)
{
    struct container container;
    memcpy(&container, at, sizeof(container));
    return container;
}

static inline void container_store(void *at, const struct container *container)
{
    memcpy(at, container, sizeof(*container));
}

#endif
