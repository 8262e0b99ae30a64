/*
 * Global indexes of live tables come and go: whatever writers do meanwhile, with whatever snapshot
 * of the table, in the end an index has exactly the entries that the items call for, and its totals
 * are theirs.
 */

#include "db/fill.h"

#include "base/log.h"
#include "db/entry.h"
#include "db/keyspace.h"
#include "db_disk_fixture.h"
#include "store/fault/fault_store.h"

enum { OVERHEAD = 100, KEYS = 40, SNAPSHOTS = 4, HISTORY_STEPS = 400, HISTORIES = 30 };

/* --- the table and its indexes --- */

static const struct db_index *template_of(size_t choice)
{
    return &fixture_indexes[2 + choice % 3]; /* the global ones */
}

static struct db_table copy_without(const struct db_table *table, struct db_index *indexes)
{
    struct db_table copy = *table;
    memcpy(indexes, table->indexes, table->index_count * sizeof(*indexes));
    copy.indexes = indexes;
    return copy;
}

static const struct error *update_now(const struct db_table *old, const struct db_table *new)
{
    const struct db_table *after;
    const struct error *error = table_update(old, new, FIXTURE_NOW_MS, &after);
    if (error == NULL)
        db_table_release(fixture_db, after);
    return error;
}

static const struct error *create_index(const struct db_table *table, size_t choice)
{
    struct db_index indexes[DB_GLOBAL_INDEXES_MAX];
    struct db_table new = copy_without(table, indexes);
    indexes[new.index_count++] = *template_of(choice);
    return update_now(table, &new);
}

static const struct error *delete_index(const struct db_table *table, size_t at)
{
    struct db_index indexes[DB_GLOBAL_INDEXES_MAX];
    struct db_table new = copy_without(table, indexes);
    indexes[at].status = DB_STATUS_DELETING;
    return update_now(table, &new);
}

static const struct db_table *now(void)
{
    const struct db_table *table = table_acquire("t", FIXTURE_NOW_MS);
    assert_non_null(table);
    return table;
}

static void settle(void)
{
    while (db_catalog_work(fixture_db, FIXTURE_NOW_MS)) {
    }
}

static void create_and_settle(size_t choice)
{
    const struct db_table *table = now();
    assert_ok(create_index(table, choice));
    db_table_release(fixture_db, table);
    settle();
}

static void reopen(void)
{
    db_close(fixture_db);
    fixture_db_open(0);
}

/* --- what must hold --- */

static bool count_one(void *context, struct slice key, struct slice value)
{
    (void)key;
    (void)value;
    ++*(size_t *)context;
    return true;
}

static size_t count_family(enum db_family family)
{
    size_t count = 0;
    struct store_range range;
    struct arena arena;
    arena_init(&arena, FIXTURE_ARENA_BYTES);
    assert_true(db_key_family_range(&arena, family, &range));
    assert_ok(store_scan(fixture_store, &arena, range, STORE_FORWARD, count_one, &count));
    arena_fini(&arena);
    return count;
}

static struct db_totals totals_of(const struct db_table *table, const struct db_index *index)
{
    struct db_totals totals;
    assert_ok(db_table_totals(fixture_db, &fixture_arena, table, index, &totals));
    return totals;
}

/* The totals count what is there, also half way. */
static void check_totals(const struct db_table *table, const struct db_index *index)
{
    static struct found found;
    struct db_read read = {.table = table, .index = index, .whole = true};
    read_items(&read, &found);
    struct db_totals totals = totals_of(table, index);
    assert_int_equal(totals.items, found.count);
    assert_int_equal(totals.bytes, read.scanned_bytes + OVERHEAD * found.count);
}

static bool has_entry(const struct found *entries, struct slice entry)
{
    size_t count = 0;
    for (size_t i = 0; i < entries->count; i++)
        count += slice_equal(entries->items[i], entry);
    assert_true(count <= 1);
    return count == 1;
}

