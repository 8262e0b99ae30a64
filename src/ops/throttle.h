#ifndef HASHRANGE_OPS_THROTTLE_H
#define HASHRANGE_OPS_THROTTLE_H

/*
 * --enforce-throughput: requests beyond the provisioned throughput of a table or global index, or
 * beyond its on-demand maximum, are refused. Developer guide, "Burst capacity" and "Throttling
 * issues".
 *
 * Each table and global index has a bucket of read and one of write units. A bucket gains the units
 * of a second in a second and holds at most those of 300 seconds: what was not used in the last
 * five minutes. A request is admitted while a bucket holds anything at all, and takes what it
 * costs, so that a large request leaves a debt that the next ones wait for. Local indexes take from
 * their table. A bucket begins with what its table could have gained since it was created, or since
 * the server was started.
 *
 * Threads: any; one lock, taken only when throughput is enforced.
 */

#include "ops/capacity.h"

struct op_throttle;

MUST_USE const struct error *op_throttle_open(int64_t now_ms, struct op_throttle **ret_throttle);
/* Accepts NULL. */
void op_throttle_close(struct op_throttle *throttle);

/* All calls below do nothing when throughput is not enforced. index: NULL for the table; a local
 * one stands for its table. */

/* PROVISIONED_THROUGHPUT or THROTTLING when the bucket is empty. Takes nothing. */
MUST_USE const struct error *op_throttle_check(const struct op_call *call,
                                               const struct db_table *table,
                                               const struct db_index *index, bool is_write);
/* Takes what was read. */
void op_throttle_charge_read(const struct op_call *call, const struct db_table *table,
                             const struct db_index *index, double units);
void op_throttle_charge_reads(const struct op_call *call, const struct op_capacity *capacity);
/* Takes write units from the table alone. */
void op_throttle_charge_table(const struct op_call *call, const struct db_table *table,
                              double units);
/* Takes everything that a write to so many tables costs, or nothing: then the error names all
 * tables and indexes that have nothing left. */
MUST_USE const struct error *op_throttle_write(const struct op_call *call,
                                               const struct op_capacity *capacities, size_t count);
/* The same for the parts of one request, of which each has its own answer: ret_refusals[i] is the
 * error of part i, NULL when it lacks nothing. Takes what all of them cost when that is so of all.
 * *ret_refused: it is not. */
void op_throttle_write_parts(const struct op_call *call, const struct op_capacity *parts,
                             size_t count, const struct error **ret_refusals, bool *ret_refused);

#endif
