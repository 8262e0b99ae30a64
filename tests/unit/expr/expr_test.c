/* What expr.h and legacy.h promise beyond single expressions; those are cases in tests/spec. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "expr/legacy.h"
#include "num/num.h"

enum { ARENA_BYTES = 1024 * 1024 };

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

static void assert_slice(struct slice got, struct slice expected)
{
    assert_int_equal(got.size, expected.size);
    assert_memory_equal(got.data, expected.data, expected.size);
}

static void assert_message(const struct error *error, const char *expected)
{
    assert_non_null(error);
    assert_int_equal(error->kind, ERROR_VALIDATION);
    assert_slice(error->message, slice_of_cstring(expected));
}

/* A map of placeholders to strings, each its own name. */
static struct value values_of(const char *const *placeholders, size_t count)
{
    struct value_member members[8];
    struct value map;
    for (size_t i = 0; i < count; i++)
        members[i] = (struct value_member){slice_of_cstring(placeholders[i]),
                                           value_string(slice_of_cstring(placeholders[i]))};
    assert_true(value_build_map(&arena, members, count, &map));
    return map;
}

/* --- reserved words --- */

#define WORD(word) #word,
static const char *const words[] = {
#include "expr/reserved_words.def"
};
#undef WORD

static void reserved_words_are_all_there(void **state)
{
    (void)state;
    assert_int_equal(COUNT_OF(words), 573);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        char lower[32];
        size_t size = strlen(words[i]);
        assert_in_range(size, 2, sizeof(lower) - 1);
        for (size_t at = 0; at <= size; at++)
            lower[at] = (char)(at % 2 == 0 ? words[i][at] | 0x20 : words[i][at]);
        assert_true(i == 0 || strcmp(words[i - 1], words[i]) < 0);
        assert_true(expr_is_reserved_word(slice_of_cstring(words[i])));
        assert_true(expr_is_reserved_word(slice_of(lower, size)));
    }
}

