/*
 * Random histories: the same writes go to the database and to a table of structs, and every read is
 * compared with what the structs say. Over all engines, with failing calls and with restarts.
 */

#include "db/items.h"

#include "db_disk_fixture.h"
#include "item/value_size.h"
#include "store/fault/fault_store.h"

/* Values as JSON, ascending; a member of the model is a position here. */
static const char *const partition_values[] = {"\\u0001", "a", "a\\u0000", "b", "zz"};
static const char *const sort_values[] = {"-10", "-1.5", "0", "0.5", "2", "10", "1E+20"};
static const char *const l_values[] = {"\\u0000", "\\u0001", "a", "a\\u0000", "ab"};
static const char *const g_values[] = {"g", "g\\u0001", "h"};
static const char *const h_values[] = {"-3", "-0.001", "0", "7"};
static const char *const x_values[] = {"1", "two", "three"};

enum {
    PARTITIONS = COUNT_OF(partition_values),
    SORTS = COUNT_OF(sort_values),
    SLOTS = PARTITIONS * SORTS,
    NONE = -1,
};

struct model_item {
    bool present;
    int p, s, l, g, h, x; /* NONE: no such attribute */
};

static struct model_item model[SLOTS];
static const struct db_table *table;
static uint64_t random_state;

static uint32_t random_below(uint32_t bound)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % bound;
}

/* --- the model --- */

/* The item with the attributes of that index; NULL: all. */
static struct slice item_of_model(const struct model_item *item, const struct db_index *index)
{
    enum db_projection projection = index == NULL ? DB_PROJECT_ALL : index->projection;
    bool all = projection == DB_PROJECT_ALL;
    struct buf json;
    buf_init(&json, &fixture_arena, FIXTURE_ARENA_BYTES);
    buf_append_format(&json, "{\"p\":{\"S\":\"%s\"},\"s\":{\"N\":\"%s\"}",
                      partition_values[item->p], sort_values[item->s]);
    if (item->l != NONE && (all || !index->global))
        buf_append_format(&json, ",\"l\":{\"S\":\"%s\"}", l_values[item->l]);
    if (item->g != NONE && (all || index->global))
        buf_append_format(&json, ",\"g\":{\"S\":\"%s\"}", g_values[item->g]);
    if (item->h != NONE && (all || (index->global && index->key.sort_count > 0)))
        buf_append_format(&json, ",\"h\":{\"N\":\"%s\"}", h_values[item->h]);
    if (item->x != NONE && (all || projection == DB_PROJECT_INCLUDE))
        buf_append_format(&json, ",\"x\":{\"S\":\"%s\"}", x_values[item->x]);
    buf_append(&json, SLICE("}\0"));
    assert_false(json.failed);
    return item_of((const char *)json.data);
}

static struct slice key_of_model(const struct model_item *item)
{
    struct model_item key = {true, item->p, item->s, NONE, NONE, NONE, NONE};
    return item_of_model(&key, NULL);
}

static bool is_in_index(const struct model_item *item, const struct db_index *index)
{
    if (!item->present || index == NULL)
        return item->present;
    if (!index->global)
        return item->l != NONE;
    return item->g != NONE && (index->key.sort_count == 0 || item->h != NONE);
}

static int partition_of(const struct model_item *item, const struct db_index *index)
{
    return index != NULL && index->global ? item->g : item->p;
}

/* The position of the sort attribute; 0 for an index without one. */
static int sort_of(const struct model_item *item, const struct db_index *index)
{
    if (index == NULL)
        return item->s;
    if (!index->global)
        return item->l;
    return index->key.sort_count > 0 ? item->h : 0;
}

static int order(const struct model_item *left, const struct model_item *right,
                 const struct db_index *index)
{
    int difference = sort_of(left, index) - sort_of(right, index);
    if (difference == 0)
        difference = left->p - right->p;
    return difference != 0 ? difference : left->s - right->s;
}

