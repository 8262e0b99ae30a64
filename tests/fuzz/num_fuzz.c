/* fuzz: hr_num hr_base */
/* about: num/ */

/*
 * The input's two lines as numbers, and the whole of it as an encoded number: text and encoding
 * come back, byte order is number order, and what was added can be taken away again.
 */

#include "base/check.h"
#include "num/num.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static void check_alone(const struct num *num)
{
    struct num back;
    char text[NUM_TEXT_BYTES_MAX];
    size_t text_size = num_format(num, text);
    CHECK(num_parse(slice_of(text, text_size), &back) == NUM_OK);
    CHECK(memcmp(&back, num, sizeof(back)) == 0);

    uint8_t bytes[NUM_ENCODED_BYTES_MAX];
    size_t size = num_encode(num, bytes);
    CHECK(memchr(bytes, 0, size) == NULL);
    CHECK(num_encoded_size(slice_of(bytes, size)) == size);
    CHECK(num_decode(slice_of(bytes, size), &back));
    CHECK(memcmp(&back, num, sizeof(back)) == 0);
    CHECK(num_size_bytes(num) >= 1 && num_size_bytes(num) <= 22);

    struct num zero;
    CHECK(num_subtract(num, num, &zero) == NUM_OK);
    CHECK(zero.digit_count == 0);
}

static void check_order(const struct num *left, const struct num *right)
{
    uint8_t left_bytes[NUM_ENCODED_BYTES_MAX];
    uint8_t right_bytes[NUM_ENCODED_BYTES_MAX];
    struct slice left_slice = slice_of(left_bytes, num_encode(left, left_bytes));
    struct slice right_slice = slice_of(right_bytes, num_encode(right, right_bytes));
    int order = sign(num_compare(left, right));
    CHECK(sign(slice_compare(left_slice, right_slice)) == order);
    CHECK(sign(num_compare(right, left)) == -order);
    CHECK((memcmp(left, right, sizeof(*left)) == 0) == (order == 0));
    if (order != 0)
        CHECK(!slice_starts_with(left_slice, right_slice));

    struct num difference;
    if (num_subtract(left, right, &difference) == NUM_OK)
        CHECK((difference.digit_count == 0 ? 0 : difference.negative ? -1 : 1) == order);
}

static void check_sum(const struct num *left, const struct num *right)
{
    struct num sum;
    struct num other_way;
    struct num back;
    enum num_status status = num_add(left, right, &sum);
    CHECK(num_add(right, left, &other_way) == status);
    if (status != NUM_OK)
        return;
    check_alone(&sum);
    CHECK(memcmp(&sum, &other_way, sizeof(sum)) == 0);
    CHECK(num_subtract(&sum, right, &back) == NUM_OK);
    CHECK(memcmp(&back, left, sizeof(back)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct num left;
    struct num right;
    struct slice input = slice_of(data, size);
    size_t first = 0;
    while (first < size && data[first] != '\n')
        first++;
    struct slice rest = first < size ? slice_after(input, first + 1) : SLICE("1");
    if (num_parse(slice_of(data, first), &left) == NUM_OK) {
        check_alone(&left);
        if (num_parse(rest, &right) == NUM_OK) {
            check_alone(&right);
            check_order(&left, &right);
            check_sum(&left, &right);
        }
    }

    struct num decoded;
    size_t encoded_size = num_encoded_size(input);
    CHECK(encoded_size <= size);
    if (num_decode(input, &decoded)) {
        uint8_t bytes[NUM_ENCODED_BYTES_MAX];
        CHECK(encoded_size == size);
        CHECK(slice_equal(slice_of(bytes, num_encode(&decoded, bytes)), input));
        check_alone(&decoded);
    }
    return 0;
}