static void other_words_are_not_reserved(void **state)
{
    (void)state;
    static const char *const others[] = {"",      "a",     "pk",    "ABORTS",
                                         "ZONE_", "statu", "NAME1", "LOCALTIMESTAMPS",
                                         "email", "price", "{ONE",  "a_very_long_attribute_name"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(expr_is_reserved_word(slice_of_cstring(others[i])));
}

/* --- scopes --- */

static void expressions_share_a_scope(void **state)
{
    (void)state;
    static const char *const placeholders[] = {":a", ":b"};
    const struct expr_name names[] = {{SLICE("#z"), SLICE("name")}, {SLICE("#y"), SLICE("status")}};
    struct expr_scope scope;
    const struct expr_condition *condition;
    const struct expr_update *update;
    assert_null(expr_scope_init(&scope, &arena, names, 2, values_of(placeholders, 2)));
    assert_null(expr_update_parse(&scope, SLICE("SET #z = :a"), &update));
    assert_message(expr_scope_check_all_used(&scope),
                   "Value provided in ExpressionAttributeNames unused in expressions: keys: {#y}");
    assert_null(
        expr_condition_parse(&scope, EXPR_CONDITION_EXPRESSION, SLICE("#y = :a"), &condition));
    assert_message(expr_scope_check_all_used(&scope),
                   "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}");
    assert_null(expr_condition_parse(&scope, EXPR_FILTER_EXPRESSION, SLICE("#y = :b"), &condition));
    assert_null(expr_scope_check_all_used(&scope));
}

static void long_placeholders(void **state)
{
    (void)state;
    char text[EXPR_PLACEHOLDER_BYTES_MAX + 2];
    struct expr_scope scope;
    memset(text, 'a', sizeof(text));
    text[0] = '#';
    struct expr_name name = {slice_of(text, EXPR_PLACEHOLDER_BYTES_MAX), SLICE("x")};
    assert_null(expr_scope_init(&scope, &arena, &name, 1, VALUE_NONE));
    /* Too long is said before what else is wrong. */
    text[5] = '-';
    name.placeholder.size++;
    assert_message(expr_scope_init(&scope, &arena, &name, 1, VALUE_NONE),
                   "ExpressionAttributeNames contains invalid key: The expression attribute map "
                   "contains a key that is too long; size of key: 256");
    text[0] = ':';
    text[sizeof(text) - 1] = '\0';
    const char *const placeholder = text;
    assert_message(expr_scope_init(&scope, &arena, NULL, 0, values_of(&placeholder, 1)),
                   "ExpressionAttributeValues contains invalid key: The expression attribute map "
                   "contains a key that is too long;");
}

static void values_have_a_limit_together(void **state)
{
    (void)state;
    struct arena large;
    struct expr_scope scope;
    struct value map;
    arena_init(&large, 4 * EXPR_VALUES_BYTES_MAX);
    uint8_t *bytes = arena_alloc_bytes(&large, EXPR_VALUES_BYTES_MAX);
    assert_non_null(bytes);
    memset(bytes, 'x', EXPR_VALUES_BYTES_MAX);
    struct value_member member = {SLICE(":v"),
                                  value_string(slice_of(bytes, EXPR_VALUES_BYTES_MAX - 100))};
    assert_true(value_build_map(&large, &member, 1, &map));
    assert_null(expr_scope_init(&scope, &arena, NULL, 0, map));
    member.value.body.size = EXPR_VALUES_BYTES_MAX;
    assert_true(value_build_map(&large, &member, 1, &map));
    assert_message(expr_scope_init(&scope, &arena, NULL, 0, map),
                   "ExpressionAttributeValues exceeds max size");
    arena_fini(&large);
}

/* --- paths --- */

struct names_seen {
    char text[128];
    size_t most;
    size_t count;
};

static bool note_path(void *context, struct path path)
{
    struct names_seen *seen = context;
    size_t size = strlen(seen->text);
    snprintf(seen->text + size, sizeof(seen->text) - size, "%.*s/%u ",
             SLICE_PRINT(path.elements[0].name), path.count);
    return ++seen->count < seen->most;
}

static void conditions_show_their_paths(void **state)
{
    (void)state;
    const struct expr_name names[] = {{SLICE("#n"), SLICE("name")}};
    static const char *const placeholders[] = {":v"};
    struct expr_scope scope;
    const struct expr_condition *condition;
    assert_null(expr_scope_init(&scope, &arena, names, 1, values_of(placeholders, 1)));
    assert_null(expr_condition_parse(&scope, EXPR_FILTER_EXPRESSION,
                                     SLICE("a.b = :v AND NOT (size(#n[0].x) > c OR b IN (:v, d)) "
                                           "OR attribute_exists(e) OR f BETWEEN g AND :v"),
                                     &condition));
    struct names_seen all = {.most = SIZE_MAX};
    expr_condition_visit_paths(condition, note_path, &all);
    assert_string_equal(all.text, "a/2 name/3 c/1 b/1 d/1 e/1 f/1 g/1 ");
    struct names_seen some = {.most = 3};
    expr_condition_visit_paths(condition, note_path, &some);
    assert_string_equal(some.text, "a/2 name/3 c/1 ");
    struct names_seen none = {.most = SIZE_MAX};
    expr_condition_visit_paths(NULL, note_path, &none);
    assert_int_equal(none.count, 0);
}

static void updates_show_their_paths(void **state)
{
    (void)state;
    struct value element = value_string(SLICE("x"));
    struct value_member member = {SLICE(":n"), VALUE_NONE};
    struct value values;
    assert_true(value_build_set(&arena, VALUE_STRING_SET, &element, 1, &member.value));
    assert_true(value_build_map(&arena, &member, 1, &values));
    struct expr_scope scope;
    const struct expr_update *update;
    assert_null(expr_scope_init(&scope, &arena, NULL, 0, values));
    assert_null(expr_update_parse(&scope,
                                  SLICE("SET a.b = c[1], d = if_not_exists(e, f) "
                                        "REMOVE g, h[2] ADD i :n DELETE j :n"),
                                  &update));
    const struct path *paths;
    size_t count;
    expr_update_paths(update, &paths, &count);
    assert_int_equal(count, 6);
    static const char *const targets[] = {"a", "d", "g", "h", "i", "j"};
    for (size_t i = 0; i < count; i++)
        assert_slice(paths[i].elements[0].name, slice_of_cstring(targets[i]));
    struct names_seen read = {.most = SIZE_MAX};
    expr_update_visit_paths(update, note_path, &read);
    assert_string_equal(read.text, "c/2 e/1 f/1 ");
}

/* Costs as measured on the service; "lists" and "maps" count 3 and 1 for each element. */
static void updates_are_charged_for_what_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t bytes; /* without the 3 for the update */
    } rows[] = {
        {"SET b = :ten", 19 + 1 + 10},
        {"SET #long = :ten", 19 + 12 + 10},
        {"SET d.leaf = :ten", 19 + 1 + 4 + 4 + 10},
        {"SET d[0] = :ten", 19 + 1 + 4 + 1 + 10},
        {"SET d[10] = :ten", 19 + 1 + 4 + 2 + 10},
        {"SET c = abcdefghij", 19 + 1 + 1 + 14 + 10},
        {"SET c = m.a.z", 19 + 1 + 1 + 3 * (14 + 1)},
        {"SET c = l[10]", 19 + 1 + 1 + 14 + 1 + 14 + 2},
        {"SET l = list_append(l, :list)", 19 + 1 + 37 + 16 + 3 + 1 + 10},
        {"SET n = n + :one", 19 + 1 + 34 + 16 + 2},
        {"SET n = n - :one", 19 + 1 + 37 + 16 + 2},
        {"SET c = if_not_exists(c, :map)", 19 + 1 + 39 + 16 + 3 + 1 + 1 + 10},
        {"SET c = :ten, d = :ten", 2 * (19 + 1 + 10)},
        {"SET n = if_not_exists(n, :one) + :one", 19 + 1 + 34 + 39 + 16 + 2 + 2},
        {"ADD abcdefghij :one", 19 + 10 + 2},
        {"ADD ss :set", 19 + 2 + 10},
        {"REMOVE r", 1 + 1},
        {"REMOVE m.yyyyyyyyyy", 1 + 1 + 4 + 10},
        {"REMOVE l[10]", 1 + 1 + 4 + 2},
        {"DELETE ss :set", 1 + 2},
        {"SET b = :ten REMOVE r ADD n :one", 19 + 1 + 10 + 1 + 1 + 19 + 1 + 2},
    };
    struct value ten = value_string(SLICE("yyyyyyyyyy"));
    struct num one;
    num_from_int64(1, &one);
    struct value_member inner = {SLICE("a"), ten};
    struct value_member members[] = {
        {SLICE(":list"), VALUE_NONE}, {SLICE(":map"), VALUE_NONE}, {SLICE(":one"), VALUE_NONE},
        {SLICE(":set"), VALUE_NONE},  {SLICE(":ten"), ten},
    };
    struct value values;
    assert_true(value_build_list(&arena, &ten, 1, &members[0].value));
    assert_true(value_build_map(&arena, &inner, 1, &members[1].value));
    assert_true(value_build_number(&arena, &one, &members[2].value));
    assert_true(value_build_set(&arena, VALUE_STRING_SET, &ten, 1, &members[3].value));
    assert_true(value_build_map(&arena, members, COUNT_OF(members), &values));
    const struct expr_name name = {SLICE("#long"), SLICE("abcdefghijkl")};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct expr_scope scope;
        const struct expr_update *update;
        assert_null(expr_scope_init(&scope, &arena, &name, 1, values));
        assert_null(expr_update_parse(&scope, slice_of_cstring(rows[i].text), &update));
        if (expr_update_charge_bytes(update) != 3 + rows[i].bytes)
            fail_msg("%s: %zu", rows[i].text, expr_update_charge_bytes(update));
    }
}

