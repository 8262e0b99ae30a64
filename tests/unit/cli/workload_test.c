#include "cli/workload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json/json_reader.h"

enum { BODY_BYTES = 8 * 1024 * 1024, WORKLOADS = 13 };

static struct workload make(int64_t number)
{
    struct workload workload = {.percent = workload_percent(number),
                                .table = "t",
                                .items = 100,
                                .item_bytes = 200,
                                .batch = 25};
    key_chooser_init(&workload.keys, KEYS_UNIFORM, workload.items);
    key_chooser_init(&workload.groups, KEYS_UNIFORM, workload.items / WORKLOAD_GROUP_ITEMS);
    return workload;
}

static void every_mix_adds_up(void **state)
{
    (void)state;
    for (int64_t number = 0; number < WORKLOADS; number++) {
        unsigned sum = 0;
        for (int i = 0; i < WORKLOAD_OPERATION_COUNT; i++)
            sum += workload_percent(number)[i];
        assert_int_equal(sum, 100);
    }
}

static void every_body_is_json(void **state)
{
    (void)state;
    struct workload workload = make(0);
    struct key_chance chance = {99};
    struct buf body;
    buf_init(&body, NULL, BODY_BYTES);
    for (int i = 0; i < WORKLOAD_OPERATION_COUNT; i++) {
        buf_clear(&body);
        workload_body(&workload, (enum workload_operation)i, &chance, &body);
        unsigned depth;
        assert_false(body.failed);
        assert_true(json_measure(buf_slice(&body), 32, &depth));
    }
    buf_fini(&body);
}

static void operations_come_in_their_proportions(void **state)
{
    (void)state;
    struct workload workload = make(9); /* ycsb-b */
    struct key_chance chance = {5};
    unsigned reads = 0;
    for (int i = 0; i < 10000; i++)
        reads += workload_choose(&workload, &chance) == WORKLOAD_GET;
    assert_in_range(reads, 9300, 9700);
}

static void loading_covers_all_items_and_groups(void **state)
{
    (void)state;
    struct workload workload = make(3); /* query */
    struct buf body;
    buf_init(&body, NULL, BODY_BYTES);
    assert_int_equal(workload_load_count(&workload), 200);
    uint64_t loaded = 0, count;
    while ((count = workload_load_body(&workload, loaded, &body)) > 0)
        loaded += count;
    assert_int_equal(loaded, 200);
    assert_non_null(memmem(body.data, body.size, "item000000000099", 16));
    assert_non_null(
        memmem(body.data, body.size, "\"group00000009\"},\"sk\":{\"S\":\"000009\"", 35));
    assert_null(memmem(body.data, body.size, "item000000000100", 16));
    buf_fini(&body);
}

static void items_have_the_size_asked_for(void **state)
{
    (void)state;
    struct workload workload = make(1); /* put */
    struct key_chance chance = {3};
    struct buf body;
    buf_init(&body, NULL, BODY_BYTES);
    workload_body(&workload, WORKLOAD_PUT, &chance, &body);
    const char *value = memmem(body.data, body.size, "\"v\":{\"S\":\"", 10);
    assert_non_null(value);
    /* pk 2 + 16, sk 2 + 6, v 1 and its value */
    assert_int_equal(strcspn(value + 10, "\"") + 27, workload.item_bytes);
    buf_fini(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mix_adds_up),
        cmocka_unit_test(every_body_is_json),
        cmocka_unit_test(operations_come_in_their_proportions),
        cmocka_unit_test(loading_covers_all_items_and_groups),
        cmocka_unit_test(items_have_the_size_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
