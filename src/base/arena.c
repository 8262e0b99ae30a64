#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#include "base/check.h"

/* The first block fits a typical request; later ones double, so that a large request takes few. */
enum { FIRST_BLOCK_BYTES = 16 * 1024, LARGEST_BLOCK_BYTES = 1024 * 1024 };

struct arena_block {
    struct arena_block *older;
    size_t number;        /* 1: the oldest */
    size_t size;          /* of data[] */
    size_t charged_bytes; /* taken from the budget */
    alignas(max_align_t) uint8_t data[];
};

void arena_init(struct arena *arena, size_t limit_bytes)
{
    *arena = (struct arena){.limit_bytes = limit_bytes};
}

void arena_set_budget(struct arena *arena, struct arena_budget *budget)
{
    CHECK(arena->block == NULL);
    arena->budget = budget;
}

bool arena_is_crowded(const struct arena *arena)
{
    const struct arena_budget *budget = arena->budget;
    return budget != NULL && atomic_load_explicit(&budget->taken_bytes, memory_order_relaxed) >
                                 budget->limit_bytes / 2;
}

bool arena_budget_take(struct arena_budget *budget, size_t bytes)
{
    size_t before = atomic_fetch_add_explicit(&budget->taken_bytes, bytes, memory_order_relaxed);
    if (before <= budget->limit_bytes && bytes <= budget->limit_bytes - before)
        return true;
    arena_budget_give_back(budget, bytes);
    return false;
}

void arena_budget_give_back(struct arena_budget *budget, size_t bytes)
{
    size_t before = atomic_fetch_sub_explicit(&budget->taken_bytes, bytes, memory_order_relaxed);
    CHECK(before >= bytes);
}

void arena_hold_secret(struct arena *arena)
{
    arena->is_secret = true;
}

/* What stands in the block from `from` on is of no more use. */
static void forget(const struct arena *arena, struct arena_block *block, size_t from)
{
    if (arena->is_secret)
        explicit_bzero(block->data + from, block->size - from);
}

static void free_blocks_down_to(struct arena *arena, size_t number)
{
    while (arena->block != NULL && arena->block->number > number) {
        struct arena_block *block = arena->block;
        arena->block = block->older;
        arena->allocated_bytes -= sizeof(*block) + block->size;
        if (block->charged_bytes > 0)
            arena_budget_give_back(arena->budget, block->charged_bytes);
        forget(arena, block, 0);
        free(block);
    }
}

void arena_fini(struct arena *arena)
{
    free_blocks_down_to(arena, 0);
    *arena = (struct arena){.limit_bytes = arena->limit_bytes, .budget = arena->budget};
}

void arena_reset(struct arena *arena)
{
    arena->has_used_reserve = false;
    arena->is_short = false;
    if (arena->block == NULL) {
        arena->is_secret = false;
        return;
    }
    free_blocks_down_to(arena, 1);
    forget(arena, arena->block, 0);
    arena->is_secret = false;
    arena->at = arena->block->data;
    arena->end = arena->block->data + arena->block->size;
}

/* Takes bytes from the budget, if there is one that counts them. */
static bool charge(struct arena *arena, size_t bytes, size_t *ret_charged)
{
    bool is_counted = arena->budget != NULL && (arena->block != NULL || bytes > FIRST_BLOCK_BYTES);
    *ret_charged = is_counted ? bytes : 0;
    return !is_counted || arena_budget_take(arena->budget, bytes);
}

/* How much a new block has, of size bytes at best and `least` at worst, or the reserve, as far as
 * there is room for it; 0: it is refused. */
static size_t charge_block(struct arena *arena, size_t size, size_t least, size_t room,
                           size_t *ret_charged)
{
    if (charge(arena, size, ret_charged))
        return size;
    if (charge(arena, least, ret_charged))
        return least;
    if (arena->has_used_reserve || least > ARENA_RESERVE_BYTES)
        return 0;
    arena->has_used_reserve = true;
    *ret_charged = 0;
    return room < ARENA_RESERVE_BYTES ? room : ARENA_RESERVE_BYTES;
}

static void use_block(struct arena *arena, struct arena_block *block, size_t used)
{
    arena->block = block;
    arena->at = block->data + used;
    arena->end = block->data + block->size;
}

