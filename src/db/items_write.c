/*
 * Point reads, and writes with all that hangs on an item: its index entries, the totals and the
 * size of its collection.
 */

#include "base/check.h"
#include "base/clock.h"
#include "db/collection.h"
#include "db/database.h"
#include "db/entry.h"
#include "db/entry_write.h"
#include "db/expiry.h"
#include "db/fill.h"
#include "db/items.h"
#include "db/stream_log.h"
#include "item/value_size.h"

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
    const struct db_write_set *set;
    struct db_write *write;
    struct slice key;
    struct slice mark_key; /* SLICE_ABSENT: no index is being created */
    bool is_marked;
    struct slice old_item; /* SLICE_ABSENT: there is none */
    struct slice new_item;
    struct db_entry_writer writer;
};

static bool write_base(struct item_change *change)
{
    const struct db_write *write = change->write;
    if (!slice_present(change->new_item))
        db_delete_record(&change->writer, STORE_ATOMIC, change->key);
    else if (!db_write_record(&change->writer, STORE_ATOMIC, DB_FAMILY_ITEM, change->key,
                              change->new_item))
        return false;
    struct db_share before = {slice_present(change->old_item), write->old_bytes};
    struct db_share after = {slice_present(change->new_item), write->new_bytes};
    return db_add_totals(&change->writer, NULL, before, after);
}

/* An index that is being created: the entry of the old item is there if it is marked, and once the
 * filling is complete. */
static bool write_online_index(struct item_change *change, const struct db_index *index,
                               struct db_index_effect *ret_effect)
{
    bool has_entry;
    if (db_index_upkeep(index) == DB_UPKEEP_REMOVE) {
        if (!change->is_marked)
            return true;
        /* Also when there was no item: the mark is about the next one, too. */
        db_delete_record(&change->writer, STORE_ATOMIC, change->mark_key);
        struct db_index_effect unseen;
        return db_write_entry(&change->writer, index, change->old_item, SLICE_ABSENT, &unseen,
                              &has_entry);
    }
    bool is_complete = db_fill_is_complete(change->write->table, index);
    struct slice before = change->is_marked || is_complete ? change->old_item : SLICE_ABSENT;
    if (!db_write_entry(&change->writer, index, before, change->new_item, ret_effect, &has_entry))
        return false;
    if (!has_entry || change->is_marked || is_complete)
        return true;
    return db_fill_mark(&change->writer, change->mark_key, index);
}

static bool write_index(struct item_change *change, const struct db_index *index)
{
    struct db_index_effect effect = {0};
    bool has_entry;
    switch (db_index_upkeep(index)) {
    case DB_UPKEEP_NONE:
        return true;
    case DB_UPKEEP_WHOLE:
        if (!db_write_entry(&change->writer, index, change->old_item, change->new_item, &effect,
                            &has_entry))
            return false;
        break;
    case DB_UPKEEP_FILLING:
    case DB_UPKEEP_REMOVE:
        if (!write_online_index(change, index, &effect))
            return false;
        break;
    }
    if (effect.index != NULL)
        change->write->index_effects[change->write->index_effect_count++] = effect;
    return true;
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
    return db_change_append(change->set->arena, change->writer.batch, stream,
                            db_key_hash(change->key), &record);
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
        db_delete_record(&change->writer, STORE_EVENTUAL, key);
    }
    if (after == DB_EXPIRY_NEVER)
        return true;
    struct slice key = db_expiry_key(arena, table, after, change->write->key);
    return slice_present(key) && db_write_record(&change->writer, STORE_EVENTUAL, DB_FAMILY_EXPIRY,
                                                 key, change->write->key);
}

