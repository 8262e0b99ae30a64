#ifndef HASHRANGE_AUTH_LETTERS_H
#define HASHRANGE_AUTH_LETTERS_H

/* Comparison without regard to the case of ASCII letters: keys, actions and operators of policies.
 */

#include "base/slice.h"

static inline uint8_t auth_lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

static inline bool auth_starts_with_ignoring_case(struct slice text, struct slice prefix)
{
    if (text.size < prefix.size)
        return false;
    for (size_t i = 0; i < prefix.size; i++) {
        if (auth_lower(text.data[i]) != auth_lower(prefix.data[i]))
            return false;
    }
    return true;
}

static inline bool auth_equal_ignoring_case(struct slice left, struct slice right)
{
    return left.size == right.size && auth_starts_with_ignoring_case(left, right);
}

#endif
