#ifndef HASHRANGE_QUERY_XML_WRITER_H
#define HASHRANGE_QUERY_XML_WRITER_H

/*
 * Writes one XML 1.0 text into a buf, as the Query protocol answers: elements and texts, no
 * attribute but the namespace, no white space between. No check while writing: the buf's sticky
 * `failed` says at the end whether all of it fitted.
 *
 *     xml_begin(w, "User"); xml_text(w, "UserName", name); xml_end(w, "User");
 *
 * Names of elements are C strings: they come from our own code, never from outside.
 */

#include "base/buf.h"

struct xml_writer {
    struct buf *out;
};

void xml_writer_init(struct xml_writer *writer, struct buf *out);

void xml_begin(struct xml_writer *writer, const char *name);
void xml_end(struct xml_writer *writer, const char *name);
/* <nameSuffix xmlns="namespace">; namespace NULL: without one. */
void xml_begin_suffixed(struct xml_writer *writer, const char *name, const char *suffix,
                        const char *namespace);
void xml_end_suffixed(struct xml_writer *writer, const char *name, const char *suffix);

/* An element with a text; nothing at all when the text is absent. It may hold any bytes: what is
 * markup is escaped, what XML cannot carry (control characters, what is not UTF-8) is left out. */
void xml_text(struct xml_writer *writer, const char *name, struct slice text);
void xml_integer(struct xml_writer *writer, const char *name, int64_t value);
void xml_boolean(struct xml_writer *writer, const char *name, bool value);
/* 2026-01-31T12:00:00Z: fractions of a second are cut off. */
void xml_date(struct xml_writer *writer, const char *name, int64_t epoch_ms);

#endif
