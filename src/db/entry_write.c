#include "db/entry_write.h"

#include "db/entry.h"
#include "item/value_size.h"

/* What an item adds to the size of its table, and an entry to that of its index. */
enum { ITEM_OVERHEAD_BYTES = 100 };

bool db_write_record(struct db_entry_writer *writer, enum store_atomicity atomicity,
                     enum db_family family, struct slice key, struct slice body)
{
    struct slice record = db_record_make(writer->arena, family, body);
    if (!slice_present(record))
        return false;
    store_batch_put(writer->batch, atomicity, key, record);
    writer->is_writing = true;
    return true;
}

void db_delete_record(struct db_entry_writer *writer, enum store_atomicity atomicity,
                      struct slice key)
{
    store_batch_delete(writer->batch, atomicity, key);
    writer->is_writing = true;
}

static bool add_total(struct db_entry_writer *writer, const struct db_index *index,
                      enum db_total total, int64_t delta)
{
    if (delta == 0)
        return true;
    struct slice key = db_key_of_total(writer->arena, writer->table, index, total);
    if (!slice_present(key))
        return false;
    store_batch_add(writer->batch, key, delta);
    return true;
}

bool db_add_totals(struct db_entry_writer *writer, const struct db_index *index,
                   struct db_share before, struct db_share after)
{
    int64_t items = (int64_t)after.present - (int64_t)before.present;
    int64_t bytes = (int64_t)after.bytes - (int64_t)before.bytes + items * ITEM_OVERHEAD_BYTES;
    if (index == NULL || !index->global)
        writer->colocated += bytes;
    return add_total(writer, index, DB_TOTAL_ITEMS, items) &&
           add_total(writer, index, DB_TOTAL_BYTES, bytes);
}

/* An item's entry in one index. */
struct entry {
    bool present;
    struct slice key;
    struct slice item;
};

static bool entry_of(struct db_entry_writer *writer, const struct db_index *index,
                     struct slice item, struct entry *ret_entry)
{
    const struct db_table *table = writer->table;
    struct entry entry = {0};
    struct db_key_parts parts;
    if (slice_present(item) && db_entry_parts(table, index, item, &parts)) {
        entry.present = true;
        entry.key =
            db_key_make(writer->arena, db_family_of(index), db_space_of(table, index), &parts);
        entry.item = db_entry_project(writer->arena, table, index, item);
        if (!slice_present(entry.key) || !slice_present(entry.item))
            return false;
    }
    *ret_entry = entry;
    return true;
}

bool db_write_entry(struct db_entry_writer *writer, const struct db_index *index,
                    struct slice before_item, struct slice after_item,
                    struct db_index_effect *ret_effect, bool *ret_has_entry)
{
    struct entry before, after;
    if (!entry_of(writer, index, before_item, &before) ||
        !entry_of(writer, index, after_item, &after))
        return false;
    *ret_effect = (struct db_index_effect){0};
    *ret_has_entry = after.present;
    bool has_moved = before.present && after.present && !slice_equal(before.key, after.key);
    if (before.present == after.present && !has_moved && slice_equal(before.item, after.item))
        return true; /* nothing changes, nothing is charged */

    enum store_atomicity atomicity = index->global ? STORE_EVENTUAL : STORE_ATOMIC;
    if (before.present && (has_moved || !after.present))
        db_delete_record(writer, atomicity, before.key);
    if (after.present &&
        !db_write_record(writer, atomicity, db_family_of(index), after.key, after.item))
        return false;

    struct db_share old_share = {before.present, before.present ? item_size_bytes(before.item) : 0};
    struct db_share new_share = {after.present, after.present ? item_size_bytes(after.item) : 0};
    *ret_effect = (struct db_index_effect){
        .index = index,
        .deleted_bytes = old_share.bytes,
        .written_bytes = new_share.bytes,
        .key_moved = has_moved,
    };
    return db_add_totals(writer, index, old_share, new_share);
}
