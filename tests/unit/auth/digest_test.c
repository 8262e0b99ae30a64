/* Hashes against the vectors of FIPS 180-4, RFC 4231 and RFC 2202. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "auth/digest.h"

static void assert_hex(const uint8_t digest[AUTH_DIGEST_BYTES], const char *expected)
{
    char hex[AUTH_HEX_DIGEST_BYTES];
    auth_hex(digest, hex);
    assert_memory_equal(hex, expected, sizeof(hex));
}

static void sha256_hashes(void **state)
{
    (void)state;
    char hex[AUTH_HEX_DIGEST_BYTES];
    assert_true(auth_sha256_hex(SLICE("abc"), hex));
    assert_memory_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                        sizeof(hex));
    assert_true(auth_sha256_hex(SLICE_ABSENT, hex));
    assert_memory_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                        sizeof(hex));
}

static void a_prepared_hmac_signs_any_number_of_times(void **state)
{
    (void)state;
    uint8_t long_key[131];
    memset(long_key, 0xaa, sizeof(long_key));
    const struct {
        struct slice key;
        struct slice text;
        const char *digest;
    } vectors[] = {
        {SLICE("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"),
         SLICE("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {SLICE("Jefe"), SLICE("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {slice_of(long_key, sizeof(long_key)),
         SLICE("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct auth_hmac hmac;
        uint8_t digest[AUTH_DIGEST_BYTES];
        assert_true(auth_hmac_init(&hmac, vectors[i].key));
        for (int round = 0; round < 2; round++) {
            assert_true(auth_hmac_sign(&hmac, vectors[i].text, digest));
            assert_hex(digest, vectors[i].digest);
        }
        auth_hmac_fini(&hmac);
        const struct auth_hmac wiped = {.inner = {.num = 0}};
        assert_memory_equal(&hmac, &wiped, sizeof(hmac));
        auth_hmac_fini(&hmac);
    }
}

static void hmac_sha1_signs(void **state)
{
    (void)state;
    static const uint8_t expected[AUTH_SHA1_BYTES] = {0xef, 0xfc, 0xdf, 0x6a, 0xe5, 0xeb, 0x2f,
                                                      0xa2, 0xd2, 0x74, 0x16, 0xd5, 0xf1, 0x84,
                                                      0xdf, 0x9c, 0x25, 0x9a, 0x7c, 0x79};
    uint8_t digest[AUTH_SHA1_BYTES];
    assert_true(auth_hmac_sha1(SLICE("Jefe"), SLICE("what do ya want for nothing?"), digest));
    assert_memory_equal(digest, expected, sizeof(digest));
}

static void secrets_are_equal_only_when_they_are(void **state)
{
    (void)state;
    assert_true(auth_equal_secretly(SLICE("abc"), SLICE("abc")));
    assert_true(auth_equal_secretly(SLICE(""), SLICE_ABSENT));
    assert_false(auth_equal_secretly(SLICE("abc"), SLICE("abd")));
    assert_false(auth_equal_secretly(SLICE("abc"), SLICE("ab")));
    assert_false(auth_equal_secretly(SLICE("abc"), SLICE("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_hashes),
        cmocka_unit_test(a_prepared_hmac_signs_any_number_of_times),
        cmocka_unit_test(hmac_sha1_signs),
        cmocka_unit_test(secrets_are_equal_only_when_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
