#ifndef HASHRANGE_BASE_ARENA_H
#define HASHRANGE_BASE_ARENA_H

/*
 * An arena owns everything that lives as long as one thing does: a request, a connection, one
 * item of a scan. Allocation moves a pointer; nothing is freed alone; arena_fini frees all.
 *
 * An arena has a limit. When the limit or the system's memory is exhausted arena_alloc returns
 * NULL; the caller passes error_exhausted() up and one client gets an error.
 *
 * Arenas may share a budget, so that many of them, each within its limit, do not exhaust the
 * system together. The first block of an arena is not counted: what is small never meets the
 * budget. When it is used up an arena still gets ARENA_RESERVE_BYTES, once: enough to say so.
 *
 * An arena that holds a secret wipes everything it has held before the memory is used again or
 * given back: also what was copied on the way, as by a text that grew.
 *
 * Threads: an arena belongs to one thread at a time; a budget may be shared by many.
 */

#include <stdatomic.h>

#include "base/attributes.h"
#include "base/slice.h"

enum { ARENA_RESERVE_BYTES = 8 * 1024 };

struct arena_block;

/* Outlives its arenas. */
struct arena_budget {
    size_t limit_bytes;
    atomic_size_t taken_bytes;
};

struct arena {
    struct arena_block *block; /* newest; older ones are linked behind it */
    uint8_t *at;               /* next free byte of the newest block */
    uint8_t *end;
    size_t limit_bytes;          /* of all blocks together */
    size_t allocated_bytes;      /* blocks taken from the system so far */
    struct arena_budget *budget; /* NULL: none */
    bool has_used_reserve;
    bool is_short; /* the budget or the system, not the limit, has refused something */
    bool is_secret;
};

/* A place to come back to. Valid until the arena is rewound to an earlier mark, reset or ended. */
struct arena_mark {
    size_t block; /* its number, counted from the oldest, which is 1; 0: none */
    size_t at;    /* in it */
};

/* Takes no memory yet. */
void arena_init(struct arena *arena, size_t limit_bytes);
/* For memory that is not an arena's but counts as well. false: the budget is used up. */
MUST_USE bool arena_budget_take(struct arena_budget *budget, size_t bytes);
void arena_budget_give_back(struct arena_budget *budget, size_t bytes);
/* Before the first allocation. */
void arena_set_budget(struct arena *arena, struct arena_budget *budget);
/* Is more than half of the budget taken? Then begin nothing large: the rest is for finishing what
 * has begun. */
bool arena_is_crowded(const struct arena *arena);
/* Before a secret comes into it. Until it is ended or reset. */
void arena_hold_secret(struct arena *arena);
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

/* Room for so many bytes, all in all, in allocations to come: those do not fail. false: there is
 * none. Padding for alignment counts. */
MUST_USE bool arena_reserve(struct arena *arena, size_t bytes);

/* Makes an allocation of arena_alloc_bytes larger, which may move it; bytes NULL: a new one. The
 * newest allocation grows where it is or takes its memory along, others leave their old place
 * unused. NULL when exhausted: the old allocation stays. */
MUST_USE uint8_t *arena_grow_bytes(struct arena *arena, uint8_t *bytes, size_t size,
                                   size_t new_size);

/* Gives back the end of an allocation of arena_alloc_bytes, if it is the newest. */
void arena_shrink_bytes(struct arena *arena, const uint8_t *bytes, size_t size, size_t new_size);

/* A copy of the bytes; *ret_copy is untouched and false returned when exhausted. */
MUST_USE bool arena_copy(struct arena *arena, struct slice bytes, struct slice *ret_copy);

struct arena_mark arena_mark(const struct arena *arena);
/* Frees everything allocated since the mark. */
void arena_rewind(struct arena *arena, struct arena_mark mark);

/* Frees what was allocated since the mark but these bytes, which may move: where they are now. As
 * far as blocks have been added since, what lies in older ones stays. */
uint8_t *arena_keep_bytes(struct arena *arena, struct arena_mark mark, uint8_t *bytes, size_t size);

#define ARENA_NEW(arena, type) ((type *)arena_alloc_zeroed((arena), 1, sizeof(type)))
#define ARENA_NEW_ARRAY(arena, type, count)                                                        \
    ((type *)arena_alloc_zeroed((arena), (count), sizeof(type)))

#endif
