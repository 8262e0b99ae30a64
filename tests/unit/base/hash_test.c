#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "base/hash.h"

/* The input of every vector is 00 01 02 ..., the key 00 ... 0f. Length 15 is the example of the
 * paper's appendix A; the others are from the authors' reference implementation. A change here
 * means that no stored table can be read any more. */
static void the_published_vectors_hold(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        uint64_t hash;
    } vectors[] = {
        {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},  {7, 0xab0200f58b01d137},
        {8, 0x93f5f5799a932462},  {15, 0xa129ca6149be45e5}, {16, 0x3f2acc7f57c29bdb},
        {63, 0x958a324ceb064572},
    };
    uint8_t input[64];
    for (size_t i = 0; i < sizeof(input); i++)
        input[i] = (uint8_t)i;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        assert_true(hash_bytes(slice_of(input, vectors[i].size)) == vectors[i].hash);
        assert_true(hash_bytes_keyed(input, slice_of(input, vectors[i].size)) == vectors[i].hash);
    }
}

static void another_key_is_another_hash(void **state)
{
    (void)state;
    static const uint8_t key[HASH_KEY_BYTES] = {1};
    assert_true(hash_bytes_keyed(key, SLICE("a")) != hash_bytes(SLICE("a")));
}

static void alignment_does_not_matter(void **state)
{
    (void)state;
    uint8_t room[64];
    for (size_t offset = 0; offset < 16; offset++) {
        memcpy(room + offset, "partition key value 1", 21);
        assert_true(hash_bytes(slice_of(room + offset, 21)) ==
                    hash_bytes(SLICE("partition key value 1")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_vectors_hold),
        cmocka_unit_test(another_key_is_another_hash),
        cmocka_unit_test(alignment_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
