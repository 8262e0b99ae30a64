#include "db/token.h"

#include "db/items.h"
#include "db/keyspace.h"
#include "db_fixture.h"

/* In the 3rd period of ten minutes. */
enum { NOW_MS = 2 * DB_TOKEN_LIFE_MS + 1000 };

static struct db_token example_token(void)
{
    struct db_token token = {
        .account = SLICE("1"),
        .region = SLICE("eu"),
        .scope = DB_TOKEN_TRANSACT_WRITE_ITEMS,
        .text = SLICE("abc"),
        .now_ms = NOW_MS,
        .units = {1, 300},
        .unit_count = 2,
    };
    db_token_digest(SLICE("request"), token.digest);
    return token;
}

/* The worked example of docs/format/tokens.md, byte for byte. */
static const uint8_t example_key[] = {
    'k',  0x80, 0x80, 0x80, 0x80, 0x83, 0xe3, 0xcc, 0xb3, 0xa7, 0x92, '1',  0x01,
    0x01, 'e',  'u',  0x01, 0x01, 'w',  0x01, 0x01, 'a',  'b',  'c',  0x01, 0x01,
};
static const uint8_t example_record[] = {
    0x01, 0xa8, 0xf6, 0x6d, 0x7c, 0x0e, 0x5c, 0xaa, 0x58, 0xdb, 0x5d, 0x18,
    0x61, 0xd1, 0x75, 0x43, 0x94, 0x8f, 0xe9, 0xa0, 0x02, 0x01, 0xac, 0x02,
};

static void example_in_the_format_page(void **state)
{
    (void)state;
    struct db_token token = example_token();
    struct slice keys[DB_TOKEN_KEYS];
    assert_true(db_token_keys(fixture_db, &fixture_arena, &token, keys));
    assert_slice(db_token_key_to_write(keys), slice_of(example_key, sizeof(example_key)));
    assert_slice(db_token_record(&fixture_arena, &token),
                 slice_of(example_record, sizeof(example_record)));
}

static struct slice example_body(void)
{
    struct slice body;
    assert_true(
        db_record_open(DB_FAMILY_TOKEN, slice_of(example_record, sizeof(example_record)), &body));
    return body;
}

static void reads_the_example(void **state)
{
    (void)state;
    struct db_token token = {0};
    struct db_token example = example_token();
    int64_t until_ms;
    assert_true(db_token_read(example_body(), &until_ms, &token));
    assert_int_equal(until_ms, NOW_MS + DB_TOKEN_LIFE_MS);
    assert_memory_equal(token.digest, example.digest, sizeof(token.digest));
    assert_int_equal(token.unit_count, 2);
    assert_int_equal(token.units[0], 1);
    assert_int_equal(token.units[1], 300);
}

static void damage_is_refused(void **state)
{
    (void)state;
    struct slice body = example_body();
    struct db_token token = {.unit_count = 7};
    int64_t until_ms = 7;
    for (size_t size = 0; size < body.size; size++)
        assert_false(db_token_read(slice_of(body.data, size), &until_ms, &token));
    uint8_t longer[sizeof(example_record)];
    memcpy(longer, body.data, body.size);
    longer[body.size] = 0;
    assert_false(db_token_read(slice_of(longer, body.size + 1), &until_ms, &token));
    longer[body.size - 4] = DB_TOKEN_UNITS_MAX + 1;
    assert_false(db_token_read(slice_of(longer, body.size), &until_ms, &token));
    assert_int_equal(until_ms, 7);
    assert_int_equal(token.unit_count, 7);
}

static void digests_differ(void **state)
{
    (void)state;
    uint8_t one[DB_TOKEN_DIGEST_BYTES], other[DB_TOKEN_DIGEST_BYTES];
    db_token_digest(SLICE("a"), one);
    db_token_digest(SLICE("b"), other);
    assert_memory_not_equal(one, other, sizeof(one));
    assert_memory_not_equal(one, one + 8, 8);
    db_token_digest(SLICE("a"), other);
    assert_memory_equal(one, other, sizeof(one));
}

/* Two requests that are decided in the one order or the other, on both sides of the end of a
 * period, name a key in common, and the one finds what the other wrote. */
static void neighbouring_periods_meet(void **state)
{
    (void)state;
    struct db_token before = example_token(), after = example_token();
    before.now_ms = 3 * DB_TOKEN_LIFE_MS - 1;
    after.now_ms = 3 * DB_TOKEN_LIFE_MS;
    struct slice before_keys[DB_TOKEN_KEYS], after_keys[DB_TOKEN_KEYS];
    assert_true(db_token_keys(fixture_db, &fixture_arena, &before, before_keys));
    assert_true(db_token_keys(fixture_db, &fixture_arena, &after, after_keys));
    bool before_sees = false, after_sees = false;
    for (unsigned i = 0; i < DB_TOKEN_KEYS; i++) {
        before_sees |= slice_equal(before_keys[i], db_token_key_to_write(after_keys));
        after_sees |= slice_equal(after_keys[i], db_token_key_to_write(before_keys));
    }
    assert_true(before_sees && after_sees);
}

static void tokens_of_others_are_others(void **state)
{
    (void)state;
    struct db_token example = example_token();
    struct db_token others[] = {example, example, example, example};
    others[0].account = SLICE("2");
    others[1].region = SLICE("us");
    others[2].scope = DB_TOKEN_EXECUTE_TRANSACTION;
    others[3].text = SLICE("abd");
    struct slice keys[DB_TOKEN_KEYS], other_keys[DB_TOKEN_KEYS];
    assert_true(db_token_keys(fixture_db, &fixture_arena, &example, keys));
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_true(db_token_keys(fixture_db, &fixture_arena, &others[i], other_keys));
        for (unsigned j = 0; j < DB_TOKEN_KEYS * DB_TOKEN_KEYS; j++)
            assert_false(slice_equal(keys[j % DB_TOKEN_KEYS], other_keys[j / DB_TOKEN_KEYS]));
    }
}

