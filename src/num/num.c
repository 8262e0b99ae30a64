#include "num/num.h"

#include "base/check.h"

/* What every function here leaves behind and may rely on. */
static void check_canonical(const struct num *num)
{
    CHECK(num->digit_count <= NUM_DIGITS_MAX);
    if (num->digit_count == 0) {
        CHECK(!num->negative && num->exponent == 0);
        return;
    }
    CHECK(num->exponent >= NUM_EXPONENT_MIN && num->exponent <= NUM_EXPONENT_MAX);
    CHECK(num->digits[0] != 0 && num->digits[num->digit_count - 1] != 0);
}

static enum num_status check_range(int64_t exponent)
{
    if (exponent > NUM_EXPONENT_MAX)
        return NUM_OVERFLOW;
    return exponent < NUM_EXPONENT_MIN ? NUM_UNDERFLOW : NUM_OK;
}

/* The pieces of a number's text. Either run of digits may be empty, not both. */
struct parts {
    bool negative;
    struct slice integer;
    struct slice fraction;
    int64_t exponent; /* as written, or 10^17 either way when it is larger */
};

static struct slice take_digits(struct slice *at)
{
    size_t size = 0;
    while (size < at->size && at->data[size] >= '0' && at->data[size] <= '9')
        size++;
    struct slice digits = slice_of(at->data, size);
    *at = slice_after(*at, size);
    return digits;
}

static bool take_either(struct slice *at, uint8_t one, uint8_t other, uint8_t *ret_taken)
{
    if (at->size == 0 || (at->data[0] != one && at->data[0] != other))
        return false;
    *ret_taken = at->data[0];
    *at = slice_after(*at, 1);
    return true;
}

/* The service reads the exponent into 64 bits, and what does not fit is no number to it. */
static bool take_exponent(struct slice *at, int64_t *ret_exponent)
{
    const uint64_t enough = UINT64_C(100000000000000000); /* no text has digits to make up for it */
    uint8_t sign = '+';
    (void)take_either(at, '+', '-', &sign);
    struct slice digits = take_digits(at);
    if (digits.size == 0)
        return false;
    uint64_t most = (uint64_t)INT64_MAX + (sign == '-');
    uint64_t exponent = 0;
    for (size_t i = 0; i < digits.size; i++) {
        uint64_t digit = digits.data[i] - '0';
        if (exponent > (most - digit) / 10)
            return false;
        exponent = exponent * 10 + digit;
    }
    int64_t cut = (int64_t)(exponent < enough ? exponent : enough);
    *ret_exponent = sign == '-' ? -cut : cut;
    return true;
}

static bool split_text(struct slice text, struct parts *ret_parts)
{
    struct parts parts = {0};
    uint8_t taken = '+';
    if (text.size == 0)
        return false;
    (void)take_either(&text, '+', '-', &taken);
    parts.negative = taken == '-';
    parts.integer = take_digits(&text);
    if (take_either(&text, '.', '.', &taken))
        parts.fraction = take_digits(&text);
    if (parts.integer.size == 0 && parts.fraction.size == 0)
        return false;
    if (take_either(&text, 'e', 'E', &taken) && !take_exponent(&text, &parts.exponent))
        return false;
    if (text.size > 0)
        return false;
    *ret_parts = parts;
    return true;
}

/* Collects significant digits as they are read from the left. */
struct digit_run {
    struct num num;
    size_t zeros; /* read behind num.digits, not yet known whether they are trailing */
    bool too_many;
};

static void append_digits(struct digit_run *run, struct slice digits)
{
    for (size_t i = 0; i < digits.size && !run->too_many; i++) {
        uint8_t digit = digits.data[i] - '0';
        if (digit == 0) {
            run->zeros += run->num.digit_count > 0;
        } else if (run->zeros >= NUM_DIGITS_MAX - (size_t)run->num.digit_count) {
            run->too_many = true;
        } else {
            run->num.digit_count += (uint8_t)run->zeros;
            run->zeros = 0;
            run->num.digits[run->num.digit_count++] = digit;
        }
    }
}

static size_t count_leading_zeros(struct slice digits)
{
    size_t count = 0;
    while (count < digits.size && digits.data[count] == '0')
        count++;
    return count;
}