static struct model_item random_item(uint32_t slot)
{
    struct model_item item = {
        .present = true,
        .p = (int)(slot / SORTS),
        .s = (int)(slot % SORTS),
        .l = (int)random_below(COUNT_OF(l_values) + 2) - 2,
        .g = (int)random_below(COUNT_OF(g_values) + 1) - 1,
        .h = (int)random_below(COUNT_OF(h_values) + 1) - 1,
        .x = (int)random_below(COUNT_OF(x_values) + 1) - 1,
    };
    if (item.l < NONE)
        item.l = NONE;
    return item;
}

/* --- writes --- */

enum { SET_MAX = 4 };

struct random_set {
    struct waiter waiter;
    struct db_write_set set;
    struct db_write writes[SET_MAX];
    struct model_item after[SET_MAX];
    struct slice items[SET_MAX];
    bool verdict;
};

static bool decide_random(void *context, struct db_write_set *set)
{
    struct random_set *random = context;
    for (size_t i = 0; i < set->count; i++) {
        set->writes[i].action = random->after[i].present ? DB_PUT : DB_DELETE;
        set->writes[i].new_item = random->items[i];
    }
    return random->verdict;
}

static void random_done(void *context, const struct error *error)
{
    struct random_set *random = context;
    waiter_done(&random->waiter, error);
}

static void check_write(const struct db_write *write, const struct model_item *before,
                        const struct model_item *after)
{
    size_t old_bytes = before->present ? item_size_bytes(item_of_model(before, NULL)) : 0;
    size_t new_bytes = after->present ? item_size_bytes(item_of_model(after, NULL)) : 0;
    assert_int_equal(write->old_bytes, old_bytes);
    assert_int_equal(write->new_bytes, new_bytes);
}

static void write_randomly(void)
{
    struct random_set random = {.verdict = random_below(8) != 0};
    uint32_t slots[SET_MAX];
    size_t count = 1 + random_below(SET_MAX);
    uint32_t first = random_below(SLOTS);
    for (size_t i = 0; i < count; i++) {
        slots[i] = (first + (uint32_t)i * (SORTS + 1)) % SLOTS; /* distinct */
        random.after[i] = random_item(slots[i]);
        random.after[i].present = random_below(4) != 0;
        random.items[i] =
            random.after[i].present ? item_of_model(&random.after[i], NULL) : SLICE_ABSENT;
        random.writes[i] = (struct db_write){.table = table, .key = key_of_model(&random.after[i])};
    }
    waiter_init(&random.waiter);
    random.set = (struct db_write_set){
        .arena = &fixture_arena,
        .writes = random.writes,
        .count = count,
        .decide = decide_random,
        .done = random_done,
        .context = &random,
    };
    db_write_items(fixture_db, &random.set);
    const struct error *error = waiter_wait(&random.waiter, &fixture_arena);
    for (size_t i = 0; error == NULL && random.verdict && i < count; i++) {
        check_write(&random.writes[i], &model[slots[i]], &random.after[i]);
        model[slots[i]] = random.after[i];
    }
}

/* --- reads --- */

static const struct db_index *random_index(void)
{
    uint32_t which = random_below((uint32_t)table->index_count + 1);
    return which == 0 ? NULL : &table->indexes[which - 1];
}

static bool operator_holds(enum db_sort_operator operator, int value, int low, int high)
{
    switch (operator) {
    case DB_SORT_EQUAL:
        return value == low;
    case DB_SORT_LESS:
        return value < low;
    case DB_SORT_LESS_OR_EQUAL:
        return value <= low;
    case DB_SORT_GREATER:
        return value > low;
    case DB_SORT_GREATER_OR_EQUAL:
        return value >= low;
    case DB_SORT_BETWEEN:
        return value >= low && value <= high;
    default:
        return true;
    }
}

/* The stored value of a position of the index's sort attribute. */
static struct value sort_operand(const struct db_index *index, int position)
{
    struct model_item item = {true, 0, 0, NONE, NONE, NONE, NONE};
    if (index == NULL) {
        item.s = position;
        return member_of(item_of_model(&item, NULL), "s");
    }
    if (!index->global) {
        item.l = position;
        return member_of(item_of_model(&item, NULL), "l");
    }
    item.h = position;
    return member_of(item_of_model(&item, NULL), "h");
}

