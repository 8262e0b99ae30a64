#ifndef HASHRANGE_API_TARGET_H
#define HASHRANGE_API_TARGET_H

/* Request targets (RFC 9112, section 3.2): a path and perhaps a query. Private to api/. */

#include "base/slice.h"

/* What follows the question mark; empty when there is none. */
static inline struct slice api_query_string(struct slice target)
{
    const uint8_t *mark = target.size == 0 ? NULL : memchr(target.data, '?', target.size);
    return mark == NULL ? SLICE("") : slice_after(target, (size_t)(mark - target.data) + 1);
}

#endif
