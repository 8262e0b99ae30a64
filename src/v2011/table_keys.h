#ifndef HASHRANGE_V2011_TABLE_KEYS_H
#define HASHRANGE_V2011_TABLE_KEYS_H

/* Keys by place, {"HashKeyElement":...,"RangeKeyElement":...}, and by attribute name, as the table
 * has them. Private to v2011/. */

#include "ops/operation.h"

/* What the translation knows of a table. */
struct v2011_table {
    struct slice name; /* as the client wrote it */
    bool is_there;     /* and may be read and written */
    bool has_range;
    /* The attributes of its key. Where there is none, a name that no attribute of the key has: the
     * operation then finds the key at fault, or the table missing, when its turn has come. */
    struct slice hash_name;
    struct slice range_name;
    enum value_type hash_type; /* VALUE_ABSENT where there is none */
    enum value_type range_type;
    int64_t created_ms;
};

MUST_USE const struct error *v2011_table_look_up(const struct op_call *call, struct slice name,
                                                 struct v2011_table *ret_table);

/* Has the key as many elements as the table's? */
bool v2011_key_fits(const struct v2011_table *table, const struct model_v2011_key *key);
/* A problem of an element is the item's. The key's values are held against the rules of that
 * version. NULL gives an absent item. */
MUST_USE const struct error *v2011_key_to_item(struct arena *arena, const struct v2011_table *table,
                                               struct model_v2011_key *key,
                                               struct item_reading *ret_item);
/* In place: elements that the item lacks stay absent. */
void v2011_key_of_item(const struct v2011_table *table, struct slice item,
                       struct model_v2011_key *ret_key);
/* NULL for an absent item. */
MUST_USE const struct error *v2011_start_key_of_item(struct arena *arena,
                                                     const struct v2011_table *table,
                                                     struct slice item,
                                                     struct model_v2011_key **ret_key);

#endif
