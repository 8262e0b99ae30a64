#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

enum { MIB = 1024 * 1024 };

static void allocations_are_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 4 * MIB);
    for (size_t size = 0; size < 2000; size++) {
        uint8_t *odd = arena_alloc_bytes(&arena, 3);
        uint8_t *memory = arena_alloc(&arena, size);
        assert_non_null(odd);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        memset(memory, 0xff, size);
        memset(odd, 0x11, 3);
        if (size > 0)
            assert_int_equal(memory[size - 1], 0xff);
        if (size == 500)
            arena_reset(&arena);
    }
    arena_fini(&arena);
}

static void zeroed_memory_is_zero_even_when_used_before(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, MIB);
    memset(arena_alloc(&arena, 4096), 0xff, 4096);
    arena_reset(&arena);
    const uint8_t *again = arena_alloc_zeroed(&arena, 64, 64);
    for (size_t i = 0; i < 4096; i++)
        assert_int_equal(again[i], 0);
    arena_fini(&arena);
}

static void the_limit_holds_and_can_be_used_up(void **state)
{
    (void)state;
    static const size_t limits[] = {0, 1, 100, 16 * 1024, 100 * 1000, 5 * MIB};
    for (size_t i = 0; i < COUNT_OF(limits); i++) {
        struct arena arena;
        arena_init(&arena, limits[i]);
        size_t taken = 0;
        while (arena_alloc(&arena, 16) != NULL)
            taken += 16;
        assert_true(arena.allocated_bytes <= limits[i]);
        assert_true(taken <= limits[i]);
        if (limits[i] >= 16 * 1024)
            assert_true(taken >= limits[i] - limits[i] / 50);
        /* What is exhausted stays usable for what is there. */
        assert_null(arena_alloc(&arena, 16));
        arena_reset(&arena);
        if (taken > 0)
            assert_non_null(arena_alloc(&arena, 16));
        arena_fini(&arena);
        assert_int_equal(arena.allocated_bytes, 0);
    }
}

static void one_large_allocation_may_take_nearly_all(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 3 * MIB);
    assert_non_null(arena_alloc(&arena, 3 * MIB - 128));
    assert_null(arena_alloc(&arena, 256));
    arena_fini(&arena);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, SIZE_MAX);
    assert_null(arena_alloc_zeroed(&arena, SIZE_MAX / 2, 3));
    arena_fini(&arena);
    arena_init(&arena, MIB);
    assert_non_null(arena_alloc(&arena, 1));
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_null(arena_alloc(&arena, SIZE_MAX - 64));
    arena_fini(&arena);
}

static void rewinding_frees_what_came_later(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64 * MIB);
    struct arena_mark empty = arena_mark(&arena);
    struct slice kept;
    assert_true(arena_copy(&arena, SLICE("kept"), &kept));
    struct arena_mark mark = arena_mark(&arena);
    size_t before = arena.allocated_bytes;
    uint8_t *first = arena_alloc_bytes(&arena, 10);
    for (int i = 0; i < 1000; i++)
        assert_non_null(arena_alloc(&arena, 10000));
    assert_true(arena.allocated_bytes > before);
    arena_rewind(&arena, mark);
    assert_int_equal(arena.allocated_bytes, before);
    assert_true(slice_equal(kept, SLICE("kept")));
    assert_ptr_equal(arena_alloc_bytes(&arena, 10), first);

    arena_rewind(&arena, empty);
    assert_int_equal(arena.allocated_bytes, 0);
    assert_non_null(arena_alloc(&arena, 1));
    arena_fini(&arena);
}

