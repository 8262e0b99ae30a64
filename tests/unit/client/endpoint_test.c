#include "client/endpoint.h"

#include "base/arena_fixture.h"

static void reads_urls(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host, *header;
        uint16_t port;
        bool secure;
    } cases[] = {
        {"http://127.0.0.1:8000", "127.0.0.1", "127.0.0.1:8000", 8000, false},
        {"http://127.0.0.1", "127.0.0.1", "127.0.0.1", 80, false},
        {"https://127.0.0.1/", "127.0.0.1", "127.0.0.1", 443, true},
        {"https://[::1]:8443/", "::1", "[::1]:8443", 8443, true},
        {"http://localhost:1", "localhost", "localhost:1", 1, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct client_endpoint endpoint;
        assert_null(client_endpoint_read(&arena, cases[i].url, &endpoint));
        assert_true(slice_equal(endpoint.host, slice_of_cstring(cases[i].host)));
        assert_true(slice_equal(endpoint.header, slice_of_cstring(cases[i].header)));
        assert_int_equal(endpoint.port, cases[i].port);
        assert_int_equal(endpoint.secure, cases[i].secure);
        assert_true(endpoint.address_size > 0);
    }
}

static void says_what_is_no_url(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "",           "127.0.0.1:8000",   "ftp://127.0.0.1",    "http://",
        "http://:80", "http://h:0",       "http://h:65536",     "http://h:80x",
        "http://h:",  "http://[::1:8000", "http://[::1]x:8000", "http://h/path",
    };
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct client_endpoint endpoint;
        const struct error *error = client_endpoint_read(&arena, urls[i], &endpoint);
        assert_non_null(error);
        assert_int_equal(error->kind, ERROR_VALIDATION);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_urls),
        cmocka_unit_test(says_what_is_no_url),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
