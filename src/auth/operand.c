#include "auth/operand.h"

#include <arpa/inet.h>
#include <time.h>

#include "auth/letters.h"

bool auth_read_number(struct slice text, struct num *ret_number)
{
    return num_parse(text, ret_number) == NUM_OK;
}

bool auth_read_bool(struct slice text, bool *ret_bool)
{
    bool is_true = auth_equal_ignoring_case(text, SLICE("true"));
    if (!is_true && !auth_equal_ignoring_case(text, SLICE("false")))
        return false;
    *ret_bool = is_true;
    return true;
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Takes exactly so many digits from the front. */
static bool take_digits(struct slice *text, size_t count, int64_t *ret_value)
{
    int64_t value = 0;
    if (text->size < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(text->data[i]))
            return false;
        value = value * 10 + (text->data[i] - '0');
    }
    *text = slice_after(*text, count);
    *ret_value = value;
    return true;
}

static bool take_byte(struct slice *text, uint8_t byte)
{
    if (text->size == 0 || text->data[0] != byte)
        return false;
    *text = slice_after(*text, 1);
    return true;
}

/* YYYY-MM or YYYY-MM-DD. What does not exist (the 31st of June) comes back from timegm as another
 * day. */
static bool take_day(struct slice *text, int64_t *ret_ms)
{
    int64_t year;
    int64_t month;
    int64_t day = 1;
    if (!take_digits(text, 4, &year) || year == 0 || !take_byte(text, '-') ||
        !take_digits(text, 2, &month) || month < 1 || month > 12)
        return false;
    if (take_byte(text, '-') && !take_digits(text, 2, &day))
        return false;
    struct tm fields = {.tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day};
    *ret_ms = (int64_t)timegm(&fields) * 1000;
    return fields.tm_mday == day;
}

/* .s, of which milliseconds count */
static bool take_fraction(struct slice *text, int64_t *ret_ms)
{
    int64_t ms = 0;
    int64_t weight = 100;
    if (text->size == 0 || !is_digit(text->data[0]))
        return false;
    for (; text->size > 0 && is_digit(text->data[0]); *text = slice_after(*text, 1)) {
        ms += weight * (text->data[0] - '0');
        weight /= 10;
    }
    *ret_ms = ms;
    return true;
}

/* hh:mm, hh:mm:ss, hh:mm:ss.s */
static bool take_time(struct slice *text, int64_t *ret_ms)
{
    int64_t hours;
    int64_t minutes;
    int64_t seconds = 0;
    int64_t ms = 0;
    if (!take_digits(text, 2, &hours) || hours > 23 || !take_byte(text, ':') ||
        !take_digits(text, 2, &minutes) || minutes > 59)
        return false;
    if (take_byte(text, ':')) {
        if (!take_digits(text, 2, &seconds) || seconds > 59)
            return false;
        if (take_byte(text, '.') && !take_fraction(text, &ms))
            return false;
    }
    *ret_ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
    return true;
}

/* Z, +hh:mm, -hh:mm, +hhmm, or nothing */
static bool take_zone(struct slice *text, int64_t *ret_ms)
{
    *ret_ms = 0;
    if (text->size == 0 || take_byte(text, 'Z') || take_byte(text, 'z'))
        return true;
    int sign = take_byte(text, '-') ? -1 : 1;
    int64_t hours;
    int64_t minutes;
    if ((sign > 0 && !take_byte(text, '+')) || !take_digits(text, 2, &hours) || hours > 23)
        return false;
    (void)take_byte(text, ':');
    if (!take_digits(text, 2, &minutes) || minutes > 59)
        return false;
    *ret_ms = sign * (hours * 60 + minutes) * 60000;
    return true;
}

/* Digits alone; negative numbers are before 1970. */
static bool read_seconds(struct slice text, int64_t *ret_ms)
{
    enum { SECONDS_DIGITS_MAX = 15 };
    int sign = take_byte(&text, '-') ? -1 : 1;
    int64_t seconds;
    if (text.size == 0 || text.size > SECONDS_DIGITS_MAX ||
        !take_digits(&text, text.size, &seconds))
        return false;
    *ret_ms = sign * seconds * 1000;
    return true;
}

bool auth_read_date(struct slice text, int64_t *ret_ms)
{
    if (read_seconds(text, ret_ms))
        return true;
    int64_t day;
    int64_t time = 0;
    int64_t zone = 0;
    if (!take_day(&text, &day))
        return false;
    if (take_byte(&text, 'T') || take_byte(&text, 't')) {
        if (!take_time(&text, &time) || !take_zone(&text, &zone))
            return false;
    } else {
        (void)(take_byte(&text, 'Z') || take_byte(&text, 'z')); /* 2026-01-31Z */
    }
    *ret_ms = day + time - zone;
    return text.size == 0;
}

size_t auth_write_date(int64_t ms, char *out, size_t size)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm moment;
    return gmtime_r(&seconds, &moment) == NULL ? 0
                                               : strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &moment);
}

bool auth_read_address(struct slice text, struct auth_address *ret_address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    char string[INET6_ADDRSTRLEN];
    if (text.size >= sizeof(string) ||
        memchr(text.data == NULL ? (const uint8_t *)"" : text.data, '\0', text.size) != NULL)
        return false;
    if (text.size > 0)
        memcpy(string, text.data, text.size);
    string[text.size] = '\0';
    struct auth_address address = {0};
    if (inet_pton(AF_INET, string, address.bytes) == 1) {
        *ret_address = address;
        return true;
    }
    if (inet_pton(AF_INET6, string, address.bytes) != 1)
        return false;
    address.is_v6 = memcmp(address.bytes, mapped, sizeof(mapped)) != 0;
    if (!address.is_v6) {
        memmove(address.bytes, address.bytes + sizeof(mapped), 4);
        memset(address.bytes + 4, 0, sizeof(address.bytes) - 4);
    }
    *ret_address = address;
    return true;
}

bool auth_read_network(struct slice text, struct auth_network *ret_network)
{
    const uint8_t *slash = text.size == 0 ? NULL : memchr(text.data, '/', text.size);
    struct slice host = text;
    int64_t bits = -1;
    if (slash != NULL) {
        host.size = (size_t)(slash - text.data);
        struct slice digits = slice_after(text, host.size + 1);
        if (digits.size == 0 || digits.size > 3 || !take_digits(&digits, digits.size, &bits))
            return false;
    }
    struct auth_address address;
    if (!auth_read_address(host, &address))
        return false;
    int64_t bits_max = address.is_v6 ? 128 : 32;
    bool is_mapped = !address.is_v6 && memchr(host.data, ':', host.size) != NULL;
    if (is_mapped && slash != NULL)
        bits -= 128 - 32; /* of ::ffff:0:0/96, the first 96 are gone */
    if (bits > bits_max || (slash != NULL && bits < 0))
        return false;
    *ret_network = (struct auth_network){address, (unsigned)(bits < 0 ? bits_max : bits)};
    return true;
}

bool auth_network_contains(const struct auth_network *network, const struct auth_address *address)
{
    if (network->address.is_v6 != address->is_v6)
        return false;
    size_t whole = network->bits / 8;
    if (memcmp(network->address.bytes, address->bytes, whole) != 0)
        return false;
    unsigned rest = network->bits % 8;
    return rest == 0 ||
           ((network->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}
