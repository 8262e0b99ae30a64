#include "item_fixture.h"

#include "num/num.h"

/* The worked example of docs/format/item.md, byte for byte. */
static void example_in_the_format_page(void **state)
{
    (void)state;
    /* clang-format off */
    static const uint8_t expected[] = {
        0x05,
        0x02, 'i', 'd', 0x05, 0x02, 'a', '1',
        0x04, 'l', 'i', 's', 't', 0x07, 0x06, 0x02,
            0x03,
            0x06, 0x02, 0x00, 0xff,
        0x03, 'm', 'a', 'p', 0x08, 0x07, 0x02,
            0x01, 'a', 0x02,
            0x01, 'b', 0x01,
        0x01, 'n', 0x04, 0x02, 0xaf, 0x55,
        0x04, 't', 'a', 'g', 's', 0x0a, 0x06, 0x02,
            0x01, 'x',
            0x02, 'y', 'z',
    };
    /* clang-format on */
    struct slice item = item_of("{\"tags\":{\"SS\":[\"yz\",\"x\"]},\"n\":{\"N\":\"42\"},"
                                "\"map\":{\"M\":{\"b\":{\"NULL\":true},\"a\":{\"BOOL\":false}}},"
                                "\"list\":{\"L\":[{\"BOOL\":true},{\"B\":\"AP8=\"}]},"
                                "\"id\":{\"S\":\"a1\"}}");
    assert_int_equal(item.size, sizeof(expected));
    assert_memory_equal(item.data, expected, sizeof(expected));
    assert_string_equal(
        text_of_item(item),
        "{\"id\":{\"S\":\"a1\"},\"list\":{\"L\":[{\"BOOL\":true},{\"B\":\"AP8=\"}]},"
        "\"map\":{\"M\":{\"a\":{\"BOOL\":false},\"b\":{\"NULL\":true}}},"
        "\"n\":{\"N\":\"42\"},\"tags\":{\"SS\":[\"x\",\"yz\"]}}");
}

static void codes(void **state)
{
    (void)state;
    static const struct {
        enum value_type type;
        const char *code;
    } cases[] = {
        {VALUE_NULL, "NULL"},     {VALUE_TRUE, "BOOL"},     {VALUE_NUMBER, "N"},
        {VALUE_STRING, "S"},      {VALUE_BINARY, "B"},      {VALUE_LIST, "L"},
        {VALUE_MAP, "M"},         {VALUE_NUMBER_SET, "NS"}, {VALUE_STRING_SET, "SS"},
        {VALUE_BINARY_SET, "BS"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_slice(value_type_code(cases[i].type), slice_of_cstring(cases[i].code));
        assert_int_equal(value_type_of_code(slice_of_cstring(cases[i].code)), cases[i].type);
    }
    assert_slice(value_type_code(VALUE_FALSE), SLICE("BOOL"));
    assert_int_equal(value_type_of_code(SLICE("")), VALUE_ABSENT);
    assert_int_equal(value_type_of_code(SLICE("s")), VALUE_ABSENT);
    assert_int_equal(value_type_of_code(SLICE("BOO")), VALUE_ABSENT);
    assert_int_equal(value_set_element_type(VALUE_NUMBER_SET), VALUE_NUMBER);
    assert_int_equal(value_set_element_type(VALUE_BINARY_SET), VALUE_BINARY);
    assert_int_equal(value_set_of_element_type(VALUE_STRING), VALUE_STRING_SET);
}

static void frames_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } broken[] = {
        {"", 0},
        {"\x00", 1},                                          /* no such type */
        {"\x0c\x00", 2},                                      /* nor this */
        {"\x05", 1},                                          /* no size */
        {"\x05\x80", 2},                                      /* half a size */
        {"\x05\x02x", 3},                                     /* a byte short */
        {"\x05\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11}, /* a size past everything */
    };
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        struct slice at = slice_of(broken[i].bytes, broken[i].size);
        struct value value;
        assert_false(value_read(&at, &value));
        assert_int_equal(at.size, broken[i].size);
    }
    struct slice at = SLICE("\x05\x02xyz");
    struct value value;
    assert_true(value_read(&at, &value));
    assert_int_equal(value.type, VALUE_STRING);
    assert_slice(value.body, SLICE("xy"));
    assert_slice(at, SLICE("z"));
    assert_int_equal(value_stored_bytes(value), 4);
    struct buf out;
    buf_init(&out, &fixture_arena, 64);
    value_write(&out, value);
    value_write(&out, (struct value){VALUE_TRUE, SLICE("")});
    assert_slice(buf_slice(&out), SLICE("\x05\x02xy\x03"));
}

