#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base64.h"

struct pair {
    struct slice bytes;
    struct slice text;
};

static void the_vectors_of_rfc_4648_hold(void **state)
{
    (void)state;
    const struct pair pairs[] = {
        {SLICE(""), SLICE("")},
        {SLICE("f"), SLICE("Zg==")},
        {SLICE("fo"), SLICE("Zm8=")},
        {SLICE("foo"), SLICE("Zm9v")},
        {SLICE("foob"), SLICE("Zm9vYg==")},
        {SLICE("fooba"), SLICE("Zm9vYmE=")},
        {SLICE("foobar"), SLICE("Zm9vYmFy")},
        {SLICE("\xfb\xff\xfe"), SLICE("+//+")},
        {SLICE("\0\0"), SLICE("AAA=")},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        uint8_t out[16];
        assert_int_equal(base64_encoded_size(pairs[i].bytes.size), pairs[i].text.size);
        base64_encode(pairs[i].bytes, out);
        assert_true(slice_equal(slice_of(out, pairs[i].text.size), pairs[i].text));
        size_t size = 99;
        assert_true(base64_decode(pairs[i].text, out, &size));
        assert_true(slice_equal(slice_of(out, size), pairs[i].bytes));
    }
}

static void all_else_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "A",      "AA",    "AAA",  "AAAAA",    "Zg=",      "Zg",       "====",     "=AAA",
        "A===",   "A=AA",  "AA=A", "Zh==",     "Zm9=",     "Zm9v=",    "Zm-v",     "Zm_v",
        "Zm9v\n", "Zm9\n", " m9v", "Zg==Zg==", "Zm8=Zm8=", "Zm9vZ===", "Zm9v====", "\303\251AA",
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        uint8_t out[16];
        size_t size = 99;
        if (base64_decode(slice_of_cstring(wrong[i]), out, &size))
            fail_msg("accepted \"%s\"", wrong[i]);
        assert_int_equal(size, 99);
    }
}

static void every_byte_outside_the_alphabet_is_refused_everywhere(void **state)
{
    (void)state;
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (unsigned byte = 0; byte < 256; byte++) {
        bool known = byte != 0 && strchr(alphabet, (int)byte) != NULL;
        for (unsigned place = 0; place < 7; place++) {
            uint8_t text[8] = {'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A'};
            uint8_t out[6];
            size_t size;
            text[place] = (uint8_t)byte;
            assert_int_equal(base64_decode(slice_of(text, 8), out, &size), known);
        }
    }
}

static void all_sizes_come_back_within_their_bounds(void **state)
{
    (void)state;
    unsigned seed = 1;
    for (size_t size = 0; size < 300; size++) {
        /* Exact allocations, so that a sanitizer sees a byte too much. */
        uint8_t *bytes = malloc(size + 1);
        size_t text_size = base64_encoded_size(size);
        uint8_t *text = malloc(text_size + 1);
        uint8_t *back = malloc(base64_decoded_size_max(text_size) + 1);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
        text[text_size] = 0x55;
        base64_encode(slice_of(bytes, size), text);
        assert_int_equal(text[text_size], 0x55);
        size_t back_size;
        assert_true(base64_decode(slice_of(text, text_size), back, &back_size));
        assert_true(slice_equal(slice_of(back, back_size), slice_of(bytes, size)));
        /* In place, too. */
        assert_true(base64_decode(slice_of(text, text_size), text, &back_size));
        assert_true(slice_equal(slice_of(text, back_size), slice_of(bytes, size)));
        free(back);
        free(text);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_rfc_4648_hold),
        cmocka_unit_test(all_else_is_refused),
        cmocka_unit_test(every_byte_outside_the_alphabet_is_refused_everywhere),
        cmocka_unit_test(all_sizes_come_back_within_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