/* --- legacy --- */

static void legacy_names_are_not_paths(void **state)
{
    (void)state;
    const struct slice names[] = {SLICE("a.b"), SLICE("c[0]")};
    struct expr_projection projection;
    assert_null(legacy_projection_build(&arena, names, 2, &projection));
    assert_int_equal(projection.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(projection.paths[i].count, 1);
        assert_slice(projection.paths[i].elements[0].name, names[i]);
    }
}

static void legacy_updates_must_be_of_different_attributes(void **state)
{
    (void)state;
    const struct legacy_update updates[] = {
        {SLICE("a"), SLICE_ABSENT, value_string(SLICE("x"))},
        {SLICE("b"), SLICE_ABSENT, value_string(SLICE("x"))},
        {SLICE("a"), SLICE("DELETE"), VALUE_NONE},
    };
    const struct expr_update *update;
    assert_null(legacy_updates_build(&arena, updates, 2, &update));
    assert_message(legacy_updates_build(&arena, updates, 3, &update),
                   "One or more parameter values were invalid: Duplicate value in attribute name: "
                   "a");
}

static void legacy_words_that_are_none(void **state)
{
    (void)state;
    const struct value value = value_string(SLICE("x"));
    const struct legacy_condition condition = {.name = SLICE("a"),
                                               .comparison_operator = SLICE("eq"),
                                               .arguments = &value,
                                               .argument_count = 1};
    const struct expr_condition *tree;
    assert_message(legacy_conditions_build(&arena, &condition, 1, LEGACY_AND, &tree),
                   "One or more parameter values were invalid: ComparisonOperator eq is not known");
    const struct legacy_update update = {SLICE("a"), SLICE("put"), value};
    const struct expr_update *built;
    assert_message(legacy_updates_build(&arena, &update, 1, &built),
                   "One or more parameter values were invalid: Action put is not known");
}

