#include "item_fixture.h"

#include <stdlib.h>

/* Paths as one would write them: "a.b[3].c", "[0]" for an index. Names here hold no dots. */
static struct path path_of(const char *text)
{
    struct path_element *elements =
        ARENA_NEW_ARRAY(&fixture_arena, struct path_element, strlen(text) + 1);
    struct path path = {elements, 0};
    assert_non_null(elements);
    while (*text != '\0') {
        struct path_element *element = &elements[path.count++];
        if (*text == '[') {
            element->is_index = true;
            element->index = (uint32_t)strtoul(text + 1, NULL, 10);
            text = strchr(text, ']') + 1;
        } else {
            size_t size = strcspn(text, ".[");
            element->name = slice_of(text, size);
            text += size;
        }
        text += *text == '.';
    }
    return path;
}

static const char *const sample = "{\"a\":{\"M\":{\"b\":{\"M\":{\"c\":{\"S\":\"abc\"}}},\"l\":{"
                                  "\"L\":[{\"S\":\"0\"},{\"M\":{\"x\":"
                                  "{\"S\":\"1x\"}}},{\"S\":\"2\"}]}}},\"s\":{\"S\":\"top\"},\"t\":{"
                                  "\"L\":[{\"L\":[{\"S\":\"00\"}]}]}}";

static void find(void **state)
{
    (void)state;
    struct slice item = item_of(sample);
    assert_slice(item_find(item, path_of("s")).body, SLICE("top"));
    assert_slice(item_find(item, path_of("a.b.c")).body, SLICE("abc"));
    assert_slice(item_find(item, path_of("a.l[1].x")).body, SLICE("1x"));
    assert_slice(item_find(item, path_of("t[0][0]")).body, SLICE("00"));
    static const char *const missing[] = {"x",     "a.x",    "s.a",        "s[0]",   "a[0]",
                                          "a.l.x", "a.l[3]", "a.l[1].x.y", "t[0][1]"};
    for (size_t i = 0; i < COUNT_OF(missing); i++)
        assert_false(value_present(item_find(item, path_of(missing[i]))));
}

static void order(void **state)
{
    (void)state;
    static const char *const ascending[] = {"a",    "a.b",   "a.b.c", "a.b[0]", "a.c",
                                            "a[2]", "a[10]", "aa",    "b"};
    for (size_t i = 0; i < COUNT_OF(ascending); i++) {
        for (size_t j = 0; j < COUNT_OF(ascending); j++) {
            int got = path_compare(path_of(ascending[i]), path_of(ascending[j]));
            int expected = (i > j) - (i < j);
            assert_int_equal((got > 0) - (got < 0), expected);
        }
    }
}

static void relations(void **state)
{
    (void)state;
    static const struct {
        const char *left;
        const char *right;
        enum path_relation relation;
    } cases[] = {
        {"a", "b", PATHS_APART},
        {"a", "a", PATHS_OVERLAP},
        {"a", "a.b", PATHS_OVERLAP},
        {"a[1]", "a", PATHS_OVERLAP},
        {"a.b", "a.c", PATHS_APART},
        {"a[0]", "a[1]", PATHS_APART},
        {"a.b", "a[0]", PATHS_CONFLICT},
        {"a[0].b", "a.c.d", PATHS_CONFLICT},
        {"x.a.b", "y.a[0]", PATHS_APART},
        {"a[0].b", "a[0].b.c[2]", PATHS_OVERLAP},
        {"a[0].b", "a[1][2]", PATHS_APART},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct path left = path_of(cases[i].left);
        struct path right = path_of(cases[i].right);
        assert_int_equal(path_relate(left, right), cases[i].relation);
        assert_int_equal(path_relate(right, left), cases[i].relation);
    }
}

