#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#include "base/check.h"

/* The first block fits a typical request; later ones double, so that a large request takes few. */
enum { FIRST_BLOCK_BYTES = 16 * 1024, LARGEST_BLOCK_BYTES = 1024 * 1024 };

struct arena_block {
    struct arena_block *older;
    size_t size; /* of data[] */
    alignas(max_align_t) uint8_t data[];
};

void arena_init(struct arena *arena, size_t limit_bytes)
{
    *arena = (struct arena){.limit_bytes = limit_bytes};
}

static void free_blocks_down_to(struct arena *arena, struct arena_block *kept)
{
    while (arena->block != kept) {
        struct arena_block *block = arena->block;
        arena->block = block->older;
        arena->allocated_bytes -= sizeof(*block) + block->size;
        free(block);
    }
}

void arena_fini(struct arena *arena)
{
    free_blocks_down_to(arena, NULL);
    *arena = (struct arena){.limit_bytes = arena->limit_bytes};
}

void arena_reset(struct arena *arena)
{
    if (arena->block == NULL)
        return;
    struct arena_block *oldest = arena->block;
    while (oldest->older != NULL)
        oldest = oldest->older;
    free_blocks_down_to(arena, oldest);
    arena->at = oldest->data;
    arena->end = oldest->data + oldest->size;
}

static bool add_block(struct arena *arena, size_t least)
{
    size_t size = arena->block == NULL ? FIRST_BLOCK_BYTES : arena->block->size * 2;
    if (size > LARGEST_BLOCK_BYTES)
        size = LARGEST_BLOCK_BYTES;
    if (size < least)
        size = least;
    /* Near the limit a block is as small as it must be, so that all of the limit can be used. */
    size_t used = arena->allocated_bytes + sizeof(struct arena_block);
    size_t room = arena->limit_bytes > used ? arena->limit_bytes - used : 0;
    if (room < least)
        return false;
    if (size > room)
        size = room;
    struct arena_block *block = malloc(sizeof(*block) + size);
    if (block == NULL)
        return false;
    block->older = arena->block;
    block->size = size;
    arena->block = block;
    arena->at = block->data;
    arena->end = block->data + size;
    arena->allocated_bytes += sizeof(*block) + size;
    return true;
}

static uint8_t *take(struct arena *arena, size_t size, size_t alignment)
{
    size_t padding = (size_t)(-(uintptr_t)arena->at & (alignment - 1));
    if (arena->block == NULL || size > (size_t)(arena->end - arena->at) ||
        padding > (size_t)(arena->end - arena->at) - size) {
        if (!add_block(arena, size))
            return NULL;
        padding = 0; /* blocks start aligned for any type */
    }
    uint8_t *taken = arena->at + padding;
    arena->at = taken + size;
    CHECK(arena->at <= arena->end);
    return taken;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return take(arena, size, alignof(max_align_t));
}

void *arena_alloc_zeroed(struct arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        return NULL;
    void *memory = take(arena, total, alignof(max_align_t));
    return memory == NULL ? NULL : memset(memory, 0, total);
}

uint8_t *arena_alloc_bytes(struct arena *arena, size_t size)
{
    return take(arena, size, 1);
}

bool arena_copy(struct arena *arena, struct slice bytes, struct slice *ret_copy)
{
    uint8_t *copy = arena_alloc_bytes(arena, bytes.size);
    if (copy == NULL)
        return false;
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    *ret_copy = slice_of(copy, bytes.size);
    return true;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->block, arena->at};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    free_blocks_down_to(arena, mark.block);
    arena->at = mark.at;
    arena->end = mark.block == NULL ? NULL : mark.block->data + mark.block->size;
}
