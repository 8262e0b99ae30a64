#ifndef HASHRANGE_TESTS_UNIT_STORE_FAILING_CALLS_H
#define HASHRANGE_TESTS_UNIT_STORE_FAILING_CALLS_H

/*
 * Does something again and again, while another call of the store fails each time, until there are
 * no more calls that could:
 *
 *     struct failing_calls failing = {.store = fault_store};
 *     while (failing_calls_begin(&failing)) {
 *         do it
 *         if (failing_calls_end(&failing))
 *             it must have failed
 *     }
 */

#include "store/fault/fault_store.h"

struct failing_calls {
    struct store *store; /* a fault_store */
    uint64_t nth;        /* the call that fails; at the end one more than there are */
    uint64_t before;     /* calls up to now */
    bool is_over;
};

/* From here on the next call fails, and every commit. */
static inline bool failing_calls_begin(struct failing_calls *failing)
{
    if (failing->is_over)
        return false;
    const struct fault_rule rules[] = {
        {.call = FAULT_ANY,
         .effect = FAULT_FAIL,
         .first = ++failing->nth,
         .error_kind = ERROR_INTERNAL},
        {.call = FAULT_TRANSACT,
         .effect = FAULT_FAIL_COMMIT,
         .first = 1,
         .every = 1,
         .error_kind = ERROR_INTERNAL},
    };
    failing->before = fault_store_calls(failing->store, FAULT_ANY);
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        fault_store_add_rule(failing->store, &rules[i]);
    return true;
}

/* Was there such a call? */
static inline bool failing_calls_end(struct failing_calls *failing)
{
    fault_store_clear_rules(failing->store);
    uint64_t calls = fault_store_calls(failing->store, FAULT_ANY) - failing->before;
    failing->is_over = calls < failing->nth;
    return !failing->is_over;
}

#endif