static void projections(void **state)
{
    (void)state;
    static const struct {
        const char *paths[4];
        const char *expected;
    } cases[] = {
        {{"s"}, "{\"s\":{\"S\":\"top\"}}"},
        {{"nothing"}, "{}"},
        {{"a.nothing", "s[0]", "a[1]", "a.l[9]"}, "{}"},
        {{"a.b.c"}, "{\"a\":{\"M\":{\"b\":{\"M\":{\"c\":{\"S\":\"abc\"}}}}}}"},
        {{"t", "s"}, "{\"s\":{\"S\":\"top\"},\"t\":{\"L\":[{\"L\":[{\"S\":\"00\"}]}]}}"},
        /* elements close up, in the order of the list */
        {{"a.l[2]", "a.l[0]"}, "{\"a\":{\"M\":{\"l\":{\"L\":[{\"S\":\"0\"},{\"S\":\"2\"}]}}}}"},
        {{"a.l[1].x", "a.l[1].y"},
         "{\"a\":{\"M\":{\"l\":{\"L\":[{\"M\":{\"x\":{\"S\":\"1x\"}}}]}}}}"},
        {{"t[0][0]", "a.b", "a.zz"},
         "{\"a\":{\"M\":{\"b\":{\"M\":{\"c\":{\"S\":\"abc\"}}}}},"
         "\"t\":{\"L\":[{\"L\":[{\"S\":\"00\"}]}]}}"},
        /* overlapping ones: the shorter covers the longer */
        {{"s", "s", "t[0]", "t"},
         "{\"s\":{\"S\":\"top\"},\"t\":{\"L\":[{\"L\":[{\"S\":\"00\"}]}]}}"},
    };
    struct slice item = item_of(sample);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct path paths[4];
        size_t count = 0;
        struct slice projected;
        for (; count < 4 && cases[i].paths[count] != NULL; count++)
            paths[count] = path_of(cases[i].paths[count]);
        struct path_set set;
        assert_true(path_set_make(&fixture_arena, paths, count, &set));
        assert_true(item_project(&fixture_arena, item, set, &projected));
        assert_item(projected, cases[i].expected);
    }
}

struct edit {
    const char *path;
    const char *value; /* NULL: remove */
};

static enum item_edit_status edited(struct slice item, const struct edit *edits, size_t count,
                                    struct slice *ret_item)
{
    struct path_edit *list = ARENA_NEW_ARRAY(&fixture_arena, struct path_edit, count);
    assert_non_null(list);
    for (size_t i = 0; i < count; i++) {
        list[i].path = path_of(edits[i].path);
        list[i].value = edits[i].value == NULL ? VALUE_NONE : value_of(edits[i].value);
    }
    return item_edit(&fixture_arena, item, list, count, ret_item);
}

static void edits(void **state)
{
    (void)state;
    static const char *const list = "{\"l\":{\"L\":[{\"S\":\"a\"},{\"S\":\"b\"},{\"S\":\"c\"}]}}";
    static const struct {
        const char *item;
        struct edit edits[4];
        const char *expected;
    } cases[] = {
        {"{}", {{"a", "{\"S\":\"x\"}"}}, "{\"a\":{\"S\":\"x\"}}"},
        {"{\"a\":{\"S\":\"x\"}}", {{"a", NULL}}, "{}"},
        {"{\"a\":{\"S\":\"x\"}}", {{"b", NULL}}, "{\"a\":{\"S\":\"x\"}}"},
        {"{\"b\":{\"S\":\"x\"}}",
         {{"c", "{\"S\":\"3\"}"}, {"a", "{\"S\":\"1\"}"}, {"b", "{\"S\":\"2\"}"}},
         "{\"a\":{\"S\":\"1\"},\"b\":{\"S\":\"2\"},\"c\":{\"S\":\"3\"}}"},
        /* inside a map, beside what stays */
        {"{\"m\":{\"M\":{\"k\":{\"S\":\"k\"},\"n\":{\"S\":\"old\"}}}}",
         {{"m.n", "{\"S\":\"new\"}"}, {"m.a", "{\"NULL\":true}"}, {"m.k", NULL}},
         "{\"m\":{\"M\":{\"a\":{\"NULL\":true},\"n\":{\"S\":\"new\"}}}}"},
        {"{\"a\":{\"M\":{\"b\":{\"M\":{\"c\":{\"S\":\"old\"}}}}}}",
         {{"a.b.c", "{\"S\":\"new\"}"}},
         "{\"a\":{\"M\":{\"b\":{\"M\":{\"c\":{\"S\":\"new\"}}}}}}"},
        {"{\"a\":{\"M\":{\"b\":{\"S\":\"x\"}}}}", {{"a.b", NULL}}, "{\"a\":{\"M\":{}}}"},
        /* lists: old positions, gaps close, past the end appends */
        {list, {{"l[1]", NULL}}, "{\"l\":{\"L\":[{\"S\":\"a\"},{\"S\":\"c\"}]}}"},
        {list,
         {{"l[1]", NULL}, {"l[2]", "{\"S\":\"C\"}"}},
         "{\"l\":{\"L\":[{\"S\":\"a\"},{\"S\":\"C\"}]}}"},
        {list, {{"l[0]", NULL}, {"l[1]", NULL}, {"l[2]", NULL}}, "{\"l\":{\"L\":[]}}"},
        {list, {{"l[7]", NULL}}, list},
        {list,
         {{"l[9]", "{\"S\":\"y\"}"}, {"l[5]", "{\"S\":\"x\"}"}, {"l[0]", NULL}},
         "{\"l\":{\"L\":[{\"S\":\"b\"},{\"S\":\"c\"},{\"S\":\"x\"},{\"S\":\"y\"}]}}"},
        {"{\"l\":{\"L\":[]}}", {{"l[0]", "{\"S\":\"x\"}"}}, "{\"l\":{\"L\":[{\"S\":\"x\"}]}}"},
        {"{\"l\":{\"L\":[{\"M\":{\"a\":{\"S\":\"1\"}}},{\"M\":{}}]}}",
         {{"l[1].n", "{\"S\":\"n\"}"}, {"l[0].a", NULL}},
         "{\"l\":{\"L\":[{\"M\":{}},{\"M\":{\"n\":{\"S\":\"n\"}}}]}}"},
        {"{\"l\":{\"L\":[{\"L\":[{\"S\":\"x\"}]}]}}",
         {{"l[0][0]", "{\"L\":[]}"}},
         "{\"l\":{\"L\":[{\"L\":[{\"L\":[]}]}]}}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t count = 0;
        struct slice item;
        while (count < 4 && cases[i].edits[count].path != NULL)
            count++;
        assert_int_equal(edited(item_of(cases[i].item), cases[i].edits, count, &item),
                         ITEM_EDIT_OK);
        assert_item(item, cases[i].expected);
    }
}

static void paths_that_do_not_fit(void **state)
{
    (void)state;
    static const struct edit cases[] = {
        {"x.y", "{\"S\":\"v\"}"},
        {"x[0]", "{\"S\":\"v\"}"},
        {"s.y", "{\"S\":\"v\"}"},
        {"s[0]", "{\"S\":\"v\"}"},
        {"a[0]", "{\"S\":\"v\"}"},
        {"a.l.x", "{\"S\":\"v\"}"},
        {"a.x.y", "{\"S\":\"v\"}"},
        {"a.l[0].x", "{\"S\":\"v\"}"},
        {"a.l[9].x", "{\"S\":\"v\"}"},
        {"x.y", NULL},
        {"s[0]", NULL},
        {"a.l.x", NULL},
        {"a.l[9].x", NULL},
        {"a.x.y", NULL},
    };
    struct slice item = item_of(sample);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct slice result = SLICE("untouched");
        if (edited(item, &cases[i], 1, &result) != ITEM_EDIT_INVALID_PATH)
            fail_msg("%s fits", cases[i].path);
        assert_slice(result, SLICE("untouched"));
    }
}