/* No entry without its item, no item without its entry. */
static void check_index(const struct db_table *table, const struct db_index *index)
{
    static struct found items, entries;
    struct db_read read_table = {.table = table, .whole = true};
    struct db_read read_index = {.table = table, .index = index, .whole = true};
    read_items(&read_table, &items);
    read_items(&read_index, &entries);
    size_t expected = 0;
    for (size_t i = 0; i < items.count; i++) {
        struct db_key_parts parts;
        if (!db_entry_parts(table, index, items.items[i], &parts))
            continue;
        expected++;
        assert_true(
            has_entry(&entries, db_entry_project(&fixture_arena, table, index, items.items[i])));
    }
    assert_int_equal(entries.count, expected);
    check_totals(table, index);
}

static void check_everything(void)
{
    const struct db_table *table = now();
    assert_int_equal(table->status, DB_STATUS_ACTIVE);
    size_t entries = 0;
    for (size_t i = 0; i < table->index_count; i++) {
        const struct db_index *index = &table->indexes[i];
        if (index->global) {
            assert_int_equal(index->status, DB_STATUS_ACTIVE);
            assert_false(index->online || index->backfilling);
            entries += (size_t)totals_of(table, index).items;
        }
        check_index(table, index);
    }
    /* Nothing is left of what helped to fill, nor of indexes that are gone. */
    assert_int_equal(count_family(DB_FAMILY_MARK), 0);
    assert_int_equal(count_family(DB_FAMILY_FILL), 0);
    assert_int_equal(count_family(DB_FAMILY_GLOBAL), entries);
    db_table_release(fixture_db, table);
}

/* --- writing with a snapshot --- */

static void put_with(const struct db_table *table, const char *json)
{
    struct slice item = item_of(json);
    struct slice key;
    assert_ok(db_table_key_of_item(table, &fixture_arena, item, &key));
    assert_ok(write_one(&fixture_arena, table, key, item, NULL));
}

/* rest: the item's other attributes; NULL: it goes. */
static void put_number(const struct db_table *table, unsigned number, const char *rest)
{
    char json[200];
    if (rest == NULL) {
        snprintf(json, sizeof(json), "{\"p\":{\"S\":\"p%u\"},\"s\":{\"N\":\"%u\"}}", number % 5,
                 number);
        assert_ok(write_one(&fixture_arena, table, item_of(json), SLICE_ABSENT, NULL));
        return;
    }
    snprintf(json, sizeof(json), "{\"p\":{\"S\":\"p%u\"},\"s\":{\"N\":\"%u\"}%s}", number % 5,
             number, rest);
    put_with(table, json);
}

/* --- tests --- */

static void an_index_is_filled_with_the_items_that_were_there(void **state)
{
    (void)state;
    const struct db_table *table = fixture_table("t", 2);
    for (unsigned i = 0; i < 200; i++)
        put_number(table, i,
                   i % 3 == 0 ? ""
                              : ",\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"4\"},\"x\":{\"S\":\"x\"}");
    db_table_release(fixture_db, table);
    for (size_t choice = 0; choice < 3; choice++)
        create_and_settle(choice);
    table = now();
    assert_int_equal(table->index_count, 5);
    assert_slice(table->indexes[4].name, SLICE("global-all"));
    assert_int_equal(totals_of(table, &table->indexes[4]).items, 133);
    db_table_release(fixture_db, table);
    check_everything();
}

/* The service passes over what it cannot index. */
static void what_does_not_fit_the_key_is_left_out(void **state)
{
    (void)state;
    const struct db_table *table = fixture_table("t", 2);
    char *long_text = calloc(1, 3000);
    assert_non_null(long_text);
    snprintf(long_text, 3000, ",\"g\":{\"S\":\"%02100d\"},\"h\":{\"N\":\"1\"}", 7);
    char json[3200];
    snprintf(json, sizeof(json), "{\"p\":{\"S\":\"long\"},\"s\":{\"N\":\"1\"}%s}", long_text);
    put_with(table, json);
    free(long_text);
    put_number(table, 1, ",\"g\":{\"N\":\"1\"},\"h\":{\"N\":\"1\"}");
    put_number(table, 2, ",\"g\":{\"S\":\"\"},\"h\":{\"N\":\"1\"}");
    put_number(table, 3, ",\"g\":{\"S\":\"w\"},\"h\":{\"S\":\"1\"}");
    put_number(table, 4, ",\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"1\"}");
    db_table_release(fixture_db, table);
    create_and_settle(2);
    table = now();
    assert_int_equal(totals_of(table, &table->indexes[2]).items, 1);
    db_table_release(fixture_db, table);
    check_everything();
}

