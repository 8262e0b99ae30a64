#include "db/keyspace.h"

#include "db/entry.h"
#include "db_fixture.h"

static void assert_bytes(struct slice key, const uint8_t *bytes, size_t size)
{
    assert_slice(key, slice_of(bytes, size));
}
#define ASSERT_BYTES(key, ...)                                                                     \
    do {                                                                                           \
        static const uint8_t expected[] = {__VA_ARGS__};                                           \
        assert_bytes((key), expected, sizeof(expected));                                           \
    } while (0)

#define SPACE_0 0x80, 0x80, 0x80, 0x80, 0x80
#define SPACE_1 0x80, 0x80, 0x80, 0x80, 0x81
#define SPACE_2 0x80, 0x80, 0x80, 0x80, 0x82
#define HASH_0 0x80, 0x80, 0x80, 0x80, 0x80
#define HASH_A 0x9a, 0xaa, 0xa6, 0xb4, 0xc2 /* SipHash of 61 01 01: 34a933484865450e */
#define HASH_W 0xc5, 0xc5, 0xbd, 0x86, 0xfa /* SipHash of 77 01 01: 8b15e86f57376f3e */
#define END 0x01, 0x01
#define NUMBER_7 0xae, 0x8d
#define NUMBER_12 0xaf, 0x19

/* The worked examples of docs/format/keys.md, byte for byte. */
static void examples_in_the_format_page(void **state)
{
    (void)state;
    struct arena *arena = &fixture_arena;
    const struct db_table *table = fixture_table("t", 4);
    struct slice item = item_of("{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"7\"},\"l\":{\"S\":\"k\"},"
                                "\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"12\"}}");
    ASSERT_BYTES(db_entry_key(arena, table, NULL, item), 'i', SPACE_1, HASH_A, 'a', END, NUMBER_7,
                 END);
    ASSERT_BYTES(db_entry_key(arena, table, &table->indexes[0], item), 'p', SPACE_1, HASH_A, 'a',
                 END, 'k', END, NUMBER_7, END);
    ASSERT_BYTES(db_entry_key(arena, table, &table->indexes[1], item), 'q', SPACE_1, HASH_A, 'a',
                 END, 'k', END, NUMBER_7, END);
    ASSERT_BYTES(db_entry_key(arena, table, &table->indexes[2], item), 'g', SPACE_2, HASH_W, 'w',
                 END, 'a', END, NUMBER_7, END);
    ASSERT_BYTES(db_key_of_total(arena, table, NULL, DB_TOTAL_ITEMS), 'z', SPACE_1, HASH_0, 'i',
                 END, 'n', END);
    ASSERT_BYTES(db_key_of_total(arena, table, &table->indexes[1], DB_TOTAL_BYTES), 'z', SPACE_1,
                 HASH_0, 'q', END, 'b', END);
    ASSERT_BYTES(db_key_of_total(arena, table, &table->indexes[2], DB_TOTAL_ITEMS), 'z', SPACE_2,
                 HASH_0, 'g', END, 'n', END);
    ASSERT_BYTES(db_key_of_meta(arena, SLICE("next id")), 'a', SPACE_0, HASH_0, 'n', 'e', 'x', 't',
                 ' ', 'i', 'd', END);
    ASSERT_BYTES(db_key_of_table(arena, SLICE("1"), SLICE("eu"), SLICE("t")), 'b', SPACE_0, HASH_0,
                 '1', END, 'e', 'u', END, 't', END);
    ASSERT_BYTES(db_key_of_mark(arena, db_entry_key(arena, table, NULL, item)), 'm', SPACE_1,
                 HASH_A, 'a', END, NUMBER_7, END);
    ASSERT_BYTES(db_key_of_collection(arena, table, item), 'l', SPACE_1, HASH_A, 'a', END);
    ASSERT_BYTES(db_key_of_fill(arena, 2), 'f', SPACE_2, HASH_0);
    ASSERT_BYTES(db_key_of_drop(arena, 300), 'c', SPACE_0, HASH_0, 0x80, 0x80, 0x80, 0x82, 0xac,
                 END);
    db_table_release(fixture_db, table);
}

static struct slice key_of(struct slice partition, struct slice sort)
{
    struct db_key_parts parts = {.partition_count = 1, .count = 2, .part = {partition, sort}};
    struct slice key = db_key_make(&fixture_arena, DB_FAMILY_ITEM, 5, &parts);
    assert_true(slice_present(key));
    return key;
}

static void escapes(void **state)
{
    (void)state;
    static const uint8_t raw[] = {0x00, 0x01, 0x02, 0xff};
    struct slice key = key_of(SLICE("p"), slice_of(raw, sizeof(raw)));
    static const uint8_t tail[] = {0x01, 0x02, 0x01, 0x03, 0x02, 0xff, END};
    assert_bytes(slice_after(key, key.size - sizeof(tail)), tail, sizeof(tail));
    assert_null(memchr(key.data, 0, key.size));
}

