/* Wildcards, variables and the parts of ARNs. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/arn.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

static const unsigned ALL = AUTH_PATTERN_WILDCARDS | AUTH_PATTERN_VARIABLES;

static bool matches(const char *source, unsigned features, const char *text)
{
    struct arena arena;
    struct auth_pattern pattern;
    arena_init(&arena, ARENA_BYTES);
    assert_null(auth_pattern_read(&arena, slice_of_cstring(source), features, &pattern));
    assert_false(pattern.has_variables);
    bool result = auth_pattern_matches(&pattern, slice_of_cstring(text));
    arena_fini(&arena);
    return result;
}

static void test_wildcards(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        bool matches;
    } rows[] = {
        {"", "", true},
        {"", "a", false},
        {"a", "", false},
        {"abc", "abc", true},
        {"abc", "abd", false},
        {"abc", "abcd", false},
        {"abcd", "abc", false},
        {"*", "", true},
        {"*", "anything", true},
        {"**", "", true},
        {"?", "", false},
        {"?", "a", true},
        {"?", "ab", false},
        {"a*", "a", true},
        {"a*", "abc", true},
        {"a*", "ba", false},
        {"*a", "a", true},
        {"*a", "bca", true},
        {"*a", "ab", false},
        {"a*c", "ac", true},
        {"a*c", "abbbc", true},
        {"a*c", "a", false},
        {"ab*bc", "abc", false},
        {"ab*bc", "abbc", true},
        {"*ab*", "xxabyy", true},
        {"*ab*", "xaxbx", false},
        {"*ab*ab*", "ab", false},
        {"*ab*ab*", "abab", true},
        {"*ab*ba*", "aba", false},
        {"a*b*c", "a1b2b3c", true},
        {"a*b*c", "acb", false},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"?*", "", false},
        {"?*", "a", true},
        {"*?", "", false},
        {"*?", "ab", true},
        {"*?b?*", "xxbx", true},
        {"*?b?*", "bx", false},
        {"*?b?*", "bbb", true},
        {"*a?b", "aab", true},
        {"*a?b", "aaab", true},
        {"*a?b*", "aaxaxbx", true},
        {"a*?c", "ac", false},
        {"a*?c", "abc", true},
        {"?", "\xc3\xa4", true}, /* one character of two bytes */
        {"??", "\xc3\xa4", false},
        {"*?", "\xe2\x82\xac", true},
        {"a?b",
         "a\xf0\x9f\x98\x80"
         "b",
         true},
        {"a*?b",
         "a\xf0\x9f\x98\x80"
         "b",
         true},
        {"a*??b",
         "a\xf0\x9f\x98\x80"
         "b",
         false},
        {"?", "\x80", true}, /* no UTF-8, but something */
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (matches(rows[i].pattern, ALL, rows[i].text) != rows[i].matches)
            fail_msg("%s on %s", rows[i].pattern, rows[i].text);
    }
}

static void test_bounds(void **state)
{
    enum { ONES = AUTH_PATTERN_ONES_MAX };
    char text[ONES + 4];
    (void)state;
    memset(text, '?', sizeof(text));
    text[0] = '*';
    text[ONES + 1] = '*';
    assert_true(auth_pattern_is_bounded(slice_of(text, ONES + 2)));
    text[ONES + 1] = '?';
    text[ONES + 2] = '*';
    assert_false(auth_pattern_is_bounded(slice_of(text, ONES + 3)));
    /* Before the first * and behind the last there is one place only. */
    text[0] = '?';
    assert_true(auth_pattern_is_bounded(slice_of(text, ONES + 3)));
    text[0] = '*';
    text[ONES + 2] = '?';
    assert_true(auth_pattern_is_bounded(slice_of(text, ONES + 3)));
}

static void test_features(void **state)
{
    (void)state;
    assert_true(matches("a*", 0, "a*"));
    assert_false(matches("a*", 0, "ab"));
    assert_true(matches("${*}${?}${$}", ALL, "*?$"));
    assert_false(matches("${*}", ALL, "a"));
    assert_true(matches("${*}", AUTH_PATTERN_VARIABLES, "*"));
    assert_true(matches("${a}", AUTH_PATTERN_WILDCARDS, "${a}")); /* before 2012-10-17 */
    assert_true(matches("a${b", ALL, "a${b"));                    /* never closed */
    assert_true(matches("$", ALL, "$"));
    assert_true(matches("${", ALL, "${"));
    assert_true(matches("}${$}", ALL, "}$"));
}

/* a is "one", star is "*", empty is "", none has no value. */
static const struct error *variable(void *context, struct slice key, struct slice *ret_value)
{
    size_t *count = context;
    ++*count;
    if (slice_equal(key, SLICE("a")))
        *ret_value = SLICE("one");
    else if (slice_equal(key, SLICE("star")))
        *ret_value = SLICE("*");
    else if (slice_equal(key, SLICE("empty")))
        *ret_value = SLICE("");
    return NULL;
}

