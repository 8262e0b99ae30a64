/*
 * Random sums, differences, comparisons and texts against a second arithmetic that is as simple as
 * can be: every number is written out in full, one decimal digit for each power of ten that may
 * occur, and added as on paper.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "num/num.h"

/* Powers of ten 130 (place 0) down to -169; numbers reach from 125 to -167. */
enum { PLACES = 300, POWER_OF_PLACE_0 = 130, ROUNDS = 100000 };

struct paper {
    bool negative;
    uint8_t digits[PLACES];
};

static uint64_t random_state = 42;

static unsigned random_below(unsigned limit)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % limit;
}

static void random_paper(struct paper *paper, int exponent)
{
    memset(paper, 0, sizeof(*paper));
    paper->negative = random_below(2) == 1;
    unsigned count = random_below(4) == 0 ? 0 : 1 + random_below(NUM_DIGITS_MAX);
    unsigned kind = random_below(4);
    for (unsigned i = 0; i < count; i++) {
        unsigned digit = kind == 0 ? 9 : kind == 1 ? random_below(2) : random_below(10);
        if (i == 0 && digit == 0)
            digit = 1;
        paper->digits[POWER_OF_PLACE_0 - exponent + (int)i] = (uint8_t)digit;
    }
}

static bool paper_is_zero(const struct paper *paper)
{
    for (int i = 0; i < PLACES; i++) {
        if (paper->digits[i] != 0)
            return false;
    }
    return true;
}

static int paper_compare_magnitude(const struct paper *left, const struct paper *right)
{
    return memcmp(left->digits, right->digits, PLACES);
}

static int paper_compare(const struct paper *left, const struct paper *right)
{
    bool left_negative = left->negative && !paper_is_zero(left);
    bool right_negative = right->negative && !paper_is_zero(right);
    if (left_negative != right_negative)
        return left_negative ? -1 : 1;
    int order = paper_compare_magnitude(left, right);
    return left_negative ? -order : order;
}

static void paper_add(const struct paper *left, const struct paper *right, struct paper *ret_sum)
{
    if (left->negative != right->negative && paper_compare_magnitude(left, right) < 0) {
        paper_add(right, left, ret_sum);
        return;
    }
    int sign = left->negative == right->negative ? 1 : -1;
    int carry = 0;
    ret_sum->negative = left->negative;
    for (int i = PLACES - 1; i >= 0; i--) {
        int digit = left->digits[i] + sign * right->digits[i] + carry;
        carry = digit < 0 ? -1 : digit / 10;
        ret_sum->digits[i] = (uint8_t)(digit < 0 ? digit + 10 : digit % 10);
    }
    assert_int_equal(carry, 0);
}

/* The text as the service would show it, or why it would refuse the number. */
static enum num_status paper_format(const struct paper *paper, char *ret_text)
{
    int first = 0;
    int last = PLACES - 1;
    while (first < PLACES && paper->digits[first] == 0)
        first++;
    while (last > first && paper->digits[last] == 0)
        last--;
    char *at = ret_text;
    if (first < PLACES) {
        if (last - first >= NUM_DIGITS_MAX || first < POWER_OF_PLACE_0 - NUM_EXPONENT_MAX)
            return NUM_OVERFLOW;
        if (first > POWER_OF_PLACE_0 - NUM_EXPONENT_MIN)
            return NUM_UNDERFLOW;
        if (paper->negative)
            *at++ = '-';
    }
    for (int i = first < POWER_OF_PLACE_0 ? first : POWER_OF_PLACE_0; i < PLACES; i++) {
        if (i > POWER_OF_PLACE_0 && i > last)
            break;
        if (i == POWER_OF_PLACE_0 + 1)
            *at++ = '.';
        *at++ = (char)('0' + paper->digits[i]);
    }
    if (first == PLACES)
        at = ret_text + 1; /* "0" and none of its fraction */
    *at = '\0';
    return NUM_OK;
}

static void check_result(enum num_status status, const struct num *num, const struct paper *paper)
{
    char wanted[PLACES + 3];
    assert_int_equal(status, paper_format(paper, wanted));
    if (status != NUM_OK)
        return;
    char text[NUM_TEXT_BYTES_MAX + 1];
    text[num_format(num, text)] = '\0';
    assert_string_equal(text, wanted);
}

static void numbers_calculate_as_on_paper(void **state)
{
    (void)state;
    unsigned statuses[NUM_UNDERFLOW + 1] = {0};
    for (int round = 0; round < ROUNDS; round++) {
        struct paper left_paper, right_paper, result_paper;
        int left_exponent = NUM_EXPONENT_MIN + (int)random_below(256);
        int right_exponent = NUM_EXPONENT_MIN + (int)random_below(256);
        if (random_below(8) != 0) {
            right_exponent = left_exponent + (int)random_below(81) - 40;
            if (right_exponent < NUM_EXPONENT_MIN || right_exponent > NUM_EXPONENT_MAX)
                right_exponent = left_exponent;
        }
        random_paper(&left_paper, left_exponent);
        random_paper(&right_paper, right_exponent);
        if (random_below(20) == 0)
            right_paper = left_paper;

        char text[PLACES + 3];
        struct num left, right, result;
        assert_int_equal(paper_format(&left_paper, text), NUM_OK);
        assert_int_equal(num_parse(slice_of_cstring(text), &left), NUM_OK);
        check_result(NUM_OK, &left, &left_paper);
        assert_int_equal(paper_format(&right_paper, text), NUM_OK);
        assert_int_equal(num_parse(slice_of_cstring(text), &right), NUM_OK);

        int order = num_compare(&left, &right);
        int paper_order = paper_compare(&left_paper, &right_paper);
        assert_int_equal((order > 0) - (order < 0), (paper_order > 0) - (paper_order < 0));

        enum num_status status = num_add(&left, &right, &result);
        paper_add(&left_paper, &right_paper, &result_paper);
        check_result(status, &result, &result_paper);
        statuses[status]++;

        status = num_subtract(&left, &right, &result);
        right_paper.negative = !right_paper.negative;
        paper_add(&left_paper, &right_paper, &result_paper);
        check_result(status, &result, &result_paper);
        statuses[status]++;
    }
    /* The random numbers reach all ends. */
    assert_true(statuses[NUM_OK] > ROUNDS / 4);
    assert_true(statuses[NUM_OVERFLOW] > ROUNDS / 4);
    assert_true(statuses[NUM_UNDERFLOW] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_calculate_as_on_paper),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
