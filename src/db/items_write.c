/*
 * Point reads, and writes with all that hangs on an item: its index entries and the totals.
 */

#include "base/check.h"
#include "db/database.h"
#include "db/entry.h"
#include "db/items.h"
#include "item/value_size.h"

/* What an item adds to the size of its table, and an entry to that of its index. */
enum { ITEM_OVERHEAD_BYTES = 100 };

static const struct error *corrupt_item(struct arena *arena, const struct db_table *table)
{
    return error_make(arena, ERROR_INTERNAL,
                      "An item of table %.*s is of a format version that is not known",
                      SLICE_PRINT(table->name));
}

/* --- point reads --- */

const struct error *db_get(struct db *db, struct arena *arena, struct db_get *gets, size_t count)
{
    struct slice *keys = ARENA_NEW_ARRAY(arena, struct slice, count);
    struct slice *values = ARENA_NEW_ARRAY(arena, struct slice, count);
    if (keys == NULL || values == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++) {
        keys[i] = db_entry_key(arena, gets[i].table, NULL, gets[i].key);
        if (!slice_present(keys[i]))
            return error_exhausted();
    }
    const struct error *error = store_get(db->store, arena, keys, count, values);
    if (error != NULL)
        return error;
    for (size_t i = 0; i < count; i++) {
        gets[i].item = SLICE_ABSENT;
        if (slice_present(values[i]) && !db_record_open(DB_FAMILY_ITEM, values[i], &gets[i].item))
            return corrupt_item(arena, gets[i].table);
    }
    return NULL;
}

/* --- writes --- */

/* One item on its way into a batch. */
struct item_change {
    struct db_write_set *set;
    struct db_write *write;
    struct slice key;
    struct slice old_item; /* SLICE_ABSENT: there is none */
    struct slice new_item;
    struct store_batch *batch;
    bool is_writing; /* the batch has got something */
};

static bool put(struct item_change *change, enum store_atomicity atomicity, enum db_family family,
                struct slice key, struct slice body)
{
    struct slice record = db_record_make(change->set->arena, family, body);
    if (!slice_present(record))
        return false;
    store_batch_put(change->batch, atomicity, key, record);
    change->is_writing = true;
    return true;
}

static void delete (struct item_change *change, enum store_atomicity atomicity, struct slice key)
{
    store_batch_delete(change->batch, atomicity, key);
    change->is_writing = true;
}

/* An entry's or item's part in the totals, before and after. */
struct share {
    bool present;
    size_t bytes;
};

static bool add_total(struct item_change *change, const struct db_index *index, enum db_total total,
                      int64_t delta)
{
    if (delta == 0)
        return true;
    struct slice key = db_key_of_total(change->set->arena, change->write->table, index, total);
    if (!slice_present(key))
        return false;
    store_batch_add(change->batch, key, delta);
    return true;
}

static bool add_totals(struct item_change *change, const struct db_index *index,
                       struct share before, struct share after)
{
    int64_t items = (int64_t)after.present - (int64_t)before.present;
    int64_t bytes = (int64_t)after.bytes - (int64_t)before.bytes + items * ITEM_OVERHEAD_BYTES;
    return add_total(change, index, DB_TOTAL_ITEMS, items) &&
           add_total(change, index, DB_TOTAL_BYTES, bytes);
}

/* The item's entry in one index. */
struct entry {
    bool present;
    struct slice key;
    struct slice item;
};

static bool entry_of(struct item_change *change, const struct db_index *index, struct slice item,
                     struct entry *ret_entry)
{
    const struct db_table *table = change->write->table;
    struct arena *arena = change->set->arena;
    struct entry entry = {0};
    struct db_key_parts parts;
    if (slice_present(item) && db_entry_parts(table, index, item, &parts)) {
        entry.present = true;
        entry.key = db_key_make(arena, db_family_of(index), db_space_of(table, index), &parts);
        entry.item = db_entry_project(arena, table, index, item);
        if (!slice_present(entry.key) || !slice_present(entry.item))
            return false;
    }
    *ret_entry = entry;
    return true;
}

static bool write_entry(struct item_change *change, const struct db_index *index)
{
    struct entry before, after;
    if (!entry_of(change, index, change->old_item, &before) ||
        !entry_of(change, index, change->new_item, &after))
        return false;
    bool has_moved = before.present && after.present && !slice_equal(before.key, after.key);
    if (before.present == after.present && !has_moved && slice_equal(before.item, after.item))
        return true; /* nothing changes, nothing is charged */

    enum store_atomicity atomicity = index->global ? STORE_EVENTUAL : STORE_ATOMIC;
    if (before.present && (has_moved || !after.present))
        delete (change, atomicity, before.key);
    if (after.present && !put(change, atomicity, db_family_of(index), after.key, after.item))
        return false;

    struct share old_share = {before.present, before.present ? item_size_bytes(before.item) : 0};
    struct share new_share = {after.present, after.present ? item_size_bytes(after.item) : 0};
    struct db_write *write = change->write;
    write->index_effects[write->index_effect_count++] = (struct db_index_effect){
        .index = index,
        .deleted_bytes = old_share.bytes,
        .written_bytes = new_share.bytes,
        .key_moved = has_moved,
    };
    return add_totals(change, index, old_share, new_share);
}

