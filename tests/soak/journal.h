#ifndef HASHRANGE_SOAK_JOURNAL_H
#define HASHRANGE_SOAK_JOURNAL_H

/*
 * What happened to the files of the data folder, in order, so that power_loss.mjs can say what
 * would be left of them after a loss of power at any moment. Records are a header each, and `size`
 * bytes behind it:
 *
 *   OPEN        name of the file; a new handle; argument: 1 when it was made, 2 when it was emptied
 *   WRITE       the bytes; argument: their offset
 *   TRUNCATE    nothing; argument: the size
 *   SYNC_BEGIN  nothing. What the handle's file has had before this record ...
 *   SYNC_END    nothing; argument: number of the SYNC_BEGIN. ... is on the disk from this one on.
 *   SYNC_FAILED nothing. What the file has had before is not on the disk, and need not come there
 * with a later sync: the kernel has forgotten that it should RENAME      the old name, NUL, the new
 * name LINK        the same UNLINK      name
 *
 * Handle 0 is the folder: syncing it makes names durable.
 *
 * Threads: any. A call and its record are one step under the journal's lock, but for syncs.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum journal_kind {
    JOURNAL_OPEN = 1,
    JOURNAL_WRITE = 2,
    JOURNAL_TRUNCATE = 3,
    JOURNAL_SYNC_BEGIN = 4,
    JOURNAL_SYNC_END = 5,
    JOURNAL_RENAME = 6,
    JOURNAL_LINK = 7,
    JOURNAL_UNLINK = 8,
    JOURNAL_SYNC_FAILED = 9,
};

struct journal_header {
    uint32_t kind;
    uint32_t handle;
    uint64_t argument;
    uint64_t size;
};

void journal_lock(void);
void journal_unlock(void);

/* Under the lock. The record's number; 0 without a journal. */
uint64_t journal_append(enum journal_kind kind, uint32_t handle, uint64_t argument,
                        const void *bytes, size_t size);
/* Two names with a NUL between them. */
void journal_append_names(enum journal_kind kind, const char *from, const char *to);
/* A handle that no other file has had, also not in an earlier run with this control page. */
uint32_t journal_new_handle(void);

#endif
