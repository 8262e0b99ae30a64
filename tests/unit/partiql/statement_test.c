/* Statements: what is read from them, how deep they may be, and with how little memory. */

#include "partiql_fixture.h"

#include "item/value_json.h"
#include "json/json_reader.h"

enum { STATEMENT_BYTES_MAX = 8192 }; /* API reference, "Statement" */

static void what_it_is_about(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum partiql_kind kind;
        const char *table;
        const char *index;
    } cases[] = {
        {"SELECT * FROM t", PARTIQL_SELECT, "t", NULL},
        {"select a from \"my.table\".\"by b\" where a = 1", PARTIQL_SELECT, "my.table", "by b"},
        {"SELECT ALL a FROM \"a\"\"b\"", PARTIQL_SELECT, "a\"b", NULL},
        {"INSERT INTO t VALUE {'a': 1}", PARTIQL_INSERT, "t", NULL},
        {"UPDATE t SET a = 1 WHERE b = 1", PARTIQL_UPDATE, "t", NULL},
        {"FROM t WHERE b = 1 REMOVE a RETURNING ALL OLD *", PARTIQL_UPDATE, "t", NULL},
        {"DELETE FROM t WHERE b = 1 RETURNING ALL OLD *;", PARTIQL_DELETE, "t", NULL},
        {"exists(SELECT * FROM t WHERE a = 1)", PARTIQL_EXISTS, "t", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct partiql_parsed parsed;
        struct partiql_statement statement;
        assert_null(statement_of(cases[i].text, &parsed, &statement));
        assert_int_equal(parsed.kind, cases[i].kind);
        assert_int_equal(statement.kind, cases[i].kind);
        assert_true(slice_equal(parsed.table, slice_of_cstring(cases[i].table)));
        assert_int_equal(slice_present(parsed.index), cases[i].index != NULL);
        if (cases[i].index != NULL)
            assert_true(slice_equal(parsed.index, slice_of_cstring(cases[i].index)));
    }
}

static void parts(void **state)
{
    (void)state;
    struct partiql_statement select =
        sound_statement("SELECT a, b.c[2] FROM t WHERE x = 1 AND y = 2 ORDER BY x DESC, y");
    assert_int_equal(select.column_count, 2);
    assert_true(slice_equal(select.columns[0].name, SLICE("a")));
    assert_true(slice_equal(select.columns[1].name, SLICE("c[2]")));
    assert_int_equal(select.columns[1].path.count, 3);
    assert_int_equal(select.order_count, 2);
    assert_true(select.orders[0].descending);
    assert_false(select.orders[1].descending);
    assert_non_null(select.where);

    struct partiql_statement insert = sound_statement("INSERT INTO t VALUE {'b': [1], 'a': 'x'}");
    assert_true(value_check(value_of_item(insert.item)));
    assert_int_equal(value_count(value_of_item(insert.item)), 2);

    struct partiql_statement update =
        sound_statement("UPDATE t SET a = a + 1 REMOVE b WHERE k = 1 RETURNING MODIFIED OLD *");
    assert_int_equal(update.returning, PARTIQL_RETURNING_MODIFIED_OLD);
    const struct path *paths;
    size_t count;
    expr_update_paths(update.update, &paths, &count);
    assert_int_equal(count, 2);
}

static struct slice item_of(const char *json)
{
    struct json_reader reader;
    struct item_reading reading;
    json_reader_init(&reader, slice_of_cstring(json), &fixture_arena);
    assert_null(item_from_json(&reader, &fixture_arena, &reading));
    assert_null(reading.problem);
    return reading.item;
}

