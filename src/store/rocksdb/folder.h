#ifndef HASHRANGE_STORE_ROCKSDB_FOLDER_H
#define HASHRANGE_STORE_ROCKSDB_FOLDER_H

/*
 * The data folder as the operating system sees it, and words for what can be wrong with it. All
 * errors are INTERNAL: they are for whoever starts the server.
 */

#include "base/error.h"

/* Makes the folder when it is missing. *ret_is_new: it holds no database yet, so one may be made.
 * Also an error: a folder with other files in it, and one whose database has lost the file that
 * names its parts (RocksDB would start an empty one over it). */
MUST_USE const struct error *folder_prepare(struct arena *arena, const char *folder,
                                            bool *ret_is_new);

/* Why RocksDB could not open the folder. */
MUST_USE const struct error *folder_explain(struct arena *arena, const char *folder,
                                            const char *rocksdb_words);

/* Can a file of some size be written and synced there? */
MUST_USE bool folder_can_write(const char *folder);
/* Before opening: can a file be written there, and if not, why? Builds of RocksDB with assertions,
 * as Debian's, abort when they open a database on a disk without any room. */
MUST_USE const struct error *folder_check_writing(struct arena *arena, const char *folder);

#endif