/* A value whose form is broken somewhere inside. */
static void check_finds_what_is_not_canonical(void **state)
{
    (void)state;
    static const struct {
        enum value_type type;
        struct slice body;
    } broken[] = {
        {VALUE_ABSENT, {(const uint8_t *)"", 0}},
        {VALUE_TRUE, {(const uint8_t *)"x", 1}},
        {VALUE_NUMBER, {(const uint8_t *)"", 0}},
        {VALUE_STRING, {(const uint8_t *)"\xff", 1}},
        {VALUE_STRING, {(const uint8_t *)"\xc0\x80", 2}},
        {VALUE_STRING, {(const uint8_t *)"\xe0\x80\x80", 3}},
        {VALUE_STRING, {(const uint8_t *)"\xed\xa0\x80", 3}},
        {VALUE_STRING, {(const uint8_t *)"\xf4\x90\x80\x80", 4}},
        {VALUE_STRING, {(const uint8_t *)"\xe2\x82", 2}},
        {VALUE_MAP, {(const uint8_t *)"", 0}},
        {VALUE_MAP, {(const uint8_t *)"\x01", 1}},
        {VALUE_MAP, {(const uint8_t *)"\x00x", 2}},
        {VALUE_MAP, {(const uint8_t *)"\x80\x00", 2}},               /* a long count */
        {VALUE_MAP, {(const uint8_t *)"\x01\x00\x01", 3}},           /* an empty name */
        {VALUE_MAP, {(const uint8_t *)"\x02\x01q\x01\x01p\x01", 7}}, /* descending */
        {VALUE_MAP, {(const uint8_t *)"\x02\x01p\x01\x01p\x01", 7}}, /* twice */
        {VALUE_LIST, {(const uint8_t *)"\x02\x01", 2}},
        {VALUE_LIST, {(const uint8_t *)"\x01\x05\x81\x00x", 5}}, /* a long size */
        {VALUE_STRING_SET, {(const uint8_t *)"\x00", 1}},        /* empty */
        {VALUE_STRING_SET, {(const uint8_t *)"\x02\x01q\x01p", 5}},
        {VALUE_STRING_SET, {(const uint8_t *)"\x02\x01p\x01p", 5}},
        {VALUE_NUMBER_SET, {(const uint8_t *)"\x01\x01\x00", 3}},
    };
    for (size_t i = 0; i < COUNT_OF(broken); i++) {
        if (value_check((struct value){broken[i].type, broken[i].body}))
            fail_msg("case %zu passed", i);
    }
    assert_true(value_check((struct value){VALUE_STRING, SLICE("\xe2\x82\xac\xf0\x9f\x98\x80")}));
    assert_true(value_check((struct value){VALUE_BINARY, SLICE("\xff\x00")}));
    assert_true(value_check((struct value){VALUE_BINARY_SET, SLICE("\x02\x00\x01\xff")}));
    assert_true(value_check(value_of_item(ITEM_EMPTY)));
}

static void walking(void **state)
{
    (void)state;
    struct value map =
        value_of_item(item_of("{\"c\":{\"S\":\"3\"},\"a\":{\"S\":\"1\"},\"b\":{\"NS\":"
                              "[\"10\",\"-2\",\"3\"]},\"ab\":{\"L\":[{\"S\":\"x\"},"
                              "{\"BOOL\":true}]}}"));
    assert_int_equal(value_count(map), 4);
    assert_slice(value_map_find(map, SLICE("a")).body, SLICE("1"));
    assert_slice(value_map_find(map, SLICE("c")).body, SLICE("3"));
    assert_false(value_present(value_map_find(map, SLICE(""))));
    assert_false(value_present(value_map_find(map, SLICE("aa"))));
    assert_false(value_present(value_map_find(map, SLICE("d"))));

    struct value list = value_map_find(map, SLICE("ab"));
    assert_int_equal(value_count(list), 2);
    assert_slice(value_list_at(list, 0).body, SLICE("x"));
    assert_int_equal(value_list_at(list, 1).type, VALUE_TRUE);
    assert_false(value_present(value_list_at(list, 2)));
    assert_false(value_present(value_list_at(map, 0)));
    assert_false(value_present(value_map_find(list, SLICE("a"))));

    struct value set = value_map_find(map, SLICE("b"));
    static const char *const ascending[] = {"-2", "3", "10"};
    struct value_iter iter;
    struct value element;
    value_iter_begin(&iter, set);
    for (size_t i = 0; i < COUNT_OF(ascending); i++) {
        struct num expected;
        struct num actual;
        assert_true(value_iter_next(&iter, NULL, &element));
        assert_int_equal(element.type, VALUE_NUMBER);
        assert_int_equal(num_parse(slice_of_cstring(ascending[i]), &expected), NUM_OK);
        assert_true(value_to_num(element, &actual));
        assert_int_equal(num_compare(&expected, &actual), 0);
        assert_true(value_set_contains(set, element));
    }
    assert_false(value_iter_next(&iter, NULL, &element));
    assert_false(value_set_contains(set, value_of("{\"N\":\"4\"}")));
    assert_false(value_set_contains(set, value_of("{\"N\":\"11\"}")));
    assert_false(value_set_contains(set, value_of("{\"S\":\"3\"}")));
    assert_false(value_set_contains(list, value_of("{\"S\":\"x\"}")));

    value_iter_begin(&iter, value_of("{\"S\":\"\\u0001x\"}"));
    assert_false(value_iter_next(&iter, NULL, &element));
}

