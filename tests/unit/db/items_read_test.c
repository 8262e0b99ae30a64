#include "db/items.h"

#include "db_fixture.h"
#include "item/value_size.h"
#include "num/num.h"

static const struct db_table *table;
static struct found found;

static int setup(void **state)
{
    int status = fixture_setup(state);
    table = fixture_table("t", 5);
    return status;
}

static int teardown(void **state)
{
    db_table_release(fixture_db, table);
    return fixture_teardown(state);
}
#define READ_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

/* p = "a", s = 1..count; l cycles through "k0" "k1" "k2"; g = "w", h = -s */
static void put_sequence(const char *partition, unsigned count)
{
    for (unsigned i = 1; i <= count; i++) {
        char json[256];
        snprintf(json, sizeof(json),
                 "{\"p\":{\"S\":\"%s\"},\"s\":{\"N\":\"%u\"},\"l\":{\"S\":\"k%u\"},"
                 "\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"-%u\"},\"y\":{\"S\":\"yy\"}}",
                 partition, i, i % 3, i);
        put_item(table, json);
    }
}

static struct db_read query(const char *index, const char *partition)
{
    return (struct db_read){
        .table = table,
        .index = index == NULL ? NULL : db_table_index(table, slice_of_cstring(index)),
        .partition = {string_value(partition)},
    };
}

/* The sort keys found, as "1 2 3". */
static const char *numbers_of(const char *attribute)
{
    static char text[4096];
    size_t at = 0;
    text[0] = '\0';
    for (size_t i = 0; i < found.count; i++) {
        struct num num;
        char digits[NUM_TEXT_BYTES_MAX];
        assert_true(value_to_num(member_of(found.items[i], attribute), &num));
        size_t size = num_format(&num, digits);
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%.*s", i == 0 ? "" : " ", (int)size,
                               digits);
    }
    return text;
}

static struct value number(int64_t value)
{
    struct num num;
    struct value result;
    num_from_int64(value, &num);
    assert_true(value_build_number(&fixture_arena, &num, &result));
    return result;
}

