#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rand.h"

static void random_bytes_fill_all_they_are_given(void **state)
{
    (void)state;
    enum { SIZE = 1000 }; /* above 256, where one read may be cut short */
    uint8_t either[SIZE] = {0};
    /* A byte stays 0 in all of 8 rounds with probability 2^-64. */
    for (int round = 0; round < 8; round++) {
        uint8_t bytes[SIZE + 1];
        bytes[SIZE] = 0x55;
        rand_bytes(bytes, SIZE);
        assert_int_equal(bytes[SIZE], 0x55);
        for (int i = 0; i < SIZE; i++)
            either[i] |= bytes[i];
    }
    for (int i = 0; i < SIZE; i++)
        assert_int_not_equal(either[i], 0);
    rand_bytes(either, 0);
}

static void uuids_have_version_and_variant(void **state)
{
    (void)state;
    char last[RAND_UUID_CHARS] = {0};
    for (int round = 0; round < 100; round++) {
        char text[RAND_UUID_CHARS];
        rand_uuid(text);
        for (int i = 0; i < RAND_UUID_CHARS; i++) {
            if (i == 8 || i == 13 || i == 18 || i == 23)
                assert_int_equal(text[i], '-');
            else
                assert_non_null(memchr("0123456789abcdef", text[i], 16));
        }
        assert_int_equal(text[14], '4');
        assert_non_null(memchr("89ab", text[19], 4));
        assert_memory_not_equal(text, last, RAND_UUID_CHARS);
        memcpy(last, text, RAND_UUID_CHARS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_bytes_fill_all_they_are_given),
        cmocka_unit_test(uuids_have_version_and_variant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
