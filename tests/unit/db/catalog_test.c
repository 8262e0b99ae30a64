#include "db/catalog.h"

#include "db/keyspace.h"
#include "db/transact_wait.h"
#include "db_fixture.h"
#include "store/fault/fault_store.h"

/* The fixture's database over a fault store, so that single calls can be made to fail. */
static int setup_with_faults(void **state)
{
    (void)state;
    struct store *inner;
    arena_init(&fixture_arena, FIXTURE_ARENA_BYTES);
    assert_ok(mem_store_open(&fixture_arena, &inner));
    assert_ok(fault_store_open(&fixture_arena, inner, &fixture_store));
    fixture_db_open(0);
    return 0;
}
#define FAULT_TEST(function)                                                                       \
    cmocka_unit_test_setup_teardown(function, setup_with_faults, fixture_teardown)

static void fail_next(enum fault_call call, enum fault_effect effect)
{
    struct fault_rule rule = {
        .call = call, .effect = effect, .first = 1, .error_kind = ERROR_INTERNAL};
    fault_store_add_rule(fixture_store, &rule);
}

static void reopen(int64_t transient_ms)
{
    db_close(fixture_db);
    fixture_db_open(transient_ms);
}

static void create(const char *name, int64_t now_ms)
{
    struct db_table description = fixture_description(name, 5);
    const struct db_table *table;
    assert_ok(table_create(&description, now_ms, &table));
    db_table_release(fixture_db, table);
}

static const struct error *delete_named(const char *name, int64_t now_ms)
{
    const struct db_table *table = table_acquire(name, now_ms);
    assert_non_null(table);
    const struct error *error = table_delete(table, now_ms);
    db_table_release(fixture_db, table);
    return error;
}

/* The status of the table at that time, or 0. */
static int status_of(const char *name, int64_t now_ms)
{
    const struct db_table *table = table_acquire(name, now_ms);
    int status = table == NULL ? 0 : (int)table->status;
    db_table_release(fixture_db, table);
    return status;
}

static bool count_visit(void *context, struct slice key, struct slice value)
{
    (void)value;
    size_t *counts = context;
    counts[key.data[0]]++;
    return true;
}

/* Records of each family. */
static void count_families(size_t counts[256])
{
    memset(counts, 0, 256 * sizeof(size_t));
    struct store_range all = {.first = SLICE("\x01"), .end = SLICE_ABSENT};
    assert_ok(store_scan(fixture_store, &fixture_arena, all, STORE_FORWARD, count_visit, counts));
}

static void assert_no_data(void)
{
    size_t counts[256];
    count_families(counts);
    static const enum db_family families[] = {
        DB_FAMILY_ITEM,    DB_FAMILY_GLOBAL,  DB_FAMILY_LOCAL_1, DB_FAMILY_LOCAL_2,
        DB_FAMILY_LOCAL_3, DB_FAMILY_LOCAL_4, DB_FAMILY_LOCAL_5, DB_FAMILY_DROP,
    };
    for (size_t i = 0; i < COUNT_OF(families); i++)
        assert_int_equal(counts[families[i]], 0);
}

static void fill(const char *name)
{
    const struct db_table *table = table_acquire(name, FIXTURE_NOW_MS);
    put_item(table, "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"},\"l\":{\"S\":\"k\"},"
                    "\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"12\"}}");
    put_item(table, "{\"p\":{\"S\":\"b\"},\"s\":{\"N\":\"1\"}}");
    db_table_release(fixture_db, table);
}

static void work_until_done(int64_t now_ms)
{
    while (db_catalog_work(fixture_db, now_ms)) {
    }
}

/* --- create --- */

static void created_table_is_described(void **state)
{
    (void)state;
    struct db_table description = fixture_description("movies", 5);
    const struct db_table *created;
    assert_ok(table_create(&description, FIXTURE_NOW_MS, &created));
    assert_int_equal(created->status, DB_STATUS_CREATING); /* what the response shows */
    assert_int_equal(created->id, 1);
    assert_int_equal(created->created_ms, FIXTURE_NOW_MS);
    assert_int_equal(created->uuid.size, 36);
    assert_slice(created->name, SLICE("movies"));
    assert_int_equal(created->indexes[0].id, 1);
    assert_int_equal(created->indexes[1].id, 2);
    assert_int_equal(created->indexes[2].id, 2); /* spaces are numbered with the tables */
    assert_int_equal(created->indexes[4].id, 4);
    assert_int_equal(created->indexes[4].status, DB_STATUS_CREATING);
    db_table_release(fixture_db, created);

    const struct db_table *table = table_acquire("movies", FIXTURE_NOW_MS);
    assert_int_equal(table->status, DB_STATUS_ACTIVE);
    assert_int_equal(table->indexes[4].status, DB_STATUS_ACTIVE);
    db_table_release(fixture_db, table);
    create("other", FIXTURE_NOW_MS);
    table = table_acquire("other", FIXTURE_NOW_MS);
    assert_int_equal(table->id, 5);
    db_table_release(fixture_db, table);
    assert_int_equal(db_table_count(fixture_db), 2);
}

