#ifndef HASHRANGE_DB_TABLE_H
#define HASHRANGE_DB_TABLE_H

/*
 * A table as the database sees it: its schema, indexes and settings.
 *
 * A struct db_table is an immutable, reference-counted snapshot. An operation looks it up once
 * (db_table_acquire in db/catalog.h), works with that, and releases it when its response is built
 * and its writes are done. Changing a table makes a new snapshot with the same id. Dropping a
 * table's data waits until every snapshot of it is released, so no write can land behind the drop.
 */

#include <stdatomic.h>

#include "base/error.h"
#include "item/value.h"

enum {
    DB_KEY_PARTS_MAX =
        4, /* attributes in the partition key, and in the sort key, of a global index */
    DB_LOCAL_INDEXES_MAX = 5,
    DB_GLOBAL_INDEXES_MAX = 20,
    DB_NON_KEY_ATTRIBUTES_MAX = 20, /* of one index */
    DB_PARTITION_KEY_BYTES_MAX = 2048,
    DB_SORT_KEY_BYTES_MAX = 1024,
};

struct db_attribute {
    struct slice name;
    enum value_type type; /* VALUE_STRING, VALUE_NUMBER, VALUE_BINARY */
};

/* Tables and local indexes have one partition key attribute and at most one sort key attribute; a
 * global index may have up to four of each. */
struct db_key_schema {
    uint8_t partition_count;
    uint8_t sort_count;
    struct db_attribute partition[DB_KEY_PARTS_MAX];
    struct db_attribute sort[DB_KEY_PARTS_MAX];
};

enum db_projection { DB_PROJECT_ALL = 1, DB_PROJECT_KEYS_ONLY = 2, DB_PROJECT_INCLUDE = 3 };

/* Stored; never reused. */
enum db_status {
    DB_STATUS_CREATING = 1,
    DB_STATUS_ACTIVE = 2,
    DB_STATUS_UPDATING = 3,
    DB_STATUS_DELETING = 4,
};

struct db_throughput {
    int64_t read_units;
    int64_t write_units;
    int64_t last_increase_ms; /* epoch; 0: never */
    int64_t last_decrease_ms;
    int64_t decreases_today;
};

/* -1: not set, as the service spells "no maximum". */
struct db_on_demand {
    bool present;
    int64_t max_read_units;
    int64_t max_write_units;
};
struct db_warm_throughput {
    bool present;
    int64_t read_units;
    int64_t write_units;
};

struct db_index {
    /* Filled in by the catalog. A global index: its space in every key of its data, never reused. A
     * local one: 1 to DB_LOCAL_INDEXES_MAX, its place among the local ones. */
    uint64_t id;
    bool global;
    struct slice name;
    struct db_key_schema key;
    enum db_projection projection;
    const struct slice *non_key_attributes;
    size_t non_key_attribute_count;
    /* global indexes only */
    enum db_status status;
    bool online;       /* CREATING: on a table that had items before it; see db/fill.h */
    bool backfilling;  /* online, and being filled with those items */
    uint64_t revision; /* of the table that brought status, online and backfilling */
    struct db_throughput throughput;
    struct db_on_demand on_demand;
    struct db_warm_throughput warm;
};

/* What a write to the table does for an index; db/fill.h has the reasons. */
enum db_upkeep {
    DB_UPKEEP_WHOLE,   /* the entry of the old item goes, that of the new one comes */
    DB_UPKEEP_FILLING, /* the same, but the entry of the old item may not be there yet */
    DB_UPKEEP_REMOVE,  /* an entry of the old item goes, none comes */
    DB_UPKEEP_NONE,
};
static inline enum db_upkeep db_index_upkeep(const struct db_index *index)
{
    if (index->status == DB_STATUS_DELETING)
        return DB_UPKEEP_NONE;
    if (!index->online)
        return DB_UPKEEP_WHOLE;
    return index->backfilling ? DB_UPKEEP_FILLING : DB_UPKEEP_REMOVE;
}

enum db_billing { DB_PROVISIONED = 1, DB_PAY_PER_REQUEST = 2 };
enum db_table_class { DB_CLASS_UNSET = 0, DB_CLASS_STANDARD = 1, DB_CLASS_INFREQUENT_ACCESS = 2 };

struct db_tag {
    struct slice key;
    struct slice value;
};

struct db_table {
    uint64_t id;       /* in every key of its data; never reused. From the catalog */
    uint64_t revision; /* 1, and one more with every change. From the catalog */
    struct slice account;
    struct slice region; /* also the namespace of its name */
    struct slice name;
    struct slice uuid; /* TableId */
    int64_t created_ms;

