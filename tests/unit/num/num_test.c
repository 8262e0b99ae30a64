#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "num/num.h"

static struct num number(const char *text)
{
    struct num num;
    if (num_parse(slice_of_cstring(text), &num) != NUM_OK)
        fail_msg("not accepted: %s", text);
    return num;
}

/* NUL-terminated, in one of a few static buffers. */
static const char *text_of(const struct num *num)
{
    static char texts[4][NUM_TEXT_BYTES_MAX + 1];
    static unsigned turn;
    char *text = texts[turn++ % 4];
    text[num_format(num, text)] = '\0';
    return text;
}

static void text_is_normalized(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"0", "0"},
        {"-0", "0"},
        {"+0", "0"},
        {"00", "0"},
        {"-0.0", "0"},
        {".0", "0"},
        {"0.", "0"},
        {"0e5", "0"},
        {"0e-5", "0"},
        {"1", "1"},
        {"+5", "5"},
        {"-7", "-7"},
        {"00042", "42"},
        {"1.0", "1"},
        {"3.1400", "3.14"},
        {"5.", "5"},
        {".5", "0.5"},
        {"+.5", "0.5"},
        {"-.5e1", "-5"},
        {"100", "100"},
        {"1E2", "100"},
        {"1.5E2", "150"},
        {"1.5e+3", "1500"},
        {"1e-3", "0.001"},
        {"123e-2", "1.23"},
        {"1.23e-1", "0.123"},
        {"100.001", "100.001"},
        {"-273.15", "-273.15"},
        {"1e00000000000000000000000000000000000000005", "100000"},
        {"12345678901234567890123456789012345678", "12345678901234567890123456789012345678"},
        {"-1234567890.1234567890123456789012345678", "-1234567890.1234567890123456789012345678"},
        {"0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001"},
        {"10000000000000000000000000000000000000000000",
         "10000000000000000000000000000000000000000000"},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct num num = number(pairs[i][0]);
        assert_string_equal(text_of(&num), pairs[i][1]);
    }
}

static void the_longest_text_fits(void **state)
{
    (void)state;
    struct num num = number("-1.2345678901234567890123456789012345678E-130");
    char out[NUM_TEXT_BYTES_MAX];
    assert_int_equal(num_format(&num, out), 3 + 129 + 38);
    struct num again;
    assert_int_equal(num_parse(slice_of(out, 3 + 129 + 38), &again), NUM_OK);
    assert_memory_equal(&again, &num, sizeof(num));
    num = number("-9.9999999999999999999999999999999999999E+125");
    assert_int_equal(num_format(&num, out), 127);
}

static void expect_status(const char *text, enum num_status status)
{
    struct num num = {.digit_count = 77};
    enum num_status got = num_parse(slice_of_cstring(text), &num);
    if (got != status)
        fail_msg("%s: status %d, not %d", text, (int)got, (int)status);
    if (got != NUM_OK)
        assert_int_equal(num.digit_count, 77);
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        " ",
        "a",
        "+",
        "-",
        ".",
        "-.",
        "e5",
        "+e2",
        ".e1",
        "1e",
        "1e+",
        "1e-",
        "1e1.",
        "1+2",
        "1.2.3",
        "++5",
        "+-5",
        "1_000",
        " 5",
        "5 ",
        "1e 5",
        "0x10",
        "NaN",
        "Infinity",
        "-Infinity",
        "1,5",
        "1e5e5",
        "1\n",
        "\xd9\xa1",
        "123456789012345678901234567890123456789x",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        expect_status(wrong[i], NUM_NOT_A_NUMBER);
    struct num num;
    assert_int_equal(num_parse(SLICE("1\0"), &num), NUM_NOT_A_NUMBER);
    assert_int_equal(num_parse(SLICE_ABSENT, &num), NUM_NOT_A_NUMBER);
}

static void the_limits_are_the_services(void **state)
{
    (void)state;
    expect_status("9.9999999999999999999999999999999999999E+125", NUM_OK);
    expect_status("-9.9999999999999999999999999999999999999E+125", NUM_OK);
    expect_status("1E126", NUM_OVERFLOW);
    expect_status("-1E+126", NUM_OVERFLOW);
    expect_status("11e125", NUM_OVERFLOW);
    expect_status("0.1e126", NUM_OK);
    expect_status("1E-130", NUM_OK);
    expect_status("1E-131", NUM_UNDERFLOW);
    expect_status("-0.9e-130", NUM_UNDERFLOW);
    expect_status("10E-131", NUM_OK);
    expect_status("123456789012345678901234567890123456789", NUM_TOO_PRECISE);
    expect_status("-1.23456789012345678901234567890123456789", NUM_TOO_PRECISE);
    expect_status("314159265358979323846.264338327950288419", NUM_TOO_PRECISE);
    expect_status("100000000000000000000000000000000000001", NUM_TOO_PRECISE);
    expect_status("1234567890123456789012345678901234567800000", NUM_OK);
    /* Precision is told before magnitude. */
    expect_status("123456789012345678901234567890123456789e200", NUM_TOO_PRECISE);
    expect_status("0e125", NUM_OK);
    expect_status("0e126", NUM_OVERFLOW);
    expect_status("0.0e126", NUM_OK);
    expect_status("0e-130", NUM_OK);
    expect_status("0e-131", NUM_UNDERFLOW);
}