static bool write_item(struct item_change *change)
{
    struct db_write *write = change->write;
    write->index_effects = NULL;
    write->index_effect_count = 0;
    write->collection_delta = 0;
    change->old_item = write->old_item;
    change->new_item = write->action == DB_KEEP  ? write->old_item
                       : write->action == DB_PUT ? write->new_item
                                                 : SLICE_ABSENT;
    write->new_bytes = slice_present(change->new_item) ? item_size_bytes(change->new_item) : 0;
    if (slice_present(change->old_item) == slice_present(change->new_item) &&
        slice_equal(change->old_item, change->new_item))
        return true;

    const struct db_table *table = write->table;
    struct arena *arena = change->writer.arena;
    write->index_effects = ARENA_NEW_ARRAY(arena, struct db_index_effect, table->index_count);
    if (write->index_effects == NULL)
        return false;
    /* The batch copies: keys and records are needed one at a time. */
    struct arena_mark scratch = arena_mark(arena);
    if (!write_base(change) || !append_change(change) || !write_expiry(change))
        return false;
    arena_rewind(arena, scratch);
    for (size_t i = 0; i < table->index_count; i++) {
        if (!write_index(change, &table->indexes[i]))
            return false;
        arena_rewind(arena, scratch);
    }
    write->collection_delta = change->writer.colocated;
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

/* The keys of the token come right behind those of the items. */
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

/* What all writes of the set change in the collection of the first of them that is in it. */
static int64_t collection_delta(const struct db_write_set *set, size_t first)
{
    size_t key = set->writes[first].collection_key;
    int64_t delta = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (set->writes[i].collection_key != key)
            continue;
        if (i < first)
            return 0; /* done with that one */
        delta += set->writes[i].collection_delta;
    }
    return delta;
}

/* The last write that adds to the collection of this one: some do, when all of them together do. */
static size_t last_addition(const struct db_write_set *set, size_t at)
{
    size_t last = at;
    for (size_t i = at; i < set->count; i++)
        if (set->writes[i].collection_key == set->writes[at].collection_key &&
            set->writes[i].collection_delta > 0)
            last = i;
    return last;
}

static const struct error *write_collections(struct db_write_set *set,
                                             const struct slice *old_values,
                                             struct store_batch *batch)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct db_write *write = &set->writes[i];
        int64_t delta = write->collection_key == 0 ? 0 : collection_delta(set, i);
        if (delta == 0)
            continue;
        int64_t bytes;
        if (!db_collection_read(old_values[write->collection_key], &bytes))
            return corrupt_item(set->arena, write->table);
        bytes += delta;
        if (delta > 0 && bytes > set->db->collection_bytes_max) {
            set->refused = last_addition(set, i);
            return error_make(set->arena, ERROR_ITEM_COLLECTION_SIZE_LIMIT,
                              "Collection size exceeded.");
        }
        if (!db_collection_write(set->arena, batch, set->transaction.keys[write->collection_key],
                                 bytes))
            return error_exhausted();
    }
    return NULL;
}

/* All changes that the decision asks for. false: memory is exhausted. */
static bool write_changes(struct db_write_set *set, const struct slice *old_values,
                          struct store_batch *batch, bool *ret_is_writing)
{
    *ret_is_writing = false;
    for (size_t i = 0; i < set->count; i++) {
        struct db_write *write = &set->writes[i];
        struct item_change change = {
            .set = set,
            .write = write,
            .key = set->transaction.keys[i],
            .writer = {.arena = set->arena, .table = write->table, .batch = batch},
        };
        if (write->mark_key != 0) {
            change.mark_key = set->transaction.keys[write->mark_key];
            change.is_marked =
                db_fill_is_marked(old_values[write->mark_key], db_table_online_index(write->table));
        }
        if (!write_item(&change))
            return false;
        *ret_is_writing = *ret_is_writing || change.writer.is_writing;
    }
    return true;
}

static enum db_admission ask_for_admission(struct db_write_set *set)
{
    const struct error *problem = set->error;
    if (problem != NULL &&
        (problem->kind != ERROR_ITEM_COLLECTION_SIZE_LIMIT || set->admit == NULL))
        return DB_REFUSE;
    if (set->admit == NULL)
        return DB_ADMIT;
    enum db_admission admission = set->admit(set->context, set, problem);
    CHECK(problem == NULL || admission != DB_ADMIT);
    return admission;
}

