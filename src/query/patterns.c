/* The patterns of the IAM and STS service models that more than one member has. Each is one pass
 * over the characters, without an engine that hostile text could drive into the ground. */

#include "query/parameters.h"

static bool is_word(uint32_t character)
{
    uint32_t letter = character | 0x20;
    return (character >= '0' && character <= '9') || (letter >= 'a' && letter <= 'z') ||
           character == '_';
}

static bool is_digit(uint32_t character)
{
    return character >= '0' && character <= '9';
}

static bool is_among(const char *set, uint32_t character)
{
    return character > 0 && character < 0x80 && strchr(set, (int)character) != NULL;
}

static bool accepts_name(uint32_t character)
{
    return is_word(character) || is_among("+=,.@-", character);
}

static bool accepts_token(uint32_t character)
{
    return is_word(character) || is_among("+=,.@:/-", character);
}

static bool accepts_policy(uint32_t character)
{
    return is_among("\t\n\r", character) || (character >= 0x20 && character <= 0xff);
}

static bool accepts_text(uint32_t character)
{
    return is_among("\t\n\r", character) || (character >= 0x20 && character <= 0x7e) ||
           character == 0x85 || (character >= 0xa0 && character != 0xfffe && character != 0xffff);
}

/* Letters, digits and spaces of all scripts: beyond ASCII that is nearly everything, so nothing but
 * controls is refused there. */
static bool accepts_tag(uint32_t character)
{
    return is_word(character) || is_among(" _.:/=+-@", character) || character >= 0xa0;
}

const struct query_pattern query_pattern_name = {"[\\w+=,.@-]*", accepts_name, NULL};
const struct query_pattern query_pattern_token = {"[\\w+=,.@:\\/-]*", accepts_token, NULL};
const struct query_pattern query_pattern_policy = {"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+",
                                                   accepts_policy, NULL};
const struct query_pattern query_pattern_text = {
    "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]"
    "+",
    accepts_text, NULL};
const struct query_pattern query_pattern_tag = {"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*", accepts_tag,
                                                NULL};
const struct query_pattern query_pattern_word = {"[\\w]*", is_word, NULL};
const struct query_pattern query_pattern_digits = {"[\\d]*", is_digit, NULL};
