#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

/* The worked example of docs/format/number.md, and one for every way to write an exponent. These
 * bytes are stored: a change means that no stored table can be read any more. */
static void the_documented_bytes_hold(void **state)
{
    (void)state;
    const struct {
        const char *text;
        struct slice bytes;
    } golden[] = {
        {"-9.9999999999999999999999999999999999999E+125",
         SLICE("\x01\xd1\x37\x37\x37\x37\x37\x37\x37\x37\x37\x37\x37\x37\x37\x37\x37\x37\x37\x37"
               "\x38")},
        {"-1e80", SLICE("\x01\xfe\xea")},
        {"-273.15", SLICE("\x4f\xc7\xbf\x9a")},
        {"-1", SLICE("\x51\xea")},
        {"-1E-130", SLICE("\x7e\xfe\xea")},
        {"0", SLICE("\x80")},
        {"1E-130", SLICE("\x81\x01\x15")},
        {"1E-45", SLICE("\x81\x56\x15")},
        {"1E-44", SLICE("\x82\x15")},
        {"0.5", SLICE("\xad\x65")},
        {"1", SLICE("\xae\x15")},
        {"1.05", SLICE("\xae\x16\x65")},
        {"12", SLICE("\xaf\x19")},
        {"100", SLICE("\xb0\x15")},
        {"273.15", SLICE("\xb0\x38\x40\x65")},
        {"12345678901234567890123456789012345678",
         SLICE("\xd3\x1a\x46\x72\x9e\xb6\x1a\x46\x72\x9e\xb6\x1a\x46\x72\x9e\xb6\x1a\x46\x72"
               "\x9d")},
        {"1E79", SLICE("\xfd\x15")},
        {"1E80", SLICE("\xfe\x01\x15")},
        {"1E125", SLICE("\xfe\x2e\x15")},
    };
    for (size_t i = 0; i < COUNT_OF(golden); i++) {
        struct num num = number(golden[i].text);
        uint8_t bytes[NUM_ENCODED_BYTES_MAX];
        struct slice encoded = slice_of(bytes, num_encode(&num, bytes));
        if (!slice_equal(encoded, golden[i].bytes))
            fail_msg("%s is encoded otherwise", golden[i].text);
        struct num back;
        assert_true(num_decode(encoded, &back));
        assert_memory_equal(&back, &num, sizeof(num));
        /* The list ascends, and so do the bytes. */
        if (i > 0)
            assert_true(slice_compare(golden[i - 1].bytes, golden[i].bytes) < 0);
    }
}

static void other_bytes_are_refused(void **state)
{
    (void)state;
    const struct slice wrong[] = {
        SLICE(""),
        SLICE("\x00"),
        SLICE("\xff"),
        SLICE("\xff\x15"),
        SLICE("\x00\xea"),
        SLICE("\x80\x80"),     /* bytes behind zero */
        SLICE("\xae"),         /* no digits */
        SLICE("\xae\x15\x15"), /* bytes behind the last pair */
        SLICE("\xae\x16"),     /* cut off */
        SLICE("\xae\x01"),     /* 0.0 */
        SLICE("\xae\x13"),     /* first digit 0: 09 */
        SLICE("\xae\x16\x01"), /* trailing pair 00 */
        SLICE("\xae\xc9"),     /* pair 100 */
        SLICE("\xae\xff"),
        SLICE("\x51\x36"),     /* pair 100 of a negative number */
        SLICE("\x81\x15"),     /* no second exponent byte */
        SLICE("\x81\x57\x15"), /* exponent -44 in two bytes */
        SLICE("\x81\x00\x15"), /* exponent -131 */
        SLICE("\xfe\x00\x15"), /* exponent 79 in two bytes */
        SLICE("\xfe\x2f\x15"), /* exponent 126 */
        SLICE("\x01\xd0\xea"), /* exponent 126, negative */
        SLICE("\x81\xff\x15"),
        /* 20 pairs */
        SLICE("\xae\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16"
              "\x15"),
        SLICE("\xfe\x01\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16"
              "\x16\x15"),
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct num num = {.digit_count = 77};
        if (num_decode(wrong[i], &num))
            fail_msg("accepted case %zu", i);
        assert_int_equal(num.digit_count, 77);
    }
}

