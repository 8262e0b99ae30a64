#ifndef HASHRANGE_STORE_ROCKSDB_DAMAGE_H
#define HASHRANGE_STORE_ROCKSDB_DAMAGE_H

/*
 * What RocksDB misjudges when it opens a folder. A loss of power may leave any part of what was not
 * synced; a disk may damage what was.
 *
 *   - A damaged record in a log: RocksDB takes it for the torn end, and silently drops all that
 *     comes behind. When another record begins behind it and each record was synced before the next
 *     one was written, it is no torn end: acknowledged writes would be lost.
 *   - A torn end of the manifest, the list of files: RocksDB accepts one that just stops, but not
 * one whose last sectors came to the disk before those in front of them.
 */

#include "base/error.h"

/* Before opening. INTERNAL when a log is damaged before its end. syncs: each record was synced;
 * without that, such a log is no proof of damage, and a warning is all. Changes nothing. */
MUST_USE const struct error *damage_check_logs(struct arena *arena, const char *folder, bool syncs);

/* After RocksDB has refused to open the folder as damaged: cuts a torn end off the manifest. What
 * is cut was never acted on, since RocksDB syncs the manifest before it does. false: that was not
 * it, and nothing was changed. */
MUST_USE bool damage_cut_manifest(const char *folder);

#endif
