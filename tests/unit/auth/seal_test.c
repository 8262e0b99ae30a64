#include "auth/seal.h"

#include "base/arena_fixture.h"

static const struct auth_seal_key key = {{1, 2, 3}};
static const struct auth_seal_key other_key = {{1, 2, 4}};

static struct slice seal(struct slice associated, struct slice plain)
{
    struct slice sealed;
    assert_null(auth_seal(&arena, &key, AUTH_SEAL_SECRET, associated, plain, &sealed));
    assert_int_equal(sealed.size, plain.size + AUTH_SEAL_OVERHEAD_BYTES);
    return sealed;
}

static bool opens(const struct auth_seal_key *with, enum auth_seal_use use, struct slice associated,
                  struct slice sealed)
{
    struct slice plain = SLICE_ABSENT;
    bool valid = false;
    assert_null(auth_unseal(&arena, with, use, associated, sealed, &plain, &valid));
    assert_int_equal(valid, slice_present(plain));
    return valid;
}

static void opens_what_it_sealed(void **state)
{
    (void)state;
    const struct slice texts[] = {SLICE("secret"), SLICE(""), SLICE_ABSENT};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct slice sealed = seal(texts[i], texts[i]);
        struct slice plain;
        bool valid;
        assert_null(auth_unseal(&arena, &key, AUTH_SEAL_SECRET, texts[i], sealed, &plain, &valid));
        assert_true(valid);
        assert_true(slice_equal(plain, texts[i]));
    }
}

static void never_seals_the_same_twice(void **state)
{
    (void)state;
    assert_false(slice_equal(seal(SLICE("a"), SLICE("plain")), seal(SLICE("a"), SLICE("plain"))));
}

static void refuses_another_key_use_or_association(void **state)
{
    (void)state;
    struct slice sealed = seal(SLICE("AKIA1"), SLICE("secret"));
    assert_true(opens(&key, AUTH_SEAL_SECRET, SLICE("AKIA1"), sealed));
    assert_false(opens(&other_key, AUTH_SEAL_SECRET, SLICE("AKIA1"), sealed));
    assert_false(opens(&key, AUTH_SEAL_SESSION, SLICE("AKIA1"), sealed));
    assert_false(opens(&key, AUTH_SEAL_SECRET, SLICE("AKIA2"), sealed));
    assert_false(opens(&key, AUTH_SEAL_SECRET, SLICE(""), sealed));
}

static void refuses_any_changed_bit_and_any_cut(void **state)
{
    (void)state;
    struct slice sealed = seal(SLICE("a"), SLICE("secret"));
    uint8_t changed[64];
    assert_true(sealed.size < sizeof(changed));
    for (size_t bit = 0; bit < sealed.size * 8; bit++) {
        memcpy(changed, sealed.data, sealed.size);
        changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(opens(&key, AUTH_SEAL_SECRET, SLICE("a"), slice_of(changed, sealed.size)));
    }
    for (size_t size = 0; size < sealed.size; size++)
        assert_false(opens(&key, AUTH_SEAL_SECRET, SLICE("a"), slice_of(sealed.data, size)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opens_what_it_sealed, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(never_seals_the_same_twice, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(refuses_another_key_use_or_association, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(refuses_any_changed_bit_and_any_cut, open_arena,
                                        close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
