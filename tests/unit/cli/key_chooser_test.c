#include "cli/key_chooser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ITEMS = 1000, DRAWS = 200000 };

static unsigned counts[ITEMS];

static void draw(enum key_distribution distribution)
{
    struct key_chooser chooser;
    struct key_chance chance = {12345};
    memset(counts, 0, sizeof(counts));
    key_chooser_init(&chooser, distribution, ITEMS);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t item = key_choose(&chooser, &chance);
        assert_true(item < ITEMS);
        counts[item]++;
    }
}

static int descending(const void *left, const void *right)
{
    unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;
    return a < b ? 1 : a > b ? -1 : 0;
}

static void uniform_is_fair(void **state)
{
    (void)state;
    draw(KEYS_UNIFORM);
    for (int i = 0; i < ITEMS; i++)
        assert_in_range(counts[i], DRAWS / ITEMS / 2, DRAWS / ITEMS * 2);
}

/* The most popular item has 1 / zeta(1000, 0.99) of all, about 13 %, the second half of that. */
static void zipfian_follows_its_law(void **state)
{
    (void)state;
    draw(KEYS_ZIPFIAN);
    qsort(counts, ITEMS, sizeof(counts[0]), descending);
    assert_in_range(counts[0], DRAWS * 11 / 100, DRAWS * 15 / 100);
    assert_in_range(counts[1], DRAWS * 5 / 100, DRAWS * 8 / 100);
}

static void hot_keys_get_four_of_five(void **state)
{
    (void)state;
    draw(KEYS_HOT);
    assert_in_range(counts[0] + counts[1], DRAWS * 78 / 100, DRAWS * 82 / 100);
}

static void latest_favours_the_newest(void **state)
{
    (void)state;
    draw(KEYS_LATEST);
    assert_in_range(counts[ITEMS - 1], DRAWS * 11 / 100, DRAWS * 15 / 100);
    assert_true(counts[ITEMS - 1] > counts[ITEMS - 2] && counts[ITEMS - 2] > counts[ITEMS - 10]);
}

static void one_item_is_enough(void **state)
{
    (void)state;
    for (int distribution = KEYS_UNIFORM; distribution <= KEYS_LATEST; distribution++) {
        struct key_chooser chooser;
        struct key_chance chance = {7};
        key_chooser_init(&chooser, (enum key_distribution)distribution, 1);
        for (int i = 0; i < 1000; i++)
            assert_int_equal(key_choose(&chooser, &chance), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_is_fair),           cmocka_unit_test(zipfian_follows_its_law),
        cmocka_unit_test(hot_keys_get_four_of_five), cmocka_unit_test(latest_favours_the_newest),
        cmocka_unit_test(one_item_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
