#include "db/items.h"

#include "db_fixture.h"
#include "item/value_size.h"
#include "store/fault/fault_store.h"

static const struct db_table *table;

static int setup(void **state)
{
    struct store *inner;
    (void)state;
    arena_init(&fixture_arena, FIXTURE_ARENA_BYTES);
    assert_ok(mem_store_open(&fixture_arena, &inner));
    assert_ok(fault_store_open(&fixture_arena, inner, &fixture_store));
    fixture_db_open(0);
    table = fixture_table("t", 5);
    return 0;
}

static int teardown(void **state)
{
    db_table_release(fixture_db, table);
    return fixture_teardown(state);
}
#define ITEMS_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

static const struct db_index *index_named(const char *name)
{
    const struct db_index *index = db_table_index(table, slice_of_cstring(name));
    assert_non_null(index);
    return index;
}

static struct db_totals totals_of(const char *index)
{
    struct db_totals totals;
    assert_ok(db_table_totals(fixture_db, &fixture_arena, table,
                              index == NULL ? NULL : index_named(index), &totals));
    return totals;
}

static void assert_totals(const char *index, int64_t items, int64_t bytes)
{
    struct db_totals totals = totals_of(index);
    assert_int_equal(totals.items, items);
    assert_int_equal(totals.bytes, bytes);
}

/* All entries of an index in order. */
static const char *entries_of(const char *index)
{
    static struct found found;
    struct db_read read = {
        .table = table, .index = index == NULL ? NULL : index_named(index), .whole = true};
    read_items(&read, &found);
    struct buf text;
    buf_init(&text, &fixture_arena, FIXTURE_ARENA_BYTES);
    for (size_t i = 0; i < found.count; i++)
        buf_append_format(&text, "%s", text_of(found.items[i]));
    buf_append_byte(&text, '\0');
    return (const char *)text.data;
}

static const struct db_index_effect *effect_on(const struct db_write *write, const char *index)
{
    for (size_t i = 0; i < write->index_effect_count; i++) {
        if (write->index_effects[i].index == index_named(index))
            return &write->index_effects[i];
    }
    return NULL;
}

static void assert_effect(const struct db_write *write, const char *index, size_t deleted_bytes,
                          size_t written_bytes, bool key_moved)
{
    const struct db_index_effect *effect = effect_on(write, index);
    assert_non_null(effect);
    assert_int_equal(effect->deleted_bytes, deleted_bytes);
    assert_int_equal(effect->written_bytes, written_bytes);
    assert_int_equal(effect->key_moved, key_moved);
}

#define KEY_A1 "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}}"
#define BASE_A1 "\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}"
/* p: 2 bytes, s: 3 */
enum { BASE_BYTES = 5 };

static void puts_gets_and_deletes(void **state)
{
    (void)state;
    assert_false(slice_present(get_item(table, KEY_A1)));
    struct db_write write = put_item(table, "{" BASE_A1 ",\"x\":{\"S\":\"1\"}}");
    assert_false(slice_present(write.old_item));
    assert_int_equal(write.old_bytes, 0);
    assert_int_equal(write.new_bytes, BASE_BYTES + 2);
    assert_int_equal(write.index_effect_count, 0);
    assert_string_equal(text_of(get_item(table, KEY_A1)), "{" BASE_A1 ",\"x\":{\"S\":\"1\"}}");
    /* 1.0 is the same number, so it is the same item. */
    assert_true(slice_present(get_item(table, "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1.0\"}}")));

    write = put_item(table, "{" BASE_A1 "}");
    assert_int_equal(write.old_bytes, BASE_BYTES + 2);
    assert_int_equal(write.new_bytes, BASE_BYTES);
    assert_totals(NULL, 1, BASE_BYTES + 100);
    write = delete_item(table, KEY_A1);
    assert_int_equal(write.old_bytes, BASE_BYTES);
    assert_int_equal(write.new_bytes, 0);
    assert_false(slice_present(get_item(table, KEY_A1)));
    assert_totals(NULL, 0, 0);
    write = delete_item(table, KEY_A1);
    assert_int_equal(write.old_bytes, 0);
    assert_totals(NULL, 0, 0);
}

