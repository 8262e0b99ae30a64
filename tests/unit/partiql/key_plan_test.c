/*
 * Plans: the reads that a WHERE becomes. Written down for some, and for random ones against what
 * must hold of all: every item that the WHERE wants lies in exactly one read, and the reads come in
 * order.
 */

#include "partiql_fixture.h"

#include "base/buf.h"
#include "base/rand.h"

static const struct partiql_key key = {{SLICE_INIT("k"), VALUE_STRING},
                                       {SLICE_INIT("s"), VALUE_STRING}};

/* --- plans in words: "a" the partition, "a:=x" with a term on the sort key --- */

static void describe_value(struct buf *out, struct value value)
{
    buf_append(out, value.body);
}

static void describe_range(struct buf *out, const struct partiql_range *range)
{
    static const char *const operators[] = {
        [EXPR_KEY_EQUAL] = "=",
        [EXPR_KEY_LESS] = "<",
        [EXPR_KEY_LESS_OR_EQUAL] = "<=",
        [EXPR_KEY_GREATER] = ">",
        [EXPR_KEY_GREATER_OR_EQUAL] = ">=",
        [EXPR_KEY_BETWEEN] = "[]",
        [EXPR_KEY_BEGINS_WITH] = "^",
    };
    describe_value(out, range->terms[0].operand[0]);
    if (range->term_count < 2)
        return;
    const struct expr_key_term *term = &range->terms[1];
    buf_append_format(out, ":%s", operators[term->operator]);
    describe_value(out, term->operand[0]);
    if (term->operator== EXPR_KEY_BETWEEN) {
        buf_append(out, SLICE(".."));
        describe_value(out, term->operand[1]);
    }
}

static struct slice describe(const char *where, const char *rest)
{
    struct buf text, out;
    struct partiql_plan plan;
    buf_init(&text, &fixture_arena, SIZE_MAX);
    buf_init(&out, &fixture_arena, SIZE_MAX);
    buf_append_format(&text, "SELECT * FROM t WHERE %s %s%c", where, rest, '\0');
    struct partiql_statement statement = sound_statement((const char *)text.data);
    const struct error *error = partiql_plan_select(&fixture_arena, &statement, &key, &plan);
    if (error != NULL)
        return error->message;
    if (!plan.keyed)
        return SLICE("scan");
    for (size_t i = 0; i < plan.range_count; i++) {
        buf_append(&out, i > 0 ? SLICE(" ") : SLICE(""));
        describe_range(&out, &plan.ranges[i]);
    }
    buf_append(&out, plan.backward ? SLICE(" backward") : SLICE(""));
    return buf_slice(&out);
}

