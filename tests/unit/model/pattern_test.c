#include "model_cases.h"

#include "model/pattern.h"

static const struct {
    enum shape_pattern pattern;
    const char *text;
    bool matches;
} cases[] = {
    {PATTERN_NONE, "", true},
    {PATTERN_NONE, "anything", true},
    {PATTERN_TABLE_NAME, "aZ09_.-", true},
    {PATTERN_TABLE_NAME, "", false},
    {PATTERN_TABLE_NAME, "a b", false},
    {PATTERN_TABLE_NAME, "\xc3\xa9", false},
    {PATTERN_TABLE_ID, "01234567-89ab-cdef-0123-456789abcdef", true},
    {PATTERN_TABLE_ID, "01234567-89ab-cdef-0123-456789abcdeF", false},
    {PATTERN_TABLE_ID, "01234567-89ab-cdef-0123-456789abcde", false},
    {PATTERN_TABLE_ID, "0123456789ab-cdef-0123-456789abcdef0", false},
    {PATTERN_CONTRIBUTOR_INSIGHTS_RULE, "a-_.b", true},
    {PATTERN_CONTRIBUTOR_INSIGHTS_RULE, "a", false},
    {PATTERN_CONTRIBUTOR_INSIGHTS_RULE, "-a", false},
    {PATTERN_CONTRIBUTOR_INSIGHTS_RULE, "a-", false},
    {PATTERN_CLIENT_TOKEN, "a b", true},
    {PATTERN_CLIENT_TOKEN, "", false},
    {PATTERN_CLIENT_TOKEN, "a$b", false},
    {PATTERN_S3_BUCKET, "my.bucket_1-x", true},
    {PATTERN_S3_BUCKET, "b", false},
    {PATTERN_S3_BUCKET, "_bucket", false},
    {PATTERN_S3_BUCKET_OWNER, "012345678901", true},
    {PATTERN_S3_BUCKET_OWNER, "01234567890", false},
    {PATTERN_S3_BUCKET_OWNER, "01234567890a", false},
    {PATTERN_CSV_DELIMITER, "|", true},
    {PATTERN_CSV_DELIMITER, "\t", true},
    {PATTERN_CSV_DELIMITER, "x", false},
    {PATTERN_CSV_DELIMITER, "", false},
    {PATTERN_CSV_DELIMITER, ",,", false},
    {PATTERN_CSV_HEADER, "a column!", true},
    {PATTERN_CSV_HEADER, "", true},
    {PATTERN_CSV_HEADER, "a,b", false},
    {PATTERN_CSV_HEADER, "a\"b", false},
    {PATTERN_IMPORT_NEXT_TOKEN, "0123456789abcdef", true},
    {PATTERN_IMPORT_NEXT_TOKEN, "0123456789abcdef0", false},
    {PATTERN_IMPORT_NEXT_TOKEN, "0123456789abcdeg", false},
    {PATTERN_IMPORT_NEXT_TOKEN, "", false},
    {PATTERN_AUTO_SCALING_POLICY_NAME, "a policy ~", true},
    {PATTERN_AUTO_SCALING_POLICY_NAME, "", false},
    {PATTERN_AUTO_SCALING_POLICY_NAME, "a\n", false},
    {PATTERN_AUTO_SCALING_ROLE_ARN, "arn:\xc3\xa9\r\n\t", true},
    {PATTERN_AUTO_SCALING_ROLE_ARN, "arn:\x01", false},
};

static void patterns_match_as_their_expressions_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool matches = pattern_matches(cases[i].pattern, text_of(cases[i].text));
        if (matches != cases[i].matches)
            fail_msg("pattern %d on '%s'", (int)cases[i].pattern, cases[i].text);
    }
}

static void every_pattern_has_cases_of_both_kinds_and_its_text(void **state)
{
    (void)state;
    for (int pattern = PATTERN_NONE + 1; pattern < PATTERN_COUNT; pattern++) {
        bool has[2] = {false, false};
        for (size_t i = 0; i < COUNT_OF(cases); i++)
            if ((int)cases[i].pattern == pattern)
                has[cases[i].matches] = true;
        assert_true(has[true] && has[false]);
        assert_non_null(pattern_texts[pattern]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(patterns_match_as_their_expressions_do),
        CASE(every_pattern_has_cases_of_both_kinds_and_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
