#ifndef HASHRANGE_OPS_ACCESS_PART_H
#define HASHRANGE_OPS_ACCESS_PART_H

/*
 * The parameters of one action on items, as far as condition keys look at them, whichever operation
 * they came with. What an operation does not have is NULL or absent. Private to access_*.c.
 */

#include "ops/access.h"
#include "ops/statement.h"

struct op_access_part {
    const struct item_reading *key;
    const struct item_reading *item;
    struct slice condition;
    struct slice update;
    struct slice projection;
    struct slice filter;
    struct slice key_condition;
    const struct model_map_expression_attribute_name_map *names;
    const struct item_reading *values;
    const struct model_map_expected_attribute_map *expected;
    const struct model_map_attribute_updates *attribute_updates;
    const struct model_map_key_conditions *key_conditions;
    const struct model_map_filter_condition_map *legacy_filter;
    const struct model_list_attribute_name_list *attributes_to_get;
    const struct model_enum *select;
    const struct model_enum *return_values;
    const struct model_enum *return_values_on_failure; /* ...OnConditionCheckFailure */
    const struct model_enum *return_consumed_capacity;
    bool reads;      /* dynamodb:Select has a value, said or implied */
    bool has_return; /* so has dynamodb:ReturnValues */
    /* PartiQL: parsed; its table is not looked for before a condition asks. */
    const struct partiql_parsed *statement;
    const struct model_list_prepared_statement_parameters *parameters;
};

/* --- values: sticky, checked at the end --- */

struct op_access_list {
    struct arena *arena;
    struct slice *items;
    size_t count;
    size_t room;
    bool failed; /* no memory */
};
void op_access_add(struct op_access_list *list, struct slice value);
/* As policies compare it: text and bytes as they are, numbers in decimal. */
void op_access_add_key_value(struct op_access_list *list, struct value value);
/* Names of attributes: of an item, which may be absent; the first of a path (an expr_visit_path
 * with the list as its context); of what an update, which may be NULL, writes and reads. */
void op_access_add_item_names(struct op_access_list *list, struct slice item);
bool op_access_add_path(void *list, struct path path);
void op_access_add_update(struct op_access_list *list, const struct expr_update *update);
/* The value of that attribute of an item, when there are both. */
void op_access_add_member(struct op_access_list *list, struct slice item, struct slice name);

/* --- what a part says (access_attributes.c; of statements: access_statement.c) --- */

/* The top-level attributes it names, in keys, items, projections and every expression. */
MUST_USE const struct error *op_access_attributes(const struct op_call *call,
                                                  const struct op_access_part *part,
                                                  struct op_access_list *list);
MUST_USE const struct error *op_access_statement_attributes(const struct op_call *call,
                                                            const struct op_access_part *part,
                                                            struct op_access_list *list);
/* The values it demands of the partition key attribute with that number, from 0, of the table or
 * index. */
MUST_USE const struct error *op_access_partition_values(const struct op_call *call,
                                                        const struct op_access *access,
                                                        const struct op_access_part *part,
                                                        size_t number, struct op_access_list *list);
MUST_USE const struct error *op_access_statement_values(const struct op_call *call,
                                                        const struct op_access_part *part,
                                                        struct op_access_list *list);
/* Of statements: does a SELECT read everything, does it name columns, what is RETURNING as
 * ReturnValues would have it. */
MUST_USE const struct error *op_access_scans(const struct op_call *call,
                                             const struct op_access_part *part, bool *ret_scans);
MUST_USE const struct error *
op_access_chooses(const struct op_call *call, const struct op_access_part *part, bool *ret_chooses);
MUST_USE const struct error *op_access_returning(const struct op_call *call,
                                                 const struct op_access_part *part,
                                                 struct slice *ret_returning);

#endif