static void many_keys_at_once(void **state)
{
    (void)state;
    put_item(table, "{" BASE_A1 "}");
    put_item(table, "{\"p\":{\"S\":\"c\"},\"s\":{\"N\":\"3\"}}");
    struct db_get gets[] = {
        {.table = table, .key = item_of("{\"p\":{\"S\":\"c\"},\"s\":{\"N\":\"3\"}}")},
        {.table = table, .key = item_of("{\"p\":{\"S\":\"b\"},\"s\":{\"N\":\"3\"}}")},
        {.table = table, .key = item_of(KEY_A1)},
    };
    assert_ok(db_get(fixture_db, &fixture_arena, gets, COUNT_OF(gets)));
    assert_slice(gets[0].item, gets[0].key);
    assert_false(slice_present(gets[1].item));
    assert_slice(gets[2].item, gets[2].key);
}

static void entries_are_projected(void **state)
{
    (void)state;
    put_item(table, "{" BASE_A1 ",\"l\":{\"S\":\"k\"},\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"2\"},"
                    "\"x\":{\"S\":\"1\"},\"y\":{\"S\":\"2\"}}");
    assert_string_equal(entries_of("local-all"),
                        "{\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"2\"},\"l\":{\"S\":\"k\"}," BASE_A1
                        ",\"x\":{\"S\":\"1\"},\"y\":{\"S\":\"2\"}}");
    assert_string_equal(entries_of("local-keys"), "{\"l\":{\"S\":\"k\"}," BASE_A1 "}");
    assert_string_equal(entries_of("global-keys"), "{\"g\":{\"S\":\"w\"}," BASE_A1 "}");
    assert_string_equal(entries_of("global-include"),
                        "{\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"2\"}," BASE_A1
                        ",\"x\":{\"S\":\"1\"}}");
    assert_totals(NULL, 1, 100 + BASE_BYTES + 2 + 2 + 3 + 2 + 2);
    assert_totals("local-keys", 1, 100 + BASE_BYTES + 2);
    assert_totals("global-keys", 1, 100 + BASE_BYTES + 2);
    assert_totals("global-include", 1, 100 + BASE_BYTES + 2 + 3 + 2);
}

static void items_without_the_attribute_are_not_in_the_index(void **state)
{
    (void)state;
    struct db_write write = put_item(table, "{" BASE_A1 ",\"g\":{\"S\":\"w\"}}");
    assert_int_equal(write.index_effect_count, 1); /* global-keys needs g alone */
    assert_effect(&write, "global-keys", 0, BASE_BYTES + 2, false);
    assert_string_equal(entries_of("global-include"), "");
    assert_string_equal(entries_of("local-all"), "");
    assert_totals("global-include", 0, 0);

    write = put_item(table, "{" BASE_A1 ",\"h\":{\"N\":\"2\"}}");
    assert_int_equal(write.index_effect_count, 1);
    assert_effect(&write, "global-keys", BASE_BYTES + 2, 0, false);
    assert_string_equal(entries_of("global-keys"), "");
    assert_totals("global-keys", 0, 0);
}

