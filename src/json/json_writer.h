#ifndef HASHRANGE_JSON_JSON_WRITER_H
#define HASHRANGE_JSON_JSON_WRITER_H

/*
 * Writes one JSON text into a buf, with commas put where they belong. No check while writing: the
 * buf's sticky `failed` says at the end whether all of it fitted.
 *
 *     json_object_begin(w); json_name(w, SLICE("Count")); json_integer(w, 3); json_object_end(w);
 */

#include "base/buf.h"

struct json_writer {
    struct buf *out;
    bool comma; /* the next value or name needs one before it */
};

void json_writer_init(struct json_writer *writer, struct buf *out);

void json_object_begin(struct json_writer *writer);
void json_object_end(struct json_writer *writer);
void json_array_begin(struct json_writer *writer);
void json_array_end(struct json_writer *writer);
void json_name(struct json_writer *writer, struct slice name);

/* text is valid UTF-8; quotes, backslashes and control characters are escaped. */
void json_string(struct json_writer *writer, struct slice text);
/* bytes as padded standard base64 in a JSON string. */
void json_base64(struct json_writer *writer, struct slice bytes);
void json_integer(struct json_writer *writer, int64_t value);
/* Shortest text that reads back as the same double; an integral value without fraction ("5"). */
void json_double(struct json_writer *writer, double value);
/* Already formatted number text. */
void json_number_text(struct json_writer *writer, struct slice text);
void json_boolean(struct json_writer *writer, bool value);
void json_null(struct json_writer *writer);

#endif