static void order_and_equality(void **state)
{
    (void)state;
    assert_true(value_compare(value_of("{\"N\":\"-10\"}"), value_of("{\"N\":\"9.5\"}")) < 0);
    assert_true(value_compare(value_of("{\"N\":\"10\"}"), value_of("{\"N\":\"9.5\"}")) > 0);
    assert_true(value_compare(value_of("{\"S\":\"a\"}"), value_of("{\"S\":\"ab\"}")) < 0);
    assert_int_equal(value_compare(value_of("{\"B\":\"AA==\"}"), value_of("{\"B\":\"AA==\"}")), 0);
    assert_true(value_equal(value_of("{\"N\":\"1.50\"}"), value_of("{\"N\":\"15e-1\"}")));
    assert_true(
        value_equal(value_of("{\"SS\":[\"a\",\"b\"]}"), value_of("{\"SS\":[\"b\",\"a\"]}")));
    assert_false(value_equal(value_of("{\"S\":\"a\"}"), value_of("{\"B\":\"YQ==\"}")));
    assert_false(value_equal(value_of("{\"BOOL\":true}"), value_of("{\"BOOL\":false}")));
}

static void builders(void **state)
{
    (void)state;
    struct num num;
    struct value number;
    num_from_int64(-7, &num);
    assert_true(value_build_number(&fixture_arena, &num, &number));
    struct value strings[] = {value_string(SLICE("b")), value_string(SLICE("a")),
                              value_string(SLICE("b"))};
    struct value list;
    struct value set;
    struct value map;
    assert_true(value_build_list(&fixture_arena, strings, 3, &list));
    assert_true(value_build_set(&fixture_arena, VALUE_STRING_SET, strings, 3, &set));
    assert_int_equal(value_count(set), 2);
    struct value_member members[] = {{SLICE("s"), set},
                                     {SLICE("n"), number},
                                     {SLICE("l"), list},
                                     {SLICE("t"), {VALUE_TRUE, SLICE("")}}};
    assert_true(value_build_map(&fixture_arena, members, 4, &map));
    assert_item(map.body,
                "{\"l\":{\"L\":[{\"S\":\"b\"},{\"S\":\"a\"},{\"S\":\"b\"}]},\"n\":{\"N\":\"-7\"},"
                "\"s\":{\"SS\":[\"a\",\"b\"]},\"t\":{\"BOOL\":true}}");
    assert_true(value_build_map(&fixture_arena, NULL, 0, &map));
    assert_slice(map.body, ITEM_EMPTY);

    struct arena small;
    arena_init(&small, 0);
    assert_false(value_build_number(&small, &num, &number));
    assert_false(value_build_list(&small, strings, 1, &list));
    assert_false(value_build_set(&small, VALUE_STRING_SET, strings, 1, &set));
    assert_false(value_build_map(&small, members, 1, &map));
    arena_fini(&small);
}

/* {"a": L of L of ... of "x"}, with so many lists, built without JSON. */
static struct slice nested_item(unsigned lists)
{
    struct value value = value_string(SLICE("x"));
    for (unsigned i = 0; i < lists; i++)
        assert_true(value_build_list(&fixture_arena, &value, 1, &value));
    struct value_member member = {SLICE("a"), value};
    struct value map;
    assert_true(value_build_map(&fixture_arena, &member, 1, &map));
    return map.body;
}

static void nesting(void **state)
{
    (void)state;
    assert_false(item_nests_too_deep(nested_item(0)));
    assert_false(item_nests_too_deep(nested_item(31)));
    assert_true(value_check(value_of_item(nested_item(31))));
    assert_true(item_nests_too_deep(nested_item(32)));
    assert_false(value_check(value_of_item(nested_item(32))));
    assert_true(item_nests_too_deep(nested_item(1000)));
    assert_false(value_check(value_of_item(nested_item(1000))));
    /* Ends, whatever is in there. */
    assert_true(strlen(text_of_item(nested_item(1000))) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ITEM_TEST(example_in_the_format_page),
        ITEM_TEST(codes),
        ITEM_TEST(frames_are_checked),
        ITEM_TEST(check_finds_what_is_not_canonical),
        ITEM_TEST(walking),
        ITEM_TEST(order_and_equality),
        ITEM_TEST(builders),
        ITEM_TEST(nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
