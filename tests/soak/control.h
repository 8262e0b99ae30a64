#ifndef HASHRANGE_SOAK_CONTROL_H
#define HASHRANGE_SOAK_CONTROL_H

/*
 * How a test steers the preloaded library (calls.c, clock.c) inside a running server: a page of
 * shared memory, in the file that SOAK_CONTROL names. The test makes the file, with zeros, and
 * reads and writes its fields at their offsets (control.mjs has the same table). All fields are in
 * the machine's byte order and aligned, so that each is read and written as a whole.
 *
 *   SOAK_CONTROL        the file; without it the library changes nothing
 *   SOAK_FOLDER         the data folder, absolute: only files in it are touched
 *   SOAK_JOURNAL        a file to which what happens to these files is appended (journal.h)
 *   SOAK_WRITE_BUFFER   bytes: RocksDB's write buffers, so that flushes and compactions come often
 */

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { CONTROL_BYTES = 4096, CONTROL_NAME_BYTES = 32 };

/* Kinds of calls that can be made to fail, as bits of `failing`. */
enum control_call {
    CONTROL_WRITE = 1,
    CONTROL_SYNC = 2,
    CONTROL_OPEN = 4, /* that may make a file */
    CONTROL_RENAME = 8,
    CONTROL_TRUNCATE = 16,
    CONTROL_ALLOCATE = 32,
    CONTROL_READ = 64,
};

struct control {
    _Atomic uint32_t failing;           /*   0: bits of enum control_call */
    _Atomic uint32_t error_number;      /*   4: errno of those that fail */
    _Atomic uint32_t one_in;            /*   8: of so many calls one fails; 0 or 1: all */
    _Atomic uint32_t half_written;      /*  12: not 0: a write that fails has written half before */
    char name_part[CONTROL_NAME_BYTES]; /*  16: only files with this in their names; "": all */
    _Atomic int64_t space_bytes;        /*  48: room on the disk */
    _Atomic uint32_t space_limited;     /*  56: not 0: writes beyond space_bytes meet ENOSPC */
    uint32_t unused;                    /*  60 */
    _Atomic int64_t clock_offset_ns;    /*  64: by which the time of day is wrong */
    _Atomic uint64_t failed;            /*  72: calls that were made to fail */
    _Atomic uint64_t syncs;             /*  80: calls that have synced */
    _Atomic uint64_t records;           /*  88: in the journal */
    _Atomic uint64_t handles;           /*  96: given out in the journal */
    _Atomic uint64_t candidates; /* 104: calls that could have failed: every one_in-th does */
};

/* The page, or NULL where there is none. */
struct control *control_page(void);

/* How wrong the time of day is. */
int64_t control_clock_offset_ns(void);

/* The errno with which a call of this kind on this file has to fail, or 0. */
int control_fault(enum control_call call, const char *name);

/* Takes room for `size` bytes and gives how many of them fit. */
size_t control_take_space(size_t size);

#endif
