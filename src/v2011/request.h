#ifndef HASHRANGE_V2011_REQUEST_H
#define HASHRANGE_V2011_REQUEST_H

/* A request while it is translated, and the two functions of each operation. Private to v2011/. */

#include "v2011/table_keys.h"
#include "v2011/v2011.h"

struct v2011_request {
    const struct op_call *call;
    enum model_operation operation; /* of that version */
    const void *asked;              /* its input */
    /* What is known of the tables in it, where that is needed: one for each entry of RequestItems
     * in batches, else one or none. */
    struct v2011_table *tables;
    size_t table_count;
    bool key_size_differs; /* a key has a range element and the table has none, or the opposite */
};

/* Makes struct model_<operation>_input of struct model_v2011_<operation>_input. */
typedef const struct error *v2011_input(struct v2011_request *request, void *asked,
                                        void **ret_input);
/* Makes struct model_v2011_<operation>_output of struct model_<operation>_output. */
typedef const struct error *v2011_output(const struct v2011_request *request, const void *output,
                                         void **ret_answer);

#define V2011_ROW(operation, function)                                                             \
    v2011_input v2011_##function##_input;                                                          \
    v2011_output v2011_##function##_output;
#include "v2011/operations.def"
#undef V2011_ROW

/* "Query can be performed only on ..." */
MUST_USE const struct error *v2011_query_check(const struct v2011_request *request);

/* Makes request->tables for an operation on one table. */
MUST_USE const struct error *v2011_find_table(struct v2011_request *request, struct slice name);

/* Room for those of a batch. */
MUST_USE const struct error *v2011_make_tables(struct v2011_request *request, size_t count);
/* The table of that name, which is in the request. */
const struct v2011_table *v2011_table_of_name(const struct v2011_request *request,
                                              struct slice name);

/* The key of an item, and request->key_size_differs. */
MUST_USE const struct error *v2011_read_key(struct v2011_request *request,
                                            const struct v2011_table *table,
                                            struct model_v2011_key *key,
                                            struct item_reading *ret_item);

/* What Count is in Query and Scan. */
#define V2011_SELECT_COUNT ((struct model_enum){MODEL_SELECT_COUNT, SLICE("COUNT")})

/* Answers of that version always have ConsumedCapacityUnits. */
#define V2011_CAPACITY_WANTED                                                                      \
    ((struct model_enum){MODEL_RETURN_CONSUMED_CAPACITY_TOTAL, SLICE("TOTAL")})
/* consumed may be NULL: absent. */
static inline struct model_double v2011_units(const struct model_consumed_capacity *consumed)
{
    return consumed == NULL ? (struct model_double){0} : consumed->capacity_units;
}
/* Of one table in what a batch consumed. */
struct model_double v2011_units_of_table(const struct model_list_consumed_capacity_multiple *list,
                                         struct slice table_name);

#endif