static void names_are_unique_by_account_and_region(void **state)
{
    (void)state;
    create("t", FIXTURE_NOW_MS);
    struct db_table description = fixture_description("t", 0);
    const struct db_table *table = NULL;
    assert_error(table_create(&description, FIXTURE_NOW_MS, &table), ERROR_RESOURCE_IN_USE,
                 "Table already exists: t");
    assert_null(table);
    description.region = SLICE("us-east-1");
    assert_ok(table_create(&description, FIXTURE_NOW_MS, &table));
    db_table_release(fixture_db, table);
    description.account = SLICE("111111111111");
    assert_ok(table_create(&description, FIXTURE_NOW_MS, &table));
    db_table_release(fixture_db, table);
    assert_int_equal(db_table_count(fixture_db), 3);
    assert_null(db_table_acquire(fixture_db, SLICE("111111111111"), FIXTURE_REGION, SLICE("t"),
                                 FIXTURE_NOW_MS));
}

static void shared_namespace_has_one_table_for_all_regions(void **state)
{
    (void)state;
    db_close(fixture_db);
    struct db_options options = {.store = fixture_store, .shared_namespace = true};
    assert_ok(db_open(&fixture_arena, &options, &fixture_db));
    create("t", FIXTURE_NOW_MS);
    const struct db_table *table =
        db_table_acquire(fixture_db, FIXTURE_ACCOUNT, SLICE("ap-south-1"), SLICE("t"), 0);
    assert_non_null(table);
    assert_slice(table->region, FIXTURE_REGION);
    db_table_release(fixture_db, table);
    struct db_table description = fixture_description("t", 0);
    description.region = SLICE("us-east-1");
    assert_error(table_create(&description, FIXTURE_NOW_MS, &table), ERROR_RESOURCE_IN_USE,
                 "Table already exists: t");
}

static void failed_create_leaves_nothing(void **state)
{
    (void)state;
    struct db_table description = fixture_description("t", 5);
    const struct db_table *table = NULL;
    fail_next(FAULT_TRANSACT, FAULT_FAIL_COMMIT);
    const struct error *error = table_create(&description, FIXTURE_NOW_MS, &table);
    assert_non_null(error);
    assert_int_equal(error->kind, ERROR_INTERNAL);
    assert_null(table);
    assert_null(table_acquire("t", FIXTURE_NOW_MS));
    fault_store_clear_rules(fixture_store);
    create("t", FIXTURE_NOW_MS);
    assert_int_equal(status_of("t", FIXTURE_NOW_MS), DB_STATUS_ACTIVE);
}

/* An engine may decide twice, the first time on values that are no longer true. */
static void repeated_decision_counts_once(void **state)
{
    (void)state;
    create("first", FIXTURE_NOW_MS);
    fail_next(FAULT_TRANSACT, FAULT_RECALL);
    create("second", FIXTURE_NOW_MS);
    const struct db_table *table = table_acquire("second", FIXTURE_NOW_MS);
    assert_int_equal(table->id, 5);
    assert_int_equal(table->indexes[2].id, 6);
    db_table_release(fixture_db, table);
    fault_store_clear_rules(fixture_store);
    reopen(0);
    assert_int_equal(db_table_count(fixture_db), 2);
}