static void rewinding_works_when_a_block_has_moved(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64 * MIB);
    assert_non_null(arena_alloc(&arena, 1));
    uint8_t *bytes = arena_alloc_bytes(&arena, MIB);
    assert_non_null(bytes);
    memset(bytes, 'm', MIB);
    struct arena_mark mark = arena_mark(&arena);
    bytes = arena_grow_bytes(&arena, bytes, MIB, 32 * MIB);
    assert_non_null(bytes);
    assert_non_null(arena_alloc(&arena, 2 * MIB));
    arena_rewind(&arena, mark);
    for (size_t i = 0; i < MIB; i++)
        assert_int_equal(bytes[i], 'm');
    assert_non_null(arena_alloc(&arena, 1));
    arena_fini(&arena);
    assert_int_equal(arena.allocated_bytes, 0);
}

static void bytes_grow_with_what_is_in_them(void **state)
{
    (void)state;
    static const size_t neighbours[] = {0, 1, 100000};
    for (size_t i = 0; i < COUNT_OF(neighbours); i++) {
        struct arena arena;
        arena_init(&arena, 64 * MIB);
        uint8_t *bytes = NULL;
        size_t size = 0;
        for (size_t next = 1; next <= 4 * MIB; next = next * 3 + 1) {
            bytes = arena_grow_bytes(&arena, bytes, size, next);
            assert_non_null(bytes);
            for (size_t at = 0; at < size; at++)
                assert_int_equal(bytes[at], at % 251);
            for (size_t at = size; at < next; at++)
                bytes[at] = (uint8_t)(at % 251);
            size = next;
            if (neighbours[i] > 0)
                memset(arena_alloc_bytes(&arena, neighbours[i]), 0xff, neighbours[i]);
        }
        arena_fini(&arena);
    }
}

static void the_newest_bytes_grow_without_leaving_anything_behind(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 40 * MIB);
    uint8_t *bytes = NULL;
    size_t size = 0;
    for (size_t next = 1024; next <= 32 * MIB; next *= 2) {
        bytes = arena_grow_bytes(&arena, bytes, size, next);
        assert_non_null(bytes);
        size = next;
    }
    assert_null(arena_grow_bytes(&arena, bytes, size, 64 * MIB));
    assert_false(arena.is_short);
    arena_fini(&arena);
}

static void arenas_share_a_budget(void **state)
{
    (void)state;
    struct arena_budget budget = {.limit_bytes = 3 * MIB};
    struct arena arenas[4];
    for (size_t i = 0; i < COUNT_OF(arenas); i++) {
        arena_init(&arenas[i], 16 * MIB);
        arena_set_budget(&arenas[i], &budget);
        /* What is small is not counted. */
        assert_non_null(arena_alloc(&arenas[i], 1000));
        assert_int_equal(atomic_load(&budget.taken_bytes), 0);
    }
    assert_false(arena_is_crowded(&arenas[0]));
    assert_non_null(arena_alloc(&arenas[0], 2 * MIB));
    assert_true(arena_is_crowded(&arenas[1]));
    assert_null(arena_alloc(&arenas[1], 2 * MIB));
    assert_true(arenas[1].is_short);
    assert_false(arenas[0].is_short);
    uint8_t *bytes = arena_alloc_bytes(&arenas[2], MIB / 2);
    assert_non_null(bytes);
    assert_null(arena_grow_bytes(&arenas[2], bytes, MIB / 2, 2 * MIB));
    assert_true(arenas[2].is_short);

    arena_reset(&arenas[0]);
    assert_non_null(arena_alloc(&arenas[1], 2 * MIB));
    struct arena_mark mark = arena_mark(&arenas[3]);
    assert_non_null(arena_alloc(&arenas[3], MIB / 4));
    arena_rewind(&arenas[3], mark);
    for (size_t i = 0; i < COUNT_OF(arenas); i++)
        arena_fini(&arenas[i]);
    assert_int_equal(atomic_load(&budget.taken_bytes), 0);
}

