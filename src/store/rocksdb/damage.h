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
 * one whose last sectors came to the disk before those in front of them. What RocksDB writes before
 *     a sync is mostly two records there, so that a whole one may follow the torn one.
 */

#include "base/error.h"

/* Before opening. INTERNAL when a log is damaged before its end. syncs: each record was synced;
 * without that, such a log is no proof of damage, and a warning is all. Changes nothing. */
MUST_USE const struct error *damage_check_logs(struct arena *arena, const char *folder, bool syncs);

/* After RocksDB has refused to open the folder as damaged: cuts the manifest off before the first
 * record that is damaged, if all is still there that was there before that record. For RocksDB
 * syncs the manifest before it removes a log whose writes have come into a table: as long as the
 * oldest log that the whole records ask for is there, nothing is lost with what is cut. (RocksDB
 * looks itself whether the tables are.) false: that was not it, and nothing was changed. */
MUST_USE bool damage_cut_manifest(const char *folder);

#endif
