#ifndef HASHRANGE_BASE_ERROR_H
#define HASHRANGE_BASE_ERROR_H

/*
 * The one error type. A function that can fail returns `const struct error *`: NULL is success.
 * Its words are set once, where they are known; callers above only pass it on (or decide).
 *
 *     const struct error *error = item_from_json(...);
 *     if (error != NULL)
 *         return error;
 *
 * Outputs come last, are named ret_, and are untouched when an error is returned.
 * An error lives in the arena it was made in: as long as its request.
 */

#include <stdarg.h>

#include "base/arena.h"
#include "base/attributes.h"
#include "base/slice.h"

enum error_kind {
#define ERROR_ROW(kind, namespace, name, http_status) ERROR_##kind,
#include "base/errors.def"
#undef ERROR_ROW
    ERROR_KIND_COUNT
};

/* What was throttled and why (API reference, "ThrottlingReason"). */
struct error_throttle {
    struct slice reason;   /* e.g. TableReadProvisionedThroughputExceeded */
    struct slice resource; /* the ARN of the table or index */
};

struct error {
    enum error_kind kind;
    struct slice message; /* may be empty */
    /* CONDITIONAL_CHECK_FAILED: the stored item (a stored-form map, see item/value.h) when the
     * request asked for it, else absent. */
    struct slice item;
    /* TRANSACTION_CANCELED: one entry for each action, NULL where that action was not to blame. */
    const struct error *const *reasons;
    size_t reason_count;
    /* VALIDATION: what is wrong is told of the request as a whole, also where errors of its kind
     * otherwise become the reason of one action of a transaction (observed: empty keys). */
    bool is_of_request;
    /* PROVISIONED_THROUGHPUT, REQUEST_LIMIT_EXCEEDED, THROTTLING */
    const struct error_throttle *throttles;
    size_t throttle_count;
};

/* What a client sees of a kind. Static strings. */
const char *error_kind_name(enum error_kind kind);
const char *error_kind_namespace(enum error_kind kind);
int error_kind_http_status(enum error_kind kind);

/* Never NULL: when the arena is exhausted it is error_exhausted(). */
MUST_USE const struct error *error_make(struct arena *arena, enum error_kind kind,
                                        const char *format, ...) PRINTF_LIKE(3, 4);
MUST_USE const struct error *error_make_va(struct arena *arena, enum error_kind kind,
                                           const char *format, va_list arguments) PRINTF_LIKE(3, 0);
/* The message is borrowed as it is; for texts with bytes that printf cannot carry. */
MUST_USE const struct error *error_make_slice(struct arena *arena, enum error_kind kind,
                                              struct slice message);

/* A static error: this request needed more memory than one request may have. */
MUST_USE const struct error *error_exhausted(void);

#endif