static enum store_decision decide_writes(void *context, const struct slice *old_values,
                                         struct store_batch *batch)
{
    struct db_write_set *set = context;
    enum db_admission admission;
    bool is_writing;
    set->error = read_old_items(set, old_values);
    if (set->error == NULL)
        set->error = check_conflicts(set);
    if (set->error == NULL)
        set->error = look_for_token(set, old_values);
    if (set->error != NULL)
        return STORE_ABORT;
    do {
        store_batch_clear(batch);
        set->error = NULL;
        if (!set->decide(set->context, set))
            return STORE_ABORT;
        set->error = write_changes(set, old_values, batch, &is_writing)
                         ? write_collections(set, old_values, batch)
                         : error_exhausted();
        admission = ask_for_admission(set);
    } while (admission == DB_DECIDE_AGAIN);
    if (admission == DB_ADMIT && set->token != NULL && !put_token(set, batch))
        set->error = error_exhausted();
    if (admission != DB_ADMIT || set->error != NULL)
        return STORE_ABORT;
    is_writing = is_writing || set->token != NULL;
    /* Nothing to write, but the answer may still tell of what was read. */
    return is_writing ? STORE_COMMIT : STORE_ABORT;
}

static void finish_writes(void *context, const struct error *error)
{
    struct db_write_set *set = context;
    set->done(set->context, error != NULL ? error : set->error);
}

/* The keys that the decision reads: of the items, of the token, then of marks and collections. */
struct key_list {
    struct slice *keys;
    size_t count;
};

static bool add_key(struct key_list *list, struct slice key, size_t *ret_position)
{
    if (!slice_present(key))
        return false;
    *ret_position = list->count;
    list->keys[list->count++] = key;
    return true;
}

static bool add_collection(struct db_write_set *set, struct key_list *list, size_t at)
{
    struct slice key = db_key_of_collection(set->arena, set->writes[at].table, set->writes[at].key);
    for (size_t i = 0; i < at && slice_present(key); i++) {
        size_t position = set->writes[i].collection_key;
        if (position != 0 && slice_equal(list->keys[position], key)) {
            set->writes[at].collection_key = position;
            return true;
        }
    }
    return add_key(list, key, &set->writes[at].collection_key);
}

static bool add_side_keys(struct db_write_set *set, struct key_list *list, size_t at)
{
    struct db_write *write = &set->writes[at];
    const struct db_index *online = db_table_online_index(write->table);
    write->mark_key = 0;
    write->collection_key = 0;
    if (online != NULL &&
        !add_key(list, db_key_of_mark(set->arena, list->keys[at]), &write->mark_key))
        return false;
    return !db_table_has_local_index(write->table) || add_collection(set, list, at);
}

/* The token's keys come right behind those of the items. */
static bool list_keys(struct db_write_set *set, struct key_list *list)
{
    size_t position;
    for (size_t i = 0; i < set->count; i++) {
        const struct db_write *write = &set->writes[i];
        if (!add_key(list, db_entry_key(set->arena, write->table, NULL, write->key), &position))
            return false;
    }
    if (set->token != NULL) {
        if (!db_token_keys(set->db, set->arena, set->token, list->keys + list->count))
            return false;
        list->count += DB_TOKEN_KEYS;
    }
    for (size_t i = 0; i < set->count; i++) {
        if (!add_side_keys(set, list, i))
            return false;
    }
    return true;
}

void db_write_items(struct db *db, struct db_write_set *set)
{
    enum { KEYS_EACH = 3 };
    CHECK(set->count > 0 && set->count <= DB_WRITES_MAX);
    CHECK(set->token == NULL || set->is_transaction);
    set->db = db;
    set->error = NULL;
    set->now_ms = clock_now_ms();
    size_t key_count_max = KEYS_EACH * set->count + DB_TOKEN_KEYS;
    struct key_list list = {.keys = ARENA_NEW_ARRAY(set->arena, struct slice, key_count_max)};
    bool *held = ARENA_NEW_ARRAY(set->arena, bool, key_count_max);
    if (list.keys == NULL || held == NULL || !list_keys(set, &list)) {
        set->done(set->context, error_exhausted());
        return;
    }
    CHECK(list.count <= STORE_TRANSACT_KEYS_MAX);
    set->transaction = (struct store_transaction){
        .keys = list.keys,
        .key_count = list.count,
        .decide = decide_writes,
        .done = finish_writes,
        .context = set,
        .holds = set->is_transaction,
        .held = held,
    };
    store_transact(db->store, &set->transaction);
}
