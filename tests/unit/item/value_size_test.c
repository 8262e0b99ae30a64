#include "item_fixture.h"

#include "item/value_size.h"

/* Developer guide, "DynamoDB item sizes and formats"; numbers as measured on the service. */
static void values(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        size_t size;
    } cases[] = {
        {"{\"S\":\"\"}", 0},
        {"{\"S\":\"h\\u00e9\"}", 3},
        {"{\"B\":\"AAEC\"}", 3},
        {"{\"BOOL\":false}", 1},
        {"{\"NULL\":true}", 1},
        {"{\"N\":\"0\"}", 1},
        {"{\"N\":\"5\"}", 2},
        {"{\"N\":\"-5\"}", 3},
        {"{\"N\":\"123\"}", 3},
        {"{\"N\":\"1.5\"}", 3},
        {"{\"L\":[]}", 3},
        {"{\"L\":[{\"S\":\"abc\"},{\"NULL\":true}]}", 3 + 2 + 3 + 1},
        {"{\"M\":{}}", 3},
        {"{\"M\":{\"key\":{\"S\":\"v\"}}}", 3 + 1 + 3 + 1},
        {"{\"M\":{\"k\":{\"L\":[{\"M\":{}}]}}}", 3 + 1 + 1 + (3 + 1 + 3)},
        {"{\"SS\":[\"a\",\"bc\"]}", 3},
        {"{\"NS\":[\"1\",\"22\",\"-3\"]}", 2 + 2 + 3},
        {"{\"BS\":[\"AA==\",\"\"]}", 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t size = value_size_bytes(value_of(cases[i].json));
        if (size != cases[i].size)
            fail_msg("%s has %zu bytes, not %zu", cases[i].json, size, cases[i].size);
    }
}

static void items(void **state)
{
    (void)state;
    assert_int_equal(item_size_bytes(ITEM_EMPTY), 0);
    assert_int_equal(item_size_bytes(item_of("{\"pk\":{\"S\":\"abc\"},\"n\":{\"N\":\"7\"}}")),
                     2 + 3 + 1 + 2);
    assert_int_equal(item_size_bytes(item_of("{\"m\":{\"M\":{\"a\":{\"BOOL\":true}}}}")),
                     1 + 3 + 1 + 1 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ITEM_TEST(values),
        ITEM_TEST(items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