static void a_used_up_budget_leaves_enough_to_say_so_once(void **state)
{
    (void)state;
    struct arena_budget budget = {.limit_bytes = 100};
    struct arena arena;
    arena_init(&arena, 16 * MIB);
    arena_set_budget(&arena, &budget);
    size_t taken = 0;
    while (arena_alloc(&arena, 16) != NULL)
        taken += 16;
    assert_in_range(taken, 16 * 1024 + ARENA_RESERVE_BYTES, 16 * 1024 + ARENA_RESERVE_BYTES + 100);
    assert_true(arena.is_short);
    arena_reset(&arena);
    assert_false(arena.is_short);
    for (size_t size = 0; size < taken; size += 16)
        assert_non_null(arena_alloc(&arena, 16));
    arena_fini(&arena);
    assert_int_equal(atomic_load(&budget.taken_bytes), 0);
}

static void copies_are_equal_or_not_made(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1024);
    struct slice copy = SLICE("untouched");
    assert_true(arena_copy(&arena, SLICE(""), &copy));
    assert_true(slice_present(copy));
    assert_int_equal(copy.size, 0);
    static const uint8_t large[2048];
    copy = SLICE("untouched");
    assert_false(arena_copy(&arena, slice_of(large, sizeof(large)), &copy));
    assert_true(slice_equal(copy, SLICE("untouched")));
    arena_fini(&arena);
}

/* Is the text nowhere in the memory? */
static bool is_gone(const uint8_t *memory, size_t size, const char *text)
{
    return memmem(memory, size, text, strlen(text)) == NULL;
}

/* In place of the C library's: what is wiped is looked at, for freed memory cannot be. */
static size_t wiped_bytes;

void explicit_bzero(void *memory, size_t size)
{
    volatile uint8_t *bytes = memory;
    for (size_t i = 0; i < size; i++)
        bytes[i] = 0;
    wiped_bytes += size;
}

static void a_secret_is_wiped_with_what_was_around_it(void **state)
{
    (void)state;
    static const char secret[] = "wJalrXUtnFEMI/K7MDENG";
    enum { TEXT_BYTES = 100, FILLER_BYTES = 40 * 1024 };
    struct arena arena;
    arena_init(&arena, 16 * MIB);
    uint8_t *first = arena_alloc_bytes(&arena, TEXT_BYTES);
    memcpy(first, secret, sizeof(secret));
    wiped_bytes = 0;
    arena_reset(&arena);
    assert_int_equal(wiped_bytes, 0);

    first = arena_alloc_zeroed(&arena, 1, 2 * TEXT_BYTES);
    arena_reset(&arena);
    first = arena_alloc_bytes(&arena, TEXT_BYTES);
    arena_hold_secret(&arena);
    struct arena_mark mark = arena_mark(&arena);
    memcpy(arena_alloc_bytes(&arena, TEXT_BYTES), secret, sizeof(secret));
    arena_rewind(&arena, mark);
    assert_true(is_gone(first, 2 * TEXT_BYTES, secret));

    /* a text that grows out of the first block, and with its own */
    memcpy(first, secret, sizeof(secret));
    uint8_t *grown = arena_grow_bytes(&arena, NULL, 0, FILLER_BYTES);
    memcpy(grown, secret, sizeof(secret));
    wiped_bytes = 0;
    grown = arena_grow_bytes(&arena, grown, FILLER_BYTES, 8 * FILLER_BYTES);
    assert_true(wiped_bytes >= FILLER_BYTES);
    assert_string_equal((const char *)grown, secret);
    size_t held = arena.allocated_bytes;
    wiped_bytes = 0;
    arena_reset(&arena);
    assert_true(wiped_bytes >= held - 1024);
    assert_true(is_gone(first, TEXT_BYTES, secret));

    wiped_bytes = 0;
    arena_reset(&arena);
    assert_int_equal(wiped_bytes, 0); /* there was no secret since */
    arena_fini(&arena);
}

