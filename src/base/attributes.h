#ifndef HASHRANGE_BASE_ATTRIBUTES_H
#define HASHRANGE_BASE_ATTRIBUTES_H

/* Compiler attributes, by the name of what they promise. */

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_index, first_argument)                                                  \
    __attribute__((format(printf, format_index, first_argument)))
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