static int sort_value_count(const struct db_index *index)
{
    if (index == NULL)
        return SORTS;
    return index->global ? (int)COUNT_OF(h_values) : (int)COUNT_OF(l_values);
}

struct expectation {
    size_t count;
    struct model_item items[SLOTS];
};

static void expect(const struct db_index *index, int partition, enum db_sort_operator operator,
                   int low, int high, bool backward, struct expectation *expected)
{
    expected->count = 0;
    for (size_t slot = 0; slot < SLOTS; slot++) {
        const struct model_item *item = &model[slot];
        if (!is_in_index(item, index) || partition_of(item, index) != partition ||
            !operator_holds(operator, sort_of(item, index), low, high))
            continue;
        size_t at = expected->count++;
        while (at > 0 && (order(item, &expected->items[at - 1], index) < 0) != backward) {
            expected->items[at] = expected->items[at - 1];
            at--;
        }
        expected->items[at] = *item;
    }
}

static void query_randomly(void)
{
    static struct found found;
    const struct db_index *index = random_index();
    bool global = index != NULL && index->global;
    int partition = (int)random_below(global ? COUNT_OF(g_values) : PARTITIONS);
    struct model_item named = {
        true, global ? 0 : partition, 0, NONE, global ? partition : NONE, NONE, NONE};
    bool has_sort = index == NULL || index->key.sort_count > 0;
    enum db_sort_operator operator= has_sort
        ? (enum db_sort_operator)random_below(DB_SORT_BETWEEN + 1)
        : DB_SORT_ANY;
    int low = has_sort ? (int)random_below((uint32_t)sort_value_count(index)) : 0;
    int high = has_sort ? (int)random_below((uint32_t)sort_value_count(index)) : 0;
    struct db_read read = {
        .table = table,
        .index = index,
        .partition = {member_of(item_of_model(&named, NULL), global ? "g" : "p")},
        .sort_operator = operator,
        .backward = random_below(2) != 0,
        .limit = random_below(4) == 0 ? 0 : 1 + random_below(6),
        .fetch_items = index != NULL && !global && random_below(2) != 0,
    };
    if (operator!= DB_SORT_ANY) {
        read.sort_operand[0] = sort_operand(index, low);
        read.sort_operand[1] = sort_operand(index, high);
    }
    static struct expectation expected;
    expect(index, partition, operator, low, high, read.backward, &expected);
    size_t at = 0;
    do {
        read_items(&read, &found);
        assert_true(read.limit == 0 || found.count <= read.limit);
        assert_int_equal(read.scanned, found.count);
        assert_int_equal(slice_present(read.last_evaluated),
                         read.limit != 0 && found.count == read.limit);
        assert_true(at + found.count <= expected.count);
        for (size_t i = 0; i < found.count; i++)
            assert_slice(found.items[i],
                         item_of_model(&expected.items[at++], read.fetch_items ? NULL : index));
        read.exclusive_start = read.last_evaluated;
        if (slice_present(read.exclusive_start))
            assert_ok(db_read_check_start(&read, &fixture_arena));
    } while (slice_present(read.last_evaluated));
    assert_int_equal(at, expected.count);
}

static bool found_has(const struct found *found, struct slice item)
{
    for (size_t i = 0; i < found->count; i++) {
        if (slice_equal(found->items[i], item))
            return true;
    }
    return false;
}

