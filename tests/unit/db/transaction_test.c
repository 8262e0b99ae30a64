/* Transactions and what meets them: over an engine whose answers are held back. */

#include "db/items.h"
#include "db_fixture.h"
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
    table = fixture_table("t", 0);
    return 0;
}

static int teardown(void **state)
{
    db_table_release(fixture_db, table);
    return fixture_teardown(state);
}

#define KEY(name) "{\"p\":{\"S\":\"" name "\"},\"s\":{\"N\":\"1\"}}"

/* Puts the first item, if it does not conflict, and looks at the second. */
struct pair {
    struct waiter waiter;
    struct db_write_set set;
    struct db_write writes[2];
    struct db_token token;
    unsigned decisions;
};

static bool decide_pair(void *context, struct db_write_set *set)
{
    struct pair *pair = context;
    pair->decisions++;
    if (set->token != NULL && set->token->state != DB_TOKEN_NEW)
        return false;
    set->writes[0].action = set->writes[0].conflicts ? DB_KEEP : DB_PUT;
    set->writes[0].new_item = set->writes[0].key;
    if (set->token != NULL)
        set->token->unit_count = 2;
    return true;
}

static void pair_begin(struct pair *pair, const char *put, const char *check,
                       enum db_conflicts conflicts, bool is_transaction, const char *token)
{
    *pair = (struct pair){0};
    waiter_init(&pair->waiter);
    pair->writes[0] = (struct db_write){.table = table, .key = item_of(put)};
    pair->writes[1] = (struct db_write){.table = table, .key = item_of(check)};
    pair->token = (struct db_token){.account = FIXTURE_ACCOUNT,
                                    .region = FIXTURE_REGION,
                                    .scope = DB_TOKEN_TRANSACT_WRITE_ITEMS,
                                    .now_ms = FIXTURE_NOW_MS};
    if (token != NULL) {
        pair->token.text = slice_of_cstring(token);
        db_token_digest(item_of(put), pair->token.digest);
    }
    pair->set = (struct db_write_set){
        .arena = &fixture_arena,
        .writes = pair->writes,
        .count = 2,
        .decide = decide_pair,
        .done = waiter_done,
        .context = pair,
        .conflicts = conflicts,
        .is_transaction = is_transaction,
        .token = token != NULL ? &pair->token : NULL,
    };
    db_write_items(fixture_db, &pair->set);
}

static const struct error *pair_wait(struct pair *pair)
{
    return waiter_wait(&pair->waiter, &fixture_arena);
}

static void hold_next(void)
{
    struct fault_rule rule = {.call = FAULT_TRANSACT, .effect = FAULT_HOLD_DONE, .first = 1};
    fault_store_add_rule(fixture_store, &rule);
}

static void transact(struct pair *pair, const char *put, const char *check, const char *token)
{
    pair_begin(pair, put, check, DB_CONFLICTS_TELL, true, token);
}

static void plain_writes_fail_on_items_of_a_running_transaction(void **state)
{
    (void)state;
    struct pair running;
    hold_next();
    transact(&running, KEY("a"), KEY("b"), NULL);
    assert_false(running.waiter.is_done);
    const struct error *error =
        write_one(&fixture_arena, table, item_of(KEY("a")), SLICE_ABSENT, NULL);
    assert_error(error, ERROR_TRANSACTION_CONFLICT, "Transaction is ongoing for the item");
    /* Only checked by it: that is enough. */
    error = write_one(&fixture_arena, table, item_of(KEY("b")), item_of(KEY("b")), NULL);
    assert_error(error, ERROR_TRANSACTION_CONFLICT, "Transaction is ongoing for the item");
    assert_ok(write_one(&fixture_arena, table, item_of(KEY("c")), item_of(KEY("c")), NULL));
    fault_store_release(fixture_store);
    assert_ok(pair_wait(&running));
    assert_ok(write_one(&fixture_arena, table, item_of(KEY("a")), SLICE_ABSENT, NULL));
    assert_false(slice_present(get_item(table, KEY("a"))));
    assert_false(slice_present(get_item(table, KEY("b"))));
}

static void a_set_of_several_may_ask_which_conflict(void **state)
{
    (void)state;
    struct pair running, batch;
    hold_next();
    transact(&running, KEY("a"), KEY("b"), NULL);
    pair_begin(&batch, KEY("c"), KEY("b"), DB_CONFLICTS_TELL, false, NULL);
    assert_ok(pair_wait(&batch));
    assert_int_equal(batch.decisions, 1);
    assert_false(batch.writes[0].conflicts);
    assert_true(batch.writes[1].conflicts);
    assert_true(slice_present(get_item(table, KEY("c"))));
    pair_begin(&batch, KEY("a"), KEY("d"), DB_CONFLICTS_FAIL, false, NULL);
    assert_non_null(pair_wait(&batch));
    assert_int_equal(batch.decisions, 0);
    fault_store_release(fixture_store);
    assert_ok(pair_wait(&running));
}