/* Containers whose sizes and counts take two and three bytes, so that their members must move up.
 */
static void large_containers(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    struct path_edit *list = ARENA_NEW_ARRAY(&fixture_arena, struct path_edit, COUNT);
    struct path_element(*steps)[2] = arena_alloc_zeroed(&fixture_arena, COUNT, sizeof(*steps));
    assert_non_null(list);
    assert_non_null(steps);
    for (uint32_t i = 0; i < COUNT; i++) {
        steps[i][0].name = SLICE("l");
        steps[i][1] = (struct path_element){.is_index = true, .index = (i * 7919u) % COUNT};
        list[i].path = (struct path){steps[i], 2};
        list[i].value = value_string(SLICE("x"));
    }
    struct slice item;
    assert_int_equal(item_edit(&fixture_arena, item_of("{\"l\":{\"L\":[]}}"), list, COUNT, &item),
                     ITEM_EDIT_OK);
    assert_true(value_check(value_of_item(item)));
    assert_int_equal(value_count(value_map_find(value_of_item(item), SLICE("l"))), COUNT);
    for (uint32_t i = 0; i < COUNT; i++)
        list[i].value = VALUE_NONE;
    assert_int_equal(item_edit(&fixture_arena, item, list, COUNT - 1, &item), ITEM_EDIT_OK);
    assert_item(item, "{\"l\":{\"L\":[{\"S\":\"x\"}]}}");
}

static void exhaustion(void **state)
{
    (void)state;
    struct slice item = item_of(sample);
    struct path path = path_of("s");
    struct path_edit edit = {path, value_string(SLICE("x"))};
    struct slice result;
    struct arena small;
    arena_init(&small, 0);
    struct path_set set = {&path, 1};
    assert_false(item_project(&small, item, set, &result));
    assert_false(path_set_make(&small, &path, 1, &set));
    assert_int_equal(item_edit(&small, item, &edit, 1, &result), ITEM_EDIT_EXHAUSTED);
    arena_fini(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ITEM_TEST(find),
        ITEM_TEST(order),
        ITEM_TEST(relations),
        ITEM_TEST(projections),
        ITEM_TEST(edits),
        ITEM_TEST(paths_that_do_not_fit),
        ITEM_TEST(large_containers),
        ITEM_TEST(exhaustion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
