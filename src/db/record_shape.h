#ifndef HASHRANGE_DB_RECORD_SHAPE_H
#define HASHRANGE_DB_RECORD_SHAPE_H

/*
 * Structures as stored bytes, by tables of their fields. docs/format/table.md has the form:
 *
 *   body  = fields, ascending by tag, then a 0 byte
 *   field = tag (varint) and, by its kind,
 *           unsigned (varint), signed (zigzag varint), enum (varint), flag (nothing: it is set),
 *           text (size varint, bytes), structure (a body), list (count varint, that many bodies)
 *
 * A field that has the value 0, false, absent or an empty list is not written. A tag is never
 * given to another field; a record with a tag that is not known was written by a newer program.
 *
 * For the files that hold such tables (table_record.c, identity.c, iam/session.c) and for nobody
 * else: the names are short so that the tables can be read.
 */

#include "base/attributes.h"
#include "base/buf.h"

enum field_kind {
    UNSIGNED, /* uint64_t */
    SIGNED,   /* int64_t */
    ENUM,     /* an enum, 0 to max */
    FLAG,     /* bool */
    TEXT,     /* struct slice */
    INSIDE,   /* a structure */
    ARRAY,    /* up to max structures in place, their count a uint8_t */
    LIST,     /* a pointer to structures, their count a size_t */
};

struct shape;

struct field {
    uint8_t tag;
    enum field_kind kind;
    size_t at;       /* offset in the structure */
    size_t count_at; /* ARRAY, LIST */
    unsigned max;    /* ENUM, ARRAY */
    const struct shape *shape;
};

struct shape {
    size_t size;
    const struct field *fields; /* ascending by tag */
    size_t field_count;
};

/* The deepest nesting of shapes: table, index, key schema, attribute. */
enum { SHAPE_DEPTH_MAX = 4 };

#define SHAPE(name, type)                                                                          \
    static const struct shape name##_shape = {sizeof(type), name##_fields, COUNT_OF(name##_fields)}
/* Members of OWNER, which the table's file defines before each table. */
#define AT(member) .at = offsetof(OWNER, member)
#define COUNT_AT(member) .count_at = offsetof(OWNER, member)

void shape_write(struct buf *out, const struct shape *shape, const void *object);

enum shape_status { SHAPE_READ, SHAPE_CORRUPT, SHAPE_EXHAUSTED };
/* object is zeroed and of the shape's size; all it will point to is in arena, nothing is borrowed
 * from body. After a failure it holds anything. SHAPE_CORRUPT: also when bytes are left over. */
MUST_USE enum shape_status shape_read(struct arena *arena, struct slice body,
                                      const struct shape *shape, void *object);

#endif