/* All texts of one to three bytes: what decodes is what encodes to the same bytes. */
static void no_number_has_two_encodings(void **state)
{
    (void)state;
    unsigned accepted = 0;
    for (uint32_t code = 0; code < 1u << 24; code++) {
        uint8_t bytes[3] = {(uint8_t)(code >> 16), (uint8_t)(code >> 8), (uint8_t)code};
        for (size_t size = 1; size <= 3; size++) {
            if (size < 3 && (code & ((1u << (8 * (3 - size))) - 1)) != 0)
                continue;
            struct num num;
            if (!num_decode(slice_of(bytes, size), &num))
                continue;
            uint8_t again[NUM_ENCODED_BYTES_MAX];
            assert_int_equal(num_encode(&num, again), size);
            assert_memory_equal(again, bytes, size);
            accepted++;
        }
    }
    /* Zero; 124 near exponents with 1 pair of 90 or 2 pairs of 90 x 99; 132 far ones with 1 pair.
     */
    assert_int_equal(accepted, 1 + 2 * (124 * (90 + 90 * 99) + 132 * 90));
}

static uint64_t random_state = 1;

static unsigned random_below(unsigned limit)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(random_state >> 33) % limit;
}

static struct num random_number(void)
{
    struct num num = {0};
    num.digit_count = (uint8_t)random_below(1 + (random_below(2) ? 4 : NUM_DIGITS_MAX));
    if (num.digit_count == 0)
        return num;
    num.negative = random_below(2) == 1;
    num.exponent = (int16_t)(random_below(2) ? (int)random_below(4) - 2
                                             : NUM_EXPONENT_MIN + (int)random_below(256));
    for (unsigned i = 0; i < num.digit_count; i++)
        num.digits[i] = (uint8_t)random_below(random_below(2) ? 2 : 10);
    num.digits[0] += num.digits[0] == 0;
    num.digits[num.digit_count - 1] += num.digits[num.digit_count - 1] == 0;
    return num;
}

static void byte_order_is_number_order_and_no_encoding_begins_another(void **state)
{
    (void)state;
    struct num last = {0};
    uint8_t last_bytes[NUM_ENCODED_BYTES_MAX];
    size_t last_size = num_encode(&last, last_bytes);
    for (int round = 0; round < 200000; round++) {
        struct num num = random_number();
        uint8_t bytes[NUM_ENCODED_BYTES_MAX];
        size_t size = num_encode(&num, bytes);
        assert_null(memchr(bytes, 0, size));
        assert_int_equal(num_encoded_size(slice_of(bytes, size)), size);
        for (size_t cut = 0; cut < size; cut++)
            assert_int_equal(num_encoded_size(slice_of(bytes, cut)), 0);
        struct num back;
        assert_true(num_decode(slice_of(bytes, size), &back));
        assert_memory_equal(&back, &num, sizeof(num));

        int order = num_compare(&num, &last);
        int byte_order = slice_compare(slice_of(bytes, size), slice_of(last_bytes, last_size));
        assert_int_equal((order > 0) - (order < 0), (byte_order > 0) - (byte_order < 0));
        if (order != 0) {
            assert_false(slice_starts_with(slice_of(bytes, size), slice_of(last_bytes, last_size)));
        }
        last = num;
        memcpy(last_bytes, bytes, size);
        last_size = size;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_bytes_hold),
        cmocka_unit_test(other_bytes_are_refused),
        cmocka_unit_test(no_number_has_two_encodings),
        cmocka_unit_test(byte_order_is_number_order_and_no_encoding_begins_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