static void names_are_listed_in_order(void **state)
{
    (void)state;
    static const char *const names[] = {"b", "a.2", "c", "a", "a-1"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        create(names[i], FIXTURE_NOW_MS);
    struct db_table elsewhere = fixture_description("aa", 0);
    elsewhere.region = SLICE("eu-west-2");
    const struct db_table *table;
    assert_ok(table_create(&elsewhere, FIXTURE_NOW_MS, &table));
    db_table_release(fixture_db, table);

    const struct slice *listed;
    size_t count;
    bool more;
    assert_ok(db_table_names(fixture_db, &fixture_arena, FIXTURE_ACCOUNT, FIXTURE_REGION,
                             SLICE_ABSENT, 3, &listed, &count, &more));
    assert_int_equal(count, 3);
    assert_true(more);
    assert_slice(listed[0], SLICE("a"));
    assert_slice(listed[1], SLICE("a-1"));
    assert_slice(listed[2], SLICE("a.2"));
    assert_ok(db_table_names(fixture_db, &fixture_arena, FIXTURE_ACCOUNT, FIXTURE_REGION,
                             SLICE("a.2"), 2, &listed, &count, &more));
    assert_int_equal(count, 2);
    assert_false(more);
    assert_slice(listed[1], SLICE("c"));
    /* A name that is not there is a place all the same. */
    assert_ok(db_table_names(fixture_db, &fixture_arena, FIXTURE_ACCOUNT, FIXTURE_REGION,
                             SLICE("aZ"), 9, &listed, &count, &more));
    assert_int_equal(count, 2);
    assert_slice(listed[0], SLICE("b"));
    assert_ok(db_table_names(fixture_db, &fixture_arena, SLICE("nobody"), FIXTURE_REGION,
                             SLICE_ABSENT, 9, &listed, &count, &more));
    assert_int_equal(count, 0);
}

/* --- the life of a table --- */

static void status_follows_the_clock(void **state)
{
    (void)state;
    reopen(500);
    create("t", 1000);
    assert_int_equal(status_of("t", 1000), DB_STATUS_CREATING);
    assert_int_equal(status_of("t", 1499), DB_STATUS_CREATING);
    const struct db_table *table = table_acquire("t", 1499);
    assert_int_equal(table->indexes[4].status, DB_STATUS_CREATING);
    assert_error(table_delete(table, 1499), ERROR_RESOURCE_IN_USE,
                 "Attempt to change a resource which is still in use: Table is being created: t");
    db_table_release(fixture_db, table);
    assert_int_equal(status_of("t", 1500), DB_STATUS_ACTIVE);

    const struct db_table *old = table_acquire("t", 1500);
    const struct db_table *updated;
    struct db_table settings = *old;
    struct db_index indexes[5];
    memcpy(indexes, old->indexes, sizeof(indexes));
    indexes[3].throughput.read_units = 7;
    settings.indexes = indexes;
    settings.deletion_protection = true;
    assert_ok(table_update(old, &settings, 2000, &updated));
    assert_int_equal(updated->status, DB_STATUS_UPDATING);
    assert_int_equal(updated->indexes[3].status, DB_STATUS_UPDATING);
    assert_int_equal(updated->indexes[4].status, DB_STATUS_ACTIVE);
    assert_error(table_delete(updated, 2400), ERROR_RESOURCE_IN_USE,
                 "Attempt to change a resource which is still in use: Table is being updated: t");
    db_table_release(fixture_db, updated);
    db_table_release(fixture_db, old);
    assert_int_equal(status_of("t", 2499), DB_STATUS_UPDATING);
    table = table_acquire("t", 2500);
    assert_int_equal(table->status, DB_STATUS_ACTIVE);
    assert_int_equal(table->indexes[3].status, DB_STATUS_ACTIVE);
    assert_int_equal(table->indexes[3].throughput.read_units, 7);
    assert_true(table->deletion_protection);

    assert_ok(table_delete(table, 3000));
    assert_error(table_delete(table, 3000), ERROR_RESOURCE_IN_USE,
                 "Attempt to change a resource which is still in use: Table is being deleted: t");
    db_table_release(fixture_db, table);
    assert_int_equal(status_of("t", 3499), DB_STATUS_DELETING);
    assert_int_equal(status_of("t", 3500), 0);
    assert_int_equal(db_table_count(fixture_db), 0);
}

/* The clock alone decides, so a restart changes nothing. */
static void status_survives_a_restart(void **state)
{
    (void)state;
    reopen(500);
    create("t", 1000);
    reopen(500);
    assert_int_equal(status_of("t", 1400), DB_STATUS_CREATING);
    assert_int_equal(status_of("t", 1500), DB_STATUS_ACTIVE);
    assert_ok(delete_named("t", 2000));
    reopen(500);
    assert_int_equal(status_of("t", 2400), DB_STATUS_DELETING);
    db_catalog_work(fixture_db, 2499);
    assert_int_equal(db_table_count(fixture_db), 1);
    work_until_done(2500);
    assert_int_equal(db_table_count(fixture_db), 0);
    reopen(500);
    assert_int_equal(db_table_count(fixture_db), 0);
    assert_no_data();
}

static void expired_name_is_free_before_its_data_is_gone(void **state)
{
    (void)state;
    reopen(500);
    create("t", 0);
    fill("t");
    assert_ok(delete_named("t", FIXTURE_NOW_MS));
    struct db_table description = fixture_description("t", 0);
    const struct db_table *table;
    assert_error(table_create(&description, FIXTURE_NOW_MS + 499, &table), ERROR_RESOURCE_IN_USE,
                 "Table already exists: t");
    assert_ok(table_create(&description, FIXTURE_NOW_MS + 500, &table));
    db_table_release(fixture_db, table);
    reopen(500);
    work_until_done(FIXTURE_NOW_MS + 1000);
    assert_no_data();
    assert_int_equal(status_of("t", FIXTURE_NOW_MS + 1000), DB_STATUS_ACTIVE);
    reopen(500);
    assert_int_equal(status_of("t", FIXTURE_NOW_MS + 1000), DB_STATUS_ACTIVE);
}

static void tables_are_there_after_a_restart(void **state)
{
    (void)state;
    create("t", FIXTURE_NOW_MS);
    create("u", FIXTURE_NOW_MS);
    fill("t");
    const struct db_table *before = table_acquire("t", FIXTURE_NOW_MS);
    struct slice uuid;
    assert_true(arena_copy(&fixture_arena, before->uuid, &uuid));
    db_table_release(fixture_db, before);
    reopen(0);
    assert_int_equal(db_table_count(fixture_db), 2);
    const struct db_table *after = table_acquire("t", FIXTURE_NOW_MS);
    assert_slice(after->uuid, uuid);
    assert_int_equal(after->index_count, 5);
    assert_true(slice_present(get_item(after, "{\"p\":{\"S\":\"b\"},\"s\":{\"N\":\"1\"}}")));
    db_table_release(fixture_db, after);
    create("v", FIXTURE_NOW_MS);
    after = table_acquire("v", FIXTURE_NOW_MS);
    assert_int_equal(after->id, 9); /* numbers go on */
    db_table_release(fixture_db, after);
}

/* --- update --- */

static void only_one_of_two_updates_wins(void **state)
{
    (void)state;
    create("t", FIXTURE_NOW_MS);
    const struct db_table *old = table_acquire("t", FIXTURE_NOW_MS);
    struct db_table settings = *old;
    settings.billing = DB_PROVISIONED;
    settings.throughput.read_units = 5;
    const struct db_table *updated = NULL;
    assert_ok(table_update(old, &settings, FIXTURE_NOW_MS, &updated));
    assert_int_equal(updated->throughput.read_units, 5);
    assert_int_equal(updated->revision, old->revision + 1);
    db_table_release(fixture_db, updated);
    settings.throughput.read_units = 6;
    assert_error(table_update(old, &settings, FIXTURE_NOW_MS, &updated), ERROR_RESOURCE_IN_USE,
                 "Attempt to change a resource which is still in use: Table is being updated: t");
    assert_int_equal(old->throughput.read_units, 0); /* a snapshot does not change */
    db_table_release(fixture_db, old);
    reopen(0);
    old = table_acquire("t", FIXTURE_NOW_MS);
    assert_int_equal(old->throughput.read_units, 5);
    assert_int_equal(old->status, DB_STATUS_ACTIVE);
    db_table_release(fixture_db, old);
}

/* Another database over the same store stands for commits whose outcome nobody was told. */
static void refused_change_brings_the_registry_up_to_date(void **state)
{
    (void)state;
    struct db *told = fixture_db, *untold;
    struct db_options options = {.store = fixture_store};
    assert_ok(db_open(&fixture_arena, &options, &untold));

    create("t", FIXTURE_NOW_MS);
    fixture_db = untold;
    assert_null(table_acquire("t", FIXTURE_NOW_MS));
    struct db_table description = fixture_description("t", 5);
    const struct db_table *table;
    assert_error(table_create(&description, FIXTURE_NOW_MS, &table), ERROR_RESOURCE_IN_USE,
                 "Table already exists: t");
    const struct db_table *old = table_acquire("t", FIXTURE_NOW_MS);
    assert_non_null(old);

    fixture_db = told;
    const struct db_table *mine = table_acquire("t", FIXTURE_NOW_MS);
    struct db_table settings = *mine;
    settings.deletion_protection = true;
    assert_ok(table_update(mine, &settings, FIXTURE_NOW_MS, &table));
    db_table_release(fixture_db, table);
    db_table_release(fixture_db, mine);
    fixture_db = untold;
    settings = *old;
    assert_error(table_update(old, &settings, FIXTURE_NOW_MS, &table), ERROR_RESOURCE_IN_USE,
                 "Attempt to change a resource which is still in use: Table is being updated: t");
    db_table_release(fixture_db, old);
    old = table_acquire("t", FIXTURE_NOW_MS);
    assert_true(old->deletion_protection);

    fixture_db = told;
    assert_ok(delete_named("t", FIXTURE_NOW_MS));
    fixture_db = untold;
    assert_error(table_delete(old, FIXTURE_NOW_MS), ERROR_RESOURCE_NOT_FOUND,
                 "Requested resource not found: Table: t not found");
    db_table_release(fixture_db, old);
    assert_null(table_acquire("t", FIXTURE_NOW_MS));
    db_close(untold);
    fixture_db = told;
}

/* --- delete --- */

static void delete_frees_the_name_at_once_and_the_data_later(void **state)
{
    (void)state;
    create("t", FIXTURE_NOW_MS);
    fill("t");
    create("keep", FIXTURE_NOW_MS);
    fill("keep");
    const struct db_table *old = table_acquire("t", FIXTURE_NOW_MS);
    assert_ok(table_delete(old, FIXTURE_NOW_MS));
    assert_null(table_acquire("t", FIXTURE_NOW_MS));
    assert_error(table_delete(old, FIXTURE_NOW_MS), ERROR_RESOURCE_NOT_FOUND,
                 "Requested resource not found: Table: t not found");

    /* Somebody still works with it: nothing may be dropped behind his back. */
    work_until_done(FIXTURE_NOW_MS);
    assert_true(slice_present(get_item(old, "{\"p\":{\"S\":\"b\"},\"s\":{\"N\":\"1\"}}")));
    db_table_release(fixture_db, old);

    create("t", FIXTURE_NOW_MS);
    work_until_done(FIXTURE_NOW_MS);
    size_t counts[256];
    count_families(counts);
    assert_int_equal(counts[DB_FAMILY_DROP], 0);
    assert_int_equal(counts[DB_FAMILY_TABLE], 2);
    assert_int_equal(counts[DB_FAMILY_ITEM], 2); /* those of the other table */
    assert_int_equal(counts[DB_FAMILY_LOCAL_1], 1);
    assert_int_equal(counts[DB_FAMILY_GLOBAL], 3);

    const struct db_table *new = table_acquire("t", FIXTURE_NOW_MS);
    assert_false(slice_present(get_item(new, "{\"p\":{\"S\":\"b\"},\"s\":{\"N\":\"1\"}}")));
    struct db_totals totals;
    assert_ok(db_table_totals(fixture_db, &fixture_arena, new, NULL, &totals));
    assert_int_equal(totals.items, 0);
    db_table_release(fixture_db, new);
}

static void interrupted_drop_is_resumed(void **state)
{
    (void)state;
    create("t", FIXTURE_NOW_MS);
    fill("t");
    assert_ok(delete_named("t", FIXTURE_NOW_MS));
    /* The third family of the drop fails; then the process ends. */
    struct fault_rule rule = {
        .call = FAULT_DROP_RANGE, .effect = FAULT_FAIL, .first = 3, .error_kind = ERROR_INTERNAL};
    fault_store_add_rule(fixture_store, &rule);
    assert_false(db_catalog_work(fixture_db, FIXTURE_NOW_MS));
    fault_store_clear_rules(fixture_store);
    size_t counts[256];
    count_families(counts);
    assert_int_equal(counts[DB_FAMILY_ITEM], 0);
    assert_int_equal(counts[DB_FAMILY_GLOBAL], 3);
    assert_int_equal(counts[DB_FAMILY_DROP], 1);

    reopen(0);
    create("t", FIXTURE_NOW_MS); /* the name has been free all the time */
    work_until_done(FIXTURE_NOW_MS);
    assert_no_data();
    assert_int_equal(status_of("t", FIXTURE_NOW_MS), DB_STATUS_ACTIVE);
}

static void failed_drop_is_tried_again(void **state)
{
    (void)state;
    create("t", FIXTURE_NOW_MS);
    fill("t");
    assert_ok(delete_named("t", FIXTURE_NOW_MS));
    fail_next(FAULT_TRANSACT, FAULT_FAIL_COMMIT); /* the end of the drop */
    db_catalog_work(fixture_db, FIXTURE_NOW_MS);
    fault_store_clear_rules(fixture_store);
    db_catalog_work(fixture_db, FIXTURE_NOW_MS + 1000);
    assert_no_data();
    assert_false(db_catalog_work(fixture_db, FIXTURE_NOW_MS + 2000));
}

static void failed_delete_leaves_the_table(void **state)
{
    (void)state;
    create("t", FIXTURE_NOW_MS);
    fill("t");
    fail_next(FAULT_TRANSACT, FAULT_FAIL);
    const struct error *error = delete_named("t", FIXTURE_NOW_MS);
    assert_non_null(error);
    assert_int_equal(error->kind, ERROR_INTERNAL);
    fault_store_clear_rules(fixture_store);
    work_until_done(FIXTURE_NOW_MS);
    assert_int_equal(status_of("t", FIXTURE_NOW_MS), DB_STATUS_ACTIVE);
    size_t counts[256];
    count_families(counts);
    assert_int_equal(counts[DB_FAMILY_ITEM], 2);
    assert_int_equal(counts[DB_FAMILY_DROP], 0);
}

/* --- opening --- */

struct overwrite {
    struct slice key;
    struct slice value;
};

static enum store_decision decide_overwrite(void *context, const struct slice *old_values,
                                            struct store_batch *batch)
{
    struct overwrite *overwrite = context;
    assert_true(slice_present(old_values[0]));
    store_batch_put(batch, STORE_ATOMIC, overwrite->key, overwrite->value);
    return STORE_COMMIT;
}

static const struct error *open_over(struct slice key, struct slice value)
{
    struct overwrite overwrite = {key, value};
    assert_ok(
        db_transact_wait(fixture_store, &fixture_arena, &key, 1, decide_overwrite, &overwrite));
    struct db_options options = {.store = fixture_store};
    struct db *db = NULL;
    const struct error *error = db_open(&fixture_arena, &options, &db);
    db_close(db);
    return error;
}

static void newer_formats_are_refused(void **state)
{
    (void)state;
    create("t", FIXTURE_NOW_MS);
    struct slice table =
        db_key_of_table(&fixture_arena, FIXTURE_ACCOUNT, FIXTURE_REGION, SLICE("t"));
    assert_error(open_over(table, SLICE("\x02"
                                        "new")),
                 ERROR_INTERNAL, "A table record is of a format version that is not known");
    assert_error(open_over(table, SLICE("\x01"
                                        "bad")),
                 ERROR_INTERNAL, "A table record is corrupt or of a newer format");
    assert_error(open_over(db_key_of_meta(&fixture_arena, SLICE("format")), SLICE("\x01\x02")),
                 ERROR_INTERNAL,
                 "The data is of another format version than 1, which this program reads");
}

static void failed_reads_fail_the_opening(void **state)
{
    (void)state;
    struct db_options options = {.store = fixture_store};
    struct db *db = NULL;
    fail_next(FAULT_SCAN, FAULT_FAIL);
    assert_non_null(db_open(&fixture_arena, &options, &db));
    fault_store_clear_rules(fixture_store);
    fail_next(FAULT_TRANSACT, FAULT_FAIL);
    assert_non_null(db_open(&fixture_arena, &options, &db));
    fault_store_clear_rules(fixture_store);
    assert_null(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(created_table_is_described),
        DB_TEST(names_are_unique_by_account_and_region),
        DB_TEST(shared_namespace_has_one_table_for_all_regions),
        FAULT_TEST(failed_create_leaves_nothing),
        FAULT_TEST(repeated_decision_counts_once),
        DB_TEST(names_are_listed_in_order),
        DB_TEST(status_follows_the_clock),
        DB_TEST(status_survives_a_restart),
        DB_TEST(expired_name_is_free_before_its_data_is_gone),
        DB_TEST(tables_are_there_after_a_restart),
        DB_TEST(only_one_of_two_updates_wins),
        DB_TEST(refused_change_brings_the_registry_up_to_date),
        DB_TEST(delete_frees_the_name_at_once_and_the_data_later),
        FAULT_TEST(interrupted_drop_is_resumed),
        FAULT_TEST(failed_drop_is_tried_again),
        FAULT_TEST(failed_delete_leaves_the_table),
        FAULT_TEST(newer_formats_are_refused),
        FAULT_TEST(failed_reads_fail_the_opening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
