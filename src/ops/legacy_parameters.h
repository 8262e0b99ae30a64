#ifndef HASHRANGE_OPS_LEGACY_PARAMETERS_H
#define HASHRANGE_OPS_LEGACY_PARAMETERS_H

/*
 * Expected, QueryFilter, ScanFilter, KeyConditions and AttributeUpdates of a request as the trees
 * of expr/legacy.h. A parameter that is absent gives nothing (NULL, no terms). Developer guide,
 * "Legacy DynamoDB conditional parameters".
 */

#include "expr/legacy.h"
#include "ops/operation.h"

MUST_USE const struct error *op_expected_parse(
    const struct op_call *call, const struct model_map_expected_attribute_map *expected,
    struct model_enum conditional_operator, const struct expr_condition **ret_condition);

MUST_USE const struct error *op_filter_parse(const struct op_call *call,
                                             const struct model_map_filter_condition_map *filter,
                                             struct model_enum conditional_operator,
                                             const struct expr_condition **ret_condition);

MUST_USE const struct error *
op_key_conditions_parse(const struct op_call *call,
                        const struct model_map_key_conditions *conditions,
                        struct expr_key_condition *ret_condition);

MUST_USE const struct error *
op_attribute_updates_parse(const struct op_call *call,
                           const struct model_map_attribute_updates *updates,
                           const struct expr_update **ret_update);

/* Problems of the values in them. */
MUST_USE const struct error *
op_expected_check_values(const struct op_call *call,
                         const struct model_map_expected_attribute_map *expected);
MUST_USE const struct error *
op_attribute_updates_check_values(const struct op_call *call,
                                  const struct model_map_attribute_updates *updates);

#endif