static bool add_block(struct arena *arena, size_t least)
{
    if (least == 0)
        least = 1; /* no block is empty */
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
    size_t charged;
    size = charge_block(arena, size, least, room, &charged);
    struct arena_block *block = size == 0 ? NULL : malloc(sizeof(*block) + size);
    if (block == NULL) {
        if (size > 0 && charged > 0)
            arena_budget_give_back(arena->budget, charged);
        arena->is_short = true;
        return false;
    }
    block->older = arena->block;
    block->number = arena->block == NULL ? 1 : arena->block->number + 1;
    block->size = size;
    block->charged_bytes = charged;
    arena->allocated_bytes += sizeof(*block) + size;
    use_block(arena, block, 0);
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

bool arena_reserve(struct arena *arena, size_t bytes)
{
    return (arena->block != NULL && bytes <= (size_t)(arena->end - arena->at)) ||
           add_block(arena, bytes);
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

/* The block with room for size bytes, moved perhaps; NULL: there is no memory, and it stays. */
static struct arena_block *resize(const struct arena *arena, struct arena_block *block, size_t size)
{
    if (!arena->is_secret)
        return realloc(block, sizeof(*block) + size);
    /* realloc would leave a copy behind */
    struct arena_block *moved = malloc(sizeof(*block) + size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, sizeof(*block) + block->size);
    forget(arena, block, 0);
    free(block);
    return moved;
}

/* The newest block, which holds nothing but one allocation of size bytes, gets room for more. */
static bool grow_block(struct arena *arena, size_t size, size_t new_size)
{
    struct arena_block *block = arena->block;
    size_t more = new_size - block->size;
    if (more > arena->limit_bytes - arena->allocated_bytes)
        return false;
    bool is_counted = arena->budget != NULL;
    if (is_counted && !arena_budget_take(arena->budget, more)) {
        arena->is_short = true;
        return false;
    }
    block = resize(arena, block, new_size);
    if (block == NULL) {
        if (is_counted)
            arena_budget_give_back(arena->budget, more);
        arena->is_short = true;
        return false;
    }
    block->size = new_size;
    block->charged_bytes += is_counted ? more : 0;
    arena->allocated_bytes += more;
    use_block(arena, block, size);
    return true;
}

uint8_t *arena_grow_bytes(struct arena *arena, uint8_t *bytes, size_t size, size_t new_size)
{
    CHECK(new_size >= size);
    bool is_newest = bytes != NULL && arena->block != NULL && bytes + size == arena->at;
    if (is_newest && new_size - size <= (size_t)(arena->end - arena->at)) {
        arena->at += new_size - size;
        return bytes;
    }
    /* The first block is kept for the next round, so it stays small. */
    if (is_newest && bytes == arena->block->data && arena->block->number > 1) {
        if (!grow_block(arena, size, new_size))
            return NULL;
        arena->at = arena->block->data + new_size;
        return arena->block->data;
    }
    uint8_t *moved = arena_alloc_bytes(arena, new_size);
    if (moved != NULL && size > 0)
        memcpy(moved, bytes, size);
    return moved;
}

void arena_shrink_bytes(struct arena *arena, const uint8_t *bytes, size_t size, size_t new_size)
{
    CHECK(new_size <= size);
    if (arena->block != NULL && bytes + size == arena->at)
        arena->at -= size - new_size;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    if (arena->block == NULL)
        return (struct arena_mark){0, 0};
    return (struct arena_mark){arena->block->number, (size_t)(arena->at - arena->block->data)};
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
    free_blocks_down_to(arena, mark.block);
    if (mark.block == 0) {
        arena->at = NULL;
        arena->end = NULL;
        return;
    }
    CHECK(arena->block != NULL && arena->block->number == mark.block);
    forget(arena, arena->block, mark.at);
    use_block(arena, arena->block, mark.at);
}

uint8_t *arena_keep_bytes(struct arena *arena, struct arena_mark mark, uint8_t *bytes, size_t size)
{
    struct arena_block *block = arena->block;
    if (block == NULL || bytes < block->data || bytes > block->data + block->size)
        return bytes;
    uint8_t *kept = block->data + (block->number == mark.block ? mark.at : 0);
    CHECK(bytes >= kept && size <= (size_t)(arena->at - bytes));
    if (kept != bytes)
        memmove(kept, bytes, size);
    arena->at = kept + size;
    return kept;
}
