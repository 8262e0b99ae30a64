#include "model/pattern.h"

#include "base/check.h"

/* Sets of ASCII characters, as the patterns write them. */
static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_hex_digit(uint8_t byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f');
}

static bool is_alphanumeric(uint8_t byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_name_byte(uint8_t byte)
{
    return is_alphanumeric(byte) || byte == '_' || byte == '.' || byte == '-';
}

/* \p{Print}: ASCII, space to tilde. */
static bool is_print(uint8_t byte)
{
    return byte >= 0x20 && byte <= 0x7e;
}

static bool is_csv_header_byte(uint8_t byte)
{
    return is_print(byte) && byte != '"' && byte != ',';
}

static bool is_token_byte(uint8_t byte)
{
    return byte != '$';
}

static bool all_of(struct slice text, bool (*is_in_set)(uint8_t))
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_in_set(text.data[i]))
            return false;
    return true;
}

/* 8-4-4-4-12 hexadecimal digits */
static bool is_uuid(struct slice text)
{
    if (text.size != 36)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text.data[i] != '-' : !is_hex_digit(text.data[i]))
            return false;
    }
    return true;
}

static bool is_role_arn(struct slice text)
{
    /* Every character from space on, and line breaks and tabs. Text is UTF-8 already. */
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (byte < 0x20 && byte != '\r' && byte != '\n' && byte != '\t')
            return false;
    }
    return true;
}

/* A run of name bytes that begins and ends with a letter or digit. */
static bool is_name_between(struct slice text, size_t size_min, size_t size_max)
{
    return text.size >= size_min && text.size <= size_max && all_of(text, is_name_byte) &&
           is_alphanumeric(text.data[0]) && is_alphanumeric(text.data[text.size - 1]);
}

bool pattern_matches(enum shape_pattern pattern, struct slice text)
{
    switch (pattern) {
    case PATTERN_NONE:
        return true;
    case PATTERN_TABLE_NAME:
        return text.size > 0 && all_of(text, is_name_byte);
    case PATTERN_TABLE_ID:
        return is_uuid(text);
    case PATTERN_CONTRIBUTOR_INSIGHTS_RULE:
        return is_name_between(text, 2, 128);
    case PATTERN_CLIENT_TOKEN:
        return text.size > 0 && all_of(text, is_token_byte);
    case PATTERN_S3_BUCKET:
        return is_name_between(text, 2, SIZE_MAX);
    case PATTERN_S3_BUCKET_OWNER:
        return text.size == 12 && all_of(text, is_digit);
    case PATTERN_CSV_DELIMITER:
        return text.size == 1 && memchr(",;:|\t ", text.data[0], 6) != NULL;
    case PATTERN_CSV_HEADER:
        return all_of(text, is_csv_header_byte);
    case PATTERN_IMPORT_NEXT_TOKEN:
        return text.size > 0 && text.size % 16 == 0 && all_of(text, is_hex_digit);
    case PATTERN_AUTO_SCALING_POLICY_NAME:
        return text.size > 0 && all_of(text, is_print);
    case PATTERN_AUTO_SCALING_ROLE_ARN:
        return is_role_arn(text);
    case PATTERN_COUNT:
        break;
    }
    CHECK(!"a pattern without a check");
    return false;
}
