#ifndef HASHRANGE_DB_TABLE_RECORD_H
#define HASHRANGE_DB_TABLE_RECORD_H

/*
 * A struct db_table as stored bytes: the body of a DB_FAMILY_TABLE record. Also the way to copy
 * one. docs/format/table.md has the fields and a worked example that is a test. And in the same
 * form the facts about a stream, the body of a DB_FAMILY_STREAM record (docs/format/stream.md).
 */

#include "db/stream.h"
#include "db/table.h"

void table_record_write(struct buf *out, const struct db_table *table);
/* All in arena, nothing borrowed from body. INTERNAL when the bytes are no table record. */
MUST_USE const struct error *table_record_read(struct arena *arena, struct slice body,
                                               struct db_table *ret_table);

void stream_record_write(struct buf *out, const struct db_stream_facts *facts);
/* All in arena. INTERNAL when the bytes are no stream record. */
MUST_USE const struct error *stream_record_read(struct arena *arena, struct slice body,
                                                struct db_stream_facts *ret_facts);

#endif
