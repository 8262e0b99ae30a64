#ifndef HASHRANGE_BASE_ARENA_H
#define HASHRANGE_BASE_ARENA_H

/*
 * An arena owns everything that lives as long as one thing does: a request, a connection, one
 * item of a scan. Allocation moves a pointer; nothing is freed alone; arena_fini frees all.
 *
 * An arena has a limit. When the limit or the system's memory is exhausted arena_alloc returns
 * NULL; the caller passes error_exhausted() up and one client gets an error.
 *
 * Threads: an arena belongs to one thread at a time.
 */

#include "base/attributes.h"
#include "base/slice.h"

struct arena_block;

struct arena {
    struct arena_block *block; /* newest; older ones are linked behind it */
    uint8_t *at;               /* next free byte of the newest block */
    uint8_t *end;
    size_t limit_bytes;     /* of all blocks together */
    size_t allocated_bytes; /* blocks taken from the system so far */
};

/* A place to come back to. Valid until the arena is rewound to an earlier mark, reset or ended. */
struct arena_mark {
    struct arena_block *block;
    uint8_t *at;
};

/* Takes no memory yet. */
void arena_init(struct arena *arena, size_t limit_bytes);
/* Accepts a zeroed arena. */
void arena_fini(struct arena *arena);
/* Forgets all allocations but keeps one block for the next round. */
void arena_reset(struct arena *arena);

/* size bytes, aligned for any type, not zeroed; NULL when exhausted. size 0 gives a valid pointer.
 */
MUST_USE void *arena_alloc(struct arena *arena, size_t size);
/* count * size bytes, zeroed; NULL when exhausted or when the product overflows. */
MUST_USE void *arena_alloc_zeroed(struct arena *arena, size_t count, size_t size);
/* size bytes without alignment, for strings and encoded data. */
MUST_USE uint8_t *arena_alloc_bytes(struct arena *arena, size_t size);

/* A copy of the bytes; *ret_copy is untouched and false returned when exhausted. */
MUST_USE bool arena_copy(struct arena *arena, struct slice bytes, struct slice *ret_copy);

struct arena_mark arena_mark(const struct arena *arena);
/* Frees everything allocated since the mark. */
void arena_rewind(struct arena *arena, struct arena_mark mark);

#define ARENA_NEW(arena, type) ((type *)arena_alloc_zeroed((arena), 1, sizeof(type)))
#define ARENA_NEW_ARRAY(arena, type, count)                                                        \
    ((type *)arena_alloc_zeroed((arena), (count), sizeof(type)))

#endif