static void effects_tell_what_an_index_had_to_do(void **state)
{
    (void)state;
    put_item(table, "{" BASE_A1 ",\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"2\"},\"x\":{\"S\":\"1\"}}");
    /* An attribute that only some indexes have. */
    struct db_write write = put_item(
        table, "{" BASE_A1 ",\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"2\"},\"x\":{\"S\":\"123\"}}");
    assert_int_equal(write.index_effect_count, 2);
    assert_effect(&write, "global-include", BASE_BYTES + 7, BASE_BYTES + 9, false);
    assert_effect(&write, "global-all", BASE_BYTES + 7, BASE_BYTES + 9, false);
    /* The index key moves. */
    write = put_item(table, "{" BASE_A1
                            ",\"g\":{\"S\":\"ww\"},\"h\":{\"N\":\"2\"},\"x\":{\"S\":\"123\"}}");
    assert_int_equal(write.index_effect_count, 3);
    assert_effect(&write, "global-keys", BASE_BYTES + 2, BASE_BYTES + 3, true);
    assert_effect(&write, "global-all", BASE_BYTES + 9, BASE_BYTES + 10, true);
    assert_string_equal(entries_of("global-keys"), "{\"g\":{\"S\":\"ww\"}," BASE_A1 "}");
    /* Nothing changes at all. */
    write = put_item(table, "{" BASE_A1
                            ",\"g\":{\"S\":\"ww\"},\"h\":{\"N\":\"2\"},\"x\":{\"S\":\"123\"}}");
    assert_int_equal(write.index_effect_count, 0);
    assert_int_equal(write.old_bytes, write.new_bytes);
    write = delete_item(table, KEY_A1);
    assert_int_equal(write.index_effect_count, 3);
    assert_effect(&write, "global-include", BASE_BYTES + 10, 0, false);
    assert_totals("global-all", 0, 0);
}

/* --- sets of writes --- */

struct several {
    struct waiter waiter;
    struct db_write_set set;
    struct db_write writes[3];
    bool verdict;
    unsigned decisions;
    bool saw_old[3];
};

static bool decide_several(void *context, struct db_write_set *set)
{
    struct several *several = context;
    several->decisions++;
    for (size_t i = 0; i < set->count; i++) {
        several->saw_old[i] = slice_present(set->writes[i].old_item);
        set->writes[i].action = DB_PUT;
        set->writes[i].new_item = set->writes[i].key;
    }
    set->writes[2].action = DB_KEEP;
    return several->verdict;
}

static void several_done(void *context, const struct error *error)
{
    struct several *several = context;
    waiter_done(&several->waiter, error);
}

static const struct error *write_several(struct several *several, bool verdict)
{
    *several = (struct several){.verdict = verdict};
    waiter_init(&several->waiter);
    several->writes[0] = (struct db_write){
        .table = table, .key = item_of("{\"p\":{\"S\":\"z\"},\"s\":{\"N\":\"1\"}}")};
    several->writes[1] = (struct db_write){
        .table = table, .key = item_of("{\"p\":{\"S\":\"y\"},\"s\":{\"N\":\"1\"}}")};
    several->writes[2] = (struct db_write){.table = table, .key = item_of(KEY_A1)};
    several->set = (struct db_write_set){
        .arena = &fixture_arena,
        .writes = several->writes,
        .count = 3,
        .decide = decide_several,
        .done = several_done,
        .context = several,
    };
    db_write_items(fixture_db, &several->set);
    return waiter_wait(&several->waiter, &fixture_arena);
}

static void sets_are_all_or_nothing(void **state)
{
    (void)state;
    put_item(table, "{" BASE_A1 ",\"x\":{\"S\":\"1\"}}");
    struct several several;
    assert_ok(write_several(&several, false));
    assert_false(several.saw_old[0]);
    assert_true(several.saw_old[2]);
    assert_int_equal(several.writes[2].old_bytes, BASE_BYTES + 2);
    assert_totals(NULL, 1, 100 + BASE_BYTES + 2);
    assert_ok(write_several(&several, true));
    assert_totals(NULL, 3, 300 + 3 * BASE_BYTES + 2);
    assert_int_equal(several.writes[2].new_bytes, BASE_BYTES + 2);
    assert_ok(write_several(&several, true));
    assert_true(several.saw_old[0] && several.saw_old[1]);
    assert_totals(NULL, 3, 300 + 3 * BASE_BYTES + 2);
}