static void plans(void **state)
{
    (void)state;
    static const char overlap[] =
        "Overlapping conditions with range keys are not supported in where clause";
    static const char many[] = "Too many decomposed read operations for a given query.";
    static const struct {
        const char *where, *rest, *plan;
    } cases[] = {
        {"k = 'a'", "", "a"},
        {"'a' = k AND x = 1", "", "a"},
        {"k = 'a' AND s = 'x'", "", "a:=x"},
        {"k = 'a' AND 'x' < s", "", "a:>x"},
        {"k = 'a' AND s <= 'x' AND s >= 'b'", "", "a:[]b..x"},
        {"k = 'a' AND s > 'b' AND s < 'x'", "", "a:[]b..x"},
        {"k = 'a' AND s BETWEEN 'b' AND 'x' AND s = 'c'", "", "a:=c"},
        {"k = 'a' AND begins_with(s, 'x')", "", "a:^x"},
        {"k = 'a' AND begins_with(s, 'x') AND begins_with(s, 'xy')", "", "a:^xy"},
        {"k = 'a' AND begins_with(s, 'x') AND s > 'xa'", "", "a:^x"},
        {"k = 'a' AND s > 'x' AND s < 'b'", "", ""},
        {"k = 'a' AND s <> 'x'", "", "a"},
        {"k = 'a' AND NOT s = 'x'", "", "a"},
        {"k = 'a' AND k = 'b'", "", "a"},
        {"k = 'a' AND k > 'b'", "", "a"},
        {"k IN ['b', 'a']", "", "a b"},
        {"k IN ('b', 'a') AND s IN ('y', 'x')", "", "a:=x a:=y b:=x b:=y"},
        {"k = 'a' AND (s < 'c' OR s > 'x')", "", "a:<c a:>x"},
        {"k = 'a' AND (s < 'c' OR s >= 'c')", "", "a:<c a:>=c"},
        {"k = 'a' AND (s <= 'c' OR s >= 'c')", "", overlap},
        {"k = 'a' AND (begins_with(s, 'c') OR s = 'cc')", "", overlap},
        {"k = 'a' AND (begins_with(s, 'c') OR s = 'd')", "", "a:^c a:=d"},
        {"k = 'a' OR k = 'b'", "", "a b"},
        {"(k = 'a' AND x = 1) OR (k = 'b' AND y = 1)", "", "a b"},
        {"(k = 'a' AND x = 1) OR (k = 'a' AND y = 1)", "", overlap},
        {"(k = 'a' AND s = 'x') OR (k = 'a' AND s <> 'x')", "", "a"},
        {"k = 'a' AND (x = 1 OR y = 2)", "", "a"},
        {"k = 'a' AND (k = 'b' OR x = 2)", "", overlap},
        /* no way to every item that may be meant */
        {"k = 'a' OR x = 1", "", "scan"},
        {"k > 'a'", "", "scan"},
        {"NOT k = 'a'", "", "scan"},
        {"k <> 'a'", "", "scan"},
        {"s = 'a'", "", "scan"},
        {"k = s", "", "scan"},
        {"k = ('a' = 'b')", "", "scan"},
        {"k.x = 'a'", "", "scan"},
        {"begins_with(k, 'a')", "", "scan"},
        /* order */
        {"k = 'a'", "ORDER BY s DESC", "a backward"},
        {"k = 'a'", "ORDER BY s", "a"},
        {"k IN ('a', 'b')", "ORDER BY k DESC, s", "b a"},
        {"k IN ('a', 'b') AND s IN ('x', 'y')", "ORDER BY k, s DESC",
         "a:=y a:=x b:=y b:=x backward"},
        {"k IN ('a', 'b') AND s IN ('x', 'y')", "ORDER BY s DESC, k DESC",
         "b:=y b:=x a:=y a:=x backward"},
        {"k = 'a' AND s IN ('x', 'y')", "ORDER BY k", "a:=y a:=x backward"},
        /* so many */
        {"k IN ('a', 'b') AND s IN ('1','2','3','4','5','6','7','8','9','10','11','12','13','14',"
         "'15','16','17','18','19','20','21','22','23','24','25','26')",
         "", many},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct slice got = describe(cases[i].where, cases[i].rest);
        if (!slice_equal(got, slice_of_cstring(cases[i].plan)))
            fail_msg("%s %s: expected \"%s\", got \"%.*s\"", cases[i].where, cases[i].rest,
                     cases[i].plan, SLICE_PRINT(got));
    }
}

/* --- one item --- */

static void items(void **state)
{
    (void)state;
    static const struct {
        const char *where;
        bool with_lists;
        enum partiql_match match;
        bool nothing_else;
    } cases[] = {
        {"k = 'a' AND s = 'b'", false, PARTIQL_MATCH_ITEM, true},
        {"('b' = s) AND k = 'a' AND k = 'a'", false, PARTIQL_MATCH_ITEM, true},
        {"k = 'a' AND s = 'b' AND x = 1", false, PARTIQL_MATCH_ITEM, false},
        {"k = 'a' AND s = 'b' AND s > 'a'", false, PARTIQL_MATCH_ITEM, false},
        {"k = 'a'", false, PARTIQL_MATCH_NONE, true},
        {"k = 'a' AND s IN ('b')", false, PARTIQL_MATCH_NONE, false},
        {"k = 'a' AND s IN ('b')", true, PARTIQL_MATCH_ITEM, true},
        {"k = 'a' AND s IN ('b', 'c')", true, PARTIQL_MATCH_NONE, false},
        {"k = 'a' AND s = 'b' AND k = 'c'", false, PARTIQL_MATCH_SEVERAL, true},
        {"k = 'a' AND k = 'c'", false, PARTIQL_MATCH_NONE, true},
        {"k = 'a' AND s = 'b' OR x = 1", false, PARTIQL_MATCH_NONE, false},
        {"NOT (k = 'a' AND s = 'b')", false, PARTIQL_MATCH_NONE, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[256];
        struct partiql_item_key found;
        snprintf(text, sizeof(text), "SELECT * FROM t WHERE %s", cases[i].where);
        struct partiql_statement statement = sound_statement(text);
        partiql_match_item(&statement, &key, cases[i].with_lists, &found);
        if (found.match != cases[i].match || found.nothing_else != cases[i].nothing_else)
            fail_msg("%s: %d %d", cases[i].where, found.match, found.nothing_else);
        if (found.match == PARTIQL_MATCH_ITEM) {
            assert_true(slice_equal(found.partition.body, SLICE("a")));
            assert_true(slice_equal(found.sort.body, SLICE("b")));
        }
    }
}

/* --- all that may be said --- */

static uint64_t seed;

static unsigned pick(unsigned count)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)(seed >> 33) % count;
}

