/* The skip list against a plain sorted array. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/mem/sorted_map.h"

enum { KEYS = 300, STEPS = 30000 };

struct model {
    bool present[KEYS];
    int value[KEYS];
};

static unsigned draw(unsigned *seed, unsigned below)
{
    *seed = *seed * 1664525 + 1013904223;
    return (*seed >> 8) % below;
}

static struct slice name_key(char bytes[16], int number)
{
    return slice_of(bytes, (size_t)snprintf(bytes, 16, "%03d", number));
}

static void put(struct sorted_map *map, struct model *model, int number, int value)
{
    char bytes[16];
    struct sorted_entry *entry =
        sorted_map_make_entry(map, name_key(bytes, number), slice_of(&value, sizeof(value)));
    assert_non_null(entry);
    sorted_map_link(map, entry);
    model->present[number] = true;
    model->value[number] = value;
}

static void assert_entry(const struct sorted_entry *entry, const struct model *model, int number)
{
    if (number < 0 || number >= KEYS) {
        assert_null(entry);
        return;
    }
    char bytes[16];
    assert_non_null(entry);
    assert_true(slice_equal(sorted_entry_key(entry), name_key(bytes, number)));
    int value;
    assert_int_equal(sizeof(value), sorted_entry_value(entry).size);
    memcpy(&value, sorted_entry_value(entry).data, sizeof(value));
    assert_int_equal(model->value[number], value);
}

static int at_or_above(const struct model *model, int number)
{
    while (number < KEYS && !model->present[number])
        number++;
    return number;
}

static int below(const struct model *model, int number)
{
    do
        number--;
    while (number >= 0 && !model->present[number]);
    return number;
}

static void compare_all(const struct sorted_map *map, const struct model *model)
{
    size_t count = 0;
    const struct sorted_entry *entry = map->first[0];
    for (int i = at_or_above(model, 0); i < KEYS; i = at_or_above(model, i + 1), count++) {
        assert_entry(entry, model, i);
        entry = sorted_entry_next(entry);
    }
    assert_null(entry);
    assert_int_equal(count, map->index.link_count);
    entry = map->last;
    for (int i = below(model, KEYS); i >= 0; i = below(model, i)) {
        assert_entry(entry, model, i);
        entry = sorted_entry_previous(entry);
    }
    assert_null(entry);
}

static void agrees_with_an_array(void **state)
{
    (void)state;
    struct sorted_map map;
    static struct model model;
    sorted_map_init(&map);
    unsigned seed = 1;
    for (int i = 0; i < STEPS; i++) {
        char bytes[16];
        int number = (int)draw(&seed, KEYS);
        switch (draw(&seed, 5)) {
        case 0:
        case 1:
            put(&map, &model, number, i);
            break;
        case 2:
            sorted_map_remove(&map, name_key(bytes, number));
            model.present[number] = false;
            break;
        case 3:
            assert_entry(sorted_map_seek(&map, name_key(bytes, number)), &model,
                         at_or_above(&model, number));
            assert_entry(sorted_map_find(&map, name_key(bytes, number)), &model,
                         model.present[number] ? number : -1);
            break;
        default:
            assert_entry(sorted_map_seek_below(&map, name_key(bytes, number)), &model,
                         below(&model, number));
            break;
        }
        if (i % 1000 == 0)
            compare_all(&map, &model);
    }
    compare_all(&map, &model);
    sorted_map_fini(&map);
}

static void holds_empty_keys_and_values(void **state)
{
    (void)state;
    struct sorted_map map;
    sorted_map_init(&map);
    sorted_map_link(&map, sorted_map_make_entry(&map, SLICE(""), SLICE("")));
    assert_non_null(sorted_map_find(&map, SLICE("")));
    assert_null(sorted_map_find(&map, SLICE("a")));
    assert_null(sorted_map_seek_below(&map, SLICE("")));
    sorted_map_remove(&map, SLICE(""));
    assert_null(map.last);
    sorted_map_fini(&map);
    struct sorted_map zeroed = {0};
    sorted_map_fini(&zeroed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_an_array),
        cmocka_unit_test(holds_empty_keys_and_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
