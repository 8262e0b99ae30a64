/* The typed values of condition operators. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/operand.h"

static void test_dates(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"0", 0},
        {"1769860800", 1769860800000},
        {"-1", -1000},
        {"2026", 2026000}, /* four digits are seconds as well */
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01", 0},
        {"1970-01-02", 86400000},
        {"1970-01-02Z", 86400000},
        {"1969-12-31T23:59:59Z", -1000},
        {"2026-01-31T12:00:00Z", 1769860800000},
        {"2026-01-31T12:00:00", 1769860800000},
        {"2026-01-31T12:00Z", 1769860800000},
        {"2026-01-31t12:00:00z", 1769860800000},
        {"2026-01-31T12:00:00.5Z", 1769860800500},
        {"2026-01-31T12:00:00.123456789Z", 1769860800123},
        {"2026-01-31T13:00:00+01:00", 1769860800000},
        {"2026-01-31T06:30:00-0530", 1769860800000},
        {"2000-02-29", 951782400000},
        {"2024-02-29", 1709164800000},
        {"0001-01-01", -62135596800000},
        {"9999-12-31T23:59:59Z", 253402300799000},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t ms = -7;
        if (!auth_read_date(slice_of_cstring(rows[i].text), &ms) || ms != rows[i].ms)
            fail_msg("%s is %lld", rows[i].text, (long long)ms);
    }
}

static void test_what_is_no_date(void **state)
{
    static const char *const texts[] = {
        "",
        "-",
        "today",
        "2026-",
        "2026-1",
        "2026-13",
        "2026-00",
        "2026-01-",
        "2026-01-32",
        "2026-02-29",
        "1900-02-29",
        "2026-01-31T",
        "2026-01-31T12",
        "2026-01-31T24:00",
        "2026-01-31T12:60",
        "2026-01-31T12:00:60Z",
        "2026-01-31T12:00:00.Z",
        "2026-01-31T12:00:00Zx",
        "2026-01-31 12:00:00Z",
        "2026-01-31T12:00:00+1",
        "2026-01-31T12:00:00+24:00",
        "0000-01-01",
        " 1",
        "1 ",
        "1.5",
        "+1",
        "1234567890123456",
        "99999-01-01",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        int64_t ms;
        if (auth_read_date(slice_of_cstring(texts[i]), &ms))
            fail_msg("%s", texts[i]);
    }
}

static void test_written_dates_are_read(void **state)
{
    static const int64_t dates[] = {0, 1769860800000, 951782400000, 253402300799000, 86399000};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(dates); i++) {
        char text[32];
        int64_t ms;
        size_t size = auth_write_date(dates[i], text, sizeof(text));
        assert_int_equal(size, 20);
        assert_true(auth_read_date(slice_of(text, size), &ms));
        assert_int_equal(ms, dates[i]);
        assert_int_equal(auth_write_date(dates[i], text, 20), 0);
    }
}

static void test_booleans(void **state)
{
    bool value = false;
    (void)state;
    assert_true(auth_read_bool(SLICE("true"), &value) && value);
    assert_true(auth_read_bool(SLICE("FALSE"), &value) && !value);
    assert_false(auth_read_bool(SLICE(""), &value));
    assert_false(auth_read_bool(SLICE("1"), &value));
    assert_false(auth_read_bool(SLICE("truest"), &value));
}

static void test_networks(void **state)
{
    static const struct {
        const char *network;
        const char *address;
        bool contains;
    } rows[] = {
        {"203.0.113.0/24", "203.0.113.0", true},
        {"203.0.113.0/24", "203.0.113.255", true},
        {"203.0.113.0/24", "203.0.114.0", false},
        {"203.0.113.77/24", "203.0.113.5", true}, /* what is behind the prefix does not count */
        {"203.0.113.5", "203.0.113.5", true},
        {"203.0.113.5", "203.0.113.6", false},
        {"203.0.113.5/32", "203.0.113.5", true},
        {"0.0.0.0/0", "8.8.8.8", true},
        {"0.0.0.0/0", "::1", false},
        {"10.0.0.0/9", "10.127.255.255", true},
        {"10.0.0.0/9", "10.128.0.0", false},
        {"2001:db8::/32", "2001:db8:1::1", true},
        {"2001:db8::/32", "2001:db9::1", false},
        {"2001:DB8:0:0::/33", "2001:db8:7fff::", true},
        {"2001:DB8:0:0::/33", "2001:db8:8000::", false},
        {"::1", "::1", true},
        {"::/0", "2001:db8::", true},
        {"::/0", "10.0.0.1", false},
        {"10.0.0.0/8", "::ffff:10.1.2.3", true}, /* the same address, written otherwise */
        {"::ffff:10.0.0.0/104", "10.1.2.3", true},
        {"::ffff:10.0.0.0/104", "11.1.2.3", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct auth_network network;
        struct auth_address address;
        assert_true(auth_read_network(slice_of_cstring(rows[i].network), &network));
        assert_true(auth_read_address(slice_of_cstring(rows[i].address), &address));
        if (auth_network_contains(&network, &address) != rows[i].contains)
            fail_msg("%s in %s", rows[i].address, rows[i].network);
    }
}

static void test_what_is_no_network(void **state)
{
    static const char *const texts[] = {
        "",
        "/",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/a",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.0/8/8",
        "::/129",
        "::/1000",
        "::ffff:10.0.0.0/95",
        "localhost",
        " 10.0.0.1",
        "10.0.0.1 ",
        "fe80::1%eth0",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct auth_network network;
        if (auth_read_network(slice_of_cstring(texts[i]), &network))
            fail_msg("%s", texts[i]);
    }
    struct auth_address address;
    assert_false(auth_read_address(slice_of("10.0.0.1\0", 9), &address));
    assert_false(auth_read_address(SLICE_ABSENT, &address));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_what_is_no_date),
        cmocka_unit_test(test_written_dates_are_read),
        cmocka_unit_test(test_booleans),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_what_is_no_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