enum num_status num_parse(struct slice text, struct num *ret_num)
{
    struct parts parts;
    if (!split_text(text, &parts))
        return NUM_NOT_A_NUMBER;

    struct digit_run run = {0};
    append_digits(&run, parts.integer);
    append_digits(&run, parts.fraction);
    if (run.too_many)
        return NUM_TOO_PRECISE;

    if (run.num.digit_count == 0) {
        enum num_status status = check_range(parts.exponent - (int64_t)parts.fraction.size);
        if (status == NUM_OK)
            *ret_num = run.num;
        return status;
    }

    /* The first significant digit stands in the integer, or so far behind the point. */
    size_t zeros = count_leading_zeros(parts.integer);
    int64_t exponent = parts.exponent;
    if (zeros < parts.integer.size)
        exponent += (int64_t)(parts.integer.size - zeros) - 1;
    else
        exponent -= (int64_t)count_leading_zeros(parts.fraction) + 1;
    enum num_status status = check_range(exponent);
    if (status != NUM_OK)
        return status;
    run.num.negative = parts.negative;
    run.num.exponent = (int16_t)exponent;
    check_canonical(&run.num);
    *ret_num = run.num;
    return NUM_OK;
}

static char *write_digits(char *out, const struct num *num, int first, int last)
{
    for (int i = first; i < last; i++)
        *out++ = (char)('0' + (i < num->digit_count ? num->digits[i] : 0));
    return out;
}

static char *write_zeros(char *out, int count)
{
    for (int i = 0; i < count; i++)
        *out++ = '0';
    return out;
}

size_t num_format(const struct num *num, char out[NUM_TEXT_BYTES_MAX])
{
    check_canonical(num);
    char *at = out;
    if (num->digit_count == 0) {
        *at = '0';
        return 1;
    }
    if (num->negative)
        *at++ = '-';
    int integer_digits = num->exponent + 1;
    if (integer_digits > 0) {
        at = write_digits(at, num, 0, integer_digits);
    } else {
        *at++ = '0';
        integer_digits = 0;
    }
    if (num->digit_count > integer_digits) {
        *at++ = '.';
        at = write_zeros(at, num->exponent < 0 ? -num->exponent - 1 : 0);
        at = write_digits(at, num, integer_digits, num->digit_count);
    }
    size_t size = (size_t)(at - out);
    CHECK(size <= NUM_TEXT_BYTES_MAX);
    return size;
}

/* Compares absolute values; neither is zero. */
static int compare_magnitude(const struct num *left, const struct num *right)
{
    if (left->exponent != right->exponent)
        return left->exponent < right->exponent ? -1 : 1;
    /* Digits behind digit_count are 0, so the shorter one compares as if it were filled up. */
    return memcmp(left->digits, right->digits, NUM_DIGITS_MAX);
}

static int sign_of(const struct num *num)
{
    return num->digit_count == 0 ? 0 : num->negative ? -1 : 1;
}

int num_compare(const struct num *left, const struct num *right)
{
    int left_sign = sign_of(left);
    int right_sign = sign_of(right);
    if (left_sign != right_sign)
        return left_sign < right_sign ? -1 : 1;
    return left_sign == 0 ? 0 : left_sign * compare_magnitude(left, right);
}

/* A column of digits for one addition: digits[0] is a place for a carry, then one digit for every
 * power of ten from the higher number's first digit to the last digit of either number.
 * It never needs more than 39 of those: when the digits span 40 or more, at least 39 of them are
 * significant in the result, even when a subtraction cancels the first (see combine). */
enum { SPAN_MAX = NUM_DIGITS_MAX + 1 };

struct column {
    int8_t digits[1 + SPAN_MAX];
    int exponent; /* of digits[0] */
};

/* Adds or subtracts num's digits; carries may be open behind it. */
static void column_add(struct column *column, const struct num *num, int sign)
{
    int offset = column->exponent - num->exponent;
    CHECK(offset >= 0 && offset + num->digit_count <= (int)COUNT_OF(column->digits));
    for (int i = 0; i < num->digit_count; i++)
        column->digits[offset + i] += (int8_t)(sign * num->digits[i]);
}