/* A writer that has never heard of the index, one that may only remove, one that keeps it: each
 * with its own snapshot, on the same item, in every order of versions, before and after the visit.
 */
static void write_history(unsigned choices)
{
    static const char *const versions[] = {NULL, "", ",\"g\":{\"S\":\"one\"},\"h\":{\"N\":\"1\"}",
                                           ",\"g\":{\"S\":\"two\"},\"h\":{\"N\":\"2\"}"};
    const struct db_table *unaware = now();
    put_number(unaware, 1, versions[choices % 4]);
    assert_ok(create_index(unaware, 2));
    const struct db_table *removing = now();
    assert_int_equal(db_index_upkeep(&removing->indexes[2]), DB_UPKEEP_REMOVE);
    assert_true(db_catalog_work(fixture_db, FIXTURE_NOW_MS)); /* waits for `unaware` */
    choices /= 4;
    put_number(choices % 2 == 0 ? unaware : removing, 1, versions[choices / 2 % 4]);
    choices /= 8;
    db_table_release(fixture_db, unaware);
    assert_true(db_catalog_work(fixture_db, FIXTURE_NOW_MS));
    const struct db_table *filling = now();
    assert_int_equal(db_index_upkeep(&filling->indexes[2]), DB_UPKEEP_FILLING);
    assert_true(db_catalog_work(fixture_db, FIXTURE_NOW_MS)); /* waits for `removing` */
    for (unsigned i = 0; i < 3; i++, choices /= 8) {
        put_number(choices % 2 == 0 ? removing : filling, 1, versions[choices / 2 % 4]);
        check_totals(filling, &filling->indexes[2]);
    }
    db_table_release(fixture_db, removing);
    assert_true(db_catalog_work(fixture_db, FIXTURE_NOW_MS)); /* fills */
    const struct db_table *whole = now();
    assert_int_equal(db_index_upkeep(&whole->indexes[2]), DB_UPKEEP_WHOLE);
    check_index(whole, &whole->indexes[2]);
    for (unsigned i = 0; i < 2; i++)
        put_number(i == 0 ? whole : filling, 1, versions[(choices + i) % 4]);
    db_table_release(fixture_db, filling);
    db_table_release(fixture_db, whole);
    settle();
    check_everything();
}

static void writers_of_all_states_at_once(void **state)
{
    (void)state;
    enum { ALL = 4 * 8 * 8 * 8 * 8 };
    db_table_release(fixture_db, fixture_table("t", 2));
    for (unsigned choices = 0; choices < ALL; choices += 7) { /* prime to ALL: a fair share */
        write_history(choices);
        const struct db_table *table = now();
        assert_ok(delete_index(table, 2));
        db_table_release(fixture_db, table);
        settle();
        check_everything();
    }
}