static void columns(void **state)
{
    (void)state;
    struct slice item = item_of("{\"a\":{\"L\":[{\"S\":\"x\"},{\"S\":\"y\"}]},\"b\":{\"M\":{\"c\":"
                                "{\"N\":\"1\"}}},\"d\":{\"NULL\":true}}");
    static const struct {
        const char *text;
        const char *json;
    } cases[] = {
        {"SELECT a[1], b.c FROM t", "{\"a[1]\":{\"S\":\"y\"},\"c\":{\"N\":\"1\"}}"},
        {"SELECT a[2], b.x, e FROM t", "{}"},
        {"SELECT d, b FROM t", "{\"b\":{\"M\":{\"c\":{\"N\":\"1\"}}},\"d\":{\"NULL\":true}}"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct partiql_statement select = sound_statement(cases[i].text);
        struct slice part;
        assert_true(
            partiql_project(&fixture_arena, item, select.columns, select.column_count, &part));
        assert_true(slice_equal(part, item_of(cases[i].json)));
    }
}

/* Statements as long as they may be, of one thing in another or behind another: each is refused or
 * taken, within the stack and the memory of a request. */
static void depth(void **state)
{
    (void)state;
    static const struct {
        const char *head, *repeated, *middle, *closing, *tail;
        bool sound; /* also when it is that long */
    } cases[] = {
        {"SELECT * FROM t WHERE ", "(", "a = 1", ")", "", false},
        {"SELECT * FROM t WHERE ", "NOT ", "a = 1", "", "", false},
        {"SELECT * FROM t WHERE a = ", "-", " 1", "", "", false},
        {"SELECT * FROM t WHERE a = ", "[", "1", "]", "", false},
        {"SELECT * FROM t WHERE ", "f(", "1", ")", "", false},
        {"SELECT * FROM t WHERE ", "a IN (", "1", ")", "", false},
        {"SELECT * FROM t WHERE ", "a BETWEEN ", "1", " AND 2", "", false},
        {"SELECT * FROM t WHERE a", "[b", "", "]", "", false},
        {"SELECT * FROM ", "SELECT * FROM ", "t", "", "", false},
        {"", "EXISTS(", "SELECT * FROM t", ")", "", false},
        {"INSERT INTO t VALUE ", "{'a':", "1", "}", "", false},
        {"INSERT INTO t VALUE {'a':", "<<", "1", ">>", "}", false},
        {"UPDATE t SET a = ", "(a + ", "1", ")", " WHERE k = 1", false},
        {"SELECT * FROM t WHERE a", ".b", " = 1", "", "", false},
        {"SELECT * FROM t WHERE a = 1", " OR a = 1", "", "", "", false},
        {"SELECT * FROM t WHERE a = 1", " AND a = 1 OR b = 2", "", "", "", false},
        {"SELECT * FROM t WHERE a = 1", " + 1", "", "", "", false},
        {"SELECT * FROM t WHERE a", " = 1", "", "", "", false},
        {"SELECT * FROM t WHERE a IN (1", ", 2", ")", "", "", false},
        {"SELECT * FROM t WHERE a", " IS NULL", "", "", "", false},
        {"UPDATE t", " REMOVE a", " WHERE k = 1", "", "", false},
        {"INSERT INTO t VALUE {'a': [1", ", 1", "]}", "", "", true},
        {"INSERT INTO t VALUE {'a': '", "''", "'}", "", "", true},
        {"SELECT a", " /* */ ", "FROM t", "", "", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t fixed = strlen(cases[i].head) + strlen(cases[i].middle) + strlen(cases[i].tail);
        size_t each = strlen(cases[i].repeated) + strlen(cases[i].closing);
        size_t count = (STATEMENT_BYTES_MAX - fixed) / each;
        char text[STATEMENT_BYTES_MAX + 1] = "";
        size_t size = (size_t)snprintf(text, sizeof(text), "%s", cases[i].head);
        for (size_t j = 0; j < count; j++)
            size += (size_t)snprintf(text + size, sizeof(text) - size, "%s", cases[i].repeated);
        size += (size_t)snprintf(text + size, sizeof(text) - size, "%s", cases[i].middle);
        for (size_t j = 0; j < count; j++)
            size += (size_t)snprintf(text + size, sizeof(text) - size, "%s", cases[i].closing);
        snprintf(text + size, sizeof(text) - size, "%s", cases[i].tail);
        struct partiql_parsed parsed;
        struct partiql_statement statement;
        const struct error *error = statement_of(text, &parsed, &statement);
        if ((error == NULL) != cases[i].sound)
            fail_msg("%s%s...: %s", cases[i].head, cases[i].repeated,
                     error == NULL ? "taken" : "refused");
        if (error != NULL)
            assert_int_equal(error->kind, ERROR_VALIDATION);
        arena_reset(&fixture_arena);
    }
}

/* As deep as it may be. */
static void deepest(void **state)
{
    (void)state;
    char text[1024];
    size_t size = (size_t)snprintf(text, sizeof(text), "SELECT * FROM t WHERE ");
    for (size_t i = 0; i < 190; i++)
        text[size++] = '(';
    size += (size_t)snprintf(text + size, sizeof(text) - size, "a = 1");
    for (size_t i = 0; i < 190; i++)
        text[size++] = ')';
    text[size] = '\0';
    (void)sound_statement(text);
}

/* Ever more memory until it is enough: each time too little is one and the same error. */
static void little_memory(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "SELECT a.b[1], c FROM t.\"i\" WHERE k = 'x' AND (s IN ['a', 'b'] OR s = 'c') AND NOT d < "
        "5 "
        "AND begins_with(e, 'z') ORDER BY k, s DESC",
        "INSERT INTO t VALUE {'a': [1, <<1, 2>>, {'b': <<'x'>>}], 'c': null}",
        "UPDATE t SET a = list_append(a, [1]), b = set_add(b, <<1>>), c = c - 1 REMOVE d[2] WHERE "
        "k "
        "= 'x' AND s = 'y' RETURNING ALL NEW *",
        "DELETE FROM t WHERE k IS NULL AND s BETWEEN 1 AND 2",
        "SELECT COUNT(*) FROM t",
        "SELECT * FROM t WHERE size(a) < true",
        "INSERT INTO t VALUE {'a': <<1, 1.0>>}",
    };
    const struct partiql_key key = {{SLICE("k"), VALUE_STRING}, {SLICE("s"), VALUE_STRING}};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        unsigned failures = 0;
        for (size_t limit = 64;; limit += limit / 16) {
            struct arena arena;
            struct partiql_parsed parsed;
            struct partiql_statement statement;
            struct partiql_plan plan;
            arena_init(&arena, limit);
            const struct error *error = partiql_parse(&arena, slice_of_cstring(texts[i]), &parsed);
            if (error == NULL)
                error = partiql_build(&arena, &parsed, NULL, 0, &statement);
            if (error == NULL && parsed.kind == PARTIQL_SELECT)
                error = partiql_plan_select(&arena, &statement, &key, &plan);
            bool exhausted = error == error_exhausted();
            arena_fini(&arena);
            if (!exhausted)
                break;
            failures++;
            assert_true(limit < 1024 * 1024);
        }
        assert_true(failures > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_is_about), cmocka_unit_test(parts),
        cmocka_unit_test(columns),          cmocka_unit_test(depth),
        cmocka_unit_test(deepest),          cmocka_unit_test(little_memory),
    };
    return cmocka_run_group_tests_name("statement", tests, fixture_open, fixture_close);
}
