#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

static void fill_and_check(struct buf *buf)
{
    for (unsigned i = 0; i < 10000; i++)
        buf_append_byte(buf, (uint8_t)i);
    buf_append(buf, SLICE("tail"));
    buf_append(buf, SLICE(""));
    buf_append(buf, SLICE_ABSENT);
    assert_false(buf->failed);
    assert_int_equal(buf->size, 10004);
    for (unsigned i = 0; i < 10000; i++)
        assert_int_equal(buf->data[i], (uint8_t)i);
    assert_memory_equal(buf->data + 10000, "tail", 4);
}

static void it_grows_on_the_heap_and_in_an_arena(void **state)
{
    (void)state;
    struct buf heap;
    buf_init(&heap, NULL, 1 << 20);
    fill_and_check(&heap);
    buf_fini(&heap);
    buf_fini(&heap);

    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct buf inside;
    buf_init(&inside, &arena, 1 << 20);
    fill_and_check(&inside);
    buf_fini(&inside);
    arena_fini(&arena);
}

static void an_empty_one_is_an_empty_present_slice(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, NULL, 100);
    assert_true(slice_present(buf_slice(&buf)));
    assert_int_equal(buf_slice(&buf).size, 0);
}

static void the_limit_is_exact_and_failure_sticks(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, NULL, 1000);
    assert_non_null(buf_extend(&buf, 999));
    buf_append_byte(&buf, 'x');
    assert_false(buf.failed);
    buf_append_byte(&buf, 'y');
    assert_true(buf.failed);
    assert_int_equal(buf.size, 1000);
    buf_append(&buf, SLICE("z"));
    buf_append_format(&buf, "%d", 1);
    buf_append_varint(&buf, 1);
    assert_null(buf_extend(&buf, 0));
    assert_int_equal(buf.size, 1000);

    buf_clear(&buf);
    assert_false(buf.failed);
    assert_null(buf_extend(&buf, SIZE_MAX));
    assert_true(buf.failed);
    buf_fini(&buf);
}

static void an_exhausted_arena_fails_it(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 2000);
    struct buf buf;
    buf_init(&buf, &arena, SIZE_MAX);
    for (int i = 0; i < 3000; i++)
        buf_append_byte(&buf, 'a');
    assert_true(buf.failed);
    assert_true(buf.size < 2000);
    arena_fini(&arena);
}

static void it_formats(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, NULL, 4096);
    buf_append_format(&buf, "%s=%d", "a", -5);
    buf_append_format(&buf, "%1000s", "");
    buf_append_byte(&buf, ';');
    assert_int_equal(buf.size, 4 + 1000 + 1);
    assert_memory_equal(buf.data, "a=-5 ", 5);
    assert_int_equal(buf.data[1004], ';');
    buf_fini(&buf);
}

static void decimals_have_zeros_in_front(void **state)
{
    (void)state;
    struct buf buf;
    buf_init(&buf, NULL, 1000);
    buf_append_decimal(&buf, 0, 0);
    assert_int_equal(buf.size, 0);
    buf_append_decimal(&buf, 0, 1);
    buf_append_byte(&buf, ' ');
    buf_append_decimal(&buf, 42, 1);
    buf_append_byte(&buf, ' ');
    buf_append_decimal(&buf, 42, 5);
    buf_append_byte(&buf, ' ');
    buf_append_decimal(&buf, UINT64_MAX, 20);
    assert_true(slice_equal(buf_slice(&buf), SLICE("0 42 00042 18446744073709551615")));
    buf_fini(&buf);
}

static void check_varint(uint64_t value, size_t size)
{
    uint8_t bytes[10];
    assert_int_equal(varint_write(bytes, value), size);
    assert_int_equal(varint_size(value), size);
    uint64_t read = ~value;
    for (size_t cut = 0; cut < size; cut++) {
        struct slice part = slice_of(bytes, cut);
        assert_false(varint_read(&part, &read));
        assert_int_equal(part.size, cut);
        assert_true(read == ~value);
    }
    struct slice whole = slice_of(bytes, size);
    assert_true(varint_read(&whole, &read));
    assert_true(read == value);
    assert_int_equal(whole.size, 0);
}

static void varints_have_their_sizes_and_come_back(void **state)
{
    (void)state;
    check_varint(0, 1);
    check_varint(UINT64_MAX, 10);
    for (unsigned bits = 1; bits < 64; bits++) {
        uint64_t power = UINT64_C(1) << bits;
        check_varint(power, bits / 7 + 1);
        check_varint(power - 1, (bits - 1) / 7 + 1);
    }
}

static void varints_over_64_bits_are_refused(void **state)
{
    (void)state;
    uint64_t value;
    struct slice tenth_byte_is_2 = SLICE("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02");
    assert_false(varint_read(&tenth_byte_is_2, &value));
    struct slice eleven = SLICE("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    assert_false(varint_read(&eleven, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows_on_the_heap_and_in_an_arena),
        cmocka_unit_test(an_empty_one_is_an_empty_present_slice),
        cmocka_unit_test(the_limit_is_exact_and_failure_sticks),
        cmocka_unit_test(an_exhausted_arena_fails_it),
        cmocka_unit_test(decimals_have_zeros_in_front),
        cmocka_unit_test(it_formats),
        cmocka_unit_test(varints_have_their_sizes_and_come_back),
        cmocka_unit_test(varints_over_64_bits_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
