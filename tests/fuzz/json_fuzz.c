/* fuzz: hr_json hr_base */
/* about: json/ */

/*
 * Any bytes as a JSON text: json_check, the pull functions and json_skip must agree whether it is
 * one, and what is read and written again must read the same.
 */

#include "base/check.h"
#include "json/json_reader.h"
#include "json/json_writer.h"

enum { DEPTH = 64, ARENA_BYTES = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void copy_value(struct json_reader *reader, struct json_writer *writer, unsigned depth);

static void copy_literal(struct json_reader *reader, struct json_writer *writer,
                         enum json_type type)
{
    json_read_literal(reader);
    if (type == JSON_NULL)
        json_null(writer);
    else
        json_boolean(writer, type == JSON_TRUE);
}

static void copy_object(struct json_reader *reader, struct json_writer *writer, unsigned depth)
{
    struct slice name;
    json_object_begin(writer);
    json_enter_object(reader);
    while (json_next_member(reader, &name)) {
        json_name(writer, name);
        copy_value(reader, writer, depth + 1);
    }
    json_object_end(writer);
}

static void copy_array(struct json_reader *reader, struct json_writer *writer, unsigned depth)
{
    json_array_begin(writer);
    json_enter_array(reader);
    while (json_next_element(reader))
        copy_value(reader, writer, depth + 1);
    json_array_end(writer);
}

/* Recursion is bounded by depth, just as json_check bounds it. */
static void copy_value(struct json_reader *reader, struct json_writer *writer, unsigned depth)
{
    enum json_type type = json_peek(reader);
    if (depth >= DEPTH && (type == JSON_ARRAY || type == JSON_OBJECT))
        type = JSON_END;
    switch (type) {
    case JSON_NULL:
    case JSON_TRUE:
    case JSON_FALSE:
        copy_literal(reader, writer, type);
        return;
    case JSON_NUMBER:
        json_number_text(writer, json_read_number(reader));
        return;
    case JSON_STRING:
        json_string(writer, json_read_string(reader));
        return;
    case JSON_ARRAY:
        copy_array(reader, writer, depth);
        return;
    case JSON_OBJECT:
        copy_object(reader, writer, depth);
        return;
    case JSON_END:
        (void)json_read_string(reader); /* fails, as it must: here is no value to take */
        CHECK(reader->failed);
        return;
    }
}

/* A value was taken and only space is left. */
static bool at_good_end(struct json_reader *reader)
{
    bool ended = json_peek(reader) == JSON_END;
    CHECK(reader->at <= reader->end);
    return ended && reader->at == reader->end && !reader->failed;
}

/* Reads text and writes it again; false when it is not one JSON value. */
static bool copy_text(struct slice text, struct arena *arena, struct buf *out)
{
    struct json_reader reader;
    struct json_writer writer;
    json_reader_init(&reader, text, arena);
    json_writer_init(&writer, out);
    copy_value(&reader, &writer, 0);
    return at_good_end(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = slice_of(data, size);
    struct arena arena;
    struct buf out;
    struct buf again;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&out, NULL, ARENA_BYTES);
    buf_init(&again, NULL, ARENA_BYTES);

    bool good = json_check(text, DEPTH);
    CHECK(copy_text(text, &arena, &out) == good);
    if (good && !out.failed) {
        CHECK(json_check(buf_slice(&out), DEPTH));
        CHECK(copy_text(buf_slice(&out), &arena, &again));
        CHECK(slice_equal(buf_slice(&out), buf_slice(&again)));
    }

    struct json_reader reader;
    json_reader_init(&reader, text, NULL);
    json_skip(&reader);
    CHECK(at_good_end(&reader) == json_check(text, JSON_DEPTH_MAX));

    buf_fini(&again);
    buf_fini(&out);
    arena_fini(&arena);
    return 0;
}
