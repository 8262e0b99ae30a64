#ifndef HASHRANGE_OPS_TABLE_RULES_H
#define HASHRANGE_OPS_TABLE_RULES_H

/*
 * What the parameters of CreateTable and UpdateTable mean together, in the service's order and
 * words. API reference, CreateTable; developer guide, "Service, account, and table quotas".
 */

#include "ops/operation.h"

/* What an on-demand table can take at once before any traffic (developer guide, "Warm throughput").
 */
enum { OP_ON_DEMAND_READ_UNITS = 12000, OP_ON_DEMAND_WRITE_UNITS = 4000 };

/* Everything about a CreateTable that needs no data. */
MUST_USE const struct error *op_create_table_check(const struct op_call *call,
                                                   const struct model_create_table_input *input);

/* Keys and indexes: attribute definitions, key schemas, projections. */
MUST_USE const struct error *op_index_rules_check(const struct op_call *call,
                                                  const struct model_create_table_input *input);

/* An index that UpdateTable creates: its definitions, key schema and projection. */
MUST_USE const struct error *
op_index_create_check(const struct op_call *call,
                      const struct model_list_attribute_definitions *definitions,
                      const struct model_create_global_secondary_index_action *create);
/* The attributes that all indexes of a table name for projection, counted together. */
MUST_USE const struct error *op_projected_check(const struct op_call *call, size_t count);

/* "Given value N for ReadCapacityUnits is out of bounds". throughput may be NULL. */
MUST_USE const struct error *
op_throughput_check(const struct op_call *call,
                    const struct model_provisioned_throughput *throughput);

/* The members of OnDemandThroughput. on_demand may be NULL. removal: -1 takes a maximum away. */
MUST_USE const struct error *op_on_demand_check(const struct op_call *call,
                                                const struct model_on_demand_throughput *on_demand,
                                                bool is_provisioned, bool is_update);

/* UpdateTable's WarmThroughput only goes up. warm may be NULL. */
MUST_USE const struct error *op_warm_change_check(const struct op_call *call,
                                                  const struct model_warm_throughput *warm,
                                                  const struct db_warm_throughput *current);

/* CreateTable's and UpdateTable's words differ. stream may be NULL. */
MUST_USE const struct error *op_stream_check(const struct op_call *call,
                                             const struct model_stream_specification *stream,
                                             bool is_update);

/* A part of the API that this server does not have yet. */
MUST_USE const struct error *op_not_built(const struct op_call *call, const char *what);

#endif
