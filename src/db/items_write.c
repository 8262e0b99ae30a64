/*
 * Point reads, and writes with all that hangs on an item: its index entries and the totals.
 */

#include "base/check.h"
#include "base/clock.h"
#include "db/database.h"
#include "db/entry.h"
#include "db/expiry.h"
#include "db/items.h"
#include "db/stream_log.h"
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

static const struct error *make_keys(struct arena *arena, const struct db_get *gets, size_t count,
                                     struct slice **ret_keys)
{
    struct slice *keys = ARENA_NEW_ARRAY(arena, struct slice, count);
    if (keys == NULL)
        return error_exhausted();
    for (size_t i = 0; i < count; i++) {
        keys[i] = db_entry_key(arena, gets[i].table, NULL, gets[i].key);
        if (!slice_present(keys[i]))
            return error_exhausted();
    }
    *ret_keys = keys;
    return NULL;
}

static const struct error *get(struct db *db, struct arena *arena, const struct slice *keys,
                               struct db_get *gets, size_t count)
{
    struct slice *values = ARENA_NEW_ARRAY(arena, struct slice, count);
    if (values == NULL)
        return error_exhausted();
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

const struct error *db_get(struct db *db, struct arena *arena, struct db_get *gets, size_t count)
{
    struct slice *keys;
    const struct error *error = make_keys(arena, gets, count, &keys);
    return error != NULL ? error : get(db, arena, keys, gets, count);
}

/* What is read is one committed state, whatever is in flight: the look at the flights only tells
 * who must be told of a conflict. */
const struct error *db_get_settled(struct db *db, struct arena *arena, struct db_get *gets,
                                   size_t count)
{
    struct slice *keys;
    const struct error *error = make_keys(arena, gets, count, &keys);
    if (error != NULL)
        return error;
    bool *in_flight = ARENA_NEW_ARRAY(arena, bool, count);
    if (in_flight == NULL)
        return error_exhausted();
    store_in_flight(db->store, keys, count, in_flight);
    bool conflicts = false;
    for (size_t i = 0; i < count; i++) {
        gets[i].conflicts = in_flight[i];
        conflicts = conflicts || in_flight[i];
    }
    return conflicts ? NULL : get(db, arena, keys, gets, count);
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

/* For the stream, if there is one: looked up now and not in the snapshot, see struct db_life. */
static bool append_change(struct item_change *change)
{
    const struct db_stream *stream =
        atomic_load(&db_snapshot_of(change->write->table)->life->stream);
    if (stream == NULL)
        return true;
    bool had = slice_present(change->old_item);
    bool has = slice_present(change->new_item);
    struct db_change record = {
        .kind = !had  ? DB_CHANGE_INSERT
                : has ? DB_CHANGE_MODIFY
                      : DB_CHANGE_REMOVE,
        .is_expiry = change->set->is_expiry && !has,
        .created_ms = change->set->now_ms,
        .keys = change->write->key,
        .new_image = change->new_item,
        .old_image = change->old_item,
    };
    db_change_project(stream->facts.view, &record);
    return db_change_append(change->set->arena, change->batch, stream, db_key_hash(change->key),
                            &record);
}

/* The record of when it expires follows the item. */
static bool write_expiry(struct item_change *change)
{
    const struct db_table *table = change->write->table;
    struct arena *arena = change->set->arena;
    int64_t before = db_expiry_of(table, change->old_item);
    int64_t after = db_expiry_of(table, change->new_item);
    if (before == after)
        return true;
    if (before != DB_EXPIRY_NEVER) {
        struct slice key = db_expiry_key(arena, table, before, change->write->key);
        if (!slice_present(key))
            return false;
        delete (change, STORE_EVENTUAL, key);
    }
    if (after == DB_EXPIRY_NEVER)
        return true;
    struct slice key = db_expiry_key(arena, table, after, change->write->key);
    return slice_present(key) &&
           put(change, STORE_EVENTUAL, DB_FAMILY_EXPIRY, key, change->write->key);
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
    if (!write_base(change) || !append_change(change) || !write_expiry(change))
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
        write->conflicts = set->transaction.held[i];
        write->action = DB_KEEP;
        if (slice_present(old_values[i]) &&
            !db_record_open(DB_FAMILY_ITEM, old_values[i], &write->old_item))
            return corrupt_item(set->arena, write->table);
        write->old_bytes = slice_present(write->old_item) ? item_size_bytes(write->old_item) : 0;
    }
    return NULL;
}

static const struct error *check_conflicts(const struct db_write_set *set)
{
    for (size_t i = 0; set->conflicts == DB_CONFLICTS_FAIL && i < set->count; i++)
        if (set->writes[i].conflicts)
            return error_make_slice(set->arena, ERROR_TRANSACTION_CONFLICT,
                                    SLICE("Transaction is ongoing for the item"));
    return NULL;
}

/* The keys of the token come behind those of the items. */
static const struct error *look_for_token(struct db_write_set *set, const struct slice *old_values)
{
    return set->token == NULL ? NULL
                              : db_token_look(set->token, set->arena, old_values + set->count,
                                              set->transaction.held + set->count);
}

static bool put_token(struct db_write_set *set, struct store_batch *batch)
{
    struct slice record = db_token_record(set->arena, set->token);
    if (slice_present(record))
        store_batch_put(batch, STORE_ATOMIC,
                        db_token_key_to_write(set->transaction.keys + set->count), record);
    return slice_present(record);
}

static enum store_decision decide_writes(void *context, const struct slice *old_values,
                                         struct store_batch *batch)
{
    struct db_write_set *set = context;
    set->error = read_old_items(set, old_values);
    if (set->error == NULL)
        set->error = check_conflicts(set);
    if (set->error == NULL)
        set->error = look_for_token(set, old_values);
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
    if (set->token != NULL && !put_token(set, batch)) {
        set->error = error_exhausted();
        return STORE_ABORT;
    }
    is_writing = is_writing || set->token != NULL;
    /* Nothing to write, but the answer may still tell of what was read. */
    return is_writing ? STORE_COMMIT : STORE_ABORT;
}

static void finish_writes(void *context, const struct error *error)
{
    struct db_write_set *set = context;
    set->done(set->context, error != NULL ? error : set->error);
}

/* The keys of the items, and of the token behind them. */
static bool make_write_keys(struct db_write_set *set, struct slice *keys)
{
    for (size_t i = 0; i < set->count; i++) {
        keys[i] = db_entry_key(set->arena, set->writes[i].table, NULL, set->writes[i].key);
        if (!slice_present(keys[i]))
            return false;
    }
    return set->token == NULL || db_token_keys(set->db, set->arena, set->token, keys + set->count);
}

void db_write_items(struct db *db, struct db_write_set *set)
{
    CHECK(set->count > 0 && set->count <= STORE_TRANSACT_KEYS_MAX - DB_TOKEN_KEYS);
    CHECK(set->token == NULL || set->is_transaction);
    set->db = db;
    set->error = NULL;
    set->now_ms = clock_now_ms();
    size_t key_count = set->count + (set->token != NULL ? DB_TOKEN_KEYS : 0);
    struct slice *keys = ARENA_NEW_ARRAY(set->arena, struct slice, key_count);
    bool *held = ARENA_NEW_ARRAY(set->arena, bool, key_count);
    if (keys == NULL || held == NULL || !make_write_keys(set, keys)) {
        set->done(set->context, error_exhausted());
        return;
    }
    set->transaction = (struct store_transaction){
        .keys = keys,
        .key_count = key_count,
        .decide = decide_writes,
        .done = finish_writes,
        .context = set,
        .holds = set->is_transaction,
        .held = held,
    };
    store_transact(db->store, &set->transaction);
}