static void test_variables(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        bool is_known;
        bool matches;
    } rows[] = {
        {"${a}", "one", true, true},
        {"x${a}y", "xoney", true, true},
        {"x${a}*", "xone and more", true, true},
        {"*${a}*${a}*", "one", true, false},
        {"*${a}*${a}*", "oneone", true, true},
        {"${star}", "anything", true, false}, /* its * is no wildcard */
        {"${star}", "*", true, true},
        {"*${empty}*", "", true, true},
        {"${empty}", "", true, true},
        {"${none}", "", false, false},
        {"*${none}", "anything", false, false},
        {"${none, 'other'}", "other", true, true},
        {"${none,'other'}", "other", true, true},
        {"${none, ''}", "", true, true},
        {"${a, 'other'}", "one", true, true},
        {"${ a }", "one", true, true},
        {"${none, 'a*'}", "ab", true, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena arena;
        struct auth_pattern pattern;
        struct auth_pattern filled;
        size_t count = 0;
        bool is_known = false;
        arena_init(&arena, ARENA_BYTES);
        assert_null(auth_pattern_read(&arena, slice_of_cstring(rows[i].pattern), ALL, &pattern));
        assert_true(pattern.has_variables);
        assert_null(auth_pattern_fill(&pattern, &arena, variable, &count, &filled, &is_known));
        assert_true(count > 0);
        if (is_known != rows[i].is_known ||
            (is_known &&
             auth_pattern_matches(&filled, slice_of_cstring(rows[i].text)) != rows[i].matches))
            fail_msg("%s on %s", rows[i].pattern, rows[i].text);
        arena_fini(&arena);
    }
}

static const struct error *fails(void *context, struct slice key, struct slice *ret_value)
{
    (void)context;
    (void)key;
    (void)ret_value;
    return error_exhausted();
}

static void test_variable_that_fails(void **state)
{
    struct arena arena;
    struct auth_pattern pattern;
    struct auth_pattern filled;
    bool is_known;
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    assert_null(auth_pattern_read(&arena, SLICE("${a}"), ALL, &pattern));
    assert_ptr_equal(auth_pattern_fill(&pattern, &arena, fails, NULL, &filled, &is_known),
                     error_exhausted());
    arena_fini(&arena);
}

static void test_arns(void **state)
{
    static const struct {
        const char *pattern;
        const char *arn;
        bool matches;
    } rows[] = {
        {"arn:aws:s3:::a", "arn:aws:s3:::a", true},
        {"arn:aws:s3:::a", "arn:aws:s3:::b", false},
        {"arn:aws:s3:::*", "arn:aws:s3:::a:b/c", true}, /* colons of the resource itself */
        {"arn:aws:d:*:1:t", "arn:aws:d:eu:1:t", true},
        {"arn:aws:d:*:t", "arn:aws:d:eu:1:t", false}, /* * stays in its part */
        {"arn:aws:*:*:1:t", "arn:aws:d:eu:1:t", true},
        {"arn:aws:d:eu:1:*", "arn:aws:d:eu:2:t", false},
        {"arn:aws:d:e?:1:t?", "arn:aws:d:eu:1:t1", true},
        {"arn:aws:d:*", "arn:aws:d:eu:1:t", true}, /* ends early */
        {"arn:aws:d:eu", "arn:aws:d:us:1:t", false},
        {"arn:*:d:eu:1:t", "arn:aws:d:eu:1:t", true},
        {"*", "arn:aws:d:eu:1:t", false},
        {"xyz:aws:d:eu:1:t", "arn:aws:d:eu:1:t", false},
        {"arn:aws:D:eu:1:t", "arn:aws:d:eu:1:t", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct arena arena;
        struct auth_arn_pattern pattern;
        struct auth_arn arn;
        arena_init(&arena, ARENA_BYTES);
        assert_null(
            auth_arn_pattern_read(&arena, slice_of_cstring(rows[i].pattern), true, ALL, &pattern));
        assert_true(auth_arn_read(slice_of_cstring(rows[i].arn), &arn));
        if (auth_arn_pattern_matches(&pattern, &arn) != rows[i].matches)
            fail_msg("%s on %s", rows[i].pattern, rows[i].arn);
        arena_fini(&arena);
    }
}

static void test_arn_with_variables(void **state)
{
    struct arena arena;
    struct auth_arn_pattern pattern;
    struct auth_arn_pattern filled;
    struct auth_arn arn;
    size_t count = 0;
    bool is_known = false;
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    /* The colon of aws:x separates nothing. */
    assert_null(auth_arn_pattern_read(&arena, SLICE("arn:aws:d:${aws:x, 'eu'}:1:${a}"), false, ALL,
                                      &pattern));
    assert_true(pattern.is_arn && pattern.has_variables);
    assert_null(auth_arn_pattern_fill(&pattern, &arena, variable, &count, &filled, &is_known));
    assert_true(is_known);
    assert_true(auth_arn_read(SLICE("arn:aws:d:eu:1:one"), &arn));
    assert_true(auth_arn_pattern_matches(&filled, &arn));
    assert_true(auth_arn_read(SLICE("arn:aws:d:eu:1:two"), &arn));
    assert_false(auth_arn_pattern_matches(&filled, &arn));
    assert_null(auth_arn_pattern_read(&arena, SLICE("arn:aws:d:eu"), false, ALL, &pattern));
    assert_false(pattern.is_arn);
    arena_fini(&arena);
}

static void test_what_is_no_arn(void **state)
{
    static const char *const texts[] = {"", "*", "arn", "arn:aws:d:eu:1", "urn:aws:d:eu:1:t"};
    struct auth_arn arn;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_false(auth_arn_read(slice_of_cstring(texts[i]), &arn));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wildcards),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_features),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_variable_that_fails),
        cmocka_unit_test(test_arns),
        cmocka_unit_test(test_arn_with_variables),
        cmocka_unit_test(test_what_is_no_arn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
