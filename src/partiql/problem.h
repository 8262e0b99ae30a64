#ifndef HASHRANGE_PARTIQL_PROBLEM_H
#define HASHRANGE_PARTIQL_PROBLEM_H

/*
 * How errors about a statement are worded. Two forms (observed): what the grammar refuses stands
 * behind "Statement wasn't well formed, can't be processed: "; what the service refuses of a well
 * formed statement stands alone, often with the place it is about: " at line:column:length", from
 * 1, in characters. All are ValidationExceptions. Private to partiql/.
 */

#include "base/error.h"

/* Statement wasn't well formed, can't be processed: <detail>. */
MUST_USE const struct error *problem_not_well_formed(struct arena *arena, const char *detail);

MUST_USE const struct error *problem(struct arena *arena, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* The same with the place of part, which lies in statement. */
MUST_USE const struct error *problem_at(struct arena *arena, struct slice statement,
                                        struct slice part, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* A name as the service repeats those of functions. The text itself when memory is exhausted. */
struct slice problem_lower_case(struct arena *arena, struct slice text);

#endif
