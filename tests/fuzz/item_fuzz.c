/* fuzz: hr_item */
/* about: item/container.c item/path.c item/value.c item/value_check.c item/value_json_write.c
 * item/value_size.c */

/*
 * Stored bytes from a broken disk: whatever they are, every function that reads them in place ends
 * and stays within them. Bytes that pass value_check are the only form of their value: their JSON
 * reads back to the same bytes.
 */

#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "item/path.h"
#include "item/value_json.h"
#include "item/value_size.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Steps into the first few members of everything. */
static void walk(struct slice item, struct arena *arena)
{
    struct value_iter iter;
    struct slice name;
    struct value member;
    value_iter_begin(&iter, value_of_item(item));
    for (unsigned i = 0; i < 16 && value_iter_next(&iter, &name, &member); i++) {
        (void)value_map_find(value_of_item(item), name);
        (void)value_list_at(member, i);
        (void)value_count(member);
        const struct path_element steps[] = {{.name = name}, {.is_index = true, .index = i / 2}};
        const struct path_edit edit = {{steps, 1 + i % 2}, i % 3 ? VALUE_NONE : member};
        struct slice result;
        struct path_set set;
        if (path_set_make(arena, &edit.path, 1, &set) && item_project(arena, item, set, &result))
            (void)item_size_bytes(result);
        if (item_edit(arena, item, &edit, 1, &result) == ITEM_EDIT_OK)
            (void)item_size_bytes(result);
    }
}

static void check_round_trip(struct slice item, struct arena *arena)
{
    struct buf text;
    struct json_writer writer;
    struct json_reader reader;
    struct item_reading reading;
    buf_init(&text, arena, ARENA_BYTES);
    json_writer_init(&writer, &text);
    item_to_json(&writer, item);
    bool sound = value_check(value_of_item(item));
    bool deep = item_nests_too_deep(item);
    if (text.failed || !sound)
        return;
    CHECK(!deep);
    json_reader_init(&reader, buf_slice(&text), arena);
    const struct error *error = item_from_json(&reader, arena, &reading);
    CHECK(error == NULL);
    CHECK(reading.problem == NULL);
    CHECK(slice_equal(reading.item, item));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice item = slice_of(data, size);
    struct arena arena;
    struct value value;
    arena_init(&arena, ARENA_BYTES);
    (void)item_size_bytes(item);
    walk(item, &arena);
    check_round_trip(item, &arena);
    for (struct slice at = item; value_read(&at, &value);) {
        CHECK(value_stored_bytes(value) <= item.size);
        bool sound = value_check(value);
        size_t counted = value_size_bytes(value);
        CHECK(!sound || counted <= 4 * item.size);
    }
    arena_fini(&arena);
    return 0;
}
