#include "expr/token.h"

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_word_byte(uint8_t byte)
{
    return is_letter(byte) || is_digit(byte) || byte == '_';
}

static bool is_space(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static const struct keyword {
    const char *word; /* in capitals */
    enum token_kind kind;
} keywords[] = {
    {"AND", TOKEN_AND}, {"OR", TOKEN_OR},           {"NOT", TOKEN_NOT},
    {"IN", TOKEN_IN},   {"BETWEEN", TOKEN_BETWEEN}, {"SET", TOKEN_SET},
    {"ADD", TOKEN_ADD}, {"REMOVE", TOKEN_REMOVE},   {"DELETE", TOKEN_DELETE},
};

static bool equal_in_any_case(struct slice word, struct slice upper)
{
    if (word.size != upper.size)
        return false;
    for (size_t i = 0; i < word.size; i++)
        if ((word.data[i] & ~0x20) != upper.data[i])
            return false;
    return true;
}

static enum token_kind word_kind(struct slice word)
{
    for (size_t i = 0; i < COUNT_OF(keywords); i++)
        if (equal_in_any_case(word, slice_of_cstring(keywords[i].word)))
            return keywords[i].kind;
    return TOKEN_IDENTIFIER;
}

static size_t word_size(struct slice rest, size_t from)
{
    size_t size = from;
    while (size < rest.size && is_word_byte(rest.data[size]))
        size++;
    return size;
}

/* "0" is an index of its own: 01 is two tokens. */
static size_t index_size(struct slice rest)
{
    size_t size = 1;
    while (rest.data[0] != '0' && size < rest.size && is_digit(rest.data[size]))
        size++;
    return size;
}

static const struct sign {
    const char *text;
    enum token_kind kind;
} signs[] = {
    /* the longer ones first */
    {"<>", TOKEN_NOT_EQUAL}, {"<=", TOKEN_LESS_OR_EQUAL}, {">=", TOKEN_GREATER_OR_EQUAL},
    {"=", TOKEN_EQUAL},      {"<", TOKEN_LESS},           {">", TOKEN_GREATER},
    {"+", TOKEN_PLUS},       {"-", TOKEN_MINUS},          {"(", TOKEN_OPEN},
    {")", TOKEN_CLOSE},      {"[", TOKEN_OPEN_BRACKET},   {"]", TOKEN_CLOSE_BRACKET},
    {".", TOKEN_DOT},        {",", TOKEN_COMMA},
};

static struct token sign_token(struct slice rest)
{
    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        struct slice text = slice_of_cstring(signs[i].text);
        if (slice_starts_with(rest, text))
            return (struct token){signs[i].kind, slice_of(rest.data, text.size)};
    }
    /* A whole UTF-8 character, so that the error that shows it is text. */
    size_t size = 1;
    while (size < rest.size && rest.data[0] >= 0xc0 && (rest.data[size] & 0xc0) == 0x80)
        size++;
    return (struct token){TOKEN_UNKNOWN, slice_of(rest.data, size)};
}

/* rest is not empty and does not start with white space. */
static struct token next_token(struct slice rest)
{
    uint8_t first = rest.data[0];
    if (is_letter(first)) {
        struct slice word = slice_of(rest.data, word_size(rest, 1));
        return (struct token){word_kind(word), word};
    }
    if (is_digit(first))
        return (struct token){TOKEN_INDEX, slice_of(rest.data, index_size(rest))};
    if ((first == '#' || first == ':') && word_size(rest, 1) > 1)
        return (struct token){first == '#' ? TOKEN_NAME : TOKEN_VALUE,
                              slice_of(rest.data, word_size(rest, 1))};
    return sign_token(rest);
}

const struct token *tokens_read(struct arena *arena, struct slice text)
{
    struct token *tokens = ARENA_NEW_ARRAY(arena, struct token, text.size + 1);
    if (tokens == NULL)
        return NULL;
    size_t count = 0;
    struct slice rest = text;
    while (rest.size > 0) {
        if (is_space(rest.data[0])) {
            rest = slice_after(rest, 1);
            continue;
        }
        tokens[count] = next_token(rest);
        rest = slice_after(rest, tokens[count].text.size);
        count++;
    }
    tokens[count] = (struct token){TOKEN_END, rest};
    return tokens;
}
