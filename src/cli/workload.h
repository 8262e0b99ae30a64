#ifndef HASHRANGE_CLI_WORKLOAD_H
#define HASHRANGE_CLI_WORKLOAD_H

/*
 * What a load consists of: operations in proportions (cli/workloads.def), on a table that the load
 * itself makes and fills:
 *
 *   pk (S)  "item000000000042" for single items, "group00000004" for those that are queried
 *   sk (S)  "000000" for single items, the place in its group for those that are queried
 *   v (S)   what fills the item up to its size
 *
 * Threads: a workload is shared once made; each thread has its own chance.
 */

#include "base/buf.h"
#include "cli/key_chooser.h"

enum workload_operation {
    WORKLOAD_GET,
    WORKLOAD_PUT,
    WORKLOAD_UPDATE,
    WORKLOAD_INSERT, /* a put of an item that is not there yet */
    WORKLOAD_READ_MODIFY_WRITE,
    WORKLOAD_QUERY,
    WORKLOAD_SCAN,
    WORKLOAD_BATCH_GET,
    WORKLOAD_BATCH_WRITE,
    WORKLOAD_TRANSACT_WRITE,
    WORKLOAD_OPERATION_COUNT
};

enum { WORKLOAD_GROUP_ITEMS = 10, WORKLOAD_TRANSACT_ITEMS = 4 };

struct workload {
    const unsigned char *percent; /* of each operation; 100 together */
    const char *table;
    uint64_t items;
    uint64_t item_bytes;
    uint64_t batch;
    bool consistent;
    struct key_chooser keys;
    struct key_chooser groups;
    _Atomic uint64_t inserted; /* behind the items that were loaded */
};

/* The percentages of the workload with that number. */
const unsigned char *workload_percent(int64_t number);

enum workload_operation workload_choose(const struct workload *workload, struct key_chance *chance);
/* "DynamoDB_20120810.GetItem". */
struct slice workload_target(enum workload_operation operation);
/* "GetItem", "ReadModifyWrite", ... */
const char *workload_operation_name(enum workload_operation operation);
/* Appends the request's JSON. */
void workload_body(struct workload *workload, enum workload_operation operation,
                   struct key_chance *chance, struct buf *out);

/* --- making the table --- */

void workload_create_table_body(const struct workload *workload, struct buf *out);
/* BatchWriteItem of up to 25 items from `first` on; single items come first, then those of the
 * groups. Returns how many. 0: all are loaded. */
uint64_t workload_load_body(const struct workload *workload, uint64_t first, struct buf *out);
uint64_t workload_load_count(const struct workload *workload);

#endif