static void what_can_be_seen_meanwhile(void **state)
{
    (void)state;
    enum { TRANSIENT_MS = 1000 };
    db_close(fixture_db);
    fixture_db_open(TRANSIENT_MS);
    struct db_table description = fixture_description("t", 2);
    const struct db_table *table;
    int64_t time = FIXTURE_NOW_MS;
    assert_ok(table_create(&description, time, &table));
    db_table_release(fixture_db, table);
    time += TRANSIENT_MS;
    table = table_acquire("t", time);
    put_number(table, 1, ",\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"1\"}");
    struct db_index indexes[DB_GLOBAL_INDEXES_MAX];
    struct db_table new = copy_without(table, indexes);
    indexes[new.index_count++] = *template_of(2);
    const struct db_table *after;
    assert_ok(table_update(table, &new, time, &after));
    db_table_release(fixture_db, table);
    db_table_release(fixture_db, after);

    /* allocating, as long as the table is shown in UPDATING */
    assert_false(db_catalog_work(fixture_db, time + TRANSIENT_MS - 1));
    table = table_acquire("t", time + 10 * TRANSIENT_MS);
    assert_int_equal(table->status, DB_STATUS_UPDATING);
    assert_int_equal(table->indexes[2].status, DB_STATUS_CREATING);
    assert_false(table->indexes[2].backfilling);
    db_table_release(fixture_db, table);
    /* filling */
    time += TRANSIENT_MS;
    assert_true(db_catalog_work(fixture_db, time));
    while (db_catalog_work(fixture_db, time)) {
    }
    table = table_acquire("t", time);
    assert_int_equal(table->status, DB_STATUS_ACTIVE);
    assert_int_equal(table->indexes[2].status, DB_STATUS_CREATING);
    assert_true(table->indexes[2].backfilling);
    assert_int_equal(totals_of(table, &table->indexes[2]).items, 1);
    db_table_release(fixture_db, table);
    time += TRANSIENT_MS;
    while (db_catalog_work(fixture_db, time)) {
    }
    table = table_acquire("t", time);
    assert_int_equal(table->indexes[2].status, DB_STATUS_ACTIVE);
    assert_false(table->indexes[2].online);
    /* deleting */
    new = copy_without(table, indexes);
    indexes[2].status = DB_STATUS_DELETING;
    assert_ok(table_update(table, &new, time, &after));
    db_table_release(fixture_db, table);
    assert_int_equal(after->indexes[2].status, DB_STATUS_DELETING);
    db_table_release(fixture_db, after);
    assert_false(db_catalog_work(fixture_db, time));
    table = table_acquire("t", time + 10 * TRANSIENT_MS);
    assert_int_equal(table->status, DB_STATUS_UPDATING);
    db_table_release(fixture_db, table);
    time += TRANSIENT_MS;
    while (db_catalog_work(fixture_db, time)) {
    }
    table = table_acquire("t", time);
    assert_int_equal(table->status, DB_STATUS_ACTIVE);
    assert_int_equal(table->index_count, 2);
    assert_int_equal(db_table_attribute_type(table, SLICE("g")), VALUE_ABSENT);
    assert_int_equal(db_table_attribute_type(table, SLICE("l")), VALUE_STRING);
    db_table_release(fixture_db, table);
    assert_int_equal(count_family(DB_FAMILY_GLOBAL), 0);
    assert_int_equal(count_family(DB_FAMILY_MARK), 0);
    assert_int_equal(count_family(DB_FAMILY_FILL), 0);
}

static void a_deleted_table_takes_its_half_filled_index_along(void **state)
{
    (void)state;
    const struct db_table *table = fixture_table("t", 2);
    put_number(table, 1, ",\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"1\"}");
    assert_ok(create_index(table, 2));
    db_table_release(fixture_db, table);
    assert_true(db_catalog_work(fixture_db, FIXTURE_NOW_MS));
    table = now();
    assert_true(table->indexes[2].backfilling);
    put_number(table, 2, ",\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"1\"}");
    assert_int_equal(count_family(DB_FAMILY_MARK), 1);
    db_table_release(fixture_db, table);
    /* The table is UPDATING until its index is there: only time makes it ACTIVE before that. */
    table = table_acquire("t", FIXTURE_NOW_MS + 5000);
    assert_ok(table_delete(table, FIXTURE_NOW_MS + 5000));
    db_table_release(fixture_db, table);
    settle();
    static const enum db_family families[] = {DB_FAMILY_ITEM, DB_FAMILY_GLOBAL, DB_FAMILY_MARK,
                                              DB_FAMILY_FILL, DB_FAMILY_DROP,   DB_FAMILY_TABLE};
    for (size_t i = 0; i < COUNT_OF(families); i++)
        assert_int_equal(count_family(families[i]), 0);
}