static void column_carry(struct column *column)
{
    for (int i = (int)COUNT_OF(column->digits) - 1; i > 0; i--) {
        int carry = column->digits[i] > 9 ? 1 : column->digits[i] < 0 ? -1 : 0;
        column->digits[i] -= (int8_t)(10 * carry);
        column->digits[i - 1] += (int8_t)carry;
    }
    CHECK(column->digits[0] >= 0 && column->digits[0] <= 1);
}

static enum num_status column_result(const struct column *column, bool negative,
                                     struct num *ret_num)
{
    struct num num = {0};
    int first = 0;
    int last = (int)COUNT_OF(column->digits) - 1;
    while (first <= last && column->digits[first] == 0)
        first++;
    while (last > first && column->digits[last] == 0)
        last--;
    if (first > last) {
        *ret_num = num;
        return NUM_OK;
    }
    if (last - first + 1 > NUM_DIGITS_MAX)
        return NUM_OVERFLOW;
    enum num_status status = check_range(column->exponent - first);
    if (status != NUM_OK)
        return status;
    num.negative = negative;
    num.exponent = (int16_t)(column->exponent - first);
    num.digit_count = (uint8_t)(last - first + 1);
    for (int i = 0; i < num.digit_count; i++)
        num.digits[i] = (uint8_t)column->digits[first + i];
    check_canonical(&num);
    *ret_num = num;
    return NUM_OK;
}

static enum num_status combine(const struct num *left, struct num right, struct num *ret_result)
{
    if (left->digit_count == 0 || right.digit_count == 0) {
        *ret_result = left->digit_count == 0 ? right : *left;
        return NUM_OK;
    }
    bool left_larger = compare_magnitude(left, &right) >= 0;
    const struct num *larger = left_larger ? left : &right;
    const struct num *smaller = left_larger ? &right : left;

    /* Two numbers of 38 digits whose digits span 40 places or more cannot begin at the same place.
     * If the larger one loses its first digit to a borrow, it loses only that one, because the
     * smaller one begins at least two places further down. The last digit stands alone in its
     * place and stays. So at least 39 digits are left. */
    int larger_last = larger->exponent - larger->digit_count + 1;
    int smaller_last = smaller->exponent - smaller->digit_count + 1;
    int last = larger_last < smaller_last ? larger_last : smaller_last;
    if (larger->exponent - last + 1 > SPAN_MAX)
        return NUM_OVERFLOW;

    struct column column = {.exponent = larger->exponent + 1};
    column_add(&column, larger, 1);
    column_add(&column, smaller, larger->negative == smaller->negative ? 1 : -1);
    column_carry(&column);
    return column_result(&column, larger->negative, ret_result);
}

enum num_status num_add(const struct num *left, const struct num *right, struct num *ret_sum)
{
    check_canonical(left);
    check_canonical(right);
    return combine(left, *right, ret_sum);
}

enum num_status num_subtract(const struct num *left, const struct num *right,
                             struct num *ret_difference)
{
    check_canonical(left);
    check_canonical(right);
    struct num negated = *right;
    negated.negative = right->digit_count > 0 && !right->negative;
    return combine(left, negated, ret_difference);
}

void num_from_int64(int64_t value, struct num *ret_num)
{
    struct num num = {.negative = value < 0};
    uint8_t reversed[20];
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    int count = 0;
    for (; left > 0; left /= 10)
        reversed[count++] = (uint8_t)(left % 10);
    if (count > 0)
        num.exponent = (int16_t)(count - 1);
    for (int i = 0; i < count; i++) {
        num.digits[i] = reversed[count - 1 - i];
        if (num.digits[i] != 0)
            num.digit_count = (uint8_t)(i + 1);
    }
    check_canonical(&num);
    *ret_num = num;
}

size_t num_size_bytes(const struct num *num)
{
    size_t digits = num->digit_count;
    size_t integer_digits = num->exponent < 0 ? 0 : (size_t)num->exponent + 1;
    if (integer_digits > digits)
        integer_digits = digits;
    size_t fraction_digits = digits - integer_digits;
    return 1 + (integer_digits + 1) / 2 + (fraction_digits + 1) / 2 + (num->negative ? 1 : 0);
}
