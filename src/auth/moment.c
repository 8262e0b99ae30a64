#include "auth/moment.h"

#include <stdio.h>
#include <time.h>

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* Reads text by a pattern: letters of "YMDhms" take a digit each, all else stands for itself. */
static bool read_pattern(struct slice text, const char *pattern, struct tm *ret_fields)
{
    int year = 0;
    int month = 0;
    struct tm fields = {.tm_isdst = 0};
    if (text.size != strlen(pattern))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        int *field = NULL;
        switch (pattern[i]) {
        case 'Y':
            field = &year;
            break;
        case 'M':
            field = &month;
            break;
        case 'D':
            field = &fields.tm_mday;
            break;
        case 'h':
            field = &fields.tm_hour;
            break;
        case 'm':
            field = &fields.tm_min;
            break;
        case 's':
            field = &fields.tm_sec;
            break;
        default:
            if (text.data[i] != (uint8_t)pattern[i])
                return false;
            continue;
        }
        if (!is_digit(text.data[i]))
            return false;
        *field = *field * 10 + (text.data[i] - '0');
    }
    fields.tm_year = year - 1900;
    fields.tm_mon = month - 1;
    *ret_fields = fields;
    return true;
}

/* What does not exist (the 31st of June) comes back from timegm as another day. */
static bool moment_of(const struct tm *fields, int64_t *ret_ms)
{
    struct tm same = *fields;
    time_t seconds = timegm(&same);
    bool exists = same.tm_year == fields->tm_year && same.tm_mon == fields->tm_mon &&
                  same.tm_mday == fields->tm_mday && same.tm_hour == fields->tm_hour &&
                  same.tm_min == fields->tm_min && same.tm_sec == fields->tm_sec;
    if (exists)
        *ret_ms = (int64_t)seconds * 1000;
    return exists;
}

bool auth_moment_of_basic(struct slice text, int64_t *ret_ms)
{
    struct tm fields;
    return read_pattern(text, "YYYYMMDDThhmmssZ", &fields) && moment_of(&fields, ret_ms);
}

bool auth_moment_of_http(struct slice text, int64_t *ret_ms)
{
    char copy[64];
    if (text.size >= sizeof(copy))
        return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    struct tm fields = {.tm_isdst = 0};
    const char *end = strptime(copy, "%a, %d %b %Y %H:%M:%S", &fields);
    if (end == NULL || (strcmp(end, " GMT") != 0 && strcmp(end, " +0000") != 0))
        return false;
    return moment_of(&fields, ret_ms);
}

bool auth_moment_of_extended(struct slice text, int64_t *ret_ms)
{
    static const char pattern[] = "YYYY-MM-DDThh:mm:ss";
    struct slice rest = text;
    struct tm fields;
    if (text.size < sizeof(pattern) - 1 ||
        !read_pattern(slice_of(text.data, sizeof(pattern) - 1), pattern, &fields))
        return false;
    rest = slice_after(text, sizeof(pattern) - 1);
    if (rest.size > 1 && rest.data[0] == '.' && is_digit(rest.data[1])) {
        do
            rest = slice_after(rest, 1);
        while (rest.size > 0 && is_digit(rest.data[0]));
    }
    if (rest.size > 0 && !slice_equal(rest, SLICE("Z")))
        return false;
    return moment_of(&fields, ret_ms);
}

static void write_digits(char *text, int count, int number)
{
    while (count-- > 0) {
        text[count] = (char)('0' + number % 10);
        number /= 10;
    }
}

void auth_moment_format(int64_t ms, char ret_text[AUTH_MOMENT_BYTES])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm fields;
    memcpy(ret_text, "00000000T000000Z", AUTH_MOMENT_BYTES);
    if (gmtime_r(&seconds, &fields) == NULL || fields.tm_year < -1900 || fields.tm_year > 8099)
        return;
    write_digits(ret_text, 4, fields.tm_year + 1900);
    write_digits(ret_text + 4, 2, fields.tm_mon + 1);
    write_digits(ret_text + 6, 2, fields.tm_mday);
    write_digits(ret_text + 9, 2, fields.tm_hour);
    write_digits(ret_text + 11, 2, fields.tm_min);
    write_digits(ret_text + 13, 2, fields.tm_sec);
}
