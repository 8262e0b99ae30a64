#include "auth/policy_principals.h"

#include "base/arena_fixture.h"

static int seen;

/* "ann" becomes AIDA, "q" what JSON must escape; "wrong" is refused. */
static const struct error *rename_name(void *context, struct slice *name)
{
    (void)context;
    seen++;
    if (slice_equal(*name, SLICE("ann")))
        *name = SLICE("AIDA");
    else if (slice_equal(*name, SLICE("q")))
        *name = SLICE("\"],\\");
    else if (slice_equal(*name, SLICE("wrong")))
        return error_make(&arena, ERROR_MALFORMED_POLICY_DOCUMENT, "wrong");
    return NULL;
}

static void check(struct slice json, struct slice expected, int names)
{
    struct slice renamed;
    seen = 0;
    assert_null(auth_policy_rename(&arena, json, rename_name, NULL, &renamed));
    assert_int_equal(renamed.size, expected.size);
    assert_memory_equal(renamed.data, expected.data, expected.size);
    assert_int_equal(seen, names);
    if (slice_equal(json, expected))
        assert_ptr_equal(renamed.data, json.data);
}

static void test_names_are_replaced_where_they_stand(void **state)
{
    (void)state;
    check(SLICE("{\"Statement\": {\"Principal\" : { \"AWS\" : \"ann\" } } }"),
          SLICE("{\"Statement\": {\"Principal\" : { \"AWS\" : \"AIDA\" } } }"), 1);
    check(SLICE("{\"Statement\":[{\"NotPrincipal\":{\"AWS\":[\"bob\",\"ann\" , \"\\u0061nn\"]}},"
                "{\"Principal\":{\"AWS\":\"ann\"}}],\"Id\":\"ann\"}"),
          SLICE("{\"Statement\":[{\"NotPrincipal\":{\"AWS\":[\"bob\",\"AIDA\" , \"AIDA\"]}},"
                "{\"Principal\":{\"AWS\":\"AIDA\"}}],\"Id\":\"ann\"}"),
          4);
    check(SLICE("{\"Statement\":{\"Principal\":{\"AWS\":[\"q\",\"ann\"]}}}"),
          SLICE("{\"Statement\":{\"Principal\":{\"AWS\":[\"\\\"],\\\\\",\"AIDA\"]}}}"), 2);
}

static void test_all_else_stays(void **state)
{
    (void)state;
    static const struct slice others[] = {
        SLICE_INIT(""),
        SLICE_INIT("ann"),
        SLICE_INIT("\"ann\""),
        SLICE_INIT("[{\"Statement\":{\"Principal\":{\"AWS\":\"ann\"}}}]"),
        SLICE_INIT("{\"Principal\":{\"AWS\":\"ann\"}}"),
        SLICE_INIT("{\"Statement\":{\"Principal\":\"ann\"}}"),
        SLICE_INIT("{\"Statement\":{\"Principal\":[\"ann\"]}}"),
        SLICE_INIT("{\"Statement\":{\"Principal\":{\"Service\":\"ann\",\"Federated\":[\"ann\"]}}}"),
        SLICE_INIT("{\"Statement\":{\"Condition\":{\"AWS\":\"ann\"}}}"),
        SLICE_INIT("{\"Statement\":{\"Principal\":{\"AWS\":[{\"AWS\":\"ann\"},1,null]}}}"),
        SLICE_INIT("{\"Statement\":{\"Principal\":{\"AWS\":\"ann\"}}"),
    };
    for (size_t i = 0; i < COUNT_OF(others); i++)
        check(others[i], others[i], 0);
    check(SLICE("{\"Statement\":{\"Principal\":{\"AWS\":\"*\"}}}"),
          SLICE("{\"Statement\":{\"Principal\":{\"AWS\":\"*\"}}}"), 1);
}

static void test_a_refusal_ends_it(void **state)
{
    (void)state;
    struct slice renamed;
    seen = 0;
    const struct error *error = auth_policy_rename(
        &arena, SLICE("{\"Statement\":{\"Principal\":{\"AWS\":[\"ann\",\"wrong\",\"ann\"]}}}"),
        rename_name, NULL, &renamed);
    assert_non_null(error);
    assert_int_equal(error->kind, ERROR_MALFORMED_POLICY_DOCUMENT);
    assert_int_equal(seen, 2);
}

static void test_without_memory(void **state)
{
    (void)state;
    struct arena none;
    struct slice renamed;
    arena_init(&none, 0);
    const struct error *error =
        auth_policy_rename(&none, SLICE("{\"Statement\":{\"Principal\":{\"AWS\":\"ann\"}}}"),
                           rename_name, NULL, &renamed);
    assert_ptr_equal(error, error_exhausted());
    arena_fini(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_are_replaced_where_they_stand, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(test_all_else_stays, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_a_refusal_ends_it, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_without_memory, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
