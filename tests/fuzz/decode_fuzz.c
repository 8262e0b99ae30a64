/* fuzz: hr_model */
/* about: model/decode.c model/encode_error.c model/finding.c model/pattern.c model/shape_value.c
 * model/validate.c */

/* The first byte picks the operation, the rest is its input: read, and held against the limits in
 * both wordings. What is told must be UTF-8 that JSON can carry. */

#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "model/model.h"
#include "json/json_reader.h"

enum { ARENA_BYTES = 8 * 1024 * 1024, DEPTH_MAX = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(const struct error *error, struct arena *arena)
{
    struct buf body;
    struct json_writer writer;
    buf_init(&body, arena, ARENA_BYTES);
    json_writer_init(&writer, &body);
    model_encode_error(MODEL_SERVICE_DYNAMODB, error, &writer);
    CHECK(body.failed || json_check(buf_slice(&body), DEPTH_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    enum model_operation operation =
        (enum model_operation)(1 + data[0] % (MODEL_OPERATION_COUNT - 1));
    struct slice json = slice_of(data + 1, size - 1);
    bool is_json = json_check(json, DEPTH_MAX);
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    void *input = NULL;
    /* Text that is no JSON is refused before it comes here, but must do no harm. */
    const struct error *error = model_decode_input(&arena, operation, json, &input);
    CHECK((error == NULL) == (input != NULL));
    for (int i = MODEL_VALIDATION_NEW; error == NULL && i <= MODEL_VALIDATION_CLASSIC; i++) {
        const struct error *problem =
            model_validate_input(&arena, operation, (enum model_validation)i, input);
        if (problem != NULL && is_json)
            check_error(problem, &arena);
    }
    if (error != NULL && is_json)
        check_error(error, &arena);
    arena_fini(&arena);
    return 0;
}
