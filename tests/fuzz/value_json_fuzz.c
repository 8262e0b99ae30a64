/* fuzz: hr_item */
/* about: item/value_json_read.c item/value_problem.c */

/*
 * Any bytes as the JSON of an item: reading them ends, and what comes out is an error, a problem,
 * or an item in the one stored form.
 */

#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "item/value_json.h"
#include "item/value_size.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of(data, size);
    struct arena arena;
    struct json_reader reader;
    struct item_reading reading;
    arena_init(&arena, ARENA_BYTES);
    json_reader_init(&reader, text, &arena);
    const struct error *error = item_from_json(&reader, &arena, &reading);
    if (error == NULL && reading.problem == NULL && slice_present(reading.item)) {
        CHECK(reading.problem_classic == NULL);
        CHECK(value_check(value_of_item(reading.item)));
        CHECK(!item_nests_too_deep(reading.item));
        CHECK(item_size_bytes(reading.item) <= size);
    } else if (error == NULL && reading.problem != NULL) {
        CHECK(!slice_present(reading.item));
        CHECK(reading.problem_classic != NULL);
        CHECK(slice_present(reading.problem_name));
    }
    json_reader_init(&reader, text, &arena);
    struct value_reading value;
    if (value_from_json(&reader, &arena, &value) == NULL)
        CHECK(value_present(value.value) ? value_check(value.value) : value.problem != NULL);
    arena_fini(&arena);
    return 0;
}
