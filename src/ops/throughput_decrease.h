#ifndef HASHRANGE_OPS_THROUGHPUT_DECREASE_H
#define HASHRANGE_OPS_THROUGHPUT_DECREASE_H

/*
 * How often provisioned throughput may be decreased: four times in a day of UTC, then once an hour
 * after the last time. A table and each of its global indexes count for themselves. Developer
 * guide, "Service quotas"; hours and words observed.
 */

#include "ops/operation.h"

int64_t op_throughput_decreases_today(const struct db_throughput *throughput, int64_t now_ms);

/* One more, now. LIMIT_EXCEEDED: not yet. */
MUST_USE const struct error *op_throughput_count_decrease(const struct op_call *call,
                                                          struct db_throughput *throughput);

#endif
