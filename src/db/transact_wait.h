#ifndef HASHRANGE_DB_TRANSACT_WAIT_H
#define HASHRANGE_DB_TRANSACT_WAIT_H

#include "store/store.h"

/* A transaction that the calling thread waits for: when a database is opened and for background
 * jobs. Never on a thread that serves requests. The error is copied into arena. */
MUST_USE const struct error *db_transact_wait(struct store *store, struct arena *arena,
                                              const struct slice *keys, size_t key_count,
                                              store_decide *decide, void *context);

#endif