static void decisions_may_be_repeated(void **state)
{
    (void)state;
    put_item(table, "{" BASE_A1 ",\"g\":{\"S\":\"w\"}}");
    struct fault_rule rule = {
        .call = FAULT_TRANSACT, .effect = FAULT_RECALL, .first = 1, .every = 1};
    fault_store_add_rule(fixture_store, &rule);
    struct several several;
    assert_ok(write_several(&several, true));
    assert_int_equal(several.decisions, 2);
    assert_true(several.saw_old[2]);
    struct db_write write = put_item(table, "{" BASE_A1 ",\"g\":{\"S\":\"v\"}}");
    assert_int_equal(write.old_bytes, BASE_BYTES + 2);
    assert_int_equal(write.index_effect_count, 1);
    fault_store_clear_rules(fixture_store);
    assert_totals(NULL, 3, 300 + 3 * BASE_BYTES + 2);
    assert_totals("global-keys", 1, 100 + BASE_BYTES + 2);
    assert_string_equal(entries_of("global-keys"), "{\"g\":{\"S\":\"v\"}," BASE_A1 "}");
}

static void failed_commit_changes_nothing(void **state)
{
    (void)state;
    put_item(table, "{" BASE_A1 ",\"g\":{\"S\":\"w\"}}");
    struct fault_rule rule = {.call = FAULT_TRANSACT,
                              .effect = FAULT_FAIL_COMMIT,
                              .first = 1,
                              .error_kind = ERROR_SERVICE_UNAVAILABLE};
    fault_store_add_rule(fixture_store, &rule);
    const struct error *error =
        write_one(&fixture_arena, table, item_of(KEY_A1), SLICE_ABSENT, NULL);
    assert_non_null(error);
    assert_int_equal(error->kind, ERROR_SERVICE_UNAVAILABLE);
    fault_store_clear_rules(fixture_store);
    assert_true(slice_present(get_item(table, KEY_A1)));
    assert_totals("global-keys", 1, 100 + BASE_BYTES + 2);
}

static void small_arena_fails_one_write_only(void **state)
{
    (void)state;
    put_item(table, "{" BASE_A1 "}");
    static char json[70000];
    memset(json, 'x', sizeof(json));
    struct buf text;
    buf_init(&text, &fixture_arena, FIXTURE_ARENA_BYTES);
    buf_append_format(&text, "{" BASE_A1 ",\"l\":{\"S\":\"k\"},\"x\":{\"S\":\"%.*s\"}}", 60000,
                      json);
    buf_append_byte(&text, '\0');
    struct slice item = item_of((const char *)text.data);
    struct arena small;
    arena_init(&small, 64 * 1024);
    const struct error *error = write_one(&small, table, item_of(KEY_A1), item, NULL);
    assert_non_null(error);
    assert_int_equal(error->kind, ERROR_INTERNAL);
    arena_fini(&small);
    assert_totals(NULL, 1, 100 + BASE_BYTES);
    assert_totals("local-all", 0, 0);
}

/* An item that could not be put today, but was there before the index. */
static void unfit_values_keep_an_item_out_of_an_index(void **state)
{
    (void)state;
    assert_ok(write_one(&fixture_arena, table, item_of(KEY_A1),
                        item_of("{" BASE_A1 ",\"g\":{\"N\":\"5\"},\"l\":{\"S\":\"\"}}"), NULL));
    assert_string_equal(entries_of("global-keys"), "");
    assert_string_equal(entries_of("local-all"), "");
    assert_totals(NULL, 1, 100 + BASE_BYTES + 3 + 1);
    delete_item(table, KEY_A1);
    assert_totals("global-keys", 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ITEMS_TEST(puts_gets_and_deletes),
        ITEMS_TEST(many_keys_at_once),
        ITEMS_TEST(entries_are_projected),
        ITEMS_TEST(items_without_the_attribute_are_not_in_the_index),
        ITEMS_TEST(effects_tell_what_an_index_had_to_do),
        ITEMS_TEST(sets_are_all_or_nothing),
        ITEMS_TEST(decisions_may_be_repeated),
        ITEMS_TEST(failed_commit_changes_nothing),
        ITEMS_TEST(small_arena_fails_one_write_only),
        ITEMS_TEST(unfit_values_keep_an_item_out_of_an_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