/* --- histories --- */

static uint64_t random_state;

static unsigned random_below(unsigned limit)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % limit;
}

static void random_item(unsigned number, char *json, size_t size)
{
    static const char *const rests[] = {
        "",
        ",\"g\":{\"S\":\"a\"}",
        ",\"g\":{\"S\":\"a\"},\"h\":{\"N\":\"1\"}",
        ",\"g\":{\"S\":\"b\"},\"h\":{\"N\":\"1\"},\"x\":{\"S\":\"x\"}",
        ",\"g\":{\"S\":\"b\"},\"h\":{\"N\":\"2\"},\"x\":{\"S\":\"yy\"},\"l\":{\"S\":\"l\"}",
        ",\"g\":{\"N\":\"5\"},\"h\":{\"N\":\"2\"}",
        ",\"g\":{\"S\":\"\"},\"h\":{\"S\":\"2\"},\"l\":{\"S\":\"k\"}",
    };
    snprintf(json, size, "{\"p\":{\"S\":\"p%u\"},\"s\":{\"N\":\"%u\"}%s}", number % 5, number,
             rests[random_below(COUNT_OF(rests))]);
}

/* Errors are all right where commits may fail. */
static void random_write(const struct db_table *table, bool may_fail)
{
    char json[200];
    unsigned number = random_below(KEYS);
    random_item(number, json, sizeof(json));
    struct slice item = item_of(json);
    struct slice key;
    assert_ok(db_table_key_of_item(table, &fixture_arena, item, &key));
    const struct error *error =
        write_one(&fixture_arena, table, key, random_below(4) == 0 ? SLICE_ABSENT : item, NULL);
    if (!may_fail)
        assert_ok(error);
}

static void random_change(void)
{
    const struct db_table *table = now();
    size_t choice = random_below(3);
    const struct db_index *index = db_table_index(table, template_of(choice)->name);
    const struct error *error = NULL;
    if (index == NULL && db_table_online_index(table) == NULL &&
        db_table_holding_index(table) == NULL)
        error = create_index(table, choice);
    else if (index != NULL && index->status != DB_STATUS_DELETING &&
             (!index->online || index->backfilling))
        error = delete_index(table, (size_t)(index - table->indexes));
    if (error != NULL)
        assert_int_equal(error->kind, ERROR_RESOURCE_IN_USE);
    db_table_release(fixture_db, table);
}

struct history {
    const struct db_table *held[SNAPSHOTS];
};

static void release_all(struct history *history)
{
    for (size_t i = 0; i < SNAPSHOTS; i++) {
        if (history->held[i] != NULL)
            db_table_release(fixture_db, history->held[i]);
        history->held[i] = NULL;
    }
}

static void check_halfway(void)
{
    const struct db_table *table = now();
    for (size_t i = 0; i < table->index_count; i++)
        if (table->indexes[i].status != DB_STATUS_DELETING)
            check_totals(table, &table->indexes[i]);
    db_table_release(fixture_db, table);
}

static void step(struct history *history)
{
    const struct db_table **held = &history->held[random_below(SNAPSHOTS)];
    switch (random_below(12)) {
    case 0:
        random_change();
        break;
    case 1:
    case 2:
    case 3:
        db_catalog_work(fixture_db, FIXTURE_NOW_MS);
        check_halfway();
        break;
    case 4:
        if (*held != NULL)
            db_table_release(fixture_db, *held);
        *held = now();
        break;
    case 5:
    case 6:
        if (*held != NULL)
            db_table_release(fixture_db, *held);
        *held = NULL;
        break;
    case 7:
        if (random_below(8) != 0)
            break;
        release_all(history);
        reopen();
        break;
    default:
        if (*held == NULL)
            *held = now();
        random_write(*held, false);
    }
}

static void open_for_pieces(void)
{
    db_close(fixture_db);
    struct db_options options = {.store = fixture_store, .fill_items = 3};
    assert_ok(db_open(&fixture_arena, &options, &fixture_db));
}

