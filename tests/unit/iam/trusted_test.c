#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>

#include "iam/trusted.h"

enum { LIMIT_BYTES = 1024 * 1024, ROUNDS = 2000, THREADS = 4 };

static struct iam_trusted *make(const char *issuer)
{
    struct iam_trusted *trusted = iam_trusted_new(LIMIT_BYTES);
    assert_non_null(trusted);
    char json[128];
    int size = snprintf(json, sizeof(json), "{\"%s\":{\"keys\":[]}}", issuer);
    assert_null(iam_oidc_open(&trusted->arena, slice_of(json, (size_t)size), &trusted->oidc));
    return trusted;
}

static void nobody_is_trusted_at_first(void **state)
{
    (void)state;
    struct iam_trusted_slot slot;
    iam_trusted_slot_init(&slot);
    assert_null(iam_trusted_take(&slot));
    assert_null(iam_trusted_take(NULL));
    iam_trusted_release(NULL);
    iam_trusted_slot_fini(&slot);
}

static void what_was_taken_stays_when_it_is_replaced(void **state)
{
    (void)state;
    struct iam_trusted_slot slot;
    iam_trusted_slot_init(&slot);
    iam_trusted_replace(&slot, make("https://first"));
    struct iam_trusted *taken = iam_trusted_take(&slot);
    iam_trusted_replace(&slot, make("https://second"));
    assert_non_null(iam_oidc_keys(taken->oidc, SLICE("https://first")));
    iam_trusted_release(taken);
    taken = iam_trusted_take(&slot);
    assert_null(iam_oidc_keys(taken->oidc, SLICE("https://first")));
    assert_non_null(iam_oidc_keys(taken->oidc, SLICE("https://second")));
    iam_trusted_release(taken);
    iam_trusted_replace(&slot, NULL);
    assert_null(iam_trusted_take(&slot));
    iam_trusted_slot_fini(&slot);
}

static void *ask(void *context)
{
    struct iam_trusted_slot *slot = context;
    size_t found = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct iam_trusted *trusted = iam_trusted_take(slot);
        found += iam_oidc_keys(trusted->oidc, SLICE("https://always")) != NULL;
        iam_trusted_release(trusted);
    }
    return found == ROUNDS ? slot : NULL;
}

static void many_ask_while_one_replaces(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    struct iam_trusted_slot slot;
    iam_trusted_slot_init(&slot);
    iam_trusted_replace(&slot, make("https://always"));
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &slot), 0);
    for (int i = 0; i < ROUNDS / 10; i++)
        iam_trusted_replace(&slot, make("https://always"));
    for (int i = 0; i < THREADS; i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, &slot);
    }
    iam_trusted_slot_fini(&slot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_trusted_at_first),
        cmocka_unit_test(what_was_taken_stays_when_it_is_replaced),
        cmocka_unit_test(many_ask_while_one_replaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
