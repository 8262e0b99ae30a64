#ifndef HASHRANGE_STORE_MEM_MEM_STORE_H
#define HASHRANGE_STORE_MEM_MEM_STORE_H

/*
 * The reference engine, and the --in-memory mode: everything in this process' memory, gone with it.
 * One lock around two sorted maps, so that what it does is easy to see: reads share the lock, a
 * transaction has it alone from its first read to its last change. `done` is always called before
 * store_transact returns, and nothing is ever in flight.
 *
 * Memory: no limit but the system's; a transaction that gets none fails with INTERNAL and changes
 * nothing.
 */

#include "store/store.h"

MUST_USE const struct error *mem_store_open(struct arena *arena, struct store **ret_store);

#endif