/* --- looking --- */

static enum db_token_state look(struct db_token *token, unsigned at, struct slice record, bool held)
{
    struct slice values[DB_TOKEN_KEYS] = {SLICE_ABSENT, SLICE_ABSENT, SLICE_ABSENT};
    bool holds[DB_TOKEN_KEYS] = {false};
    values[at] = record;
    holds[at] = held;
    assert_ok(db_token_look(token, &fixture_arena, values, holds));
    return token->state;
}

static void what_is_found_is_judged(void **state)
{
    (void)state;
    struct slice record = slice_of(example_record, sizeof(example_record));
    for (unsigned at = 0; at < DB_TOKEN_KEYS; at++) {
        struct db_token token = example_token();
        token.unit_count = 0;
        assert_int_equal(look(&token, at, record, false), DB_TOKEN_USED);
        assert_int_equal(token.unit_count, 2);
        assert_int_equal(token.units[1], 300);
        assert_int_equal(look(&token, at, record, true), DB_TOKEN_RUNNING);
        /* A transaction with the token that is under way and not to be seen: it will be first. */
        assert_int_equal(look(&token, at, SLICE_ABSENT, false), DB_TOKEN_NEW);
        assert_int_equal(token.unit_count, 0);
        token.now_ms = NOW_MS + DB_TOKEN_LIFE_MS - 1;
        assert_int_equal(look(&token, at, record, false), DB_TOKEN_USED);
        token.now_ms++;
        assert_int_equal(look(&token, at, record, false), DB_TOKEN_NEW);
        token.now_ms = NOW_MS;
        token.digest[15] ^= 1;
        assert_int_equal(look(&token, at, record, false), DB_TOKEN_MISMATCH);
        assert_int_equal(look(&token, at, record, true), DB_TOKEN_MISMATCH);
    }
    struct db_token token = example_token();
    struct slice values[DB_TOKEN_KEYS] = {SLICE("\x02"), SLICE_ABSENT, SLICE_ABSENT};
    bool holds[DB_TOKEN_KEYS] = {false};
    assert_error(db_token_look(&token, &fixture_arena, values, holds), ERROR_INTERNAL,
                 "The record of a client request token is corrupt");
}

/* --- sweeping --- */

static bool decide_nothing(void *context, struct db_write_set *set)
{
    (void)context;
    (void)set;
    return true;
}

static void use_token(const struct db_table *table, int64_t now_ms, struct slice text)
{
    struct waiter waiter;
    waiter_init(&waiter);
    struct db_token token = example_token();
    token.text = text;
    token.now_ms = now_ms;
    struct db_write write = {.table = table,
                             .key = item_of("{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"1\"}}")};
    struct db_write_set set = {
        .arena = &fixture_arena,
        .writes = &write,
        .count = 1,
        .decide = decide_nothing,
        .done = waiter_done,
        .context = &waiter,
        .is_transaction = true,
        .token = &token,
    };
    db_write_items(fixture_db, &set);
    assert_ok(waiter_wait(&waiter, &fixture_arena));
}

static bool count_visit(void *context, struct slice key, struct slice value)
{
    (void)key;
    (void)value;
    ++*(size_t *)context;
    return true;
}

static size_t count_tokens(void)
{
    size_t count = 0;
    struct store_range range;
    assert_true(db_key_family_range(&fixture_arena, DB_FAMILY_TOKEN, &range));
    assert_ok(store_scan(fixture_store, &fixture_arena, range, STORE_FORWARD, count_visit, &count));
    return count;
}

static void whole_periods_are_swept(void **state)
{
    (void)state;
    const struct db_table *table = fixture_table("t", 0);
    const int64_t start = 100 * (int64_t)DB_TOKEN_LIFE_MS;
    assert_false(db_token_work(fixture_db, start)); /* nothing there: no matter */
    use_token(table, start, SLICE("a"));
    use_token(table, start + 1, SLICE("b"));
    use_token(table, start + DB_TOKEN_LIFE_MS, SLICE("c"));
    assert_int_equal(count_tokens(), 3);
    /* As long as one could be valid, and a period more. */
    assert_false(db_token_work(fixture_db, start + 3 * DB_TOKEN_LIFE_MS - 1));
    assert_int_equal(count_tokens(), 3);
    assert_false(db_token_work(fixture_db, start + 3 * DB_TOKEN_LIFE_MS));
    assert_int_equal(count_tokens(), 1);
    /* A clock that goes back does no harm. */
    assert_false(db_token_work(fixture_db, start));
    use_token(table, start + 4 * DB_TOKEN_LIFE_MS, SLICE("d"));
    assert_false(db_token_work(fixture_db, start + 5 * DB_TOKEN_LIFE_MS));
    assert_int_equal(count_tokens(), 1);
    /* After a restart, too. */
    db_table_release(fixture_db, table);
    db_close(fixture_db);
    fixture_db_open(0);
    assert_false(db_token_work(fixture_db, start + 20 * DB_TOKEN_LIFE_MS));
    assert_int_equal(count_tokens(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(example_in_the_format_page), DB_TEST(reads_the_example),
        DB_TEST(damage_is_refused),          DB_TEST(digests_differ),
        DB_TEST(neighbouring_periods_meet),  DB_TEST(tokens_of_others_are_others),
        DB_TEST(what_is_found_is_judged),    DB_TEST(whole_periods_are_swept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