static void one_allocation_is_kept_of_many(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 16 * MIB);
    memcpy(arena_alloc_bytes(&arena, 6), "before", 6);
    struct arena_mark mark = arena_mark(&arena);
    uint8_t *bytes = arena_alloc_bytes(&arena, 100);
    memcpy(bytes, "kept", 4);
    assert_non_null(arena_alloc_bytes(&arena, 1000));
    uint8_t *kept = arena_keep_bytes(&arena, mark, bytes, 4);
    assert_ptr_equal(kept, bytes); /* nothing stood before it */
    assert_ptr_equal(arena_alloc_bytes(&arena, 1), kept + 4);

    mark = arena_mark(&arena);
    uint8_t *garbage = arena_alloc_bytes(&arena, 1000);
    bytes = arena_alloc_bytes(&arena, 100);
    memcpy(bytes, "moved", 5);
    kept = arena_keep_bytes(&arena, mark, bytes, 5);
    assert_ptr_equal(kept, garbage);
    assert_memory_equal(kept, "moved", 5);

    /* in a block that came after the mark */
    mark = arena_mark(&arena);
    garbage = arena_alloc_bytes(&arena, 100 * 1000);
    bytes = arena_alloc_bytes(&arena, 100);
    memcpy(bytes, "newer", 5);
    kept = arena_keep_bytes(&arena, mark, bytes, 5);
    assert_memory_equal(kept, "newer", 5);
    assert_memory_equal(arena_alloc_bytes(&arena, 3) - 5, "newer", 5);

    /* not in the newest block: it stays where it is */
    mark = arena_mark(&arena);
    bytes = arena_alloc_bytes(&arena, 100);
    memcpy(bytes, "older", 5);
    assert_non_null(arena_alloc_bytes(&arena, 2 * MIB));
    assert_ptr_equal(arena_keep_bytes(&arena, mark, bytes, 5), bytes);
    assert_memory_equal(bytes, "older", 5);
    arena_fini(&arena);
}

static void the_newest_allocation_can_get_smaller(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, MIB);
    uint8_t *first = arena_alloc_bytes(&arena, 100);
    arena_shrink_bytes(&arena, first, 100, 10);
    uint8_t *second = arena_alloc_bytes(&arena, 100);
    assert_ptr_equal(second, first + 10);
    arena_shrink_bytes(&arena, first, 10, 5); /* is not the newest any more */
    assert_ptr_equal(arena_alloc_bytes(&arena, 1), second + 100);
    arena_fini(&arena);
}

static void what_is_reserved_is_there(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, MIB);
    assert_false(arena_reserve(&arena, 2 * MIB));
    assert_true(arena_reserve(&arena, MIB / 2));
    arena.limit_bytes = 0; /* nothing more comes from the system */
    for (size_t i = 0; i < MIB / 2 / 16; i++)
        assert_non_null(arena_alloc(&arena, 16));
    assert_null(arena_alloc(&arena, MIB));
    arena_fini(&arena);
}

static void a_zeroed_arena_may_be_ended(void **state)
{
    (void)state;
    struct arena arena = {0};
    arena_fini(&arena);
    arena_reset(&arena);
    assert_null(arena_alloc(&arena, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_aligned_and_apart),
        cmocka_unit_test(zeroed_memory_is_zero_even_when_used_before),
        cmocka_unit_test(the_limit_holds_and_can_be_used_up),
        cmocka_unit_test(one_large_allocation_may_take_nearly_all),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(rewinding_frees_what_came_later),
        cmocka_unit_test(rewinding_works_when_a_block_has_moved),
        cmocka_unit_test(bytes_grow_with_what_is_in_them),
        cmocka_unit_test(the_newest_bytes_grow_without_leaving_anything_behind),
        cmocka_unit_test(arenas_share_a_budget),
        cmocka_unit_test(a_used_up_budget_leaves_enough_to_say_so_once),
        cmocka_unit_test(copies_are_equal_or_not_made),
        cmocka_unit_test(a_secret_is_wiped_with_what_was_around_it),
        cmocka_unit_test(one_allocation_is_kept_of_many),
        cmocka_unit_test(the_newest_allocation_can_get_smaller),
        cmocka_unit_test(what_is_reserved_is_there),
        cmocka_unit_test(a_zeroed_arena_may_be_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