/* Sorted as raw strings; their keys must be sorted, too. */
static void order_is_kept(void **state)
{
    (void)state;
    static const struct slice sorted[] = {
        {(const uint8_t *)"", 0},          {(const uint8_t *)"\x00", 1},
        {(const uint8_t *)"\x00\x00", 2},  {(const uint8_t *)"\x00\x01", 2},
        {(const uint8_t *)"\x00\x02", 2},  {(const uint8_t *)"\x00\xff", 2},
        {(const uint8_t *)"\x01", 1},      {(const uint8_t *)"\x01\x00", 2},
        {(const uint8_t *)"\x01\x01", 2},  {(const uint8_t *)"\x01\x02", 2},
        {(const uint8_t *)"\x02", 1},      {(const uint8_t *)"a", 1},
        {(const uint8_t *)"a\x00", 2},     {(const uint8_t *)"a\x01", 2},
        {(const uint8_t *)"a\x01\x01", 3}, {(const uint8_t *)"aa", 2},
        {(const uint8_t *)"\xff", 1},      {(const uint8_t *)"\xff\xff", 2},
    };
    for (size_t i = 0; i < COUNT_OF(sorted); i++) {
        for (size_t j = 0; j < COUNT_OF(sorted); j++) {
            struct slice left = key_of(SLICE("p"), sorted[i]);
            struct slice right = key_of(SLICE("p"), sorted[j]);
            int order = slice_compare(left, right);
            assert_int_equal(order < 0, i < j);
            assert_int_equal(order > 0, i > j);
            assert_true(i == j || !slice_starts_with(left, right));
        }
    }
}

static void round_trip(void **state)
{
    (void)state;
    struct db_key_parts parts = {
        .partition_count = 2,
        .count = 4,
        .part = {SLICE("a\x01z"), {(const uint8_t *)"\x00", 1}, SLICE(""), SLICE("\xff")},
    };
    struct slice key = db_key_make(&fixture_arena, DB_FAMILY_GLOBAL, DB_SPACE_END - 1, &parts);
    enum db_family family;
    uint64_t space, hash;
    struct db_key_parts parsed;
    assert_true(db_key_parse(&fixture_arena, key, &family, &space, &hash, &parsed));
    assert_int_equal(family, DB_FAMILY_GLOBAL);
    assert_true(space == DB_SPACE_END - 1);
    assert_true(hash < DB_HASH_END);
    assert_int_equal(parsed.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_slice(parsed.part[i], parts.part[i]);
}

static void foreign_bytes_are_no_key(void **state)
{
    (void)state;
    static const struct slice wrong[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"i", 1},
        {(const uint8_t *)"!\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
                          "a\x01\x01",
         14},
        {(const uint8_t *)"i\x00\x80\x80\x80\x80\x80\x80\x80\x80\x80"
                          "a\x01\x01",
         14},
        {(const uint8_t *)"i\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f"
                          "a\x01\x01",
         14},
        {(const uint8_t *)"i\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
                          "a\x01",
         13},
        {(const uint8_t *)"i\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
                          "a",
         12},
        {(const uint8_t *)"i\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
                          "a\x01\x04",
         14},
        {(const uint8_t *)"i\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
                          "\x00\x01\x01",
         14},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        enum db_family family;
        uint64_t space, hash;
        struct db_key_parts parts;
        assert_false(db_key_parse(&fixture_arena, wrong[i], &family, &space, &hash, &parts));
    }
}

static void hash_bounds_enclose_a_space(void **state)
{
    (void)state;
    struct arena *arena = &fixture_arena;
    struct slice first = db_key_hash_bound(arena, DB_FAMILY_ITEM, 5, 0);
    struct slice last = db_key_hash_bound(arena, DB_FAMILY_ITEM, 5, DB_HASH_END);
    struct slice next = db_key_hash_bound(arena, DB_FAMILY_ITEM, 6, 0);
    struct slice key = key_of(SLICE("\xff\xff"), SLICE("\xff"));
    assert_true(slice_compare(first, key) < 0);
    assert_true(slice_compare(key, last) < 0);
    assert_true(slice_compare(last, next) <= 0);
    /* The last space of all: the bound carries over into the family code. */
    struct slice end = db_key_hash_bound(arena, DB_FAMILY_ITEM, DB_SPACE_END - 1, DB_HASH_END);
    ASSERT_BYTES(end, 'j');
    ASSERT_BYTES(db_key_behind_prefix(arena, SLICE("a\xff\xff")), 'b');
    assert_true(slice_compare(db_key_behind(arena, key), key) > 0);
}

static void longest_keys_fit(void **state)
{
    (void)state;
    static uint8_t zeros[DB_PARTITION_KEY_BYTES_MAX];
    struct slice partition = slice_of(zeros, DB_PARTITION_KEY_BYTES_MAX);
    struct slice sort = slice_of(zeros, DB_SORT_KEY_BYTES_MAX);
    struct db_key_parts parts = {
        .partition_count = 1, .count = 4, .part = {partition, sort, partition, sort}};
    struct slice key = db_key_make(&fixture_arena, DB_FAMILY_GLOBAL, 1, &parts);
    assert_true(slice_present(key));
    assert_true(key.size <= STORE_KEY_BYTES_MAX);
}

static void records_carry_their_version(void **state)
{
    (void)state;
    struct slice record = db_record_make(&fixture_arena, DB_FAMILY_ITEM, SLICE("body"));
    ASSERT_BYTES(record, 1, 'b', 'o', 'd', 'y');
    struct slice body;
    assert_true(db_record_open(DB_FAMILY_ITEM, record, &body));
    assert_slice(body, SLICE("body"));
    assert_false(db_record_open(DB_FAMILY_ITEM,
                                SLICE("\x02"
                                      "body"),
                                &body));
    assert_false(db_record_open(DB_FAMILY_ITEM, SLICE(""), &body));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        DB_TEST(examples_in_the_format_page),
        DB_TEST(escapes),
        DB_TEST(order_is_kept),
        DB_TEST(round_trip),
        DB_TEST(foreign_bytes_are_no_key),
        DB_TEST(hash_bounds_enclose_a_space),
        DB_TEST(longest_keys_fit),
        DB_TEST(records_carry_their_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
