#ifndef HASHRANGE_DB_KEYSPACE_H
#define HASHRANGE_DB_KEYSPACE_H

/*
 * Every key that the db gives to a store is built and parsed here. docs/format/keys.md has them
 * byte by byte, with worked examples that are tests.
 *
 *   key = family code (1 byte), space (5 bytes), hash (5 bytes), parts
 *
 *   space, hash   35 bits each, most significant first, 7 bits in a byte, the high bit always set
 *   part          the bytes with 00 written as 01 02 and 01 as 01 03, then 01 01
 *
 * So keys are free of NUL bytes, no key is a prefix of another one, and keys of one family and
 * space are ordered by hash and then by their parts, each as slice_compare orders it.
 *
 * Keys of SHARD and CHANGE records are what db_key_of_log gives, completed by the store
 * (store_batch_append); those of EXPIRY records have seconds in the place of the hash.
 *
 * A space is a table or a global index: their numbers come from one sequence and are never reused.
 * Of tokens it is a period of time instead.
 * Local index entries live in the space of their table, under the hash of its partition key, so
 * that space and hash, which are the store's placement, are those of their item.
 *
 * The value of every record but the counters begins with one byte, the version of its format.
 */

#include "db/table.h"
#include "store/store.h"

/*
 * ROW(name, code, version of the value, what it is). Codes are stored and never reused; other
 * families (stream records, expiry) take codes that are free.
 * Families of items come in the order of their codes; nothing depends on it.
 */
#define DB_FAMILIES(ROW)                                                                           \
    ROW(META, 'a', 1, "facts about the whole database, by name")                                   \
    ROW(TABLE, 'b', 1, "table records, by account, namespace and name")                            \
    ROW(DROP, 'c', 1, "tables whose data is still to be deleted, by number")                       \
    ROW(STREAM, 'd', 1, "stream records, by account, namespace, table name and creation")          \
    ROW(EXPIRY, 'e', 1, "items with a time to live, by the second in which it ends")               \
    ROW(FILL, 'f', 1, "how far the filling of a global index has come")                            \
    ROW(GLOBAL, 'g', 1, "entries of a global index")                                               \
    ROW(IDENTITY, 'h', 1, "identities, by account, kind and unique id")                            \
    ROW(ITEM, 'i', 1, "items of a table")                                                          \
    ROW(TOKEN, 'k', 1, "client request tokens, by period of ten minutes")                          \
    ROW(COLLECTION, 'l', 1, "sizes of item collections in a table with local indexes")             \
    ROW(MARK, 'm', 1, "items whose entry is in the index that is being filled")                    \
    ROW(LOCAL_1, 'p', 1, "entries of a table's first local index")                                 \
    ROW(LOCAL_2, 'q', 1, "entries of its second")                                                  \
    ROW(LOCAL_3, 'r', 1, "entries of its third")                                                   \
    ROW(LOCAL_4, 's', 1, "entries of its fourth")                                                  \
    ROW(LOCAL_5, 't', 1, "entries of its fifth")                                                   \
    ROW(SHARD, 'u', 1, "shards of a stream, by number of the log")                                 \
    ROW(CHANGE, 'v', 1, "what a stream tells of items, by number of the log")                      \
    ROW(TOTAL, 'z', 0, "counters of items and bytes")

enum db_family {
#define DB_FAMILY_CODE(name, code, version, what) DB_FAMILY_##name = code,
    DB_FAMILIES(DB_FAMILY_CODE)
#undef DB_FAMILY_CODE
};

enum {
    DB_SPACE_BITS = 35,
    DB_HASH_BITS = 35,
    DB_KEY_HEAD_BYTES = 1 + STORE_PLACEMENT_BYTES,
    /* the partition and sort attributes of a global index and the primary key of the table */
    DB_KEY_ALL_PARTS_MAX = 2 * DB_KEY_PARTS_MAX + 2,
    DB_RECORD_HEAD_BYTES = 1,
};
#define DB_SPACE_END ((uint64_t)1 << DB_SPACE_BITS)
#define DB_HASH_END ((uint64_t)1 << DB_HASH_BITS)

/* The parts of a key, raw. The first partition_count ones are hashed; none: the hash is 0. */
struct db_key_parts {
    size_t partition_count;
    size_t count;
    struct slice part[DB_KEY_ALL_PARTS_MAX];
};

