#ifndef HASHRANGE_AUTH_SCOPE_H
#define HASHRANGE_AUTH_SCOPE_H

/*
 * What is known while a question is decided: condition keys and variables get their values here
 * (IAM user guide, "Global condition context keys"). Keys that follow from the principal are
 * answered from it, all others by the look-up of whoever asks.
 */

#include "auth/decide.h"

struct auth_scope {
    const struct auth_principal *principal; /* NULL: none; then all keys are looked up */
    auth_context *look_up;                  /* NULL: nothing else is known */
    void *context;
    struct arena *arena;
};

/* *ret_values has no items when the request does not have the key. */
MUST_USE const struct error *auth_scope_find(const struct auth_scope *scope, struct slice key,
                                             struct auth_values *ret_values);

/* The same as an auth_variable (auth/pattern.h): a key with several values has none to insert.
 * context is the scope. */
MUST_USE const struct error *auth_scope_variable(void *context, struct slice key,
                                                 struct slice *ret_value);

#endif