static void huge_exponents_are_exact(void **state)
{
    (void)state;
    expect_status("1e99999999999", NUM_OVERFLOW);
    expect_status("1e-99999999999", NUM_UNDERFLOW);
    expect_status("1e9223372036854775807", NUM_OVERFLOW);
    expect_status("1e-9223372036854775808", NUM_UNDERFLOW);
    expect_status("1e00000000000000000000000000000001", NUM_OK);
    expect_status("1e9223372036854775808", NUM_NOT_A_NUMBER);
    expect_status("-1e-9223372036854775809", NUM_NOT_A_NUMBER);
    expect_status("1e18446744073709551616", NUM_NOT_A_NUMBER);
    expect_status("0e9223372036854775808", NUM_NOT_A_NUMBER);
    expect_status("1e999999999999999999999999999999999999999999999999999999", NUM_NOT_A_NUMBER);

    /* A million zeros behind the point, made good by the exponent; and the other way round. */
    enum { ZEROS = 1000000 };
    char *text = malloc(ZEROS + 64);
    memset(text, '0', ZEROS + 64);
    text[1] = '.';
    snprintf(text + 2 + ZEROS, 62, "42e%d", ZEROS + 2);
    struct num num = number(text);
    assert_string_equal(text_of(&num), "42");
    memset(text, '0', ZEROS + 64);
    text[0] = '7';
    snprintf(text + 1 + ZEROS, 63, ".000e-%d", ZEROS);
    num = number(text);
    assert_string_equal(text_of(&num), "7");
    free(text);
}

static enum num_status status_of_word(const char *word)
{
    if (strcmp(word, "overflow") == 0)
        return NUM_OVERFLOW;
    return strcmp(word, "underflow") == 0 ? NUM_UNDERFLOW : NUM_OK;
}

static void arithmetic_matches_the_vectors(void **state)
{
    (void)state;
    FILE *file = fopen(TESTS_DIR "/unit/num/arithmetic.vectors", "r");
    assert_non_null(file);
    char line[1024];
    int count = 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        char left_text[200], operator, right_text[200], wanted[200], order;
        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%199s %c %199s %199s %c", left_text, &operator, right_text,
                                wanted, &order),
                         5);
        struct num left = number(left_text);
        struct num right = number(right_text);
        struct num result;
        enum num_status status = operator== '+' ? num_add(&left, &right, &result)
                                                : num_subtract(&left, &right, &result);
        if (status != status_of_word(wanted))
            fail_msg("status %d for %s", (int)status, line);
        if (status == NUM_OK && strcmp(text_of(&result), wanted) != 0)
            fail_msg("%s for %s", text_of(&result), line);
        int compared = num_compare(&left, &right);
        assert_int_equal((compared > 0) - (compared < 0), (order == '>') - (order == '<'));
        count++;
    }
    fclose(file);
    assert_true(count > 600);
}

static void a_result_may_replace_an_operand(void **state)
{
    (void)state;
    struct num num = number("21");
    assert_int_equal(num_add(&num, &num, &num), NUM_OK);
    assert_string_equal(text_of(&num), "42");
    struct num kept = number("1e50");
    struct num one = number("1");
    assert_int_equal(num_add(&kept, &one, &kept), NUM_OVERFLOW);
    assert_int_equal(kept.exponent, 50);
    assert_int_equal(num_subtract(&num, &num, &num), NUM_OK);
    assert_string_equal(text_of(&num), "0");
}

static void integers_become_numbers(void **state)
{
    (void)state;
    static const int64_t values[] = {
        0, 1, -1, 9, 10, -10, 100, 12345, 1000000007, INT64_MAX, INT64_MIN,
    };
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        char text[32];
        snprintf(text, sizeof(text), "%lld", (long long)values[i]);
        struct num num;
        struct num parsed = number(text);
        num_from_int64(values[i], &num);
        assert_memory_equal(&num, &parsed, sizeof(num));
        assert_string_equal(text_of(&num), text);
    }
}

static void sizes_are_as_measured_at_the_service(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
    } sizes[] = {
        {"0", 1},
        {"-0", 1},
        {"1", 2},
        {"42", 2},
        {"-42", 3},
        {"123", 3},
        {"1E125", 2},
        {"1000", 2},
        {"0.0000001", 2},
        {"0.5", 2},
        {"1.5", 3},
        {"100.001", 5},
        {"10.5", 3},
        {"-0.001", 3},
        {"1E-130", 2},
        {"12345678901234567890123456789012345678", 20},
        {"-1.2345678901234567890123456789012345678", 22},
    };
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct num num = number(sizes[i].text);
        if (num_size_bytes(&num) != sizes[i].size)
            fail_msg("%s: %zu bytes", sizes[i].text, num_size_bytes(&num));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_normalized),
        cmocka_unit_test(the_longest_text_fits),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(the_limits_are_the_services),
        cmocka_unit_test(huge_exponents_are_exact),
        cmocka_unit_test(arithmetic_matches_the_vectors),
        cmocka_unit_test(a_result_may_replace_an_operand),
        cmocka_unit_test(integers_become_numbers),
        cmocka_unit_test(sizes_are_as_measured_at_the_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
