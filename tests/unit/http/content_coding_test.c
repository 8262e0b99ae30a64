/* Bodies with their content coding taken off and put on. */

#include "http/content_coding.h"

#include <libdeflate.h>

#include "base/arena_fixture.h"

enum { LIMIT = 1024 * 1024 };

typedef size_t compress(struct libdeflate_compressor *, const void *, size_t, void *, size_t);

static struct slice packed(compress *form, struct slice body)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(6);
    assert_non_null(compressor);
    size_t room = body.size + 1000;
    uint8_t *output = arena_alloc_bytes(&arena, room);
    assert_non_null(output);
    size_t size = form(compressor, body.data, body.size, output, room);
    libdeflate_free_compressor(compressor);
    assert_true(size > 0);
    return slice_of(output, size);
}

static struct slice zeros(size_t size)
{
    void *data = arena_alloc_zeroed(&arena, size, 1);
    assert_non_null(data);
    return slice_of(data, size);
}

static void every_known_coding_is_taken_off(void **state)
{
    (void)state;
    struct slice body = SLICE("{\"TableName\":\"t\",\"more\":\"more more more more more\"}");
    const struct {
        struct slice coding;
        struct slice sent;
    } cases[] = {
        {SLICE_ABSENT, body},
        {SLICE(""), body},
        {SLICE("identity"), body},
        {SLICE("gzip"), packed(libdeflate_gzip_compress, body)},
        {SLICE("GZip"), packed(libdeflate_gzip_compress, body)},
        {SLICE("x-gzip"), packed(libdeflate_gzip_compress, body)},
        {SLICE("deflate"), packed(libdeflate_zlib_compress, body)},
        {SLICE("deflate"), packed(libdeflate_deflate_compress, body)},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct slice decoded;
        assert_int_equal(
            http_content_decode(&arena, cases[i].coding, cases[i].sent, LIMIT, &decoded),
            HTTP_DECODED);
        assert_true(slice_equal(decoded, body));
    }
}

static void the_decoded_size_has_a_limit(void **state)
{
    (void)state;
    struct slice decoded;
    struct slice fits = packed(libdeflate_gzip_compress, zeros(LIMIT));
    struct slice bomb = packed(libdeflate_gzip_compress, zeros(LIMIT + 1));
    assert_true(bomb.size < LIMIT / 100);
    assert_int_equal(http_content_decode(&arena, SLICE("gzip"), fits, LIMIT, &decoded),
                     HTTP_DECODED);
    assert_int_equal(decoded.size, LIMIT);
    assert_int_equal(http_content_decode(&arena, SLICE("gzip"), bomb, LIMIT, &decoded),
                     HTTP_DECODED_TOO_LARGE);
}

static void what_is_not_of_the_coding_is_said(void **state)
{
    (void)state;
    struct slice decoded;
    struct slice whole = packed(libdeflate_gzip_compress, SLICE("hello hello hello hello"));
    for (size_t size = 0; size < whole.size; size++)
        assert_int_equal(
            http_content_decode(&arena, SLICE("gzip"), slice_of(whole.data, size), LIMIT, &decoded),
            HTTP_CODING_MALFORMED);
    assert_int_equal(http_content_decode(&arena, SLICE("br"), whole, LIMIT, &decoded),
                     HTTP_CODING_UNKNOWN);
    assert_int_equal(http_content_decode(&arena, SLICE("gzip, gzip"), whole, LIMIT, &decoded),
                     HTTP_CODING_UNKNOWN);
    uint8_t *followed = arena_alloc_bytes(&arena, whole.size + 1);
    memcpy(followed, whole.data, whole.size);
    followed[whole.size] = 'x';
    assert_int_equal(http_content_decode(&arena, SLICE("gzip"), slice_of(followed, whole.size + 1),
                                         LIMIT, &decoded),
                     HTTP_CODING_MALFORMED);
}

static void an_arena_without_room_is_said(void **state)
{
    (void)state;
    struct arena small;
    struct slice decoded;
    struct slice sent = packed(libdeflate_gzip_compress, zeros(100000));
    arena_init(&small, 20000);
    assert_int_equal(http_content_decode(&small, SLICE("gzip"), sent, LIMIT, &decoded),
                     HTTP_DECODE_EXHAUSTED);
    arena_fini(&small);
}

static void accept_encoding_is_read_with_its_weights(void **state)
{
    (void)state;
    const struct {
        const char *header;
        bool gzip;
    } cases[] = {
        {"", false},
        {"identity", false},
        {"gzip", true},
        {"deflate, gzip", true},
        {"GZIP;q=1.0, *;q=0", true},
        {"gzip;q=0", false},
        {"gzip; q=0.000, *", false},
        {"gzip ; q=0.001", true},
        {"*", true},
        {"*;q=0", false},
        {"br, x-gzip", true},
        {"gzipped", false},
        {",,;;,", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(http_accepts_gzip(slice_of_cstring(cases[i].header)), cases[i].gzip);
    assert_false(http_accepts_gzip(SLICE_ABSENT));
}

static void gzip_is_made_only_when_it_is_smaller(void **state)
{
    (void)state;
    struct slice gzip;
    struct slice decoded;
    struct slice body = zeros(10000);
    assert_true(http_content_gzip(&arena, body, &gzip));
    assert_true(gzip.size < 100);
    assert_int_equal(http_content_decode(&arena, SLICE("gzip"), gzip, LIMIT, &decoded),
                     HTTP_DECODED);
    assert_true(slice_equal(decoded, body));
    assert_false(http_content_gzip(&arena, SLICE("abc"), &gzip));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_known_coding_is_taken_off, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(the_decoded_size_has_a_limit, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(what_is_not_of_the_coding_is_said, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(an_arena_without_room_is_said, open_arena, close_arena),
        cmocka_unit_test(accept_encoding_is_read_with_its_weights),
        cmocka_unit_test_setup_teardown(gzip_is_made_only_when_it_is_smaller, open_arena,
                                        close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