/* Snapshots of every age write, the filling goes on in pieces of three items, the process ends and
 * begins anew. */
static void any_history_ends_well(void **state)
{
    (void)state;
    db_table_release(fixture_db, fixture_table("t", 2));
    for (unsigned seed = 1; seed <= HISTORIES; seed++) {
        random_state = seed;
        struct history history = {0};
        open_for_pieces();
        for (unsigned i = 0; i < HISTORY_STEPS; i++)
            step(&history);
        release_all(&history);
        settle();
        check_everything();
    }
}

/* --- threads --- */

enum { WRITERS = 4, ROUNDS = 12, THREAD_ARENA_BYTES = 64 * 1024 * 1024 };

static _Atomic bool is_over;

static void *run_writes(void *context)
{
    struct arena arena;
    arena_init(&arena, THREAD_ARENA_BYTES);
    unsigned seed = *(unsigned *)context;
    for (unsigned i = 0; !is_over; i++) {
        const struct db_table *table = table_acquire("t", FIXTURE_NOW_MS);
        char json[200];
        unsigned number = (seed = seed * 1103515245 + 12345) / 65536 % KEYS;
        unsigned version = (seed = seed * 1103515245 + 12345) / 65536 % 7;
        snprintf(json, sizeof(json),
                 version == 0 ? "{\"p\":{\"S\":\"p%u\"},\"s\":{\"N\":\"%u\"}}"
                              : "{\"p\":{\"S\":\"p%u\"},\"s\":{\"N\":\"%u\"},\"g\":{\"S\":\"g%u\"},"
                                "\"h\":{\"N\":\"1\"}}",
                 number % 5, number, version);
        struct slice item = item_in(&arena, json);
        struct slice key;
        CHECK(db_table_key_of_item(table, &arena, item, &key) == NULL);
        CHECK(write_one(&arena, table, key, version == 1 ? SLICE_ABSENT : item, NULL) == NULL);
        db_table_release(fixture_db, table);
        arena_reset(&arena);
    }
    arena_fini(&arena);
    return NULL;
}

static void *run_work(void *context)
{
    (void)context;
    while (!is_over)
        db_catalog_work(fixture_db, FIXTURE_NOW_MS);
    return NULL;
}

static const struct db_index *await_index(const struct db_table **table, size_t count)
{
    for (;;) {
        *table = now();
        bool is_there = (*table)->index_count == count && (*table)->status == DB_STATUS_ACTIVE;
        for (size_t i = 0; is_there && i < count; i++)
            is_there =
                !(*table)->indexes[i].global || (*table)->indexes[i].status == DB_STATUS_ACTIVE;
        if (is_there)
            return &(*table)->indexes[count - 1];
        db_table_release(fixture_db, *table);
    }
}