static void write_value(struct buf *out, const char *values)
{
    size_t at = pick((unsigned)strlen(values));
    buf_append_format(out, "'%c'", values[at]);
    if (pick(4) == 0) { /* two letters: behind one, before the next */
        out->size--;
        buf_append_format(out, "%c'", values[pick((unsigned)strlen(values))]);
    }
}

static void write_comparison(struct buf *out, const char *name, const char *values)
{
    static const char *const operators[] = {"=", "=", "=", "<", "<=", ">", ">=", "<>"};
    unsigned low, high;
    switch (pick(6)) {
    case 0:
        /* its bounds must be in order */
        low = pick((unsigned)strlen(values));
        high = low + pick((unsigned)strlen(values) - low);
        buf_append_format(out, "%s BETWEEN '%c' AND '%c'", name, values[low], values[high]);
        break;
    case 1:
        buf_append_format(out, "%s IN (", name);
        write_value(out, values);
        for (unsigned i = pick(3); i > 0; i--) {
            buf_append(out, SLICE(", "));
            write_value(out, values);
        }
        buf_append(out, SLICE(")"));
        break;
    case 2:
        buf_append_format(out, "begins_with(%s, ", name);
        write_value(out, values);
        buf_append(out, SLICE(")"));
        break;
    default:
        buf_append_format(out, "%s %s ", name, operators[pick(COUNT_OF(operators))]);
        write_value(out, values);
    }
}

static void write_condition(struct buf *out, unsigned depth)
{
    unsigned kind = depth == 0 ? 0 : pick(6);
    if (kind >= 4) {
        buf_append(out, SLICE("("));
        write_condition(out, depth - 1);
        for (unsigned i = 1 + pick(2); i > 0; i--) {
            buf_append(out, kind == 4 ? SLICE(" AND ") : SLICE(" OR "));
            write_condition(out, depth - 1);
        }
        buf_append(out, SLICE(")"));
    } else if (kind == 3) {
        buf_append(out, SLICE("NOT "));
        write_condition(out, depth - 1);
    } else if (pick(2) == 0) {
        buf_append(out, SLICE("k = "));
        write_value(out, "ab");
    } else if (pick(4) == 0) {
        write_comparison(out, "x", "pq");
    } else {
        write_comparison(out, "s", "abcd");
    }
}

static bool is_in_term(const struct expr_key_term *term, struct value value)
{
    int low = value_compare(value, term->operand[0]);
    switch (term->operator) {
    case EXPR_KEY_EQUAL:
        return low == 0;
    case EXPR_KEY_LESS:
        return low < 0;
    case EXPR_KEY_LESS_OR_EQUAL:
        return low <= 0;
    case EXPR_KEY_GREATER:
        return low > 0;
    case EXPR_KEY_GREATER_OR_EQUAL:
        return low >= 0;
    case EXPR_KEY_BETWEEN:
        return low >= 0 && value_compare(value, term->operand[1]) <= 0;
    case EXPR_KEY_BEGINS_WITH:
        return slice_starts_with(value.body, term->operand[0].body);
    case EXPR_KEY_NOT_INDEXABLE:
        break;
    }
    return false;
}

