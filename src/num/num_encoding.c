/*
 * The encoded form of a number; docs/format/number.md is its description. In short:
 *
 *     zero      80
 *     positive  exponent (1 or 2 bytes), then the digits in pairs, a byte for each pair
 *     negative  the same bytes, each subtracted from FF
 *
 * A pair's byte also tells whether another pair follows, so the form ends by itself.
 */

#include "base/check.h"
#include "num/num.h"

enum {
    ZERO = 0x80,
    /* First byte of a positive number. */
    EXPONENT_FAR_BELOW = 0x81,  /* exponents -130 ... -45: a second byte 01 ... 56 follows */
    EXPONENT_NEAR_FIRST = 0x82, /* exponents -44 ... 79: this byte says it all */
    EXPONENT_NEAR_LAST = 0xfd,
    EXPONENT_FAR_ABOVE = 0xfe, /* exponents 80 ... 125: a second byte 01 ... 2e follows */

    NEAR_MIN = -44,
    NEAR_MAX = NEAR_MIN + EXPONENT_NEAR_LAST - EXPONENT_NEAR_FIRST,

    PAIRS_MAX = NUM_DIGITS_MAX / 2,
    PAIR_BYTE_MAX = 2 * 99 + 2,
};

_Static_assert(NEAR_MAX == 79, "the document names this exponent");
_Static_assert(2 + PAIRS_MAX == NUM_ENCODED_BYTES_MAX, "two exponent bytes and all pairs");

static size_t write_exponent(int exponent, uint8_t *out)
{
    if (exponent < NEAR_MIN) {
        out[0] = EXPONENT_FAR_BELOW;
        out[1] = (uint8_t)(exponent - NUM_EXPONENT_MIN + 1);
        return 2;
    }
    if (exponent > NEAR_MAX) {
        out[0] = EXPONENT_FAR_ABOVE;
        out[1] = (uint8_t)(exponent - NEAR_MAX);
        return 2;
    }
    out[0] = (uint8_t)(EXPONENT_NEAR_FIRST + exponent - NEAR_MIN);
    return 1;
}

static unsigned pair_at(const struct num *num, unsigned first)
{
    unsigned second_digit = first + 1 < num->digit_count ? num->digits[first + 1] : 0;
    return num->digits[first] * 10u + second_digit;
}

size_t num_encode(const struct num *num, uint8_t out[NUM_ENCODED_BYTES_MAX])
{
    CHECK(num->digit_count <= NUM_DIGITS_MAX);
    if (num->digit_count == 0) {
        out[0] = ZERO;
        return 1;
    }
    size_t size = write_exponent(num->exponent, out);
    for (unsigned i = 0; i < num->digit_count; i += 2) {
        bool more = i + 2 < num->digit_count;
        out[size++] = (uint8_t)(2 * pair_at(num, i) + (more ? 2 : 1));
    }
    if (num->negative) {
        for (size_t i = 0; i < size; i++)
            out[i] = 0xff - out[i];
    }
    CHECK(size <= NUM_ENCODED_BYTES_MAX);
    return size;
}

/* The positive number's bytes; false when the exponent is none. */
static bool read_exponent(const uint8_t *bytes, int *ret_exponent)
{
    if (bytes[0] == EXPONENT_FAR_BELOW) {
        *ret_exponent = NUM_EXPONENT_MIN + bytes[1] - 1;
        return bytes[1] >= 1 && *ret_exponent < NEAR_MIN;
    }
    if (bytes[0] == EXPONENT_FAR_ABOVE) {
        *ret_exponent = NEAR_MAX + bytes[1];
        return bytes[1] >= 1 && *ret_exponent <= NUM_EXPONENT_MAX;
    }
    *ret_exponent = NEAR_MIN + bytes[0] - EXPONENT_NEAR_FIRST;
    return bytes[0] >= EXPONENT_NEAR_FIRST && bytes[0] <= EXPONENT_NEAR_LAST;
}

static size_t exponent_size(uint8_t first)
{
    return first == EXPONENT_FAR_BELOW || first == EXPONENT_FAR_ABOVE ? 2 : 1;
}

size_t num_encoded_size(struct slice bytes)
{
    if (bytes.size == 0)
        return 0;
    if (bytes.data[0] == ZERO)
        return 1;
    uint8_t flip = bytes.data[0] < ZERO ? 0xff : 0;
    for (size_t i = exponent_size(bytes.data[0] ^ flip); i < bytes.size; i++) {
        bool more = ((bytes.data[i] ^ flip) & 1) == 0;
        if (!more)
            return i + 1;
    }
    return 0;
}

/* Pairs of a positive number into digits; false unless they are canonical. */
static bool read_pairs(const uint8_t *bytes, size_t count, struct num *num)
{
    CHECK(count >= 1 && count <= PAIRS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == 0 || bytes[i] > PAIR_BYTE_MAX)
            return false;
        unsigned pair = (bytes[i] - 1u) / 2;
        num->digits[2 * i] = (uint8_t)(pair / 10);
        num->digits[2 * i + 1] = (uint8_t)(pair % 10);
    }
    size_t last = 2 * count - 1;
    if (num->digits[0] == 0 || (num->digits[last] == 0 && num->digits[last - 1] == 0))
        return false;
    num->digit_count = (uint8_t)(num->digits[last] == 0 ? last : last + 1);
    return true;
}

bool num_decode(struct slice encoded, struct num *ret_num)
{
    struct num num = {0};
    if (encoded.size == 0 || encoded.size > NUM_ENCODED_BYTES_MAX ||
        num_encoded_size(encoded) != encoded.size)
        return false;
    if (encoded.data[0] == ZERO) {
        *ret_num = num;
        return true;
    }

    uint8_t bytes[NUM_ENCODED_BYTES_MAX];
    num.negative = encoded.data[0] < ZERO;
    for (size_t i = 0; i < encoded.size; i++)
        bytes[i] = num.negative ? 0xff - encoded.data[i] : encoded.data[i];

    int exponent;
    size_t head = exponent_size(bytes[0]);
    if (encoded.size - head > PAIRS_MAX || !read_exponent(bytes, &exponent) ||
        !read_pairs(bytes + head, encoded.size - head, &num))
        return false;
    num.exponent = (int16_t)exponent;
    *ret_num = num;
    return true;
}
