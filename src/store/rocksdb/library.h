#ifndef HASHRANGE_STORE_ROCKSDB_LIBRARY_H
#define HASHRANGE_STORE_ROCKSDB_LIBRARY_H

/*
 * librocksdb, loaded when the first database is opened. It and what it needs are most of what
 * starting the program costs, in time and in memory, and a server in memory or a command has no use
 * for them.
 *
 * librocksdb.open(...) is rocksdb_open(...) of rocksdb/c.h, and so on.
 */

#include <rocksdb/c.h>

#include "base/error.h"

struct rocksdb_library {
#define FUNCTION(name) __typeof__(rocksdb_##name) *name;
#include "store/rocksdb/library.def"
#undef FUNCTION
};

/* All set once rocksdb_library_load has succeeded, and never changed again. */
extern struct rocksdb_library librocksdb;

/* Loads it once; later calls give what the first one gave. INTERNAL: it is missing, or another
 * version than the program was built for. Any thread. */
MUST_USE const struct error *rocksdb_library_load(struct arena *arena);

#endif