/* Neither an entry too many nor one too few, and totals to the byte. */
static void check_index(const struct db_index *index)
{
    static struct found found;
    struct db_read read = {.table = table, .index = index, .whole = true};
    read.total_segments = 1 + random_below(5);
    size_t scanned = 0;
    static struct found all;
    all.count = 0;
    for (read.segment = 0; read.segment < read.total_segments; read.segment++) {
        read_items(&read, &found);
        scanned += read.scanned;
        for (size_t i = 0; i < found.count; i++)
            all.items[all.count++] = found.items[i];
    }
    struct db_totals expected = {0};
    for (size_t slot = 0; slot < SLOTS; slot++) {
        if (!is_in_index(&model[slot], index))
            continue;
        struct slice entry = item_of_model(&model[slot], index);
        assert_true(found_has(&all, entry));
        expected.items++;
        expected.bytes += (int64_t)item_size_bytes(entry) + 100;
    }
    assert_int_equal(scanned, expected.items);
    struct db_totals totals;
    assert_ok(db_table_totals(fixture_db, &fixture_arena, table, index, &totals));
    assert_int_equal(totals.items, expected.items);
    assert_int_equal(totals.bytes, expected.bytes);
}

static void check_all(void)
{
    check_index(NULL);
    for (size_t i = 0; i < table->index_count; i++)
        check_index(&table->indexes[i]);
    for (size_t slot = 0; slot < SLOTS; slot++) {
        struct model_item item = model[slot];
        item.p = (int)(slot / SORTS);
        item.s = (int)(slot % SORTS);
        struct db_get get = {.table = table, .key = key_of_model(&item)};
        assert_ok(db_get(fixture_db, &fixture_arena, &get, 1));
        assert_int_equal(slice_present(get.item), item.present);
        if (item.present)
            assert_slice(get.item, item_of_model(&item, NULL));
    }
}

static void run_history(uint64_t seed, unsigned steps, void (*restart)(void))
{
    random_state = seed;
    memset(model, 0, sizeof(model));
    table = fixture_table("history", 5);
    for (unsigned step = 1; step <= steps; step++) {
        struct arena_mark mark = arena_mark(&fixture_arena);
        write_randomly();
        if (step % 4 == 0)
            query_randomly();
        if (step % 100 == 0)
            check_all();
        if (step % 400 == 0) {
            db_table_release(fixture_db, table);
            restart();
            table = table_acquire("history", FIXTURE_NOW_MS);
            assert_non_null(table);
            check_all();
        }
        arena_rewind(&fixture_arena, mark);
    }
    db_table_release(fixture_db, table);
}

static void restart_db(void)
{
    db_close(fixture_db);
    fixture_db_open(0);
}

static void history_in_memory(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        run_history(seed, 1200, restart_db);
        const struct db_table *old = table_acquire("history", FIXTURE_NOW_MS);
        assert_ok(table_delete(old, FIXTURE_NOW_MS));
        db_table_release(fixture_db, old);
        while (db_catalog_work(fixture_db, FIXTURE_NOW_MS)) {
        }
    }
}

/* --- with failing calls --- */

static void add_rule(enum fault_effect effect, uint64_t every)
{
    struct fault_rule rule = {.call = FAULT_TRANSACT,
                              .effect = effect,
                              .first = every,
                              .every = every,
                              .error_kind = ERROR_SERVICE_UNAVAILABLE};
    fault_store_add_rule(fixture_store, &rule);
}

static int setup_faults(void **state)
{
    (void)state;
    struct store *inner;
    arena_init(&fixture_arena, FIXTURE_ARENA_BYTES);
    assert_ok(mem_store_open(&fixture_arena, &inner));
    assert_ok(fault_store_open(&fixture_arena, inner, &fixture_store));
    fixture_db_open(0);
    return 0;
}

static void restart_with_faults(void)
{
    fault_store_clear_rules(fixture_store);
    restart_db();
    add_rule(FAULT_FAIL, 11);
    add_rule(FAULT_FAIL_COMMIT, 7);
    add_rule(FAULT_RECALL, 3);
}

static void history_with_faults(void **state)
{
    (void)state;
    run_history(42, 2400, restart_with_faults);
    fault_store_clear_rules(fixture_store);
}

/* --- on disk --- */

static void restart_rocksdb(void)
{
    db_close(fixture_db);
    store_close(fixture_store);
    disk_open();
}

static void history_on_disk(void **state)
{
    (void)state;
    run_history(7, 1600, restart_rocksdb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(history_in_memory),
        cmocka_unit_test_setup_teardown(history_with_faults, setup_faults, fixture_teardown),
        DISK_TEST(history_on_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
