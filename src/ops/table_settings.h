#ifndef HASHRANGE_OPS_TABLE_SETTINGS_H
#define HASHRANGE_OPS_TABLE_SETTINGS_H

/* Parameters of CreateTable and UpdateTable as the settings of a table. They have been checked. */

#include "ops/operation.h"
#include "ops/table_name.h"

/* Everything of a new table but what the catalog fills in. Borrows from input and the call's arena.
 */
MUST_USE const struct error *op_table_settings_make(const struct op_call *call,
                                                    const struct op_table_name *name,
                                                    const struct model_create_table_input *input,
                                                    struct db_table *ret_table);

/* MODEL_SCALAR_ATTRIBUTE_TYPE_ as a type of values. */
enum value_type op_attribute_type(int type);
/* A global index. The table has its attributes already. */
void op_index_settings_make(const struct model_create_global_secondary_index_action *create,
                            const struct db_table *table, struct db_index *ret_index);

/* Members that are absent leave the setting as it is; -1 removes an on-demand maximum. */
void op_on_demand_apply(const struct model_on_demand_throughput *given,
                        struct db_on_demand *setting);
void op_warm_apply(const struct model_warm_throughput *given, struct db_warm_throughput *setting);
void op_stream_apply(const struct model_stream_specification *given, struct db_table *setting);

#endif