/* Thousands of entries must not make the evaluation deep; more are refused. */
static void many_legacy_conditions(void **state)
{
    (void)state;
    enum { COUNT = LEGACY_CONDITIONS_MAX };
    struct arena large;
    arena_init(&large, 512 * ARENA_BYTES);
    struct legacy_condition *conditions =
        ARENA_NEW_ARRAY(&large, struct legacy_condition, COUNT + 1);
    assert_non_null(conditions);
    for (size_t i = 0; i <= COUNT; i++) {
        conditions[i].name = SLICE("a");
        conditions[i].comparison_operator = SLICE("NULL");
    }
    const struct expr_condition *condition;
    assert_null(legacy_conditions_build(&large, conditions, COUNT, LEGACY_AND, &condition));
    assert_true(expr_condition_holds(condition, ITEM_EMPTY));
    conditions[COUNT - 1].comparison_operator = SLICE("NOT_NULL");
    assert_null(legacy_conditions_build(&large, conditions, COUNT, LEGACY_AND, &condition));
    assert_false(expr_condition_holds(condition, ITEM_EMPTY));
    assert_null(legacy_conditions_build(&large, conditions, COUNT, LEGACY_OR, &condition));
    assert_true(expr_condition_holds(condition, ITEM_EMPTY));
    assert_message(legacy_conditions_build(&large, conditions, COUNT + 1, LEGACY_AND, &condition),
                   "One or more parameter values were invalid: More than 4096 conditions");
    arena_fini(&large);
}

static void parameters_have_names(void **state)
{
    (void)state;
    assert_string_equal(expr_parameter_name(EXPR_CONDITION_EXPRESSION), "ConditionExpression");
    assert_string_equal(expr_parameter_name(EXPR_FILTER_EXPRESSION), "FilterExpression");
    assert_string_equal(expr_parameter_name(EXPR_KEY_CONDITION_EXPRESSION),
                        "KeyConditionExpression");
    assert_string_equal(expr_parameter_name(EXPR_PROJECTION_EXPRESSION), "ProjectionExpression");
    assert_string_equal(expr_parameter_name(EXPR_UPDATE_EXPRESSION), "UpdateExpression");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reserved_words_are_all_there), TEST(other_words_are_not_reserved),
        TEST(expressions_share_a_scope),    TEST(long_placeholders),
        TEST(values_have_a_limit_together), TEST(conditions_show_their_paths),
        TEST(updates_show_their_paths),     TEST(updates_are_charged_for_what_they_say),
        TEST(legacy_names_are_not_paths),   TEST(legacy_updates_must_be_of_different_attributes),
        TEST(legacy_words_that_are_none),   TEST(many_legacy_conditions),
        TEST(parameters_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