static void conditions_on_the_sort_key(void **state)
{
    (void)state;
    put_sequence("a", 12);
    put_sequence("b", 3);
    static const struct {
        enum db_sort_operator operator;
        int64_t operand[2];
        const char *forward;
        const char *backward;
    } cases[] = {
        {DB_SORT_ANY, {0, 0}, "1 2 3 4 5 6 7 8 9 10 11 12", "12 11 10 9 8 7 6 5 4 3 2 1"},
        {DB_SORT_EQUAL, {4, 0}, "4", "4"},
        {DB_SORT_EQUAL, {13, 0}, "", ""},
        {DB_SORT_LESS, {3, 0}, "1 2", "2 1"},
        {DB_SORT_LESS, {1, 0}, "", ""},
        {DB_SORT_LESS_OR_EQUAL, {3, 0}, "1 2 3", "3 2 1"},
        {DB_SORT_GREATER, {10, 0}, "11 12", "12 11"},
        {DB_SORT_GREATER, {12, 0}, "", ""},
        {DB_SORT_GREATER_OR_EQUAL, {10, 0}, "10 11 12", "12 11 10"},
        {DB_SORT_BETWEEN, {9, 11}, "9 10 11", "11 10 9"},
        {DB_SORT_BETWEEN, {11, 9}, "", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct db_read read = query(NULL, "a");
        read.sort_operator = cases[i].operator;
        read.sort_operand[0] = number(cases[i].operand[0]);
        read.sort_operand[1] = number(cases[i].operand[1]);
        read_items(&read, &found);
        assert_string_equal(numbers_of("s"), cases[i].forward);
        assert_int_equal(read.scanned, found.count);
        assert_false(slice_present(read.last_evaluated));
        read.backward = true;
        read_items(&read, &found);
        assert_string_equal(numbers_of("s"), cases[i].backward);
    }
}

static void begins_with(void **state)
{
    (void)state;
    static const char *const values[] = {"a", "ab", "abc", "abd", "ac", "b"};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        char json[200];
        snprintf(json, sizeof(json),
                 "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"%zu\"},\"l\":{\"S\":\"%s\"}}", i, values[i]);
        put_item(table, json);
    }
    static const struct {
        const char *prefix;
        const char *expected;
    } cases[] = {{"ab", "1 2 3"}, {"a", "0 1 2 3 4"}, {"", "0 1 2 3 4 5"}, {"abe", ""}, {"b", "5"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct db_read read = query("local-all", "a");
        read.sort_operator = DB_SORT_BEGINS_WITH;
        read.sort_operand[0] = string_value(cases[i].prefix);
        read_items(&read, &found);
        assert_string_equal(numbers_of("s"), cases[i].expected);
    }
    /* Operands longer than any key compare as they are. */
    static char longer[3000];
    memset(longer, 'a', sizeof(longer) - 1);
    struct db_read read = query("local-all", "a");
    read.sort_operator = DB_SORT_BEGINS_WITH;
    read.sort_operand[0] = string_value(longer);
    read_items(&read, &found);
    assert_int_equal(found.count, 0);
    read.sort_operator = DB_SORT_GREATER;
    read_items(&read, &found);
    assert_string_equal(numbers_of("s"), "1 2 3 4 5");
    read.sort_operator = DB_SORT_LESS;
    read_items(&read, &found);
    assert_string_equal(numbers_of("s"), "0");
    read = query("local-all", longer);
    read_items(&read, &found);
    assert_int_equal(found.count, 0);
}

static void limit_gives_a_last_key_even_at_the_end(void **state)
{
    (void)state;
    put_sequence("a", 4);
    struct db_read read = query(NULL, "a");
    read.limit = 4;
    read_items(&read, &found);
    assert_int_equal(found.count, 4);
    assert_string_equal(text_of(read.last_evaluated), "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"4\"}}");
    read.exclusive_start = read.last_evaluated;
    read_items(&read, &found);
    assert_int_equal(found.count, 0);
    assert_false(slice_present(read.last_evaluated));
    read = query(NULL, "a");
    read.limit = 5;
    read_items(&read, &found);
    assert_int_equal(found.count, 4);
    assert_false(slice_present(read.last_evaluated));
}

static void pages_follow_each_other(void **state)
{
    (void)state;
    put_sequence("a", 11);
    static const struct {
        const char *index;
        const char *attribute;
        bool backward;
        const char *expected;
        const char *first_last_key;
    } cases[] = {
        {NULL, "s", false, "1 2 3 4 5 6 7 8 9 10 11", "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"3\"}}"},
        {NULL, "s", true, "11 10 9 8 7 6 5 4 3 2 1", "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"9\"}}"},
        {"local-keys", "s", false, "3 6 9 1 4 7 10 2 5 8 11",
         "{\"l\":{\"S\":\"k0\"},\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"9\"}}"},
        {"local-keys", "s", true, "11 8 5 2 10 7 4 1 9 6 3",
         "{\"l\":{\"S\":\"k2\"},\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"5\"}}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct db_read read = query(cases[i].index, "a");
        read.backward = cases[i].backward;
        read.limit = 3;
        struct found all = {0};
        do {
            read_items(&read, &found);
            if (all.count == 0)
                assert_string_equal(text_of(read.last_evaluated), cases[i].first_last_key);
            for (size_t j = 0; j < found.count; j++)
                all.items[all.count++] = found.items[j];
            read.exclusive_start = read.last_evaluated;
            if (slice_present(read.exclusive_start))
                assert_ok(db_read_check_start(&read, &fixture_arena));
        } while (slice_present(read.last_evaluated));
        found = all;
        assert_string_equal(numbers_of(cases[i].attribute), cases[i].expected);
    }
}

static void global_index_is_sorted_by_its_own_key(void **state)
{
    (void)state;
    put_sequence("a", 3);
    put_sequence("b", 3);
    struct db_read read = query("global-all", "w");
    read_items(&read, &found);
    assert_string_equal(numbers_of("h"), "-3 -3 -2 -2 -1 -1");
    read.limit = 3;
    read_items(&read, &found);
    assert_string_equal(
        text_of(read.last_evaluated),
        "{\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"-2\"},\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"2\"}}");
    read.exclusive_start = read.last_evaluated;
    read_items(&read, &found);
    assert_string_equal(numbers_of("s"), "2 1 1");
    read = query("global-all", "w");
    read.sort_operator = DB_SORT_BETWEEN;
    read.sort_operand[0] = number(-2);
    read.sort_operand[1] = number(-1);
    read_items(&read, &found);
    assert_string_equal(numbers_of("h"), "-2 -2 -1 -1");
}

/* An index with two partition and two sort key attributes. */
static const struct db_table *make_composite(void)
{
    static const struct db_index composite = {
        .name = TEXT("composite"),
        .global = true,
        .key = {.partition_count = 2,
                .partition = {{TEXT("g"), VALUE_STRING}, {TEXT("l"), VALUE_STRING}},
                .sort_count = 2,
                .sort = {{TEXT("h"), VALUE_NUMBER}, {TEXT("s"), VALUE_NUMBER}}},
        .projection = DB_PROJECT_KEYS_ONLY,
    };
    struct db_table description = fixture_description("composite", 0);
    description.indexes = &composite;
    description.index_count = 1;
    const struct db_table *made;
    assert_ok(table_create(&description, FIXTURE_NOW_MS, &made));
    for (unsigned i = 0; i < 24; i++) {
        char json[200];
        snprintf(json, sizeof(json),
                 "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"%u\"},\"l\":{\"S\":\"l%u\"},"
                 "\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"%u\"}}",
                 i, i % 2, i % 3);
        put_item(made, json);
    }
    put_item(made, "{\"p\":{\"S\":\"b\"},\"s\":{\"N\":\"0\"},\"l\":{\"S\":\"l0\"},"
                   "\"g\":{\"S\":\"w\"}}"); /* no h: not in the index */
    return made;
}

static void composite_keys_are_used_from_the_left(void **state)
{
    (void)state;
    const struct db_table *composite = make_composite();
    struct db_read read = {
        .table = composite,
        .index = &composite->indexes[0],
        .partition = {string_value("w"), string_value("l0")},
    };
    read_items(&read, &found);
    assert_string_equal(numbers_of("s"), "0 6 12 18 4 10 16 22 2 8 14 20");
    read.sort_equal_count = 1;
    read.sort_equal[0] = number(1);
    read_items(&read, &found);
    assert_string_equal(numbers_of("s"), "4 10 16 22");
    read.sort_operator = DB_SORT_GREATER;
    read.sort_operand[0] = number(10);
    read.backward = true;
    read.limit = 1;
    read_items(&read, &found);
    assert_string_equal(numbers_of("s"), "22");
    assert_string_equal(text_of(read.last_evaluated),
                        "{\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"1\"},\"l\":{\"S\":\"l0\"},"
                        "\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"22\"}}");
    read.exclusive_start = read.last_evaluated;
    assert_ok(db_read_check_start(&read, &fixture_arena));
    read_items(&read, &found);
    assert_string_equal(numbers_of("s"), "16");
    read = (struct db_read){
        .table = composite,
        .index = &composite->indexes[0],
        .partition = {string_value("w"), string_value("l1")},
        .sort_operator = DB_SORT_LESS_OR_EQUAL,
        .sort_operand = {number(0)},
    };
    read_items(&read, &found);
    assert_string_equal(numbers_of("s"), "3 9 15 21");
    /* The two parts do not run into each other. */
    read.partition[0] = string_value("wl");
    read.partition[1] = string_value("1");
    read_items(&read, &found);
    assert_int_equal(found.count, 0);
    db_table_release(fixture_db, composite);
}

/* About 60,000 bytes each: 18 are a little more than a megabyte. */
static void put_large(unsigned count)
{
    static char filler[60000];
    memset(filler, 'x', sizeof(filler) - 1);
    struct buf json;
    for (unsigned i = 0; i < count; i++) {
        buf_init(&json, &fixture_arena, FIXTURE_ARENA_BYTES);
        buf_append_format(&json,
                          "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"%u\"},\"l\":{\"S\":\"k\"},"
                          "\"x\":{\"S\":\"%s\"}}",
                          i, filler);
        buf_append_byte(&json, '\0');
        assert_false(json.failed);
        put_item(table, (const char *)json.data);
    }
}

static void page_ends_with_the_item_that_reaches_a_megabyte(void **state)
{
    (void)state;
    put_large(20);
    struct db_read read = query(NULL, "a");
    read_items(&read, &found);
    assert_int_equal(found.count, 18);
    assert_int_equal(read.scanned, 18);
    assert_true(read.scanned_bytes >= DB_PAGE_BYTES);
    assert_true(read.scanned_bytes - item_size_bytes(found.items[17]) < DB_PAGE_BYTES);
    assert_string_equal(text_of(read.last_evaluated), "{\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"17\"}}");
    read.exclusive_start = read.last_evaluated;
    read_items(&read, &found);
    assert_int_equal(found.count, 2);
    assert_false(slice_present(read.last_evaluated));
    read = query("local-keys", "a"); /* small entries: all on one page */
    read_items(&read, &found);
    assert_int_equal(found.count, 20);
    assert_false(slice_present(read.last_evaluated));
}

static void fetches_whole_items_for_a_local_index(void **state)
{
    (void)state;
    put_sequence("a", 40);
    struct db_read read = query("local-keys", "a");
    read.fetch_items = true;
    read_items(&read, &found);
    assert_int_equal(found.count, 40);
    assert_int_equal(read.scanned, 40);
    for (size_t i = 0; i < found.count; i++)
        assert_slice(member_of(found.items[i], "y").body, SLICE("yy"));
    assert_int_equal(read.fetched_units_bytes, 40 * 4096);
    assert_true(read.scanned_bytes < 40 * 20);
    assert_false(slice_present(read.last_evaluated));

    read.limit = 17;
    read.backward = true;
    read_items(&read, &found);
    assert_int_equal(found.count, 17);
    assert_int_equal(read.scanned, 17);
    assert_true(slice_present(read.last_evaluated));
    read.exclusive_start = read.last_evaluated;
    read.limit = 0;
    read_items(&read, &found);
    assert_int_equal(found.count, 23);
}

static void fetched_items_fill_a_page_too(void **state)
{
    (void)state;
    put_large(20);
    struct db_read read = query("local-keys", "a");
    read.fetch_items = true;
    read_items(&read, &found);
    assert_int_equal(found.count, 18);
    assert_int_equal(read.scanned, 18);
    assert_string_equal(text_of(read.last_evaluated),
                        "{\"l\":{\"S\":\"k\"},\"p\":{\"S\":\"a\"},\"s\":{\"N\":\"17\"}}");
    read.exclusive_start = read.last_evaluated;
    read_items(&read, &found);
    assert_int_equal(found.count, 2);
}

static bool stop_at_second(void *context, struct slice item)
{
    (void)item;
    return ++*(unsigned *)context < 2;
}

static void visitor_can_stop(void **state)
{
    (void)state;
    put_sequence("a", 5);
    unsigned visits = 0;
    struct db_read read = query(NULL, "a");
    read.visit = stop_at_second;
    read.context = &visits;
    assert_ok(db_read_items(fixture_db, &fixture_arena, &read));
    assert_int_equal(visits, 2);
    visits = 0;
    read = query("local-keys", "a");
    read.fetch_items = true;
    read.visit = stop_at_second;
    read.context = &visits;
    assert_ok(db_read_items(fixture_db, &fixture_arena, &read));
    assert_int_equal(visits, 2);
}

/* --- scans --- */

enum { PARTITIONS = 200 };

static void put_partitions(void)
{
    for (unsigned i = 0; i < PARTITIONS; i++) {
        char json[200];
        snprintf(json, sizeof(json),
                 "{\"p\":{\"S\":\"p%u\"},\"s\":{\"N\":\"0\"},\"l\":{\"S\":\"k\"},"
                 "\"g\":{\"S\":\"g%u\"},\"h\":{\"N\":\"%u\"}}",
                 i, i, i);
        put_item(table, json);
    }
}

static void scan_sees_everything_once(void **state)
{
    (void)state;
    const struct db_table *other = fixture_table("other", 5);
    put_item(other, "{\"p\":{\"S\":\"foreign\"},\"s\":{\"N\":\"1\"},\"l\":{\"S\":\"k\"},"
                    "\"g\":{\"S\":\"w\"},\"h\":{\"N\":\"12\"}}");
    db_table_release(fixture_db, other);
    put_partitions();
    static const char *const indexes[] = {NULL,          "local-all",      "local-keys",
                                          "global-keys", "global-include", "global-all"};
    for (size_t i = 0; i < COUNT_OF(indexes); i++) {
        struct db_read read = query(indexes[i], "");
        read.whole = true;
        read_items(&read, &found);
        assert_int_equal(found.count, PARTITIONS);
        assert_false(slice_present(read.last_evaluated));
        /* In pages, from each last key. */
        struct found whole = found;
        read.limit = 7;
        size_t at = 0;
        do {
            read_items(&read, &found);
            for (size_t j = 0; j < found.count; j++)
                assert_slice(found.items[j], whole.items[at++]);
            read.exclusive_start = read.last_evaluated;
        } while (slice_present(read.last_evaluated));
        assert_int_equal(at, PARTITIONS);
    }
}

static void segments_divide_a_scan(void **state)
{
    (void)state;
    put_partitions();
    static const uint32_t totals[] = {1, 2, 3, 7};
    for (size_t i = 0; i < COUNT_OF(totals); i++) {
        struct db_read read = query(NULL, "");
        read.whole = true;
        read.total_segments = totals[i];
        size_t sum = 0;
        for (read.segment = 0; read.segment < totals[i]; read.segment++) {
            read_items(&read, &found);
            sum += found.count;
            /* Equal slices: none is far from its share. */
            assert_true(found.count > PARTITIONS / totals[i] / 3);
        }
        assert_int_equal(sum, PARTITIONS);
    }
    /* The first and the last of very many are within the space. */
    struct db_read read = query(NULL, "");
    read.whole = true;
    read.total_segments = 1000000;
    read.segment = 999999;
    read_items(&read, &found);
    assert_true(found.count <= 1);
    read.segment = 0;
    read_items(&read, &found);
    assert_true(found.count <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        READ_TEST(conditions_on_the_sort_key),
        READ_TEST(begins_with),
        READ_TEST(limit_gives_a_last_key_even_at_the_end),
        READ_TEST(pages_follow_each_other),
        READ_TEST(global_index_is_sorted_by_its_own_key),
        READ_TEST(composite_keys_are_used_from_the_left),
        READ_TEST(page_ends_with_the_item_that_reaches_a_megabyte),
        READ_TEST(fetches_whole_items_for_a_local_index),
        READ_TEST(fetched_items_fill_a_page_too),
        READ_TEST(visitor_can_stop),
        READ_TEST(scan_sees_everything_once),
        READ_TEST(segments_divide_a_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