static bool write_base(struct item_change *change)
{
    const struct db_write *write = change->write;
    if (!slice_present(change->new_item))
        delete (change, STORE_ATOMIC, change->key);
    else if (!put(change, STORE_ATOMIC, DB_FAMILY_ITEM, change->key, change->new_item))
        return false;
    struct share before = {slice_present(change->old_item), write->old_bytes};
    struct share after = {slice_present(change->new_item), write->new_bytes};
    return add_totals(change, NULL, before, after);
}

static bool write_item(struct item_change *change)
{
    struct db_write *write = change->write;
    write->index_effects = NULL;
    write->index_effect_count = 0;
    change->old_item = write->old_item;
    change->new_item = write->action == DB_KEEP  ? write->old_item
                       : write->action == DB_PUT ? write->new_item
                                                 : SLICE_ABSENT;
    write->new_bytes = slice_present(change->new_item) ? item_size_bytes(change->new_item) : 0;
    if (slice_present(change->old_item) == slice_present(change->new_item) &&
        slice_equal(change->old_item, change->new_item))
        return true;

    const struct db_table *table = write->table;
    struct arena *arena = change->set->arena;
    write->index_effects = ARENA_NEW_ARRAY(arena, struct db_index_effect, table->index_count);
    if (write->index_effects == NULL)
        return false;
    /* The batch copies: keys and records are needed one at a time. */
    struct arena_mark scratch = arena_mark(arena);
    if (!write_base(change))
        return false;
    arena_rewind(arena, scratch);
    for (size_t i = 0; i < table->index_count; i++) {
        if (!write_entry(change, &table->indexes[i]))
            return false;
        arena_rewind(arena, scratch);
    }
    return true;
}

static const struct error *read_old_items(struct db_write_set *set, const struct slice *old_values)
{
    for (size_t i = 0; i < set->count; i++) {
        struct db_write *write = &set->writes[i];
        write->old_item = SLICE_ABSENT;
        write->action = DB_KEEP;
        if (slice_present(old_values[i]) &&
            !db_record_open(DB_FAMILY_ITEM, old_values[i], &write->old_item))
            return corrupt_item(set->arena, write->table);
        write->old_bytes = slice_present(write->old_item) ? item_size_bytes(write->old_item) : 0;
    }
    return NULL;
}

static enum store_decision decide_writes(void *context, const struct slice *old_values,
                                         struct store_batch *batch)
{
    struct db_write_set *set = context;
    set->error = read_old_items(set, old_values);
    if (set->error != NULL || !set->decide(set->context, set))
        return STORE_ABORT;

    bool is_writing = false;
    for (size_t i = 0; i < set->count; i++) {
        struct item_change change = {
            .set = set,
            .write = &set->writes[i],
            .key = set->transaction.keys[i],
            .batch = batch,
        };
        if (!write_item(&change)) {
            set->error = error_exhausted();
            return STORE_ABORT;
        }
        is_writing = is_writing || change.is_writing;
    }
    /* Nothing to write, but the answer may still tell of what was read. */
    return is_writing ? STORE_COMMIT : STORE_ABORT;
}

static void finish_writes(void *context, const struct error *error)
{
    struct db_write_set *set = context;
    set->done(set->context, error != NULL ? error : set->error);
}

void db_write_items(struct db *db, struct db_write_set *set)
{
    CHECK(set->count > 0 && set->count <= STORE_TRANSACT_KEYS_MAX);
    set->db = db;
    set->error = NULL;
    struct slice *keys = ARENA_NEW_ARRAY(set->arena, struct slice, set->count);
    bool has_keys = keys != NULL;
    for (size_t i = 0; has_keys && i < set->count; i++) {
        keys[i] = db_entry_key(set->arena, set->writes[i].table, NULL, set->writes[i].key);
        has_keys = slice_present(keys[i]);
    }
    if (!has_keys) {
        set->done(set->context, error_exhausted());
        return;
    }
    set->transaction = (struct store_transaction){
        .keys = keys,
        .key_count = set->count,
        .decide = decide_writes,
        .done = finish_writes,
        .context = set,
    };
    store_transact(db->store, &set->transaction);
}