    enum db_status status;
    int64_t status_until_ms; /* CREATING, UPDATING, DELETING end then; 0: at once. ACTIVE: an index
                                that is being filled is not shown as ACTIVE before */

    const struct db_attribute *attributes; /* AttributeDefinitions in the order given */
    size_t attribute_count;
    struct db_key_schema key;
    const struct db_index *indexes; /* local ones first, each kind in the order given */
    size_t index_count;

    enum db_billing billing;
    bool billing_summary; /* a BillingModeSummary is shown */
    int64_t on_demand_since_ms;
    struct db_throughput throughput;
    struct db_on_demand on_demand;
    struct db_warm_throughput warm;
    enum db_table_class table_class;
    int64_t table_class_changed_ms;
    bool deletion_protection;

    bool sse_present;
    bool sse_kms;
    struct slice sse_key_arn;

    bool stream_enabled;
    struct slice stream_view_type; /* KEYS_ONLY, NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES */
    /* Of the newest stream, also after it was disabled. From the catalog. */
    struct slice stream_label;
    int64_t stream_created_ms;

    const struct db_tag *tags;
    size_t tag_count;

    /* Resource policies of the table and of its newest stream; absent: none. The revision is when
     * it was put, in milliseconds since 1970. */
    struct slice policy;
    int64_t policy_revision_ms;
    struct slice stream_policy;
    int64_t stream_policy_revision_ms;

    /* Time to live. The attribute's name stays when it is switched off; it says nothing then. */
    bool expiry_enabled;
    struct slice expiry_attribute;
    int64_t expiry_changed_ms; /* when it was last switched on or off; 0: never */
};

/* NULL when there is none. */
const struct db_index *db_table_index(const struct db_table *table, struct slice name);
/* An index that is not yet known to hold the entries of all items; NULL when there is none. At most
 * one index of a table is created or deleted at a time. */
const struct db_index *db_table_online_index(const struct db_table *table);
/* An index whose creation or deletion keeps the table in UPDATING, however long that takes; NULL
 * when there is none. */
const struct db_index *db_table_holding_index(const struct db_table *table);
bool db_table_has_local_index(const struct db_table *table);
/* The declared type; VALUE_ABSENT when the attribute is not in AttributeDefinitions. */
enum value_type db_table_attribute_type(const struct db_table *table, struct slice name);
/* Does the name stand in the key schema? */
bool db_key_schema_has(const struct db_key_schema *schema, struct slice name);

/*
 * Checks of items and keys against the schema. ValidationExceptions with the words of the service;
 * messages are bare (no "1 validation error detected: ").
 *
 * Table keys come before index keys; of several indexes the first by name is blamed, as observed.
 */
enum db_check_wording {
    DB_CHECK_PUT,       /* PutItem, TransactWriteItems, import */
    DB_CHECK_BATCH_PUT, /* BatchWriteItem: a missing or wrongly typed table key "does not match the
                         * schema" */
};
/* A whole item for a put: key attributes present, of the right type, not empty, within size; index
 * key attributes, where present, of the right type, not empty, within size. */
MUST_USE const struct error *db_table_check_item(const struct db_table *table, struct arena *arena,
                                                 struct slice item);
MUST_USE const struct error *db_table_check_item_worded(const struct db_table *table,
                                                        struct arena *arena, struct slice item,
                                                        enum db_check_wording wording);
/* "Type mismatch for Index Key ...". */
MUST_USE const struct error *db_table_type_mismatch(struct arena *arena,
                                                    const struct db_index *index,
                                                    const struct db_attribute *attribute,
                                                    enum value_type actual);
/* What an update made of an item (SLICE_ABSENT: there was none): only index key attributes that it
 * changed. Types that are known without the item have been looked at before
 * (expr_update_known_type): of the others it is said only that they are not supported (observed,
 * and in the API reference of TransactWriteItems). */
MUST_USE const struct error *db_table_check_update(const struct db_table *table,
                                                   struct arena *arena, struct slice old_item,
                                                   struct slice new_item);
/* Exactly the primary key: "The provided key element does not match the schema". */
MUST_USE const struct error *db_table_check_key(const struct db_table *table, struct arena *arena,
                                                struct slice key);
/* The primary key's attributes of an item, as an item. */
MUST_USE const struct error *db_table_key_of_item(const struct db_table *table, struct arena *arena,
                                                  struct slice item, struct slice *ret_key);

#endif