/* The number of the only read that has this key; range_count: none has. */
static size_t find_range(const struct partiql_plan *plan, struct value partition, struct value sort,
                         const char *text)
{
    size_t found = plan->range_count;
    for (size_t i = 0; i < plan->range_count; i++) {
        const struct partiql_range *range = &plan->ranges[i];
        if (!value_equal(range->terms[0].operand[0], partition) || !partiql_range_has(range, sort))
            continue;
        if (range->term_count == 2 && !is_in_term(&range->terms[1], sort))
            fail_msg("%s: a term leaves out %.*s", text, SLICE_PRINT(sort.body));
        if (found < plan->range_count)
            fail_msg("%s: %.*s/%.*s is read twice", text, SLICE_PRINT(partition.body),
                     SLICE_PRINT(sort.body));
        found = i;
    }
    return found;
}

static struct slice item_with(const char *partition, const char *sort, const char *other)
{
    struct value_member members[] = {{SLICE("k"), value_string(slice_of_cstring(partition))},
                                     {SLICE("s"), value_string(slice_of_cstring(sort))},
                                     {SLICE("x"), value_string(slice_of_cstring(other))}};
    struct value map;
    assert_true(value_build_map(&fixture_arena, members, COUNT_OF(members), &map));
    return map.body;
}

static void check_items(const struct partiql_statement *statement, const struct partiql_plan *plan,
                        const char *text)
{
    static const char *const partitions[] = {"a", "aa", "ab", "b", "ba", "bb"};
    static const char *const sorts[] = {"a", "aa", "ab", "b", "bd", "c", "ca", "d", "dd"};
    static const char *const others[] = {"p", "q", "pq"};
    for (size_t i = 0; i < COUNT_OF(partitions); i++) {
        size_t before = 0;
        for (size_t j = 0; j < COUNT_OF(sorts); j++) {
            size_t found = find_range(plan, value_string(slice_of_cstring(partitions[i])),
                                      value_string(slice_of_cstring(sorts[j])), text);
            if (found < plan->range_count && found < before)
                fail_msg("%s: %s/%s is read too early", text, partitions[i], sorts[j]);
            before = found < plan->range_count ? found : before;
            for (size_t k = 0; k < COUNT_OF(others); k++) {
                struct slice item = item_with(partitions[i], sorts[j], others[k]);
                if (expr_condition_holds(statement->where, item) && found == plan->range_count)
                    fail_msg("%s: %s/%s is not read", text, partitions[i], sorts[j]);
            }
        }
    }
}

static void random_plans(void **state)
{
    (void)state;
    enum { STATEMENTS = 20000 };
    unsigned keyed = 0, several = 0;
    for (seed = 1; seed <= STATEMENTS; seed++) {
        uint64_t number = seed;
        struct buf text;
        struct partiql_plan plan;
        buf_init(&text, &fixture_arena, SIZE_MAX);
        buf_append(&text, SLICE("SELECT * FROM t WHERE "));
        static const char *const beginnings[] = {"k IN ('a', 'b') AND ", "k = 'a' AND ", ""};
        buf_append(&text, slice_of_cstring(beginnings[pick(COUNT_OF(beginnings))]));
        write_condition(&text, 4);
        buf_append_byte(&text, '\0');
        assert_false(text.failed);
        const char *words = (const char *)text.data;
        struct partiql_statement statement = sound_statement(words);
        const struct error *error = partiql_plan_select(&fixture_arena, &statement, &key, &plan);
        if (error != NULL)
            assert_int_equal(error->kind, ERROR_VALIDATION);
        if (error == NULL && plan.keyed) {
            keyed++;
            several += plan.range_count > 1;
            check_items(&statement, &plan, words);
        }
        arena_reset(&fixture_arena);
        seed = number;
    }
    assert_true(keyed > STATEMENTS / 10);
    assert_true(several > STATEMENTS / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans),
        cmocka_unit_test(items),
        cmocka_unit_test(random_plans),
    };
    return cmocka_run_group_tests_name("key_plan", tests, fixture_open, fixture_close);
}