static void writers_go_on_while_indexes_come_and_go(void **state)
{
    (void)state;
    const struct db_table *table = fixture_table("t", 2);
    for (unsigned i = 0; i < KEYS; i++)
        put_number(table, i, ",\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"1\"}");
    db_table_release(fixture_db, table);
    open_for_pieces();
    pthread_t threads[WRITERS + 1];
    unsigned seeds[WRITERS];
    is_over = false;
    for (unsigned i = 0; i < WRITERS; i++) {
        seeds[i] = i + 1;
        assert_int_equal(pthread_create(&threads[i], NULL, run_writes, &seeds[i]), 0);
    }
    assert_int_equal(pthread_create(&threads[WRITERS], NULL, run_work, NULL), 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        await_index(&table, 2);
        assert_ok(create_index(table, round));
        db_table_release(fixture_db, table);
        await_index(&table, 3);
        db_table_release(fixture_db, table);
        if (round == ROUNDS - 1)
            break;
        table = now();
        assert_ok(delete_index(table, 2));
        db_table_release(fixture_db, table);
    }
    is_over = true;
    for (unsigned i = 0; i <= WRITERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    settle();
    check_everything();
}

/* --- faults --- */

static int fault_setup(void **state)
{
    fixture_setup(state);
    db_close(fixture_db);
    assert_ok(fault_store_open(&fixture_arena, fixture_store, &fixture_store));
    fixture_db_open(0);
    return 0;
}

static void add_rule(enum fault_call call, enum fault_effect effect, uint64_t first, uint64_t every)
{
    fault_store_add_rule(fixture_store, &(struct fault_rule){.call = call,
                                                             .effect = effect,
                                                             .first = first,
                                                             .every = every,
                                                             .error_kind = ERROR_INTERNAL});
}

/* Whatever call fails, at whatever moment, the work is done in the end. */
static void any_call_may_fail(void **state)
{
    (void)state;
    static const struct {
        enum fault_call call;
        enum fault_effect effect;
    } faults[] = {
        {FAULT_TRANSACT, FAULT_FAIL},   {FAULT_TRANSACT, FAULT_FAIL_COMMIT},
        {FAULT_TRANSACT, FAULT_RECALL}, {FAULT_SCAN, FAULT_FAIL},
        {FAULT_GET, FAULT_FAIL},        {FAULT_DROP_RANGE, FAULT_FAIL},
    };
    db_table_release(fixture_db, fixture_table("t", 2));
    open_for_pieces();
    random_state = 7;
    for (unsigned round = 0; round < 120; round++) {
        add_rule(faults[round % COUNT_OF(faults)].call, faults[round % COUNT_OF(faults)].effect,
                 1 + random_below(4), 2 + random_below(3));
        const struct db_table *table = now();
        if (table->index_count == 2)
            create_index(table, round);
        else if (table->indexes[2].status == DB_STATUS_ACTIVE)
            delete_index(table, 2);
        db_table_release(fixture_db, table);
        for (unsigned i = 0; i < 20; i++) {
            table = now();
            random_write(table, true);
            db_table_release(fixture_db, table);
            if (i % 2 == 0)
                db_catalog_work(fixture_db, FIXTURE_NOW_MS);
        }
        fault_store_clear_rules(fixture_store);
        settle();
        check_everything();
    }
}

/* --- records --- */

static void the_fill_record(void **state)
{
    (void)state;
    static const uint8_t expected[] = {0x00, 0xac, 0x02, 'i', 'k'};
    struct db_fill_record record = {.table_id = 300, .last_key = SLICE("ik")};
    struct buf body;
    buf_init(&body, &fixture_arena, 100);
    db_fill_record_write(&body, &record);
    assert_slice(buf_slice(&body), slice_of(expected, sizeof(expected)));
    struct db_fill_record read;
    assert_true(db_fill_record_read(buf_slice(&body), &read));
    assert_int_equal(read.table_id, 300);
    assert_false(read.is_complete);
    assert_slice(read.last_key, SLICE("ik"));
    assert_false(db_fill_record_read(SLICE(""), &read));
    assert_false(db_fill_record_read(SLICE("\x02\x01"), &read));
    assert_false(db_fill_record_read(SLICE("\x01"), &read));
    assert_false(db_fill_record_read(SLICE("\x01\xff\xff\xff\xff\xff\xff\x01"), &read));
}

int main(void)
{
    log_set_level(LOG_ERROR); /* faults are asked for */
    const struct CMUnitTest tests[] = {
        DB_TEST(an_index_is_filled_with_the_items_that_were_there),
        DB_TEST(what_does_not_fit_the_key_is_left_out),
        DB_TEST(writers_of_all_states_at_once),
        DB_TEST(what_can_be_seen_meanwhile),
        DB_TEST(a_deleted_table_takes_its_half_filled_index_along),
        DB_TEST(any_history_ends_well),
        DB_TEST(writers_go_on_while_indexes_come_and_go),
        DB_TEST(the_fill_record),
        DISK_TEST(an_index_is_filled_with_the_items_that_were_there),
        DISK_TEST(any_history_ends_well),
        DISK_TEST(writers_go_on_while_indexes_come_and_go),
        cmocka_unit_test_setup_teardown(any_call_may_fail, fault_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
