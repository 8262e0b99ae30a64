/* Derived keys. The values are AWS's example ("Create a signed AWS API request") and Python's hmac.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <pthread.h>

#include "auth/signing_keys.h"

enum { THREADS = 4, ROUNDS = 2000 };

#define REGION SLICE("us-east-1")

static struct auth_signing_keys *keys;

static int open_keys(void **state)
{
    (void)state;
    keys = auth_signing_keys_open(SLICE("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    return keys == NULL ? -1 : 0;
}

static int close_keys(void **state)
{
    (void)state;
    auth_signing_keys_close(keys);
    auth_signing_keys_close(NULL);
    return 0;
}

static void assert_hex(const uint8_t digest[AUTH_DIGEST_BYTES], const char *expected)
{
    char hex[AUTH_HEX_DIGEST_BYTES];
    auth_hex(digest, hex);
    assert_memory_equal(hex, expected, sizeof(hex));
}

static void a_key_is_derived_and_found_again(void **state)
{
    (void)state;
    uint8_t digest[AUTH_DIGEST_BYTES];
    for (int round = 0; round < 2; round++) {
        assert_true(auth_signing_keys_sign(
            keys, SLICE("20150830"), REGION, SLICE("iam"),
            SLICE("AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"
                  "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"),
            digest));
        assert_hex(digest, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    }
}

static void the_secret_itself_signs_too(void **state)
{
    (void)state;
    uint8_t digest[AUTH_DIGEST_BYTES];
    assert_true(auth_signing_keys_sign_plain(keys, SLICE("text"), digest));
    assert_hex(digest, "8d490d94c8cc583fae86a08c2485e95a5efd9a34d3e310c4c20d82017c02e133");
}

static void a_scope_too_long_to_keep_signs_all_the_same(void **state)
{
    (void)state;
    uint8_t region[200];
    uint8_t digest[AUTH_DIGEST_BYTES];
    memset(region, 'r', sizeof(region));
    assert_true(auth_signing_keys_sign(keys, SLICE("20150830"), slice_of(region, sizeof(region)),
                                       SLICE("sts"), SLICE("text"), digest));
    assert_hex(digest, "f7c2268d534c6e5ae0e794d95d07725f38be6488c15d0b7b7e2f541b88bff057");
}

/* More scopes than are kept, by several threads: each must get its own scope's signature. */
static void *sign_many(void *context)
{
    static const char *const expected[] = {
        "92f741d9e5a6452b37454dedc25aa4edaf2ba1abd6d5d9ede7ec051cd50f92f2",
        "ac6d8dac672852754af6bfede74293ee2f98906d0daaebecf54f07baf6ad55dd",
        "c3a86f29755dd05884c3d02d55d6c635d8e3d387e682240393fbf2f651febd32",
    };
    uintptr_t thread = (uintptr_t)context;
    uintptr_t failures = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint8_t digest[AUTH_DIGEST_BYTES];
        char hex[AUTH_HEX_DIGEST_BYTES];
        char date[] = "20150830";
        char region[] = "region-00";
        unsigned day = (i + (unsigned)thread) % COUNT_OF(expected);
        date[7] = (char)('0' + day);
        region[7] = (char)('0' + i % 10);
        region[8] = (char)('0' + i / 10 % 10);
        struct slice at = i % 3 == 0 ? slice_of(region, 9) : REGION;
        bool signed_it = auth_signing_keys_sign(keys, slice_of(date, 8), at, SLICE("dynamodb"),
                                                SLICE("text"), digest);
        auth_hex(digest, hex);
        bool is_same = memcmp(hex, expected[day], sizeof(hex)) == 0;
        failures += !signed_it || is_same != slice_equal(at, REGION);
    }
    return (void *)failures;
}

static void many_threads_and_scopes_get_their_own(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_many, (void *)i), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *failures;
        assert_int_equal(pthread_join(threads[i], &failures), 0);
        assert_null(failures);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_derived_and_found_again),
        cmocka_unit_test(the_secret_itself_signs_too),
        cmocka_unit_test(a_scope_too_long_to_keep_signs_all_the_same),
        cmocka_unit_test(many_threads_and_scopes_get_their_own),
    };
    return cmocka_run_group_tests(tests, open_keys, close_keys);
}
