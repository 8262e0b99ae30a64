#ifndef HASHRANGE_NUM_NUM_H
#define HASHRANGE_NUM_NUM_H

/*
 * DynamoDB's Number: a decimal with up to 38 significant digits and a magnitude of 0 or
 * 1E-130 ... 9.9999999999999999999999999999999999999E+125. Arithmetic is exact or an error.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 *
 * A struct num is canonical: no leading and no trailing zero digits; zero is all zero bytes.
 */

#include "base/attributes.h"
#include "base/slice.h"

enum {
    NUM_DIGITS_MAX = 38,
    NUM_EXPONENT_MAX = 125, /* of the first significant digit */
    NUM_EXPONENT_MIN = -130,
    NUM_ENCODED_BYTES_MAX = 21,
    NUM_TEXT_BYTES_MAX = 176, /* expanded, with sign and point */
};

struct num {
    bool negative;
    uint8_t digit_count;            /* 0: the number zero */
    int16_t exponent;               /* value = d.ddd x 10^exponent */
    uint8_t digits[NUM_DIGITS_MAX]; /* 0..9 each, most significant first; 0 behind digit_count */
};

enum num_status {
    NUM_OK,
    NUM_NOT_A_NUMBER, /* "The parameter cannot be converted to a numeric value" */
    NUM_TOO_PRECISE,  /* "Attempting to store more than 38 significant digits in a Number" */
    NUM_OVERFLOW,     /* "Number overflow. Attempting to store a number with magnitude larger than
                         supported range" */
    NUM_UNDERFLOW,    /* "Number underflow. Attempting to store a number with magnitude smaller than
                         supported range" */
};

/* Text as DynamoDB accepts it: [+-]digits[.digits][(e|E)[+-]digits]; ".5" and "5." too, but no
 * space; an exponent must fit into 64 bits (observed). Of several faults the first in the order of
 * enum num_status is told. Zero is refused when its last written digit lies outside the exponent
 * range, as the service does: 0e126 overflows, 0e-131 underflows, 0.0e126 is fine (observed). Any
 * length, any exponent, in linear time. */
MUST_USE enum num_status num_parse(struct slice text, struct num *ret_num);
/* Expanded, never scientific, as the service answers. Returns the number of bytes written. */
size_t num_format(const struct num *num, char out[NUM_TEXT_BYTES_MAX]);

/* Exact. A result of more than 38 digits is NUM_OVERFLOW, not NUM_TOO_PRECISE: the service says so
 * of 1E50 + 1 (observed). ret_ may be one of the operands. */
MUST_USE enum num_status num_add(const struct num *left, const struct num *right,
                                 struct num *ret_sum);
MUST_USE enum num_status num_subtract(const struct num *left, const struct num *right,
                                      struct num *ret_difference);
/* < 0, 0 or > 0. */
int num_compare(const struct num *left, const struct num *right);

void num_from_int64(int64_t value, struct num *ret_num);

/*
 * The encoded form: canonical, order-preserving under byte comparison (slice_compare), free of NUL
 * bytes, at most NUM_ENCODED_BYTES_MAX bytes, not longer than it must be. No encoding is a proper
 * prefix of another one. docs/format/number.md has it byte by byte.
 */
size_t num_encode(const struct num *num, uint8_t out[NUM_ENCODED_BYTES_MAX]);
/* The whole slice is one encoded number; false when it is not a canonical encoding. */
MUST_USE bool num_decode(struct slice encoded, struct num *ret_num);
/* The size of the encoded number that bytes begin with; 0 when they are cut off before its end. It
 * finds the end only: num_decode says whether the number is a good one. */
size_t num_encoded_size(struct slice bytes);

/* Bytes that DynamoDB counts for it in an item's size: 1 + ceil(integer digits / 2) +
 * ceil(fraction digits / 2) + 1 if negative, counting significant digits only: 1E125 has one
 * integer digit, 0.001 one fraction digit (observed). */
size_t num_size_bytes(const struct num *num);

#endif