/* A part at the end; there must be room. */
void db_key_parts_add(struct db_key_parts *parts, struct slice part);

/* The whole key, in arena. SLICE_ABSENT when the arena is exhausted. The caller has seen to it that
 * the sizes of the parts are within DynamoDB's limits for keys; then STORE_KEY_BYTES_MAX holds. */
struct slice db_key_make(struct arena *arena, enum db_family family, uint64_t space,
                         const struct db_key_parts *parts);
/* With this number where the hash would be, below DB_HASH_END. */
struct slice db_key_make_placed(struct arena *arena, enum db_family family, uint64_t space,
                                uint64_t hash, const struct db_key_parts *parts);
/* The same as db_key_make without the end mark of the last part: what all keys share whose last
 * part begins so. */
struct slice db_key_make_open(struct arena *arena, enum db_family family, uint64_t space,
                              const struct db_key_parts *parts);

/* Just before all keys of the family and space with this hash or a greater one. hash may be
 * DB_HASH_END: behind all of the space. */
struct slice db_key_hash_bound(struct arena *arena, enum db_family family, uint64_t space,
                               uint64_t hash);
/* Just behind all keys that begin with the bytes. */
struct slice db_key_behind_prefix(struct arena *arena, struct slice prefix);
/* Just behind this one key, which is not absent. */
struct slice db_key_behind(struct arena *arena, struct slice key);
/* All keys of a family. */
MUST_USE bool db_key_family_range(struct arena *arena, enum db_family family,
                                  struct store_range *ret_range);

/* Takes a key apart; parts are unescaped into arena and partition_count is 0 (it is not in the
 * key). false: it is no key that db_key_make could have made, or the arena is exhausted. */
MUST_USE bool db_key_parse(struct arena *arena, struct slice key, enum db_family *ret_family,
                           uint64_t *ret_space, uint64_t *ret_hash, struct db_key_parts *ret_parts);

/* The keys of single records. */
enum db_total { DB_TOTAL_ITEMS = 'n', DB_TOTAL_BYTES = 'b' };
struct slice db_key_of_meta(struct arena *arena, struct slice name);
struct slice db_key_of_table(struct arena *arena, struct slice account, struct slice namespace,
                             struct slice name);
struct slice db_key_of_drop(struct arena *arena, uint64_t table_id);
/* kind: a byte other than 0. */
struct slice db_key_of_identity(struct arena *arena, struct slice account, uint8_t kind,
                                struct slice id);
/* What the keys of all identities of the account begin with. */
struct slice db_key_of_identities(struct arena *arena, struct slice account);
/* In the space of the index: it has no parts. */
struct slice db_key_of_fill(struct arena *arena, uint64_t index_id);
/* With the space, the hash and the parts of the item's key. */
struct slice db_key_of_mark(struct arena *arena, struct slice item_key);
/* Where the items of the partition key are; item: an item or a key of an item. */
struct slice db_key_of_collection(struct arena *arena, const struct db_table *table,
                                  struct slice item);
struct slice db_key_of_stream(struct arena *arena, struct slice account, struct slice namespace,
                              struct slice table_name, int64_t created_ms);
/* What the keys of a stream's SHARD or CHANGE records begin with, for the range of hashes that
 * begins with hash. The stream is that of the table which was created at that time. */
struct slice db_key_of_log(struct arena *arena, enum db_family family, uint64_t table_id,
                           uint64_t hash, int64_t created_ms);
/* A log's key with this number. */
struct slice db_key_in_log(struct arena *arena, struct slice log, uint64_t sequence);

/* The hash in a key that db_key_make made. */
uint64_t db_key_hash(struct slice key);
/* index NULL: of the table itself. */
struct slice db_key_of_total(struct arena *arena, const struct db_table *table,
                             const struct db_index *index, enum db_total total);

/* Where the entries of an index (NULL: the items of the table) live. */
enum db_family db_family_of(const struct db_index *index);
uint64_t db_space_of(const struct db_table *table, const struct db_index *index);

/* The version that values of the family are written with; 0: a counter. */
uint8_t db_family_version(enum db_family family);
/* version byte + body, in arena; SLICE_ABSENT when exhausted. */
struct slice db_record_make(struct arena *arena, enum db_family family, struct slice body);
/* The body; false when the value is not of the version that this program writes. */
MUST_USE bool db_record_open(enum db_family family, struct slice value, struct slice *ret_body);

#endif
