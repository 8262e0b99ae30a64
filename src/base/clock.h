#ifndef HASHRANGE_BASE_CLOCK_H
#define HASHRANGE_BASE_CLOCK_H

#include <stdint.h>

/* Wall clock, milliseconds since 1970-01-01T00:00:00Z. It may jump, also backwards. */
int64_t clock_now_ms(void);

/* Milliseconds since some moment in the past. It never goes back: for timeouts and durations. */
int64_t clock_monotonic_ms(void);
/* The same in nanoseconds: how long a request took. */
int64_t clock_monotonic_ns(void);

#endif
