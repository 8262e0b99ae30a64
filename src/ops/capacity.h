#ifndef HASHRANGE_OPS_CAPACITY_H
#define HASHRANGE_OPS_CAPACITY_H

/*
 * Consumed capacity (developer guide, "DynamoDB read consistency and capacity": a read unit is
 * 4 KB, half of one when eventually consistent; a write unit is 1 KB; parts count whole) and how
 * ReturnConsumedCapacity shows it.
 */

#include "ops/operation.h"

/* At least one unit's worth: asking for what is not there costs too. */
double op_read_units(size_t bytes, bool consistent);
double op_write_units(size_t bytes);

/* What one request costs on one table. */
struct op_capacity {
    struct slice table_name; /* as the client wrote it */
    const struct db_table *table;
    double table_units;
    double *index_units; /* by position in table->indexes */
    bool *index_touched; /* only touched indexes are shown */
};

MUST_USE const struct error *op_capacity_init(struct op_capacity *capacity, struct arena *arena,
                                              struct slice table_name,
                                              const struct db_table *table);
/* The index may be another snapshot's: one request may have acquired a table twice, and indexes
 * come and go. */
void op_capacity_add_index(struct op_capacity *capacity, const struct db_index *index,
                           double units);
/* A write that took effect. An item's own write costs the larger of before and after. An index
 * entry costs the larger too, or both when its key moved. */
void op_capacity_add_write(struct op_capacity *capacity, const struct db_write *write);

/* *ret_consumed stays as it is (absent) unless mode is TOTAL or INDEXES. */
MUST_USE const struct error *op_capacity_show(const struct op_capacity *capacity,
                                              struct arena *arena, struct model_enum mode,
                                              struct model_consumed_capacity **ret_consumed);
/* The same in place, for lists. */
MUST_USE const struct error *op_capacity_fill(const struct op_capacity *capacity,
                                              struct arena *arena, bool with_indexes,
                                              struct model_consumed_capacity *ret_consumed);
/* Does the client want to see it? */
static inline bool op_capacity_wanted(struct model_enum mode)
{
    return mode.value == MODEL_RETURN_CONSUMED_CAPACITY_TOTAL ||
           mode.value == MODEL_RETURN_CONSUMED_CAPACITY_INDEXES;
}

#endif