/* A hot key: plain writes and transactions line up behind plain writes. */
static void plain_writes_in_flight_are_no_conflict_for_writes(void **state)
{
    (void)state;
    struct pair plain, other, transaction;
    hold_next();
    pair_begin(&plain, KEY("a"), KEY("b"), DB_CONFLICTS_FAIL, false, NULL);
    assert_false(plain.waiter.is_done);
    pair_begin(&other, KEY("a"), KEY("b"), DB_CONFLICTS_FAIL, false, NULL);
    assert_ok(pair_wait(&other));
    transact(&transaction, KEY("a"), KEY("b"), NULL);
    assert_ok(pair_wait(&transaction));
    assert_false(transaction.writes[0].conflicts || transaction.writes[1].conflicts);
    fault_store_release(fixture_store);
    assert_ok(pair_wait(&plain));
}

static void settled_reads_meet_every_write_in_flight(void **state)
{
    (void)state;
    put_item(table, KEY("c"));
    for (int is_transaction = 0; is_transaction < 2; is_transaction++) {
        struct pair running;
        assert_ok(write_one(&fixture_arena, table, item_of(KEY("a")), SLICE_ABSENT, NULL));
        hold_next();
        pair_begin(&running, KEY("a"), KEY("b"), DB_CONFLICTS_TELL, is_transaction, NULL);
        struct db_get gets[] = {{.table = table, .key = item_of(KEY("c"))},
                                {.table = table, .key = item_of(KEY("a"))}};
        assert_ok(db_get_settled(fixture_db, &fixture_arena, gets, 2));
        assert_false(gets[0].conflicts);
        assert_true(gets[1].conflicts);
        assert_ok(db_get_settled(fixture_db, &fixture_arena, gets, 1));
        assert_string_equal(text_of(gets[0].item), KEY("c"));
        /* db_get never minds. */
        assert_ok(db_get(fixture_db, &fixture_arena, gets, 2));
        fault_store_release(fixture_store);
        assert_ok(pair_wait(&running));
        assert_ok(db_get_settled(fixture_db, &fixture_arena, gets, 2));
        assert_false(gets[0].conflicts || gets[1].conflicts);
        assert_true(slice_present(gets[1].item));
    }
}

static void a_token_is_used_once(void **state)
{
    (void)state;
    struct pair first, again;
    transact(&first, KEY("a"), KEY("b"), "token");
    assert_ok(pair_wait(&first));
    assert_int_equal(first.token.state, DB_TOKEN_NEW);
    assert_ok(write_one(&fixture_arena, table, item_of(KEY("a")), SLICE_ABSENT, NULL));
    transact(&again, KEY("a"), KEY("b"), "token");
    assert_ok(pair_wait(&again));
    assert_int_equal(again.token.state, DB_TOKEN_USED);
    assert_int_equal(again.token.unit_count, 2);
    assert_false(slice_present(get_item(table, KEY("a"))));
    transact(&again, KEY("b"), KEY("c"), "token");
    assert_ok(pair_wait(&again));
    assert_int_equal(again.token.state, DB_TOKEN_MISMATCH);
    transact(&again, KEY("a"), KEY("b"), "other");
    assert_ok(pair_wait(&again));
    assert_int_equal(again.token.state, DB_TOKEN_NEW);
    assert_true(slice_present(get_item(table, KEY("a"))));
}

static void a_token_under_way_is_told(void **state)
{
    (void)state;
    struct pair first, again;
    hold_next();
    transact(&first, KEY("a"), KEY("b"), "token");
    transact(&again, KEY("a"), KEY("b"), "token");
    assert_ok(pair_wait(&again));
    assert_int_equal(again.token.state, DB_TOKEN_RUNNING);
    transact(&again, KEY("c"), KEY("d"), "token");
    assert_ok(pair_wait(&again));
    assert_int_equal(again.token.state, DB_TOKEN_MISMATCH);
    fault_store_release(fixture_store);
    assert_ok(pair_wait(&first));
    transact(&again, KEY("a"), KEY("b"), "token");
    assert_ok(pair_wait(&again));
    assert_int_equal(again.token.state, DB_TOKEN_USED);
}

/* A commit that fails takes its token with it. */
static void a_failed_commit_uses_no_token(void **state)
{
    (void)state;
    struct fault_rule rule = {.call = FAULT_TRANSACT,
                              .effect = FAULT_FAIL_COMMIT,
                              .first = 1,
                              .error_kind = ERROR_INTERNAL};
    fault_store_add_rule(fixture_store, &rule);
    struct pair pair;
    transact(&pair, KEY("a"), KEY("b"), "token");
    assert_non_null(pair_wait(&pair));
    transact(&pair, KEY("a"), KEY("b"), "token");
    assert_ok(pair_wait(&pair));
    assert_int_equal(pair.token.state, DB_TOKEN_NEW);
}

/* Also when nothing else is written. */
static void a_transaction_of_checks_uses_its_token(void **state)
{
    (void)state;
    struct pair pair;
    put_item(table, KEY("a"));
    transact(&pair, KEY("a"), KEY("b"), "token");
    assert_ok(pair_wait(&pair));
    transact(&pair, KEY("a"), KEY("b"), "token");
    assert_ok(pair_wait(&pair));
    assert_int_equal(pair.token.state, DB_TOKEN_USED);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_writes_fail_on_items_of_a_running_transaction),
        TEST(a_set_of_several_may_ask_which_conflict),
        TEST(plain_writes_in_flight_are_no_conflict_for_writes),
        TEST(settled_reads_meet_every_write_in_flight),
        TEST(a_token_is_used_once),
        TEST(a_token_under_way_is_told),
        TEST(a_failed_commit_uses_no_token),
        TEST(a_transaction_of_checks_uses_its_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
